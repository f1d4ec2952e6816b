package e2e

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

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
	withUI, err := stack.StartTemporal(t.Context(), stack.TemporalOptions{Dir: t.TempDir(), OwnServer: true, Progress: os.Stderr})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, withUI.Close()) })
	w := start(t, stack.Options{Page: true, Temporal: withUI})
	page := w.browser()
	const notice, task = `[data-notice="esimerkki/50001"]`, `[data-task="T-1001"]`
	require.NoError(t, chromedp.Do(page,
		chromedp.WaitVisible("#notice-new"), chromedp.Click("#notice-new"), chromedp.WaitVisible("#notice-dialog"),
		chromedp.SetValue("#f-performer", "0"), chromedp.SetValue(`[name="TyötehtävänOtsikko"]`, "Ovi jumissa"),
		pressOn("#notice-dialog", "Create"), shows(notice, "Ovi jumissa"),
		pressOn(notice, "Assign to us"), shows(task, "Ovi jumissa"),
		pressOn(task, "Add time entry"), chromedp.WaitVisible("#entry-dialog"),
		chromedp.SetValue(`#entry-form [name="customerSummary"]`, "Saranat öljytty"), pressOn("#entry-dialog", "Add"), shows(task, "Saranat öljytty"),
		pressOn(task, "Työ valmis"), shows(notice+" .badge", "Tehty"),
		pressOn(task, "Laskutettu"), shows(notice+" .badge", "Valmis"), shows(notice, "Saranat öljytty"),
	))
	n := w.imported("esimerkki", 50001)
	n.requireEnd(1, 2)
	n.findsInTheWebUI(page)
}
