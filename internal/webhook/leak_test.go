package webhook

import (
	"strings"
	"testing"

	"tampuuri-hillava/internal/runs"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
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

func TestAFailedSignalDoesNotNameTheNotice(t *testing.T) {
	gone, away := serviceerror.NewNotFound("gone"), serviceerror.NewUnavailable("away")
	running := enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	for name, fake := range map[string]temporalFake{
		"at once": {signals: []error{away}}, "at the look": {signals: []error{gone}, describeErr: away},
		"once more": {signals: []error{gone, away}, status: running},
	} {
		_, err := runs.NewTemporalSignaler(&fake).Signal(t.Context(), "Matti.Meikalainen", runs.SignalTyoValmis, runs.EventSignal{EventID: "e"})
		require.ErrorIs(t, err, away, name)
		require.NotContains(t, strings.ToLower(err.Error()), "meikalainen", name)
	}
}
