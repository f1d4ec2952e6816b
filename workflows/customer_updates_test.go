package workflows

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"tampuuri-hillava/internal/runs"
)

// reply is what has become of an update.
type reply struct {
	accepted bool
	done     bool
	refusal  error // by the validator: it left no event
	failure  error // of one that was accepted
	answer   any
}

func (p *customerPlay) ask(update string, in any) *reply {
	r := &reply{}
	p.UpdateWorkflow(update, "", &testsuite.TestUpdateCallback{
		OnAccept:   func() { r.accepted = true },
		OnReject:   func(err error) { r.refusal = err },
		OnComplete: func(answer any, err error) { r.done, r.answer, r.failure = true, answer, err },
	}, in)
	return r
}

func (p *customerPlay) pollNow() *reply { return p.ask(runs.PollNow.Name(), runs.None{}) }

func (p *customerPlay) pause(by string) *reply {
	return p.ask(runs.Pause.Name(), runs.PauseInput{By: by, Reason: "Tampuuri is moved"})
}

func (p *customerPlay) resume(by string) *reply {
	return p.ask(runs.Resume.Name(), runs.ResumeInput{By: by})
}

func (r *reply) requireGood(t *testing.T) {
	t.Helper()
	require.NoError(t, r.refusal)
	require.NoError(t, r.failure)
	require.True(t, r.done, "it has an answer")
}

// requireStopped: the client sees the reason as that of a runs.Refusal, whichever way it was refused.
func requireStopped(t *testing.T, err error, reason string) {
	t.Helper()
	var said *temporal.ApplicationError
	require.ErrorAs(t, err, &said)
	require.Equal(t, runs.FaultCustomerStopped, said.Type())
	require.Contains(t, said.Message(), reason)
}

// polled answers a round that somebody waits for with its counts; all others have nothing new.
func polled(counts runs.PollCounts) func(context.Context, int, runs.CustomerRoundInput) (runs.CustomerRound, error) {
	return func(_ context.Context, n int, in runs.CustomerRoundInput) (runs.CustomerRound, error) {
		if !in.Now {
			return runs.CustomerRound{}, nothingNew(in.Marks, 7*aDay)
		}
		marks := marksAt(n)
		marks.Last = counts
		return runs.CustomerRound{Marks: marks}, nil
	}
}

func TestPollNowAnswersWithItsOwnRound(t *testing.T) {
	counts := runs.PollCounts{Started: 2, Known: 7, Signalled: 1}
	p := newCustomerPlay(t)
	p.round = polled(counts)
	var answer *reply
	p.after(time.Hour, func() { answer = p.pollNow() })
	p.after(time.Hour+time.Second, func() { require.Len(t, p.rounds, 3, "at once, and the rounds go on") })
	p.liveFor(aDay, aCustomer)
	answer.requireGood(t)
	require.Equal(t, counts, answer.answer)
	require.Equal(t, []bool{false, true, false}, []bool{p.rounds[0].Now, p.rounds[1].Now, p.rounds[2].Now})
}

// A round that had begun before the question may have passed what the asker has just changed.
func TestPollNowDoesNotTakeARoundThatWasUnderWayForItsOwn(t *testing.T) {
	for name, end := range map[string]func(runs.CustomerRoundInput) (runs.CustomerRound, error){
		"which returns": func(runs.CustomerRoundInput) (runs.CustomerRound, error) {
			return runs.CustomerRound{Marks: marksAt(1)}, nil
		},
		"which fails": func(in runs.CustomerRoundInput) (runs.CustomerRound, error) {
			return runs.CustomerRound{}, nothingNew(in.Marks, aDay)
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newCustomerPlay(t)
			own := polled(runs.PollCounts{Started: 1})
			var answer *reply
			p.round = func(ctx context.Context, n int, in runs.CustomerRoundInput) (runs.CustomerRound, error) {
				if n == 1 {
					answer = p.pollNow()
					<-ctx.Done()
					return end(in)
				}
				return own(ctx, n, in)
			}
			p.liveFor(aDay, aCustomer)
			answer.requireGood(t)
			require.Equal(t, runs.PollCounts{Started: 1}, answer.answer)
			require.True(t, p.rounds[1].Now)
		})
	}
}

