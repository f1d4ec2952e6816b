package activities

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/sandbox/fault"
	tampuuristandin "tampuuri-hillava/sandbox/tampuuri"
)

// job is notice 101 with its task, which the two activities work on as the workflow calls them.
type job struct {
	*world
	taskID  string
	entries []string // ids of the time entries that it began with
}

func newJob(t testingT, summaries ...string) *job {
	j := &job{world: newWorld(t)}
	j.put(101)
	j.taskID = j.addTask(101)
	for _, summary := range summaries {
		j.entries = append(j.entries, j.work(j.taskID, summary))
	}
	return j
}

func (j *job) plan(previous []notice.Planned) []notice.Planned {
	j.t.Helper()
	return good(j.world, j.PlanToimenpiteet, runs.PlanInput{NoticeRef: j.ref(101), TaskID: j.taskID, Previous: previous}).Entries
}

func (j *job) invoiced(plan []notice.Planned) runs.InvoicedInput {
	return runs.InvoicedInput{NoticeRef: j.ref(101), TaskID: j.taskID, Entries: plan}
}

func (j *job) report(plan []notice.Planned) runs.InvoicedReport {
	j.t.Helper()
	return good(j.world, j.ReportInvoiced, j.invoiced(plan))
}

// fails makes an attempt to report that fails, and gives why.
func (j *job) fails(plan []notice.Planned) string {
	j.t.Helper()
	_, failure := run(j.world, j.ReportInvoiced, j.invoiced(plan))
	require.NotNil(j.t, failure)
	return failure.Type()
}

func TestEachTimeEntryBecomesOneToimenpideThenComesValmis(t *testing.T) {
	j := newJob(t, "ensin", "toinen", "")
	require.Equal(t, runs.InvoicedReport{Added: 3, Present: 3}, j.report(j.plan(nil)))
	require.Equal(t, []string{"toimenpide 101", "toimenpide 101", "toimenpide 101", "tila 101"}, j.wrote())
	require.Equal(t, []string{"ensin", "toinen", ""}, j.summaries(101))
	require.Equal(t, []string{"Valmis"}, j.notified(101))
	first := j.held(101)["Toimenpiteet"].([]tampuuristandin.Toimenpide)[0]
	require.Equal(t, "2026-03-01", first.Paivamaara)
	require.Equal(t, "Asentaja 1", first.Resurssi)
}

func TestWithoutTimeEntriesValmisGoesAlone(t *testing.T) {
	j := newJob(t)
	require.Equal(t, runs.InvoicedReport{}, j.report(j.plan(nil)))
	require.Equal(t, []string{"tila 101"}, j.wrote())
}

func TestEqualTimeEntriesAreSentOnceEach(t *testing.T) {
	j := newJob(t, "huolto", "huolto")
	plan := j.plan(nil)
	j.once("toimenpide", fault.ApplyThenReset)
	require.Equal(t, runs.FaultOutcomeUnknown, j.fails(plan))
	require.Equal(t, []string{"huolto"}, j.summaries(101))

	require.Equal(t, runs.InvoicedReport{Added: 1, Present: 2}, j.report(plan))
	require.Equal(t, []string{"huolto", "huolto"}, j.summaries(101))
}

func TestOnlyWhatIsMissingIsSentAfterAnUnknownOutcome(t *testing.T) {
	for _, kind := range []fault.Kind{fault.ApplyThenReset, fault.ResetBefore} {
		for name, lost := range map[string]fault.Fault{
			"the first toimenpide":  {Op: "toimenpide", Kind: kind},
			"the second toimenpide": {Op: "toimenpide", After: 2, Kind: kind},
			"Valmis":                {Op: "tila", Kind: kind},
		} {
			t.Run(name+" "+string(kind), func(t *testing.T) {
				j := newJob(t, "a", "b")
				plan := j.plan(nil)
				j.faults.Add(lost)
				require.Equal(t, runs.FaultOutcomeUnknown, j.fails(plan))
				report := j.report(plan)
				require.Equal(t, 2, report.Present)
				require.Equal(t, name == "Valmis" && kind == fault.ApplyThenReset, report.Already)
				require.Equal(t, []string{"a", "b"}, j.summaries(101))
				require.Equal(t, []string{"Valmis"}, j.notified(101))
			})
		}
	}
}

