package main

import (
	"context"
	"errors"
	"fmt"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
)

// noticeErase removes everything that we hold of a notice: its runs in Temporal with their histories, memos and search
// attributes. What both systems hold of it is theirs. Only a mark stays, under the external id, so that nothing that was
// reported is reported again.
func noticeErase(ctx context.Context, out output, args []string) error {
	flags := flagSet("notice erase")
	asJSON := flags.Bool("json", false, "")
	by := byFlag(flags)
	name, err := parseNoticeName(flags, args)
	if err != nil {
		return err
	}
	event := telemetry.AuditEvent{Who: *by, What: "notice.erase"}
	event.Customer, event.Notice = name.audited()
	t, err := openForAction(ctx, out, event)
	if err != nil {
		return err
	}
	defer t.close()
	workflowID, erased, err := t.erase(ctx, name, &event)
	auditAction(ctx, t.logger, event, err)
	if err != nil {
		return err
	}
	out.note("as long as the notice is ours and open in Tampuuri, the next poll imports it again; one that had been invoiced waits for starter notice import")
	if *asJSON {
		return out.json(struct {
			WorkflowID string `json:"workflowId"`
			Runs       int    `json:"runs"`
			By         string `json:"by"`
		}{workflowID, len(erased), *by})
	}
	return out.line(workflowID + ": " + event.Result)
}

// erase erases the notice of that name, and adds to event whose it was and what came of it.
func (t *tools) erase(ctx context.Context, name noticeName, event *telemetry.AuditEvent) (workflowID string, erased []*runs.Life, err error) {
	if workflowID, err = resolve(ctx, t.runs, name); err != nil {
		return "", nil, err
	}
	t.about(ctx, workflowID, event) // before there is nothing left that tells
	erased, err = t.runs.Erase(ctx, workflowID)
	event.Result = fmt.Sprintf("%d runs erased", len(erased))
	return workflowID, erased, eraseError(workflowID, erased, err)
}

// eraseError says what came of an erasure that did not end well.
func eraseError(workflowID string, erased []*runs.Life, err error) error {
	switch {
	case err == nil:
		return nil
	case len(erased) > 0:
		return outcome{err, fmt.Sprintf("%d runs erased, not finished", len(erased))}
	case errors.Is(err, runs.ErrNone):
		return notHere(workflowID)
	case errors.Is(err, runs.ErrOpen):
		return refused(fmt.Errorf("%s is open; close it first: starter notice dismiss", workflowID))
	default:
		return unknown(err)
	}
}
