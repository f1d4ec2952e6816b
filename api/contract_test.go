package api_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/api"
)

// recorder is a Reporter that keeps what it is told.
type recorder struct{ reports []string }

func (*recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.reports = append(r.reports, fmt.Sprintf(format, args...))
}

func TestEveryContractIsValidOpenAPI31(t *testing.T) {
	for _, name := range []string{api.Tampuuri, api.Hillava, api.Webhook} {
		doc, err := api.Load(name)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(doc.OpenAPI, "3.1"), name)
	}
	_, err := api.Load("nothing")
	require.Error(t, err)
}

const page = `{"Offset":0,"Limit":100,"Total":0,"Items":[]}`

func notices(rows string) string {
	return `{"Offset":0,"Limit":100,"Total":1,"Items":[` + rows + `]}`
}

func TestMiddlewareReportsWhatTheContractDoesNotAllow(t *testing.T) {
	auth := map[string]string{"X-TampuuriAvain": "a", "X-AsiakasNimi": "b", "X-TilinNimi": "c", "X-Kayttajatunnus": "d", "X-Salasana": "e"}
	bearer := map[string]string{"Authorization": "Bearer t"}
	with := func(base map[string]string, extra ...string) map[string]string {
		out := map[string]string{}
		for k, v := range base {
			out[k] = v
		}
		for i := 0; i < len(extra); i += 2 {
			out[extra[i]] = extra[i+1]
		}
		return out
	}
	list := "/v10/api/ilmoitukset/selaa?TyonsuorittajaYritysId=4711"
	newTask := `{"externalId":"e","taskTypeId":"1","title":"t","description":"","startDate":"2026-02-03","workloadHours":1,"deliveryCustomerId":"c","billingCustomerId":"c"%s}`
	task := `{"id":"t1","externalId":"e","taskTypeId":"1","billingCustomerId":"c","state":"Uusi","modifiedAt":"2026-02-03T10:00:00Z","events":[]}`
	attachments := "/api/v1/tasks/t1/attachments"
	attachment := `{"fileName":"kuva.jpg","contentType":"image/jpeg","content":"YQ=="}`
	attached := strings.Replace(attachment, "{", `{"id":"a 1",`, 1)
	tests := []struct {
		name, spec, method, target, body string
		header                           map[string]string
		status                           int
		contentType, answer              string
		want                             string // "" = nothing is reported
	}{
		{"a page", api.Tampuuri, "GET", list, "", auth, 200, "application/json", page, ""},
		{"an escaped plus", api.Tampuuri, "GET", list + "&MuokattuAlkaen=2026-02-03T10:00:00.1234567%2B02:00&Offset=0&Limit=100", "", auth, 200, "application/json", page, ""},
		{"a raw plus", api.Tampuuri, "GET", list + "&MuokattuAlkaen=2026-02-03T10:00:00+02:00", "", auth, 200, "application/json", page, "MuokattuAlkaen"},
		{"a missing header", api.Tampuuri, "GET", list, "", with(auth, "X-Salasana", ""), 200, "application/json", page, "X-Salasana"},
		{"limit over 100", api.Tampuuri, "GET", list + "&Limit=101", "", auth, 200, "application/json", page, "Limit"},
		{"an unknown query parameter", api.Tampuuri, "GET", list + "&Tila=Uusi", "", auth, 200, "application/json", page, "Tila is not in the contract"},
		{"an unknown route", api.Tampuuri, "GET", "/v10/api/ilmoitukset/1/poista", "", auth, 200, "application/json", page, "not in the contract"},
		{"mixed spelling and unknown fields", api.Tampuuri, "GET", list, "", auth, 200, "application/json",
			notices(`{"Id":1,"KohdeId":2,"Tila":"Uusi","Muokattu":"2026-02-03T10:00:00","TyötehtävänOtsikko":"x","Kiinteisto":null,"TilaajanTurvakielto":"Ei","Uutta":{}}`), ""},
		{"a notice without Muokattu", api.Tampuuri, "GET", list, "", auth, 200, "application/json", notices(`{"Id":1,"KohdeId":2,"Tila":"Uusi"}`), "Muokattu"},
		{"an id as text", api.Tampuuri, "GET", list, "", auth, 200, "application/json", notices(`{"Id":"1","KohdeId":2,"Tila":"Uusi","Muokattu":"2026-02-03T10:00:00"}`), "Id"},
		{"HTML with status 200", api.Tampuuri, "GET", list, "", auth, 200, "text/html", "<html>", "Content-Type"},
		{"HTML with status 502", api.Tampuuri, "GET", list, "", auth, 502, "text/html", "<html>", ""},
		{"429 without Retry-After", api.Tampuuri, "GET", list, "", auth, 429, "application/json", "{}", "Retry-After"},
		{"a state without IlmoitaOsallisille", api.Tampuuri, "POST", "/v10/api/ilmoitukset/1/tila", `{"Tila":"Tehty"}`, auth, 200, "application/json", `{"Id":1}`, "IlmoitaOsallisille"},
		{"a state that cannot be set", api.Tampuuri, "POST", "/v10/api/ilmoitukset/1/tila", `{"Tila":"Uusi","IlmoitaOsallisille":true}`, auth, 200, "application/json", `{"Id":1}`, "Tila"},
		{"hae goes before {Id}", api.Tampuuri, "POST", "/v10/api/ilmoitukset/hae", `{"IlmoitusIdt":[1,2]}`, auth, 200, "application/json", `[]`, ""},
		{"hae with no ids", api.Tampuuri, "POST", "/v10/api/ilmoitukset/hae", `{"IlmoitusIdt":[]}`, auth, 200, "application/json", `[]`, "IlmoitusIdt"},
		{"an Idempotency-Key where there is none", api.Tampuuri, "POST", "/v10/api/ilmoitukset/hae", `{"IlmoitusIdt":[1]}`, with(auth, "Idempotency-Key", "k"), 200, "application/json", `[]`, "Idempotency-Key"},
		{"a new task", api.Hillava, "POST", "/api/v1/tasks", fmt.Sprintf(newTask, ""), with(bearer, "Idempotency-Key", "create-e"), 201, "application/json", task, ""},
		{"a new task with a target", api.Hillava, "POST", "/api/v1/tasks", fmt.Sprintf(newTask, `,"targetId":"9"`), with(bearer, "Idempotency-Key", "create-e"), 201, "application/json", task, "targetId"},
		{"an address with an unknown field", api.Hillava, "POST", "/api/v1/tasks",
			fmt.Sprintf(newTask, `,"deliveryAddress":{"street":"s","postalCode":"p","city":"c","zip":"z"}`), with(bearer, "Idempotency-Key", "create-e"), 201, "application/json", task, "zip"},
		{"a new task without a key", api.Hillava, "POST", "/api/v1/tasks", fmt.Sprintf(newTask, ""), bearer, 201, "application/json", task, "Idempotency-Key"},
		{"409 without the other's id", api.Hillava, "POST", "/api/v1/tasks", fmt.Sprintf(newTask, ""), with(bearer, "Idempotency-Key", "create-e"), 409, "application/json", `{"error":"in use"}`, "existingId"},
		{"no token", api.Hillava, "GET", "/api/v1/tasks/t1", "", nil, 200, "application/json", task, "bearer"},
		{"a task without events", api.Hillava, "GET", "/api/v1/tasks/t1", "", bearer, 200, "application/json", strings.Replace(task, `,"events":[]`, "", 1), "events"},
		{"attachments", api.Hillava, "GET", attachments, "", bearer, 200, "application/json", `{"items":[` + attached + `],"total":1}`, ""},
		{"attachments without a total", api.Hillava, "GET", attachments, "", bearer, 200, "application/json", `{"items":[]}`, "total"},
		{"attachments by the page", api.Hillava, "GET", attachments + "?offset=0", "", bearer, 200, "application/json", `{"items":[],"total":0}`, "offset is not in the contract"},
		{"an attachment without an id", api.Hillava, "GET", attachments, "", bearer, 200, "application/json", `{"items":[` + attachment + `],"total":1}`, "id"},
		{"an attachment that is not in base64", api.Hillava, "GET", attachments, "", bearer, 200, "application/json", `{"items":[` + strings.Replace(attached, "YQ==", "ä", 1) + `],"total":1}`, "content"},
		{"a new attachment", api.Hillava, "POST", attachments, attachment, with(bearer, "Idempotency-Key", "k"), 201, "application/json", `{"id":"a 1"}`, ""},
		{"a new attachment without a key", api.Hillava, "POST", attachments, attachment, bearer, 201, "application/json", `{"id":"a 1"}`, "Idempotency-Key"},
		{"a new attachment with an id", api.Hillava, "POST", attachments, attached, with(bearer, "Idempotency-Key", "k"), 201, "application/json", `{"id":"a 1"}`, "id"},
		{"a new attachment without content", api.Hillava, "POST", attachments, strings.Replace(attachment, `,"content":"YQ=="`, "", 1), with(bearer, "Idempotency-Key", "k"), 201, "application/json", `{"id":"a 1"}`, "content"},
		{"an answer to it without its id", api.Hillava, "POST", attachments, attachment, with(bearer, "Idempotency-Key", "k"), 201, "application/json", `{}`, "id"},
		{"a webhook", api.Webhook, "POST", "/webhooks/hillava", `{"type":"task.done","timestamp":"2026-02-03T10:00:00Z","data":{"taskId":"1","externalId":"e","transition":"Työ valmis"}}`,
			map[string]string{"webhook-id": "msg_1", "webhook-timestamp": "1770112800", "webhook-signature": "v1,YQ=="}, 202, "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			reports := &recorder{}
			handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got, err := io.ReadAll(r.Body)
				require.NoError(t, err)
				require.Equal(t, tt.body, string(got), "the body is passed on")
				if tt.contentType != "" {
					w.Header().Set("Content-Type", tt.contentType)
				}
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.answer)
			})
			request := httptest.NewRequest(tt.method, tt.target, strings.NewReader(tt.body))
			if tt.body != "" {
				request.Header.Set("Content-Type", "application/json")
			}
			for k, v := range tt.header {
				request.Header.Set(k, v)
			}
			answer := httptest.NewRecorder()
			api.Middleware(reports, tt.spec, handler).ServeHTTP(answer, request)
			require.Equal(t, tt.answer, answer.Body.String(), "the answer is passed on")
			if tt.want == "" {
				require.Empty(t, reports.reports)
				return
			}
			require.Contains(t, strings.Join(reports.reports, "\n"), tt.want)
		})
	}
}

func TestAnswersMindsARequestOnlyWhenItWasAccepted(t *testing.T) {
	for status, want := range map[int]int{200: 1, 400: 0} {
		reports := &recorder{}
		handler := api.Answers(reports, api.Tampuuri, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, map[int]string{200: `{"Id":1}`, 400: `{"Message":"no"}`}[status])
		}))
		request := httptest.NewRequest("POST", "/v10/api/ilmoitukset/1/tila", strings.NewReader(`{"Tila":"Uusi"}`))
		request.Header.Set("Content-Type", "application/json")
		handler.ServeHTTP(httptest.NewRecorder(), request)
		require.Len(t, reports.reports, want, "status %d", status)
	}
}
