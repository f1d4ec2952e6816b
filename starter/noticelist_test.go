package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/customers/customerstest"
	"tampuuri-hillava/internal/runs"
)

// refusedThrice is a Temporal with notices that are refused for three causes, one that tries again and one that is well.
func refusedThrice() *fakeTemporal {
	from := &fakeTemporal{}
	from.add("esimerkki", 1, runs.PhaseWorking)
	from.add("esimerkki", 2, runs.PhaseImporting).tries(14, "peer-unavailable: hillava: create task: refused with status 503")
	from.add("esimerkki", 3, runs.PhaseWorking).tries(3, "outcome-unknown: tampuuri: set state: no usable answer")
	from.add("esimerkki", 4, runs.PhaseAttention).refused("hillava-refused", "hillava: create task: refused with status 422 (fields: description, title)", 3*time.Hour)
	from.add("esimerkki", 5, runs.PhaseAttention).refused("hillava-refused", "hillava: create task: refused with status 422 (no field named)", time.Hour)
	from.add("esimerkki", 6, runs.PhaseAttention).refused("hillava-refused", "hillava: create task: refused with status 404", 2*time.Hour)
	from.add("esimerkki", 7, runs.PhaseAttention).refused("turvakielto-set", "", 4*time.Hour)
	from.add("esimerkki", 8, runs.PhaseInvoiced)
	return from
}

func listOf(t *testing.T, from *fakeTemporal, s selection) ([]listedNotice, []string) {
	t.Helper()
	filter, err := s.filter()
	require.NoError(t, err)
	listed, notes, err := listNotices(t.Context(), from, s, filter)
	require.NoError(t, err)
	return listed, notes
}

func numbersOf(listed []listedNotice) (numbers []int64) {
	for _, one := range listed {
		numbers = append(numbers, one.NoticeID)
	}
	return numbers
}

func TestTheListBeginsWithWhatIsStuckAndSaysWhy(t *testing.T) {
	from := refusedThrice()
	listed, notes := listOf(t, from, selection{})
	require.Empty(t, notes)
	require.Equal(t, []int64{5, 6, 4, 7, 2, 3, 1}, numbersOf(listed), "those who wait for a person, the longest first; then those who try again, the most often first; no closed one")

	out, stdout, _ := printed(0)
	require.NoError(t, showNotices(t.Context(), out, from, selection{}, runs.Filter{Open: true}, false, false))
	require.Equal(t, `4 wait: 3 hillava-refused (1 × 404, 1 × 422, 1 × 422 description+title), 1 turvakielto-set; 2 trying again; 1 other
NOTICE  PHASE      SINCE             WHY
5       attention  2026-02-05 13:00  hillava-refused: hillava: create task: 422 (no field named)
6       attention  2026-02-05 14:00  hillava-refused: hillava: create task: 404
4       attention  2026-02-05 15:00  hillava-refused: hillava: create task: 422 (fields: description, title)
7       attention  2026-02-05 16:00  turvakielto-set
2       importing  2026-02-05 12:00  SetState, attempt 14 at 13:30:00: peer-unavailable: hillava: create task: 503
3       working    2026-02-05 12:00  SetState, attempt 3 at 13:30:00: outcome-unknown: tampuuri: set state: no usable answer
1       working    2026-02-05 12:00
`, stdout.String(), "Finnish times, no Guid, and the customer is not worth a column")
}

func TestTheListFitsATerminal(t *testing.T) {
	from := refusedThrice()
	from.add("toinen-asiakas", 9, runs.PhaseWorking)
	out, stdout, _ := printed(80)
	out.Colour = true
	require.NoError(t, showNotices(t.Context(), out, from, selection{}, runs.Filter{Open: true}, false, false))
	coloured := stdout.String()
	require.Contains(t, coloured, "\x1b[31m5 ")
	require.Contains(t, coloured, "\x1b[33m2 ")
	plainText := strings.NewReplacer("\x1b[31m", "", "\x1b[33m", "", "\x1b[0m", "").Replace(coloured)
	for line := range strings.Lines(plainText) {
		require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimRight(line, "\n")), 80, line)
	}
	require.Contains(t, plainText, "CUSTOMER")
	require.Contains(t, plainText, "hillava-refused 422 (no field named)")
	require.Contains(t, strings.Join(strings.Fields(plainText), " "), "hillava-refused 422 (fields: description, title)", "what is too long goes on below")
	from.notices[0].Started = time.Now()
	stdout.Reset()
	require.NoError(t, showNotices(t.Context(), out, from, selection{}, runs.Filter{Open: true}, false, false))
	require.NotContains(t, stdout.String(), fmt.Sprintf("%d-", time.Now().Year()), "this year needs no year")
}

func TestTheListInJSONHasTheSameOrderAndEveryKey(t *testing.T) {
	out, stdout, _ := printed(0)
	require.NoError(t, showNotices(t.Context(), out, refusedThrice(), selection{}, runs.Filter{Open: true}, true, false))
	var listed []map[string]any
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &listed))
	require.EqualValues(t, 5, listed[0]["noticeId"])
	for _, key := range []string{"workflowId", "customer", "noticeId", "taskId", "phase", "reported", "attention", "startedAt", "why", "pending"} {
		require.Contains(t, listed[6], key)
	}
	require.Equal(t, "hillava: create task: refused with status 422 (no field named)", listed[0]["attention"].(map[string]any)["failure"])
	require.Nil(t, listed[6]["attention"])
}

