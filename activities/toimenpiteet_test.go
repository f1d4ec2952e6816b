package activities

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

func entry(id, summary string) notice.TimeEntry {
	return notice.TimeEntry{ID: id, Date: "2026-03-01", Resource: "Asentaja 1", Summary: summary, Approved: true}
}

// plan and report are the two activities as the workflow calls them.
func (s *scene) plan(previous []notice.Planned) []notice.Planned {
	return good(s, s.PlanToimenpiteet, runs.PlanInput{NoticeRef: s.ref(101), TaskID: "T-1", Previous: previous}).Entries
}

func (s *scene) invoiced(entries []notice.Planned) runs.InvoicedInput {
	return runs.InvoicedInput{NoticeRef: s.ref(101), TaskID: "T-1", Entries: entries}
}

func invoicedScene(t *testing.T, entries ...notice.TimeEntry) *scene {
	s := newScene(t)
	s.tampuuri().put(101)
	s.hillava.entries = entries
	return s
}

func TestEachTimeEntryBecomesOneToimenpideThenComesValmis(t *testing.T) {
	s := invoicedScene(t, entry("E-2", "toinen"), entry("E-1", "ensin"), entry("E-3", ""))
	report := good(s, s.ReportInvoiced, s.invoiced(s.plan(nil)))
	require.Equal(t, runs.InvoicedReport{Added: 3, Present: 3}, report)
	require.Equal(t, []string{"add 101 ensin", "add 101 toinen", "add 101 ", "set 101 Valmis"}, s.tampuuri().wrote())
	require.Equal(t, []string{"101 Valmis"}, s.tampuuri().notified)
	require.Equal(t, "2026-03-01", s.tampuuri().notices[101].Toimenpiteet[0].Date)
	require.Equal(t, "Asentaja 1", s.tampuuri().notices[101].Toimenpiteet[0].Resource)
}

func TestWithoutTimeEntriesValmisGoesAlone(t *testing.T) {
	s := invoicedScene(t)
	report := good(s, s.ReportInvoiced, s.invoiced(s.plan(nil)))
	require.Equal(t, runs.InvoicedReport{}, report)
	require.Equal(t, []string{"set 101 Valmis"}, s.tampuuri().wrote())
}

func TestEqualTimeEntriesAreSentOnceEach(t *testing.T) {
	s := invoicedScene(t, entry("E-1", "huolto"), entry("E-2", "huolto"))
	plan := s.plan(nil)
	s.loseWrite("add 101 huolto", true)
	_, failure := run(s, s.ReportInvoiced, s.invoiced(plan))
	require.Equal(t, runs.FaultOutcomeUnknown, failure.Type())
	require.GreaterOrEqual(t, failure.NextRetryDelay(), window)
	require.Equal(t, []string{"huolto"}, s.tampuuri().summaries(101))

	report := good(s, s.ReportInvoiced, s.invoiced(plan))
	require.Equal(t, runs.InvoicedReport{Added: 1, Present: 2}, report)
	require.Equal(t, []string{"huolto", "huolto"}, s.tampuuri().summaries(101))
}

// loseWrite loses the answer of the next such write, before or after it takes effect.
func (s *scene) loseWrite(op string, applied bool) {
	s.tampuuri().goes = func(called string, apply func() error) error {
		if called != op {
			return apply()
		}
		s.tampuuri().goes = nil
		if applied {
			_ = apply()
		}
		return broken(peerTampuuri, true)
	}
}

func TestOnlyWhatIsMissingIsSentAfterAnUnknownOutcome(t *testing.T) {
	for _, applied := range []bool{true, false} {
		for _, op := range []string{"add 101 a", "add 101 b", "set 101 Valmis"} {
			s := invoicedScene(t, entry("E-1", "a"), entry("E-2", "b"))
			plan := s.plan(nil)
			s.loseWrite(op, applied)
			_, failure := run(s, s.ReportInvoiced, s.invoiced(plan))
			require.Equal(t, runs.FaultOutcomeUnknown, failure.Type())
			report := good(s, s.ReportInvoiced, s.invoiced(plan))
			require.Equal(t, 2, report.Present)
			require.Equal(t, op == "set 101 Valmis" && applied, report.Already)
			require.Equal(t, []string{"a", "b"}, s.tampuuri().summaries(101), op)
			require.Equal(t, []string{"101 Valmis"}, s.tampuuri().notified, op)
		}
	}
}

