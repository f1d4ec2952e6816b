package workflows

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/runs"
)

const aMonth = 30 * 24 * time.Hour

// reminding answers Tehty as for a customer that wants to be reminded after a month.
func reminding(runs.SetStateInput) (runs.StateSet, error) {
	return runs.StateSet{Standing: runs.StandingTehty, RemindAfter: aMonth}, nil
}

// newUninvoiced is a life that is Tehty an hour after it was imported, and how many timers it has started.
func newUninvoiced(t *testing.T, w *world) (*play, *int) {
	t.Helper()
	timers := 0
	p := newPlay(t, w).at(time.Hour, runs.TyoValmis.Name(), event("e1"))
	p.SetOnTimerScheduledListener(func(string, time.Duration) { timers++ })
	return p, &timers
}

func TestNobodyIsRemindedUnlessACustomerWantsIt(t *testing.T) {
	w := &world{}
	p, timers := newUninvoiced(t, w)
	p.at(400*24*time.Hour, runs.Laskutettu.Name(), event("e2")).run()
	require.Equal(t, []string{"create", "Tehty", "plan", "invoice"}, w.calls)
	require.Zero(t, *timers, "and no timer is started for it")
}

func TestTheOfficeIsRemindedEachTimeThatLaskutettuIsMissingForSoLong(t *testing.T) {
	var rounds []int
	w := &world{setState: reminding}
	w.nudge = func(in runs.UninvoicedInput) (runs.Reminded, error) {
		rounds = append(rounds, in.Round)
		require.Equal(t, "T-1", in.TaskID)
		return runs.Reminded{Noted: true, Every: in.Every}, nil
	}
	p, _ := newUninvoiced(t, w)
	p.RegisterDelayedCallback(func() { require.Empty(t, rounds, "not before its time") }, aMonth)
	p.RegisterDelayedCallback(func() { require.Equal(t, []int{1}, rounds) }, 2*aMonth)
	_, status := p.at(2*aMonth+2*time.Hour, runs.Laskutettu.Name(), event("e2")).run()
	require.Equal(t, []string{"create", "Tehty", "nudge", "nudge", "plan", "invoice"}, w.calls)
	require.Equal(t, []int{1, 2}, rounds)
	require.Equal(t, runs.ReportedValmis, status.Reported)
}

func TestLaskutettuInTimeNeedsNoReminder(t *testing.T) {
	w := &world{setState: reminding}
	p, timers := newUninvoiced(t, w)
	p.at(aMonth, runs.Laskutettu.Name(), event("e2")).run()
	require.Equal(t, []string{"create", "Tehty", "plan", "invoice"}, w.calls)
	require.Equal(t, 1, *timers, "the wait is all that it costs")
}

func TestAReminderIsDueInTheNextRunAsItWasInTheOneBefore(t *testing.T) {
	first, _ := newUninvoiced(t, &world{setState: reminding})
	next := first.tooLongAt(10 * 24 * time.Hour).runUntilContinued(aRun)
	w := &world{}
	p := newPlay(t, w)
	p.SetStartTime(first.Now())
	p.RegisterDelayedCallback(func() { require.Empty(t, w.calls) }, 20*24*time.Hour)
	p.RegisterDelayedCallback(func() { require.Equal(t, []string{"nudge"}, w.calls) }, 20*24*time.Hour+2*time.Hour)
	p.at(30*24*time.Hour, runs.Laskutettu.Name(), event("e2"))
	p.ExecuteWorkflow(runs.TypeNotice, next)
	require.NoError(t, p.GetWorkflowError())
	require.Equal(t, []string{"nudge", "plan", "invoice"}, w.calls)
}

// awayFor has Hillava take no reminder at first. Attempts come 0, 0.2, 0.6, 1.4, 3, 6.2 and 12.6 seconds after it is due, the
// next one would come after 25.4: in the middle of that pause something else is to be done.
func awayFor(w *world) *[]int {
	rounds := &[]int{}
	w.setState = reminding
	w.nudge = func(in runs.UninvoicedInput) (runs.Reminded, error) {
		if *rounds = append(*rounds, in.Round); len(*rounds) > 7 {
			return runs.Reminded{Noted: true, Every: in.Every}, nil
		}
		return runs.Reminded{}, errors.New("Hillava is away")
	}
	return rounds
}

// inThePause is so long after the start.
const inThePause = time.Hour + aMonth + 18*time.Second

