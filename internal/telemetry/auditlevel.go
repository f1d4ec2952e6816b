package telemetry

import (
	"context"
	"log/slog"
)

// auditHandler lets audit lines pass whatever LOG_LEVEL is: who did what must not depend on how much else is told. It
// stands before the handler that writes, which takes everything from the lower of INFO, the level of audit lines, and
// the level that was asked for.
type auditHandler struct {
	slog.Handler
	level slog.Level // of every other line
	audit bool       // an attribute of the logger's own says that all of its lines are audit lines
}

// Enabled is asked before the line is known: an audit line may still come of INFO.
func (h auditHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= min(h.level, slog.LevelInfo)
}

func (h auditHandler) Handle(ctx context.Context, record slog.Record) error {
	if record.Level < h.level && !h.audit && !isAudit(record) {
		return nil
	}
	return h.Handler.Handle(ctx, record)
}

func (h auditHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	for _, attr := range attrs {
		h.audit = h.audit || marksAudit(attr)
	}
	h.Handler = h.Handler.WithAttrs(attrs)
	return h
}

func (h auditHandler) WithGroup(name string) slog.Handler {
	h.Handler = h.Handler.WithGroup(name)
	return h
}

func isAudit(record slog.Record) (found bool) {
	record.Attrs(func(attr slog.Attr) bool {
		found = marksAudit(attr)
		return !found
	})
	return found
}

// marksAudit knows the attribute of Audit, and of the workflow's own audit lines.
func marksAudit(attr slog.Attr) bool {
	return attr.Key == auditKey && attr.Value.Kind() == slog.KindBool && attr.Value.Bool()
}
