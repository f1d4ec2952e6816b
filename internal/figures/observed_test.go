package figures

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
)

// observedFake is Temporal as an Observer sees it.
type observedFake struct {
	mutex     sync.Mutex
	open      map[runs.Phase]int64
	marks     map[string]*runs.Marks // of running workflows; nil: they have taken them in
	status    map[string]runs.CustomerStatus
	sync      runs.SyncResult
	reconcile runs.ReconcileResult
	failure   map[string]error // by what is asked, or by Tunniste
	asked     map[string]int   // the same
	hang      chan struct{}    // closed: goes on
}

func (f *observedFake) ask(what string) error {
	if f.hang != nil {
		<-f.hang // whatever its context says
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.asked == nil {
		f.asked = map[string]int{}
	}
	f.asked[what]++
	return f.failure[what]
}

func (f *observedFake) OpenByPhase(context.Context) (map[runs.Phase]int64, error) {
	return f.open, f.ask("open")
}

func (f *observedFake) Customers(context.Context) ([]string, error) {
	err := f.ask("customers")
	f.mutex.Lock()
	defer f.mutex.Unlock()
	var tunnisteet []string
	for tunniste := range f.marks {
		tunnisteet = append(tunnisteet, tunniste)
	}
	slices.Sort(tunnisteet)
	return tunnisteet, err
}

func (f *observedFake) CustomerRun(_ context.Context, tunniste string) (*runs.CustomerRun, error) {
	if err := f.ask(tunniste); err != nil {
		return nil, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	marks, running := f.marks[tunniste]
	if !running {
		return nil, nil
	}
	return &runs.CustomerRun{Marks: marks}, nil
}

func (f *observedFake) CustomerStatus(_ context.Context, tunniste string) (runs.CustomerStatus, error) {
	return f.status[tunniste], f.ask("status of " + tunniste)
}

func (f *observedFake) LastSync(context.Context) (runs.SyncResult, bool, error) {
	return f.sync, true, f.ask("sync")
}

func (f *observedFake) LastReconcile(context.Context) (runs.ReconcileResult, bool, error) {
	return f.reconcile, true, f.ask("reconcile")
}

// observed is an Observer with its clock and what it exports.
type observed struct {
	*Observer
	at   time.Time
	page func() string
}

// ours are the lines of the page with a figure of ours.
var ours = regexp.MustCompile(`(?m)^tampuuri_hillava_.*`)

func observer(t *testing.T, f *observedFake) *observed {
	t.Helper()
	o := &observed{at: time.Unix(1_770_000_000, 0)}
	o.Observer = NewObserver(f, runs.Rounds{Sync: 15 * time.Minute, Reconcile: 10 * time.Minute}, slog.New(slog.DiscardHandler), func() time.Time { return o.at })
	metrics, err := telemetry.NewMetrics()
	require.NoError(t, err)
	require.NoError(t, o.Observe(metrics.Provider.Meter("test")))
	o.page = func() string {
		response := httptest.NewRecorder()
		metrics.Handler.ServeHTTP(response, httptest.NewRequest("GET", "/metrics", nil))
		return strings.Join(ours.FindAllString(response.Body.String(), -1), "\n") + "\n"
	}
	return o
}

func (o *observed) pass(t *testing.T) {
	o.observe(t.Context(), func() []string { return nil })
}

// ago is a time so long before now, as marks hold it.
func (o *observed) ago(since time.Duration) *time.Time {
	at := o.at.Add(-since)
	return &at
}

// polled are the marks of a customer that was polled well so long ago.
func (o *observed) polled(since time.Duration) runs.Marks {
	return runs.Marks{At: *o.ago(since), LastGood: o.ago(since), NextPoll: o.ago(since - 5*time.Minute), Every: 5 * time.Minute}
}

func (o *observed) shows(t *testing.T, name string, at time.Time) {
	t.Helper()
	require.Contains(t, o.page(), fmt.Sprintf("%s %s\n", name, floatOf(at)))
}

func floatOf(at time.Time) string {
	if at.IsZero() {
		return "0"
	}
	return fmt.Sprintf("%.9ge+09", float64(at.Unix())/1e9)
}

const lastGoodOfEsimerkki = `tampuuri_hillava_last_good_poll_seconds{customer="esimerkki"}`
