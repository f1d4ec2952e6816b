package web_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/web"
)

// call makes a request to the page's server as a program would, with the headers given as name, value pairs.
func (w *world) call(t *testing.T, method, path, body string, headers ...string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, w.server.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
			continue
		}
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := w.server.Client().Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(text)
}

// pageView is the part of the state that the tests look at.
type pageView struct {
	Notices []struct {
		Customer, ID, State, Performer, ExternalID, WorkflowURL, SearchURL string
		Ours                                                               bool
		Fields                                                             map[string]any
	}
	TemporalUI string
	Tasks      []struct {
		ID, State   string
		Transitions []struct {
			Name    string
			Actions []string
		}
		TimeEntries []struct {
			ID, Date, CustomerSummary string
			Approved                  bool
			Resource                  struct{ ID, Name string }
		}
	}
	SetUp  struct{ TargetRequired, Actions, IntegrationsActive bool }
	Faults struct {
		Active   []struct{ ID int }
		Delivery struct{ Drop, Double bool }
	}
}

func (w *world) view(t *testing.T) pageView {
	t.Helper()
	status, text := w.call(t, http.MethodGet, "/api/state", "")
	require.Equal(t, http.StatusOK, status)
	var view pageView
	require.NoError(t, json.Unmarshal([]byte(text), &view))
	return view
}

func TestWhatIsDoneOnThePageHappensInTheStandIns(t *testing.T) {
	w := newWorld(t)
	task := w.makeTask(t, "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11", "A 12")
	notice := func(v pageView, customer, id string) any {
		for _, n := range v.Notices {
			if n.Customer == customer && n.ID == id {
				return n.State + " " + n.Performer
			}
		}
		return nil
	}
	steps := []struct {
		name, path, body string
		look             func(pageView) any
		want             any
	}{
		{
			"a notice is created", "/api/notices", `{"customer":"toinen","property":5,"performer":0,"fields":{"TyötehtävänOtsikko":"Ovi","TilaajanTurvakielto":true}}`,
			func(v pageView) any { return notice(v, "toinen", "50001") }, "Uusi ",
		},
		{
			"it is assigned", "/api/notices/toinen/50001/assign", `{"performer":120}`,
			func(v pageView) any { return notice(v, "toinen", "50001") }, "Uusi 120",
		},
		{
			"it is edited", "/api/notices/toinen/50001/edit", `{"fields":{"TyötehtävänOtsikko":"Ovi ja ikkuna","Kotieläimet":""}}`,
			func(v pageView) any { return v.Notices[0].Fields["TyötehtävänOtsikko"] }, "Ovi ja ikkuna",
		},
		{
			"it is cancelled", "/api/notices/toinen/50001/state", `{"state":"Peruttu"}`,
			func(v pageView) any { return notice(v, "toinen", "50001") }, "Peruttu 120",
		},
		{
			"a field is edited that the notice spells in ASCII", "/api/notices/esimerkki/101/edit", `{"fields":{"SuoritusaikaViimeistään":"2026-02-06"}}`,
			func(v pageView) any {
				for _, n := range v.Notices {
					if n.ID == "101" {
						return n.Fields["SuoritusaikaViimeistään"]
					}
				}
				return nil
			}, "2026-02-06",
		},
		{
			"a time entry is added", "/api/tasks/" + task + "/time-entries", `{"date":"2026-02-05","resource":"Testi Huoltaja","customerSummary":"Tiiviste","hours":1.5,"approved":false}`,
			func(v pageView) any { return v.Tasks[0].TimeEntries[0].CustomerSummary }, "Tiiviste",
		},
		{
			"it is approved", "/api/tasks/" + task + "/time-entries/E-1001/approve", `{}`,
			func(v pageView) any { return v.Tasks[0].TimeEntries[0].Approved }, true,
		},
		{
			"it is edited", "/api/tasks/" + task + "/time-entries/E-1001/edit", `{"date":"2026-02-06","resource":"Toinen Huoltaja","customerSummary":"","hours":2,"approved":true}`,
			func(v pageView) any { return v.Tasks[0].TimeEntries[0].Date + v.Tasks[0].TimeEntries[0].Resource.Name }, "2026-02-06Toinen Huoltaja",
		},
		{
			"it is removed", "/api/tasks/" + task + "/time-entries/E-1001/remove", `{}`,
			func(v pageView) any { return len(v.Tasks[0].TimeEntries) }, 0,
		},
		{
			"a transition is pressed", "/api/tasks/" + task + "/transition", `{"name":"Työ valmis"}`,
			func(v pageView) any { return v.Tasks[0].State + " → " + v.Tasks[0].Transitions[1].Name }, "Työ valmis → Laskutettu",
		},
		{
			"a fault is switched on", "/api/faults", `{"system":"tampuuri","op":"tila","kind":"503","times":2}`,
			func(v pageView) any { return len(v.Faults.Active) }, 1,
		},
		{"and off", "/api/faults/1/remove", `{}`, func(v pageView) any { return len(v.Faults.Active) }, 0},
		{
			"a notice is chained", "/api/notices/toinen/50001/chain", `{"performer":120}`,
			func(v pageView) any { return fmt.Sprint(notice(v, "toinen", "50002"), v.Notices[0].Fields["ParentId"]) }, "Uusi 12050001",
		},
		{"it is deleted", "/api/notices/toinen/50002/delete", `{}`, func(v pageView) any { return notice(v, "toinen", "50002") }, nil},
		{"webhooks are dropped", "/api/delivery", `{"drop":true,"double":false,"reorder":false}`, func(v pageView) any { return v.Faults.Delivery.Drop }, true},
	}
	for _, step := range steps {
		status, text := w.call(t, http.MethodPost, step.path, step.body)
		require.Equal(t, http.StatusOK, status, "%s: %s", step.name, text)
		require.Equal(t, step.want, step.look(w.view(t)), step.name)
	}
}

