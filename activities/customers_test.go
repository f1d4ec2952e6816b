package activities

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/runs"
)

func (s *scene) sync(last runs.SyncResult) runs.SyncResult {
	s.temporal.schedules.calls = nil
	return good(s, s.SyncCustomers, runs.SyncInput{Last: last})
}

func (s *scene) scheduleState(tunniste string) client.ScheduleState {
	schedule, ok := s.temporal.schedules.all[runs.PollScheduleID(tunniste)]
	if !ok {
		return client.ScheduleState{Note: "there is no schedule"}
	}
	return *schedule.State
}

// threeCustomers are esimerkki, toinen and kolmas, all in good order.
func threeCustomers(t *testing.T) *scene {
	s := newScene(t)
	for _, tunniste := range []string{"toinen", "kolmas"} {
		s.customer(tunniste, 4711)
		s.hillava.customers = append(s.hillava.customers, hillava.Customer{
			ID: "C-" + tunniste, Name: "ESIMERKKI  Isännöinti", ExternalID: tunniste, IntegrationsActive: true,
		})
	}
	return s
}

func TestEachCustomerInGoodOrderGetsAPollSchedule(t *testing.T) {
	s := threeCustomers(t)
	s.settings.list[1].Poll.Every = time.Hour
	result := s.sync(runs.SyncResult{})
	require.Len(t, result.Customers, 3)
	for _, customer := range result.Customers {
		require.True(t, customer.Polled, customer.Reasons)
	}
	require.Equal(t, 3, result.InHillava)
	require.Equal(t, 5*time.Minute, s.temporal.schedules.every("poll-esimerkki"))
	require.Equal(t, time.Hour, s.temporal.schedules.every("poll-toinen"))
	schedule := s.temporal.schedules.all["poll-esimerkki"]
	require.Equal(t, enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, schedule.Policy.Overlap)
	require.Equal(t, 5*time.Minute, schedule.Policy.CatchupWindow)
	require.NotContains(t, string(payloadOf(result).GetData()), "Esimerkki", "a property owner may be a person")

	s.sync(result)
	require.Empty(t, s.temporal.schedules.calls, "nothing changes when nothing has changed")
}

func TestEachReasonNotToPollIsTold(t *testing.T) {
	for name, row := range map[string]struct {
		arrange func(*scene)
		want    string // part of the one reason
	}{
		"not in Hillava": {func(s *scene) { s.hillava.customers[0].ExternalID = "muu" }, "no customer of type TAMPUURI_CUSTOMERS"},
		"doubled in Hillava": {func(s *scene) {
			twin := s.hillava.customers[0]
			twin.ID = "C-9"
			s.hillava.customers = append(s.hillava.customers, twin)
		}, "2 customers"},
		"another name":               {func(s *scene) { s.hillava.customers[0].Name = "Aivan Muu" }, "confirmed_names"},
		"Integraatiot is off":        {func(s *scene) { s.hillava.customers[0].IntegrationsActive = false }, "Integraatiot"},
		"a fault in its entry":       {func(s *scene) { s.settings.list[0].Faults = []string{"no consent; record it"} }, "no consent"},
		"no entry in customers.yaml": {func(s *scene) { s.settings.list = s.settings.list[1:] }, "no entry"},
	} {
		t.Run(name, func(t *testing.T) {
			s := threeCustomers(t)
			before := s.sync(runs.SyncResult{})
			row.arrange(s)
			result := s.sync(before)
			require.Empty(t, result.Warning)
			at := slices.IndexFunc(result.Customers, func(c runs.CustomerState) bool { return c.Tunniste == "esimerkki" })
			require.False(t, result.Customers[at].Polled)
			require.Len(t, result.Customers[at].Reasons, 1)
			require.Contains(t, result.Customers[at].Reasons[0], row.want)
			require.NotContains(t, result.Customers[at].Reasons[0], "Aivan Muu")
			state := s.scheduleState("esimerkki")
			require.True(t, state.Paused)
			require.True(t, runs.PausedByUs(state.Note), state.Note)
			require.Contains(t, state.Note, row.want)
			require.False(t, s.scheduleState("toinen").Paused, "the others go on")

			undone := threeCustomers(t)
			s.settings.list, s.hillava.customers = undone.settings.list, undone.hillava.customers
			s.sync(result)
			require.False(t, s.scheduleState("esimerkki").Paused, "mended, it is polled again")
		})
	}
}

