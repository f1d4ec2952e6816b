package containers

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/seed"
	"tampuuri-hillava/sandbox/stack"
)

// TestSandboxProfileFromNothing does what deploy/sandbox.env says, and plays one notice on the page.
func TestSandboxProfileFromNothing(t *testing.T) {
	i := install(t, "--env-file", "deploy/sandbox.env", "--profile", "sandbox")
	began := time.Now()
	i.compose("up", "--detach", "--build")
	i.awaitHealthy()
	t.Logf("images built and everything healthy after %.0f s", time.Since(began).Seconds())
	page := "http://" + i.ports["PUBLISH_PAGE"]

	began = time.Now()
	fields := map[string]any{
		"Huoneisto": "A 12", "TyötehtävänOtsikko": "Keittiön hana vuotaa", "TyötehtävänKuvaus": "Hana tippuu jatkuvasti.",
		"Tilaaja": "Testi Tilaaja", "TilaajanPuhelin": "+358 40 000 0001",
	}
	properties, err := seed.Properties()
	require.NoError(t, err)
	var made struct{ ID int64 }
	post(t, page+"/api/notices", map[string]any{"customer": seed.Esimerkki, "property": properties[seed.Esimerkki][0].ID, "performer": 4711, "fields": fields}, &made)
	notice := awaitOnPage(t, page, made.ID, "its task", func(_ noticeOnPage, task *taskOnPage) bool { return task != nil })
	task := taskOf(t, page, notice.ExternalID)
	require.NotNil(t, task)
	post(t, page+"/api/tasks/"+task.ID+"/time-entries", map[string]any{
		"date": time.Now().Format(time.DateOnly), "resource": "Testi Huoltaja", "customerSummary": "Tiiviste vaihdettu.", "hours": 1.5,
	}, nil)
	post(t, page+"/api/tasks/"+task.ID+"/transition", map[string]any{"name": "Työ valmis"}, nil)
	awaitOnPage(t, page, made.ID, "Tehty", func(n noticeOnPage, _ *taskOnPage) bool { return n.State == "Tehty" })
	post(t, page+"/api/tasks/"+task.ID+"/transition", map[string]any{"name": "Laskutettu"}, nil)
	notice = awaitOnPage(t, page, made.ID, "Valmis", func(n noticeOnPage, _ *taskOnPage) bool { return n.State == "Valmis" })
	require.Len(t, notice.Toimenpiteet, 1)
	require.Len(t, notice.Notifications, 2, "of Tehty and of Valmis")
	t.Logf("a notice from its creation to Valmis in %.0f s", time.Since(began).Seconds())
}

// noticeOnPage and taskOnPage are what the page shows.
type noticeOnPage struct {
	ID, State, ExternalID string
	Toimenpiteet          []any
	Notifications         []any
}

type taskOnPage struct{ ID, ExternalID string }

type onPage struct {
	Notices []noticeOnPage
	Tasks   []taskOnPage
}

func look(ctx context.Context, page string) (state onPage, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, page+"/api/state", nil)
	if err != nil {
		return state, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return state, err
	}
	defer func() { _ = response.Body.Close() }() // only read
	return state, json.NewDecoder(response.Body).Decode(&state)
}

func taskOf(t *testing.T, page, externalID string) *taskOnPage {
	t.Helper()
	state, err := look(t.Context(), page)
	require.NoError(t, err)
	return state.task(externalID)
}

func (s onPage) task(externalID string) *taskOnPage {
	for _, task := range s.Tasks {
		if task.ExternalID == externalID {
			return &task
		}
	}
	return nil
}

func awaitOnPage(t *testing.T, page string, id int64, what string, cond func(noticeOnPage, *taskOnPage) bool) (found noticeOnPage) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	require.NoError(t, stack.WaitFor(ctx, fmt.Sprintf("notice %d: %s", id, what), func(ctx context.Context) error {
		state, err := look(ctx, page)
		if err != nil {
			return err
		}
		for _, notice := range state.Notices {
			if notice.ID == fmt.Sprint(id) {
				if found = notice; cond(notice, state.task(notice.ExternalID)) {
					return nil
				}
				return fmt.Errorf("it is %s", notice.State)
			}
		}
		return fmt.Errorf("the page does not show it")
	}))
	return found
}

func post(t *testing.T, url string, body, answer any) {
	t.Helper()
	text, err := json.Marshal(body)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(text))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }() // read in whole
	said, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode, "%s: %s", url, said)
	if answer != nil {
		require.NoError(t, json.Unmarshal(said, answer))
	}
}