func TestAnEntryEditedBetweenAnUnknownOutcomeAndTheLookIsNotSentTwice(t *testing.T) {
	j := newJob(t, "vanha")
	plan := j.plan(nil)
	j.once("toimenpide", fault.ApplyThenReset)
	j.fails(plan)
	j.reword(j.taskID, j.entries[0], "uusi")

	require.Equal(t, runs.InvoicedReport{Replan: true}, j.report(plan))
	plan = j.plan(plan)
	require.Len(t, plan[0].Fingerprints, 2, "both texts may have been sent")
	require.Equal(t, runs.InvoicedReport{Present: 1}, j.report(plan))
	require.Equal(t, []string{"vanha"}, j.summaries(101))
}

func TestNothingIsSentThatThePlanInHistoryDoesNotHave(t *testing.T) {
	for name, change := range map[string]func(*job){
		"edited":  func(j *job) { j.reword(j.taskID, j.entries[0], "uusi") },
		"added":   func(j *job) { j.work(j.taskID, "b") },
		"removed": func(j *job) { j.unwork(j.taskID, j.entries[0]) },
	} {
		t.Run(name, func(t *testing.T) {
			j := newJob(t, "a")
			plan := j.plan(nil)
			change(j)
			require.Equal(t, runs.InvoicedReport{Replan: true, Untouched: true}, j.report(plan))
			require.Empty(t, j.wrote())
		})
	}
}

func TestARemovedEntryIsNotSentAndNotForgotten(t *testing.T) {
	j := newJob(t, "a", "b")
	plan := j.plan(nil)
	j.once("toimenpide", fault.ApplyThenReset)
	j.fails(plan)
	j.unwork(j.taskID, j.entries[0])
	plan = j.plan(plan)
	require.True(t, plan[1].Removed)
	require.Equal(t, runs.InvoicedReport{Added: 1, Present: 1}, j.report(plan))
	require.Equal(t, []string{"a", "b"}, j.summaries(101))
}

func TestTyoValmisGoesFirstWhileNothingOfThePlanIsInTampuuri(t *testing.T) {
	waiting := func(j *job, plan []notice.Planned) runs.InvoicedReport {
		in := j.invoiced(plan)
		in.TyoValmisWaits = true
		return good(j.world, j.ReportInvoiced, in)
	}
	j := newJob(t, "a", "b")
	j.addToimenpide(101, "isännöitsijän oma")
	plan := j.plan(nil)
	require.Equal(t, runs.InvoicedReport{Replan: true, Untouched: true}, waiting(j, plan))
	require.Empty(t, j.wrote())

	j.once("toimenpide", fault.ApplyThenReset)
	j.fails(plan)
	require.Equal(t, runs.InvoicedReport{Replan: true}, waiting(j, plan), "they have begun")
	j.report(plan)
	require.True(t, waiting(j, plan).Already)
}

// tried is a job with two time entries and its plan, of which an attempt has sent the first one or nothing.
func tried(t *testing.T, sent bool) (*job, []notice.Planned) {
	j := newJob(t, "a", "b")
	plan := j.plan(nil)
	if sent {
		j.once("toimenpide", fault.ApplyThenReset)
		j.fails(plan)
	}
	return j, plan
}

func TestAPlanIsUntouchedThoughAnEntryOfItWasRemoved(t *testing.T) {
	for name, sent := range map[string]bool{"nothing was sent": false, "the removed one was sent": true} {
		t.Run(name, func(t *testing.T) {
			j, plan := tried(t, sent)
			j.unwork(j.taskID, j.entries[0])
			plan = j.plan(plan)
			j.reword(j.taskID, j.entries[1], "toisin")
			require.Equal(t, runs.InvoicedReport{Replan: true, Untouched: !sent}, j.report(plan))
		})
	}
}

