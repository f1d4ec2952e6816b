package activities

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
)

func TestATaskIsMadeOfANotice(t *testing.T) {
	s := newScene(t)
	s.tampuuri().put(101, func(n *notice.Notice) { n.PropertyID = 7 })
	s.tampuuri().properties[7] = notice.Property{ID: 7, Street: "Esimerkkikatu 1"}
	s.settings.list[0].AcceptState = "Vastaanotettu"

	created := good(s, s.CreateTask, s.ref(101))

	require.Equal(t, "T-1", created.TaskID)
	require.False(t, created.Found)
	require.Equal(t, "Vastaanotettu", created.AcceptState)
	require.Equal(t, runs.StandingOpen, created.Known.Standing)
	require.NotEmpty(t, created.Known.Prints)
	require.Len(t, s.hillava.made, 1)
	made := s.hillava.made[0]
	require.Equal(t, s.ref(101).ExternalID, made.ExternalID)
	require.Equal(t, "C-1", made.BillingCustomerID)
	require.Equal(t, "C-1", made.DeliveryCustomerID)
	require.Equal(t, "TT-1", made.TaskTypeID)
	require.Equal(t, "Esimerkkikatu 1", made.DeliveryAddress.Street)
}

func TestATaskThatIsThereIsFoundAndNotMadeAgain(t *testing.T) {
	s := newScene(t)
	s.tampuuri().put(101)
	good(s, s.CreateTask, s.ref(101))
	clear(s.hillava.keys) // Hillava forgets a key after a day

	created := good(s, s.CreateTask, s.ref(101))

	require.True(t, created.Found)
	require.Equal(t, "T-1", created.TaskID)
	require.Len(t, s.hillava.created(), 1, "looking comes before creating")
}

func TestEveryAttemptToCreateCarriesTheSameKey(t *testing.T) {
	s := newScene(t)
	s.tampuuri().put(101)
	lost := 2
	s.hillava.hidden = true // the worst case: the look-up lags behind the create
	s.hillava.goes = func(op string, apply func() error) error {
		err := apply()
		if op[:min(6, len(op))] == "create" && lost > 0 {
			lost--
			return broken(peerHillava, true)
		}
		return err
	}
	for range 2 {
		_, failure := run(s, s.CreateTask, s.ref(101))
		require.Equal(t, runs.FaultUnavailable, failure.Type())
		require.False(t, failure.NonRetryable())
	}
	created := good(s, s.CreateTask, s.ref(101))
	require.Equal(t, "T-1", created.TaskID)
	require.Len(t, s.hillava.made, 1)
	key := "create create-" + s.ref(101).ExternalID
	require.Equal(t, []string{key, key, key}, s.hillava.created())
}

func TestAnExternalIDInUseIsTheTaskThatIsThere(t *testing.T) {
	for name, row := range map[string]struct {
		payer  string
		hidden bool
		want   string // reason
	}{
		"ours":                                   {payer: "C-1"},
		"ours, and the look-up does not show it": {payer: "C-1", hidden: true},
		"another customer's":                     {payer: "C-2", want: runs.ReasonForeignTask},
		"another customer's, not shown":          {payer: "C-2", hidden: true, want: runs.ReasonForeignTask},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.tampuuri().put(101)
			s.hillava.goes = func(op string, apply func() error) error {
				if op[:min(6, len(op))] == "create" { // somebody is faster by a moment
					s.hillava.tasks = append(s.hillava.tasks, hillava.Task{
						ID: "T-9", ExternalID: s.ref(101).ExternalID, BillingCustomerID: row.payer,
						Events: []hillava.Event{{ID: "e-1", Type: hillava.EventDone, OccurredAt: s.clock}},
					})
					s.hillava.hidden = row.hidden
				}
				return apply()
			}
			created, failure := run(s, s.CreateTask, s.ref(101))
			if row.want != "" {
				requireReason(t, row.want, failure)
				return
			}
			require.Nil(t, failure)
			require.Equal(t, "T-9", created.TaskID)
			require.True(t, created.Found)
			require.Len(t, created.Events, 1, "what was done on it meanwhile has reached nobody")
			require.Empty(t, s.hillava.made)
		})
	}
}

func TestAnAnswerToCreateThatCannotBeReadIsLookedAtAgain(t *testing.T) {
	s := newScene(t)
	s.tampuuri().put(101)
	s.hillava.goes = func(op string, apply func() error) error {
		if err := apply(); err != nil || !strings.HasPrefix(op, "create") {
			return err
		}
		return &peer.Error{Peer: peerHillava, Op: "create task", Kind: peer.KindMalformed, Sent: true}
	}
	_, failure := run(s, s.CreateTask, s.ref(101))
	requireRetryable(t, runs.FaultOutcomeUnknown, failure)
	require.True(t, good(s, s.CreateTask, s.ref(101)).Found)
	require.Len(t, s.hillava.made, 1)
}