func TestWhatCannotBeDoneIsRefusedWithAReason(t *testing.T) {
	w := newWorld(t)
	task := w.makeTask(t, "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11", "A 12")
	cases := []struct {
		name, path, body string
		status           int
		reason           string
	}{
		{"no JSON", "/api/notices", `customer=esimerkki`, 400, "not understood"},
		{"two values", "/api/notices", `{} {}`, 400, "more than one"},
		{"a field that the request does not have", "/api/delivery", `{"lose":true}`, 400, "unknown field"},
		{"a customer that is not there", "/api/notices", `{"customer":"kolmas","property":5}`, 400, "customers on the page"},
		{"no property", "/api/notices", `{"customer":"toinen"}`, 400, "kohde"},
		{"a field that people do not fill in", "/api/notices", `{"customer":"toinen","property":5,"fields":{"Tila":"Valmis"}}`, 400, `"Tila"`},
		{"a flag as text", "/api/notices", `{"customer":"toinen","property":5,"fields":{"TilaajanTurvakielto":"ei"}}`, 400, "TilaajanTurvakielto"},
		{"a number as text field", "/api/notices", `{"customer":"toinen","property":5,"fields":{"Tilaaja":5}}`, 400, "Tilaaja"},
		{"an edit without a change", "/api/notices/toinen/48213/edit", `{"fields":{}}`, 400, "nothing"},
		{"a notice that is not there", "/api/notices/toinen/1/assign", `{"performer":120}`, 409, "notice 1"},
		{"a notice number that is none", "/api/notices/toinen/x/assign", `{"performer":120}`, 400, "no number"},
		{"a transition that the state does not allow", "/api/tasks/" + task + "/transition", `{"name":"Tarkastettu"}`, 409, "allows only"},
		{"a date that is none", "/api/tasks/" + task + "/time-entries", `{"date":"5.2.2026","resource":"A"}`, 400, "2026-02-05"},
		{"nobody who did the work", "/api/tasks/" + task + "/time-entries", `{"date":"2026-02-05"}`, 400, "resurssi"},
		{"more hours than a day has", "/api/tasks/" + task + "/time-entries", `{"date":"2026-02-05","resource":"A","hours":25}`, 400, "hours"},
		{"a time entry that is not there", "/api/tasks/" + task + "/time-entries/E-9/approve", `{}`, 409, "E-9"},
		{"a fault that does not exist", "/api/faults", `{"kind":"explode"}`, 400, "explode"},
		{"a command that the page does not have", "/api/lives/x/erase", `{}`, 409, "resends and dismisses only"},
		{"a dismissal without a reason", "/api/lives/x/dismiss", `{}`, 400, "why"},
		{"a customer without a name", "/api/customers", `{"tunniste":"kolmas"}`, 400, "Tunniste and a name"},
		{"a fault that is off already", "/api/faults/7/remove", `{}`, 400, "no such fault"},
	}
	before := w.view(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status, text := w.call(t, http.MethodPost, c.path, c.body)
			require.Equal(t, c.status, status, text)
			var answer struct{ Error string }
			require.NoError(t, json.Unmarshal([]byte(text), &answer))
			require.Contains(t, answer.Error, c.reason)
		})
	}
	require.Equal(t, before, w.view(t), "nothing has changed")
}

func TestForeignPagesCannotUseTheInterface(t *testing.T) {
	w := newWorld(t)
	const change = `{"drop":true,"double":false,"reorder":false}`
	cases := []struct {
		name    string
		method  string
		headers []string
		status  int
	}{
		{"a program without a browser", http.MethodPost, nil, 200},
		{"the page itself", http.MethodPost, []string{"Sec-Fetch-Site", "same-origin", "Origin", w.server.URL}, 200},
		{"another site", http.MethodPost, []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://example.org"}, 403},
		{"another port of this machine", http.MethodPost, []string{"Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:1"}, 403},
		{"an old browser on another site", http.MethodPost, []string{"Origin", "https://example.org"}, 403},
		{"a plain form", http.MethodPost, []string{"Content-Type", "text/plain"}, 400},
		{"a name that points here (DNS rebinding)", http.MethodPost, []string{"Host", "rebound.example.org:8090"}, 403},
		{"reading through such a name", http.MethodGet, []string{"Host", "rebound.example.org"}, 403},
		{"localhost by name", http.MethodPost, []string{"Host", "localhost:8090"}, 200},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := "/api/delivery"
			if c.method == http.MethodGet {
				path = "/api/state"
			}
			status, text := w.call(t, c.method, path, change, c.headers...)
			require.Equal(t, c.status, status, text)
		})
	}
}

