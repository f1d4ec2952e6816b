package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tampuuri-hillava/internal/runs"
)

// customersReader finds the customers whose workflows run, and looks at each.
type customersReader interface {
	customerReader
	Customers(ctx context.Context) ([]string, error)
}

// markChanged adds to invoiced notices that their time entries were changed after sending. Their runs are closed, so
// their customers' workflows say it. note tells a person of those that did not answer.
func markChanged(ctx context.Context, from customersReader, listed []*listedNotice) (note string) {
	views, err := viewsOfInvoiced(ctx, from, listed)
	if err != nil {
		return fmt.Sprintf("whether time entries were changed after sending could not be asked: %v", err)
	}
	changed := map[string]runs.ChangedAfter{}
	var silent []string
	for _, tunniste := range slices.Sorted(maps.Keys(views)) {
		switch view := views[tunniste]; {
		case view.answered:
			for _, one := range view.status.Changed {
				changed[one.WorkflowID] = one
			}
		case view.run != nil:
			silent = append(silent, tunniste)
		}
	}
	for _, one := range listed {
		found, ok := changed[one.WorkflowID]
		if !ok || one.Attention != nil {
			continue
		}
		since, err := time.Parse(time.RFC3339, found.Since)
		if err != nil {
			since = time.Time{}
		}
		one.Attention = &runs.Attention{
			Reason: runs.ReasonChangedAfterSending, Since: since, What: runs.Advice(runs.ReasonChangedAfterSending),
		}
	}
	if len(silent) == 0 {
		return ""
	}
	return fmt.Sprintf("whether time entries were changed after sending is not known of %s, which did not answer; is a worker running? starter doctor tells", strings.Join(silent, ", "))
}

// viewsOfInvoiced looks at the customers of invoiced notices. Those of a Tunniste that nobody has any more may go on under
// any other.
func viewsOfInvoiced(ctx context.Context, from customersReader, listed []*listedNotice) (map[string]customerView, error) {
	var customers []string
	for _, one := range listed {
		if one.Phase == runs.PhaseInvoiced && one.Attention == nil && !slices.Contains(customers, one.Customer) {
			customers = append(customers, one.Customer)
		}
	}
	if len(customers) == 0 {
		return nil, nil
	}
	running, err := from.Customers(ctx)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(customers, func(tunniste string) bool { return !slices.Contains(running, tunniste) }) {
		customers = running
	}
	views, _, err := viewCustomers(ctx, from, customers)
	return views, err
}