func TestAConfirmedNameIsAsGoodAsTheFirst(t *testing.T) {
	s := newScene(t)
	s.hillava.customers[0].Name = "Uusi Nimi Oy"
	s.settings.list[0].ConfirmedNames = []string{"uusi nimi"}
	require.True(t, s.sync(runs.SyncResult{}).Customers[0].Polled)
}

func TestACustomerWithoutTunnisteIsShown(t *testing.T) {
	s := newScene(t)
	s.hillava.customers = append(s.hillava.customers, hillava.Customer{ID: "C-9", Name: "Nimetön", IntegrationsActive: true})
	result := s.sync(runs.SyncResult{})
	require.Len(t, result.Customers, 2)
	require.Equal(t, "C-9", result.Customers[0].CustomerID)
	require.Contains(t, result.Customers[0].Reasons[0], "no Tunniste")
	require.Len(t, s.temporal.schedules.all, 1)
}

func TestATunnisteThatTemporalCannotBeAskedAboutStopsNobodyElse(t *testing.T) {
	for name, arrange := range map[string]func(*scene){
		"in customers.yaml": func(s *scene) {
			s.settings.list[0].Tunniste, s.settings.list[0].Faults = "ääkkö set", []string{"tunniste must be 1 to 64 of the characters"}
		},
		"in Hillava":     func(s *scene) { s.hillava.customers[0].ExternalID = "isännöinti" },
		"gone from both": func(*scene) {},
	} {
		t.Run(name, func(t *testing.T) {
			s := threeCustomers(t)
			arrange(s)
			result := s.sync(runs.SyncResult{Customers: []runs.CustomerState{{Tunniste: "mennyt ä"}}})
			for _, tunniste := range []string{"toinen", "kolmas"} {
				require.Equal(t, client.ScheduleState{}, s.scheduleState(tunniste), "it is polled")
			}
			s.sync(result)
		})
	}
}

func TestAScheduleThatTemporalDoesNotTakeStopsNobodyElse(t *testing.T) {
	s := threeCustomers(t)
	s.temporal.schedules.fails = map[string]error{
		"poll-esimerkki": errors.New("the first refusal"), "poll-mennyt": errors.New("the second refusal"),
	}
	_, failure := run(s, s.SyncCustomers, runs.SyncInput{Last: runs.SyncResult{Customers: []runs.CustomerState{{Tunniste: "mennyt"}}}})
	require.Equal(t, runs.FaultTemporal, failure.Type())
	require.ErrorContains(t, failure, "the first refusal")
	require.ErrorContains(t, failure, "the second refusal")
	require.Contains(t, s.temporal.schedules.all, "poll-toinen")
	require.Contains(t, s.temporal.schedules.all, "poll-kolmas")
}

func TestEveryEntryWithoutATunnisteIsShown(t *testing.T) {
	s := newScene(t)
	for _, fault := range []string{"line 9: the entry has no tunniste", "line 17: the entry is empty"} {
		s.settings.list = append(s.settings.list, config.Customer{Faults: []string{fault}})
	}
	s.hillava.customers = append(s.hillava.customers, hillava.Customer{ID: "C-9", Name: "Nimetön", IntegrationsActive: true})
	result := s.sync(runs.SyncResult{})
	require.Len(t, result.Customers, 4)
	require.Equal(t, runs.CustomerState{Reasons: []string{"line 9: the entry has no tunniste"}}, result.Customers[0])
	require.Equal(t, runs.CustomerState{Reasons: []string{"line 17: the entry is empty"}}, result.Customers[1])
	require.Equal(t, "C-9", result.Customers[2].CustomerID)

	s.hillava.customers = nil
	result = s.sync(result)
	require.Equal(t, []string{"line 17: the entry is empty"}, result.Customers[1].Reasons, "an unbelieved list mixes none of them up")
}

