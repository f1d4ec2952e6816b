package main

import (
	"context"
	"errors"
	"time"

	"tampuuri-hillava/workflows"
)

// markChanged adds to invoiced notices that their time entries were changed after sending. Their runs are closed, so
// the last reconciliation says it. Without one there is nothing to add.
func markChanged(ctx context.Context, from rounds, listed []*listedNotice) error {
	var last workflows.ReconcileResult
	if _, err := from.last(ctx, workflows.ScheduleReconcile, &last); err != nil && !errors.Is(err, errNoSchedule) {
		return err
	}
	changed := map[string]workflows.ChangedAfter{}
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
		one.Attention = &workflows.Attention{
			Reason: workflows.ReasonChangedAfterSending, Since: since, What: workflows.Advice(workflows.ReasonChangedAfterSending),
		}
	}
	return nil
}
