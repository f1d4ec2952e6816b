// Package browser lets a test use a page as a person does, in headless chromium.
//
// Each action is one script that runs again until it holds, and then names what it waited for when it never does. A click
// at a place on the screen, as chromedp.Click makes it, misses what has moved meanwhile, and nothing says so.
package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/skipped"
)

var names = []string{"chromium", "chromium-browser", "google-chrome", "chrome", "headless-shell"}

// Start starts a browser with an empty page, for what is done with the context that it returns; it ends with the test.
func Start(ctx context.Context, t *testing.T) context.Context {
	t.Helper()
	program := ""
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		skipped.Because(t, "chromium not installed, so the page is not looked at in a browser")
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(program), chromedp.WindowSize(1280, 1000)}
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // chromium refuses to sandbox itself as root
	}
	page, cancel := chromedp.NewContext(ctx, chromedp.WithAllocatorOptions(options...))
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(page, chromedp.Navigate("about:blank")), "start the browser")
	return page
}

// Until waits until the script is true.
func Until(script, what string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			if held, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script)); err != nil {
				return fmt.Errorf("look for %s: %w", what, err)
			} else if held {
				return nil
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("wait for %s: %w", what, ctx.Err())
			case <-tick.C:
			}
		}
	})
}

// Press clicks the button of that text within an element, as soon as there is one that can be pressed.
func Press(within, text string) chromedp.Action[chromedp.Void] {
	return Until(fmt.Sprintf(`(() => {
		const button = [...document.querySelectorAll(%q)].flatMap((node) => [...node.querySelectorAll("button")])
			.find((button) => button.textContent === %q && !button.disabled);
		button?.click();
		return Boolean(button);
	})()`, within, text), "button "+text)
}

// Open clicks the element until the dialog is open.
func Open(element, dialog string) chromedp.Action[chromedp.Void] {
	return Until(fmt.Sprintf(`(() => {
		const dialog = document.querySelector(%q);
		if (!dialog?.open) document.querySelector(%q)?.click();
		return Boolean(dialog?.open);
	})()`, dialog, element), dialog+" to open")
}

// Fill puts the value into a field, as somebody who types or chooses it.
func Fill(field, value string) chromedp.Action[chromedp.Void] {
	return Until(fmt.Sprintf(`(() => {
		const field = document.querySelector(%q);
		if (!field?.getClientRects().length) return false;
		field.value = %q;
		field.dispatchEvent(new Event("input", {bubbles: true}));
		field.dispatchEvent(new Event("change", {bubbles: true}));
		return field.value === %q;
	})()`, field, value, value), field+" to take "+value)
}

// Tick sets a checkbox.
func Tick(box string) chromedp.Action[chromedp.Void] {
	return Until(fmt.Sprintf(`(() => {
		const box = document.querySelector(%q);
		if (!box?.checked) box?.click();
		return Boolean(box?.checked);
	})()`, box), box+" to be ticked")
}

// Shows waits until the element says the words.
func Shows(selector, words string) chromedp.Action[chromedp.Void] {
	return Until(fmt.Sprintf(`Boolean(document.querySelector(%q)?.innerText.includes(%q))`, selector, words), selector+" to say "+words)
}

// Lacks waits until there is no such element.
func Lacks(selector string) chromedp.Action[chromedp.Void] {
	return Until(fmt.Sprintf(`!document.querySelector(%q)`, selector), "no "+selector)
}
