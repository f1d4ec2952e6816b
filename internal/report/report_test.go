package report

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/terminal"
)

var (
	noon    = time.Date(2026, 10, 5, 12, 0, 0, 0, notice.Helsinki())
	october = Month{time.Date(2026, 10, 1, 0, 0, 0, 0, notice.Helsinki()), time.Date(2026, 11, 1, 0, 0, 0, 0, notice.Helsinki())}
	winter  = time.Date(2026, 12, 1, 12, 0, 0, 0, notice.Helsinki())
)

// tale makes events of words: a phase, attention:reason, resent, Tehty, ended, or an activity; each an hour later.
func tale(words string) (events []runs.Event) {
	for i, word := range strings.Fields(words) {
		event := runs.Event{At: noon.Add(time.Duration(i) * time.Hour)}
		phase, reason, _ := strings.Cut(word, ":")
		switch {
		case phase == "resent":
			event.Resent = true
		case phase == "ended":
			event.Ended = true
		case phase == "Tehty":
			event.Did, event.Tehty = "SetState", true
		case phase == "working":
			event.Shown = &runs.Shown{Phase: runs.PhaseWorking, TaskID: "T-1"}
		case strings.ToLower(phase) == phase:
			event.Shown = &runs.Shown{Phase: runs.Phase(phase), Reason: reason}
		default:
			event.Did = phase
		}
		events = append(events, event)
	}
	return events
}

// kept is a Temporal that keeps these runs, oldest first, and knows no worker.
type kept struct {
	mutex     sync.Mutex
	lives     []*runs.Life
	histories map[string][]runs.Event
	failure   error
	filters   []runs.Filter
}

func (k *kept) add(tunniste string, number int, words string) *kept {
	runID := fmt.Sprintf("run-%d", len(k.lives))
	k.lives = append(k.lives, &runs.Life{WorkflowID: fmt.Sprintf("notice-%d", number), RunID: runID, Ref: runs.NoticeRef{Customer: tunniste}})
	if k.histories == nil {
		k.histories = map[string][]runs.Event{}
	}
	k.histories[runID] = tale(words)
	return k
}

func (k *kept) Runs(_ context.Context, filter runs.Filter) ([]*runs.Life, error) {
	k.filters = append(k.filters, filter)
	newestFirst := slices.Clone(k.lives)
	slices.Reverse(newestFirst)
	return newestFirst, nil
}

func (k *kept) History(_ context.Context, workflowID, runID string) ([]runs.Event, bool, error) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	switch events := k.histories[runID]; {
	case k.failure != nil:
		return nil, false, k.failure
	case len(events) == 0:
		return nil, false, fmt.Errorf("read the history of %s: %w", workflowID, runs.ErrNone)
	default:
		return events, true, nil
	}
}

func (k *kept) Retention(context.Context) (time.Duration, error) { return 90 * 24 * time.Hour, nil }

func silent(int, int) {}

func TestEachTimeInAttentionIsCountedByHowItEnded(t *testing.T) {
	for name, row := range map[string]struct {
		words string
		want  []Refusals
	}{
		"none":                   {"CreateTask working Tehty done PlanToimenpiteet ReportInvoiced invoiced ended", nil},
		"resent, and it went on": {"attention:a resent importing CreateTask working", []Refusals{{Reason: "a", Count: 1, WentOn: 1}}},
		"refused again": {"attention:a resent importing attention:a resent importing CreateTask working",
			[]Refusals{{Reason: "a", Count: 2, RefusedAgain: 1, WentOn: 1}}},
		"refused again after a look at the notice": {"attention:a resent working FollowNotice attention:a",
			[]Refusals{{Reason: "a", Count: 2, RefusedAgain: 1, Waiting: 1}}},
		"refused much later for the same reason": {"attention:a resent importing CreateTask working attention:a",
			[]Refusals{{Reason: "a", Count: 2, WentOn: 1, Waiting: 1}}},
		"another reason after a resend": {"attention:a resent working attention:b", []Refusals{{Reason: "a", Count: 1, WentOn: 1}, {Reason: "b", Count: 1, Waiting: 1}}},
		"dismissed":                     {"attention:a dismissed ended", []Refusals{{Reason: "a", Count: 1, Dismissed: 1}}},
		"closed by Laskutettu":          {"working attention:a PlanToimenpiteet ReportInvoiced invoiced ended", []Refusals{{Reason: "a", Count: 1, Closed: 1}}},
		"terminated":                    {"working attention:a ended", []Refusals{{Reason: "a", Count: 1, Closed: 1}}},
		"given back":                    {"working attention:a FollowNotice working", []Refusals{{Reason: "a", Count: 1, ByItself: 1}}},
		"two at once, and back to the first": {"working attention:a attention:b attention:a resent working",
			[]Refusals{{Reason: "a", Count: 1, WentOn: 1}, {Reason: "b", Count: 1, WentOn: 1}}},
		"an upsert that leaves the reason": {"working attention:a attention", []Refusals{{Reason: "a", Count: 1, Waiting: 1}}},
		"a resend of nothing":              {"working resent attention:a done", []Refusals{{Reason: "a", Count: 1, ByItself: 1}}},
	} {
		report, err := Make(t.Context(), new(kept).add("esimerkki", 1, row.words), october, nil, winter, silent)
		require.NoError(t, err)
		require.ElementsMatch(t, row.want, report.Customers[0].Refusals, name)
	}
}

