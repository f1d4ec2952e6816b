package workflows

import (
	"cmp"
	"fmt"
	"unicode"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"tampuuri-hillava/internal/runs"
)

// answer sets what people can ask of a customer's workflow, from the CLI and from the Web UI.
func (c *customer) answer(ctx workflow.Context) error {
	err := workflow.SetQueryHandlerWithOptions(ctx, runs.QueryStatus, c.status, workflow.QueryHandlerOptions{
		Description: "Whether it is polled, why not, its last rounds and what they skipped",
	})
	if err != nil {
		return err
	}
	// A Cancel of the workflow is a pause and must not cancel what a handler waits for.
	detach := func(ctx workflow.Context) workflow.Context {
		detached, _ := workflow.NewDisconnectedContext(ctx)
		return detached
	}
	for _, update := range []struct {
		name, description string
		handler, validate any
	}{
		{
			runs.PollNow.Name(), "Poll this customer now; answers once that round is done. No input",
			func(ctx workflow.Context) (runs.PollCounts, error) { return c.pollNow(detach(ctx)) },
			func() error { return c.mayPoll() },
		},
		{
			runs.Pause.Name(), `Stop polling until resumed; notices that are here are still written back. Input: {"by": "…", "reason": "…"}`,
			func(ctx workflow.Context, in runs.PauseInput) (runs.CustomerStatus, error) {
				c.pause(ctx, in)
				return c.status()
			},
			func(in runs.PauseInput) error {
				return cmp.Or(checkText("by", in.By, 1, maxBy), checkText("reason", in.Reason, 0, maxReason))
			},
		},
		{
			runs.Resume.Name(), `End a pause. Input: {"by": "…"}`,
			func(ctx workflow.Context, in runs.ResumeInput) (runs.CustomerStatus, error) { return c.resume(ctx, in) },
			func(in runs.ResumeInput) error { return checkText("by", in.By, 1, maxBy) },
		},
		{
			runs.Import.Name(), `Import one notice that the poll leaves alone, such as one reopened after Valmis. Input: {"noticeId": 48213}`,
			func(ctx workflow.Context, in runs.ImportRequest) (runs.Imported, error) {
				return c.importOne(detach(ctx), in.NoticeID)
			},
			func(in runs.ImportRequest) error {
				if in.NoticeID <= 0 {
					return fmt.Errorf("noticeId is the notice's number in Tampuuri, like 48213")
				}
				return nil
			},
		},
	} {
		err := workflow.SetUpdateHandlerWithOptions(ctx, update.name, update.handler, workflow.UpdateHandlerOptions{
			Validator: update.validate, Description: update.description,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// pollNow ends the wait for the next round and answers once a round of its own is done. Whether anything may be polled
// besides a pause is known to the round alone: customers.yaml may have been mended since the last one.
func (c *customer) pollNow(ctx workflow.Context) (runs.PollCounts, error) {
	c.asked++
	ticket := c.asked
	c.interrupt()
	if err := workflow.Await(ctx, func() bool { return c.answered >= ticket }); err != nil {
		return runs.PollCounts{}, err
	}
	if c.refused != "" {
		return runs.PollCounts{}, temporal.NewNonRetryableApplicationError(c.refused, runs.FaultCustomerStopped, nil)
	}
	return c.Marks.Last, nil
}

func (c *customer) importOne(ctx workflow.Context, noticeID int64) (runs.Imported, error) {
	done, err := importNotice.once(ctx, c.Workflows, fmt.Sprintf("import notice %d", noticeID),
		runs.ImportInput{Tunniste: c.tunniste, Served: c.Served, NoticeID: noticeID})
	if err == nil {
		c.imported = append(c.imported, noticeID)
		c.Marks = c.withoutImported(c.Marks)
	}
	return done, err
}

// mayPoll refuses what is known to be of no use, without an event in the history.
func (c *customer) mayPoll() error {
	if c.Paused == nil {
		return nil
	}
	return temporal.NewNonRetryableApplicationError(c.pauseInWords(), runs.FaultCustomerStopped, nil)
}

func (c *customer) resume(ctx workflow.Context, in runs.ResumeInput) (runs.CustomerStatus, error) {
	if c.Paused != nil {
		c.Paused, c.Marks.NextPoll = nil, nil // poll at once
		c.audit(ctx, in.By, "resume")
		c.interrupt()
	}
	return c.status()
}

// What a person may write into a pause, in characters.
const (
	maxBy     = 100
	maxReason = 300
)

// checkText refuses a text that is too short, too long or not printable: it stands in histories, lists and messages.
func checkText(field, text string, shortest, longest int) error {
	runes := []rune(text)
	if len(runes) < shortest || len(runes) > longest {
		return fmt.Errorf("%s needs %d to %d characters", field, shortest, longest)
	}
	for _, r := range runes {
		if !unicode.IsPrint(r) {
			return fmt.Errorf("%s has a character that cannot be printed", field)
		}
	}
	return nil
}
