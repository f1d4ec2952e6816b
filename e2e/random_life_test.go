package e2e

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
	"tampuuri-hillava/sandbox/web"
)

// randomLife is one story being lived.
type randomLife struct {
	*batch
	story
	customer   stack.Customer
	id         int64
	externalID string
	entries    []string // ids of time entries
	late       []string // events whose webhooks come at the very end
	waited     bool     // in vain, for the task
	protected  bool     // somebody's turvakielto was set after the import
	done       []string // what was done when, for a failure's report
}

func (l *randomLife) log(format string, values ...any) {
	l.done = append(l.done, time.Now().UTC().Format("15:04:05.000 ")+fmt.Sprintf(format, values...))
}

// live makes the notice and does the story's steps. Only what a test itself does wrong is an error: an operation that
// a system does not allow at that moment was tried by somebody, and that is all.
func (l *randomLife) live() error {
	fields := stack.ExampleNotice()
	if l.withoutID {
		delete(fields, "Guid")
	}
	if !l.unassigned {
		fields["TyonsuorittajaYritysId"] = l.performer()
	}
	id, err := l.Tampuuri.AddNotice(l.customer.Tunniste, fields)
	if err != nil {
		return err
	}
	fields["Id"] = id
	l.id, l.externalID = id, web.ExternalID(l.customer.Tunniste, fields)
	for _, step := range l.steps {
		pause(l.t, step.after)
		if err := l.do(step); err != nil {
			l.log("%s: %v", step, err)
			continue
		}
		l.log("%s", step)
	}
	return nil
}

func (l *randomLife) performer() int64 {
	return l.customer.Performers[l.seed%len(l.customer.Performers)]
}

// ours tells whether the notice is assigned to us now.
func (l *randomLife) ours() bool {
	notice, err := l.Notice(l.customer.Tunniste, l.id)
	return err == nil && fmt.Sprint(notice["TyonsuorittajaYritysId"]) == fmt.Sprint(l.performer())
}

// do carries one operation out.
func (l *randomLife) do(o operation) error {
	tunniste := l.customer.Tunniste
	switch o.do {
	case "edit":
		return l.edit(o)
	case "cancel":
		return l.Tampuuri.Cancel(tunniste, l.id)
	case "reassign":
		return l.Tampuuri.Assign(tunniste, l.id, 9999)
	case "take from all":
		return l.Tampuuri.Assign(tunniste, l.id, 0)
	case "give back":
		return l.giveBack()
	case "delete":
		return l.Tampuuri.Delete(tunniste, l.id)
	case "chain":
		_, err := l.Tampuuri.Chain(tunniste, l.id, l.performer())
		return err
	case "state":
		return l.Tampuuri.SetState(tunniste, l.id, o.text)
	case "resend", "dismiss":
		return l.signal(o.do)
	case "terminate":
		return l.client.TerminateWorkflow(l.t.Context(), "notice-"+l.externalID, "", "by a test")
	case "import":
		_, _, _, err := l.Starter(l.context(), "notice", "import", tunniste, strconv.FormatInt(l.id, 10))
		return err
	case "poll now":
		return l.pollNow()
	case "reconcile now":
		return l.client.ScheduleClient().GetHandle(l.t.Context(), "reconcile").
			Trigger(l.t.Context(), client.ScheduleTriggerOptions{Overlap: enums.SCHEDULE_OVERLAP_POLICY_BUFFER_ONE})
	case "pause the poll":
		return l.pausePoll(2 * time.Second)
	case "kill the worker":
		l.kills.add("worker")
		return l.Worker.Kill()
	case "kill serve":
		l.kills.add("serve")
		return l.Serve.Kill()
	default:
		return l.doOnTask(o)
	}
}

func (l *randomLife) edit(o operation) error {
	set, err := strconv.ParseBool(o.text)
	if err != nil {
		return l.Tampuuri.EditNotice(l.customer.Tunniste, l.id, map[string]any{o.field: o.text})
	}
	was, err := l.Notice(l.customer.Tunniste, l.id)
	if err != nil {
		return err
	}
	tasks, err := l.Tasks(l.customer.Tunniste, l.id)
	if err != nil {
		return err
	}
	err = l.Tampuuri.EditNotice(l.customer.Tunniste, l.id, map[string]any{o.field: set})
	l.protected = l.protected || err == nil && set && was[o.field] == false && len(tasks) > 0
	return err
}

// pollNow is the operator's command, which returns when a round is over.
func (l *randomLife) pollNow() error {
	_, messages, code, err := l.Starter(l.context(), "customers", "poll", l.customer.Tunniste)
	if err == nil && code != 0 {
		err = fmt.Errorf("exit %d: %s", code, messages)
	}
	return err
}