func TestThePageMayLoadNothingFromElsewhere(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/", "/main.js", "/page.css"} {
		answer, err := w.server.Client().Get(w.server.URL + path)
		require.NoError(t, err)
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusOK, answer.StatusCode, path)
		require.Contains(t, answer.Header.Get("Content-Security-Policy"), "default-src 'none'")
		require.NotContains(t, answer.Header.Get("Content-Security-Policy"), "unsafe")
		require.Equal(t, "nosniff", answer.Header.Get("X-Content-Type-Options"))
		require.NotContains(t, string(text), "https://", path)
		require.NotContains(t, string(text), "innerHTML", path)
	}
}

func TestAnUnchangedStateIsNotSentAgain(t *testing.T) {
	w := newWorld(t)
	answer, err := w.server.Client().Get(w.server.URL + "/api/state")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	tag := answer.Header.Get("ETag")
	require.NotEmpty(t, tag)
	status, text := w.call(t, http.MethodGet, "/api/state", "", "If-None-Match", tag)
	require.Equal(t, http.StatusNotModified, status)
	require.Empty(t, text)
	require.NoError(t, w.tampuuri.Cancel("esimerkki", 48213))
	status, _ = w.call(t, http.MethodGet, "/api/state", "", "If-None-Match", tag)
	require.Equal(t, http.StatusOK, status)
}

func TestANoticesWorkflowIsFoundByItsExternalID(t *testing.T) {
	cases := []struct {
		name   string
		notice map[string]any
		want   string
	}{
		{"the Guid", map[string]any{"Id": 1, "Guid": "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"}, "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"},
		{"the Guid in upper case and braces", map[string]any{"Id": 1, "guid": "{5B0C1F1E-6A0E-4A58-9C0B-2F6F5A0D7E11}"}, "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"},
		{"no Guid, as the specification works it out", map[string]any{"Id": 101}, "40ef2650-c7cc-5462-86ff-a6b97bfd425b"},
		{"null", map[string]any{"Id": 101, "Guid": nil}, "40ef2650-c7cc-5462-86ff-a6b97bfd425b"},
		{"all zeros", map[string]any{"Id": 101, "Guid": "00000000-0000-0000-0000-000000000000"}, "40ef2650-c7cc-5462-86ff-a6b97bfd425b"},
		{"no Guid at all", map[string]any{"Id": 101, "Guid": "ei ole"}, "40ef2650-c7cc-5462-86ff-a6b97bfd425b"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, web.ExternalID("esimerkki", c.notice)) })
	}
	view := newWorld(t).view(t)
	require.Equal(t, `http://127.0.0.1:8233/namespaces/default/workflows?query=WorkflowType+%3D+%22Notice%22`, view.TemporalUI)
	for _, n := range view.Notices {
		require.Equal(t, "http://127.0.0.1:8233/namespaces/default/workflows/notice-"+n.ExternalID, n.WorkflowURL)
		require.Contains(t, n.SearchURL, n.ID)
	}
}

// TestTheSetUpIsRehearsedOnThePage sets each part of Hillava's set-up wrongly, and right again.
func TestTheSetUpIsRehearsedOnThePage(t *testing.T) {
	w := newWorld(t)
	task := w.makeTask(t, "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11", "A 12")
	set := func(body string) pageView {
		status, text := w.call(t, http.MethodPost, "/api/setup", body)
		require.Equal(t, http.StatusOK, status, text)
		return w.view(t)
	}
	wrong := set(`{"targetRequired":true,"actions":false,"integrationsActive":false}`)
	require.True(t, wrong.SetUp.TargetRequired)
	require.Empty(t, wrong.Tasks[0].Transitions[0].Actions, "the buttons tell")
	require.False(t, w.hillava.Customers()[0].IntegrationsActive)
	status, text := w.call(t, http.MethodPost, "/api/customers", `{"tunniste":"kolmas","name":"Kolmas Oy"}`)
	require.Equal(t, http.StatusOK, status, text)
	require.Contains(t, text, "kolmas")
	customers := w.hillava.Customers()
	require.Equal(t, "kolmas", customers[len(customers)-1].ExternalID)
	require.False(t, customers[len(customers)-1].IntegrationsActive, "it repeats the customer type's setting")
	require.NoError(t, w.hillava.Transition(task, "Työ valmis"))
	require.Empty(t, w.hillava.Tasks()[0].Events, "no action, no event")

	right := set(`{"targetRequired":false,"actions":true,"integrationsActive":true}`)
	require.Equal(t, []string{"Kuittaa tehtävä valmiiksi Tampuuriin"}, right.Tasks[0].Transitions[1].Actions)
	require.True(t, w.hillava.Customers()[0].IntegrationsActive)
}
