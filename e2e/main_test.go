// Package e2e runs the programs as their users do, against a real Temporal server and the stand-ins of both systems,
// and looks at what each system holds in the end.
package e2e

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"tampuuri-hillava/sandbox/stack"
)

// programs and server are shared by all tests; each test has a namespace, stand-ins and processes of its own.
var (
	programs stack.Programs
	server   *stack.Temporal
	scratch  string // a folder that is removed at the end
)

func TestMain(m *testing.M) {
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func runAll(m *testing.M) (int, error) {
	flag.Parse()
	if testing.Short() {
		fmt.Println("SKIPPED: the end-to-end tests (-short leaves them out)")
		return 0, nil
	}
	if err := sideBySide(); err != nil {
		return 1, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 25*time.Minute) // the first build of the server takes minutes
	defer cancel()
	var err error
	if programs, err = stack.BuildPrograms(ctx, os.Stderr); err != nil {
		return 1, err
	}
	if scratch, err = os.MkdirTemp("", "e2e-"); err != nil {
		return 1, err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	if server, err = stack.StartTemporal(ctx, stack.TemporalOptions{Dir: scratch, Progress: os.Stderr, Headless: true}); err != nil {
		return 1, err
	}
	defer func() { _ = server.Close() }()
	return m.Run(), nil
}

// atOnce is how many tests run side by side, as most of what they do is wait; -parallel sets another number. Few measure
// what a busy machine would change: they run before the others, each alone.
const atOnce = 6

// crowds limits the tests that have many lives at once: three whole matrices keep two cores busy.
var crowds = make(chan struct{}, inProof(3, atOnce))

// parallelCrowd is t.Parallel for a test with many lives at once.
func parallelCrowd(t *testing.T) {
	t.Helper()
	t.Parallel()
	crowds <- struct{}{}
	t.Cleanup(func() { <-crowds })
}

func sideBySide() error {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if given {
		return nil
	}
	return flag.Set("test.parallel", strconv.Itoa(atOnce))
}

// together runs subtests that mostly wait, all at once. With t.Parallel each would wait for its turn behind all tests.
func together(t *testing.T, tests map[string]func(*testing.T)) {
	t.Helper()
	var all sync.WaitGroup
	for name, test := range tests {
		all.Go(func() { t.Run(name, test) })
	}
	all.Wait()
}

var (
	namespaceCount int
	namespaceMutex sync.Mutex
)

// ownNamespace gives the test a namespace, so that tests see only their own workflows and schedules.
func ownNamespace(t *testing.T) *stack.Temporal {
	t.Helper()
	namespaceMutex.Lock()
	namespaceCount++
	name := fmt.Sprintf("e2e-%d", namespaceCount)
	namespaceMutex.Unlock()
	own, err := server.CreateNamespace(t.Context(), name)
	require.NoError(t, err)
	return own
}

// world is one running installation with a client to look at its workflows.
type world struct {
	*stack.Stack
	t          *testing.T
	client     client.Client
	ledgerFile string
}

// httpTimeout keeps the ratios of production (in-flight window, attempt lengths) at a tenth of its times.
const httpTimeout = time.Second

func start(t *testing.T, o stack.Options) *world {
	t.Helper()
	o.Progress = os.Stderr
	if o.Programs == (stack.Programs{}) {
		o.Programs = programs
	}
	if o.Temporal == nil {
		o.Temporal = ownNamespace(t)
	}
	if o.HTTPTimeout == 0 {
		o.HTTPTimeout = httpTimeout
	}
	if o.PollEvery == 0 {
		o.PollEvery = time.Second
	}
	if o.LedgerFile == "" {
		o.LedgerFile = filepath.Join(t.TempDir(), "ledger.jsonl")
	}
	running, err := stack.New(t.Context(), o)
	require.NoError(t, err)
	w := &world{Stack: running, t: t, ledgerFile: o.LedgerFile}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("worker's log ends:\n%s\nstarter serve's log ends:\n%s", running.Worker.LogTail(60), running.Serve.LogTail(20))
		}
		logs := opened(t, running.Worker.LogPath, running.Serve.LogPath)
		require.NoError(t, running.Close())
		requireNobodyIn(t, logs)
		endSchedules(running)
	})
	w.client, err = running.Client(t.Context())
	require.NoError(t, err)
	t.Cleanup(w.client.Close)
	return w
}

