package config

import (
	"fmt"
	"log/slog"
)

// redacted is what every way of printing a Secret gives.
const redacted = "[redacted]"

// Secret holds a credential. Printing, logging or encoding it in any way gives "[redacted]"; only Reveal gives the
// value. It holds a pointer, so that reflection based printing of a struct that keeps one in an unexported field (where
// fmt cannot call methods) shows an address and not the value.
type Secret struct{ value *string }

// NewSecret keeps value as a Secret.
func NewSecret(value string) Secret { return Secret{value: &value} }

// Reveal returns the value, "" for the zero Secret. Call it where the value is used, never where it could be printed.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Empty reports whether there is no value.
func (s Secret) Empty() bool { return s.Reveal() == "" }

// String implements fmt.Stringer.
func (Secret) String() string { return redacted }

// Format implements fmt.Formatter for every verb, as %x or %d would otherwise bypass String.
func (Secret) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(redacted)) }

// MarshalText implements encoding.TextMarshaler, which encoders of JSON and YAML use.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