func TestAPersonsPauseIsKept(t *testing.T) {
	s := newScene(t)
	result := s.sync(runs.SyncResult{})
	person := &client.ScheduleState{Paused: true, Note: "Sopimus tauolla, soita Maijalle"}
	s.temporal.schedules.all["poll-esimerkki"].State = person
	s.settings.list[0].Poll.Every = time.Hour
	s.sync(result)
	require.Equal(t, time.Hour, s.temporal.schedules.every("poll-esimerkki"))
	require.Equal(t, *person, s.scheduleState("esimerkki"), "over an edit of the interval")
	s.settings.list[0].Faults = []string{"no consent"}
	s.sync(result)
	require.Equal(t, *person, s.scheduleState("esimerkki"), "and over a stop and its end")
	s.settings.list[0].Faults = nil
	s.sync(result)
	require.Equal(t, *person, s.scheduleState("esimerkki"))
}

func TestAChangedIntervalUpdatesTheSchedule(t *testing.T) {
	s := newScene(t)
	result := s.sync(runs.SyncResult{})
	s.settings.list[0].Poll.Every = 20 * time.Minute
	s.sync(result)
	require.Equal(t, []string{"update poll-esimerkki"}, s.temporal.schedules.calls)
	schedule := s.temporal.schedules.all["poll-esimerkki"]
	require.Equal(t, 20*time.Minute, schedule.Spec.Intervals[0].Every)
	require.Equal(t, 20*time.Minute, schedule.Policy.CatchupWindow)
	action, ok := schedule.Action.(*client.ScheduleWorkflowAction)
	require.True(t, ok)
	require.Len(t, action.Args, 1)
	require.Equal(t, payloadOf(runs.PollCustomerInput{Customer: "esimerkki", Every: 20 * time.Minute}), action.Args[0])
	require.Equal(t, "poll-esimerkki", action.ID)
}

func TestTwoWorkersMayMakeOneSchedule(t *testing.T) {
	s := newScene(t)
	s.sync(runs.SyncResult{})
	s.temporal.schedules.race = true
	s.sync(runs.SyncResult{})
	require.Equal(t, []string{"create poll-esimerkki"}, s.temporal.schedules.calls)
}

func TestACustomerThatIsInNeitherListIsPausedAndNeverDeleted(t *testing.T) {
	s := threeCustomers(t)
	before := s.sync(runs.SyncResult{})
	s.settings.list, s.hillava.customers = s.settings.list[:2], s.hillava.customers[:2]
	result := s.sync(before)
	require.Len(t, result.Customers, 2)
	require.True(t, s.scheduleState("kolmas").Paused)
	require.True(t, runs.PausedByUs(s.scheduleState("kolmas").Note))
}

func TestAFailedEmptyOrHalvedListRemovesNobody(t *testing.T) {
	for name, row := range map[string]struct {
		arrange func(*scene)
		fails   bool
		warns   bool
	}{
		"failed": {func(s *scene) {
			s.hillava.goes = func(string, func() error) error { return broken(peerHillava, false) }
		}, true, false},
		"empty":                             {func(s *scene) { s.hillava.customers = nil }, false, true},
		"halved":                            {func(s *scene) { s.hillava.customers = s.hillava.customers[:1] }, false, true},
		"empty, nothing is known of before": {func(s *scene) { s.hillava.customers = nil }, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := threeCustomers(t)
			before := s.sync(runs.SyncResult{})
			row.arrange(s)
			if name == "empty, nothing is known of before" {
				before = runs.SyncResult{}
			}
			for range 5 {
				s.clock = s.clock.Add(4 * time.Hour)
				if row.fails {
					_, failure := run(s, s.SyncCustomers, runs.SyncInput{Last: before})
					require.Equal(t, runs.FaultUnavailable, failure.Type())
				} else {
					before = s.sync(before)
					require.Equal(t, row.warns, before.Warning == runs.WarningShrunk)
				}
				for _, tunniste := range []string{"esimerkki", "toinen", "kolmas"} {
					require.Equal(t, client.ScheduleState{}, s.scheduleState(tunniste))
				}
			}
		})
	}
}

