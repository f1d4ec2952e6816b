package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/runs"
)

const (
	pageSize     = 200
	queryTimeout = 5 * time.Second
)

// idPattern is what a Tunniste or an external id can be; it also keeps quotes out of visibility queries.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)

// notices is what the notice commands ask of Temporal.
type notices interface {
	// list gives the newest run of each notice that the visibility query finds, newest first. It may lag by seconds.
	list(ctx context.Context, query string) ([]*workflowpb.WorkflowExecutionInfo, error)
	// describe gives the newest run of a workflow; errNoNotice when there is none.
	describe(ctx context.Context, workflowID string) (*workflowservice.DescribeWorkflowExecutionResponse, error)
	// status asks the workflow itself, which needs a worker.
	status(ctx context.Context, workflowID string) (runs.Status, error)
	// signal sends a signal; errNoNotice when there is no running workflow.
	signal(ctx context.Context, workflowID, signal string, payload any) error
}

var errNoNotice = errors.New("there is no such notice here")

// temporalNotices is notices over a real server.
type temporalNotices struct{ temporal client.Client }

func (n temporalNotices) list(ctx context.Context, query string) ([]*workflowpb.WorkflowExecutionInfo, error) {
	seen := map[string]bool{}
	var found []*workflowpb.WorkflowExecutionInfo
	request := &workflowservice.ListWorkflowExecutionsRequest{Query: query, PageSize: pageSize}
	for {
		page, err := n.temporal.ListWorkflow(ctx, request)
		if err != nil {
			return nil, fmt.Errorf("list the notices (starter doctor checks the search attributes): %w", err)
		}
		for _, run := range page.GetExecutions() { // newest first, so an older run of the same notice comes later
			if id := run.GetExecution().GetWorkflowId(); !seen[id] {
				seen[id] = true
				found = append(found, run)
			}
		}
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return found, nil
		}
	}
}

func (n temporalNotices) describe(ctx context.Context, workflowID string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	description, err := n.temporal.DescribeWorkflowExecution(ctx, workflowID, "")
	if err != nil {
		return nil, noticeError("look at", workflowID, err)
	}
	return description, nil
}

func (n temporalNotices) status(ctx context.Context, workflowID string) (status runs.Status, err error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	answer, err := n.temporal.QueryWorkflow(ctx, workflowID, "", runs.QueryStatus)
	if err != nil {
		return status, noticeError("query", workflowID, err)
	}
	if err := answer.Get(&status); err != nil {
		return status, fmt.Errorf("read the status of %s: %w", workflowID, err)
	}
	return status, nil
}

func (n temporalNotices) signal(ctx context.Context, workflowID, signal string, payload any) error {
	if err := n.temporal.SignalWorkflow(ctx, workflowID, "", signal, payload); err != nil {
		return noticeError("signal", workflowID, err)
	}
	return nil
}

func noticeError(what, workflowID string, err error) error {
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return notHere(workflowID)
	}
	return fmt.Errorf("%s %s: %w", what, workflowID, err)
}

// notHere says why a notice may be missing.
func notHere(name string) error {
	return fmt.Errorf("%w: %s; it is not imported (starter customers list may tell why), or only in the last seconds, or over 90 days ago", errNoNotice, name)
}

// noticeName is what a person calls a notice: its external id (or workflow id), or tunniste/Id.
type noticeName struct {
	workflowID string // "": the two below name it
	tunniste   string
	id         int64
}

// parseNoticeName reads the command line of a command on one notice. A name that can be none is told before anything
// is connected to.
func parseNoticeName(flags *flag.FlagSet, args []string) (noticeName, error) {
	positional, err := parse(flags, args, "externalId or tunniste/Id")
	if err != nil {
		return noticeName{}, err
	}
	return readNoticeName(positional[0])
}

func readNoticeName(text string) (noticeName, error) {
	tunniste, number, slash := strings.Cut(text, "/")
	if !slash {
		externalID := strings.TrimPrefix(text, runs.NoticeWorkflowID(""))
		if !idPattern.MatchString(externalID) {
			return noticeName{}, usageError{"a notice is named by its external id (ulkoinen tunniste) or by tunniste/Id"}
		}
		return noticeName{workflowID: runs.NoticeWorkflowID(externalID)}, nil
	}
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id <= 0 || !config.ValidTunniste(tunniste) {
		return noticeName{}, usageError{"tunniste/Id needs the customer's Tunniste and the notice's number in Tampuuri, like esimerkki/48213"}
	}
	return noticeName{tunniste: tunniste, id: id}, nil
}

// numbered names a notice as a person does: by its customer and its number in Tampuuri.
func numbered(tunniste string, id int64) string { return fmt.Sprintf("%s/%d", tunniste, id) }

// resolve gives the workflow id of a notice.
func resolve(ctx context.Context, from notices, name noticeName) (string, error) {
	if name.workflowID != "" {
		return name.workflowID, nil
	}
	found, err := from.list(ctx, noticeQuery(name.tunniste, name.id))
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", notHere(numbered(name.tunniste, name.id))
	}
	return found[0].GetExecution().GetWorkflowId(), nil
}