func TestAnEntryEditedBetweenAnUnknownOutcomeAndTheLookIsNotSentTwice(t *testing.T) {
	s := invoicedScene(t, entry("E-1", "vanha"))
	plan := s.plan(nil)
	s.loseWrite("add 101 vanha", true)
	_, _ = run(s, s.ReportInvoiced, s.invoiced(plan)) // what is left of it is looked at below
	s.hillava.entries[0].Summary = "uusi"

	require.Equal(t, runs.InvoicedReport{Replan: true}, good(s, s.ReportInvoiced, s.invoiced(plan)))
	plan = s.plan(plan)
	require.Len(t, plan[0].Fingerprints, 2, "both texts may have been sent")
	require.Equal(t, runs.InvoicedReport{Present: 1}, good(s, s.ReportInvoiced, s.invoiced(plan)))
	require.Equal(t, []string{"vanha"}, s.tampuuri().summaries(101))
}

func TestNothingIsSentThatThePlanInHistoryDoesNotHave(t *testing.T) {
	for name, change := range map[string]func(*scene){
		"edited":  func(s *scene) { s.hillava.entries[0].Summary = "uusi" },
		"added":   func(s *scene) { s.hillava.entries = append(s.hillava.entries, entry("E-2", "b")) },
		"removed": func(s *scene) { s.hillava.entries = nil },
	} {
		t.Run(name, func(t *testing.T) {
			s := invoicedScene(t, entry("E-1", "a"))
			plan := s.plan(nil)
			change(s)
			require.Equal(t, runs.InvoicedReport{Replan: true}, good(s, s.ReportInvoiced, s.invoiced(plan)))
			require.Empty(t, s.tampuuri().wrote())
		})
	}
}

func TestARemovedEntryIsNotSentAndNotForgotten(t *testing.T) {
	s := invoicedScene(t, entry("E-1", "a"), entry("E-2", "b"))
	plan := s.plan(nil)
	s.loseWrite("add 101 a", true)
	_, _ = run(s, s.ReportInvoiced, s.invoiced(plan)) // what is left of it is looked at below
	s.hillava.entries = s.hillava.entries[1:]
	plan = s.plan(plan)
	require.True(t, plan[1].Removed)
	require.Equal(t, runs.InvoicedReport{Added: 1, Present: 1}, good(s, s.ReportInvoiced, s.invoiced(plan)))
	require.Equal(t, []string{"a", "b"}, s.tampuuri().summaries(101))
}

func TestApprovedOnlyWaitsForEveryEntry(t *testing.T) {
	s := invoicedScene(t, entry("E-1", "a"), entry("E-2", "b"))
	s.hillava.entries[1].Approved = false
	require.Len(t, s.plan(nil), 2, "the others do not wait")

	s.settings.list[0].ApprovedOnly = true
	plan := good(s, s.PlanToimenpiteet, runs.PlanInput{NoticeRef: s.ref(101), TaskID: "T-1"})
	require.Equal(t, 1, plan.Unapproved)
	require.Equal(t, s.rounds.Reconcile, plan.RecheckAfter)
	require.Empty(t, plan.Entries)

	s.hillava.entries[1].Approved = true
	approved := s.plan(nil)
	require.Len(t, approved, 2, "no entry is dropped")
	s.hillava.entries[0].Approved = false // withdrawn since
	require.Equal(t, runs.InvoicedReport{Replan: true}, good(s, s.ReportInvoiced, s.invoiced(approved)))
	require.Empty(t, s.tampuuri().wrote())
}

