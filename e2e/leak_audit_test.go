package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/ledger"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// auditLine is one line of a log with "audit":true.
type auditLine map[string]any

// auditKeys are what every audit line has, no more and no less; requestId and its like stand beside them where a line
// belongs to a request (docs/security.md).
var auditKeys = []string{"audit", "customer", "fields", "level", "msg", "notice", "result", "task", "time", "what", "who"}

// requestKeys may stand beside them: they name the request that a signal came with, or the run that took it.
var requestKeys = []string{
	"eventId", "externalId", "requestId", "secretNumber", "type",
	"Attempt", "Namespace", "RunID", "TaskQueue", "UpdateID", "UpdateName", "WorkerID", "WorkflowID", "WorkflowType",
}

// auditLines reads the audit lines of a log in JSON, and requires that each has the documented keys.
func auditLines(t *testing.T, log []byte) []auditLine {
	t.Helper()
	var lines []auditLine
	for scanner := bufio.NewScanner(bytes.NewReader(log)); scanner.Scan(); {
		var line auditLine
		if json.Unmarshal(scanner.Bytes(), &line) != nil || line["audit"] != true {
			continue
		}
		keys := slices.DeleteFunc(slices.Sorted(maps.Keys(line)), func(key string) bool { return slices.Contains(requestKeys, key) })
		require.Equal(t, auditKeys, keys, "%v", line)
		require.NotEmpty(t, line["who"])
		about := "notice"
		if what := line["what"].(string); strings.HasPrefix(what, "customers.") || strings.HasPrefix(what, "update.take") {
			about = "what" // it is of no notice
		}
		require.NotEmpty(t, line[about], "%v", line)
		require.NotEmpty(t, line["result"])
		require.Equal(t, line["msg"], line["what"])
		lines = append(lines, line)
	}
	return lines
}

func (l auditLine) about() string { return fmt.Sprintf("%v of %v", l["what"], l["notice"]) }

// reached tells whether the effect may have happened: it was done, or its outcome is not known.
func (l auditLine) reached() bool {
	result := l["result"].(string)
	return result == "done" || result == "unknown" || strings.HasPrefix(result, "status 5")
}

// operate runs a starter command that logs in JSON; it returns its messages.
func (w *world) operate(arguments ...string) (messages []byte, code int) {
	w.t.Helper()
	full := append([]string{"-c", `. "$0" && export LOG_FORMAT=json && exec "$@"`, w.EnvironmentFile, w.Programs.Starter}, arguments...)
	run := exec.CommandContext(w.context(), "sh", full...)
	var said bytes.Buffer
	run.Stderr = &said
	err := run.Run()
	require.NotNil(w.t, run.ProcessState, "starter %v: %v", arguments, err)
	return said.Bytes(), run.ProcessState.ExitCode()
}

// effectsOnPeers are what the service did according to the stand-ins, in the words of the audit trail.
func (w *world) effectsOnPeers(guids map[string]string) map[string]int {
	w.t.Helper()
	effects := map[string]int{}
	for _, entry := range w.Ledger.Entries() {
		detail := func(name string) string { return fmt.Sprint(entry.Detail[name]) }
		notice := detail("externalId")
		if entry.System == ledger.Tampuuri {
			notice = guids[entry.Key]
		}
		switch {
		case entry.Kind == ledger.TaskCreated && detail("via") == "api":
			effects["task.create of "+notice]++
		case entry.Kind == ledger.NoteAdded:
			effects["note.add of "+notice]++
		case entry.Kind == ledger.StateSet && detail("via") == "api":
			effects["state.set "+detail("to")+" of "+notice]++
		case entry.Kind == ledger.ToimenpideAdded && detail("via") == "api":
			effects["toimenpide.add of "+notice]++
		case entry.Kind == ledger.WebhookAttempted && detail("status") == "202":
			effects["signal.accept of "+notice]++
		}
	}
	return effects
}

