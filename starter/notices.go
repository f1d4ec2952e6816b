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

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/runs"
)

// idPattern is what a Tunniste or an external id can be.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)

// lister finds notices. What it finds may lag by seconds.
type lister interface {
	Notices(ctx context.Context, filter runs.Filter) ([]*runs.Life, error)
}

// asker asks a notice's workflow itself, which needs a worker.
type asker interface {
	Status(ctx context.Context, workflowID string) (runs.Status, error)
}

// describer looks at the newest run of a notice; runs.ErrNone when there is none.
type describer interface {
	Describe(ctx context.Context, workflowID string) (*runs.Description, error)
}

var errNoNotice = errors.New("there is no such notice here")

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
func resolve(ctx context.Context, from lister, name noticeName) (string, error) {
	if name.workflowID != "" {
		return name.workflowID, nil
	}
	found, err := from.Notices(ctx, runs.Filter{Customers: []string{name.tunniste}, NoticeID: name.id})
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", notHere(numbered(name.tunniste, name.id))
	}
	return found[0].WorkflowID, nil
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

// readNotice takes from a life what stands there.
func readNotice(life *runs.Life) listedNotice {
	reported, _ := reportedIn(life.Phase)
	listed := listedNotice{
		WorkflowID: life.WorkflowID, Customer: life.Ref.Customer, NoticeID: life.Ref.NoticeID, TaskID: life.TaskID,
		Phase: life.Phase, Reported: reported, StartedAt: timeOrNil(life.Started),
	}
	if life.Phase == runs.PhaseAttention {
		// Since when is known to the workflow alone; it cannot be longer than the notice is here.
		listed.Attention = &runs.Attention{Reason: life.Reason, Since: life.Started, What: runs.Advice(life.Reason)}
	}
	return listed
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

// listNotices asks those notices whose record leaves something open. note tells a person of those that did not answer:
// their lines have what the record tells.
func listNotices(ctx context.Context, from asker, lives []*runs.Life) (listed []listedNotice, note string) {
	listed = []listedNotice{}
	answered, silent, inARow := 0, 0, 0
	for _, life := range lives {
		one := readNotice(life)
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
	case answered == 0:
		note = fmt.Sprintf("%d notices did not answer, so what they have reported and since when they wait may not be right; is a worker running? starter doctor tells", silent)
	default:
		note = fmt.Sprintf("%d notices did not answer, so what they have reported and since when they wait may not be right; others did: starter notice show tells about one", silent)
	}
	return listed, note
}

// ask asks the workflow itself for what the record leaves open.
func (l *listedNotice) ask(ctx context.Context, from asker) error {
	status, err := from.Status(ctx, l.WorkflowID)
	if err != nil {
		return err
	}
	l.take(status)
	return nil
}

// take prefers what the workflow itself says to its record.
func (l *listedNotice) take(status runs.Status) {
	l.Phase, l.Reported, l.Attention = status.Phase, status.Reported, status.Attention
	if l.TaskID == "" {
		l.TaskID = status.HillavaTaskID
	}
	if l.NoticeID == 0 {
		l.NoticeID = status.TampuuriNoticeID
	}
}