func TestAReminderThatIsTriedAgainGivesWayToLaskutettu(t *testing.T) {
	w := &world{}
	p, _ := newUninvoiced(t, w)
	rounds := awayFor(w)
	_, status := p.at(inThePause, runs.Laskutettu.Name(), event("e2")).run()
	require.Len(t, *rounds, 7, "it is not tried again")
	require.Equal(t, []string{"nudge", "plan", "invoice"}, w.calls[len(w.calls)-3:])
	require.Nil(t, status.Attention)
}

func TestLaskutettuWhileAReminderIsWrittenWaitsForThatAttemptOnly(t *testing.T) {
	w := &world{setState: reminding}
	p, _ := newUninvoiced(t, w)
	w.nudge = func(in runs.UninvoicedInput) (runs.Reminded, error) {
		p.SignalWorkflow(runs.Laskutettu.Name(), event("e2"))
		return runs.Reminded{Noted: true, Every: in.Every}, nil
	}
	p.run()
	require.Equal(t, []string{"create", "Tehty", "nudge", "plan", "invoice"}, w.calls)
}

func TestAReminderGivesWayToAnEditAndIsMadeUpFor(t *testing.T) {
	w := &world{}
	p, _ := newUninvoiced(t, w)
	rounds := awayFor(w)
	p.at(inThePause, runs.NoticeChanged.Name(), nil).at(inThePause+48*time.Hour, runs.Laskutettu.Name(), event("e2")).run()
	require.Equal(t, []string{"nudge", "follow", "nudge", "plan", "invoice"}, w.calls[len(w.calls)-5:])
	require.Equal(t, []int{1, 1, 1, 1, 1, 1, 1, 1}, *rounds, "it is the same reminder, with the same key")
}

func TestAReminderThatCannotBeNotedIsGivenUpForTheNext(t *testing.T) {
	for name, c := range map[string]struct {
		failure   error
		attention string
	}{
		"refused":     {refused(runs.ReasonHillavaRefused), ""},
		"a day away":  {errors.New("Hillava is away"), ""},
		"task gone":   {refused(runs.ReasonTaskGone), runs.ReasonTaskGone},
		"a wrong one": {refused(runs.ReasonUnreadable), runs.ReasonUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			var tried []time.Time
			w := &world{setState: reminding}
			p, _ := newUninvoiced(t, w)
			w.nudge = func(in runs.UninvoicedInput) (runs.Reminded, error) {
				if in.Round > 1 {
					return runs.Reminded{Noted: true, Every: in.Every}, nil
				}
				tried = append(tried, p.Now())
				return runs.Reminded{}, c.failure
			}
			p.RegisterDelayedCallback(func() {
				status := p.status()
				require.Equal(t, c.attention == "", status.Attention == nil)
				if c.attention != "" {
					require.Equal(t, c.attention, status.Attention.Reason)
				}
			}, aMonth+24*time.Hour)
			p.at(2*aMonth+48*time.Hour, runs.Laskutettu.Name(), event("e2")).run()
			require.NotEmpty(t, tried)
			require.NotZero(t, w.nudgedFor)
			require.Less(t, w.nudgedFor, 24*time.Hour, "while Hillava is sure to know the note's key")
			require.Equal(t, "nudge", w.calls[len(w.calls)-3], "the next one is noted")
		})
	}
}

func TestASettingThatIsTakenAwayEndsTheReminders(t *testing.T) {
	w := &world{setState: reminding, nudge: func(runs.UninvoicedInput) (runs.Reminded, error) { return runs.Reminded{}, nil }}
	p, _ := newUninvoiced(t, w)
	p.at(12*aMonth, runs.Laskutettu.Name(), event("e2")).run()
	require.Equal(t, []string{"create", "Tehty", "nudge", "plan", "invoice"}, w.calls)
}

func TestNobodyIsRemindedOfANoticeThatIsNotOurs(t *testing.T) {
	standing := runs.StandingReassigned
	w := &world{setState: reminding, follow: func(runs.FollowInput) (runs.Followed, error) {
		return runs.Followed{Snapshot: runs.Snapshot{Standing: standing}}, nil
	}}
	p, _ := newUninvoiced(t, w)
	p.at(aMonth, runs.NoticeChanged.Name(), nil)
	p.RegisterDelayedCallback(func() {
		require.Equal(t, runs.PhaseWithdrawn, p.status().Phase)
		require.NotContains(t, w.calls, "nudge")
		standing = runs.StandingTehty
	}, aMonth+20*24*time.Hour)
	p.at(aMonth+21*24*time.Hour, runs.NoticeChanged.Name(), nil)
	p.RegisterDelayedCallback(func() { require.Contains(t, w.calls, "nudge", "once it is ours again") }, aMonth+22*24*time.Hour)
	p.at(aMonth+23*24*time.Hour, runs.Laskutettu.Name(), event("e2")).run()
}
