package telemetry

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// auditKey is the attribute that makes a line an audit line.
const auditKey = "audit"

// AuditEvent is one effect on a peer or one action of an operator. It names records and fields, never what is in them.
type AuditEvent struct {
	Who      string   // "worker", "hillava", or the operator's user name
	What     string   // e.g. "task.create", "state.set", "toimenpide.add", "signal.accept", "notice.resend"
	Customer string   // Tunniste
	Notice   string   // external id
	Task     string   // Hillava task id
	Fields   []string // names of the fields that were written
	Result   string   // what came of it
}

// Audit writes an audit line: always at level INFO and whatever LOG_LEVEL is (see NewLogger), always with the same
// attributes, empty ones included, so that the lines can be filtered by "audit":true and read by a program. A trace is
// named only where there is one to look at. The time is the record's own.
func Audit(ctx context.Context, logger *slog.Logger, event AuditEvent) {
	attributes := []slog.Attr{
		slog.Bool(auditKey, true),
		slog.String("who", event.Who),
		slog.String("what", event.What),
		slog.String("customer", event.Customer),
		slog.String("notice", event.Notice),
		slog.String("task", event.Task),
		slog.Any("fields", append([]string{}, event.Fields...)),
		slog.String("result", event.Result),
	}
	if span := trace.SpanContextFromContext(ctx); span.IsSampled() {
		attributes = append(attributes, slog.String("trace", span.TraceID().String()))
	}
	logger.LogAttrs(ctx, slog.LevelInfo, event.What, attributes...)
}
