package peer

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// trace begins a span of a call below the span in ctx, and sends it where that
// one goes; without one there is none. It has the path's template, and nothing
// of what is sent or answered.
func (c *Client) trace(ctx context.Context, call Call) (context.Context, func(error)) {
	tracer := trace.SpanFromContext(ctx).TracerProvider().Tracer("tampuuri-hillava")
	ctx, span := tracer.Start(ctx, c.peer+": "+call.Op, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("peer.service", c.peer),
		attribute.String("http.request.method", call.Method),
		attribute.String("url.template", call.Template),
	))
	return ctx, func(err error) {
		defer span.End()
		if failed, ok := errors.AsType[*Error](err); ok {
			span.SetStatus(codes.Error, "")
			span.SetAttributes(attribute.String("error.type", string(failed.Kind)))
		}
	}
}

// traceStatus notes the status of an answer, 0 when none came, on the call's span.
func traceStatus(ctx context.Context, status int) {
	if status != 0 {
		trace.SpanFromContext(ctx).SetAttributes(attribute.Int("http.response.status_code", status))
	}
}
