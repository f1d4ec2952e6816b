package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"tampuuri-hillava/internal/telemetry"
	"tampuuri-hillava/internal/temporalclient"
)

const (
	eraseWithin = time.Minute // Temporal deletes in the background
	eraseLook   = 250 * time.Millisecond
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
	workflowID, erased, err := eraseNamed(ctx, t, name, &event)
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
	if _, err := fmt.Fprintf(out.stdout, "%s: %s\n", workflowID, event.Result); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// eraseNamed erases the notice of that name, and adds to event whose it was and what came of it.
func eraseNamed(ctx context.Context, t *tools, name noticeName, event *telemetry.AuditEvent) (workflowID string, erased []*workflowpb.WorkflowExecutionInfo, err error) {
	namespace, err := temporalclient.Namespace()
	if err != nil {
		return "", nil, err
	}
	if workflowID, err = resolve(ctx, temporalNotices{t.temporal}, name); err != nil {
		return "", nil, err
	}
	t.about(ctx, workflowID, event) // before there is nothing left that tells
	ctx, cancel := context.WithTimeout(ctx, eraseWithin)
	defer cancel()
	if err := markErased(ctx, t.temporal, workflowID); err != nil {
		return workflowID, nil, err
	}
	erased, err = erase(ctx, temporalRuns{t.temporal, namespace}, workflowID)
	event.Result = fmt.Sprintf("%d runs erased", len(erased))
	if len(erased) > 0 {
		event.Notice, _ = runs.ExternalIDOf(workflowID)
		event.Customer, event.Task = readNotice(erased[0]).Customer, readNotice(erased[0]).TaskID
		if err != nil {
			err = outcome{err, event.Result + ", not finished"}
		}
	}
	return workflowID, erased, err
}

// markErased leaves the mark of a notice that is closed, see activities.MarkErased; before it is erased, as afterwards
// nobody knows any more what to write in it.
func markErased(ctx context.Context, temporal client.Client, workflowID string) error {
	newest, err := temporalRuns{temporal: temporal}.newest(ctx, workflowID)
	if errors.Is(err, errNoNotice) {
		return nil // erase says so
	}
	if err != nil {
		return err
	}
	life := runs.ReadLife(newest)
	if life.Running {
		return nil // erase refuses it
	}
	externalID, _ := runs.ExternalIDOf(workflowID)
	if err := runs.MarkErased(ctx, temporal, externalID, life); err != nil {
		return fmt.Errorf("leave a mark of %s, nothing was erased: %w", workflowID, err)
	}
	return nil
}

// runs is what erase asks of Temporal.
type runs interface {
	// of lists every run of a workflow; it may lag by seconds.
	of(ctx context.Context, workflowID string) ([]*workflowpb.WorkflowExecutionInfo, error)
	// newest describes the newest run, without lag; errNoNotice when there is none.
	newest(ctx context.Context, workflowID string) (*workflowpb.WorkflowExecutionInfo, error)
	// remove asks for a run to be deleted. One that is gone already is no error.
	remove(ctx context.Context, workflowID, runID string) error
}

// erase removes every run of a workflow and returns them once Temporal knows none of them any more. An open notice is
// refused: its task would be left without anybody who reports it.
func erase(ctx context.Context, from runs, workflowID string) ([]*workflowpb.WorkflowExecutionInfo, error) {
	var erased []*workflowpb.WorkflowExecutionInfo
	asked := map[string]bool{}
	ticker := time.NewTicker(eraseLook)
	defer ticker.Stop()
	for {
		left, err := runsLeft(ctx, from, workflowID)
		if err != nil {
			return erased, err
		}
		if len(left) == 0 {
			if len(erased) == 0 {
				return nil, notHere(workflowID)
			}
			return erased, nil
		}
		for _, run := range left {
			if run.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
				return erased, refused(fmt.Errorf("%s is open; close it first: starter notice dismiss", workflowID))
			}
		}
		for _, run := range left {
			if asked[run.GetExecution().GetRunId()] {
				continue
			}
			if err := from.remove(ctx, workflowID, run.GetExecution().GetRunId()); err != nil {
				return erased, unknown(err)
			}
			asked[run.GetExecution().GetRunId()] = true
			erased = append(erased, run)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return erased, fmt.Errorf("erase %s: Temporal still has %d runs of it; run the command again: %w", workflowID, len(left), ctx.Err())
		}
	}
}

// runsLeft joins the list, which lags, with the newest run, which does not. A run that was deleted may stay listed for a
// moment; it is waited for.
func runsLeft(ctx context.Context, from runs, workflowID string) ([]*workflowpb.WorkflowExecutionInfo, error) {
	left, err := from.of(ctx, workflowID)
	if err != nil {
		return nil, err
	}
	newest, err := from.newest(ctx, workflowID)
	if errors.Is(err, errNoNotice) {
		return left, nil
	}
	if err != nil {
		return nil, err
	}
	for i, run := range left {
		if run.GetExecution().GetRunId() == newest.GetExecution().GetRunId() {
			left[i] = newest // whether it runs is known without lag
			return left, nil
		}
	}
	return append(left, newest), nil
}

// temporalRuns is runs over a real server.
type temporalRuns struct {
	temporal  client.Client
	namespace string
}

func (r temporalRuns) of(ctx context.Context, workflowID string) ([]*workflowpb.WorkflowExecutionInfo, error) {
	var found []*workflowpb.WorkflowExecutionInfo
	request := &workflowservice.ListWorkflowExecutionsRequest{Query: fmt.Sprintf("WorkflowId = '%s'", workflowID), PageSize: pageSize}
	for {
		page, err := r.temporal.ListWorkflow(ctx, request)
		if err != nil {
			return nil, fmt.Errorf("list the runs of %s: %w", workflowID, err)
		}
		found = append(found, page.GetExecutions()...)
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return found, nil
		}
	}
}

func (r temporalRuns) newest(ctx context.Context, workflowID string) (*workflowpb.WorkflowExecutionInfo, error) {
	description, err := temporalNotices{r.temporal}.describe(ctx, workflowID)
	return description.GetWorkflowExecutionInfo(), err
}

func (r temporalRuns) remove(ctx context.Context, workflowID, runID string) error {
	_, err := r.temporal.WorkflowService().DeleteWorkflowExecution(ctx, &workflowservice.DeleteWorkflowExecutionRequest{
		Namespace: r.namespace, WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: workflowID, RunId: runID},
	})
	if errors.As(err, new(*serviceerror.NotFound)) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("erase %s: %w", workflowID, err)
	}
	return nil
}
