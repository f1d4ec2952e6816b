package activities

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/tampuuri"
)

// hostileTampuuri lists whatever its pages function says.
type hostileTampuuri struct {
	*tampuuriFake
	asked int
	pages func(asked int, since time.Time, offset int) tampuuri.Page
}

func (h *hostileTampuuri) Browse(_ context.Context, _ int64, since time.Time, offset, _ int) (tampuuri.Page, error) {
	h.asked++
	return h.pages(h.asked, since, offset), nil
}

// listed is a row of ours as a list shows it.
func listed(id int64, modified time.Time) notice.Notice {
	return notice.Notice{
		ID: id, State: "Uusi", PerformerID: 4711, Modified: modified, Created: notice.Moment{At: modified},
	}
}

// hostileScene has one customer whose Tampuuri lists what pages says.
func hostileScene(t *testing.T, pages func(asked int, since time.Time, offset int) tampuuri.Page) (*scene, *hostileTampuuri) {
	t.Helper()
	s := newScene(t)
	hostile := &hostileTampuuri{tampuuriFake: s.tampuuri(), pages: pages}
	s.offices.make = func(config.Customer) (Tampuuri, error) { return hostile, nil }
	return s, hostile
}

func TestAListThatNeverEndsEndsTheRound(t *testing.T) {
	start := helsinkiTime("2026-02-02 08:00")
	rows := func(from, count int64, at time.Time) []notice.Notice {
		var all []notice.Notice
		for id := from; id < from+count; id++ {
			all = append(all, listed(id, at))
		}
		return all
	}
	for name, pages := range map[string]func(asked int, since time.Time, offset int) tampuuri.Page{
		"the same page for ever": func(_ int, _ time.Time, offset int) tampuuri.Page {
			return tampuuri.Page{Offset: offset, Total: 1 << 40, Items: rows(1, 3, start)}
		},
		"two pages in turn": func(asked int, _ time.Time, offset int) tampuuri.Page {
			return tampuuri.Page{Offset: offset, Total: 1 << 40, Items: rows(int64(asked%2)*10+1, 3, start)}
		},
		"unreadable rows without end": func(asked int, _ time.Time, offset int) tampuuri.Page {
			return tampuuri.Page{Offset: offset, Total: 1 << 40, Skipped: []int64{int64(asked)}}
		},
		"one more row each time, older than asked for": func(asked int, _ time.Time, offset int) tampuuri.Page {
			return tampuuri.Page{Offset: offset, Total: 1 << 40, Items: rows(int64(asked%50)+1, 1, start.Add(-time.Hour))}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, hostile := hostileScene(t, pages)
			_, failure := run(s, s.PollNotices, runs.PollInput{Customer: "esimerkki"})
			requireReason(t, runs.ReasonUnreadable, failure)
			require.LessOrEqual(t, hostile.asked, maxPages)
		})
	}
}

func TestAShortOrLyingTotalEndsTheRoundInGoodOrder(t *testing.T) {
	start := helsinkiTime("2026-02-02 08:00")
	for name, total := range map[string]int{"total of zero": 0, "total below the rows": 1, "negative total": -5} {
		t.Run(name, func(t *testing.T) {
			s, _ := hostileScene(t, func(_ int, _ time.Time, offset int) tampuuri.Page {
				return tampuuri.Page{Offset: offset, Total: total, Items: []notice.Notice{listed(1, start), listed(2, start)}}
			})
			require.Equal(t, 2, s.poll(runs.PollResult{}).Started, "the rows that came are imported")
		})
	}
}

// A clock that is off must neither lose a notice nor import one twice.
func TestAPeersClockThatIsOffLosesNoNotice(t *testing.T) {
	for _, off := range []time.Duration{-10 * time.Minute, 10 * time.Minute, 24 * 365 * 70 * time.Hour} {
		t.Run(off.String(), func(t *testing.T) {
			s := newScene(t)
			s.tampuuri().clock = s.clock.Add(off)
			s.tampuuri().put(101)
			result := s.poll(runs.PollResult{})
			require.Equal(t, 1, result.Started)
			// The clock is set right, or the next notice is written by a server whose clock is.
			s.tampuuri().clock = s.clock
			s.tampuuri().put(102)
			require.Equal(t, 1, s.poll(result).Started)
		})
	}
}

func TestOneRowFromTheFutureHidesNoLaterOne(t *testing.T) {
	s := newScene(t)
	s.tampuuri().put(101, func(n *notice.Notice) { n.Modified = helsinkiTime("2126-01-01 00:00") })
	result := s.poll(runs.PollResult{})
	require.Equal(t, 1, result.Started)
	for id := int64(102); id < 105; id++ {
		s.clock = s.clock.Add(time.Hour)
		s.tampuuri().clock = s.clock
		s.tampuuri().put(id)
		result = s.poll(result)
		require.Equal(t, 1, result.Started, "notice %d", id)
	}
}

func TestATaskFromTheFutureHidesNoLaterEvent(t *testing.T) {
	for _, off := range []time.Duration{-10 * time.Minute, 10 * time.Minute, 24 * 365 * 70 * time.Hour} {
		t.Run(off.String(), func(t *testing.T) {
			s := reconcileScene(t)
			wrong := taskWith(s, 101, s.event(hillava.EventDone, -off))
			wrong.Modified = s.clock.Add(off)
			s.hillava.tasks = []hillava.Task{wrong}
			first := good(s, s.ReconcileHillava, runs.ReconcileInput{})
			require.Equal(t, 1, first.Signalled, "its event is sent whatever its time says")

			later := taskWith(s, 102, s.event(hillava.EventDone, time.Hour))
			later.Modified = s.clock
			s.hillava.tasks = append(s.hillava.tasks, later)
			second := good(s, s.ReconcileHillava, runs.ReconcileInput{Last: runs.ReconcileResult{Hillava: first}})
			require.Len(t, s.life(102).signals, 1)
			mark, err := time.Parse(time.RFC3339Nano, second.Mark)
			require.NoError(t, err)
			require.False(t, mark.After(s.clock), "the mark stays in the present")
		})
	}
}

func TestChangedTasksWithoutEndEndTheRound(t *testing.T) {
	s := newScene(t)
	endless := &endlessHillava{hillavaFake: s.hillava}
	s.Activities.hillava.Hillava = endless
	_, failure := run(s, s.ReconcileHillava, runs.ReconcileInput{})
	requireReason(t, runs.ReasonUnreadable, failure)
	require.LessOrEqual(t, endless.asked, maxPages)
}

type endlessHillava struct {
	*hillavaFake
	asked int
}

func (h *endlessHillava) ChangedTasks(context.Context, time.Time, int, int) (hillava.TaskPage, error) {
	h.asked++
	page := hillava.TaskPage{Total: 1 << 40}
	for i := range 3 {
		page.Items = append(page.Items, hillava.Task{ID: fmt.Sprint("T-", i)})
	}
	return page, nil
}
