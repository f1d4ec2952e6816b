package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"tampuuri-hillava/sandbox/skipped"
	"tampuuri-hillava/sandbox/stack"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// browser opens the sandbox's page in headless chromium.
func (w *world) browser() context.Context {
	w.t.Helper()
	names := []string{"chromium", "chromium-browser", "google-chrome"}
	found := slices.IndexFunc(names, func(name string) bool { _, err := exec.LookPath(name); return err == nil })
	if found < 0 {
		skipped.Because(w.t, "chromium not installed, so nobody drives the page end to end")
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

// temporalWithUI is a server of the test's own, with the Web UI that the shared one goes without.
func temporalWithUI(t *testing.T) *stack.Temporal {
	t.Helper()
	withUI, err := stack.StartTemporal(t.Context(), stack.TemporalOptions{Dir: t.TempDir(), OwnServer: true, Progress: os.Stderr})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, withUI.Close()) })
	return withUI
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

// opens opens an address and waits until the script holds. After 20 s it opens it again, as a person does: the Web UI asks
// once, and shows an error or nothing at all where it got no answer. Each time it waits longer, as a busy machine takes
// that long. It fails with what the page showed instead.
func (w *world) opens(page context.Context, address, script, what string) {
	w.t.Helper()
	for wait := 20 * time.Second; ; wait *= 2 {
		attempt, cancel := context.WithTimeout(page, wait)
		err := chromedp.Do(attempt, chromedp.Navigate(address), until(script, what))
		cancel()
		if err == nil {
			return
		}
		text, textErr := chromedp.Run(page, chromedp.Evaluate[string](`document.body?.innerText ?? ""`))
		w.t.Logf("%v; instead it shows (%v): %q", err, textErr, text)
		require.NoError(w.t, page.Err(), what)
	}
}
