package activities

import (
	"context"
	"fmt"
	"time"

	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// SetState looks at the notice's state and sets it when it is not there yet. The look is what makes a retry harmless:
// setting a state that is there already would mail the participants a second time.
func (a *Activities) SetState(ctx context.Context, in runs.SetStateInput) (runs.StateSet, error) {
	account, err := a.accountOf(in.NoticeRef)
	if err != nil {
		return runs.StateSet{}, a.failure(ctx, err, "")
	}
	n, err := account.Notice(ctx, in.NoticeID)
	if err != nil {
		return runs.StateSet{}, a.failure(ctx, err, runs.ReasonGone)
	}
	standing, target := account.Standing(n), notice.State(in.State)
	if reason := runs.ReasonOfStanding(standing); reason != "" {
		return runs.StateSet{}, gateway.Stop(reason, fmt.Errorf("the notice is %s", standing))
	}
	var notify bool // an accept state notifies nobody, and no reminder follows it
	var remindAfter time.Duration
	if target == notice.Tehty {
		notify, remindAfter = account.Notify.Tehty, account.RemindUninvoiced
	}
	if n.State == target || n.State.Closed() {
		return runs.StateSet{Already: true, Standing: standing, RemindAfter: remindAfter}, nil
	}
	if err := account.SetState(ctx, in.NoticeRef, target, notify); err != nil {
		return runs.StateSet{}, err
	}
	n.State = target
	return runs.StateSet{Silent: !notify, Standing: account.Standing(n), RemindAfter: remindAfter}, nil
}
