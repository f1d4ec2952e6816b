package runs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/types/known/durationpb"

	"tampuuri-hillava/internal/notice"

	namespacepb "go.temporal.io/api/namespace/v1"
)

func TestANoticeIsStartedOnceAndAClosedOneOnlyAgain(t *testing.T) {
	f := &frontend{}
	c := serve(t, f)
	start := NoticeStart{Ref: NoticeRef{Customer: "esimerkki", NoticeID: 48213, ExternalID: "ABC"}, PropertyID: 12, Snapshot: Snapshot{Standing: StandingOpen},
		Imported: time.Date(2026, 2, 3, 10, 0, 0, 0, notice.Helsinki())}
	require.NoError(t, c.StartNotice(t.Context(), start))
	require.ErrorIs(t, c.StartNotice(t.Context(), start), ErrAlreadyStarted)
	start.Restart = true
	require.ErrorIs(t, c.StartNotice(t.Context(), start), ErrAlreadyStarted, "it runs")
	f.runs[0].Status = completed
	start.Restart = false
	require.ErrorIs(t, c.StartNotice(t.Context(), start), ErrAlreadyStarted, "it is closed")
	start.Restart = true
	require.NoError(t, c.StartNotice(t.Context(), start))
	require.Len(t, f.runs, 2)

	life, err := c.Life(t.Context(), "abc")
	require.NoError(t, err)
	require.Equal(t, start.Ref, life.Ref)
	require.Equal(t, start.Snapshot, life.Snapshot)
	require.True(t, start.Imported.Equal(life.Imported))
	require.Equal(t, PhaseImporting, life.Phase)
	none, err := c.Life(t.Context(), "another")
	require.NoError(t, err)
	require.Nil(t, none)
}

func TestACustomerThatWasTerminatedStartsAgain(t *testing.T) {
	f := &frontend{}
	c := serve(t, f)
	require.NoError(t, c.StartCustomer(t.Context(), CustomerInput{Tunniste: "esimerkki"}))
	require.ErrorIs(t, c.StartCustomer(t.Context(), CustomerInput{Tunniste: "esimerkki"}), ErrAlreadyStarted)
	f.runs[0].Status = terminated
	none, err := c.CustomerRun(t.Context(), "esimerkki")
	require.NoError(t, err)
	require.Nil(t, none)
	require.NoError(t, c.StartCustomer(t.Context(), CustomerInput{Tunniste: "esimerkki"}))
	run, err := c.CustomerRun(t.Context(), "esimerkki")
	require.NoError(t, err)
	require.Equal(t, &CustomerRun{}, run, "before its first round")
}

func TestALinkIsOneOnlyWhereThereIsATemplate(t *testing.T) {
	require.Equal(t, "[Notice 48213 in Tampuuri](https://t.example/i/48213)", NoticeLink("https://t.example/i/{id}", 48213))
	require.Empty(t, NoticeLink("", 48213))
}

func TestTheRetentionIsTheNamespacesOwnWhereWeMayAsk(t *testing.T) {
	keeps := func(kept time.Duration) func() (*workflowservice.DescribeNamespaceResponse, error) {
		return func() (*workflowservice.DescribeNamespaceResponse, error) {
			return &workflowservice.DescribeNamespaceResponse{Config: &namespacepb.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(kept)}}, nil
		}
	}
	fails := func(err error) func() (*workflowservice.DescribeNamespaceResponse, error) {
		return func() (*workflowservice.DescribeNamespaceResponse, error) { return nil, err }
	}
	for name, row := range map[string]struct {
		namespace func() (*workflowservice.DescribeNamespaceResponse, error)
		expected  time.Duration
		failure   bool
	}{
		"three days":    {keeps(72 * time.Hour), 72 * time.Hour, false},
		"not told":      {keeps(0), DefaultRetention, false},
		"denied":        {fails(refusals["denied"]), DefaultRetention, false},
		"unimplemented": {fails(refusals["unimplemented"]), DefaultRetention, false},
		"no namespace":  {fails(serviceerror.NewNamespaceNotFound("yritys")), 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			kept, err := serve(t, &frontend{namespace: row.namespace}).Retention(t.Context())
			require.Equal(t, row.failure, err != nil)
			require.Equal(t, row.expected, kept)
		})
	}
}
