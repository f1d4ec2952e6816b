package activities

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/tampuuri"
)

// poll is one round that goes on where the last one ended.
func (s *scene) poll(last runs.PollResult) runs.PollResult {
	return good(s, s.PollNotices, runs.PollInput{Customer: "esimerkki", Last: last})
}

// end closes the workflow of a notice.
func (s *scene) end(id int64, phase runs.Phase, status enumspb.WorkflowExecutionStatus) {
	s.tampuuri().clock = s.tampuuri().clock.Add(2 * time.Second)
	life := s.life(id)
	life.phase, life.status, life.closed = phase, status, s.tampuuri().clock
	life.result = &runs.NoticeResult{Phase: phase}
}

const completed = enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED

func ids(from, to int64) []int64 {
	all := []int64{}
	for id := from; id <= to; id++ {
		all = append(all, id)
	}
	return all
}

func TestANewNoticeStartsAWorkflowOnce(t *testing.T) {
	s := newScene(t)
	s.noticeLink = "https://tampuuri.example/{id}"
	s.tampuuri().put(101, func(n *notice.Notice) { n.PropertyID = 7 })
	first := s.poll(runs.PollResult{})
	require.Equal(t, 1, first.Started)
	require.Equal(t, s.clock.UTC(), first.LastGood)
	life := s.life(101)
	require.Equal(t, s.ref(101), life.ref)
	require.Equal(t, runs.StandingOpen, life.known.Standing)
	require.Equal(t, runs.TaskQueue, life.options.TaskQueue)
	require.Zero(t, life.options.WorkflowExecutionTimeout)
	require.Nil(t, life.options.RetryPolicy)
	require.Contains(t, life.options.StaticDetails, "https://tampuuri.example/101")
	property, ok := life.options.TypedSearchAttributes.GetKeyword(runs.AttributeProperty)
	require.True(t, ok)
	require.Equal(t, "7", property)
	require.NotContains(t, string(payloadOf(life.options.Memo).GetData()), "Hana", "nothing of the texts may enter Temporal")

	second := s.poll(first)
	require.Equal(t, 0, second.Started)
	require.Equal(t, 1, second.Known)
	require.Zero(t, second.Signalled)
	require.Equal(t, first.Marks, second.Marks)
}

func TestWhichNoticesAreOurs(t *testing.T) {
	for name, row := range map[string]struct {
		edit    func(*notice.Notice)
		started bool
	}{
		"open":                                 {func(*notice.Notice) {}, true},
		"in an open state that we do not know": {func(n *notice.Notice) { n.State = "Odottaa osia" }, true},
		"another performer's":                  {func(n *notice.Notice) { n.PerformerID = 9 }, false},
		"nobody's":                             {func(n *notice.Notice) { n.PerformerID = 0 }, false},
		"Tehty":                                {func(n *notice.Notice) { n.State = notice.Tehty }, false},
		"Valmis":                               {func(n *notice.Notice) { n.State = notice.Valmis }, false},
		"Peruttu":                              {func(n *notice.Notice) { n.State = notice.Peruttu }, false},
		"made at midnight of the start date here": {func(n *notice.Notice) { n.Created.At = time.Date(2026, 1, 31, 22, 0, 0, 0, time.UTC) }, true},
		"made a second before it":                 {func(n *notice.Notice) { n.Created.At = time.Date(2026, 1, 31, 21, 59, 59, 0, time.UTC) }, false},
		"made on the start date, without a time": {func(n *notice.Notice) {
			n.Created = notice.Moment{At: helsinkiTime("2026-02-01 00:00"), DateOnly: true}
		}, true},
		"without a time of creation, moved after it": {func(n *notice.Notice) { n.Created = notice.Moment{} }, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.tampuuri().put(101, row.edit)
			require.Equal(t, row.started, s.poll(runs.PollResult{}).Started == 1)
			require.Equal(t, row.started, s.life(101) != nil)
		})
	}
}

