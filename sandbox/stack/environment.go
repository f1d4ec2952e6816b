package stack

import (
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	namespacepb "go.temporal.io/api/namespace/v1"
	"google.golang.org/protobuf/types/known/durationpb"
)

// silent is for connections whose failures we report ourselves.
var silent = slog.New(slog.DiscardHandler)

// passedOn are the variables of this process that children see too. Everything else stays out: a TAMPUURI_URL that is
// set in a developer's shell must not send a sandbox to a real system.
var passedOn = []string{"PATH", "HOME", "TMPDIR", "LANG", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "GOCOVERDIR", "GORACE", "GOTRACEBACK", "GOMAXPROCS", "GODEBUG"}

// childEnvironment is the environment of a child: the little that is passed on, then the given variables.
func childEnvironment(variables []string) []string {
	var environment []string
	for _, name := range passedOn {
		if value, ok := os.LookupEnv(name); ok {
			environment = append(environment, name+"="+value)
		}
	}
	return append(environment, variables...)
}

// inherited returns this process's variables with that prefix.
func inherited(prefix string) []string {
	var variables []string
	for _, variable := range os.Environ() {
		if strings.HasPrefix(variable, prefix) {
			variables = append(variables, variable)
		}
	}
	return variables
}

// noVariables is an environment without any.
type noVariables struct{}

func (noVariables) Environ() []string               { return nil }
func (noVariables) LookupEnv(string) (string, bool) { return "", false }

func orDiscard(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}

func retentionConfig() *namespacepb.NamespaceConfig {
	return &namespacepb.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(retention)}
}

// orDefault returns the duration, or the default when it is 0.
func orDefault(d, whenZero time.Duration) time.Duration {
	if d == 0 {
		return whenZero
	}
	return d
}
