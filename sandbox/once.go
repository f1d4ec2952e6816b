package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/seed"
	"tampuuri-hillava/sandbox/stack"
)

// flow is one notice on its way through both systems, driven by what people would do there.
type flow struct {
	*stack.Stack
	timeout  time.Duration // for each step
	messages io.Writer
	started  time.Time

	customer stack.Customer
	notice   map[string]any // as it was written
	id       int64
	task     hillava.TaskDump
	workflow stack.Workflow
}

// once takes a notice from its creation in Tampuuri to Valmis and checks what is there at the end.
func once(ctx context.Context, running *stack.Stack, timeout time.Duration, messages io.Writer) error {
	f := &flow{Stack: running, timeout: timeout, messages: messages, started: time.Now(), customer: running.Customers[0], notice: stack.ExampleNotice()}
	steps := []struct {
		what string
		do   func(context.Context) error
	}{
		{"Tampuuri: a notice is created", f.create},
		{"Tampuuri: it is assigned to our company", f.assign},
		{"Hillava: its task has appeared", f.awaitTask},
		{"Hillava: a time entry is added", f.addTimeEntry},
		{"Hillava: Työ valmis is pressed, and the notice becomes Tehty", f.pressDone},
		{"Hillava: Laskutettu is pressed, and the notice becomes Valmis", f.pressInvoiced},
		{"Temporal: its workflow is completed", f.awaitWorkflow},
	}
	for _, step := range steps {
		limited, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("not done within %s (--timeout)", timeout))
		err := step.do(limited)
		cancel()
		if err != nil {
			return fmt.Errorf("%s: this did not happen: %w%s", step.what, err, f.logs())
		}
		fmt.Fprintf(messages, "  %5.1f s  %s\n", time.Since(f.started).Seconds(), step.what)
	}
	if problems := f.check(); problems != nil {
		return fmt.Errorf("the notice went through, but not everything is as it should be:\n%w%s", problems, f.logs())
	}
	fmt.Fprintf(messages, "All as it should be after %.1f s: Valmis, %d toimenpide, participants notified twice, one task, %d history events.\n",
		time.Since(f.started).Seconds(), len(f.task.TimeEntries), f.workflow.HistoryEvents)
	return nil
}

// logs are the ends of both programs' logs, for the person who reads why it failed.
func (f *flow) logs() string {
	return fmt.Sprintf("\n\nThe end of the worker's log:\n%s\n\nThe end of the webhook receiver's log:\n%s", f.Worker.LogTail(15), f.Serve.LogTail(15))
}

func (f *flow) create(context.Context) (err error) {
	f.id, err = f.Tampuuri.AddNotice(f.customer.Tunniste, f.notice)
	return err
}

func (f *flow) assign(context.Context) error {
	return f.Tampuuri.Assign(f.customer.Tunniste, f.id, f.customer.Performers[0])
}

func (f *flow) awaitTask(ctx context.Context) (err error) {
	f.task, err = f.WaitTask(ctx, f.customer.Tunniste, f.id)
	return err
}

func (f *flow) addTimeEntry(context.Context) error {
	_, err := f.Hillava.AddTimeEntry(f.task.ID, hillava.TimeEntry{
		Date: time.Now().Format(time.DateOnly), Resource: hillava.Resource{ID: "R-1", Name: "Testi Huoltaja"},
		CustomerSummary: "Vaihdettu hanan tiiviste ja tarkistettu sulku.", Hours: 1.5,
	})
	return err
}

func (f *flow) pressDone(ctx context.Context) error {
	if err := f.Hillava.Transition(f.task.ID, hillava.TransitionDone); err != nil {
		return err
	}
	return f.WaitState(ctx, f.customer.Tunniste, f.id, "Tehty")
}

func (f *flow) pressInvoiced(ctx context.Context) error {
	if err := f.Hillava.Transition(f.task.ID, hillava.TransitionInvoiced); err != nil {
		return err
	}
	return f.WaitState(ctx, f.customer.Tunniste, f.id, "Valmis")
}

func (f *flow) awaitWorkflow(ctx context.Context) error {
	connected, err := f.Client(ctx)
	if err != nil {
		return err
	}
	defer connected.Close()
	f.workflow, err = f.WaitWorkflow(ctx, connected, f.customer.Tunniste, f.id, "Completed", "invoiced")
	return err
}

// check compares the end with what the README promises.
func (f *flow) check() error {
	notice, err := f.Notice(f.customer.Tunniste, f.id)
	if err != nil {
		return err
	}
	tasks, err := f.Stack.Tasks(f.customer.Tunniste, f.id)
	if err != nil {
		return err
	}
	if len(tasks) != 1 || len(f.Hillava.Tasks()) != 1 {
		return fmt.Errorf("Hillava should have exactly one task, it has %d of this notice and %d in all", len(tasks), len(f.Hillava.Tasks()))
	}
	f.task = tasks[0]
	properties, err := seed.Properties()
	if err != nil {
		return err
	}
	return errors.Join(checkNotice(notice, f.task), checkTask(f, properties[seed.Esimerkki][0]))
}
