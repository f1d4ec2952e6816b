package e2e

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/browser"
	"tampuuri-hillava/sandbox/stack"
)

// inWebUI is the start of a script that finds what a person sees of the Web UI: hidden copies do not count.
const inWebUI = `(() => {
	const seen = (within, selector, words) => [...within.querySelectorAll(selector)].find((node) =>
		node.getClientRects().length > 0 && !node.disabled && words.test(node.textContent.trim()));
	const click = (node) => { node?.click(); return Boolean(node); };
	const dialog = [...document.querySelectorAll("dialog, [role=dialog]")].find((node) => node.getClientRects().length > 0);
`

// clicksInWebUI clicks, as soon as a person can see it there, what the words match.
func clicksInWebUI(within, selector, words string) chromedp.Action[chromedp.Void] {
	script := fmt.Sprintf(`%s return %s ? click(seen(%s, %q, /%s/)) : false; })()`, inWebUI, within, within, selector, words)
	return browser.Until(script, "the Web UI to have "+words)
}

// sends opens the Web UI's dialog "Send an Update" or "Send a Signal" on a workflow, and sends that one with that input; ""
// is none.
func (w *world) sends(page context.Context, workflow, what, name, input string) {
	w.t.Helper()
	list := strings.ToLower(what) + "-select"
	w.opens(page, workflow, inWebUI+`return Boolean(seen(document, "button", /^More Actions$/)); })()`, "the Web UI shows the workflow")
	require.NoError(w.t, chromedp.Do(page,
		clicksInWebUI("document", "button", "^More Actions$"), clicksInWebUI("document", "[role=menuitem]", "^Send an? "+what+"$"),
		clicksInWebUI("dialog", "[data-testid="+list+"-button]", "^"), clicksInWebUI("dialog", "#"+list+"-select [role=option]", "^"+name),
	), name)
	if input != "" {
		typed := fmt.Sprintf(`%s const field = dialog?.querySelector("[contenteditable=true]");
			if (!field) return false;
			if (!field.textContent.trim()) { field.focus(); document.execCommand("insertText", false, %q); }
			return field.textContent.includes("by"); })()`, inWebUI, input)
		require.NoError(w.t, chromedp.Do(page, browser.Until(typed, "the input of "+name+" to be typed")))
	}
	require.NoError(w.t, chromedp.Do(page,
		clicksInWebUI("dialog", "button", "^Submit$"), browser.Until(inWebUI+"return !dialog; })()", "the dialog of "+name+" to close"),
	), name)
}

// TestAPersonPausesPollsAndResumesInTheWebUI, and dismisses a notice, uses nothing but Temporal's own Web UI, in a browser.
func TestAPersonPausesPollsAndResumesInTheWebUI(t *testing.T) {
	t.Parallel()
	customers := stack.DefaultCustomers()
	customers[0].Entry = map[string]any{"poll": map[string]any{"every": "1h"}} // so that only poll-now polls
	w := start(t, stack.Options{Customers: customers, Page: true, Temporal: temporalWithUI(t)})
	w.polledOnce("esimerkki")
	page := w.browser()
	workflows := w.Temporal.UIURL + "/namespaces/" + url.PathEscape(w.Temporal.Namespace) + "/workflows/"
	workflow := workflows + "customer-esimerkki"
	details := func(words string) {
		t.Helper()
		run := w.customerRun("esimerkki").GetWorkflowExecutionInfo().GetExecution().GetRunId()
		// The Web UI shows Markdown in a frame, whose address has the text.
		said := `[document.body?.innerText, ...[...document.querySelectorAll("iframe")].map((frame) => decodeURIComponent(frame.src))].join().replaceAll("*", "")`
		w.opens(page, workflow+"/"+run+"/user-metadata", fmt.Sprintf(`%s.includes(%q)`, said, words), "the Web UI to say "+words)
	}
	details("Polled.")

	w.sends(page, workflow, "Update", "pause", `{"by": "toimisto", "reason": "muutto"}`)
	details("Paused by toimisto")
	status, err := w.customer(w.context(), "esimerkki")
	require.NoError(t, err)
	require.Equal(t, "muutto", status.Paused.Reason)

	w.sends(page, workflow, "Update", "resume", `{"by": "toimisto"}`)
	details("Polled.")
	id := w.someNotice("esimerkki", 4711)
	w.sends(page, workflow, "Update", "poll-now", "")
	n := w.imported("esimerkki", id)
	w.sends(page, workflows+n.workflowID, "Signal", "dismiss", `{"by": "toimisto", "code": "done-by-hand"}`)
	n.waitPhase("Completed", "dismissed")
	history := n.status().History
	require.Equal(t, "done-by-hand", history[len(history)-1].Result)
}
