// Package telemetry is what a program tells about itself: logs with personal data and credentials left out, metrics for
// Prometheus, and health for whoever runs it.
package telemetry

import (
	"io"
	"log/slog"
	"strings"
)

// NewLogger logs to w at level (debug, info, warn, error; anything else is info) in format (text; anything else is
// json). Audit lines are written at every level. Attributes named like personal data or credentials are redacted,
// structs are not printed, and errors lose their URLs.
func NewLogger(w io.Writer, level, format string) *slog.Logger {
	var least slog.Level // info
	_ = least.UnmarshalText([]byte(level))
	options := &slog.HandlerOptions{Level: min(least, slog.LevelInfo), ReplaceAttr: redact}
	var handler slog.Handler = slog.NewJSONHandler(w, options)
	if strings.EqualFold(format, "text") {
		handler = slog.NewTextHandler(w, options)
	}
	return slog.New(auditHandler{Handler: handler, level: least})
}
