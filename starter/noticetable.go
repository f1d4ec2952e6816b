package main

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/terminal"
)

// tableOf is the list for people: a line that sums it up, then a line per notice. narrow leaves out what 80 columns have no
// room for.
func tableOf(listed []listedNotice, wide, narrow bool, now time.Time) []terminal.Row {
	rows := []terminal.Row{{Cells: []string{summary(listed)}}}
	if len(listed) == 0 {
		return rows
	}
	customers := map[string]bool{}
	for _, one := range listed {
		customers[one.Customer] = true
	}
	several := wide || len(customers) > 1
	pick := func(notice, customer, phase, since, why string, more ...string) []string {
		cells := []string{notice}
		if several {
			cells = append(cells, customer)
		}
		cells = append(cells, phase, since)
		if wide {
			cells = append(cells, more...)
		}
		return append(cells, why)
	}
	rows = append(rows, terminal.Row{Cells: pick("NOTICE", "CUSTOMER", "PHASE", "SINCE", "WHY", "TASK", "REPORTED", "WORKFLOW")})
	for _, one := range listed {
		since, colours := one.StartedAt, map[int]terminal.Colour{waitsForPerson: terminal.Red, triesAgain: terminal.Yellow}
		if one.Attention != nil {
			since = timeOrNil(one.Attention.Since)
		}
		at, why := notice.ClockMinute(since), one.Why
		if narrow {
			at, why = strings.TrimPrefix(at, notice.Clock(now)[:len("2006-")]), one.briefWhy()
		}
		rows = append(rows, terminal.Row{Colour: colours[one.rank()], Cells: pick(strconv.FormatInt(one.NoticeID, 10), terminal.OrDash(one.Customer),
			terminal.OrDash(string(one.Phase)), at, why, terminal.OrDash(one.TaskID), terminal.OrDash(string(one.Reported)), one.WorkflowID)})
	}
	return rows
}

// summary counts what waits for what, like "20 wait: 10 hillava-refused (4 × 422, 6 × 404), 10 two-tasks; 3 trying again".
func summary(listed []listedNotice) string {
	var waiting []listedNotice
	ranks := map[int]int{}
	for _, one := range listed {
		ranks[one.rank()]++
		if one.Attention != nil {
			waiting = append(waiting, one)
		}
	}
	parts := []string{"none waits for a person"}
	if len(waiting) > 0 {
		verb := "wait"
		if len(waiting) == 1 {
			verb = "waits"
		}
		parts[0] = fmt.Sprintf("%d %s: %s", len(waiting), verb, causes(waiting))
	}
	if ranks[triesAgain] > 0 {
		parts = append(parts, fmt.Sprintf("%d trying again", ranks[triesAgain]))
	}
	return strings.Join(append(parts, notice.Count(ranks[goesOn], "other")), "; ")
}

var statusIn = regexp.MustCompile(`status (\d{3})(?: \(fields: ([^)]*)\))?`)

// briefWhy is why, of a refusal only with its status and fields: the reason says whose it is, and starter notice show all.
func (l *listedNotice) briefWhy() string {
	if l.Attention == nil {
		return l.Why
	}
	found := statusIn.FindStringSubmatchIndex(l.Attention.Failure)
	if found == nil {
		return l.Why
	}
	return l.Attention.Reason + " " + l.Attention.Failure[found[2]:]
}

// causes counts waiting notices by reason, and by the status and the fields of the refusal: two causes may have one reason.
func causes(waiting []listedNotice) string {
	reasons, statuses := map[string]int{}, map[string]map[string]int{}
	for _, one := range waiting {
		reason := one.Attention.Reason
		reasons[reason]++
		if found := statusIn.FindStringSubmatch(one.Attention.Failure); found != nil {
			if statuses[reason] == nil {
				statuses[reason] = map[string]int{}
			}
			statuses[reason][strings.TrimSpace(found[1]+" "+strings.ReplaceAll(found[2], ", ", "+"))]++
		}
	}
	var parts []string
	for _, reason := range mostFirst(reasons) {
		part := fmt.Sprintf("%d %s", reasons[reason], reason)
		var of []string
		for _, status := range mostFirst(statuses[reason]) {
			of = append(of, fmt.Sprintf("%d × %s", statuses[reason][status], status))
		}
		if len(of) > 0 {
			part += " (" + strings.Join(of, ", ") + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

func mostFirst(counts map[string]int) []string {
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(a, b))
	})
}

// moment prints a time for people; "-" for none.
func moment(t *time.Time) string {
	if t == nil || t.IsZero() {
		return "-"
	}
	return notice.Clock(*t)
}
