package workflows

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/runs"
)

func TestACustomersStateSurvivesItsJSONWhole(t *testing.T) {
	var full customerState
	fill(t, reflect.ValueOf(&full).Elem(), "customerState")
	requireWholeInJSON(t, customerRun{CustomerInput: aCustomer.CustomerInput, Carried: &full})
}

func TestACustomerGoesOnInTheNextRun(t *testing.T) {
	first := newCustomerPlay(t)
	task := runs.SentTask{ExternalID: "x-1", TaskID: "T-1", Modified: "2026-02-03T08:00:00Z"}
	changed := []runs.ChangedAfter{{WorkflowID: "notice-x", TaskID: "T-1", EntryIDs: []string{"E-1"}}}
	first.round = func(_ context.Context, n int, in runs.CustomerRoundInput) (runs.CustomerRound, error) {
		if n == 1 {
			return runs.CustomerRound{Marks: marksAt(1), Changed: changed}, nil
		}
		return runs.CustomerRound{}, nothingNew(in.Marks, 7*aDay)
	}
	first.after(time.Hour, func() { first.sendChanged(task) })
	first.after(2*time.Hour, func() { first.pause("maija") })
	next := first.liveFor(aDay, aCustomer)
	before := first.status()

	second := newCustomerPlay(t)
	second.after(time.Hour, func() { require.Equal(t, before, second.status()) })
	var resumed *reply
	second.after(2*time.Hour, func() { resumed = second.resume("pekka") })
	second.liveFor(aDay, next)
	resumed.requireGood(t)
	require.Equal(t, runs.CustomerRoundInput{
		Tunniste: "esimerkki", Served: aServedCustomer, Paused: true, Marks: marksAt(1), Sent: []runs.SentTask{task}, Changed: changed,
	}, second.rounds[0])
	require.False(t, second.rounds[1].Paused)
}

func TestACancelCountsAsAPause(t *testing.T) {
	for name, cancel := range map[string]func(*customerPlay){
		"while a round waits for its time": func(p *customerPlay) { p.after(time.Hour, p.CancelWorkflow) },
		"while a round is under way": func(p *customerPlay) {
			p.round = func(ctx context.Context, _ int, _ runs.CustomerRoundInput) (runs.CustomerRound, error) {
				p.CancelWorkflow()
				<-ctx.Done()
				return runs.CustomerRound{Marks: marksAt(1)}, nil
			}
		},
		"as a round returns": func(p *customerPlay) {
			p.round = func(context.Context, int, runs.CustomerRoundInput) (runs.CustomerRound, error) {
				p.CancelWorkflow()
				return runs.CustomerRound{Marks: marksAt(1)}, nil
			}
		},
		"as a round says that all is over": func(p *customerPlay) {
			p.round = func(context.Context, int, runs.CustomerRoundInput) (runs.CustomerRound, error) {
				p.CancelWorkflow()
				return runs.CustomerRound{Marks: marksAt(1), Over: true}, nil
			}
		},
		"while the run is about to end": func(p *customerPlay) {
			p.importOne = func(context.Context) (runs.Imported, error) {
				p.makeTooLong()
				p.CancelWorkflow()
				return runs.Imported{}, nil
			}
			p.after(time.Hour, func() { p.ask(runs.Import.Name(), runs.ImportRequest{NoticeID: 1}) })
		},
		"twice": func(p *customerPlay) { p.after(time.Hour, func() { p.CancelWorkflow(); p.CancelWorkflow() }) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newCustomerPlay(t)
			cancel(p)
			next := p.untilContinued(aCustomer)
			require.Equal(t, "cancel", next.Carried.Paused.By)
			require.NotEmpty(t, next.Carried.Paused.Reason)
			require.Equal(t, p.Now().UTC(), next.Carried.Paused.Since, "a new run begins at once, as only that can see another Cancel")

			second := newCustomerPlay(t)
			var resumed *reply
			second.after(time.Hour, func() { require.Equal(t, "cancel", second.status().Paused.By); resumed = second.resume("maija") })
			second.after(2*time.Hour, second.CancelWorkflow)
			third := second.untilContinued(next)
			resumed.requireGood(t)
			require.Equal(t, "cancel", third.Carried.Paused.By, "a second Cancel pauses again")
			require.True(t, second.rounds[0].Paused)
			require.False(t, second.rounds[1].Paused)
		})
	}
}

