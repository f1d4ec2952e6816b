package e2e

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"

	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/ledger"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
	"tampuuri-hillava/sandbox/web"
)

// settle switches the faults off and waits until the ledger checker has nothing to find, or until nothing moves any
// more. A person resends what was refused for good, and approves every time entry.
func (b *batch) settle() {
	b.t.Helper()
	b.countFaults()
	b.Faults.Clear()
	for _, task := range b.Hillava.Tasks() {
		for _, entry := range task.TimeEntries {
			if !entry.Approved {
				require.NoError(b.t, b.Hillava.ApproveTimeEntry(task.ID, entry.ID))
			}
		}
	}
	ctx, cancel := context.WithTimeout(b.t.Context(), 4*time.Minute)
	defer cancel()
	findings, seen, since := "", -1, time.Now()
	_ = stack.WaitFor(ctx, "the ledger to be in order", func(context.Context) error {
		if err := b.resendRefused(ctx); err != nil {
			return err
		}
		var clean bool
		if findings, clean = b.judge(); clean {
			return nil
		}
		if now := len(b.Ledger.Entries()); now != seen {
			seen, since = now, time.Now()
		}
		if time.Since(since) > 40*time.Second {
			return nil // nothing moves: what is missing now is lost
		}
		pause(b.t, 2*time.Second)
		return errors.New(findings)
	})
	schedules := []string{"reconcile"}
	for _, customer := range b.customers {
		schedules = append(schedules, "poll-"+customer.Tunniste)
	}
	b.rounds(schedules...) // whatever still was on its way does no harm either
	findings, clean := b.judge()
	if !clean {
		b.blame(findings)
	}
	for _, problem := range unsentEntries(b.Ledger.Entries()) {
		b.t.Errorf("%s", problem)
	}
}

func (b *batch) countFaults() {
	for _, status := range b.Faults.List() {
		for range status.Fired {
			b.kills.add(string(status.Fault.Kind))
		}
	}
}

// refusedForGood are the reasons of attention after which a person resends.
var refusedForGood = []string{"hillava-refused", "tampuuri-refused", "unreadable-answer", "unexpected"}

// resendRefused does what a person does with the attention list: resend what was refused or unreadable.
func (w *world) resendRefused(ctx context.Context) error {
	found, err := w.client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Query:    "WorkflowType = 'Notice' AND ExecutionStatus = 'Running' AND AttentionReason IN ('" + strings.Join(refusedForGood, "','") + "')",
		PageSize: 1000,
	})
	if err != nil {
		return err
	}
	for _, info := range found.GetExecutions() {
		_ = w.client.SignalWorkflow(ctx, info.GetExecution().GetWorkflowId(), "", "resend", nil) // it may have closed
	}
	return nil
}

// judge runs the ledger checker.
func (b *batch) judge() (findings string, clean bool) {
	checker, err := buildChecker()
	require.NoError(b.t, err)
	arguments := []string{b.ledgerFile, "--settled", "--grace", "12s", "--approved-only", "hyvaksytyt"}
	for _, life := range b.lives {
		if life.waived {
			for _, rule := range []string{"event-lost", "acknowledged", "task-missing"} {
				arguments = append(arguments, "--waive", fmt.Sprintf("%s:%s/%d", rule, life.customer.Tunniste, life.id))
			}
		}
	}
	output, err := exec.CommandContext(b.context(), checker, arguments...).CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		require.NoError(b.t, err)
	}
	return string(output), err == nil
}

// blame names the histories that the findings are about, with what was done in them and what their workflows say.
func (b *batch) blame(findings string) {
	b.t.Errorf("the ledger checker:\n%s", findings)
	for _, life := range b.lives {
		name := fmt.Sprintf("%s/%d ", life.customer.Tunniste, life.id)
		if !slices.ContainsFunc(strings.Split(findings, "\n"), func(line string) bool {
			return strings.Contains(line, name) && !strings.HasPrefix(line, "waived")
		}) {
			continue
		}
		b.t.Logf("E2E_SEED=%d E2E_HISTORIES=1 lives this history again: notice %s%s\n  %s\n%s",
			life.seed, name, life.externalID, strings.Join(life.done, "\n  "), b.told("notice-"+life.externalID))
	}
}

// told is what the workflow says of itself.
func (b *batch) told(workflowID string) string {
	value, err := b.client.QueryWorkflow(b.context(), workflowID, "", "status")
	if err != nil {
		return err.Error()
	}
	var status noticeStatus
	if err := value.Get(&status); err != nil {
		return err.Error()
	}
	lines := []string{fmt.Sprintf("phase %s, reported %s, closed by %q, attention %+v", status.Phase, status.Reported, status.ClosedBy, status.Attention)}
	for _, entry := range status.History {
		lines = append(lines, fmt.Sprintf("  %s %s %s %s", entry.At, entry.What, entry.Result, entry.EventID))
	}
	return strings.Join(lines, "\n")
}

// report says what the run consisted of.
func (b *batch) report() string {
	operations := map[string]int{}
	for _, life := range b.lives {
		for _, step := range life.steps {
			operations[step.do]++
		}
	}
	return fmt.Sprintf("operations %v; faults fired and kills %v; %d ledger entries", operations, b.kills.by, len(b.Ledger.Entries()))
}

// unsentEntries is a second opinion on lost time entries that needs no grace: one that was there before Laskutettu and
// has not been touched since is on the notice once that is Valmis by us.
func unsentEntries(entries []ledger.Entry) []string {
	type notice struct {
		invoiced bool
		stable   map[string]string // entry id → text
		sent     map[string]int    // text → count
		valmis   bool
	}
	notices, external := map[string]*notice{}, map[string]string{}
	of := func(id string) *notice {
		if notices[id] == nil {
			notices[id] = &notice{stable: map[string]string{}, sent: map[string]int{}}
		}
		return notices[id]
	}
	text := func(d map[string]any) string { return fmt.Sprint(d["date"], "|", d["resource"], "|", d["summary"]) }
	for _, e := range entries {
		id, _ := e.Detail["externalId"].(string)
		n := of(id)
		switch e.Kind {
		case ledger.NoticeCreated:
			external[e.Customer+"/"+e.Key] = web.ExternalID(e.Customer, map[string]any{"Id": e.Key, "Guid": e.Detail["guid"]})
		case ledger.TimeEntryAdded, ledger.TimeEntryChanged:
			delete(n.stable, fmt.Sprint(e.Detail["entryId"]))
			if !n.invoiced {
				n.stable[fmt.Sprint(e.Detail["entryId"])] = text(e.Detail)
			}
		case ledger.TimeEntryRemoved:
			delete(n.stable, fmt.Sprint(e.Detail["entryId"]))
		case ledger.EventEmitted:
			n.invoiced = n.invoiced || e.Detail["type"] == hillava.EventInvoiced
		case ledger.ToimenpideAdded:
			of(external[e.Customer+"/"+e.Key]).sent[text(e.Detail)]++
		case ledger.StateSet:
			if e.Detail["to"] == tampuuri.Valmis && e.Detail["via"] == "api" {
				of(external[e.Customer+"/"+e.Key]).valmis = true
			}
		}
	}
	var problems []string
	for id, n := range notices {
		for entry, words := range n.stable {
			if !n.valmis || !n.invoiced {
				continue
			}
			if n.sent[words]--; n.sent[words] < 0 {
				problems = append(problems, fmt.Sprintf("notice %s is Valmis without time entry %s", id, entry))
			}
		}
	}
	return problems
}
