package e2e

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/tampuuri"
)

// cell is one life with one fault. The fault befalls the call of the cell's row in the way of its column.
type cell struct {
	*world
	row, column string
	spoiler     spoiler
	life        func(*cell) error
	id          int64  // of the notice
	guid        string // its external id

	mutex  sync.Mutex
	taskID string // Hillava's, once there is a task
}

// spoiler lets a fault befall a life.
type spoiler interface {
	reach(c *cell, at moment) // the life has come that far
	fired(c *cell) error      // nil when the fault has happened
}

// reach tells the spoiler. A life that has a task made by somebody else comes from two sides.
func (c *cell) reach(at moment) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.spoiler.reach(c, at)
}

func (c *cell) setTask(id string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.taskID = id
}

// key is what the requests of a call about the cell's notice are told by; "" for calls that serve many notices.
func (c *cell) key(op string) string {
	switch op {
	case hillava.OpFindTask, hillava.OpCreateTask:
		return c.guid
	case hillava.OpReadTask, hillava.OpNote, hillava.OpTimeEntries:
		return c.taskID
	case tampuuri.OpRead, tampuuri.OpTila, tampuuri.OpToimenpide, tampuuri.OpKohde:
		return fmt.Sprint(c.id)
	default:
		return ""
	}
}

// faultSpoiler switches a fault of the stand-ins on.
type faultSpoiler struct {
	call   outbound
	column peerFault
	number int // of the fault, once it is switched on
}

func (s *faultSpoiler) reach(c *cell, at moment) {
	if at == fromInvoice && s.shared(c) { // as long as the notice is open, calls that serve many are made
		_ = c.Faults.AwaitFired(c.context(), s.number, 1) // fired tells
	}
	if at != s.call.from {
		return
	}
	f := fault.Fault{
		System: s.call.system, Op: s.call.op, Key: c.key(s.call.op), After: s.call.after, Times: s.column.times,
		Kind: s.column.kind, RetryAfter: s.column.retry, Delay: s.column.delay,
	}
	if s.column.call != nil {
		f.Call = func() { s.column.call(c.world) }
	}
	s.number = c.Faults.Add(f)
}

// shared says that the call serves many notices.
func (s *faultSpoiler) shared(c *cell) bool { return c.key(s.call.op) == "" }

func (s *faultSpoiler) fired(c *cell) error {
	for _, status := range c.Faults.List() {
		if status.ID == s.number && status.Fired > 0 {
			return nil
		}
		if status.ID == s.number {
			return fmt.Errorf("the fault did not fire (%d matching requests)", status.Seen)
		}
	}
	return fmt.Errorf("the fault was never switched on")
}

// faultCells are every call with every fault.
func (w *world) faultCells(calls []outbound, columns []peerFault, life func(*cell) error) []*cell {
	var cells []*cell
	for _, call := range calls {
		for _, column := range columns {
			cells = append(cells, &cell{row: call.name, column: column.name, spoiler: &faultSpoiler{call: call, column: column}, life: life})
		}
	}
	return cells
}

const (
	firstOfCells = 1000 // number of the first cell's notice
	mostAtOnce   = 40
)

// runMatrix lives one life per cell, many at a time, each with its own fault: of every cell with proof, else of some.
func (w *world) runMatrix(cells []*cell) {
	w.t.Helper()
	var all []place
	for _, c := range cells {
		all = append(all, place{c.row, c.column})
	}
	drawn := covering(w.t, all)
	cells = slices.DeleteFunc(cells, func(c *cell) bool { return !drawn[place{c.row, c.column}] })
	var results matrix
	for i, c := range cells { // before any life begins: a call that serves many notices may be made once only
		c.world, c.id, c.guid = w, int64(firstOfCells+i), uuid.NewString()
		results.expect(c.row, c.column)
		c.reach(fromStart)
	}
	var group errgroup.Group
	group.SetLimit(mostAtOnce)
	for _, c := range cells {
		group.Go(func() error {
			outcome := held
			if err := c.outcome(); err != nil {
				outcome = err.Error()
			}
			results.set(c.row, c.column, outcome)
			return nil
		})
	}
	_ = group.Wait() // every outcome stands in its cell
	results.print(w.t)
}