func (l *randomLife) signal(name string) error {
	var payload any
	if name == "dismiss" {
		payload = map[string]string{"by": "test", "code": "other"}
	}
	return l.client.SignalWorkflow(l.t.Context(), "notice-"+l.externalID, "", name, payload)
}

// giveBack makes the notice ours and open again, as far as it was neither.
func (l *randomLife) giveBack() error {
	err := l.Tampuuri.Assign(l.customer.Tunniste, l.id, l.performer())
	if l.State(l.customer.Tunniste, l.id) == tampuuri.Peruttu {
		err = errors.Join(err, l.Tampuuri.SetState(l.customer.Tunniste, l.id, "Uusi"))
	}
	return err
}

// pausePoll pauses the customer's poll for a while.
func (l *randomLife) pausePoll(d time.Duration) error {
	l.polls.Lock()
	defer l.polls.Unlock()
	if err := l.update(l.customer.Tunniste, "pause", nil, map[string]string{"by": "test", "reason": "by a test"}); err != nil {
		return err
	}
	pause(l.t, d)
	return l.update(l.customer.Tunniste, "resume", nil, map[string]string{"by": "test"})
}

// task is the task of the notice. While the notice is ours it is waited for, for some polls, as people in Hillava have
// nothing to do before.
func (l *randomLife) task() (hillava.TaskDump, error) {
	patience := time.Millisecond
	if l.ours() {
		patience = 20 * time.Second // hundreds are imported at once, and a history without a task says little
		if l.waited {
			patience = time.Second // it has not come, so something keeps it
		}
	}
	ctx, cancel := context.WithTimeout(l.t.Context(), patience)
	defer cancel()
	var found hillava.TaskDump
	err := stack.WaitFor(ctx, "the task", func(context.Context) error {
		for _, task := range l.Hillava.Tasks() {
			if task.ExternalID == l.externalID {
				found = task
				return nil
			}
		}
		return errors.New("there is none")
	})
	l.waited = err != nil
	return found, err
}

// doOnTask carries out what needs the task.
func (l *randomLife) doOnTask(o operation) error {
	key := strconv.FormatInt(l.id, 10)
	if o.do == "fault" && !calls[o.n].byTask {
		if calls[o.n].external {
			key = l.externalID
		}
		return l.fault(o.fault, key)
	}
	task, err := l.task()
	if err != nil {
		return err
	}
	entry := hillava.TimeEntry{Date: "2026-02-03", Resource: hillava.Resource{ID: "R-1", Name: "Testi Asentaja"}, CustomerSummary: o.text, Hours: 1}
	if o.do == "edit entry" || o.do == "remove entry" || o.do == "approve entry" {
		if len(l.entries) == 0 {
			return errors.New("no entry was added")
		}
		entry.ID = l.entries[o.n%len(l.entries)]
	}
	switch o.do {
	case "fault":
		return l.fault(o.fault, task.ID)
	case "press":
		return l.pressWith(task, o)
	case "redeliver":
		if len(task.Events) == 0 {
			return errors.New("there is no event yet")
		}
		return l.Hillava.Redeliver(task.Events[o.n%len(task.Events)].ID)
	case "add entry":
		id, err := l.Hillava.AddTimeEntry(task.ID, entry)
		l.entries = append(l.entries, id)
		return err
	case "edit entry":
		return l.Hillava.EditTimeEntry(task.ID, entry)
	case "remove entry":
		return l.Hillava.RemoveTimeEntry(task.ID, entry.ID)
	case "approve entry":
		return l.Hillava.ApproveTimeEntry(task.ID, entry.ID)
	}
	return fmt.Errorf("no such operation: %s", o.do)
}

// pressWith runs a transition, whose webhooks fare as the operation says.
func (l *randomLife) pressWith(task hillava.TaskDump, o operation) error {
	l.deliver.Lock()
	defer l.deliver.Unlock()
	l.Hillava.SetDelivery(o.delivery)
	defer l.Hillava.SetDelivery(hillava.Delivery{})
	if err := l.Hillava.Transition(task.ID, o.text); err != nil || !o.late {
		return err
	}
	now, err := l.task()
	if err != nil {
		return err
	}
	for _, event := range now.Events[len(task.Events):] {
		l.late = append(l.late, event.ID)
	}
	return nil
}

func (l *randomLife) fault(f fault.Fault, key string) error {
	f.Key = key
	if f.System == "tampuuri" {
		f.Customer = l.customer.Tunniste // equal ids of two customers are two notices
	}
	l.Faults.Add(f)
	return nil
}
