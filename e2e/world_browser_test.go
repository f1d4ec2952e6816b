package e2e

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/browser"
	"tampuuri-hillava/sandbox/stack"
)

// browser opens the sandbox's page in headless chromium.
func (w *world) browser() context.Context {
	w.t.Helper()
	page := browser.Start(w.context(), w.t)
	require.NoError(w.t, chromedp.Do(page, chromedp.Navigate(w.PageURL)))
	return page
}

// temporalWithUI is a server of the test's own, with the Web UI that the shared one goes without.
func temporalWithUI(t *testing.T) *stack.Temporal {
	t.Helper()
	withUI, err := stack.StartTemporal(t.Context(), stack.TemporalOptions{Dir: t.TempDir(), OwnServer: true, Progress: os.Stderr})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, withUI.Close()) })
	return withUI
}

// opens opens an address and waits until the script holds. After 20 s it opens it again, as a person does: the Web UI asks
// once, and shows an error or nothing at all where it got no answer. Each time it waits longer, as a busy machine takes
// that long. It fails with what the page showed instead.
func (w *world) opens(page context.Context, address, script, what string) {
	w.t.Helper()
	for wait := 20 * time.Second; ; wait *= 2 {
		attempt, cancel := context.WithTimeout(page, wait)
		err := chromedp.Do(attempt, chromedp.Navigate(address), browser.Until(script, what))
		cancel()
		if err == nil {
			return
		}
		text, textErr := chromedp.Run(page, chromedp.Evaluate[string](`document.body?.innerText ?? ""`))
		w.t.Logf("%v; instead it shows (%v): %q", err, textErr, text)
		require.NoError(w.t, page.Err(), what)
	}
}