func TestAHalvedListIsBelievedAfterADayAnEmptyOneNever(t *testing.T) {
	for name, left := range map[string]int{"halved": 1, "empty": 0} {
		t.Run(name, func(t *testing.T) {
			s := threeCustomers(t)
			before := s.sync(runs.SyncResult{})
			s.hillava.customers = s.hillava.customers[:left]
			before = s.sync(before)
			s.clock = s.clock.Add(shrunkFor)
			before = s.sync(before)
			require.Equal(t, left == 0, before.Warning != "")
			require.Equal(t, left == 1, s.scheduleState("toinen").Paused)
			require.False(t, left == 1 && s.scheduleState("esimerkki").Paused)
		})
	}
}

func TestAnUnbelievedListHidesNoEditOfOurOwn(t *testing.T) {
	s := threeCustomers(t)
	before := s.sync(runs.SyncResult{})
	s.hillava.customers = nil
	s.settings.list[0].Faults = []string{"the consent has been withdrawn"}
	s.settings.list = s.settings.list[:2]
	before = s.sync(before)
	require.True(t, s.scheduleState("esimerkki").Paused, "a fault of its own counts at once")
	require.False(t, s.scheduleState("kolmas").Paused)

	s.hillava.customers = threeCustomers(t).hillava.customers[:2]
	s.sync(before)
	require.True(t, s.scheduleState("kolmas").Paused, "who went away meanwhile is found when lists are believed again")
}

func TestABrokenCustomersFileIsTold(t *testing.T) {
	s := newScene(t)
	s.settings.reloadErr = errors.New("customers.yaml: line 3")
	_, failure := run(s, s.SyncCustomers, runs.SyncInput{})
	requireReason(t, "customers-file", failure)
	require.Empty(t, s.temporal.schedules.all)
}

func TestACustomerDoubledInTheFileIsShownOnce(t *testing.T) {
	s := newScene(t)
	s.settings.list[0].Faults = []string{"two entries have this tunniste; leave one"}
	s.settings.list = append(s.settings.list, s.settings.list[0])
	require.Len(t, s.sync(runs.SyncResult{}).Customers, 1)
}

func TestTheRoundsOfADeploymentAreMadeAndASyncIsTriggered(t *testing.T) {
	s := newScene(t)
	require.NoError(t, runs.EnsureRounds(t.Context(), s.temporal, runs.Rounds{Sync: time.Minute, Reconcile: time.Hour}))
	require.Equal(t, time.Minute, s.temporal.schedules.every(runs.ScheduleSyncCustomers))
	require.Equal(t, time.Hour, s.temporal.schedules.every(runs.ScheduleReconcile))
	require.Contains(t, s.temporal.schedules.calls, "trigger sync-customers")
}

func TestACredentialThatNoHeaderTakesIsWaitedFor(t *testing.T) {
	s := newScene(t)
	s.tampuuri().put(101)
	s.offices.make = func(config.Customer) (Tampuuri, error) {
		return nil, errors.New("the credential salasana has a line break in it")
	}
	_, failure := run(s, s.SetState, s.tehty(101))
	require.Equal(t, runs.FaultCustomerStopped, failure.Type())
	require.False(t, failure.NonRetryable())
}