func TestTimesAreFromTheStartOfANoticesFirstLifeInTheMonth(t *testing.T) {
	from := new(kept).
		add("esimerkki", 1, "CreateTask working Tehty done ReportInvoiced invoiced ended").
		add("esimerkki", 2, "CreateTask working Tehty").
		add("entinen", 3, "CreateTask working ended").
		add("esimerkki", 3, "CreateTask working FollowNotice Tehty done invoiced").
		add("toinen", 4, "CreateTask").
		add("toinen", 5, "") // Temporal has just forgotten it
	report, err := Make(t.Context(), from, october, nil, winter, silent)
	require.NoError(t, err)
	require.Len(t, report.Customers, 2)
	esimerkki, toinen := report.Customers[0], report.Customers[1]
	require.Equal(t, "esimerkki", esimerkki.Tunniste, "who took a notice over has it")
	require.Equal(t, 3, esimerkki.Notices)
	require.Equal(t, 1, esimerkki.StartedAgain)
	require.Equal(t, measure([]time.Duration{time.Hour, time.Hour, time.Hour}), esimerkki.Task, "the first task counts")
	require.Equal(t, measure([]time.Duration{2 * time.Hour, 2 * time.Hour, 3 * time.Hour}), esimerkki.Tehty)
	require.Equal(t, measure([]time.Duration{5 * time.Hour, 5 * time.Hour}), esimerkki.Valmis)
	require.Equal(t, Customer{Tunniste: "toinen", Notices: 1, Refusals: []Refusals{}}, toinen)
}

