package runs

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
)

var aDay = Span{time.Date(2026, 11, 25, 5, 30, 0, 0, time.UTC), time.Date(2026, 11, 26, 5, 30, 0, 0, time.UTC)}

func TestAFilterInTemporalsListLanguage(t *testing.T) {
	for expected, filter := range map[string]Filter{
		"WorkflowType = 'Notice'":                                                                                                                       {},
		"WorkflowType = 'Notice' AND TampuuriCustomer IN ('a', 'b')":                                                                                    {Customers: []string{"a", "b"}},
		"WorkflowType = 'Notice' AND TampuuriNotice = '48213'":                                                                                          {NoticeID: 48213},
		"WorkflowType = 'Notice' AND HillavaTask = 'T-1' AND ExecutionStatus = 'Running'":                                                               {TaskID: "T-1", Open: true},
		"WorkflowType = 'Notice' AND NoticePhase = 'attention' AND AttentionReason = 'task-gone'":                                                       {Phase: PhaseAttention, Reason: ReasonTaskGone},
		"WorkflowType = 'Notice' AND ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut')":                                                           {Stopped: true},
		"WorkflowType = 'Notice' AND ExecutionStatus = 'ContinuedAsNew' AND CloseTime >= '2026-11-25T05:30:00Z' AND CloseTime < '2026-11-26T05:30:00Z'": {Continued: true, Closed: aDay},
		"WorkflowType = 'Notice' AND StartTime >= '2026-11-25T05:30:00Z' AND StartTime < '2026-11-26T05:30:00Z'":                                        {Started: aDay},
	} {
		require.Equal(t, expected, filter.query())
	}
}

// A value comes from customers.yaml, from Hillava or from a command line.
func TestNoValueEndsItsQuote(t *testing.T) {
	for value, expected := range map[string]string{
		"esimerkki": "'esimerkki'", "": "''", "a b": "'a b'", `"`: `'"'`,
		"x' OR WorkflowType = 'Customer": "'x OR WorkflowType = Customer'",
		`x\`:                             "'x'", `\'`: "''", "'": "''",
	} {
		require.Equal(t, expected, quoted(value))
		require.Equal(t, 2, strings.Count(quoted(value), "'"))
		require.Equal(t, "WorkflowType = 'Notice' AND TampuuriCustomer IN ("+expected+")", Filter{Customers: []string{value}}.query())
	}
}

func TestOfEachNoticeTheNewestRunIsListed(t *testing.T) {
	f := &frontend{onList: func(string) ([]*workflowpb.WorkflowExecutionInfo, error) {
		return []*workflowpb.WorkflowExecutionInfo{aRun("notice-a", "new", completed), aRun("notice-b", "b", completed), aRun("notice-a", "old", completed)}, nil
	}}
	lives, err := serve(t, f).Notices(t.Context(), Filter{})
	require.NoError(t, err)
	require.Len(t, lives, 2)
	require.Equal(t, []string{"new", "b"}, []string{lives[0].RunID, lives[1].RunID})
}

// groupable is what a server of version 1.32 lets a count be grouped by; no attribute of ours can be among it.
const groupable = " GROUP BY ExecutionStatus"

func TestOpenNoticesAreCountedByPhase(t *testing.T) {
	counts := map[string]int64{"attention": 2, "working": 7}
	f := &frontend{onCount: func(query string) (*workflowservice.CountWorkflowExecutionsResponse, error) {
		if strings.Contains(query, "GROUP BY") && !strings.HasSuffix(query, groupable) {
			return nil, serviceerror.NewInvalidArgument("operation is not supported: 'GROUP BY' clause")
		}
		for phase, count := range counts {
			if query == (Filter{Phase: Phase(phase), Open: true}).query() {
				return &workflowservice.CountWorkflowExecutionsResponse{Count: count}, nil
			}
		}
		return &workflowservice.CountWorkflowExecutionsResponse{}, nil
	}}
	c := serve(t, f)
	open, err := c.OpenByPhase(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[Phase]int64{PhaseImporting: 0, PhaseWorking: 7, PhaseDone: 0, PhaseAttention: 2, PhaseWithdrawn: 0}, open)

	f.onCount = func(string) (*workflowservice.CountWorkflowExecutionsResponse, error) {
		return nil, serviceerror.NewInvalidArgument("broken")
	}
	_, err = c.OpenByPhase(t.Context())
	require.ErrorContains(t, err, "broken")
	require.True(t, Permanent(err))
	_, err = c.OpenOf(t.Context(), "esimerkki")
	require.ErrorContains(t, err, "esimerkki")
}

// A Tunniste that nobody serves any more is in no list of customers: it shows by its notices alone.
func TestOpenNoticesOfOthersAreCountedByTheirTunniste(t *testing.T) {
	of := func(tunniste, id string) *workflowpb.WorkflowExecutionInfo {
		run := aRun("notice-"+id, id, enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING)
		run.Memo = memo(t, memoRef, NoticeRef{Customer: tunniste, NoticeID: 1, ExternalID: id})
		return run
	}
	f := &frontend{onList: func(query string) ([]*workflowpb.WorkflowExecutionInfo, error) {
		require.Equal(t, "WorkflowType = 'Notice' AND TampuuriCustomer NOT IN ('c', 'd') AND ExecutionStatus = 'Running'", query)
		return []*workflowpb.WorkflowExecutionInfo{of("a", "1"), of("b", "2"), of("a", "3")}, nil
	}}
	open, err := serve(t, f).OpenOfOthers(t.Context(), []string{"c", "d"})
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"a": 2, "b": 1}, open)
}

func TestADayIsCountedWithoutLivesThatOnlyGoOn(t *testing.T) {
	answers := map[string]int64{
		(Filter{Started: aDay}).query():                      12,
		(Filter{Closed: aDay, Continued: true}).query():      2,
		(Filter{Closed: aDay, Phase: PhaseInvoiced}).query(): 7,
		(Filter{Phase: PhaseDone, Open: true}).query():       30,
	}
	failing := ""
	f := &frontend{onCount: func(query string) (*workflowservice.CountWorkflowExecutionsResponse, error) {
		count, known := answers[query]
		if !known || query == failing {
			return nil, serviceerror.NewInvalidArgument(query)
		}
		return &workflowservice.CountWorkflowExecutionsResponse{Count: count}, nil
	}}
	client := serve(t, f)
	counts, err := client.CountDay(t.Context(), aDay.From, aDay.To)
	require.NoError(t, err)
	require.Equal(t, DayCounts{New: 10, Valmis: 7, Tehty: 30}, counts)
	for failing = range answers {
		_, err := client.CountDay(t.Context(), aDay.From, aDay.To)
		require.Error(t, err, failing)
	}
}
