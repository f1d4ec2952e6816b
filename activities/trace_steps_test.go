package activities

import (
	"log/slog"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
	"tampuuri-hillava/internal/telemetry/telemetrytest"
	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/workflows"
)

// TestEveryStepOfANoticeHasItsTrace goes through all activities, so that a new one is decided about here.
func TestEveryStepOfANoticeHasItsTrace(t *testing.T) {
	signals := map[string]string{
		"CreateTask": "created", "NoteOnParent": "created", "SetState": "created", "FollowNotice": "notice-changed", "LookAtDismissed": "dismiss",
		"PlanToimenpiteet": "laskutettu", "ReportInvoiced": "laskutettu", "RemindUnapproved": "laskutettu",
		"RemindUninvoiced": "tyo-valmis",
		"CustomerRound":    "", "ImportNotice": "", "SyncCustomers": "", "ReconcileEvents": "", "NotifyRound": "", // no step of a notice
	}
	all := reflect.TypeFor[workflows.Activities]()
	require.Equal(t, len(signals), all.NumMethod())
	for method := range all.Methods() {
		signal, known := signals[method.Name]
		require.True(t, known, method.Name)
		_, found := causeOf([]any{reflect.Zero(method.Type.In(1)).Interface()})
		require.Equal(t, signal, found, method.Name)
	}
	ref := runs.NoticeRef{Customer: "esimerkki", ExternalID: "x"}
	of, found := causeOf([]any{runs.SetStateInput{NoticeRef: ref, State: "Tehty"}})
	require.Equal(t, "tyo-valmis", found, "the accept state belongs to the import")
	require.Equal(t, ref, of)
}

// TestAnAttemptIsASpanWithItsCallsBelow: a refused one says by which fault, the calls by which answer.
func TestAnAttemptIsASpanWithItsCallsBelow(t *testing.T) {
	collector := telemetrytest.Start(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	traces, err := telemetry.NewTraces(t.Context(), true, "worker", slog.Default())
	require.NoError(t, err)
	w := newWorld(t)
	w.put(101)
	var suite testsuite.WorkflowTestSuite
	environment := suite.NewTestActivityEnvironment()
	environment.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{TraceSteps(traces), &watch{w: w, began: w.clock}}})
	environment.SetTestTimeout(time.Minute)
	environment.RegisterActivity(w.SetState)
	w.once("tila", fault.Status500)
	_, err = environment.ExecuteActivity(w.SetState, w.tehty(101))
	require.Error(t, err)
	w.pass(time.Hour)
	_, err = environment.ExecuteActivity(w.SetState, w.tehty(101))
	require.NoError(t, err)
	traces.Shutdown(t.Context())

	want := telemetry.TraceID("default-test-workflow-id", "tyo-valmis").String()
	steps, calls := []telemetrytest.Span{}, map[string][]telemetrytest.Span{}
	for _, span := range collector.Spans() {
		require.Equal(t, want, span.Trace)
		if span.Parent == "" {
			steps = append(steps, span)
		} else {
			calls[span.Parent] = append(calls[span.Parent], span)
		}
	}
	require.Len(t, steps, 2)
	for i, failed := range []bool{true, false} {
		require.Equal(t, "SetState", steps[i].Name)
		require.Equal(t, failed, steps[i].Failed)
		require.Equal(t, "esimerkki", steps[i].Attributes["customer"])
		require.Equal(t, "default-test-workflow-id", steps[i].Attributes["notice"], "the external id is the workflow's, without a notice's prefix")
		below := calls[steps[i].ID]
		require.NotEmpty(t, below)
		write := below[len(below)-1]
		require.Equal(t, "tampuuri: set state", write.Name)
		require.Equal(t, "ilmoitukset/{Id}/tila", write.Attributes["url.template"])
		require.Equal(t, failed, write.Failed)
	}
	require.NotEmpty(t, steps[0].Attributes["error.type"])
	require.Contains(t, w.log.String(), "trace="+want, "the audit line leads to it")
}