// A list that ignores the performer must not import what is somebody else's, nor move one performer's mark by another's.
func TestANoticeThatIsListedThoughAnotherPerformersIsSkipped(t *testing.T) {
	s, _ := hostileScene(t, func(_ int, _ time.Time, offset int) tampuuri.Page {
		of := func(id, performer int64) notice.Notice {
			n := listed(id, helsinkiTime("2026-03-01 12:00"))
			n.PerformerID = performer
			return n
		}
		return tampuuri.Page{Offset: offset, Total: 4, Items: []notice.Notice{of(101, 4711), of(102, 9), of(103, 0), of(104, 4712)}}
	})
	require.Equal(t, 1, s.poll(runs.PollResult{}).Started)
	require.Equal(t, []int64{101}, s.temporal.started())
}

func TestEachPerformerHasItsOwnMark(t *testing.T) {
	s := newScene(t)
	s.settings.list[0].PerformerIDs = []int64{4711, 4712}
	early, late := s.tampuuri().put(101), s.tampuuri().put(102, func(n *notice.Notice) { n.PerformerID = 4712 })
	s.tampuuri().put(103, func(n *notice.Notice) { n.PerformerID = 4713 })
	result := s.poll(runs.PollResult{})
	require.Equal(t, map[int64]string{4711: early.Modified.Format(time.RFC3339Nano), 4712: late.Modified.Format(time.RFC3339Nano)}, result.Marks)
	require.Equal(t, []int64{101, 102}, s.temporal.started())

	s.settings.list[0].PerformerIDs = []int64{4711, 4713}
	result = s.poll(result)
	require.Equal(t, []int64{101, 102, 103}, s.temporal.started(), "a new performer id is read from the start date")
	require.NotContains(t, result.Marks, int64(4712))
}

func TestMaxNewStopsTheRoundAndTheMarkStaysBeforeWhatIsNotStarted(t *testing.T) {
	s := newScene(t)
	s.settings.list[0].Poll.MaxNew = 2
	same := helsinkiTime("2026-03-02 09:00")
	for id := range int64(5) {
		n := s.tampuuri().put(101 + id)
		n.Modified = same.Add(time.Duration(id) * time.Hour) // beyond what is read again behind the mark
	}
	result := s.poll(runs.PollResult{})
	require.Equal(t, 2, result.Started)
	require.True(t, result.Left)
	require.Equal(t, same.Add(time.Hour).Format(time.RFC3339Nano), result.Marks[4711])
	result = s.poll(result)
	require.Equal(t, ids(101, 104), s.temporal.started())
	result = s.poll(result)
	require.Equal(t, ids(101, 105), s.temporal.started())
	require.False(t, result.Left)
}

func TestMaxNewCountsOverPerformers(t *testing.T) {
	s := newScene(t)
	s.settings.list[0].Poll.MaxNew, s.settings.list[0].PerformerIDs = 1, []int64{4711, 4712}
	s.tampuuri().put(101)
	s.tampuuri().put(102, func(n *notice.Notice) { n.PerformerID = 4712 })
	result := s.poll(runs.PollResult{})
	require.Equal(t, 1, result.Started)
	require.True(t, result.Left)
	require.Equal(t, 1, s.poll(result).Started)
}

func TestAFailureLosesNoNotice(t *testing.T) {
	s := newScene(t)
	s.tampuuri().put(101)
	s.temporal.down = serviceerror.NewUnavailable("away")
	_, failure := run(s, s.PollNotices, runs.PollInput{Customer: "esimerkki"})
	require.Equal(t, runs.FaultTemporal, failure.Type())
	require.False(t, failure.NonRetryable())
	s.temporal.down = nil
	s.tampuuri().goes = func(string, func() error) error { return refusal(peerTampuuri, http.StatusUnauthorized) }
	_, failure = run(s, s.PollNotices, runs.PollInput{Customer: "esimerkki"})
	require.Equal(t, runs.FaultCredentialsRefused, failure.Type())
	s.tampuuri().goes = nil
	s.clock = s.clock.Add(time.Hour)
	require.Equal(t, 1, s.poll(runs.PollResult{}).Started)
}

