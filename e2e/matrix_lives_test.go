package e2e

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/ledger"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// pressing keeps a webhook that is to be lost from taking others with it: the stand-in's switch is for all.
var pressing sync.Mutex

const newText = "Hana vuotaa jo lattialle."

// inTurn takes one step after the other until one fails.
func inTurn(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// livePlainly takes a notice from its creation to Valmis.
func (c *cell) livePlainly() error {
	return inTurn(c.makeNotice, c.awaitTask, c.enterApproved, c.reportDone, c.pressInvoiced, c.awaitEnd)
}

// liveFully does the same with everything that fullerCustomers and moreCalls are about.
func (c *cell) liveFully() error {
	return inTurn(c.takeTask, c.makeNotice, c.awaitTask, c.awaitAccepted, c.enterUnapproved, c.reportDone, c.edit,
		c.pressInvoiced, c.approve, c.awaitEnd, c.oneNote, c.acceptedOnce)
}

func (c *cell) makeNotice() error {
	property := tampuuri.Property{ID: c.id, Nimi: "Asunto Oy Koe", Katuosoite: "Koekatu 1", Postinumero: "00100", Postitoimipaikka: "Helsinki"}
	if err := c.Tampuuri.AddProperty("esimerkki", property); err != nil {
		return err
	}
	fields := stack.ExampleNotice()
	fields["Id"], fields["Guid"], fields["KohdeId"], fields["TyonsuorittajaYritysId"] = c.id, c.guid, c.id, int64(4711)
	if _, err := c.Tampuuri.AddNotice("esimerkki", fields); err != nil {
		return err
	}
	c.reach(fromNotice)
	return nil
}

// takeTask has somebody else make the notice's task, which no look-up finds yet, so that every create of ours is answered
// 409. It comes behind the cell's own fault, which may befall the first look-up or create.
func (c *cell) takeTask() error {
	customer := c.HillavaCustomers["esimerkki"]
	id, err := c.Hillava.AddTask(hillava.Task{
		ExternalID: c.guid, TaskTypeID: hillava.DefaultTaskType().ID, Title: "Tehty toisaalla", BillingCustomerID: customer, DeliveryCustomerID: customer,
	})
	if err != nil {
		return err
	}
	c.setTask(id)
	c.reach(fromExisting)
	c.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpFindTask, Key: c.guid, Times: -1, Kind: fault.Answer, Body: `{"items":[],"total":0}`})
	c.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpCreateTask, Key: c.guid, Kind: fault.CallAfter, Call: func() { c.reach(fromConflict) }})
	return nil
}

func (c *cell) awaitTask() error {
	if err := c.awaitPhase("Running", "working"); err != nil {
		return err
	}
	tasks, err := c.Tasks("esimerkki", c.id)
	if err != nil || len(tasks) != 1 {
		return errors.Join(err, fmt.Errorf("%d tasks, not one", len(tasks)))
	}
	c.setTask(tasks[0].ID)
	return nil
}

// awaitPhase asks Temporal alone: with many cells waiting, the stand-ins' dumps of everything would cost more than the
// lives do.
func (c *cell) awaitPhase(status, phase string) error {
	return stack.WaitFor(c.context(), fmt.Sprintf("notice %d to be %s %s", c.id, status, phase), func(ctx context.Context) error {
		found, err := stack.Describe(ctx, c.client, "notice-"+c.guid)
		if err != nil {
			return err
		}
		if found.Status != status || found.Phase != phase {
			return fmt.Errorf("it is %s in phase %q", found.Status, found.Phase)
		}
		return nil
	})
}

// awaitIdle waits until the workflow has dealt with everything that has come.
func (c *cell) awaitIdle() error {
	return stack.WaitFor(c.context(), fmt.Sprintf("notice %d to have nothing under way", c.id), func(ctx context.Context) error {
		found, err := c.client.DescribeWorkflowExecution(ctx, "notice-"+c.guid, "")
		if err != nil {
			return err
		}
		if pending := len(found.GetPendingActivities()); pending > 0 || found.GetPendingWorkflowTask() != nil {
			return fmt.Errorf("%d activities and workflow task %v are", pending, found.GetPendingWorkflowTask())
		}
		return nil
	})
}

// awaitAccepted: the accept state is under way as soon as the task is known.
func (c *cell) awaitAccepted() error {
	if err := c.awaitIdle(); err != nil {
		return err
	}
	if state := c.State("esimerkki", c.id); state != tampuuri.Vastaanotettu {
		return fmt.Errorf("the task is made and the state is %s", state)
	}
	return nil
}

func (c *cell) enterApproved() error { return c.enter(true) }

func (c *cell) enterUnapproved() error { return c.enter(false) }

// enter records two time entries.
func (c *cell) enter(approved bool) error {
	for n := range 2 {
		entry := hillava.TimeEntry{
			Date: "2026-02-03", Resource: hillava.Resource{ID: "R-1", Name: "Testi Asentaja"}, CustomerSummary: fmt.Sprintf("Työ %d", n), Hours: 1, Approved: approved,
		}
		if _, err := c.Hillava.AddTimeEntry(c.taskID, entry); err != nil {
			return err
		}
	}
	return nil
}

// press runs a transition in Hillava; unheard, its webhook is lost.
func (c *cell) press(transition string, heard bool) error {
	pressing.Lock()
	defer pressing.Unlock()
	if !heard {
		c.Hillava.SetDelivery(hillava.Delivery{Drop: true})
		defer c.Hillava.SetDelivery(hillava.Delivery{})
	}
	return c.Hillava.Transition(c.taskID, transition)
}

func (c *cell) reportDone() error {
	c.reach(fromWork)
	if err := c.press(hillava.TransitionDone, true); err != nil {
		return err
	}
	return c.awaitPhase("Running", "done")
}

