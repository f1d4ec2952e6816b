package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/terminal"
)

// Notes say what a reader must know beside the figures.
func (r Report) Notes() (notes []string) {
	if r.Forgotten != nil {
		notes = append(notes, fmt.Sprintf("Temporal has forgotten the notices of %s that were closed before %s: they are not counted, so what took long counts for more", r.Month, notice.Clock(*r.Forgotten)))
	}
	if !r.Over {
		notes = append(notes, r.Month+" is not over yet")
	}
	return notes
}

// Rows are the report for people: a line for each figure.
func (r Report) Rows() []terminal.Row {
	all := 0
	for _, c := range r.Customers {
		all += c.Notices
	}
	rows := []terminal.Row{{Cells: []string{fmt.Sprintf("%s: %s of %s; times are from the import", r.Month, notice.Count(all, "notice"), notice.Count(len(r.Customers), "customer"))}}}
	if all == 0 {
		return rows
	}
	add := func(cells ...string) { rows = append(rows, terminal.Row{Cells: cells}) }
	add("CUSTOMER", "WHAT", "COUNT", "MEDIAN", "90 %")
	for _, c := range r.Customers {
		add(c.Tunniste, "notices", strconv.Itoa(c.Notices), "")
		if c.StartedAgain > 0 {
			add("", "started again", strconv.Itoa(c.StartedAgain), "")
		}
		for _, one := range []struct {
			what string
			took Duration
		}{{"task", c.Task}, {"Tehty", c.Tehty}, {"Valmis", c.Valmis}} {
			add("", one.what, strconv.Itoa(one.took.Count), brief(one.took.MedianSeconds), brief(one.took.P90Seconds))
		}
		for _, one := range c.Refusals {
			add("", "waited", strconv.Itoa(one.Count), one.String())
		}
	}
	return rows
}

// String is like "hillava-refused: 2 resent and went on, 1 dismissed, 1 waiting".
func (r Refusals) String() string {
	var parts []string
	for _, part := range []struct {
		count int
		words string
	}{
		{r.WentOn, "resent and went on"}, {r.RefusedAgain, "resent and refused again"}, {r.ByItself, "over by itself"},
		{r.Dismissed, "dismissed"}, {r.Closed, "closed"}, {r.Waiting, "still waiting"},
	} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.words))
		}
	}
	return r.Reason + ": " + strings.Join(parts, ", ")
}

var columns = []string{
	"month", "customer", "what", "reason", "count", "median_seconds", "p90_seconds",
	"went_on", "refused_again", "by_itself", "dismissed", "closed", "waiting",
}

// WriteCSV writes a line for each figure of each customer: what is notices, started-again, task, tehty, valmis or refusal.
// The columns are the same in every month.
func (r Report) WriteCSV(w io.Writer) error {
	table := csv.NewWriter(w)
	lines := [][]string{columns}
	for _, c := range r.Customers {
		line := func(what, reason string, cells ...string) {
			cells = append([]string{r.Month, c.Tunniste, what, reason}, cells...)
			lines = append(lines, append(cells, make([]string, len(columns)-len(cells))...))
		}
		line("notices", "", strconv.Itoa(c.Notices))
		line("started-again", "", strconv.Itoa(c.StartedAgain))
		for _, one := range []struct {
			what string
			took Duration
		}{{"task", c.Task}, {"tehty", c.Tehty}, {"valmis", c.Valmis}} {
			line(one.what, "", strconv.Itoa(one.took.Count), number(one.took.MedianSeconds), number(one.took.P90Seconds))
		}
		for _, one := range c.Refusals {
			line("refusal", one.Reason, strconv.Itoa(one.Count), "", "", strconv.Itoa(one.WentOn), strconv.Itoa(one.RefusedAgain),
				strconv.Itoa(one.ByItself), strconv.Itoa(one.Dismissed), strconv.Itoa(one.Closed), strconv.Itoa(one.Waiting))
		}
	}
	if err := table.WriteAll(lines); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

func number(seconds *float64) string {
	if seconds == nil {
		return ""
	}
	return strconv.FormatFloat(*seconds, 'f', -1, 64)
}
