package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"tampuuri-hillava/internal/runs"
)

// Notify tells people what is wrong, for as long as somebody is to be told. Like Customer it is one activity whose attempts
// are the rounds: one without news adds no event here. What was told is in this history before the next message is sent,
// so a restart neither repeats nor forgets.
func (w *Workflows) Notify(ctx workflow.Context, in runs.NotifyInput) error {
	for !workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
		workflow.SetCurrentDetails(ctx, notifyDetails(in.Marks))
		round, err := notifyRound.step(ctx, w, "look what is wrong, tell people", in)
		switch {
		case temporal.IsCanceledError(err):
			return err
		case err != nil: // each round is tried for ever, so this is a fault of ours; the next one shows it again
			workflow.GetLogger(ctx).Error("A round of telling people failed in a way that none should.", "error", err)
			if err := workflow.Sleep(ctx, time.Minute); err != nil {
				return err
			}
		default:
			in.Marks = round.Marks
		}
	}
	return workflow.NewContinueAsNewError(ctx, runs.TypeNotify, in)
}

// notifyDetails is what the Web UI shows above the history, in its Markdown.
func notifyDetails(marks runs.NotifyMarks) string {
	if marks.At.IsZero() {
		return "Nobody has been told anything yet.\n"
	}
	text := fmt.Sprintf("Last news at %s. The pending activity tells of the last look and when the next one is due.\n\n", marks.At.Format(time.RFC3339))
	for _, cause := range marks.Seen {
		text += fmt.Sprintf("- %s %s (%d) since %s\n", cause.Kind, cause.Customer, cause.Count, cause.Since.Format(time.RFC3339))
	}
	return text
}
