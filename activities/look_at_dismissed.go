package activities

import (
	"context"
	"time"

	"tampuuri-hillava/internal/runs"
)

// LookAtDismissed reads Muokattu of a notice that a person has dismissed. Our own last write is in it by then, so whatever
// moves the notice later is somebody else's doing.
func (a *Activities) LookAtDismissed(ctx context.Context, ref runs.NoticeRef) (runs.Left, error) {
	account, err := a.accountOf(ref)
	if err != nil {
		return runs.Left{}, err
	}
	n, err := account.Notice(ctx, ref.NoticeID)
	if err != nil {
		return runs.Left{}, a.failure(ctx, err, runs.ReasonGone)
	}
	return runs.Left{Modified: n.Modified.Format(time.RFC3339Nano)}, nil
}
