package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

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