// outcome lives the cell's life and looks at what is left.
func (c *cell) outcome() error {
	if err := c.life(c); err != nil {
		return err
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if err := c.spoiler.fired(c); err != nil {
		return err
	}
	return c.exactlyOnce("esimerkki", c.id, 2, 2)
}

// place is a cell of a matrix: its row and its column.
type place [2]string

// covering draws, of all cells, so few that every row and every column has one. With proof it is all of them.
func covering(t *testing.T, all []place) map[place]bool {
	t.Helper()
	drawn := map[place]bool{}
	if proof() {
		for _, cell := range all {
			drawn[cell] = true
		}
		return drawn
	}
	random := rand.New(rand.NewPCG(uint64(seedOf(t)), 0))
	all = slices.Clone(all)
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	rows, columns := map[string]bool{}, map[string]bool{}
	for _, needed := range []func(place) bool{
		func(cell place) bool { return !rows[cell[0]] && !columns[cell[1]] },
		func(cell place) bool { return !rows[cell[0]] || !columns[cell[1]] },
	} {
		for _, cell := range all {
			if needed(cell) {
				drawn[cell], rows[cell[0]], columns[cell[1]] = true, true, true
			}
		}
	}
	t.Logf("%d of %d cells, each call and each fault at least once; all of them with E2E_PROOF=1", len(drawn), len(all))
	return drawn
}

func TestACoveringDrawHasEveryRowAndColumn(t *testing.T) {
	t.Setenv("E2E_PROOF", "")
	var all []place
	for row := range 7 {
		for column := range 4 {
			if row != 3 || column == 2 { // a call that only one fault can befall
				all = append(all, place{fmt.Sprint("row ", row), fmt.Sprint("column ", column)})
			}
		}
	}
	draws := map[string]bool{}
	for seed := range 20 {
		t.Setenv("E2E_SEED", strconv.Itoa(seed))
		rows, columns := map[string]bool{}, map[string]bool{}
		drawn := covering(t, all)
		for cell := range drawn {
			rows[cell[0]], columns[cell[1]] = true, true
		}
		require.Len(t, rows, 7)
		require.Len(t, columns, 4)
		require.LessOrEqual(t, len(drawn), 7)
		require.Equal(t, drawn, covering(t, all), "the same seed draws the same")
		draws[fmt.Sprint(drawn)] = true
	}
	require.Greater(t, len(draws), 10, "another seed draws others")
	t.Setenv("E2E_PROOF", "1")
	require.Len(t, covering(t, all), len(all))
}

const (
	held     = "held"
	notLived = "was never lived" // of a cell that nobody has filled in
)

// matrix is the outcome of each cell: call by fault. Rows and columns keep the order in which they were expected.
type matrix struct {
	mutex         sync.Mutex
	rows, columns []string
	cells         map[place]string
}

// expect makes room for a cell; one that stays empty fails the test.
func (m *matrix) expect(row, column string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if !slices.Contains(m.rows, row) {
		m.rows = append(m.rows, row)
	}
	if !slices.Contains(m.columns, column) {
		m.columns = append(m.columns, column)
	}
	if m.cells == nil {
		m.cells = map[place]string{}
	}
	m.cells[place{row, column}] = notLived
}

func (m *matrix) set(row, column, outcome string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.cells[place{row, column}] = outcome
}

// print writes the table, and fails the test for every cell that did not fire or did not hold. Each line of the table
// begins with a bar, so that one search finds the tables of all tests; a dash is where a fault cannot befall a call.
func (m *matrix) print(t *testing.T) {
	t.Helper()
	line := func(table *strings.Builder, first string, others func(column string) string) {
		fmt.Fprintf(table, "\n| %-32s |", first)
		for _, column := range m.columns {
			fmt.Fprintf(table, " %-18s |", others(column))
		}
	}
	var table strings.Builder
	good := 0
	line(&table, t.Name(), func(column string) string { return column })
	for _, row := range m.rows {
		line(&table, row, func(column string) string {
			switch outcome, expected := m.cells[place{row, column}]; {
			case !expected:
				return "-"
			case outcome == held:
				good++
				return held
			default:
				t.Errorf("%s, %s: %s", row, column, outcome)
				return "FAILED"
			}
		})
	}
	t.Logf("%s\n| %s: %d of %d cells fired and held", table.String(), t.Name(), good, len(m.cells))
}
