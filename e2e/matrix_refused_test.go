package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// TestMatrixOfRefusedConnections closes a peer's port just before each call of a life: not one byte of the call is sent.
// The worker's log is the proof that it was this call which met a closed port; then the port opens again. Other lives meet
// the closed port too.
func TestMatrixOfRefusedConnections(t *testing.T) {
	parallelCrowd(t)
	w := start(t, stack.Options{Customers: fullerCustomers(), WithoutWorker: true, ReconcileEvery: 10 * time.Minute})
	doors := map[string]*door{"tampuuri": openDoor(t, w.Tampuuri), "hillava": openDoor(t, w.Hillava)}
	w.Worker.Setenv("TAMPUURI_URL", doors["tampuuri"].url+tampuuri.Base)
	w.Worker.Setenv("HILLAVA_URL", doors["hillava"].url+"/")
	require.NoError(t, w.Worker.Start())
	require.NoError(t, w.Worker.WaitReady(w.context()))
	var cells []*cell
	for _, refusal := range refusedCalls {
		spoiler := &refusalSpoiler{refusal: refusal, door: doors[refusal.system], log: w.Worker.LogPath, seen: make(chan error, 1)}
		life := (*cell).liveThroughClosedDoors
		if refusal.from == fromExisting || refusal.from == fromConflict {
			life = (*cell).liveTakenThroughClosedDoors
		}
		cells = append(cells, &cell{row: refusal.name, column: "connection refused", spoiler: spoiler, life: life})
	}
	w.runMatrix(cells)
	w.checkLedger("--approved-only", "esimerkki")
}

// liveThroughClosedDoors is a fuller life that waits for no approval, so that only polls and webhooks move it on.
func (c *cell) liveThroughClosedDoors() error {
	return inTurn(c.makeNotice, c.awaitTask, c.awaitAccepted, c.enterApproved, c.reportDone, c.edit, c.pressInvoiced, c.awaitEnd,
		c.oneNote, c.acceptedOnce)
}

func (c *cell) liveTakenThroughClosedDoors() error {
	return inTurn(c.takeTask, c.liveThroughClosedDoors)
}

// refusalSpoiler closes a door at its moment and opens it when the call has met it.
type refusalSpoiler struct {
	refusal
	door  *door
	log   string      // the worker's
	shut  atomic.Bool // the door has been closed, and what came of that is in seen, or will be
	tries int
	seen  chan error // one outcome
}

// mostTries bounds how often a door is closed for one cell. Another cell's closed door may have ended the attempt, so that
// the call which was waited for is one of the next attempt's.
const mostTries = 6

func (s *refusalSpoiler) reach(c *cell, at moment) {
	switch {
	case at != s.from:
	case s.behind == "":
		s.close(c, 0)
	default:
		s.closeBehind(c, s.after)
	}
}

// closeBehind closes the door after so many calls of the operation before it.
func (s *refusalSpoiler) closeBehind(c *cell, after int) {
	behind := fault.Fault{Op: s.behind, Key: c.key(s.behind), After: after, Kind: fault.CallAfter, Call: func() { s.close(c, after) }}
	if s.behind == tampuuri.OpList {
		behind.Customer = "esimerkki" // whose poll it is that sees the notice
	}
	c.Faults.Add(behind)
}

func (s *refusalSpoiler) close(c *cell, after int) {
	s.shut.Store(true)
	s.tries++
	from, err := os.Stat(s.log)
	if err != nil {
		s.seen <- err
		return
	}
	if err := s.door.close(); err != nil {
		s.seen <- err
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(c.t.Context(), mostClosed)
		defer cancel()
		var met string
		err := stack.WaitFor(ctx, "the worker to log that a call was refused", func(context.Context) (err error) {
			met, err = logged(s.log, from.Size(), "notice-"+c.guid, "connection refused")
			return err
		})
		again := err == nil && !strings.Contains(met, s.system+": "+s.words+": ")
		switch {
		case again && (s.behind == "" || s.tries == mostTries):
			err, again = fmt.Errorf("another call was refused: %s", met), false
		case again && strings.Contains(met, `"`+s.system+": "): // the door was closed too early in this attempt
			s.shut.Store(false)
			s.closeBehind(c, after+1)
		case again:
			s.shut.Store(false)
			s.closeBehind(c, after)
		}
		if problem := s.door.open(); err == nil {
			err = problem
		}
		if !again || err != nil {
			s.seen <- err
		}
	}()
}

// mostClosed bounds how long one cell keeps a door closed, as all others wait before it.
const mostClosed = 20 * time.Second

func (s *refusalSpoiler) fired(*cell) error {
	if !s.shut.Load() {
		return fmt.Errorf("the call before it did not come")
	}
	return <-s.seen
}

// logged looks behind an offset of a log for a line with all these words.
func logged(path string, offset int64, words ...string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return "", err
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(line, word) }) {
			return line, nil
		}
	}
	if err := lines.Err(); err != nil {
		return "", err
	}
	return "", fmt.Errorf("no line has %q", words)
}

// door is a port in front of a stand-in. Each connection serves one request, so that a closed port is met at once.
type door struct {
	url      string
	listener *fault.Listener
	mutex    sync.Mutex
	closed   int // by so many cells
}

func openDoor(t *testing.T, to http.Handler) *door {
	t.Helper()
	port, err := stack.FreePort() // nobody else may take it while it is closed
	require.NoError(t, err)
	listener, err := fault.Listen(fmt.Sprintf("127.0.0.1:%d", port))
	require.NoError(t, err)
	server := &http.Server{Handler: to, ReadHeaderTimeout: 10 * time.Second}
	server.SetKeepAlivesEnabled(false)
	go func() { _ = server.Serve(listener) }() // ends with ErrServerClosed
	t.Cleanup(func() { _, _ = server.Close(), listener.Close() })
	return &door{url: "http://" + listener.Addr().String(), listener: listener}
}

func (d *door) close() error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.closed++
	return d.listener.Refuse()
}

// open opens the port unless another cell wants it closed.
func (d *door) open() error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.closed--; d.closed > 0 {
		return nil
	}
	return d.listener.Up()
}
