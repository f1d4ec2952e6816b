package e2e

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/ledger"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

const (
	soakNotices   = 80 // the short form; with E2E_PROOF=1 provenNotices
	provenNotices = 200
	soakAtOnce    = 60
	killEvery     = 20 * time.Second
	soakEntries   = 2 // time entries of each notice
	soakCustomers = 5
)

// TestSoak lives many notices while every kind of fault befalls 1 % of the requests and the worker is killed every 20 s:
//
//	E2E_SOAK=2000 go test ./e2e -run TestSoak -timeout 3h -v       # the long form
//
// Polls and reconciliations are as much later than in a sandbox as a round over so many notices takes longer.
func TestSoak(t *testing.T) {
	parallelCrowd(t)
	count := number(t, "E2E_SOAK", inProof(provenNotices, soakNotices))
	s := &soak{fired: map[string]int{}}
	customers := []stack.Customer{}
	for i := range soakCustomers {
		customers = append(customers, stack.Customer{
			Tunniste: fmt.Sprintf("asiakas-%d", i), Name: fmt.Sprintf("Asiakas %d Oy", i), Performers: []int64{int64(100 + i)},
		})
	}
	pace := time.Duration(max(3, count/100)) * time.Second
	s.world = start(t, stack.Options{
		Customers: customers, LedgerFile: filepath.Join(t.TempDir(), "ledger.jsonl"), PollEvery: pace, ReconcileEvery: 2 * pace, SyncEvery: 20 * time.Second,
	})
	s.keepRunning(s.Worker)
	ctx, stop := context.WithCancel(t.Context())
	var misfortune sync.WaitGroup
	for _, kind := range soakFaults {
		misfortune.Go(func() { s.befall(ctx, kind) })
	}
	misfortune.Go(func() { s.killWorker(ctx) })
	misfortune.Go(func() { s.measure(ctx) })
	misfortune.Go(func() { s.watch(ctx) })
	misfortune.Go(func() { s.attend(ctx) })

	began := time.Now()
	var group errgroup.Group
	group.SetLimit(max(soakAtOnce, count/10))
	for i := range count {
		group.Go(func() error { return s.live(customers[i%len(customers)]) })
	}
	lived := group.Wait()
	stop()
	misfortune.Wait()
	require.NoError(t, lived)
	s.Faults.Clear()
	s.report(count, time.Since(began))
}

// soakFaults are the kinds that pass by themselves.
var soakFaults = []fault.Kind{
	fault.Refuse, fault.ResetBefore, fault.ApplyThenReset, fault.ApplyThenHang, fault.HangThenApply, fault.ApplyThen500,
	fault.ApplyThen503, fault.ApplyThenHTML, fault.ApplyThenGarbage, fault.ApplyThenEmpty, fault.SlowDrip, fault.HTML,
	fault.Status429, fault.Status500, fault.Status503,
}

// soak is one run.
type soak struct {
	*world

	mutex    sync.Mutex
	fired    map[string]int // faults by kind
	kills    int
	samples  map[string][]sample // by program
	tasks    map[string]string   // external id → task
	states   map[string]string   // customer/id → state
	advanced chan struct{}       // closed when either has grown
}

// attend resends what waits for a person every now and then: an answer that is cut off counts as unreadable, and that
// is for a person.
func (s *soak) attend(ctx context.Context) {
	ticker := time.NewTicker(5 * time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			_ = s.resendRefused(ctx) // next time
		}
	}
}

// sample is what a program's metrics say.
type sample struct{ goroutines, bytes float64 }

// befall lets one fault in a hundred requests be of that kind, each at a random one of the next 199.
func (s *soak) befall(ctx context.Context, kind fault.Kind) {
	for ctx.Err() == nil {
		f := fault.Fault{Kind: kind, After: 1 + rand.IntN(199)}
		if kind == fault.HangThenApply {
			f.Delay = httpTimeout + httpTimeout/5
		}
		id := s.Faults.Add(f)
		if s.Faults.AwaitFired(ctx, id, 1) == nil {
			s.mutex.Lock()
			s.fired[string(kind)]++
			s.mutex.Unlock()
		}
		s.Faults.Remove(id)
	}
}

