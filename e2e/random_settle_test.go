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
	"go.temporal.io/sdk/converter"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/stack"
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
		if err := b.resendRefused(ctx, b.deniedConflicts()...); err != nil {
			return err
		}
		var clean bool
		if findings, clean = b.judge(); clean {
			return nil
		}
		if now := len(b.Ledger.Entries()); now != seen {
			seen, since = now, time.Now()
		}
		if time.Since(since) > 2*longestPause(httpTimeout) {
			return nil // nothing moves, and no attempt is yet to come: what is missing now is lost
		}
		pause(b.t, 2*time.Second)
		return errors.New(findings)
	})
	b.deliverLate()
	for _, customer := range b.customers {
		b.polled(customer.Tunniste) // whatever still was on its way does no harm either
	}
	findings, clean := b.judge()
	if !clean {
		b.blame(findings)
	}
	for _, problem := range slices.Concat(unsentEntries(b.Ledger.Entries()), b.untoldTurvakielto()) {
		b.t.Errorf("%s", problem)
	}
}

// deliverLate has the webhooks of the last moment delivered, and waits until each has been answered.
func (b *batch) deliverLate() {
	late := 0
	for _, life := range b.lives {
		for _, id := range life.late {
			require.NoError(b.t, b.Hillava.Redeliver(id))
			late++
		}
	}
	require.NoError(b.t, stack.WaitFor(b.context(), "the late webhooks", func(context.Context) error {
		tried := map[string]bool{}
		for _, task := range b.Hillava.Tasks() {
			for _, attempt := range task.Webhooks {
				tried[attempt.EventID] = true
			}
		}
		for _, life := range b.lives {
			for _, id := range life.late {
				if !tried[id] {
					return fmt.Errorf("event %s", id)
				}
			}
		}
		return nil
	}))
	b.t.Logf("%d webhooks came when everything else was over", late)
}

func (b *batch) countFaults() {
	for _, status := range b.Faults.List() {
		for range status.Fired {
			b.kills.add(string(status.Fault.Kind))
		}
	}
}

// refusedForGood are the reasons of attention after which a person resends whatever else is the matter.
var refusedForGood = []string{"hillava-refused", "tampuuri-refused", "state-conflict", "not-ours", "unreadable-answer", "unexpected", "turvakielto-set", "edited-in-tampuuri"}

// resendRefused does what a person does with the attention list: resend what was refused or unreadable, and acknowledge
// a turvakielto. What waits for another reason goes on by itself, once the notice is ours again, or not at all.
func (w *world) resendRefused(ctx context.Context, also ...string) error {
	found, err := w.client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Query:    "WorkflowType = 'Notice' AND ExecutionStatus = 'Running' AND NoticePhase = 'attention'",
		PageSize: 1000,
	})
	if err != nil {
		return err
	}
	for _, info := range found.GetExecutions() {
		id := info.GetExecution().GetWorkflowId()
		var reason string
		_ = converter.GetDefaultDataConverter().FromPayload(info.GetSearchAttributes().GetIndexedFields()["AttentionReason"], &reason)
		if slices.Contains(refusedForGood, reason) || slices.Contains(also, id) {
			_ = w.client.SignalWorkflow(ctx, id, "", "resend", nil) // it may have closed
		}
	}
	return nil
}

// deniedConflicts are the workflows of notices that were refused with a 409 out of the blue. It reads as a conflict of
// states, which a person has to look at; a real one is over when the notice is open again, without anybody's resend.
func (b *batch) deniedConflicts() []string {
	var ids []string
	for _, life := range b.lives {
		if slices.ContainsFunc(life.steps, func(o operation) bool { return o.do == "fault" && o.fault.Kind == fault.Status409 }) {
			ids = append(ids, "notice-"+life.externalID)
		}
	}
	return ids
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
