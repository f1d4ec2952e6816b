package webhook

import (
	"strings"
	"testing"

	"tampuuri-hillava/internal/runs"

	"github.com/stretchr/testify/require"
)

// An id or a type that looks like one of ours is still the sender's text: a name fits the pattern of both.
func TestANameThatPassesForAnIDIsNotLogged(t *testing.T) {
	const name = "Matti.Meikalainen"
	for _, body := range []string{
		strings.Replace(goodBody, testExternalID, name, 1),
		strings.Replace(goodBody, "task.done", name, 1),
	} {
		for _, outcome := range []runs.Outcome{runs.Accepted, runs.Closed, runs.Unknown} {
			receiver := newReceiver(t)
			receiver.signaler.outcome = outcome
			require.NotContains(t, receiver.answer(signedRequest(body)).Body.String(), name)
			require.NotContains(t, receiver.log.String(), name)
			require.Contains(t, receiver.log.String(), "[not a", "the line is there, without the name")
		}
	}
}
