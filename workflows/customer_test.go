package workflows

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"tampuuri-hillava/internal/runs"
)

// aDay is how long a customer's run lives in most tests.
const aDay = 24 * time.Hour

var aServedCustomer = runs.Served{CustomerID: "C-1", Entry: "aa"}

var aCustomer = customerRun{CustomerInput: runs.CustomerInput{Tunniste: "esimerkki", Served: aServedCustomer}}

// customerPlay is one run of a customer in the SDK's test environment, which skips time. Its rounds are answered by
// round, which is given how many there have been; without it each has nothing new for a week.
type customerPlay struct {
	*testsuite.TestWorkflowEnvironment
	Activities // what no customer asks for
	t          *testing.T
	server     *asServer
	rounds     []runs.CustomerRoundInput // as each began
	round      func(ctx context.Context, n int, in runs.CustomerRoundInput) (runs.CustomerRound, error)
	imported   []runs.ImportInput
	importOne  func(ctx context.Context) (runs.Imported, error)
	marks      func(string) (runs.Marks, bool)
}

func newCustomerPlay(t *testing.T) *customerPlay {
	var suite testsuite.WorkflowTestSuite
	p := &customerPlay{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(), t: t, server: newServer(t)}
	p.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{p.server}, DeadlockDetectionTimeout: time.Minute})
	marks := func(tunniste string) (runs.Marks, bool) {
		if p.marks == nil {
			return runs.Marks{}, false
		}
		return p.marks(tunniste)
	}
	Register(p, Options{Timing: runs.Timing{HTTPTimeout: time.Second}, Marks: marks}, p)
	return p
}

func (p *customerPlay) CustomerRound(ctx context.Context, in runs.CustomerRoundInput) (runs.CustomerRound, error) {
	p.rounds = append(p.rounds, in)
	if p.round != nil {
		return p.round(ctx, len(p.rounds), in)
	}
	return runs.CustomerRound{}, nothingNew(in.Marks, 7*aDay)
}

func (p *customerPlay) ImportNotice(ctx context.Context, in runs.ImportInput) (runs.Imported, error) {
	p.imported = append(p.imported, in)
	if p.importOne != nil {
		return p.importOne(ctx)
	}
	return runs.Imported{ExternalID: aNotice.ExternalID}, nil
}

// nothingNew is how a round ends that has no news, with its marks.
func nothingNew(marks runs.Marks, next time.Duration) error {
	return temporal.NewApplicationErrorWithOptions("nothing new", runs.FaultNothingNew, temporal.ApplicationErrorOptions{
		Category: temporal.ApplicationErrorCategoryBenign, NextRetryDelay: next, Details: []any{marks},
	})
}

// marksAt are marks that a round left so many minutes after eight.
func marksAt(minute int) runs.Marks {
	at := time.Date(2026, 2, 3, 8, minute, 0, 0, time.UTC)
	return runs.Marks{At: at, LastGood: &at, LastAt: &at, Last: runs.PollCounts{Known: minute}}
}

// after does something so long after the start.
func (p *customerPlay) after(d time.Duration, do func()) { p.RegisterDelayedCallback(do, d) }

// sendChanged is what Reconcile does, sendServed what SyncCustomers does.
func (p *customerPlay) sendChanged(task runs.SentTask) {
	p.SignalWorkflow(runs.EntriesChanged.Name(), task)
}

func (p *customerPlay) sendServed(served runs.Served) {
	p.SignalWorkflow(runs.ServedSignal.Name(), served)
}

// liveFor plays a run that the server wants to end after that time, as signals that say nothing have made its history
// long, and gives what it hands on.
func (p *customerPlay) liveFor(length time.Duration, in customerRun) customerRun {
	p.t.Helper()
	p.after(length, p.makeTooLong)
	return p.untilContinued(in)
}

func (p *customerPlay) makeTooLong() {
	p.SetContinueAsNewSuggested(true)
	p.SignalWorkflow(runs.ServedSignal.Name(), "sent by hand")
}

