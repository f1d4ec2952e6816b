package e2e

import (
	"context"
	"fmt"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/browser"
	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
)

// findsInTheWebUI opens the page's link "find by number" of the notice and waits until the Web UI lists its workflow; and
// sees that a search for another number does not list it.
func (n imported) findsInTheWebUI(page context.Context) {
	n.t.Helper()
	link, err := chromedp.Run(page, chromedp.Evaluate[string](fmt.Sprintf(
		`[...document.querySelector('[data-notice="%s/%d"]').querySelectorAll("a")].find((a) => a.textContent.includes("find by number")).href`, n.tunniste, n.id)))
	require.NoError(n.t, err)
	address, err := url.Parse(link)
	require.NoError(n.t, err)
	require.Contains(n.t, address.Query().Get("query"), fmt.Sprintf(`TampuuriNotice = "%d"`, n.id))
	listed := fmt.Sprintf(`document.body?.textContent.includes(%q)`, n.workflowID)
	n.opens(page, link, listed, "the Web UI lists "+n.workflowID)

	address.RawQuery = url.Values{"query": {fmt.Sprintf(`TampuuriNotice="%d"`, n.id)}}.Encode()
	n.opens(page, address.String(), listed, "the Web UI lists it by the number alone")
	address.RawQuery = url.Values{"query": {`TampuuriNotice="1"`}}.Encode()
	n.opens(page, address.String(), "!"+listed+` && /no (results|workflows)/i.test(document.body.textContent)`, "the Web UI lists nothing")
}

// TestAPersonDrivesANoticeToValmisOnThePage touches nothing but the page: what happens in between is the service's doing.
// Then the person looks for the notice in the Web UI, which only a server of the test's own has.
func TestAPersonDrivesANoticeToValmisOnThePage(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{Page: true, Temporal: temporalWithUI(t)})
	page := w.browser()
	const notice, task = `[data-notice="esimerkki/50001"]`, `[data-task="T-1001"]`
	require.NoError(t, chromedp.Do(page,
		browser.Open("#notice-new", "#notice-dialog"),
		browser.Fill("#f-performer", "0"), browser.Fill(`[name="TyötehtävänOtsikko"]`, "Ovi jumissa"),
		browser.Press("#notice-dialog", "Create"), browser.Shows(notice, "Ovi jumissa"),
		browser.Press(notice, "Assign to us"), browser.Shows(task, "Ovi jumissa"),
		browser.Press(task, "Add time entry"),
		browser.Fill(`#entry-form [name="customerSummary"]`, "Saranat öljytty"), browser.Press("#entry-dialog", "Add"), browser.Shows(task, "Saranat öljytty"),
		browser.Press(task, "Työ valmis"), browser.Shows(notice+" .badge", "Tehty"),
		browser.Press(task, "Laskutettu"), browser.Shows(notice+" .badge", "Valmis"), browser.Shows(notice, "Saranat öljytty"),
	))
	n := w.imported("esimerkki", 50001)
	n.requireEnd(1, 2)
	n.findsInTheWebUI(page)
}

// TestAPersonResendsARefusedNoticeOnThePage: the page tells what the integration waits for, and has it done.
func TestAPersonResendsARefusedNoticeOnThePage(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{Page: true})
	page := w.browser()
	w.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpCreateTask, Kind: fault.Status422})
	n := w.known("esimerkki", w.someNotice("esimerkki", 4711))
	n.waitPhase("Running", "attention")
	n.waitAttention("hillava-refused")
	card, strip := fmt.Sprintf(`[data-notice="esimerkki/%d"]`, n.id), fmt.Sprintf(`[data-life="esimerkki/%d"]`, n.id)
	require.NoError(t, chromedp.Do(page,
		browser.Shows(strip, "attention"), browser.Shows(strip, "hillava-refused"), browser.Shows(strip, "422"), browser.Shows(card, "Keittiön hana vuotaa"),
		browser.Press(strip, "Resend"), browser.Shows(strip, "working"), browser.Shows(`[data-task="T-1001"]`, "A 12"),
	))
	require.Equal(t, 1, n.status().count("resend"))

	away := w.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpCreateTask, Times: -1, Kind: fault.Status503})
	stuck := w.known("esimerkki", w.someNotice("esimerkki", 4711))
	strip = fmt.Sprintf(`[data-life="esimerkki/%d"]`, stuck.id)
	require.NoError(t, chromedp.Do(page,
		browser.Shows(strip, "is tried again"), browser.Shows(strip, "503"), browser.Press(strip, "Dismiss: other"), browser.Shows(strip, "dismissed"),
	))
	w.Faults.Remove(away)
	stuck.waitPhase("Completed", "dismissed")

	w.pausePolling("esimerkki")
	require.NoError(t, chromedp.Do(page, browser.Shows("#polling", "Not polled: paused by")))
	w.resumePolling("esimerkki")
	require.NoError(t, chromedp.Do(page, browser.Until(`document.querySelector("#polling").innerText === ""`, "the page to say nothing of polling")))
}