func TestATaskThatIsNotPlainlyOursWaitsForAPerson(t *testing.T) {
	ours := func(s *scene, id, payer string) {
		s.hillava.tasks = append(s.hillava.tasks, hillava.Task{ID: id, ExternalID: s.ref(101).ExternalID, BillingCustomerID: payer})
	}
	for name, row := range map[string]struct {
		arrange func(*scene)
		want    string
	}{
		"another customer's task": {func(s *scene) { ours(s, "T-9", "C-2") }, runs.ReasonForeignTask},
		"two tasks":               {func(s *scene) { ours(s, "T-8", "C-1"); ours(s, "T-9", "C-1") }, runs.ReasonTwoTasks},
		"the key's answer is another customer's": {func(s *scene) {
			s.hillava.keys["create-"+s.ref(101).ExternalID] = hillava.Task{ID: "T-9", ExternalID: s.ref(101).ExternalID, BillingCustomerID: "C-2"}
		}, runs.ReasonForeignTask},
		"no task type":                       {func(s *scene) { s.hillava.taskTypes = nil }, runs.ReasonTaskType},
		"two task types":                     {func(s *scene) { s.hillava.taskTypes = append(s.hillava.taskTypes, s.hillava.taskTypes[0]) }, runs.ReasonTaskType},
		"a task type that requires a target": {func(s *scene) { s.hillava.taskTypes[0].TargetRequired = true }, runs.ReasonTaskType},
		"a conflict that names no task": {func(s *scene) {
			s.hillava.goes = func(op string, apply func() error) error {
				if op[:min(6, len(op))] == "create" {
					return refusal(peerHillava, http.StatusConflict)
				}
				return apply()
			}
		}, runs.ReasonHillavaRefused},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.tampuuri().put(101)
			row.arrange(s)
			_, failure := run(s, s.CreateTask, s.ref(101))
			requireReason(t, row.want, failure)
			require.Empty(t, s.hillava.made)
		})
	}
}

func TestANoticeThatLeftUsBeforeItsTaskWasMadeGetsNone(t *testing.T) {
	for name, row := range map[string]struct {
		arrange func(*tampuuriFake)
		want    runs.Standing
	}{
		"given to another": {func(f *tampuuriFake) { f.edit(101, func(n *notice.Notice) { n.PerformerID = 9 }) }, runs.StandingReassigned},
		"cancelled":        {func(f *tampuuriFake) { f.edit(101, func(n *notice.Notice) { n.State = notice.Peruttu }) }, runs.StandingCancelled},
		"done by hand":     {func(f *tampuuriFake) { f.edit(101, func(n *notice.Notice) { n.State = notice.Tehty }) }, runs.StandingTehty},
		"closed by hand":   {func(f *tampuuriFake) { f.edit(101, func(n *notice.Notice) { n.State = notice.Valmis }) }, runs.StandingValmis},
		"deleted":          {func(f *tampuuriFake) { delete(f.notices, 101) }, runs.StandingGone},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.tampuuri().put(101)
			row.arrange(s.tampuuri())
			created := good(s, s.CreateTask, s.ref(101))
			require.Empty(t, created.TaskID)
			require.Equal(t, row.want, created.Known.Standing)
			require.Empty(t, s.hillava.created())
		})
	}
}

// The task was made, its answer was lost, and the notice was taken from us before the next look. Whoever reads the memo
// must still see a difference, or nobody would ever tell the task.
func TestATaskFoundForANoticeThatHasLeftUsIsKnownAsMadeOfAnOpenOne(t *testing.T) {
	s := newScene(t)
	s.tampuuri().put(101)
	good(s, s.CreateTask, s.ref(101))
	s.tampuuri().edit(101, func(n *notice.Notice) { n.PerformerID = 9 })
	s.settings.list[0].AcceptState = "Vastaanotettu"

	created := good(s, s.CreateTask, s.ref(101))

	require.Equal(t, "T-1", created.TaskID)
	require.Equal(t, runs.StandingOpen, created.Known.Standing)
	require.Empty(t, created.AcceptState, "there is nothing to accept")
}

func TestAMissingPropertyIsNoReasonNotToMakeTheTask(t *testing.T) {
	s := newScene(t)
	s.tampuuri().put(101, func(n *notice.Notice) { n.PropertyID = 7 })
	good(s, s.CreateTask, s.ref(101))
	require.Nil(t, s.hillava.made[0].DeliveryAddress)
	require.Contains(t, s.hillava.made[0].AdditionalInfo, "katuosoitetta ei saatu")
}

func TestAPropertyIsReadOnceADay(t *testing.T) {
	s := newScene(t)
	s.tampuuri().properties[7] = notice.Property{ID: 7, Street: "Esimerkkikatu 1"}
	reads := func() (count int) {
		for _, call := range s.tampuuri().calls {
			if call == "property 7" {
				count++
			}
		}
		return count
	}
	for id := range int64(3) {
		s.tampuuri().put(101+id, func(n *notice.Notice) { n.PropertyID = 7 })
		good(s, s.CreateTask, s.ref(101+id))
	}
	require.Equal(t, 1, reads())
	s.clock = s.clock.Add(25 * time.Hour)
	s.tampuuri().put(104, func(n *notice.Notice) { n.PropertyID = 7 })
	good(s, s.CreateTask, s.ref(104))
	require.Equal(t, 2, reads())
}

func TestACustomerThatHillavaDoesNotHaveIsWaitedFor(t *testing.T) {
	s := newScene(t)
	s.tampuuri().put(101)
	s.hillava.customers[0].ExternalID = "toinen"
	_, failure := run(s, s.CreateTask, s.ref(101))
	require.Equal(t, runs.FaultCustomerStopped, failure.Type())
	require.False(t, failure.NonRetryable(), "a setting can be mended, and nothing may be lost meanwhile")

	s.hillava.customers[0].ExternalID = "esimerkki"
	require.Equal(t, "T-1", good(s, s.CreateTask, s.ref(101)).TaskID, "a newer customer than our list is found")
}