func TestEveryEffectHasOneAuditLine(t *testing.T) {
	t.Parallel()
	inJSON := []string{"LOG_FORMAT=json"}
	w := start(t, stack.Options{WorkerEnvironment: inJSON, ServeEnvironment: inJSON})
	w.Faults.Add(fault.Fault{System: "tampuuri", Op: tampuuri.OpTila, Kind: fault.ApplyThen500})
	w.Faults.Add(fault.Fault{System: "tampuuri", Op: tampuuri.OpToimenpide, Kind: fault.ApplyThenReset})
	w.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpCreateTask, Kind: fault.Status422})
	guids := map[string]string{}
	var ids []int64
	for range 3 {
		id := w.someNotice("esimerkki", 4711)
		notice, err := w.Notice("esimerkki", id)
		require.NoError(t, err)
		guids[fmt.Sprint(id)] = notice["Guid"].(string)
		ids = append(ids, id)
	}
	refused := w.oneInAttention(ids)
	messages, code := w.operate("notice", "resend", guids[fmt.Sprint(refused)], "--by", "toimisto")
	require.Zero(t, code, string(messages))
	operators := auditLines(t, messages)
	for _, id := range ids {
		n := w.imported("esimerkki", id)
		n.addEntry("2026-02-03", "Testi Asentaja", "Tehty.")
	}
	for _, id := range ids[:2] {
		n := w.imported("esimerkki", id)
		n.edit(map[string]any{"Huoneisto": "B 7"})
		n.press("Työ valmis")
		n.waitState("Tehty")
		n.press("Laskutettu")
		n.waitPhase("Completed", "invoiced")
	}
	operators = append(operators, w.operatorsDoings(guids, ids)...)
	ids = append(ids, w.doingsInTheWebUI(guids))
	ctx := w.context()
	require.NoError(t, w.Worker.Stop(ctx))
	require.NoError(t, w.Serve.Stop(ctx))

	imports, recorded := 0, map[string]int{}
	var people []string
	for _, program := range []*stack.Program{w.Worker, w.Serve} {
		log, err := os.ReadFile(program.LogPath)
		require.NoError(t, err)
		for _, line := range auditLines(t, log) {
			what := line["what"].(string)
			switch {
			case what == "notice.import":
				imports++
			case what == "signal.accept":
				recorded[line.about()]++
			case what == "notice.close" || what == "signal.take" || strings.HasPrefix(what, "update.take"):
				people = append(people, fmt.Sprint(what, " ", line["result"], " by ", line["who"]))
			case line.reached():
				recorded[strings.Replace(line.about(), what, strings.Join(strings.Fields(what)[:words(what)], " "), 1)]++
			}
		}
	}
	require.Equal(t, w.effectsOnPeers(guids), recorded)
	require.Equal(t, len(ids)+1, imports, "one of them again, by a person's wish")
	var done []string
	for _, line := range operators {
		require.Equal(t, "toimisto", line["who"])
		if line["what"] != "customers.sync" {
			require.Equal(t, "esimerkki", line["customer"], line["what"])
		}
		done = append(done, line["what"].(string))
	}
	require.Equal(t, []string{
		"notice.resend", "customers.sync", "customers.poll", "customers.pause", "customers.resume", "notice.dismiss", "notice.import", "notice.dismiss", "notice.erase",
	}, done)
	// What the workflows took of it, and what came by other ways than our commands.
	require.Equal(t, []string{
		"signal.take resend by toimisto", "update.take pause done by toimisto", "update.take resume done by toimisto",
		"notice.close other by toimisto", "notice.close not-ours by toimisto",
		"signal.take tyo-valmis by person", "notice.close other by cancel",
	}, people)
}

// words is how many words of a happening name it; a toimenpide's second word is the time entry's id.
func words(what string) int {
	if strings.HasPrefix(what, "state.set") {
		return 2
	}
	return 1
}

// oneInAttention waits until one of the notices is in attention, and returns it.
func (w *world) oneInAttention(ids []int64) (found int64) {
	w.t.Helper()
	require.NoError(w.t, stack.WaitFor(w.context(), "a notice in attention", func(ctx context.Context) error {
		for _, id := range ids {
			workflowID, err := w.WorkflowID("esimerkki", id)
			if err != nil {
				return err
			}
			if workflow, err := stack.Describe(ctx, w.client, workflowID); err == nil && workflow.Phase == "attention" {
				found = id
				return nil
			}
		}
		return fmt.Errorf("none is")
	}))
	return found
}

