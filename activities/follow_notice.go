package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"

	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// FollowNotice reads the notice again and compares it with what is known. What a person did there is noted on the
// Hillava task, in Finnish, once per change; nothing on the task is overwritten. Our own writes are no change.
func (a *Activities) FollowNotice(ctx context.Context, in runs.FollowInput) (runs.Followed, error) {
	followed, err := a.followNotice(ctx, in)
	if account, accountErr := a.accountOf(in.NoticeRef); accountErr == nil && account.Tunniste != in.Customer {
		followed.Customer = account.Tunniste
	}
	return followed, a.failure(ctx, err, runs.ReasonTaskGone)
}

func (a *Activities) followNotice(ctx context.Context, in runs.FollowInput) (runs.Followed, error) {
	account, err := a.accountOf(in.NoticeRef)
	if err != nil {
		return runs.Followed{}, err
	}
	n, err := account.Notice(ctx, in.NoticeID)
	if gateway.IsMissing(err) {
		gone := notice.Notice{ID: in.NoticeID}
		return a.followStanding(ctx, account, in, gone, runs.Snapshot{Standing: runs.StandingGone, Prints: in.Snapshot.Prints})
	}
	if err != nil {
		return runs.Followed{}, err
	}
	current := account.Snapshot(n)
	changed := notice.ChangedFields(in.Snapshot.Prints, current.Prints)
	if current.Standing == runs.StandingReassigned {
		// Not ours to follow, and compared again should it be given back; but what is in the task still protects nobody.
		changed = slices.DeleteFunc(slices.Clone(changed), func(field string) bool { return !notice.IsTurvakieltoField(field) })
		current.Prints = withPrints(in.Snapshot.Prints, current.Prints, changed)
	}
	current.Prints = notice.WithDeparted(n, in.Snapshot.Prints, current.Prints, changed)
	followed, err := a.followStanding(ctx, account, in, n, current)
	if err != nil {
		return runs.Followed{}, err
	}
	if followed.Changed = notice.Told(changed); len(followed.Changed) == 0 {
		return followed, nil
	}
	if current.Standing == runs.StandingOpen {
		done, err := a.workOn(ctx, in.TaskID)
		if err != nil {
			return runs.Followed{}, err
		}
		followed.WorkBegun = done.begun
	}
	followed.Protected = notice.NewlyProtected(n, changed)
	note := notice.ChangeNote(n.Modified, n, followed.Changed, current.Prints, account.Task.Contacts)
	followed.NoteRefused, err = a.tell(ctx, in, editKey(in, followed), note)
	return followed, err
}

// withPrints is known with the fresh prints of the fields.
func withPrints(current, fresh map[string]string, fields []string) map[string]string {
	merged := maps.Clone(current)
	for _, field := range fields {
		merged[field] = fresh[field]
	}
	return merged
}

// editKey is the idempotency key of the note about an edit: the same in every attempt of this round, however often Muokattu
// moves meanwhile, and another one for another content.
func editKey(in runs.FollowInput, followed runs.Followed) string {
	sum := sha256.New()
	for _, field := range followed.Changed {
		fmt.Fprintln(sum, field, followed.Snapshot.Prints[field])
	}
	return fmt.Sprintf("%s-%s-%d-%s-edit", in.ExternalID, in.Life, in.Round, hex.EncodeToString(sum.Sum(nil))[:16])
}

// tell adds a note about what has become of the notice. One that Hillava refuses for good is reported and stops nothing:
// Tehty and Valmis must not wait for a note.
func (a *Activities) tell(ctx context.Context, in runs.FollowInput, key, note string) (refused bool, err error) {
	err = a.hillava.AddNote(ctx, in.NoticeRef, in.TaskID, key, note)
	if err != nil && gateway.WordOf(a.Gateway.Failure(err, runs.ReasonTaskGone, 1)) == runs.ReasonHillavaRefused {
		a.Logger.Warn("Hillava refused a note about a change.", "task", in.TaskID, "error", err)
		return true, nil
	}
	return false, err
}

// followStanding deals with how the notice stands towards us, apart from what is written in it.
func (a *Activities) followStanding(ctx context.Context, account *gateway.Account, in runs.FollowInput, n notice.Notice, current runs.Snapshot) (runs.Followed, error) {
	followed := runs.Followed{Snapshot: current}
	was, is := in.Snapshot.Standing, current.Standing
	var done work
	var err error
	if is != runs.StandingOpen {
		if done, err = a.workOn(ctx, in.TaskID); err != nil {
			return runs.Followed{}, err
		}
		followed.WorkBegun = done.begun
	}
	if is == runs.StandingValmis {
		present, err := account.Toimenpiteet(n)
		if err = errors.Join(err, done.unread); err != nil {
			return runs.Followed{}, err
		}
		followed.Unsent = len(notice.Unsent(notice.Plan(in.Entries, done.entries, a.Keyer), present))
	}
	kind, worthANote := noteFor(was, is, in.Reported)
	if !worthANote {
		return followed, nil
	}
	at := n.Modified
	if at.IsZero() {
		at = a.Now()
	}
	key := fmt.Sprintf("%s-%s-%s-%d", in.ExternalID, in.Life, kind, in.Round)
	followed.StandingUntold, err = a.tell(ctx, in, key, notice.WithdrawnNote(at, kind))
	return followed, err
}

// noteFor says what the office reads about a change of standing; ok is false for none, and for what we caused.
func noteFor(was, is runs.Standing, reported runs.Reported) (kind notice.WithdrawalKind, ok bool) {
	away := []runs.Standing{runs.StandingCancelled, runs.StandingReassigned, runs.StandingGone}
	switch {
	case was == is:
		return "", false
	case is == runs.StandingCancelled:
		return notice.WithdrawnCancelled, true
	case is == runs.StandingReassigned:
		return notice.WithdrawnReassigned, true
	case is == runs.StandingGone:
		return notice.WithdrawnDeleted, true
	case is == runs.StandingValmis && reported == runs.ReportedValmis:
		return "", false
	case is == runs.StandingValmis: // before we report it, so a person did this
		return notice.WithdrawnClosedByHand, true
	case slices.Contains(away, was): // though it is Tehty by us: the office was told that it had left us
		return notice.WithdrawnGivenBack, true
	case string(is) == string(reported):
		return "", false
	case is == runs.StandingTehty:
		return notice.WithdrawnClosedByHand, true
	default: // reopened: open again after Tehty, nothing for the office to do
		return "", false
	}
}
