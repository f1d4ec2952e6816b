// Package model holds the Spin model of a notice's life; see README.md. It has no code of its own, only a test that runs
// the check with the others.
package model

import (
	"os/exec"
	"strings"
	"testing"

	"tampuuri-hillava/sandbox/skipped"

	"github.com/stretchr/testify/require"
)

// TestTheModelHoldsAndItsMutantsFail runs check.sh. It takes half a minute of one core.
func TestTheModelHoldsAndItsMutantsFail(t *testing.T) {
	for _, tool := range []string{"bash", "spin", "gcc"} {
		if _, err := exec.LookPath(tool); err != nil {
			skipped.Because(t, "%s is not installed (apt-get install spin gcc)", tool)
		}
	}
	if testing.Short() {
		skipped.Because(t, "the model takes half a minute of one core, which -short leaves out")
	}
	out, err := exec.CommandContext(t.Context(), "bash", "./check.sh").CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.NotContains(t, string(out), "SKIPPED")
	for _, mutant := range []string{"BLIND_RETRY", "EAGER_LOOK"} {
		require.True(t, lineWith(string(out), "FAILS", mutant), "%s", out)
	}
	t.Logf("\n%s", out)
}

func lineWith(text string, words ...string) bool {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) >= len(words) && strings.Join(fields[:len(words)], " ") == strings.Join(words, " ") {
			return true
		}
	}
	return false
}
