package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/browser"
	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/web"
)

// browse opens the page in a headless browser; the test fails when the page's own scripts complain.
func browse(t *testing.T, w *world) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	ctx = browser.Start(ctx, t)
	complaints := collectComplaints(ctx)
	t.Cleanup(func() { require.Empty(t, complaints(), "the browser's console") })
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(w.server.URL), browser.Shows("article.notice", "")))
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

func TestAPersonPlaysBothSystemsOnThePage(t *testing.T) {
	w := newWorld(t)
	page := browse(t, w)
	const created, task = `[data-notice="esimerkki/50001"]`, `[data-task="T-1001"]`
	require.NoError(t, chromedp.Do(page,
		browser.Open("#notice-new", "#notice-dialog"),
		browser.Fill("#f-performer", "0"), browser.Fill(`[name="TyötehtävänOtsikko"]`, "Ovi jumissa"), browser.Tick(`[name="TilaajanTurvakielto"]`),
		browser.Press("#notice-dialog", "Create"), browser.Shows(created, "Ovi jumissa"),
	))
	require.Contains(t, textOf(t, page, created), "Turvakielto: Tilaaja")
	require.Contains(t, textOf(t, page, created), "nobody")

	require.NoError(t, chromedp.Do(page, browser.Press(created, "Assign to us"), browser.Shows(created, "our company (4711)"), browser.Shows(".pair", "Waiting for the next poll")))
	w.makeTask(t, externalIDOf(w, t, "50001"), "A 12")
	require.NoError(t, chromedp.Do(page,
		browser.Shows(task, "A 12"), browser.Press(task, "Add time entry"),
		browser.Fill(`#entry-form [name="customerSummary"]`, "Saranat öljytty"), browser.Press("#entry-dialog", "Add"), browser.Shows(task, "Saranat öljytty"),
		browser.Press(task, "Approve"), browser.Shows(task, "· hyväksytty"),
		browser.Press(task, "Työ valmis"), browser.Shows(task, "task.done"), browser.Press(task, "Laskutettu"), browser.Shows(task, "task.invoiced"),
	))
	for _, field := range []string{"Toimitusasiakas\nEsimerkki Isännöinti Oy", "Laskutusviite\n48213 / Testi Tilaaja", "Toimitusosoite\nTestipolku 4, 00100 Helsinki", "Toimitusosoite, row 2\nA 12"} {
		require.Contains(t, textOf(t, page, task), field)
	}
	require.NoError(t, w.tampuuri.SetState("esimerkki", 50001, "Valmis"))
	require.NoError(t, chromedp.Do(page, browser.Shows(created+" .badge", "Valmis")))
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
		browser.Press("#customers", "Toinen Isännöinti Oy (1)"), browser.Shows(`[data-notice="toinen/48213"]`, "48213"), browser.Lacks(`[data-notice="esimerkki/48213"]`),
		browser.Open("#faults-open", "#fault-dialog"), browser.Fill(`#fault-form [name="kind"]`, "503"),
		browser.Press("#fault-dialog", "Add fault"), browser.Shows("#faults", "503"), browser.Shows("#fault-count", "1"), browser.Press("#faults", "Remove"), browser.Lacks("#faults li"),
	))
	require.Empty(t, w.faults.List())
}

func TestTheFaultsBadgeCountsWhatCanStillHappenAndItsCustomersFollow(t *testing.T) {
	w := newWorld(t)
	page := browse(t, w)
	w.faults.Add(fault.Fault{System: "tampuuri", Kind: fault.Status503})
	w.faults.Add(fault.Fault{System: "hillava", Kind: fault.Status503, Times: -1})
	require.NoError(t, chromedp.Do(page,
		browser.Shows("#fault-count", "2"), browser.Open("#faults-open", "#fault-dialog"), browser.Fill(`#fault-form [name="customer"]`, "toinen"),
	))
	for _, system := range []string{"tampuuri", "hillava"} {
		w.faults.Serve(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil), fault.Request{System: system}, http.NotFoundHandler())
	}
	status, text := w.call(t, http.MethodPost, "/api/customers", `{"tunniste":"kolmas","name":"Kolmas Oy"}`)
	require.Equal(t, http.StatusOK, status, text)
	require.NoError(t, chromedp.Do(page, browser.Shows("#fault-count", "1"), browser.Shows(`[data-fault="1"]`, "fired 1, spent"), browser.Shows(`#fault-form [name="customer"]`, "Kolmas Oy")))
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
		browser.Shows(strip, "hillava-refused since 12.00.00"), browser.Shows(strip, "status 422"), browser.Shows(strip, "Correct it"), browser.Shows(".pair", "No task yet: see above."),
		browser.Press(strip, "Resend"), browser.Shows("#toast", "Resent"), browser.Press(strip, "Dismiss: not-ours"), browser.Shows("#toast", "Dismissed"),
	))
	w.tells(func() { require.Equal(t, []string{"resend " + id, "dismiss " + id + " not-ours"}, w.asked) })
	w.tells(func() {
		w.told[id] = web.Life{Phase: "importing", Step: "CreateTask", Attempt: 4, Next: &since, Failure: "hillava: create task: refused with status 503"}
		w.polls["esimerkki"] = web.Polling{Reasons: []string{"no consent is recorded"}}
	})
	require.NoError(t, chromedp.Do(page,
		browser.Shows(strip, "CreateTask is tried again: 4 attempts so far, the next one at 12.00.00"), browser.Shows(strip, "status 503"), browser.Shows("#polling", "Not polled: no consent is recorded."),
	))
	resends, err := chromedp.Run(page, chromedp.Evaluate[int](`document.querySelectorAll('[data-focus="resend"]').length`))
	require.NoError(t, err)
	require.Zero(t, resends, "what is tried again by itself needs no resend")
}

// TestCreateIsInSight: whatever is filled in, and on a phone too.
func TestCreateIsInSight(t *testing.T) {
	page := browse(t, newWorld(t))
	require.NoError(t, chromedp.Do(page, browser.Open("#notice-new", "#notice-dialog")))
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
	require.NoError(t, chromedp.Do(page, browser.Shows(fmt.Sprintf(`[data-notice="esimerkki/%d"]`, id), "<img src=x"), browser.Shows(fmt.Sprintf(`[data-task=%q]`, task), "<script>")))
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