func (s *soak) killWorker(ctx context.Context) {
	next := time.NewTimer(killEvery / 4) // the short form must not be over before the first
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
			if s.Worker.Kill() == nil {
				s.kills++
			}
			next.Reset(killEvery)
		}
	}
}

// watch follows the ledger, so that thousands of lives can wait for what concerns them without each reading all of it.
func (s *soak) watch(ctx context.Context) {
	s.mutex.Lock()
	s.tasks, s.states, s.advanced = map[string]string{}, map[string]string{}, make(chan struct{})
	s.mutex.Unlock()
	seen := 0
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for ctx.Err() == nil {
		entries := s.Ledger.Entries()
		s.mutex.Lock()
		for _, e := range entries[seen:] {
			switch e.Kind {
			case ledger.TaskCreated:
				s.tasks[fmt.Sprint(e.Detail["externalId"])] = e.Key
			case ledger.StateSet:
				s.states[e.Customer+"/"+e.Key] = fmt.Sprint(e.Detail["to"])
			}
		}
		if len(entries) > seen {
			close(s.advanced)
			s.advanced = make(chan struct{})
		}
		seen = len(entries)
		s.mutex.Unlock()
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}

// soakPatience bounds what a life waits for: faults and kills may befall it again and again.
const soakPatience = 5 * time.Minute

// await waits until have says so, asking whenever the ledger has grown.
func (s *soak) await(what string, have func() bool) error {
	ctx, cancel := context.WithTimeout(s.t.Context(), soakPatience)
	defer cancel()
	for {
		s.mutex.Lock()
		ok, advanced := have(), s.advanced
		s.mutex.Unlock()
		if ok {
			return nil
		}
		retry := time.NewTimer(time.Second)
		select {
		case <-advanced:
		case <-retry.C: // advanced is nil until the watch begins
		case <-ctx.Done():
			return fmt.Errorf("waited %s for %s", soakPatience, what)
		}
		retry.Stop()
	}
}

// live is the life of one notice as people drive it.
func (s *soak) live(customer stack.Customer) error {
	fields := stack.ExampleNotice()
	guid := uuid.NewString()
	fields["Guid"], fields["TyonsuorittajaYritysId"] = guid, customer.Performers[0]
	id, err := s.Tampuuri.AddNotice(customer.Tunniste, fields)
	if err != nil {
		return err
	}
	name := customer.Tunniste + "/" + strconv.FormatInt(id, 10)
	if err := s.await("the task of "+name, func() bool { return s.tasks[guid] != "" }); err != nil {
		return err
	}
	s.mutex.Lock()
	taskID := s.tasks[guid]
	s.mutex.Unlock()
	for n := range soakEntries {
		entry := hillava.TimeEntry{Date: "2026-02-03", Resource: hillava.Resource{ID: "R-1", Name: "Testi Asentaja"}, CustomerSummary: fmt.Sprintf("Työ %d", n), Hours: 1}
		if _, err := s.Hillava.AddTimeEntry(taskID, entry); err != nil {
			return err
		}
	}
	for _, press := range []struct{ transition, state string }{
		{hillava.TransitionDone, tampuuri.Tehty}, {hillava.TransitionInvoiced, tampuuri.Valmis},
	} {
		if err := s.Hillava.Transition(taskID, press.transition); err != nil {
			return err
		}
		if err := s.await(name+" to be "+press.state, func() bool { return s.states[name] == press.state }); err != nil {
			return err
		}
	}
	return nil
}

// measure samples both programs' metrics. The receiver lives for the whole run; the worker's lives are short, and what
// they start with must not grow either.
func (s *soak) measure(ctx context.Context) {
	s.samples = map[string][]sample{}
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for _, program := range []*stack.Program{s.Worker, s.Serve} {
			values, err := scrape(ctx, program.OpsURL+"/metrics")
			if err != nil {
				continue // it has just been killed
			}
			s.samples[program.Name] = append(s.samples[program.Name], sample{values["go_goroutines"], values["process_resident_memory_bytes"]})
		}
	}
}