func TestOutsideThePollingHoursNothingIsAskedAndTheMarksStay(t *testing.T) {
	s := newScene(t)
	hours, err := config.ParseHours("06:00-22:00")
	require.NoError(t, err)
	s.settings.list[0].Poll.Hours = hours
	s.tampuuri().put(101)
	s.clock = helsinkiTime("2026-03-02 22:00")
	last := runs.PollResult{Marks: map[int64]string{4711: "2026-03-01T00:00:00Z"}, Started: 9, LastGood: helsinkiTime("2026-03-02 21:55")}
	result := s.poll(last)
	require.NotEmpty(t, result.Idle)
	require.Equal(t, last.Marks, result.Marks)
	require.Zero(t, result.Started)
	require.Empty(t, s.tampuuri().calls)
	s.clock = helsinkiTime("2026-03-02 21:59")
	require.Equal(t, 1, s.poll(result).Started)
}

func TestAStoppedCustomerIsNotPolled(t *testing.T) {
	for name, arrange := range map[string]func(*scene){
		"no entry":                 func(s *scene) { s.settings.list = nil },
		"a fault of its own":       func(s *scene) { s.settings.list[0].Faults = []string{"the consent is missing"} },
		"another name in Hillava":  func(s *scene) { s.hillava.customers[0].Name = "Aivan Muu Oy" },
		"a doubled Tunniste":       func(s *scene) { s.hillava.customers = append(s.hillava.customers, s.hillava.customers[0]) },
		"Integraatiot not active":  func(s *scene) { s.hillava.customers[0].IntegrationsActive = false },
		"not a customer of theirs": func(s *scene) { s.hillava.customers[0].ExternalID = "toinen" },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.tampuuri().put(101)
			arrange(s)
			_, failure := run(s, s.PollNotices, runs.PollInput{Customer: "esimerkki"})
			requireReason(t, runs.FaultCustomerStopped, failure)
			require.Empty(t, s.tampuuri().calls)
			require.NotContains(t, failure.Error(), "Aivan Muu")
		})
	}
}

func TestHillavasOutageStopsNoPoll(t *testing.T) {
	s := newScene(t)
	last := s.poll(runs.PollResult{})
	asked := len(s.hillava.calls)
	s.hillava.goes = func(string, func() error) error { return broken(peerHillava, false) }
	s.tampuuri().put(101)
	s.clock = s.clock.Add(time.Hour)
	last = s.poll(last)
	require.Equal(t, 1, last.Started)
	s.poll(last)
	require.Len(t, s.hillava.calls, asked+1, "not asked again at once")
	s.clock = s.clock.Add(staleFor)
	s.poll(last)
	require.Len(t, s.hillava.calls, asked+2)

	unknown := newScene(t)
	unknown.hillava.goes = func(string, func() error) error { return broken(peerHillava, false) }
	_, failure := run(unknown, unknown.PollNotices, runs.PollInput{Customer: "esimerkki"})
	require.Equal(t, runs.FaultUnavailable, failure.Type(), "without any list nobody knows who may be polled")
}

func TestAnEmptyOrHalvedListStopsNoPollAndNoTask(t *testing.T) {
	for name, left := range map[string]int{"empty": 0, "halved": 1} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			theirs := append(slices.Clone(s.hillava.customers), s.hillava.customers[0])
			theirs[1].ID, theirs[1].ExternalID = "C-2", "toinen"
			slices.Reverse(theirs)
			s.hillava.customers = theirs
			last := s.poll(runs.PollResult{})
			s.hillava.customers = theirs[:left]
			s.tampuuri().put(101)
			for range 2 {
				s.clock = s.clock.Add(time.Hour)
				last = s.poll(last)
				require.NotNil(t, s.life(101))
			}
			require.NotEmpty(t, good(s, s.CreateTask, s.ref(101)).TaskID)
			if left == 0 {
				return
			}
			s.clock = s.clock.Add(shrunkFor)
			_, failure := run(s, s.PollNotices, runs.PollInput{Customer: "esimerkki"})
			requireReason(t, runs.FaultCustomerStopped, failure)
		})
	}
}
