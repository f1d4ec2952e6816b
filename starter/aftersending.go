package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"tampuuri-hillava/internal/runs"
)

// withChanged marks those notices, and adds those that only a list of all would have.
func withChanged(ctx context.Context, from describer, s selection, listed []listedNotice, changed map[string]runs.ChangedAfter) ([]listedNotice, error) {
	for i := range listed {
		one := &listed[i]
		if found, ok := changed[one.WorkflowID]; ok && one.Phase == runs.PhaseInvoiced && one.Attention == nil {
			one.Attention = changedAttention(found)
		}
		delete(changed, one.WorkflowID)
	}
	if s.all || s.phase != "" || s.reason != "" && s.reason != runs.ReasonChangedAfterSending {
		return listed, nil
	}
	for _, workflowID := range slices.Sorted(maps.Keys(changed)) {
		description, err := from.Describe(ctx, workflowID)
		if errors.Is(err, runs.ErrNone) {
			continue // erased, or over 90 days ago
		}
		if err != nil {
			return nil, err
		}
		one := readNotice(description.Life)
		if one.Phase == runs.PhaseInvoiced && (s.customer == "" || s.customer == one.Customer) {
			one.Attention = changedAttention(changed[workflowID])
			listed = append(listed, one)
		}
	}
	return listed, nil
}

func timeIn(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at
}
