package doctor

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers/customerstest"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/speech"
)

// fakeServer is a Temporal on which everything is in order, until a test changes it.
type fakeServer struct {
	customerstest.Temporal
	kept    time.Duration
	wrong   []string        // search attributes
	paused  map[string]bool // schedules
	workers int
	telling *runs.NotifyRun
	err     error
}

func goodServer() *fakeServer {
	s := &fakeServer{kept: runs.DefaultRetention, paused: map[string]bool{"sync-customers": false, "reconcile": false}, workers: 2}
	s.telling = &runs.NotifyRun{Marks: &runs.NotifyMarks{At: customerstest.LastGood, Open: 2}, Trying: &runs.PendingStep{LastFailure: runs.FaultNothingNew + ": 0 causes"}}
	s.Sync, s.Running = customerstest.Synced(customerstest.Served("esimerkki")), map[string]customerstest.Customer{"esimerkki": customerstest.Polled("esimerkki")}
	return s
}

func (f *fakeServer) Retention(context.Context) (time.Duration, error) { return f.kept, f.err }

func (f *fakeServer) WrongSearchAttributes(context.Context) ([]string, error) { return f.wrong, f.err }

func (f *fakeServer) SchedulePause(_ context.Context, id string) (paused bool, note string, err error) {
	paused, known := f.paused[id]
	if !known {
		return false, "", runs.ErrNone
	}
	return paused, "loma", f.err
}

func (f *fakeServer) Workers(context.Context) (int, error) { return f.workers, f.err }

func (f *fakeServer) NotifyRun(context.Context) (*runs.NotifyRun, error) {
	if f.err != nil {
		return nil, f.err
	}
	return f.telling, nil
}

func (f *fakeServer) LastSync(ctx context.Context) (runs.SyncResult, bool, error) {
	if f.err != nil {
		return runs.SyncResult{}, false, f.err
	}
	return f.Temporal.LastSync(ctx)
}

func (f *fakeServer) CustomerRun(ctx context.Context, tunniste string) (*runs.CustomerRun, error) {
	if f.err != nil {
		return nil, f.err
	}
	return f.Temporal.CustomerRun(ctx, tunniste)
}

func TestEveryCheckOfTheServerFailsWhenItsSubjectIsBroken(t *testing.T) {
	customers := []config.Customer{{Tunniste: "esimerkki", Poll: config.Poll{Every: time.Minute}}, {Tunniste: "stopped", Faults: []string{"no consent"}}}
	for _, f := range checkServer(t.Context(), goodServer(), customers, nil, someChannels(t), customerstest.LastGood) {
		requirePassed(t, f)
	}
	away := goodServer()
	away.err = errAway
	for _, f := range checkServer(t.Context(), away, customers, nil, channels{}, customerstest.LastGood) {
		switch f.Check.In(speech.English) {
		case "turvakielto flags":
			require.Equal(t, skipped, f.Verdict)
			continue
		case "channels":
			require.Equal(t, warned, f.Verdict)
			continue
		}
		requireFailing(t, f, "away")
	}

	s := goodServer()
	s.kept -= time.Hour
	require.Equal(t, warned, checkRetention(t.Context(), s).Verdict)

	s = goodServer()
	s.wrong = []string{"HillavaTask", "NoticePhase"}
	requireFailing(t, checkSearchAttributes(t.Context(), s), "HillavaTask, NoticePhase")

	s = goodServer()
	delete(s.paused, "reconcile")
	requireFailing(t, checkSchedules(t.Context(), s), "reconcile is missing")
	s = goodServer()
	s.paused["sync-customers"] = true
	requireFailing(t, checkSchedules(t.Context(), s), "sync-customers is paused: loma")

	s = goodServer()
	s.workers = 0
	requireFailing(t, checkWorkers(t.Context(), s), "no worker")
}

func TestDoctorLooksAtTheLastSync(t *testing.T) {
	s := goodServer()
	s.Sync = nil
	require.Equal(t, warned, checkSync(t.Context(), s).Verdict)
	s.Sync = &runs.SyncResult{Failure: runs.FaultCustomersFile}
	requireFailing(t, checkSync(t.Context(), s), "customers-file")
	s.Sync = &runs.SyncResult{Warning: runs.WarningShrunk}
	require.Equal(t, warned, checkSync(t.Context(), s).Verdict)

	s.Sync = customerstest.Synced(customerstest.Served("esimerkki"), runs.CustomerState{Tunniste: "vanha", Stranded: 3})
	stranded := checkSync(t.Context(), s)
	requireFailing(t, stranded, "vanha (3)")
	require.Contains(t, stranded.Do.In(speech.English), "formerly")
}

