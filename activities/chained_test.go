package activities

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// chainedScene has notice 101 with its task, and 102 that was chained from it an hour later.
func chainedScene(t *testing.T) *scene {
	s := newScene(t)
	s.tampuuri().put(101)
	s.poll(runs.PollResult{})
	s.life(101).began = s.clock
	s.hillava.tasks = []hillava.Task{{ID: "T-parent", ExternalID: s.ref(101).ExternalID, BillingCustomerID: "C-1", State: "Uusi"}}
	s.tampuuri().put(102, func(n *notice.Notice) {
		n.ParentID, n.Created.At = 101, s.clock.Add(time.Hour)
	})
	return s
}

func TestAChainedNoticeIsNotedOnceOnTheTaskOfItsParent(t *testing.T) {
	s := chainedScene(t)
	lost := true
	s.hillava.goes = func(op string, apply func() error) error {
		err := apply()
		if strings.HasPrefix(op, "create") && lost {
			lost = false
			return broken(peerHillava, true)
		}
		return err
	}
	_, failure := run(s, s.CreateTask, s.ref(102))
	requireRetryable(t, runs.FaultUnavailable, failure)
	require.True(t, good(s, s.CreateTask, s.ref(102)).Found)
	require.Len(t, s.hillava.made, 1)
	require.Len(t, s.hillava.notes, 1)
	require.Contains(t, s.noteTexts()[0], "ketjutettu uusi ilmoitus 102")
	require.Contains(t, s.noteTexts()[0], "2.3.2026")
}

func TestWhatIsNoNewsForTheParentIsNotNoted(t *testing.T) {
	for name, arrange := range map[string]func(*scene){
		"chained before the parent was imported": func(s *scene) { s.tampuuri().notices[102].Created.At = s.clock.Add(-time.Hour) },
		"the parent is not ours":                 func(s *scene) { delete(s.temporal.runs, runs.NoticeWorkflowID(s.ref(101).ExternalID)) },
		"the parent has no task":                 func(s *scene) { s.hillava.tasks = nil },
		"its task is another customer's":         func(s *scene) { s.hillava.tasks[0].BillingCustomerID = "C-2" },
		"the parent is gone":                     func(s *scene) { delete(s.tampuuri().notices, 101) },
		"the parent cannot be read":              func(s *scene) { s.tampuuri().unreadable = map[int64]bool{101: true} },
		"Hillava refuses the note": func(s *scene) {
			s.hillava.goes = func(op string, apply func() error) error {
				if strings.HasPrefix(op, "note") {
					return refusal(peerHillava, http.StatusUnprocessableEntity)
				}
				return apply()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := chainedScene(t)
			arrange(s)
			require.NotEmpty(t, good(s, s.CreateTask, s.ref(102)).TaskID, "the child gets its task all the same")
			require.Empty(t, s.hillava.notes)
		})
	}
}
