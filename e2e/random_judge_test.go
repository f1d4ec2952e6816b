package e2e

import (
	"fmt"
	"strings"

	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/ledger"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
	"tampuuri-hillava/sandbox/web"
)

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

// untoldTurvakielto are notices of which somebody's turvakielto was set after the import, and whose task does not say so.
// Where a person made an end of it, or it is not ours or not open any more, nobody has to be told.
func (b *batch) untoldTurvakielto() []string {
	notes := map[string]string{}
	for _, task := range b.Hillava.Tasks() {
		for _, note := range task.Notes {
			notes[task.ExternalID] += note.Text + "\n"
		}
	}
	var problems []string
	for _, life := range b.lives {
		if !life.protected || life.waived || strings.Contains(notes[life.externalID], "TURVAKIELTO") {
			continue
		}
		state := b.State(life.customer.Tunniste, life.id)
		open := state != "" && state != tampuuri.Tehty && state != tampuuri.Valmis && state != tampuuri.Peruttu
		workflow, err := stack.Describe(b.context(), b.client, "notice-"+life.externalID)
		if err == nil && workflow.Status == "Running" && open && life.ours() {
			problems = append(problems, fmt.Sprintf("E2E_SEED=%d: the task of notice %s/%d does not say that turvakielto was set\n  %s\n%s",
				life.seed, life.customer.Tunniste, life.id, strings.Join(life.done, "\n  "), b.told("notice-"+life.externalID)))
		}
	}
	return problems
}