func TestDoctorLooksAtEachCustomersWorkflow(t *testing.T) {
	const every = time.Minute
	hours, err := config.ParseHours("06:00-22:00")
	require.NoError(t, err)
	noon := customerstest.LastGood // in Helsinki
	at := func(before time.Duration) *time.Time { return new(noon.Add(-before)) }
	last := func(before time.Duration, failure string) *runs.LastRound {
		return &runs.LastRound{At: at(before), PollCounts: runs.PollCounts{Failure: failure}}
	}
	good := func(before time.Duration) func(*runs.CustomerStatus) {
		return func(s *runs.CustomerStatus) { s.LastGoodPoll = at(before) }
	}
	for name, row := range map[string]struct {
		customer *customerstest.Customer
		now      time.Time
		verdict  Verdict
		found    string
	}{
		"polls":                      {new(customerstest.But(good(2 * every))), noon, passed, "customers that are polled: 1"},
		"no workflow":                {nil, noon, failed, "no workflow for esimerkki"},
		"no good poll for too long":  {new(customerstest.But(good(4 * every))), noon, failed, "esimerkki (last at"},
		"and the last one failed":    {new(customerstest.But(func(s *runs.CustomerStatus) { good(4 * every)(s); s.LastRound = last(0, "peer-unavailable") })), noon, failed, "esimerkki (last at"},
		"one failed, the last is ok": {new(customerstest.But(func(s *runs.CustomerStatus) { good(2 * every)(s); s.LastRound = last(0, "peer-unavailable") })), noon, passed, ""},
		"and nobody polls any more":  {new(customerstest.But(func(s *runs.CustomerStatus) { good(4 * every)(s); s.LastRound = last(4*every, "") })), noon, failed, "esimerkki"},
		"reads a long list":          {new(customerstest.But(func(s *runs.CustomerStatus) { s.LastGoodPoll, s.LastRound = nil, last(every, "") })), noon, passed, ""},
		"has not polled yet":         {new(customerstest.But(func(s *runs.CustomerStatus) { s.LastGoodPoll = nil })), noon, passed, ""},
		"may not poll":               {new(customerstest.But(func(s *runs.CustomerStatus) { s.LastGoodPoll, s.Reasons = nil, []string{"name differs"} })), noon, failed, "esimerkki"},
		"at night":                   {new(customerstest.But(func(s *runs.CustomerStatus) { s.LastRound = last(0, "") })), noon.Add(14 * time.Hour), passed, ""},
		"early in the morning":       {new(customerstest.But(func(s *runs.CustomerStatus) { s.LastRound = last(0, "") })), time.Date(2026, 2, 6, 4, 1, 0, 0, time.UTC), passed, ""},
		"paused":                     {new(customerstest.But(func(s *runs.CustomerStatus) { s.Paused = &runs.Paused{By: "toimisto", Since: noon} })), noon, warned, "by toimisto"},
		"does not answer":            {&customerstest.Customer{}, noon, failed, "workflows of customers that did not answer: 1"},
		"paused, no worker":          {&customerstest.Customer{Marks: &runs.Marks{LastGood: at(9 * every)}}, noon, warned, "paused: esimerkki"},
		"late, no worker":            {&customerstest.Customer{Marks: &runs.Marks{LastGood: at(9 * every), NextPoll: at(every), LastAt: at(9 * every)}}, noon, failed, "esimerkki"},
		"polled seldom, as the worker has it": {
			&customerstest.Customer{Status: customerstest.But(good(9 * every)).Status, Marks: &runs.Marks{Every: time.Hour}}, noon, passed, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := goodServer()
			s.Running = map[string]customerstest.Customer{}
			if row.customer != nil {
				s.Running["esimerkki"] = *row.customer
			}
			found := checkPolls(t.Context(), s, []config.Customer{{Tunniste: "esimerkki", Poll: config.Poll{Every: every, Hours: hours}}}, nil, row.now)[0]
			require.Equal(t, row.verdict, found.Verdict, "%+v", found)
			require.Contains(t, found.Found.In(speech.English), row.found)
		})
	}
}

func TestMissingTurvakieltoFlagsAreTold(t *testing.T) {
	customers := []config.Customer{{Tunniste: "esimerkki", Poll: config.Poll{Every: time.Minute}}}
	for name, row := range map[string]struct {
		status  runs.CustomerStatus
		verdict Verdict
		found   string
	}{
		"all there":    {runs.CustomerStatus{Open: 312}, passed, "every open notice"},
		"none there":   {runs.CustomerStatus{Open: 312, Unflagged: 312}, warned, "312 of 312 of esimerkki"},
		"some lack it": {runs.CustomerStatus{Open: 312, Unflagged: 4}, warned, "4 of 312 of esimerkki"},
	} {
		t.Run(name, func(t *testing.T) {
			s := goodServer()
			s.Running = map[string]customerstest.Customer{"esimerkki": {Status: &row.status}}
			found := checkPolls(t.Context(), s, customers, nil, time.Now())[1]
			require.Equal(t, "turvakielto flags", found.Check.In(speech.English))
			require.Equal(t, row.verdict, found.Verdict)
			require.Contains(t, found.Found.In(speech.English), row.found)
		})
	}
}