// edit changes the notice in Tampuuri and waits until the workflow has dealt with that.
func (c *cell) edit() error {
	c.reach(fromTehty)
	if err := c.Tampuuri.EditNotice("esimerkki", c.id, map[string]any{"TyötehtävänKuvaus": newText}); err != nil {
		return err
	}
	c.reach(fromEdit)
	noted := func() error {
		return c.awaitOnTask("a note", func(task hillava.TaskDump) bool { return len(task.Notes) > 0 })
	}
	return inTurn(noted, c.awaitIdle)
}

// awaitOnTask looks at the task until it has something.
func (c *cell) awaitOnTask(what string, has func(hillava.TaskDump) bool) error {
	return stack.WaitFor(c.context(), fmt.Sprintf("%s on the task of notice %d", what, c.id), func(context.Context) error {
		for _, task := range c.Hillava.Tasks() {
			if task.ID == c.taskID && has(task) {
				return nil
			}
		}
		return errors.New("there is none")
	})
}

func (c *cell) pressInvoiced() error {
	c.reach(fromInvoice)
	return c.press(hillava.TransitionInvoiced, true)
}

// approve approves the time entries once Laskutettu has been taken and waits for that.
func (c *cell) approve() error {
	taken := func(task hillava.TaskDump) bool {
		good := map[string]bool{}
		for _, attempt := range task.Webhooks {
			good[attempt.EventID] = good[attempt.EventID] || attempt.Status == http.StatusAccepted
		}
		return len(good) == len(task.Events) && !slices.Contains(slices.Collect(maps.Values(good)), false)
	}
	if err := inTurn(func() error { return c.awaitOnTask("the answers to all webhooks", taken) }, c.awaitIdle); err != nil {
		return err
	}
	c.reach(fromApproval)
	tasks, err := c.Tasks("esimerkki", c.id)
	if err != nil {
		return err
	}
	for _, entry := range tasks[0].TimeEntries {
		if err := c.Hillava.ApproveTimeEntry(c.taskID, entry.ID); err != nil {
			return err
		}
	}
	return nil
}

func (c *cell) awaitEnd() error { return c.awaitPhase("Completed", "invoiced") }

// oneNote looks for the note about the edit, once and alone.
func (c *cell) oneNote() error {
	tasks, err := c.Tasks("esimerkki", c.id)
	if err != nil || len(tasks) != 1 {
		return errors.Join(err, fmt.Errorf("%d tasks", len(tasks)))
	}
	if notes := tasks[0].Notes; len(notes) != 1 || !strings.Contains(notes[0].Text, newText) {
		return fmt.Errorf("%d notes: %v", len(notes), notes)
	}
	return nil
}

// acceptedOnce looks for the accept state in the ledger: it notifies nobody, so the notice does not show a second one.
func (c *cell) acceptedOnce() error {
	set := 0
	for _, entry := range c.Ledger.Entries() {
		if entry.Kind == ledger.StateSet && entry.Key == fmt.Sprint(c.id) && entry.Detail["to"] == tampuuri.Vastaanotettu {
			set++
		}
	}
	if set != 1 {
		return fmt.Errorf("%s was set %d times", tampuuri.Vastaanotettu, set)
	}
	return nil
}

// liveEdited is a plain life in which the notice is edited after its import.
func (c *cell) liveEdited() error {
	return inTurn(c.makeNotice, c.awaitTask, c.enterApproved, c.reportDone, c.edit, c.pressInvoiced, c.awaitEnd, c.oneNote)
}

// liveUnheard is a plain life in which the webhook of Työ valmis is lost, so that the reconciliation must find it.
func (c *cell) liveUnheard() error {
	unheard := func() error {
		if err := c.press(hillava.TransitionDone, false); err != nil {
			return err
		}
		return c.awaitPhase("Running", "done")
	}
	return inTurn(c.makeNotice, c.awaitTask, c.enterApproved, unheard, c.pressInvoiced, c.awaitEnd)
}

// liveWithAFailure is a plain life in which neither peer is there for the first try to write.
func (c *cell) liveWithAFailure() error {
	for _, op := range []string{hillava.OpCreateTask, tampuuri.OpToimenpide} {
		c.Faults.Add(fault.Fault{Op: op, Key: c.key(op), Kind: fault.Status503})
	}
	return c.livePlainly()
}

// drive does in Hillava what people do there, until the notice's workflow is over.
func (w *world) drive(id int64) error { return w.driveAt("esimerkki", id) }

// driveAt does so for a customer's notice, and looks at what is left.
func (w *world) driveAt(tunniste string, id int64) error {
	task, err := w.WaitTask(w.context(), tunniste, id)
	if err != nil {
		return err
	}
	for n := range 2 {
		entry := hillava.TimeEntry{Date: "2026-02-03", Resource: hillava.Resource{ID: "R-1", Name: "Testi Asentaja"}, CustomerSummary: fmt.Sprintf("Työ %d", n), Hours: 1}
		if _, err := w.Hillava.AddTimeEntry(task.ID, entry); err != nil {
			return err
		}
	}
	if err := w.Hillava.Transition(task.ID, hillava.TransitionDone); err != nil {
		return err
	}
	if err := w.WaitState(w.context(), tunniste, id, "Tehty"); err != nil {
		return err
	}
	if err := w.Hillava.Transition(task.ID, hillava.TransitionInvoiced); err != nil {
		return err
	}
	if _, err := w.WaitWorkflow(w.context(), w.client, tunniste, id, "Completed", "invoiced"); err != nil {
		return err
	}
	return w.exactlyOnce(tunniste, id, 2, 2)
}
