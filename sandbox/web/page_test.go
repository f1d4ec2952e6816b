package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/skipped"
	"tampuuri-hillava/sandbox/web"
)

// browse opens the page in a headless browser; the test fails when the page's own scripts complain.
func browse(t *testing.T, w *world) context.Context {
	t.Helper()
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome", "headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
			break
		}
	}
	if browser == "" {
		skipped.Because(t, "chromium not installed, so the page is not looked at in a browser")
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(browser), chromedp.WindowSize(1280, 1000)}
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // chromium refuses to sandbox itself as root
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithAllocatorOptions(options...))
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate("about:blank")))
	complaints := collectComplaints(ctx)
	t.Cleanup(func() { require.Empty(t, complaints(), "the browser's console") })
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(w.server.URL), chromedp.WaitVisible("article.notice")))
	return ctx
}

// collectComplaints gathers what the page writes to the console until the browser ends.
func collectComplaints(ctx context.Context) func() []string {
	var mu sync.Mutex
	var all []string
	messages := chromedp.Console(ctx)
	go func() {
		for message, err := range messages {
			if err != nil {
				return
			}
			mu.Lock()
			all = append(all, fmt.Sprint(message))
			mu.Unlock()
		}
	}()
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), all...)
	}
}

func textOf(t *testing.T, ctx context.Context, selector string) string {
	t.Helper()
	text, err := chromedp.Run(ctx, chromedp.Text(selector))
	require.NoError(t, err)
	return text
}

// press clicks the button of that text within the element.
func press(within, text string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		script := fmt.Sprintf(`(() => {
			const found = [...document.querySelectorAll(%q)].flatMap((node) => [...node.querySelectorAll("button")]).find((button) => button.textContent === %q);
			found?.click();
			return Boolean(found);
		})()`, within, text)
		return awaitTrue(ctx, script, "button "+text)
	})
}

// sees waits until the element's text has the words.
func sees(selector, words string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		return awaitTrue(ctx, fmt.Sprintf(`Boolean(document.querySelector(%q)?.innerText.includes(%q))`, selector, words), selector+" to say "+words)
	})
}

func awaitTrue(ctx context.Context, script, what string) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		held, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script))
		if err != nil {
			return fmt.Errorf("look for %s: %w", what, err)
		}
		if held {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", what, ctx.Err())
		case <-tick.C:
		}
	}
}

func TestAPersonPlaysBothSystemsOnThePage(t *testing.T) {
	w := newWorld(t)
	page := browse(t, w)
	const created, task = `[data-notice="esimerkki/50001"]`, `[data-task="T-1001"]`
	require.NoError(t, chromedp.Do(page,
		chromedp.Click("#notice-new"), chromedp.WaitVisible("#notice-dialog"),
		chromedp.SetValue("#f-performer", "0"), chromedp.SetValue(`[name="TyötehtävänOtsikko"]`, "Ovi jumissa"), chromedp.Click(`[name="TilaajanTurvakielto"]`),
		press("#notice-dialog", "Create"), sees(created, "Ovi jumissa"),
	))
	require.Contains(t, textOf(t, page, created), "Turvakielto: Tilaaja")
	require.Contains(t, textOf(t, page, created), "nobody")

	require.NoError(t, chromedp.Do(page, press(created, "Assign to us"), sees(created, "our company (4711)"), sees(".pair", "Waiting for the next poll")))
	w.makeTask(t, externalIDOf(w, t, "50001"), "A 12")
	require.NoError(t, chromedp.Do(page,
		sees(task, "A 12"), press(task, "Add time entry"), chromedp.WaitVisible("#entry-dialog"),
		chromedp.SetValue(`#entry-form [name="customerSummary"]`, "Saranat öljytty"), press("#entry-dialog", "Add"), sees(task, "Saranat öljytty"),
		press(task, "Approve"), sees(task, "· hyväksytty"),
		press(task, "Työ valmis"), sees(task, "task.done"), press(task, "Laskutettu"), sees(task, "task.invoiced"),
	))
	for _, field := range []string{"Toimitusasiakas\nEsimerkki Isännöinti Oy", "Laskutusviite\n48213 / Testi Tilaaja", "Toimitusosoite\nTestipolku 4, 00100 Helsinki", "Toimitusosoite, row 2\nA 12"} {
		require.Contains(t, textOf(t, page, task), field)
	}
	require.NoError(t, w.tampuuri.SetState("esimerkki", 50001, "Valmis"))
	require.NoError(t, chromedp.Do(page, sees(created+" .badge", "Valmis")))
	link, err := chromedp.Run(page, chromedp.AttributeValue(created+` [data-focus="workflow"]`, "href"))
	require.NoError(t, err)
	require.Equal(t, "http://127.0.0.1:8233/namespaces/default/workflows/notice-"+externalIDOf(w, t, "50001"), link.Value)
}