func TestTwoWhoWaitAreBothAnswered(t *testing.T) {
	t.Run("asked at once, by one round", func(t *testing.T) {
		p := newCustomerPlay(t)
		p.round = polled(runs.PollCounts{Known: 3})
		var first, second *reply
		p.after(time.Hour, func() { first, second = p.pollNow(), p.pollNow() })
		p.liveFor(aDay, aCustomer)
		for _, answer := range []*reply{first, second} {
			answer.requireGood(t)
			require.Equal(t, runs.PollCounts{Known: 3}, answer.answer)
		}
	})
	t.Run("the second during the round of the first", func(t *testing.T) {
		p := newCustomerPlay(t)
		own := polled(runs.PollCounts{Known: 3})
		var first, second *reply
		p.after(time.Hour, func() { first = p.pollNow() })
		p.round = func(ctx context.Context, n int, in runs.CustomerRoundInput) (runs.CustomerRound, error) {
			if n == 2 {
				second = p.pollNow()
				<-ctx.Done()
				return runs.CustomerRound{Marks: marksAt(2)}, nil // cut short, so it answers nobody
			}
			return own(ctx, n, in)
		}
		p.liveFor(aDay, aCustomer)
		for _, answer := range []*reply{first, second} {
			answer.requireGood(t)
			require.Equal(t, runs.PollCounts{Known: 3}, answer.answer)
		}
		require.Len(t, p.rounds, 4)
	})
}

func TestAPollThatARoundRefusesSaysWhy(t *testing.T) {
	p := newCustomerPlay(t)
	refuses := true
	p.round = func(_ context.Context, _ int, in runs.CustomerRoundInput) (runs.CustomerRound, error) {
		switch {
		case in.Now && refuses:
			return runs.CustomerRound{Marks: marksAt(1), Refused: "no consent is recorded"}, nil
		case in.Now:
			return runs.CustomerRound{Marks: marksAt(2)}, nil
		}
		return runs.CustomerRound{}, nothingNew(in.Marks, 7*aDay)
	}
	var first, second *reply
	p.after(time.Hour, func() { first = p.pollNow() })
	p.after(2*time.Hour, func() { refuses = false; second = p.pollNow() })
	p.liveFor(aDay, aCustomer)
	require.True(t, first.accepted)
	requireStopped(t, first.failure, "no consent is recorded")
	second.requireGood(t)
}

func TestPollNowOfAPausedCustomerIsRefusedWithoutARound(t *testing.T) {
	p := newCustomerPlay(t)
	var answer *reply
	p.after(time.Hour, func() { p.pause("maija") })
	p.after(2*time.Hour, func() { require.Len(t, p.rounds, 2); answer = p.pollNow() })
	p.liveFor(aDay, aCustomer)
	require.False(t, answer.accepted, "a refusal leaves no event")
	requireStopped(t, answer.refusal, "paused by maija")
	require.Len(t, p.rounds, 2)
}

func TestAPauseAnswersWhoeverWaitsForAPoll(t *testing.T) {
	for name, act := range map[string]func(*customerPlay){
		"by the update": func(p *customerPlay) { p.pause("maija") },
		"by a Cancel":   func(p *customerPlay) { p.CancelWorkflow() },
	} {
		t.Run(name, func(t *testing.T) {
			p := newCustomerPlay(t)
			var answer *reply
			p.after(time.Hour, func() { answer = p.pollNow() })
			p.round = func(ctx context.Context, n int, in runs.CustomerRoundInput) (runs.CustomerRound, error) {
				if n == 2 {
					act(p)
					<-ctx.Done()
				}
				return runs.CustomerRound{}, nothingNew(in.Marks, 7*aDay)
			}
			p.liveFor(aDay, aCustomer)
			require.True(t, answer.done)
			requireStopped(t, answer.failure, "polling was paused by")
		})
	}
}

func TestPauseAndResume(t *testing.T) {
	p := newCustomerPlay(t)
	var paused, repeated, resumed, idle *reply
	p.after(1*time.Hour, func() { paused = p.pause("maija") })
	p.after(2*time.Hour, func() {
		status := p.status()
		require.False(t, status.Polled)
		require.Equal(t, "maija", status.Paused.By)
		repeated = p.pause("pekka")
	})
	p.after(3*time.Hour, func() { resumed = p.resume("pekka") })
	p.after(4*time.Hour, func() {
		require.True(t, p.status().Polled)
		require.Nil(t, p.status().Paused)
		idle = p.resume("pekka")
	})
	started := p.Now()
	p.liveFor(aDay, aCustomer)
	for _, answer := range []*reply{paused, repeated, resumed, idle} {
		answer.requireGood(t)
	}
	status, ok := paused.answer.(runs.CustomerStatus)
	require.True(t, ok)
	require.Equal(t, &runs.Paused{By: "maija", Reason: "Tampuuri is moved", Since: started.Add(time.Hour).UTC()}, status.Paused)
	kept, ok := repeated.answer.(runs.CustomerStatus)
	require.True(t, ok)
	require.Equal(t, status.Paused, kept.Paused, "the earlier pause stays")
	var pauses []bool
	for _, round := range p.rounds {
		pauses = append(pauses, round.Paused)
	}
	require.Equal(t, []bool{false, true, false}, pauses, "each round knows it, and what changes nothing begins none")
}

