// Package telemetry is what a program tells about itself: logs with personal data and credentials left out, metrics for
// Prometheus, and health for whoever runs it.
package telemetry

import (
	"io"
	"log/slog"
	"strings"
)

// NewLogger logs to w at level (debug, info, warn, error; anything else is info) in format (text; anything else is
// json). Attributes named like personal data or credentials are redacted, structs are not printed, and errors lose
// their URLs.
func NewLogger(w io.Writer, level, format string) *slog.Logger {
	options := &slog.HandlerOptions{Level: parseLevel(level), ReplaceAttr: redact}
	if strings.EqualFold(format, "text") {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

func parseLevel(text string) slog.Level {
	switch strings.ToLower(text) {
	case "debug":
		return slog.LevelDebug
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	default:
		return slog.LevelInfo
	}
}