func externalIDOf(w *world, t *testing.T, id string) string {
	t.Helper()
	for _, n := range w.view(t).Notices {
		if n.ID == id {
			return n.ExternalID
		}
	}
	require.Fail(t, "the notice is not on the page", id)
	return ""
}

func TestTheOtherCustomersNoticesAndFaultsAreOneClickAway(t *testing.T) {
	w := newWorld(t)
	page := browse(t, w)
	require.NoError(t, chromedp.Do(page,
		press("#customers", "Toinen Isännöinti Oy (1)"), sees(`[data-notice="toinen/48213"]`, "48213"), chromedp.WaitNotPresent(`[data-notice="esimerkki/48213"]`),
		chromedp.Click("#faults-open"), chromedp.WaitVisible("#fault-dialog"), chromedp.SetValue(`#fault-form [name="kind"]`, "503"),
		press("#fault-dialog", "Add fault"), sees("#faults", "503"), sees("#fault-count", "1"), press("#faults", "Remove"), chromedp.WaitNotPresent("#faults li"),
	))
	require.Empty(t, w.faults.List())
}

func TestTheFaultsBadgeCountsWhatCanStillHappenAndItsCustomersFollow(t *testing.T) {
	w := newWorld(t)
	page := browse(t, w)
	w.faults.Add(fault.Fault{System: "tampuuri", Kind: fault.Status503})
	w.faults.Add(fault.Fault{System: "hillava", Kind: fault.Status503, Times: -1})
	require.NoError(t, chromedp.Do(page,
		sees("#fault-count", "2"), chromedp.Click("#faults-open"), chromedp.WaitVisible("#fault-dialog"), chromedp.SetValue(`#fault-form [name="customer"]`, "toinen"),
	))
	for _, system := range []string{"tampuuri", "hillava"} {
		w.faults.Serve(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil), fault.Request{System: system}, http.NotFoundHandler())
	}
	status, text := w.call(t, http.MethodPost, "/api/customers", `{"tunniste":"kolmas","name":"Kolmas Oy"}`)
	require.Equal(t, http.StatusOK, status, text)
	require.NoError(t, chromedp.Do(page, sees("#fault-count", "1"), sees(`[data-fault="1"]`, "fired 1, spent"), sees(`#fault-form [name="customer"]`, "Kolmas Oy")))
	require.NotContains(t, textOf(t, page, `[data-fault="2"]`), "spent", "it is for ever")
	chosen, err := chromedp.Run(page, chromedp.Evaluate[string](`document.querySelector('#fault-form [name="customer"]').value`))
	require.NoError(t, err)
	require.Equal(t, "toinen", chosen, "what is chosen stays")
}