func TestARefusalByTheLookSaysWhetherAnythingWasSent(t *testing.T) {
	for name, sent := range map[string]bool{"nothing was sent": false, "one was sent": true} {
		t.Run(name, func(t *testing.T) {
			j, plan := tried(t, sent)
			j.give(101, 99)
			_, failure := run(j.world, j.ReportInvoiced, j.invoiced(plan))
			requireReason(t, runs.ReasonReassigned, failure)
			var seen runs.InvoicedReport
			require.NoError(t, failure.Details(&seen))
			require.Equal(t, !sent, seen.Untouched)
		})
	}
}

// TestAnEntryChangedWhileItWasBeingReportedIsHandedOn: Tampuuri shows the old text for good, and somebody is to know.
func TestAnEntryChangedWhileItWasBeingReportedIsHandedOn(t *testing.T) {
	for name, row := range map[string]struct {
		lost   fault.Fault
		change func(*job)
		told   bool
	}{
		"edited before Valmis":         {fault.Fault{Op: "tila", Kind: fault.Status503}, func(j *job) { j.reword(j.taskID, j.entries[0], "uusi") }, true},
		"edited, Valmis's answer lost": {fault.Fault{Op: "tila", Kind: fault.ApplyThenReset}, func(j *job) { j.reword(j.taskID, j.entries[0], "uusi") }, true},
		"removed before Valmis":        {fault.Fault{Op: "tila", Kind: fault.Status503}, func(j *job) { j.unwork(j.taskID, j.entries[1]) }, true},
		"edited, the second one not sent yet": {fault.Fault{Op: "toimenpide", After: 2, Kind: fault.Status503},
			func(j *job) { j.reword(j.taskID, j.entries[1], "uusi") }, false},
		"added before Valmis": {fault.Fault{Op: "tila", Kind: fault.Status503}, func(j *job) { j.work(j.taskID, "c") }, false},
		"nothing changed":     {fault.Fault{Op: "tila", Kind: fault.ApplyThenReset}, func(*job) {}, false},
		"the task went with Valmis's answer": {fault.Fault{Op: "tila", Kind: fault.ApplyThenReset},
			func(j *job) { j.must(j.hillava.DeleteTask(j.taskID)) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			j := newJob(t, "a", "b")
			j.temporal.customers["esimerkki"] = &customer{running: true, causes: map[string]bool{}}
			plan := j.plan(nil)
			j.faults.Add(row.lost)
			j.fails(plan)
			row.change(j)
			report := j.report(plan)
			if report.Replan {
				report = j.report(j.plan(plan))
			}
			require.False(t, report.Replan)
			require.Equal(t, []string{"Valmis"}, j.notified(101))
			sent := j.temporal.customers["esimerkki"].sent
			if !row.told {
				require.Empty(t, sent)
				return
			}
			require.Len(t, sent, 1)
			require.Equal(t, j.ref(101).ExternalID, sent[0].ExternalID)
			require.Equal(t, j.taskID, sent[0].TaskID)
		})
	}
}

func TestAChangedEntryIsHandedToTheCustomerThatTookTheNoticeOver(t *testing.T) {
	j := newJob(t, "a")
	j.temporal.customers["esimerkki"] = &customer{running: true, causes: map[string]bool{}}
	in := j.invoiced(j.plan(nil))
	j.once("tila", fault.Status503)
	j.fails(in.Entries)
	j.reword(j.taskID, j.entries[0], "uusi")
	j.entry().Formerly = []string{"vanha"}
	in.Customer, in.Entries = "vanha", j.plan(in.Entries)
	good(j.world, j.ReportInvoiced, in)
	require.Len(t, j.temporal.customers["esimerkki"].sent, 1)
}

func TestApprovedOnlyWaitsForEveryEntry(t *testing.T) {
	approve := func(j *job, approved bool) {
		entry := timeEntry(j.entries[1], "b")
		entry.Approved = approved
		require.NoError(t, j.hillava.EditTimeEntry(j.taskID, entry))
	}
	j := newJob(t, "a", "b")
	approve(j, false)
	require.Len(t, j.plan(nil), 2, "the others do not wait")

	j.entry().ApprovedOnly = true
	plan := good(j.world, j.PlanToimenpiteet, runs.PlanInput{NoticeRef: j.ref(101), TaskID: j.taskID})
	require.Equal(t, 1, plan.Unapproved)
	require.Equal(t, j.Activities.Rounds.Reconcile, plan.RecheckAfter)
	require.Empty(t, plan.Entries)

	approve(j, true)
	approved := j.plan(nil)
	require.Len(t, approved, 2, "no entry is dropped")
	approve(j, false) // withdrawn since
	require.Equal(t, runs.InvoicedReport{Replan: true, Untouched: true}, j.report(approved))
	require.Empty(t, j.wrote())
}

