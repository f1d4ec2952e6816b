package activities

import (
	"cmp"
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
)

// TraceSteps makes a span of each attempt at a step of a notice, in the trace of the signal because of which it is done.
// Rounds have none: they are no notice's, and metrics tell of them.
func TraceSteps(traces *telemetry.Traces) interceptor.WorkerInterceptor {
	return &traceSteps{traces: traces}
}

type traceSteps struct {
	interceptor.WorkerInterceptorBase
	traces *telemetry.Traces
}

// InterceptActivity puts tracedStep before each attempt.
func (t *traceSteps) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	traced := &tracedStep{traces: t.traces}
	traced.Next = next
	return traced
}

type tracedStep struct {
	interceptor.ActivityInboundInterceptorBase
	traces *telemetry.Traces
}

// ExecuteActivity makes an attempt.
func (t *tracedStep) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	info := activity.GetInfo(ctx)
	ref, signal := causeOf(in.Args)
	if signal == "" {
		return t.Next.ExecuteActivity(ctx, in)
	}
	externalID := runs.ExternalIDOf(info.WorkflowExecution.ID)
	ctx, span := t.traces.Start(ctx, info.WorkflowExecution.ID, signal, info.ActivityType.Name, trace.SpanKindConsumer,
		attribute.String("customer", ref.Customer), attribute.String("notice", externalID), attribute.Int("attempt", int(info.Attempt)))
	defer span.End()
	result, err := t.Next.ExecuteActivity(ctx, in)
	if err != nil {
		fault := "other"
		if said, ok := errors.AsType[*temporal.ApplicationError](err); ok {
			fault = cmp.Or(said.Type(), fault) // a word of the retry table
		}
		span.SetStatus(codes.Error, "")
		span.SetAttributes(attribute.String("error.type", fault))
	}
	return result, err
}

// causeOf tells, from what a step is given, for which notice and because of which signal it is done: that signal's name, or
// "created" for what an import begins; "" is no step of a notice.
func causeOf(arguments []any) (ref runs.NoticeRef, signal string) {
	if len(arguments) != 1 {
		return ref, ""
	}
	switch in := arguments[0].(type) {
	case runs.NoticeRef:
		return in, runs.Dismiss.Name()
	case runs.CreateInput:
		return in.NoticeRef, string(runs.HappenedCreated)
	case runs.ParentInput:
		return in.NoticeRef, string(runs.HappenedCreated)
	case runs.SetStateInput:
		if in.State == string(runs.ReportedTehty) {
			return in.NoticeRef, runs.TyoValmis.Name()
		}
		return in.NoticeRef, string(runs.HappenedCreated) // the accept state
	case runs.UninvoicedInput:
		return in.NoticeRef, runs.TyoValmis.Name() // it tells that nothing has come since
	case runs.PlanInput:
		return in.NoticeRef, runs.Laskutettu.Name()
	case runs.ReminderInput:
		return in.NoticeRef, runs.Laskutettu.Name()
	case runs.InvoicedInput:
		return in.NoticeRef, runs.Laskutettu.Name()
	case runs.FollowInput:
		return in.NoticeRef, runs.NoticeChanged.Name()
	default:
		return ref, ""
	}
}
