package peer

import (
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// Redacted makes a struct that embeds it print as [redacted], as it holds credentials or an address.
type Redacted struct{}

// Format writes [redacted] for every verb of package fmt.
func (Redacted) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText gives [redacted], for JSON, YAML and anything else that encodes.
func (Redacted) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue gives [redacted] to slog.
func (Redacted) LogValue() slog.Value { return slog.StringValue(redacted) }