func TestANoticeThatIsValmisByHandTakesNoMore(t *testing.T) {
	j := newJob(t, "a")
	plan := j.plan(nil)
	j.state(101, notice.Valmis)
	_, failure := run(j.world, j.ReportInvoiced, j.invoiced(plan))
	requireReason(t, runs.ReasonClosedByHand, failure)

	j.addToimenpide(101, "a")
	require.Equal(t, runs.InvoicedReport{Present: 1, Already: true}, j.report(plan))
	require.Empty(t, j.wrote())
}

func TestARefusedToimenpideWaitsForAPersonBeforeValmis(t *testing.T) {
	j := newJob(t, "a", "b")
	j.faults.Add(fault.Fault{Op: "toimenpide", After: 2, Kind: fault.Status400})
	_, failure := run(j.world, j.ReportInvoiced, j.invoiced(j.plan(nil)))
	requireReason(t, runs.ReasonTampuuriRefused, failure)
	require.Equal(t, notice.State("Uusi"), j.stateOf(101))
	require.NotContains(t, j.lastFailure.Error(), "Asentaja")
}

func TestATaskThatIsGoneWaitsForAPerson(t *testing.T) {
	j := newJob(t)
	j.must(j.hillava.DeleteTask(j.taskID))
	_, failure := run(j.world, j.PlanToimenpiteet, runs.PlanInput{NoticeRef: j.ref(101), TaskID: j.taskID})
	requireReason(t, runs.ReasonTaskGone, failure)
	_, failure = run(j.world, j.ReportInvoiced, j.invoiced(nil))
	requireReason(t, runs.ReasonTaskGone, failure)
	_, failure = run(j.world, j.RemindUnapproved, runs.ReminderInput{NoticeRef: j.ref(101), TaskID: j.taskID, Round: 1})
	requireReason(t, runs.ReasonTaskGone, failure)
}

func TestTheAuditLineNamesRecordsAndFieldsOnly(t *testing.T) {
	j := newJob(t, "salainen yhteenveto")
	j.report(j.plan(nil))
	require.Contains(t, j.log.String(), "toimenpide.add "+j.entries[0])
	require.Contains(t, j.log.String(), "state.set Valmis")
	require.NotContains(t, j.log.String(), "salainen")
	require.NotContains(t, j.log.String(), "Asentaja")
}

func TestANoticeWithoutItsListOfToimenpiteetIsSentNothing(t *testing.T) {
	j := newJob(t, "ensin")
	plan := j.plan(nil)
	j.row = func(n fields) { delete(n, "Toimenpiteet") }
	_, failure := run(j.world, j.ReportInvoiced, j.invoiced(plan))
	requireReason(t, runs.ReasonUnreadable, failure)
	require.Empty(t, j.wrote(), "what is there already cannot be told")
	require.NotEmpty(t, good(j.world, j.CreateTask, toCreate(j.ref(101))).TaskID, "a task can be made all the same")
}

// The life before knows what it has sent, also of an entry that was corrected since.
func TestAnEntryThatWasEditedBetweenTwoLivesIsSentOnce(t *testing.T) {
	j := newJob(t, "vanha")
	j.poll()
	plan := j.plan(nil)
	j.report(plan)
	j.press(j.taskID, "Laskutettu")
	j.end(101, runs.PhaseInvoiced, completed)
	j.life(101).result = runs.NoticeResult{Phase: runs.PhaseInvoiced, Entries: plan}
	j.reword(j.taskID, j.entries[0], "vanha, korjattu")
	j.state(101, notice.State("Avoin"))
	good(j.world, j.ImportNotice, j.importing(101))
	j.report(j.plan(j.life(101).start.Entries))
	require.Equal(t, []string{"vanha"}, j.summaries(101))
}