func (p *customerPlay) untilContinued(in customerRun) customerRun {
	p.t.Helper()
	p.ExecuteWorkflow(runs.TypeCustomer, in)
	next := handedOn[customerRun](p.t, p.GetWorkflowError(), runs.TypeCustomer)
	require.Equal(p.t, in.Tunniste, next.Tunniste)
	require.NotNil(p.t, next.Carried)
	return next
}

func (p *customerPlay) untilOver(in customerRun) {
	p.t.Helper()
	p.ExecuteWorkflow(runs.TypeCustomer, in)
	require.True(p.t, p.IsWorkflowCompleted())
	require.NoError(p.t, p.GetWorkflowError())
}

func (p *customerPlay) status() runs.CustomerStatus {
	p.t.Helper()
	value, err := p.QueryWorkflow(runs.QueryStatus)
	require.NoError(p.t, err)
	var status runs.CustomerStatus
	require.NoError(p.t, value.Get(&status))
	return status
}

func TestRoundsWithoutNewsAreAttemptsOfOneActivity(t *testing.T) {
	p := newCustomerPlay(t)
	p.round = func(_ context.Context, _ int, in runs.CustomerRoundInput) (runs.CustomerRound, error) {
		return runs.CustomerRound{}, nothingNew(in.Marks, 5*time.Hour)
	}
	p.liveFor(aDay, aCustomer)
	require.Len(t, p.rounds, 5)
	require.Equal(t, 1, p.server.activities(), "so they leave nothing in the history")
}

func TestTheNextRoundGoesOnWhereTheOneWithNewsEnded(t *testing.T) {
	p := newCustomerPlay(t)
	changed := []runs.ChangedAfter{{WorkflowID: "notice-x", TaskID: "T-1", EntryIDs: []string{"E-1"}}}
	p.round = func(_ context.Context, n int, in runs.CustomerRoundInput) (runs.CustomerRound, error) {
		if n == 1 {
			return runs.CustomerRound{Marks: marksAt(1), Changed: changed}, nil
		}
		return runs.CustomerRound{}, nothingNew(in.Marks, 7*aDay)
	}
	next := p.liveFor(aDay, aCustomer)
	require.Equal(t, []runs.CustomerRoundInput{
		{Tunniste: "esimerkki", Served: aServedCustomer},
		{Tunniste: "esimerkki", Served: aServedCustomer, Marks: marksAt(1), Changed: changed},
	}, p.rounds)
	require.Equal(t, &customerState{Served: aServedCustomer, Marks: marksAt(1), Changed: changed}, next.Carried)
}

func TestWhatASyncHasFoundInterruptsTheRound(t *testing.T) {
	found := runs.Served{CustomerID: "C-1", Reasons: []string{"its name differs"}, Entry: "bb"}
	for name, underWay := range map[string]bool{"that waits for its time": false, "that is under way": true} {
		t.Run(name, func(t *testing.T) {
			p := newCustomerPlay(t)
			p.round = func(ctx context.Context, n int, in runs.CustomerRoundInput) (runs.CustomerRound, error) {
				if n == 1 && underWay {
					p.sendServed(found)
					<-ctx.Done()
				}
				return runs.CustomerRound{}, nothingNew(in.Marks, 7*aDay)
			}
			if !underWay {
				p.after(time.Hour, func() { p.sendServed(found) })
			}
			next := p.liveFor(aDay, aCustomer)
			require.Len(t, p.rounds, 2)
			require.Equal(t, found, p.rounds[1].Served)
			require.Equal(t, found, next.Carried.Served)
			require.Equal(t, found, next.Served)
		})
	}
}

func TestWhatChangesNothingInterruptsNoRound(t *testing.T) {
	p := newCustomerPlay(t)
	p.after(time.Hour, func() { p.sendServed(aServedCustomer) })
	p.after(2*time.Hour, func() { p.SignalWorkflow(runs.EntriesChanged.Name(), "sent by hand") })
	p.liveFor(aDay, aCustomer)
	require.Len(t, p.rounds, 1)
}

