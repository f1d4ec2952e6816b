package workflows

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/runs"
)

func TestImportGoesOnBesideTheRounds(t *testing.T) {
	p := newCustomerPlay(t)
	var answer *reply
	p.after(time.Hour, func() { p.pause("maija") })
	p.after(2*time.Hour, func() { answer = p.ask(runs.Import.Name(), runs.ImportRequest{NoticeID: 48213}) })
	p.liveFor(aDay, aCustomer)
	answer.requireGood(t)
	require.Equal(t, runs.Imported{ExternalID: aNotice.ExternalID}, answer.answer)
	require.Equal(t, []runs.ImportInput{{Tunniste: "esimerkki", Served: aServedCustomer, NoticeID: 48213}}, p.imported)
	require.Len(t, p.rounds, 2, "it interrupts nothing")
}

func TestAnImportThatIsRefusedSaysWhy(t *testing.T) {
	p := newCustomerPlay(t)
	p.importOne = func(context.Context) (runs.Imported, error) {
		return runs.Imported{}, temporal.NewNonRetryableApplicationError("notice 48213 is Valmis in Tampuuri", "not-imported", nil)
	}
	var answer *reply
	p.after(time.Hour, func() { answer = p.ask(runs.Import.Name(), runs.ImportRequest{NoticeID: 48213}) })
	p.liveFor(aDay, aCustomer)
	var said *temporal.ApplicationError
	require.ErrorAs(t, answer.failure, &said)
	require.Equal(t, "notice 48213 is Valmis in Tampuuri", said.Message())
	require.Len(t, p.imported, 1)
}

// A peer that wants to be left alone for ten minutes must not hold whoever waits for as long.
func TestAnImportDoesNotWaitForAClosedGate(t *testing.T) {
	p := newCustomerPlay(t)
	p.importOne = func(context.Context) (runs.Imported, error) {
		return runs.Imported{}, temporal.NewApplicationErrorWithOptions("refused", runs.FaultCredentialsRefused, temporal.ApplicationErrorOptions{
			NextRetryDelay: 10 * time.Minute,
		})
	}
	var answer *reply
	p.after(time.Hour, func() { answer = p.ask(runs.Import.Name(), runs.ImportRequest{NoticeID: 48213}) })
	p.after(time.Hour+time.Minute, func() { require.True(t, answer.done); require.Error(t, answer.failure) })
	p.liveFor(aDay, aCustomer)
	require.Len(t, p.imported, 1)
}

func TestWhatAPersonImportedIsNoLongerSkipped(t *testing.T) {
	p := newCustomerPlay(t)
	skipping := marksAt(1)
	skipping.Skipped = []runs.SkippedNotice{{NoticeID: 7, Reason: runs.SkippedReopened}, {NoticeID: 8, Reason: runs.SkippedReopened}}
	p.round = func(_ context.Context, n int, in runs.CustomerRoundInput) (runs.CustomerRound, error) {
		switch n {
		case 1:
			return runs.CustomerRound{Marks: skipping}, nil
		case 2: // it is under way as somebody imports one, and knows nothing of that
			still := in.Marks
			still.At = still.At.Add(time.Hour)
			return runs.CustomerRound{}, nothingNew(still, 7*aDay)
		}
		return runs.CustomerRound{Marks: in.Marks}, nothingNew(in.Marks, 7*aDay)
	}
	left := skipping.Skipped[1:]
	p.after(time.Hour, func() { p.ask(runs.Import.Name(), runs.ImportRequest{NoticeID: 7}) })
	p.after(2*time.Hour, func() { require.Equal(t, left, p.status().Skipped) })
	p.after(3*time.Hour, func() { p.sendServed(runs.Served{CustomerID: "C-1", Entry: "bb"}) })
	next := p.liveFor(4*time.Hour, aCustomer)
	require.Equal(t, left, p.rounds[2].Marks.Skipped, "the next round is told")
	require.Equal(t, left, next.Carried.Marks.Skipped)
}
