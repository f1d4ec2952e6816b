package e2e

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/stack"
)

// browser opens the sandbox's page in headless chromium.
func (w *world) browser() context.Context {
	w.t.Helper()
	names := []string{"chromium", "chromium-browser", "google-chrome"}
	found := slices.IndexFunc(names, func(name string) bool { _, err := exec.LookPath(name); return err == nil })
	if found < 0 {
		fmt.Println("SKIPPED: chromium not installed, so nobody drives the page end to end")
		w.t.Skip("chromium not installed")
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(names[found]), chromedp.WindowSize(1280, 1000)}
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // chromium refuses to sandbox itself as root
	}
	page, cancel := chromedp.NewContext(w.context(), chromedp.WithAllocatorOptions(options...))
	w.t.Cleanup(cancel)
	require.NoError(w.t, chromedp.Do(page, chromedp.Navigate(w.PageURL)))
	return page
}

// pressOn clicks the button of that text within the element, as soon as there is one.
func pressOn(within, text string) chromedp.Action[chromedp.Void] {
	return until(fmt.Sprintf(`(() => {
		const node = document.querySelector(%q);
		const button = node && [...node.querySelectorAll("button")].find((b) => b.textContent === %q && !b.disabled);
		button?.click();
		return Boolean(button);
	})()`, within, text), "button "+text)
}

// shows waits until the element says the words.
func shows(selector, words string) chromedp.Action[chromedp.Void] {
	return until(fmt.Sprintf(`Boolean(document.querySelector(%q)?.innerText.includes(%q))`, selector, words), selector+" to say "+words)
}

func until(script, what string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		ticker := time.NewTicker(100 * time.Millisecond)
		defer ticker.Stop()
		for {
			if held, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script)); err != nil {
				return fmt.Errorf("look for %s: %w", what, err)
			} else if held {
				return nil
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("wait for %s: %w", what, ctx.Err())
			case <-ticker.C:
			}
		}
	})
}

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

// opens opens an address and waits until the script holds. Every 20 s it opens it again, as a person does: the Web UI asks
// once, and shows an error or nothing at all where it got no answer. It fails with what it showed instead.
func (n imported) opens(page context.Context, address, script, what string) {
	n.t.Helper()
	for {
		attempt, cancel := context.WithTimeout(page, 20*time.Second)
		err := chromedp.Do(attempt, chromedp.Navigate(address), until(script, what))
		cancel()
		if err == nil {
			return
		}
		text, textErr := chromedp.Run(page, chromedp.Evaluate[string](`document.body?.innerText ?? ""`))
		n.t.Logf("%v; instead it shows (%v): %q", err, textErr, text)
		require.NoError(n.t, page.Err(), what)
	}
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
	w.requireEnd("esimerkki", 50001, 1, 2)
	w.imported("esimerkki", 50001).findsInTheWebUI(page)
}