func TestWideAddsTaskReportedAndWorkflow(t *testing.T) {
	from := &fakeTemporal{}
	from.add("esimerkki", 48213, runs.PhaseDone)
	out, stdout, _ := printed(0)
	require.NoError(t, showNotices(t.Context(), out, from, selection{}, runs.Filter{Open: true}, false, true))
	require.Contains(t, stdout.String(), "48213   esimerkki  done   2026-02-05 12:00  T-48213  Tehty     notice-"+testID)
}

func TestClosedNoticesAreListedOnlyWhenAskedForOrWorthALook(t *testing.T) {
	from := refusedThrice()
	listed, _ := listOf(t, from, selection{all: true})
	require.Contains(t, numbersOf(listed), int64(8))
	listed, _ = listOf(t, from, selection{phase: "invoiced"})
	require.Equal(t, []int64{8}, numbersOf(listed))
	listed, _ = listOf(t, from, selection{reason: "turvakielto-set"})
	require.Equal(t, []int64{7}, numbersOf(listed))

	from.Running = map[string]customerstest.Customer{"esimerkki": customerstest.But(func(s *runs.CustomerStatus) {
		s.Changed = []runs.ChangedAfter{{WorkflowID: "notice-8-esimerkki", Since: "2026-02-05T10:30:00Z"}, {WorkflowID: "notice-erased", Since: "odd"}}
	})}
	for _, s := range []selection{{}, {all: true}, {reason: runs.ReasonChangedAfterSending}} {
		listed, notes := listOf(t, from, s)
		require.Empty(t, notes)
		require.Equal(t, int64(8), listed[0].NoticeID, "it waits for a person the longest")
		require.Equal(t, runs.ReasonChangedAfterSending, listed[0].Attention.Reason)
		require.Equal(t, runs.ReasonChangedAfterSending, listed[0].Why)
	}
	from.Running["toinen"] = customerstest.Polled("toinen")
	listed, _ = listOf(t, from, selection{customer: "toinen"})
	require.Empty(t, listed)
	listed, _ = listOf(t, from, selection{reason: "two-tasks"})
	require.Empty(t, listed)

	from.Running["esimerkki"] = customerstest.Customer{}
	_, notes := listOf(t, from, selection{})
	require.Len(t, notes, 1)
	require.Contains(t, notes[0], "is not known of esimerkki, which did not answer")
}

func TestTheListOfNobodySaysWhoThereIs(t *testing.T) {
	from := refusedThrice()
	from.Sync = customerstest.Synced(customerstest.Served("esimerkki"), customerstest.Served("toinen"))
	_, _, err := listNotices(t.Context(), from, selection{customer: "nobody"}, runs.Filter{Customers: []string{"nobody"}, Open: true})
	require.EqualError(t, err, "there is no customer nobody; there are: esimerkki, toinen")
	listed, _ := listOf(t, from, selection{customer: "toinen"})
	require.Equal(t, []listedNotice{}, listed, "it has none, and JSON shows a list")
	require.Equal(t, "none waits for a person; 0 others", summary(listed))
}

func TestTheListAsksANoticeOnlyWhatItsRecordLeavesOpen(t *testing.T) {
	for phase, asked := range map[runs.Phase]int{
		runs.PhaseImporting: 0, runs.PhaseWorking: 0, runs.PhaseDone: 0, runs.PhaseInvoiced: 0,
		runs.PhaseAttention: 1, runs.PhaseWithdrawn: 1, runs.PhaseDismissed: 1,
	} {
		from := &fakeTemporal{}
		one := from.add("esimerkki", 48213, phase)
		if asked > 0 {
			one.status.Reported = runs.ReportedTehty
		}
		listed, notes := listOf(t, from, selection{all: true})
		require.Empty(t, notes)
		require.Equal(t, asked, from.asked, phase)
		require.Equal(t, one.status.Reported, listed[0].Reported)
		require.Equal(t, one.status.Attention, listed[0].Attention)
	}
}

func TestTheListKeepsItsShapeWithoutAWorkerAndIsNotHeldUp(t *testing.T) {
	from := &fakeTemporal{}
	for id := range int64(100) {
		from.add("esimerkki", id, runs.PhaseAttention).status = nil
	}
	listed, notes := listOf(t, from, selection{})
	require.Len(t, listed, 100)
	require.Equal(t, &runs.Attention{Reason: runs.ReasonTwoTasks, Since: lastGood, What: runs.Advice(runs.ReasonTwoTasks)}, listed[0].Attention)
	require.Less(t, from.asked, silentInARow+lookedAtOnce)
	require.Contains(t, notes[0], "notices that did not answer: 100")
	require.Contains(t, notes[0], "is a worker running?")

	from = &fakeTemporal{}
	from.add("esimerkki", 1, runs.PhaseAttention)
	from.add("esimerkki", 2, runs.PhaseAttention).status = nil
	_, notes = listOf(t, from, selection{})
	require.Contains(t, notes[0], "notices that did not answer: 1")
	require.NotContains(t, notes[0], "worker", "another did answer")
}

func TestANoticeThatCannotBeLookedAtIsListedAllTheSame(t *testing.T) {
	from := &fakeTemporal{}
	from.add("esimerkki", 1, runs.PhaseWorking).away = true
	listed, notes := listOf(t, from, selection{})
	require.Len(t, listed, 1)
	require.Contains(t, notes[0], "not every open notice could be looked at")
}

func TestAListOfThousandsLooksAtSomeOnly(t *testing.T) {
	from := &fakeTemporal{}
	for id := range int64(mostLookedAt + 1) {
		from.add("esimerkki", id, runs.PhaseWorking).tries(5, "x: y")
	}
	listed, notes := listOf(t, from, selection{})
	require.Len(t, notes, 1)
	require.Len(t, listed, mostLookedAt+1)
	require.NotNil(t, listed[0].trying())
	require.Nil(t, listed[mostLookedAt].trying())
}