func TestAResumedCustomerIsPolledAtOnce(t *testing.T) {
	marks, next := marksAt(1), marksAt(50).At
	marks.NextPoll = &next
	p := newCustomerPlay(t)
	p.after(time.Hour, func() { p.resume("maija") })
	p.liveFor(aDay, customerRun{CustomerInput: aCustomer.CustomerInput, Carried: &customerState{Marks: marks, Paused: &runs.Paused{By: "maija"}}})
	require.NotNil(t, p.rounds[0].Marks.NextPoll)
	require.Nil(t, p.rounds[1].Marks.NextPoll)
}

func TestUpdatesThatMakeNoSenseAreRefused(t *testing.T) {
	for name, row := range map[string]struct {
		update string
		in     any
		says   string
	}{
		"pause by nobody":           {runs.Pause.Name(), runs.PauseInput{Reason: "x"}, "by needs 1 to 100 characters"},
		"pause with a long reason":  {runs.Pause.Name(), runs.PauseInput{By: "maija", Reason: strings.Repeat("ä", 301)}, "reason needs 0 to 300"},
		"pause with a line break":   {runs.Pause.Name(), runs.PauseInput{By: "maija", Reason: "a\nb"}, "cannot be printed"},
		"pause without an input":    {runs.Pause.Name(), nil, "by needs 1 to 100 characters"},
		"pause with a text":         {runs.Pause.Name(), "please", "decode"},
		"resume by nobody":          {runs.Resume.Name(), runs.ResumeInput{}, "by needs 1 to 100 characters"},
		"resume by a long name":     {runs.Resume.Name(), runs.ResumeInput{By: strings.Repeat("x", 101)}, "by needs 1 to 100"},
		"import of no number":       {runs.Import.Name(), runs.ImportRequest{}, "noticeId is the notice's number"},
		"import of a bad number":    {runs.Import.Name(), runs.ImportRequest{NoticeID: -1}, "noticeId is the notice's number"},
		"an update that is unknown": {"stop", nil, "unknown update"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newCustomerPlay(t)
			var answer *reply
			p.after(time.Hour, func() { answer = p.ask(row.update, row.in) })
			next := p.liveFor(aDay, aCustomer)
			require.ErrorContains(t, answer.refusal, row.says)
			require.False(t, answer.accepted)
			require.Len(t, p.rounds, 1)
			require.Nil(t, next.Carried.Paused)
			require.Empty(t, p.imported)
		})
	}
}

func TestTheLongestTextsArePrintable(t *testing.T) {
	p := newCustomerPlay(t)
	var answer *reply
	p.after(time.Hour, func() {
		answer = p.ask(runs.Pause.Name(), runs.PauseInput{By: strings.Repeat("ö", 100), Reason: strings.Repeat("ä", 300)})
	})
	p.liveFor(aDay, aCustomer)
	answer.requireGood(t)
}

