package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"

	"tampuuri-hillava/sandbox/stack"
)

// sender posts events to the receiver as Hillava signs them.
type sender struct {
	*world
	with   *http.Client
	secret string
}

func (w *world) newSender() sender {
	w.t.Helper()
	secret, err := os.ReadFile(filepath.Join(w.Dir, "secrets", "webhook-secret"))
	require.NoError(w.t, err)
	return sender{w, &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{}).DialContext, DisableKeepAlives: true}}, strings.TrimSpace(string(secret))}
}

// event is a body of Hillava's.
func event(kind, externalID, occurredAt string) []byte {
	return fmt.Appendf(nil, `{"type":%q,"timestamp":%q,"data":{"taskId":"T-1","externalId":%q,"transition":"Työ valmis"}}`, kind, occurredAt, externalID)
}

// until delivers again while the answer is 503, as Hillava does, and returns the other answer.
func (s sender) until(id string, body []byte) int {
	s.t.Helper()
	status := http.StatusServiceUnavailable
	for status == http.StatusServiceUnavailable {
		answer, err := s.deliver(s.with, s.WebhookURL, s.secret, id, body)
		require.NoError(s.t, err)
		status = answer.StatusCode
	}
	return status
}

// atOnce delivers one event so many times at once and counts the answers.
func (s sender) atOnce(times int, id string, body []byte) map[int]int {
	s.t.Helper()
	answers := make(chan int, times)
	begin := make(chan struct{})
	var group sync.WaitGroup
	for range times {
		group.Go(func() {
			<-begin
			answer, err := s.deliver(s.with, s.WebhookURL, s.secret, id, body)
			if err != nil {
				answers <- 0
				return
			}
			answers <- answer.StatusCode
		})
	}
	close(begin)
	group.Wait()
	close(answers)
	counts := map[int]int{}
	for status := range answers {
		counts[status]++
	}
	return counts
}

// signalsOf are the signal events in a notice's history, each as its name and payload.
func (w *world) signalsOf(workflowID string) (signals []string) {
	w.t.Helper()
	events := w.client.GetWorkflowHistory(w.context(), workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(w.t, err)
		if signalled := event.GetWorkflowExecutionSignaledEventAttributes(); signalled != nil {
			var payload json.RawMessage
			require.NoError(w.t, converter.GetDefaultDataConverter().FromPayloads(signalled.GetInput(), &payload))
			signals = append(signals, signalled.GetSignalName()+" "+string(payload))
		}
	}
	return signals
}

// TestAThousandDeliveriesAtOnceAreOneSignal: what a flood of one event leaves in Temporal, and what becomes of later
// deliveries that Hillava itself has signed for the same id.
func TestAThousandDeliveriesAtOnceAreOneSignal(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{ReconcileEvery: time.Hour}) // or it would add the events that Hillava has
	id := w.someNotice("esimerkki", 4711)
	_, err := w.WaitWorkflow(w.context(), w.client, "esimerkki", id, "Running", "working")
	require.NoError(t, err)
	workflowID, err := w.WorkflowID("esimerkki", id)
	require.NoError(t, err)
	externalID := strings.TrimPrefix(workflowID, "notice-")
	s := w.newSender()
	const first, later = "2026-02-03T10:00:00Z", "2026-02-04T10:00:00Z"

	counts := s.atOnce(1000, "evt-flood", event("task.done", externalID, first))
	t.Logf("answers by status: %v", counts)
	require.Equal(t, 1000, counts[202]+counts[503], "each is taken, or told to come again: %v", counts)
	require.Equal(t, 202, s.until("evt-flood", event("task.done", externalID, first)))
	done := `tyo-valmis {"eventId":"evt-flood","occurredAt":"` + first + `"}`
	require.Equal(t, []string{done}, w.signalsOf(workflowID))
	require.NoError(t, w.WaitState(w.context(), "esimerkki", id, "Tehty"))

	// The same id with another body, validly signed. Of the same type it is the event that is there already; the first
	// body stays. Of the other type it is an event of its own, as nobody but Hillava can have signed it.
	require.Equal(t, 202, s.until("evt-flood", event("task.done", externalID, later)))
	require.Equal(t, []string{done}, w.signalsOf(workflowID))
	require.Equal(t, 202, s.until("evt-flood", event("task.invoiced", externalID, later)))
	_, err = w.WaitWorkflow(w.context(), w.client, "esimerkki", id, "Completed", "invoiced")
	require.NoError(t, err)
	require.Equal(t, []string{done, `laskutettu {"eventId":"evt-flood","occurredAt":"` + later + `"}`}, w.signalsOf(workflowID))
	require.Equal(t, 202, s.until("evt-flood", event("task.done", externalID, first)), "a closed notice takes it and does nothing")
	notice, err := w.Notice("esimerkki", id)
	require.NoError(t, err)
	require.Len(t, notice["Ilmoitukset"], 2, "Tehty and Valmis once each")
}
