package main

import (
	"context"
	"errors"
	"time"

	"tampuuri-hillava/internal/runs"
)

// markChanged adds to invoiced notices that their time entries were changed after sending. Their runs are closed, so
// the last reconciliation says it. Without one there is nothing to add.
func markChanged(ctx context.Context, from rounds, listed []*listedNotice) error {
	var last runs.ReconcileResult
	if _, err := from.last(ctx, runs.ScheduleReconcile, &last); err != nil && !errors.Is(err, errNoSchedule) {
		return err
	}
	changed := map[string]runs.ChangedAfter{}
	for _, one := range last.Hillava.Changed {
		changed[one.WorkflowID] = one
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
	return nil
}