func TestStatus(t *testing.T) {
	lastReturned, next := marksAt(10), time.Date(2026, 2, 3, 8, 15, 0, 0, time.UTC)
	lastReturned.NextPoll = &next
	lastReturned.Last = runs.PollCounts{Started: 1, Known: 2, Signalled: 3, Left: true, Failure: runs.FaultUnavailable}
	lastReturned.Skipped = []runs.SkippedNotice{{NoticeID: 7, Reason: runs.SkippedReopened}}
	lastReturned.Open, lastReturned.Unflagged, lastReturned.Compared = 9, 1, &next
	stopped := marksAt(10)
	stopped.Reasons = []string{"no consent is recorded"}
	fresh := marksAt(20)
	for name, row := range map[string]struct {
		state    customerState
		fresh    *runs.Marks
		expected string
	}{
		"before the first round": {customerState{Served: runs.Served{Reasons: []string{"its name differs"}}}, nil, `{
			"tunniste": "esimerkki", "polled": false, "reasons": ["its name differs"], "paused": null, "lastGoodPoll": null, "nextPoll": null,
			"skipped": [], "lastRound": null, "changed": [], "unflagged": 0, "open": 0, "lastCompared": null}`},
		"polled": {customerState{Marks: lastReturned}, nil, `{
			"tunniste": "esimerkki", "polled": true, "reasons": [], "paused": null, "lastGoodPoll": "2026-02-03T08:10:00Z", "nextPoll": "2026-02-03T08:15:00Z",
			"skipped": [{"noticeId": 7, "reason": "reopened in Tampuuri"}],
			"lastRound": {"at": "2026-02-03T08:10:00Z", "started": 1, "known": 2, "signalled": 3, "left": true, "failure": "peer-unavailable"},
			"changed": [], "unflagged": 1, "open": 9, "lastCompared": "2026-02-03T08:15:00Z"}`},
		"stopped by itself": {customerState{Marks: stopped, Served: runs.Served{Reasons: []string{"its name differs"}}}, nil, `{
			"tunniste": "esimerkki", "polled": false, "reasons": ["no consent is recorded"], "paused": null, "lastGoodPoll": "2026-02-03T08:10:00Z", "nextPoll": null,
			"skipped": [], "lastRound": {"at": "2026-02-03T08:10:00Z", "started": 0, "known": 10, "signalled": 0, "left": false, "failure": ""},
			"changed": [], "unflagged": 0, "open": 0, "lastCompared": null}`},
		"paused": {customerState{Marks: lastReturned, Paused: &runs.Paused{By: "maija", Reason: "moving", Since: next}}, nil, `{
			"tunniste": "esimerkki", "polled": false, "reasons": [], "paused": {"by": "maija", "reason": "moving", "since": "2026-02-03T08:15:00Z"},
			"lastGoodPoll": "2026-02-03T08:10:00Z", "nextPoll": null, "skipped": [{"noticeId": 7, "reason": "reopened in Tampuuri"}],
			"lastRound": {"at": "2026-02-03T08:10:00Z", "started": 1, "known": 2, "signalled": 3, "left": true, "failure": "peer-unavailable"},
			"changed": [], "unflagged": 1, "open": 9, "lastCompared": "2026-02-03T08:15:00Z"}`},
		"a round without news knows better": {customerState{Marks: lastReturned, Changed: []runs.ChangedAfter{{WorkflowID: "notice-x", TaskID: "T-1", EntryIDs: []string{"E-1"}, Since: "2026-02-03T08:00:00Z"}}}, &fresh, `{
			"tunniste": "esimerkki", "polled": true, "reasons": [], "paused": null, "lastGoodPoll": "2026-02-03T08:20:00Z", "nextPoll": null, "skipped": [],
			"lastRound": {"at": "2026-02-03T08:20:00Z", "started": 0, "known": 20, "signalled": 0, "left": false, "failure": ""},
			"changed": [{"workflowId": "notice-x", "taskId": "T-1", "entryIds": ["E-1"], "since": "2026-02-03T08:00:00Z"}], "unflagged": 0, "open": 0, "lastCompared": null}`},
	} {
		t.Run(name, func(t *testing.T) {
			p := newCustomerPlay(t)
			p.marks = func(tunniste string) (runs.Marks, bool) {
				require.Equal(t, "esimerkki", tunniste)
				if row.fresh == nil {
					return runs.Marks{}, false
				}
				return *row.fresh, true
			}
			var status runs.CustomerStatus
			p.after(time.Hour, func() { status = p.status() })
			p.liveFor(aDay, customerRun{CustomerInput: aCustomer.CustomerInput, Carried: &row.state})
			got, err := json.Marshal(status)
			require.NoError(t, err)
			require.JSONEq(t, row.expected, string(got))
		})
	}
}

func TestOlderMarksOfAnotherWorkerDoNotCount(t *testing.T) {
	p := newCustomerPlay(t)
	p.marks = func(string) (runs.Marks, bool) { return marksAt(5), true }
	p.after(time.Hour, func() { require.Equal(t, marksAt(10).LastGood, p.status().LastGoodPoll) })
	p.liveFor(aDay, customerRun{CustomerInput: aCustomer.CustomerInput, Carried: &customerState{Marks: marksAt(10)}})
}
