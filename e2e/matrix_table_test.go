package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

const (
	held     = "held"
	notLived = "was never lived" // of a cell that nobody has filled in
)

// matrix is the outcome of each cell: call by mishap. Rows and columns keep the order in which they were expected.
type matrix struct {
	mutex         sync.Mutex
	rows, columns []string
	cells         map[[2]string]string
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
		m.cells = map[[2]string]string{}
	}
	m.cells[[2]string{row, column}] = notLived
}

func (m *matrix) set(row, column, outcome string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.cells[[2]string{row, column}] = outcome
}

// print writes the table, and fails the test for every cell that did not fire or did not hold. Each line of the table
// begins with a bar, so that one search finds the tables of all tests; a dash is where a mishap cannot befall a call.
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
			switch outcome, expected := m.cells[[2]string{row, column}]; {
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