func TestMedianAndNineOfTen(t *testing.T) {
	hours := func(all ...int) (d []time.Duration) {
		for _, h := range all {
			d = append(d, time.Duration(h)*time.Hour)
		}
		return d
	}
	for _, row := range []struct {
		of          []time.Duration
		median, p90 float64
	}{
		{hours(7), 7, 7}, {hours(3, 1), 2, 3}, {hours(9, 1, 2), 2, 9},
		{hours(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 5.5, 9}, {hours(11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 6, 10},
	} {
		d := measure(row.of)
		require.Equal(t, len(row.of), d.Count)
		require.InDelta(t, row.median*3600, *d.MedianSeconds, 0)
		require.InDelta(t, row.p90*3600, *d.P90Seconds, 0)
	}
	require.Equal(t, Duration{}, measure(nil))
	for seconds, words := range map[float64]string{0.04: "0.0 s", 59: "59.0 s", 90: "1.5 min", 5400: "1.5 h", 129600: "1.5 d"} {
		require.Equal(t, words, brief(&seconds))
	}
}

func TestAReportAsksForItsMonthInFinnishTime(t *testing.T) {
	month, err := ParseMonth("2026-10", winter)
	require.NoError(t, err)
	require.True(t, month.From.Equal(october.From) && month.To.Equal(october.To))
	from := new(kept).add("esimerkki", 1, "CreateTask working")
	report, err := Make(t.Context(), from, month, []string{"esimerkki"}, winter, silent)
	require.NoError(t, err)
	require.Equal(t, time.UTC, report.From.Location(), "in JSON times are UTC")
	require.Equal(t, []runs.Filter{{Started: runs.Span{From: month.From, To: month.To}, Customers: []string{"esimerkki"}}}, from.filters)

	for _, wrong := range []string{"2026-13", "2026", "10/2026", "2026-1", ""} {
		_, err := ParseMonth(wrong, winter)
		require.ErrorContains(t, err, "no month", wrong)
	}
	_, err = ParseMonth("2027-01", winter)
	require.ErrorContains(t, err, "has not begun")
}

func TestAReportSaysWhatTemporalHasForgotten(t *testing.T) {
	from := new(kept).add("esimerkki", 1, "CreateTask working")
	whole, err := Make(t.Context(), from, october, nil, time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), silent)
	require.NoError(t, err)
	require.Empty(t, whole.Notes(), "all of October is kept for 90 days")
	late, err := Make(t.Context(), from, october, nil, time.Date(2027, 1, 20, 12, 0, 0, 0, time.UTC), silent)
	require.NoError(t, err)
	require.Equal(t, "2026-10-22T12:00:00Z", late.Forgotten.Format(time.RFC3339))
	require.Contains(t, late.Notes()[0], "closed before 2026-10-22 15:00:00")
	early, err := Make(t.Context(), from, october, nil, noon, silent)
	require.NoError(t, err)
	require.Equal(t, []string{"2026-10 is not over yet"}, early.Notes())
}

// crowd lets no history be read before so many are asked for side by side.
type crowd struct {
	*kept
	inside atomic.Int32
	full   chan struct{}
	once   sync.Once
	most   atomic.Int32
}

func (c *crowd) History(ctx context.Context, workflowID, runID string) ([]runs.Event, bool, error) {
	defer c.inside.Add(-1)
	now := c.inside.Add(1)
	for most := c.most.Load(); now > most && !c.most.CompareAndSwap(most, now); most = c.most.Load() {
	}
	if now == readAtOnce {
		c.once.Do(func() { close(c.full) })
	}
	select {
	case <-c.full:
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
	return c.kept.History(ctx, workflowID, runID)
}

func TestHistoriesAreReadSideBySideAndNotAllAtOnce(t *testing.T) {
	from := &crowd{kept: new(kept), full: make(chan struct{})}
	for i := range readAtOnce + 1 {
		from.add("esimerkki", i, "CreateTask working")
	}
	read := 0
	report, err := Make(t.Context(), from, october, nil, winter, func(done, all int) {
		require.Equal(t, readAtOnce+1, all)
		read = max(read, done)
	})
	require.NoError(t, err)
	require.Equal(t, readAtOnce+1, report.Customers[0].Notices)
	require.Equal(t, readAtOnce+1, read)
	require.EqualValues(t, readAtOnce, from.most.Load())
}

func TestAHistoryThatCannotBeReadFailsTheReport(t *testing.T) {
	from := new(kept).add("esimerkki", 1, "CreateTask working")
	from.failure = errors.New("Temporal is away")
	_, err := Make(t.Context(), from, october, nil, winter, silent)
	require.ErrorIs(t, err, from.failure, "figures that lack some would be wrong unseen")
}

func TestAReportFitsATerminalAndASpreadsheet(t *testing.T) {
	from := new(kept).
		add("esimerkki", 1, "attention:hillava-refused resent importing CreateTask working Tehty done invoiced").
		add("esimerkki", 2, "attention:hillava-refused dismissed ended").
		add("esimerkki", 3, "CreateTask working ended").add("esimerkki", 3, "working")
	report, err := Make(t.Context(), from, october, nil, winter, silent)
	require.NoError(t, err)
	var table, csv bytes.Buffer
	require.NoError(t, terminal.Output{Stdout: &table, Width: 80}.Table(report.Rows()))
	require.Equal(t, `2026-10: 3 notices of 1 customer; times are from the import
CUSTOMER   WHAT           COUNT  MEDIAN  90 %
esimerkki  notices        3
           started again  1
           task           2      2.5 h   4.0 h
           Tehty          1      5.0 h   5.0 h
           Valmis         1      7.0 h   7.0 h
           waited         2      hillava-refused: 1 resent and went on, 1
                                 dismissed
`, table.String())
	require.NoError(t, report.WriteCSV(&csv))
	require.Equal(t, `month,customer,what,reason,count,median_seconds,p90_seconds,went_on,refused_again,by_itself,dismissed,closed,waiting
2026-10,esimerkki,notices,,3,,,,,,,,
2026-10,esimerkki,started-again,,1,,,,,,,,
2026-10,esimerkki,task,,2,9000,14400,,,,,,
2026-10,esimerkki,tehty,,1,18000,18000,,,,,,
2026-10,esimerkki,valmis,,1,25200,25200,,,,,,
2026-10,esimerkki,refusal,hillava-refused,2,,,1,0,0,1,0,0
`, csv.String())
	table.Reset()
	require.NoError(t, terminal.Output{Stdout: &table}.Table(Report{Month: "2026-10"}.Rows()))
	require.Equal(t, "2026-10: 0 notices of 0 customers; times are from the import\n", table.String())
}