func TestChangedEntriesAreHandedToTheRoundUntilItHasComparedThem(t *testing.T) {
	first := runs.SentTask{ExternalID: "x-1", TaskID: "T-1", Modified: "2026-02-03T08:00:00Z"}
	firstLater := runs.SentTask{ExternalID: "x-1", TaskID: "T-1", Modified: "2026-02-03T09:00:00Z"}
	second := runs.SentTask{ExternalID: "x-2", TaskID: "T-2", Modified: "2026-02-03T08:30:00Z"}
	p := newCustomerPlay(t)
	p.round = func(_ context.Context, n int, in runs.CustomerRoundInput) (runs.CustomerRound, error) {
		switch n {
		case 4: // the second one's Tampuuri does not answer
			return runs.CustomerRound{Marks: marksAt(4), Compared: []runs.SentTask{firstLater}}, nil
		case 6:
			p.sendChanged(second) // it has been moved once more, but not by what a comparison sees
			return runs.CustomerRound{Marks: marksAt(6), Compared: in.Sent}, nil
		}
		return runs.CustomerRound{}, nothingNew(in.Marks, 2*aDay)
	}
	p.after(1*time.Hour, func() { p.sendChanged(first) })
	p.after(2*time.Hour, func() { p.sendChanged(second) })
	p.after(3*time.Hour, func() { p.sendChanged(firstLater) })
	next := p.liveFor(3*aDay, aCustomer)
	var sent [][]runs.SentTask
	for _, round := range p.rounds {
		sent = append(sent, round.Sent)
	}
	require.Equal(t, [][]runs.SentTask{nil, {first}, {first, second}, {second, firstLater}, {second}, {second}, nil}, sent[:7])
	require.Empty(t, next.Carried.Sent)
}

func TestATaskThatMovesWhileItIsComparedIsComparedAgain(t *testing.T) {
	before := runs.SentTask{ExternalID: "x-1", TaskID: "T-1", Modified: "2026-02-03T08:00:00Z"}
	after := runs.SentTask{ExternalID: "x-1", TaskID: "T-1", Modified: "2026-02-03T08:01:00Z"}
	p := newCustomerPlay(t)
	p.round = func(ctx context.Context, n int, in runs.CustomerRoundInput) (runs.CustomerRound, error) {
		if n == 1 {
			p.sendChanged(after)
			<-ctx.Done()
			return runs.CustomerRound{Marks: marksAt(1), Compared: in.Sent}, nil
		}
		return runs.CustomerRound{}, nothingNew(in.Marks, 7*aDay)
	}
	p.liveFor(aDay, customerRun{CustomerInput: aCustomer.CustomerInput, Carried: &customerState{Served: aServedCustomer, Sent: []runs.SentTask{before}}})
	require.Equal(t, []runs.SentTask{before}, p.rounds[0].Sent)
	require.Equal(t, []runs.SentTask{after}, p.rounds[1].Sent)
}

func TestAFloodOfChangedTasksIsBounded(t *testing.T) {
	full := make([]runs.SentTask, maxSent)
	for i := range full {
		full[i].TaskID = string(rune('a' + i))
	}
	p := newCustomerPlay(t)
	p.after(time.Hour, func() { p.sendChanged(runs.SentTask{TaskID: "newest"}) })
	next := p.liveFor(aDay, customerRun{CustomerInput: aCustomer.CustomerInput, Carried: &customerState{Served: aServedCustomer, Sent: full}})
	require.Len(t, next.Carried.Sent, maxSent)
	require.Equal(t, full[1], next.Carried.Sent[0], "the oldest goes first")
	require.Equal(t, "newest", next.Carried.Sent[maxSent-1].TaskID)
}