// endSchedules deletes the schedules that an installation has left: they would go on firing for as long as the server
// runs, and with those of many tests leave no time for the next one. It tries: the server may be a test's own, and dead.
func endSchedules(of *stack.Stack) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	connected, err := of.Client(ctx)
	if err != nil {
		return
	}
	defer connected.Close()
	schedules, err := connected.ScheduleClient().List(ctx, client.ScheduleListOptions{})
	for err == nil && schedules.HasNext() {
		var entry *client.ScheduleListEntry
		if entry, err = schedules.Next(); err == nil {
			err = connected.ScheduleClient().GetHandle(ctx, entry.ID).Delete(ctx)
		}
	}
}

// patience bounds every wait of a test, which ends with what it waits for: a machine with two busy cores is slow.
const patience = 6 * time.Minute

func (w *world) context() context.Context {
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	w.t.Cleanup(cancel)
	return ctx
}

// starter runs a command of the starter and requires that it succeeds.
func (w *world) starter(arguments ...string) string {
	w.t.Helper()
	out, messages, code, err := w.Starter(w.context(), arguments...)
	require.NoError(w.t, err)
	require.Zero(w.t, code, "starter %s: %s", strings.Join(arguments, " "), messages)
	return out
}

// opened opens the logs of the programs that were started: Close removes the files, and writes their last lines.
func opened(t *testing.T, paths ...string) (logs []*os.File) {
	t.Helper()
	for _, path := range paths {
		log, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		require.NoError(t, err)
		logs = append(logs, log)
	}
	return logs
}

// requireNobodyIn fails the test when a log holds what the example notice says about people or their home. Every test of
// the suite thus looks for leaks on its own path; the canary looks everywhere on one.
func requireNobodyIn(t *testing.T, logs []*os.File) {
	t.Helper()
	example := stack.ExampleNotice()
	var wanted []string
	for _, field := range []string{
		"KirjaajaNimi", "Tilaaja", "TilaajanPuhelin", "TilaajanSähköposti", "Ilmoittaja", "IlmoittajanPuhelin", "IlmoittajanSähköposti",
		"Kiinteistö", "TyötehtävänOtsikko", "TyötehtävänKuvaus", "TyötehtävänLisätiedot", "Sisäänpääsy",
	} {
		value, ok := example[field].(string)
		require.True(t, ok, "the example notice has %s", field)
		wanted = append(wanted, value, strings.ReplaceAll(value, " ", ""), url.QueryEscape(value), url.PathEscape(value))
	}
	for _, log := range logs {
		content, err := io.ReadAll(log)
		require.NoError(t, err)
		require.NoError(t, log.Close())
		require.NotEmpty(t, content, "%s was searched", log.Name())
		for _, value := range wanted {
			if bytes.Contains(content, []byte(value)) {
				t.Errorf("LEAK: %s holds %q", filepath.Base(log.Name()), value)
			}
		}
	}
}

// proof tells whether everything is to be shown (E2E_PROOF=1, make proof), or a part that differs from run to run.
func proof() bool { return os.Getenv("E2E_PROOF") != "" }

// inProof gives one figure for the proof, and another for a run that should be quick.
func inProof[T any](proven, quick T) T {
	if proof() {
		return proven
	}
	return quick
}

// seedOf is the seed that a test draws with; E2E_SEED sets it, so that a run can be repeated.
func seedOf(t *testing.T) int {
	t.Helper()
	seed := number(t, "E2E_SEED", int(rand.Uint32()))
	t.Logf("E2E_SEED=%d draws the same again", seed)
	return seed
}

// number is a whole number from the environment.
func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	value, err := strconv.Atoi(text)
	require.NoError(t, err, "%s is a whole number", name)
	return value
}

// keepRunning starts a program again whenever it has been killed, until the test ends.
func (w *world) keepRunning(program *stack.Program) {
	done := make(chan struct{})
	w.t.Cleanup(func() { <-done })
	ctx := w.t.Context()
	go func() {
		defer close(done)
		for {
			select {
			case <-program.Ended():
			case <-ctx.Done():
				return
			}
			if ctx.Err() != nil || program.Start() != nil {
				return
			}
		}
	}()
}

// pause lets simulated time on the wire pass; it is no synchronisation.
func pause(t *testing.T, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
	}
}

// ownTemporal is a server of the test's own, which it may kill.
func ownTemporal(t *testing.T) *stack.Temporal {
	t.Helper()
	folder := t.TempDir()
	own, err := stack.StartTemporal(t.Context(), stack.TemporalOptions{
		Dir: folder, DB: filepath.Join(folder, "temporal.db"), Headless: true, OwnServer: true,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, own.Close()) })
	return own
}