func TestACancelLeavesAPersonsPause(t *testing.T) {
	p := newCustomerPlay(t)
	p.after(time.Hour, func() { p.pause("maija") })
	p.after(2*time.Hour, p.CancelWorkflow)
	next := p.untilContinued(aCustomer)
	require.Equal(t, "maija", next.Carried.Paused.By)
}

func TestNoRunOfACustomerEndsWhileAnUpdateWaits(t *testing.T) {
	// An import whose first attempt has failed is between two when the run is to end.
	importing := func(t *testing.T, meanwhile func(*customerPlay)) *customerPlay {
		p := newCustomerPlay(t)
		p.round = polled(runs.PollCounts{Known: 3})
		p.importOne = func(context.Context) (runs.Imported, error) {
			if len(p.imported) == 1 {
				return runs.Imported{}, errors.New("Tampuuri is away")
			}
			return runs.Imported{ExternalID: "x-1"}, nil
		}
		var answer *reply
		p.after(time.Hour, func() { answer = p.ask(runs.Import.Name(), runs.ImportRequest{NoticeID: 1}) })
		p.after(time.Hour+100*time.Millisecond, func() { meanwhile(p) })
		p.untilContinued(aCustomer)
		answer.requireGood(t)
		require.Equal(t, runs.Imported{ExternalID: "x-1"}, answer.answer)
		return p
	}
	t.Run("an import, in a run that is too long", func(t *testing.T) { importing(t, (*customerPlay).makeTooLong) })
	t.Run("an import, in a run that is cancelled", func(t *testing.T) { importing(t, (*customerPlay).CancelWorkflow) })
	t.Run("a poll that is asked for as the run is about to end", func(t *testing.T) {
		var answer *reply
		p := importing(t, func(p *customerPlay) {
			p.makeTooLong()
			p.after(50*time.Millisecond, func() { answer = p.pollNow() })
		})
		answer.requireGood(t)
		require.Equal(t, runs.PollCounts{Known: 3}, answer.answer)
		require.Len(t, p.rounds, 2)
	})
	t.Run("a poll, in a run that is too long", func(t *testing.T) {
		p := newCustomerPlay(t)
		own := polled(runs.PollCounts{Known: 3})
		p.round = func(ctx context.Context, n int, in runs.CustomerRoundInput) (runs.CustomerRound, error) {
			if in.Now {
				p.makeTooLong()
			}
			return own(ctx, n, in)
		}
		var answer *reply
		p.after(time.Hour, func() { answer = p.pollNow() })
		p.untilContinued(aCustomer)
		answer.requireGood(t)
		require.Equal(t, runs.PollCounts{Known: 3}, answer.answer)
	})
}

// over ends the first round with the word that nothing is left to do, and does something as it ends.
func over(p *customerPlay, act func()) {
	p.round = func(_ context.Context, n int, in runs.CustomerRoundInput) (runs.CustomerRound, error) {
		if n == 1 {
			act()
			return runs.CustomerRound{Marks: marksAt(1), Over: true}, nil
		}
		marks := marksAt(n)
		if in.Now {
			return runs.CustomerRound{Marks: marks}, nil
		}
		return runs.CustomerRound{}, nothingNew(marks, 7*aDay)
	}
}

func TestACustomerThatIsServedNoMoreEnds(t *testing.T) {
	p := newCustomerPlay(t)
	over(p, func() {})
	p.untilOver(aCustomer)
	require.Len(t, p.rounds, 1)
	require.Equal(t, marksAt(1).LastGood, p.status().LastGoodPoll, "a closed run still answers")
}