func noticeQuery(tunniste string, id int64) string {
	return fmt.Sprintf("WorkflowType = '%s' AND %s = '%s' AND %s = '%d'", runs.TypeNotice,
		runs.AttributeCustomer.GetName(), tunniste, runs.AttributeNotice.GetName(), id)
}

// listedNotice is one line of notice list.
type listedNotice struct {
	WorkflowID string          `json:"workflowId"`
	Customer   string          `json:"customer"`
	NoticeID   int64           `json:"noticeId"`
	TaskID     string          `json:"taskId"`
	Phase      runs.Phase      `json:"phase"`
	Reported   runs.Reported   `json:"reported"`
	Attention  *runs.Attention `json:"attention"`
	StartedAt  *time.Time      `json:"startedAt"`
}

// readNotice takes from a visibility record or a description what stands there.
func readNotice(info *workflowpb.WorkflowExecutionInfo) listedNotice {
	attributes := info.GetSearchAttributes().GetIndexedFields()
	phase := runs.Phase(keyword(attributes, runs.AttributePhase.GetName()))
	reported, _ := reportedIn(phase)
	listed := listedNotice{
		WorkflowID: info.GetExecution().GetWorkflowId(),
		Customer:   keyword(attributes, runs.AttributeCustomer.GetName()),
		TaskID:     keyword(attributes, runs.AttributeTask.GetName()),
		Phase:      phase,
		Reported:   reported,
	}
	// The attribute is a number that we wrote; anything else is no number of a notice.
	listed.NoticeID, _ = strconv.ParseInt(keyword(attributes, runs.AttributeNotice.GetName()), 10, 64)
	if started := info.GetStartTime(); started != nil {
		listed.StartedAt = timeOrNil(started.AsTime())
	}
	if phase == runs.PhaseAttention {
		reason := keyword(attributes, runs.AttributeAttentionReason.GetName())
		// Since when is known to the workflow alone; it cannot be longer than the notice is here.
		listed.Attention = &runs.Attention{Reason: reason, Since: info.GetStartTime().AsTime(), What: runs.Advice(reason)}
	}
	if life := runs.ReadLife(info); life.Ref.NoticeID != 0 {
		listed.Customer, listed.NoticeID = life.Ref.Customer, life.Ref.NoticeID
	}
	return listed
}

func keyword(attributes map[string]*commonpb.Payload, name string) string {
	var text string
	if payload := attributes[name]; payload != nil {
		// What cannot be read is not ours, and shows as absent.
		_ = converter.GetDefaultDataConverter().FromPayload(payload, &text)
	}
	return text
}

// reportedIn tells what is reported from the phase alone. Where that leaves it open it is the least, and not certain.
func reportedIn(phase runs.Phase) (reported runs.Reported, certain bool) {
	switch phase {
	case runs.PhaseImporting, runs.PhaseWorking:
		return runs.ReportedNone, true
	case runs.PhaseDone:
		return runs.ReportedTehty, true
	case runs.PhaseInvoiced:
		return runs.ReportedValmis, true
	case runs.PhaseAttention, runs.PhaseWithdrawn, runs.PhaseDismissed:
		return runs.ReportedNone, false
	default:
		return runs.ReportedNone, false
	}
}

// silentInARow is after how many notices that did not answer no more are asked: without a worker every question would
// wait for its whole timeout. One that does not answer may be its own trouble.
const silentInARow = 3

// listNotices reads the records and asks those notices whose record leaves something open. note tells a person of those
// that did not answer: their lines have what the record tells.
func listNotices(ctx context.Context, from notices, query string) (listed []listedNotice, note string, err error) {
	records, err := from.list(ctx, query)
	if err != nil {
		return nil, "", err
	}
	listed = []listedNotice{}
	answered, silent, inARow := 0, 0, 0
	for _, record := range records {
		one := readNotice(record)
		if _, certain := reportedIn(one.Phase); !certain {
			if inARow < silentInARow && one.ask(ctx, from) == nil {
				answered, inARow = answered+1, 0
			} else {
				silent, inARow = silent+1, inARow+1
			}
		}
		listed = append(listed, one)
	}
	switch {
	case silent == 0:
		return listed, "", nil
	case answered == 0:
		note = fmt.Sprintf("%d notices did not answer, so what they have reported and since when they wait may not be right; is a worker running? starter doctor tells", silent)
	default:
		note = fmt.Sprintf("%d notices did not answer, so what they have reported and since when they wait may not be right; others did: starter notice show tells about one", silent)
	}
	return listed, note, nil
}

// ask asks the workflow itself for what the record leaves open.
func (l *listedNotice) ask(ctx context.Context, from notices) error {
	status, err := from.status(ctx, l.WorkflowID)
	if err != nil {
		return err
	}
	l.Phase, l.Reported, l.Attention = status.Phase, status.Reported, status.Attention
	if l.TaskID == "" {
		l.TaskID = status.HillavaTaskID
	}
	return nil
}