// scrape reads the metrics that have no labels.
func scrape(ctx context.Context, url string) (map[string]float64, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	values := map[string]float64{}
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		name, text, _ := strings.Cut(lines.Text(), " ")
		if value, err := strconv.ParseFloat(text, 64); err == nil {
			values[name] = value
		}
	}
	return values, lines.Err()
}

// report has the ledger judged and prints the figures.
func (s *soak) report(count int, took time.Duration) {
	s.t.Helper()
	checker, err := buildChecker()
	require.NoError(s.t, err)
	output, err := exec.CommandContext(s.context(), checker, s.ledgerFile, "--settled").CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		require.NoError(s.t, err)
	}
	duplicates, lost := s.duplicatesAndLost(count)
	faults := 0
	for _, times := range s.fired {
		faults += times
	}
	requests := 0
	for _, counts := range []map[string]int{s.Tampuuri.Requests(), s.Hillava.Requests()} {
		for _, times := range counts {
			requests += times
		}
	}
	s.t.Logf("%d notices in %.0f s; %d requests to the peers, %d faults %v; worker killed %d times; duplicates %d, lost %d",
		count, took.Seconds(), requests, faults, s.fired, s.kills, duplicates, lost)
	for name, samples := range s.samples {
		first, last := thirds(samples)
		s.t.Logf("%s: goroutines %.0f → %.0f, memory %.1f → %.1f MiB (medians of the first and the last third of %d samples)",
			name, first.goroutines, last.goroutines, first.bytes/(1<<20), last.bytes/(1<<20), len(samples))
		require.Less(s.t, last.goroutines, 1.5*first.goroutines+20, "%s's goroutines", name)
		require.Less(s.t, last.bytes, 1.5*first.bytes+32<<20, "%s's memory", name)
	}
	require.NoError(s.t, err, "the ledger checker:\n%s", output)
	s.t.Logf("the ledger checker: %s", output)
	require.Zero(s.t, duplicates)
	require.Zero(s.t, lost)
	s.troubled()
}

// troubled requires that there was something to survive: the worker was killed, and a fault of each kind fired.
func (s *soak) troubled() {
	s.t.Helper()
	require.Positive(s.t, s.kills, "kills of the worker")
	for _, kind := range soakFaults {
		require.Positive(s.t, s.fired[string(kind)], "faults of kind %s", kind)
	}
}

// duplicatesAndLost counts, without the checker's code: tasks, toimenpiteet and notifications beyond one of each, and
// those that are missing.
func (s *soak) duplicatesAndLost(count int) (duplicates, lost int) {
	have := map[string]int{}
	for _, e := range s.Ledger.Entries() {
		switch e.Kind {
		case ledger.TaskCreated:
			have[fmt.Sprint("task ", e.Detail["externalId"])]++
		case ledger.ToimenpideAdded:
			have[fmt.Sprint("toimenpide ", e.Customer, "/", e.Key, " ", e.Detail["summary"])]++
		case ledger.ParticipantsNotified:
			have[fmt.Sprint("notified ", e.Customer, "/", e.Key, " ", e.Detail["state"])]++
		}
	}
	for _, times := range have {
		duplicates += times - 1
	}
	return duplicates, count*(1+soakEntries+2) - len(have)
}

// thirds are the medians of the first and the last third.
func thirds(samples []sample) (first, last sample) {
	third := max(len(samples)/3, 1)
	if len(samples) == 0 {
		return sample{}, sample{}
	}
	return median(samples[:third]), median(samples[len(samples)-third:])
}

func median(samples []sample) sample {
	var goroutines, bytes []float64
	for _, one := range samples {
		goroutines, bytes = append(goroutines, one.goroutines), append(bytes, one.bytes)
	}
	slices.Sort(goroutines)
	slices.Sort(bytes)
	return sample{goroutines[len(goroutines)/2], bytes[len(bytes)/2]}
}