// Interrupted by a signal, a round says by its failure how far it has got.
func TestAnInterruptedRoundLeavesItsMarks(t *testing.T) {
	p := newCustomerPlay(t)
	p.round = func(ctx context.Context, n int, _ runs.CustomerRoundInput) (runs.CustomerRound, error) {
		if n == 1 {
			p.sendServed(runs.Served{CustomerID: "C-2"})
			<-ctx.Done()
		}
		return runs.CustomerRound{}, nothingNew(marksAt(n), 7*aDay)
	}
	p.liveFor(aDay, aCustomer)
	require.Equal(t, marksAt(1), p.rounds[1].Marks)
}

func TestWhichMarksOfAFailedRoundAreKept(t *testing.T) {
	kept, older := marksAt(30), marksAt(10)
	for name, row := range map[string]struct {
		err      error
		expected runs.Marks
	}{
		"nothing new":                 {nothingNew(kept, time.Minute), kept},
		"its worker died":             {temporal.NewHeartbeatTimeoutError(kept), kept},
		"died, nothing said":          {temporal.NewHeartbeatTimeoutError(), marksAt(20)},
		"cancelled while it waited":   {temporal.NewCanceledError("ACTIVITY_ID_NOT_STARTED"), marksAt(20)},
		"a fault without details":     {temporal.NewApplicationError("away", runs.FaultTemporal), marksAt(20)},
		"older than what is known":    {nothingNew(older, time.Minute), marksAt(20)},
		"details of another shape":    {temporal.NewApplicationError("away", "other", "text"), marksAt(20)},
		"details that say no time":    {temporal.NewApplicationError("away", "other", map[string]int{"x": 1}), marksAt(20)},
		"something that is not known": {errors.New("unknown"), marksAt(20)},
	} {
		t.Run(name, func(t *testing.T) {
			c := &customer{customerState: &customerState{Marks: marksAt(20)}}
			c.keepMarks(received(row.err))
			require.Equal(t, row.expected, c.Marks)
		})
	}
}

// received is an error as it comes out of a history.
func received(err error) error {
	converter := temporal.GetDefaultFailureConverter()
	return converter.FailureToError(converter.ErrorToFailure(err))
}

func TestARoundThatFailsForGoodIsTriedAgain(t *testing.T) {
	p := newCustomerPlay(t)
	p.round = func(_ context.Context, n int, in runs.CustomerRoundInput) (runs.CustomerRound, error) {
		if n <= 3 {
			return runs.CustomerRound{}, refused(runs.ReasonUnexpected)
		}
		return runs.CustomerRound{}, nothingNew(in.Marks, 7*aDay)
	}
	p.after(2*time.Minute+time.Second, func() { require.Len(t, p.rounds, 3, "one a minute") })
	p.liveFor(aDay, aCustomer)
	require.Len(t, p.rounds, 4)
}

// Each such round is events and money, so a fault that makes all rounds return at once must not go round in a circle.
func TestRoundsThatReturnAtOnceForEverAreSlowedDown(t *testing.T) {
	p := newCustomerPlay(t)
	p.round = func(context.Context, int, runs.CustomerRoundInput) (runs.CustomerRound, error) {
		return runs.CustomerRound{}, nil
	}
	var answer *reply
	before := 0
	p.after(time.Hour+30*time.Second, func() { before, answer = len(p.rounds), p.pollNow() })
	p.after(time.Hour+31*time.Second, func() {
		answer.requireGood(t)
		require.Equal(t, before+1+1+maxHasty, len(p.rounds), "whoever asks need not wait, and may have changed what made it so")
	})
	p.liveFor(2*time.Hour, aCustomer)
	require.Less(t, len(p.rounds), 2*60+3*maxHasty)
}

func TestTheRestAfterAFaultEndsWithACancel(t *testing.T) {
	p := newCustomerPlay(t)
	p.round = func(context.Context, int, runs.CustomerRoundInput) (runs.CustomerRound, error) {
		return runs.CustomerRound{}, refused(runs.ReasonUnexpected)
	}
	started := p.Now()
	p.after(time.Second, p.CancelWorkflow)
	next := p.untilContinued(aCustomer)
	require.Equal(t, "cancel", next.Carried.Paused.By)
	require.WithinDuration(t, started, p.Now(), 10*time.Second)
}
