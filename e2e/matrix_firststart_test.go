package e2e

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/stack"
)

// TestMatrixOfTemporalFirstStart lets a fault befall each of those calls, in a namespace of its own for each kind of
// fault: the worker prepares it all the same, at its next start at the latest, and a notice lives there.
func TestMatrixOfTemporalFirstStart(t *testing.T) {
	parallelCrowd(t)
	var results matrix
	for _, call := range firstCalls {
		for _, column := range temporalColumns {
			results.expect(call.name, column.name)
		}
	}
	namespaces := map[string]func(*testing.T){}
	for _, column := range temporalColumns {
		namespaces[column.name] = func(t *testing.T) {
			proxy := newTemporalProxy(t, server.Address)
			w := start(t, stack.Options{WithoutWorker: true, WorkerEnvironment: []string{"TEMPORAL_ADDRESS=" + proxy.address}})
			var armed []*temporalFault
			for _, call := range firstCalls {
				armed = append(armed, proxy.add(column.on(w.Worker, call.method, 1, call.words)))
			}
			require.NoError(t, w.Worker.Start())
			w.keepRunning(w.Worker)
			outcomes := make([]string, len(firstCalls))
			for i := range firstCalls {
				outcomes[i] = proxy.awaitFired(w.context(), armed[i])
			}
			require.NoError(t, w.driveAt("esimerkki", w.someNotice("esimerkki", 4711)))
			for _, id := range []string{"sync-customers", "reconcile"} {
				w.hasRounds(id)
			}
			w.checkLedger()
			for i, call := range firstCalls {
				results.set(call.name, column.name, outcomes[i])
			}
		}
	}
	together(t, namespaces)
	results.print(t)
}

// hasRounds waits until a schedule has started rounds, and none is paused or missing.
func (w *world) hasRounds(schedule string) {
	w.t.Helper()
	require.NoError(w.t, stack.WaitFor(w.context(), "a round of "+schedule, func(ctx context.Context) error {
		description, err := w.client.ScheduleClient().GetHandle(ctx, schedule).Describe(ctx)
		if err != nil {
			return err
		}
		require.False(w.t, description.Schedule.State.Paused, schedule)
		if description.Info.NumActions == 0 {
			return errors.New("it has had none")
		}
		return nil
	}))
}
