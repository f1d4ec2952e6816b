package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/terminal"
)

// retried is the answer of notice retry for one notice.
type retried struct {
	Notice     string             `json:"notice"`
	WorkflowID string             `json:"workflowId"`
	By         string             `json:"by"`
	Tried      []runs.PendingStep `json:"tried"` // as they were before
}

func noticeRetryCommand(out terminal.Output) *cobra.Command {
	command := &cobra.Command{
		Use: "retry <notice...>", Short: "Try now what waits for its next attempt", Args: commandline.Takes("notice..."),
		Long: `Try now what waits for its next attempt, as a peer that was away is back. What
waits for a person is resent instead: starter notice resend. A step that waits
to see what became of its last write is left alone until that can be seen.

` + namesHelp,
		Example: "  starter notice retry 50026",
	}
	asJSON, by := jsonFlag(command), byFlag(command)
	command.ValidArgsFunction = completeNotices(runs.Filter{Open: true})
	command.RunE = func(_ *cobra.Command, args []string) error {
		names, err := readNoticeNames(args)
		if err != nil {
			return err
		}
		results := []retried{}
		var failures []error
		ctx := command.Context()
		for _, name := range names {
			one := retried{Notice: name.typed, By: *by, Tried: []runs.PendingStep{}}
			life, err := onNotice(ctx, out, "notice.retry", name, *by, func(t *tools, life *runs.Life) (string, error) {
				tried, err := t.runs.RetryNow(ctx, life.WorkflowID, slowest(t.settings))
				one.Tried = append(one.Tried, tried...)
				return "tried", retryError(name, life, err)
			})
			if err != nil {
				failures = append(failures, err)
				continue
			}
			one.WorkflowID = life.WorkflowID
			results = append(results, one)
		}
		return errors.Join(append(failures, printRetried(out, results, *asJSON))...)
	}
	return command
}

// slowest is the timing of the peer that is waited for the longest.
func slowest(settings config.Systems) runs.Timing {
	return runs.Timing{HTTPTimeout: max(settings.HTTPTimeout, settings.TampuuriTimeout, settings.HillavaTimeout)}
}

func retryError(name noticeName, life *runs.Life, err error) error {
	var early *runs.TooEarly
	switch {
	case err == nil:
		return nil
	case errors.As(err, &early):
		return refused(fmt.Errorf("%s: %w; from %s on it can be tried", name.typed, err, notice.Clock(early.Until)))
	case errors.Is(err, runs.ErrUnderWay) && life.Phase == runs.PhaseAttention:
		return refused(fmt.Errorf("%s waits for a person (%s): starter notice resend lets it go again", name.typed, life.Reason))
	case errors.Is(err, runs.ErrUnderWay):
		return refused(fmt.Errorf("%s: %w", name.typed, err))
	default:
		return unknown(fmt.Errorf("%s: %w", name.typed, err))
	}
}

func printRetried(out terminal.Output, results []retried, asJSON bool) error {
	if asJSON {
		return out.JSON(results)
	}
	var failures []error
	for _, one := range results {
		var steps []string
		for _, step := range one.Tried {
			steps = append(steps, fmt.Sprintf("%s, after attempt %d, which ended with %s", step.Activity, max(1, step.Attempt-1), terminal.OrDash(briefly(step.LastFailure))))
		}
		failures = append(failures, out.Line(one.Notice+": tried now: "+strings.Join(steps, "; ")))
	}
	return errors.Join(failures...)
}
