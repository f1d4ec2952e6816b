package config

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// panickingWith tells a test binary that was started by TestAPanicPrintsNoSecret what to panic with.
const panickingWith = "CONFIG_TEST_PANIC_WITH"

// panicValue is put together at run time, so that it stands nowhere but in the Secret.
func panicValue() string { return fmt.Sprint("hunter", 2, "-in-a-", "panic") }

// wrapped is an error that holds a Secret as one of our errors might.
type wrapped struct {
	Credential Secret
	cause      error
}

func (w wrapped) Error() string { return fmt.Sprintf("refused %v: %v", w.Credential, w.cause) }

// goPanic ends the process as a fault in the code would: the runtime prints the value by its own means, not by fmt.
func goPanic(with string) {
	secret := NewSecret(panicValue())
	values := map[string]any{
		"secret": secret, "pointer": &secret, "struct": struct {
			Name   string
			Inside Secret
			hidden *Secret
		}{"a", secret, &secret},
		"credentials":   Credentials{Avain: secret, Salasana: secret},
		"list":          []Secret{secret},
		"error":         wrapped{secret, os.ErrPermission},
		"wrapped error": fmt.Errorf("start: %w", wrapped{secret, os.ErrPermission}),
		"printed":       fmt.Sprintf("%v %+v %#v %s", secret, secret, &secret, Credentials{Avain: secret}),
	}
	panic(values[with])
}

func TestAPanicPrintsNoSecret(t *testing.T) {
	if with := os.Getenv(panickingWith); with != "" {
		goPanic(with)
	}
	value := panicValue()
	for _, with := range []string{"secret", "pointer", "struct", "credentials", "list", "error", "wrapped error", "printed"} {
		t.Run(with, func(t *testing.T) {
			t.Parallel()
			run := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAPanicPrintsNoSecret$")
			run.Env = append(os.Environ(), panickingWith+"="+with, "GOTRACEBACK=all")
			said, err := run.CombinedOutput()
			require.Error(t, err)
			require.Contains(t, string(said), "panic: ")
			require.Contains(t, string(said), "goPanic", "the trace is there")
			for _, form := range []string{value, hex.EncodeToString([]byte(value)), base64.RawStdEncoding.EncodeToString([]byte(value))} {
				require.NotContains(t, string(said), form)
			}
		})
	}
}