func TestThePageTellsWhatStopsANotice(t *testing.T) {
	w := newWorld(t)
	page := browse(t, w)
	const strip = `[data-life="esimerkki/48213"]`
	id := externalIDOf(w, t, "48213")
	since := time.Date(2026, 2, 5, 10, 0, 0, 0, time.UTC)
	w.tells(func() {
		w.told[id] = web.Life{Phase: "attention", Attention: "hillava-refused", Since: &since, Failure: "hillava: create task: refused with status 422", Advice: "Correct it, then resend."}
	})
	require.NoError(t, chromedp.Do(page,
		sees(strip, "hillava-refused since 12.00.00"), sees(strip, "status 422"), sees(strip, "Correct it"), sees(".pair", "No task yet: see above."),
		press(strip, "Resend"), sees("#toast", "Resent"), press(strip, "Dismiss: not-ours"), sees("#toast", "Dismissed"),
	))
	w.tells(func() { require.Equal(t, []string{"resend " + id, "dismiss " + id + " not-ours"}, w.asked) })
	w.tells(func() {
		w.told[id] = web.Life{Phase: "importing", Step: "CreateTask", Attempt: 4, Next: &since, Failure: "hillava: create task: refused with status 503"}
		w.polls["esimerkki"] = web.Polling{Reasons: []string{"no consent is recorded"}}
	})
	require.NoError(t, chromedp.Do(page,
		sees(strip, "CreateTask is tried again: 4 attempts so far, the next one at 12.00.00"), sees(strip, "status 503"), sees("#polling", "Not polled: no consent is recorded."),
	))
	resends, err := chromedp.Run(page, chromedp.Evaluate[int](`document.querySelectorAll('[data-focus="resend"]').length`))
	require.NoError(t, err)
	require.Zero(t, resends, "what is tried again by itself needs no resend")
}

// TestCreateIsInSight: whatever is filled in, and on a phone too.
func TestCreateIsInSight(t *testing.T) {
	page := browse(t, newWorld(t))
	require.NoError(t, chromedp.Do(page, chromedp.Click("#notice-new"), chromedp.WaitVisible("#notice-dialog")))
	for _, size := range [][2]int64{{1280, 900}, {390, 700}, {360, 560}} {
		require.NoError(t, chromedp.Do(page, chromedp.EmulateViewport(size[0], size[1])))
		inSight, err := chromedp.Run(page, chromedp.Evaluate[bool](`(() => {
			const box = document.getElementById("notice-save").getBoundingClientRect();
			const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
			return box.bottom <= innerHeight && at?.id === "notice-save";
		})()`))
		require.NoError(t, err)
		require.True(t, inSight, "at %v", size)
	}
}

func TestMarkupFromTheSystemsStaysText(t *testing.T) {
	w := newWorld(t)
	const markup = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`
	id, err := w.tampuuri.AddNotice("esimerkki", map[string]any{
		"KohdeId": 1207, "TyötehtävänOtsikko": markup, "TyötehtävänKuvaus": markup, "Huoneisto": markup, "Tilaaja": markup, "TyonsuorittajaYritysId": 4711,
	})
	require.NoError(t, err)
	task := w.makeTask(t, externalIDOf(w, t, fmt.Sprint(id)), markup)
	_, err = w.hillava.AddTimeEntry(task, hillava.TimeEntry{Date: "2026-02-05", CustomerSummary: markup, Resource: hillava.Resource{Name: markup}})
	require.NoError(t, err)
	page := browse(t, w)
	require.NoError(t, chromedp.Do(page, sees(fmt.Sprintf(`[data-notice="esimerkki/%d"]`, id), "<img src=x"), sees(fmt.Sprintf(`[data-task=%q]`, task), "<script>")))
	images, err := chromedp.Run(page, chromedp.Evaluate[int](`document.querySelectorAll("main img, main script").length`))
	require.NoError(t, err)
	require.Zero(t, images)
	title, err := chromedp.Run(page, chromedp.Title())
	require.NoError(t, err)
	require.NotContains(t, title, "owned")
}

func TestEveryFieldAndButtonHasANameAndNothingIsWiderThanANarrowScreen(t *testing.T) {
	page := browse(t, newWorld(t))
	unnamed, err := chromedp.Run(page, chromedp.Evaluate[[]string](`[...document.querySelectorAll("button, input, select, textarea, a")]
		.filter((node) => !(node.labels?.length || node.textContent.trim() || node.getAttribute("aria-label"))).map((node) => node.outerHTML)`))
	require.NoError(t, err)
	require.Empty(t, unnamed)
	for _, width := range []int64{1280, 700, 360} {
		require.NoError(t, chromedp.Do(page, chromedp.EmulateViewport(width, 800)))
		over, err := chromedp.Run(page, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`))
		require.NoError(t, err)
		require.Zero(t, over, "at %d px the page scrolls sideways", width)
	}
}