// operatorsDoings pauses a customer's polling for a moment, then dismisses the third notice, imports it again, dismisses it again and erases it.
func (w *world) operatorsDoings(guids map[string]string, ids []int64) []auditLine {
	w.t.Helper()
	third := ids[2]
	guid := guids[fmt.Sprint(third)]
	var lines []auditLine
	do := func(arguments ...string) {
		messages, code := w.operate(append(arguments, "--by", "toimisto")...)
		require.Zero(w.t, code, string(messages))
		lines = append(lines, auditLines(w.t, messages)...)
	}
	dismissed := func() {
		_, err := w.WaitWorkflow(w.context(), w.client, "esimerkki", third, "Completed", "dismissed")
		require.NoError(w.t, err)
	}
	do("customers", "sync")
	do("customers", "poll", "esimerkki")
	do("customers", "pause", "esimerkki", "--reason", "koe")
	do("customers", "resume", "esimerkki")
	messages, code := w.operate("notice", "erase", guid)
	require.Equal(w.t, 1, code, "an open notice is not erased")
	require.Contains(w.t, string(messages), "dismiss")
	tried := auditLines(w.t, messages)
	require.Len(w.t, tried, 1)
	require.Equal(w.t, []any{"notice.erase", "refused", guid, "esimerkki"}, []any{tried[0]["what"], tried[0]["result"], tried[0]["notice"], tried[0]["customer"]})
	w.actionsThatAreRefused()
	do("notice", "dismiss", "--yes", guid)
	dismissed()
	do("notice", "import", "esimerkki", fmt.Sprint(third))
	do("notice", "dismiss", "--yes", guid, "--code", "not-ours")
	dismissed()
	require.NoError(w.t, w.Tampuuri.Assign("esimerkki", third, 99)) // or the next poll would import it again
	do("notice", "erase", "--yes", guid)
	_, err := stack.Describe(w.context(), w.client, "notice-"+guid)
	require.ErrorContains(w.t, err, "not found")
	require.NotContains(w.t, w.starter("notice", "list", "--all", "--json"), guid)
	_, code = w.operate("notice", "show", guid)
	require.Equal(w.t, 1, code)
	return lines
}

// actionsThatAreRefused asks for what cannot be done: each attempt has its line.
func (w *world) actionsThatAreRefused() {
	w.t.Helper()
	const nobodys = "00000000-0000-4000-8000-000000000000"
	for _, row := range []struct{ arguments, what, notice, result string }{
		{"notice resend " + nobodys, "notice.resend", nobodys, "refused"},
		{"notice dismiss esimerkki/999999", "notice.dismiss", "esimerkki/999999", "refused"},
		{"notice import esimerkki 999999", "notice.import", "esimerkki/999999", "refused"},
		{"notice import tuntematon 1", "notice.import", "tuntematon/1", "refused"},
		{"customers poll tuntematon", "customers.poll", "", "refused"},
	} {
		messages, code := w.operate(strings.Fields(row.arguments + " --by toimisto")...)
		require.Equal(w.t, 1, code, string(messages))
		lines := auditLines(w.t, messages)
		require.Len(w.t, lines, 1, string(messages))
		require.Equal(w.t, []any{row.what, row.notice, row.result, "toimisto"}, []any{lines[0]["what"], lines[0]["notice"], lines[0]["result"], lines[0]["who"]})
	}
}

// doingsInTheWebUI sends a notice what the Web UI can send: Työ valmis without an event, and a Cancel.
func (w *world) doingsInTheWebUI(guids map[string]string) int64 {
	w.t.Helper()
	id := w.someNotice("esimerkki", 4711)
	notice, err := w.Notice("esimerkki", id)
	require.NoError(w.t, err)
	guids[fmt.Sprint(id)] = notice["Guid"].(string)
	_, err = w.WaitWorkflow(w.context(), w.client, "esimerkki", id, "Running", "working")
	require.NoError(w.t, err)
	workflowID := "notice-" + notice["Guid"].(string)
	require.NoError(w.t, w.client.SignalWorkflow(w.context(), workflowID, "", "tyo-valmis", nil))
	_, err = w.WaitWorkflow(w.context(), w.client, "esimerkki", id, "Running", "done")
	require.NoError(w.t, err)
	require.NoError(w.t, w.client.CancelWorkflow(w.context(), workflowID, ""))
	_, err = w.WaitWorkflow(w.context(), w.client, "esimerkki", id, "Completed", "dismissed")
	require.NoError(w.t, err)
	return id
}
