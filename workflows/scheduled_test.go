package workflows

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"tampuuri-hillava/internal/runs"
)

// rounds answers the activities of the scheduled workflows.
type rounds struct {
	Activities // what they do not ask for
	synced     func(runs.SyncInput) (runs.SyncResult, error)
	reconciled func(runs.ReconcileInput) (runs.ReconcileResult, error)
}

func (r rounds) SyncCustomers(_ context.Context, in runs.SyncInput) (runs.SyncResult, error) {
	return r.synced(in)
}

func (r rounds) ReconcileEvents(_ context.Context, in runs.ReconcileInput) (runs.ReconcileResult, error) {
	return r.reconciled(in)
}

// playRound runs one scheduled workflow after a round that returned last; nil is the first one ever.
func playRound[T any](t *testing.T, workflowType string, last any, r rounds) (result T, err error) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	Register(env, Options{Timing: runs.Timing{HTTPTimeout: time.Second}}, r)
	if last != nil {
		env.SetLastCompletionResult(last)
	}
	env.ExecuteWorkflow(workflowType, runs.Round{Every: 15 * time.Minute})
	require.True(t, env.IsWorkflowCompleted())
	if err := env.GetWorkflowError(); err != nil {
		return result, err
	}
	require.NoError(t, env.GetWorkflowResult(&result))
	return result, nil
}

var (
	lastSync = runs.SyncResult{
		Customers: []runs.CustomerState{{Tunniste: "esimerkki", Served: aServedCustomer, HasEntry: true, Told: "x"}}, InHillava: 1, LastGood: marksAt(1).LastGood,
	}
	lastReconcile = runs.ReconcileResult{Place: runs.Place{Mark: "2026-02-03T08:00:00Z"}, Tasks: 3, Signalled: 1, LastGood: marksAt(1).LastGood}
)

func TestAScheduledRoundGoesOnWhereTheLastOneEnded(t *testing.T) {
	t.Run("sync", func(t *testing.T) {
		after := runs.SyncResult{InHillava: 2}
		got, err := playRound[runs.SyncResult](t, runs.TypeSyncCustomers, lastSync, rounds{synced: func(in runs.SyncInput) (runs.SyncResult, error) {
			require.Equal(t, lastSync, in.Last)
			return after, nil
		}})
		require.NoError(t, err)
		require.Equal(t, after, got)
	})
	t.Run("reconcile", func(t *testing.T) {
		after := runs.ReconcileResult{Place: runs.Place{Mark: "2026-02-03T09:00:00Z"}}
		got, err := playRound[runs.ReconcileResult](t, runs.TypeReconcile, lastReconcile, rounds{reconciled: func(in runs.ReconcileInput) (runs.ReconcileResult, error) {
			require.Equal(t, lastReconcile, in.Last)
			return after, nil
		}})
		require.NoError(t, err)
		require.Equal(t, after, got)
	})
}

func TestTheFirstScheduledRoundBeginsAfresh(t *testing.T) {
	for name, last := range map[string]any{"there was none": nil, "the last result is of another shape": "text"} {
		t.Run(name, func(t *testing.T) {
			_, err := playRound[runs.SyncResult](t, runs.TypeSyncCustomers, last, rounds{synced: func(in runs.SyncInput) (runs.SyncResult, error) {
				require.Zero(t, in.Last)
				return runs.SyncResult{}, nil
			}})
			require.NoError(t, err)
		})
	}
}

func TestAScheduledRoundThatFailsKeepsWhatTheLastOneKnew(t *testing.T) {
	for name, row := range map[string]struct {
		failure error
		word    string
	}{
		"Hillava is away":          {temporal.NewApplicationError("503", runs.FaultUnavailable), runs.FaultUnavailable},
		"customers.yaml is broken": {temporal.NewNonRetryableApplicationError("line 3", runs.FaultCustomersFile, nil), runs.FaultCustomersFile},
	} {
		t.Run(name, func(t *testing.T) {
			attempts := 0
			got, err := playRound[runs.SyncResult](t, runs.TypeSyncCustomers, lastSync, rounds{synced: func(runs.SyncInput) (runs.SyncResult, error) {
				attempts++
				return runs.SyncResult{}, row.failure
			}})
			require.NoError(t, err, "it completes, or nothing would be carried to the next round")
			expected := lastSync
			expected.Failure = row.word
			require.Equal(t, expected, got)
			require.LessOrEqual(t, attempts, 3)

			reconciled, err := playRound[runs.ReconcileResult](t, runs.TypeReconcile, lastReconcile, rounds{reconciled: func(runs.ReconcileInput) (runs.ReconcileResult, error) {
				return runs.ReconcileResult{}, row.failure
			}})
			require.NoError(t, err)
			expectedPlace := lastReconcile
			expectedPlace.Failure = row.word
			require.Equal(t, expectedPlace, reconciled)
		})
	}
}

func TestTheWordForARoundThatTookTooLong(t *testing.T) {
	for name, row := range map[string]struct {
		err  error
		word string
	}{
		"a time-out":                   {temporal.NewTimeoutError(3, nil), runs.FaultTimeout},
		"a time-out of a peer's fault": {temporal.NewTimeoutError(3, temporal.NewApplicationError("503", runs.FaultUnavailable)), runs.FaultUnavailable},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, row.word, failureType(received(row.err))) })
	}
}

func TestACancelledRoundIsNoRoundThatFailed(t *testing.T) {
	_, err := playRound[runs.SyncResult](t, runs.TypeSyncCustomers, lastSync, rounds{synced: func(runs.SyncInput) (runs.SyncResult, error) {
		return runs.SyncResult{}, temporal.NewCanceledError()
	}})
	require.True(t, temporal.IsCanceledError(err))
}
