package activities

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// invoicedTask has notice 101 invoiced by its entries E-1 and E-2, and its task touched an hour later.
func invoicedTask(t *testing.T) *scene {
	s := newScene(t)
	s.hillava.entries = []notice.TimeEntry{entry("E-1", "a"), entry("E-2", "b")}
	s.tampuuri().put(101)
	s.poll(runs.PollResult{})
	plan := s.plan(nil)
	good(s, s.ReportInvoiced, s.invoiced(plan))
	s.end(101, runs.PhaseInvoiced, completed)
	s.life(101).closed = s.clock.Add(-2 * time.Hour)
	s.life(101).result = &runs.NoticeResult{Phase: runs.PhaseInvoiced, Entries: plan}
	s.hillava.tasks = []hillava.Task{taskWith(s, 101, s.event(hillava.EventInvoiced, 3*time.Hour))}
	s.tampuuri().calls, s.hillava.calls = nil, nil
	return s
}

func (s *scene) reconcile(last runs.HillavaDifferences) runs.HillavaDifferences {
	return good(s, s.ReconcileHillava, runs.ReconcileInput{Last: runs.ReconcileResult{Hillava: last}})
}

func TestATimeEntryChangedAfterSendingIsNotedOnceAndListedUntilItIsAsSent(t *testing.T) {
	for name, row := range map[string]struct {
		change func(*scene)
		id     string
	}{
		"edited":  {func(s *scene) { s.hillava.entries[0].Summary = "toisin" }, "E-1"},
		"added":   {func(s *scene) { s.hillava.entries = append(s.hillava.entries, entry("E-3", "c")) }, "E-3"},
		"removed": {func(s *scene) { s.hillava.entries = s.hillava.entries[:1] }, "E-2"},
	} {
		t.Run(name, func(t *testing.T) {
			s := invoicedTask(t)
			before := slices.Clone(s.hillava.entries)
			require.Empty(t, s.reconcile(runs.HillavaDifferences{}).Changed, "nothing was changed")
			row.change(s)
			first := s.reconcile(runs.HillavaDifferences{})
			require.Len(t, first.Changed, 1)
			require.Equal(t, []string{row.id}, first.Changed[0].EntryIDs)
			require.Equal(t, runs.NoticeWorkflowID(s.ref(101).ExternalID), first.Changed[0].WorkflowID)
			require.Len(t, s.hillava.notes, 1)
			require.NotContains(t, string(payloadOf(first).GetData()), "toisin")

			s.clock = s.clock.Add(48 * time.Hour)
			s.hillava.notes = map[string]string{} // by then Hillava may have forgotten the key
			second := s.reconcile(first)
			require.Equal(t, first.Changed, second.Changed, "with the time when it was first seen")
			require.Empty(t, s.hillava.notes, "no second one")
			require.Empty(t, s.tampuuri().wrote(), "a notice that is Valmis takes nothing more")

			s.hillava.entries = before
			require.Empty(t, s.reconcile(second).Changed)
		})
	}
}

func TestATaskThatNobodyTouchedAfterwardsIsNotCompared(t *testing.T) {
	s := invoicedTask(t)
	s.life(101).closed = s.clock
	s.hillava.tasks[0].Modified = s.clock.Add(-clockSlack - time.Second)
	s.reconcile(runs.HillavaDifferences{})
	require.Empty(t, s.tampuuri().calls)
}

// One task that cannot be dealt with must not keep the round before it for ever: lost events lie behind it.
func TestOneTaskThatIsRefusedStopsNoRound(t *testing.T) {
	refuse := func(op string, status int) func(*scene) {
		return func(s *scene) {
			s.hillava.goes = func(called string, apply func() error) error {
				if strings.HasPrefix(called, op) {
					return refusal(peerHillava, status)
				}
				return apply()
			}
		}
	}
	for name, arrange := range map[string]func(*scene){
		"the note is refused":       refuse("note", http.StatusUnprocessableEntity),
		"the task has gone":         refuse("entries", http.StatusNotFound),
		"the notice cannot be read": func(s *scene) { s.tampuuri().unreadable[101] = true },
		"the customer has no entry": func(s *scene) { s.settings.list = nil },
		"its workflow was terminated": func(s *scene) {
			s.life(101).status, s.life(101).result = enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := invoicedTask(t)
			s.hillava.entries[0].Summary = "toisin"
			s.tampuuri().put(102)
			s.poll(runs.PollResult{})
			lost := taskWith(s, 102, s.event(hillava.EventDone, time.Hour))
			lost.Modified = s.clock
			s.hillava.tasks = append(s.hillava.tasks, lost)
			arrange(s)
			result := s.reconcile(runs.HillavaDifferences{})
			require.Len(t, s.life(102).signals, 1)
			require.Equal(t, s.clock.UTC().Format(time.RFC3339Nano), result.Mark)
		})
	}
	s := invoicedTask(t)
	s.hillava.entries[0].Summary = "toisin"
	s.tampuuri().put(102)
	s.poll(runs.PollResult{})
	lost := taskWith(s, 102, s.event(hillava.EventDone, time.Hour))
	lost.Modified = s.clock
	s.hillava.tasks = append(s.hillava.tasks, lost)
	refuse("note", http.StatusBadGateway)(s)
	result := s.reconcile(runs.HillavaDifferences{})
	require.Len(t, s.life(102).signals, 1)
	mark, err := time.Parse(time.RFC3339Nano, result.Mark)
	require.NoError(t, err)
	require.True(t, mark.Before(s.hillava.tasks[0].Modified), "what is refused for now is looked at again")
}