func TestANoticeThatIsValmisByHandTakesNoMore(t *testing.T) {
	s := invoicedScene(t, entry("E-1", "a"))
	plan := s.plan(nil)
	s.tampuuri().notices[101].State = notice.Valmis
	_, failure := run(s, s.ReportInvoiced, s.invoiced(plan))
	requireReason(t, runs.ReasonClosedByHand, failure)

	s.tampuuri().notices[101].Toimenpiteet = []notice.Toimenpide{notice.ToimenpideOf(entry("", "a"))} // added by hand
	require.Equal(t, runs.InvoicedReport{Present: 1, Already: true}, good(s, s.ReportInvoiced, s.invoiced(plan)))
	require.Empty(t, s.tampuuri().wrote())
}

func TestARefusedToimenpideWaitsForAPersonBeforeValmis(t *testing.T) {
	s := invoicedScene(t, entry("E-1", "a"), entry("E-2", "b"))
	s.tampuuri().goes = func(op string, apply func() error) error {
		if op == "add 101 b" {
			return refusal(peerTampuuri, http.StatusBadRequest)
		}
		return apply()
	}
	_, failure := run(s, s.ReportInvoiced, s.invoiced(s.plan(nil)))
	requireReason(t, runs.ReasonTampuuriRefused, failure)
	require.NotContains(t, s.tampuuri().calls, "set 101 Valmis")
	require.NotContains(t, s.lastError.Error(), "Asentaja")
}

func TestATaskThatIsGoneWaitsForAPerson(t *testing.T) {
	s := invoicedScene(t)
	s.hillava.goes = func(string, func() error) error { return refusal(peerHillava, http.StatusNotFound) }
	_, failure := run(s, s.PlanToimenpiteet, runs.PlanInput{NoticeRef: s.ref(101), TaskID: "T-1"})
	requireReason(t, runs.ReasonTaskGone, failure)
	_, failure = run(s, s.ReportInvoiced, s.invoiced(nil))
	requireReason(t, runs.ReasonTaskGone, failure)
	_, failure = run(s, s.RemindUnapproved, runs.ReminderInput{NoticeRef: s.ref(101), TaskID: "T-1", Unapproved: 1, Round: 1})
	requireReason(t, runs.ReasonTaskGone, failure)
}

func TestTheReminderIsOneNotePerRound(t *testing.T) {
	s := invoicedScene(t)
	for _, round := range []int{1, 1, 2} {
		good(s, s.RemindUnapproved, runs.ReminderInput{NoticeRef: s.ref(101), TaskID: "T-1", Unapproved: 3, Round: round})
	}
	require.Len(t, s.hillava.notes, 2)
	require.Contains(t, s.hillava.notes["unapproved-"+s.ref(101).ExternalID+"-1"], "3 tuntikirjausta")
}

func TestTheAuditLineNamesRecordsAndFieldsOnly(t *testing.T) {
	s := invoicedScene(t, entry("E-1", "salainen yhteenveto"))
	good(s, s.ReportInvoiced, s.invoiced(s.plan(nil)))
	require.Contains(t, s.log.String(), "toimenpide.add E-1")
	require.Contains(t, s.log.String(), "state.set Valmis")
	require.NotContains(t, s.log.String(), "salainen")
	require.NotContains(t, s.log.String(), "Asentaja")
}

func TestANoticeWithoutItsListOfToimenpiteetIsSentNothing(t *testing.T) {
	s := invoicedScene(t, entry("E-1", "ensin"))
	plan := s.plan(nil)
	s.tampuuri().notices[101].NoToimenpiteet = true
	_, failure := run(s, s.ReportInvoiced, s.invoiced(plan))
	requireReason(t, runs.ReasonUnreadable, failure)
	require.Empty(t, s.tampuuri().wrote(), "what is there already cannot be told")
	require.NotEmpty(t, good(s, s.CreateTask, s.ref(101)).TaskID, "a task can be made all the same")
}
