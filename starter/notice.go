package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
	"tampuuri-hillava/internal/terminal"
)

func noticeCommand(out terminal.Output) *cobra.Command {
	return commandline.Group("notice", "Look at notices, and decide about those that wait", namesHelp,
		noticeListCommand(out), noticeShowCommand(out), noticeResendCommand(out), noticeRetryCommand(out),
		noticeDismissCommand(out), noticeImportCommand(out), noticeEraseCommand(out))
}

// temporal is what the commands about notices ask of Temporal.
type temporal interface {
	customers.Source
	// Notices finds notices; what it finds may lag by seconds.
	Notices(ctx context.Context, filter runs.Filter) ([]*runs.Life, error)
	// Describe looks at the newest run of a notice; runs.ErrNone when there is none.
	Describe(ctx context.Context, workflowID string) (*runs.Description, error)
	// Status asks a notice's workflow itself, which needs a worker.
	Status(ctx context.Context, workflowID string) (runs.Status, error)
	// SendResend and SendDismiss signal a notice; one that does not run is runs.ErrNone.
	SendResend(ctx context.Context, workflowID string, resend runs.ResendSignal) error
	SendDismiss(ctx context.Context, workflowID string, dismissal runs.DismissSignal) error
}

// acted is the answer of resend, dismiss and import.
type acted struct {
	WorkflowID string `json:"workflowId"`
	Signal     string `json:"signal"`
	By         string `json:"by"`
	Code       string `json:"code,omitempty"`
}

func noticeDismissCommand(out terminal.Output) *cobra.Command {
	command := &cobra.Command{
		Use: "dismiss <notice>", Short: "Close a notice by a person's decision", Args: commandline.Takes("notice"), Long: namesHelp,
		Example: "  starter notice dismiss 50026 --code done-by-hand",
	}
	asJSON, by, yes := jsonFlag(command), byFlag(command), yesFlag(command)
	code := command.Flags().String("code", "other", "the `code` that says why: "+strings.Join(runs.DismissCodes, ", "))
	proposes(command, "code", runs.DismissCodes...)
	command.ValidArgsFunction = completeNotices(runs.Filter{Open: true})
	command.RunE = func(_ *cobra.Command, args []string) error {
		name, err := readNoticeName(args[0])
		if err != nil {
			return err
		}
		if err := commandline.OneOf("code", *code, runs.DismissCodes...); err != nil {
			return err
		}
		ctx := command.Context()
		life, err := onNotice(ctx, out, "notice.dismiss", name, *by, func(t *tools, life *runs.Life) (string, error) {
			return "sent", dismiss(ctx, out, t.runs, name, life, runs.DismissSignal{By: *by, Code: *code}, *yes)
		})
		if err != nil {
			return err
		}
		return answer(out, *asJSON, acted{WorkflowID: life.WorkflowID, Signal: runs.Dismiss.Name(), By: *by, Code: *code},
			name.typed+": dismiss sent; starter notice show tells what came of it")
	}
	return command
}

// dismiss first asks a person who is there about a notice that waits for nobody: its task would be reported by nobody any
// more. Of a script the command line is the decision, as the contract names no flag for one.
func dismiss(ctx context.Context, out terminal.Output, to temporal, name noticeName, life *runs.Life, dismissal runs.DismissSignal, yes bool) error {
	if life.Running && life.Phase != runs.PhaseAttention && out.Stdin != nil && !yes {
		question := fmt.Sprintf("%s (%s) is in phase %s and waits for nobody: dismissed, nothing of it is reported any more. Dismiss it?",
			name.typed, numbered(life.Ref.Customer, life.Ref.NoticeID), life.Phase)
		if err := out.Confirm(ctx, question); err != nil {
			return refused(err)
		}
	}
	return signalled(name, "dismiss", to.SendDismiss(ctx, life.WorkflowID, dismissal))
}

// signalled says what the error of a signal means. A closed notice takes none.
func signalled(name noticeName, signal string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, runs.ErrNone):
		return refused(fmt.Errorf("%s is closed and takes no %s; starter notice show tells how it ended", name.typed, signal))
	default:
		return unknown(err)
	}
}

// onNotice is act upon one notice; result is what the audit line calls it.
func onNotice(ctx context.Context, out terminal.Output, what string, name noticeName, by string, do func(t *tools, life *runs.Life) (result string, err error)) (life *runs.Life, err error) {
	event := telemetry.AuditEvent{Who: by, What: what}
	event.Customer, event.Notice = name.audited()
	err = act(ctx, out, &event, func(t *tools) error {
		if life, err = resolve(ctx, t.runs, name); err == nil {
			about(life, &event)
			event.Result, err = do(t, life)
		}
		return err
	})
	return life, err
}