func TestWhatComesAsACustomerEndsKeepsIt(t *testing.T) {
	var answer *reply
	found := runs.Served{CustomerID: "C-9"}
	task := runs.SentTask{ExternalID: "x-1", TaskID: "T-1"}
	for name, row := range map[string]struct {
		act   func(*customerPlay)
		check func(*testing.T, customerRun)
	}{
		"it is served again": {func(p *customerPlay) { p.sendServed(found) }, func(t *testing.T, next customerRun) { require.Equal(t, found, next.Carried.Served) }},
		"it is served again, in the same moment": {func(p *customerPlay) {
			p.SignalWorkflowSkippingWorkflowTask(runs.ServedSignal.Name(), found)
		}, func(t *testing.T, next customerRun) { require.Equal(t, found, next.Carried.Served) }},
		"a task has moved": {func(p *customerPlay) { p.sendChanged(task) }, func(t *testing.T, next customerRun) { require.Equal(t, []runs.SentTask{task}, next.Carried.Sent) }},
		"somebody polls":   {func(p *customerPlay) { answer = p.pollNow() }, func(t *testing.T, _ customerRun) { answer.requireGood(t) }},
		"somebody pauses":  {func(p *customerPlay) { answer = p.pause("maija") }, func(t *testing.T, next customerRun) { require.Equal(t, "maija", next.Carried.Paused.By) }},
		"somebody imports one": {func(p *customerPlay) {
			p.importOne = func(context.Context) (runs.Imported, error) { p.sendServed(found); return runs.Imported{}, nil }
			answer = p.ask(runs.Import.Name(), runs.ImportRequest{NoticeID: 1})
		}, func(t *testing.T, next customerRun) {
			answer.requireGood(t)
			require.Equal(t, found, next.Carried.Served)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newCustomerPlay(t)
			over(p, func() { row.act(p) })
			row.check(t, p.liveFor(aDay, aCustomer))
			require.Greater(t, len(p.rounds), 1, "it goes on")
		})
	}
}

func TestWhoeverPolledACustomerThatEndsIsAnswered(t *testing.T) {
	p := newCustomerPlay(t)
	p.round = func(_ context.Context, n int, in runs.CustomerRoundInput) (runs.CustomerRound, error) {
		if in.Now {
			return runs.CustomerRound{Marks: marksAt(n), Refused: "no entry in customers.yaml", Over: true}, nil
		}
		return runs.CustomerRound{}, nothingNew(marksAt(n), 7*aDay)
	}
	var answer *reply
	p.after(time.Hour, func() { answer = p.pollNow() })
	p.untilOver(aCustomer)
	requireStopped(t, answer.failure, "no entry in customers.yaml")
}

// The next start of its workflow would know nothing of the pause.
func TestAPausedCustomerIsNeverOver(t *testing.T) {
	p := newCustomerPlay(t)
	p.round = func(_ context.Context, n int, _ runs.CustomerRoundInput) (runs.CustomerRound, error) {
		return runs.CustomerRound{Marks: marksAt(n), Over: true}, nil
	}
	p.after(time.Hour, func() {
		require.Less(t, len(p.rounds), 60+maxHasty+1, "and does not go round in a circle")
		p.resume("maija")
	})
	p.untilOver(customerRun{CustomerInput: aCustomer.CustomerInput, Carried: &customerState{Paused: &runs.Paused{By: "maija"}}})
	require.False(t, p.rounds[len(p.rounds)-1].Paused)
}

func TestTheWebUIIsToldOfACustomer(t *testing.T) {
	marks := marksAt(10)
	marks.Last = runs.PollCounts{Started: 1, Known: 2, Signalled: 3, Left: true, Failure: runs.FaultUnavailable}
	stopped := marks
	stopped.Reasons, stopped.Skipped = []string{"no consent is recorded"}, []runs.SkippedNotice{{NoticeID: 7, Reason: runs.SkippedReopened}}
	for name, row := range map[string]struct {
		state customerState
		says  []string
	}{
		"polled": {customerState{Marks: marks}, []string{
			"**Polled.**", "Last news at 2026-02-03T08:10:00Z: 1 new, 2 known, 3 told of a change; more waits for the next round; it failed: peer-unavailable",
		}},
		"stopped": {customerState{Marks: stopped, Changed: make([]runs.ChangedAfter, 2)}, []string{
			"**Not polled**", "- no consent is recorded\n", "- notice 7: reopened in Tampuuri\n", "changed after sending: 2, see",
		}},
		"paused": {customerState{Marks: stopped, Paused: &runs.Paused{By: "maija", Reason: "moving", Since: marks.At}}, []string{
			"**Paused** by maija since 2026-02-03T08:10:00Z: moving", "- no consent is recorded\n",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, text := range row.says {
				require.Contains(t, (&customer{customerState: &row.state}).details(), text)
			}
		})
	}
}
