package hillava

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/peer"
)

// ourWords is what the text of an error about an answer may consist of: our own sentences and field names.
var ourWords = regexp.MustCompile(`^[A-Za-zÄÖäö0-9 ,.;:'()/%{}-]{1,160}$`)

func TestHostileTasksAreReadRightOrNotAtAll(t *testing.T) {
	for name, row := range map[string]struct {
		body string
		good bool
	}{
		"as it should be":            {oneTask, true},
		"the id of another task":     {strings.Replace(oneTask, "t-1", "t-2", 1), false},
		"an id with a path":          {strings.Replace(oneTask, "t-1", "../customers", 1), false},
		"an id with a line break":    {strings.Replace(oneTask, "t-1", `t-1\r\nX: y`, 1), false},
		"an id that is a number":     {strings.Replace(oneTask, `"t-1"`, "1", 1), false},
		"an empty id":                {strings.Replace(oneTask, `"t-1"`, `""`, 1), false},
		"no time of change":          {strings.Replace(oneTask, "2026-02-03T08:00:00.5Z", "", 1), true}, // nobody looks at it but in a list
		"two ids, both of ours":      {strings.Replace(oneTask, `"id":"t-1"`, `"id":"t-1","id":"t-1"`, 1), true},
		"events that are text":       {strings.Replace(oneTask, `[{"id":"msg_1"`, `["task.done",{"id":"msg_1"`, 1), false},
		"an event without an id":     {strings.Replace(oneTask, `"msg_1"`, `""`, 1), false},
		"an event id with a space":   {strings.Replace(oneTask, "msg_1", "Matti Meikalainen", 1), false},
		"an event id of 10 kB":       {strings.Replace(oneTask, "msg_1", strings.Repeat("m", 10_000), 1), false},
		"an event of no time":        {strings.Replace(oneTask, "2026-02-03T07:59:00Z", "soon", 1), false},
		"an event of unknown type":   {strings.Replace(oneTask, "task.done", "task.exploded", 1), true},
		"an unknown state":           {strings.Replace(oneTask, `"state":"Uusi"`, `"state":"Räjähtänyt"`, 1), true},
		"fields that nobody knows":   {strings.Replace(oneTask, "{", `{"__proto__":{"id":"x"},"items":[],`, 1), true},
		"two ids, the last another":  {strings.Replace(oneTask, `"id":"t-1"`, `"id":"t-1","id":"t-9"`, 1), false},
		"two ids in different cases": {strings.Replace(oneTask, `"id":"t-1"`, `"id":"t-1","ID":"t-9"`, 1), false},
	} {
		t.Run(name, func(t *testing.T) {
			task, err := plainServer(t, row.body).Task(ctx, "t-1")
			if err == nil {
				_, err = task.AllEvents()
			}
			if row.good {
				require.NoError(t, err)
				require.Equal(t, "t-1", task.ID)
				return
			}
			require.Equal(t, peer.KindMalformed, kindOf(t, err))
			require.Regexp(t, ourWords, err.Error())
			require.NotContains(t, err.Error(), "Meikalainen")
		})
	}
}

func TestAListOfCustomersThatRepeatsSkipsOrNeverEndsIsNoList(t *testing.T) {
	customer := func(id string) string {
		return `{"id":"` + id + `","name":"N","externalId":"e","integrationsActive":true}`
	}
	page := func(total string, ids ...string) string {
		var rows []string
		for _, id := range ids {
			rows = append(rows, customer(id))
		}
		return `{"items":[` + strings.Join(rows, ",") + `],"total":` + total + `}`
	}
	for name, answers := range map[string][]string{
		"the same page for ever":     {page("1000000", "a", "b")},
		"a page that overlaps":       {page("4", "a", "b"), page("4", "b", "c"), page("4")},
		"fewer than the total":       {page("5", "a", "b"), page("5")},
		"more than the total":        {page("1", "a", "b")},
		"a total that shrinks":       {page("3", "a", "b"), page("2", "c")},
		"a negative total":           {page("-1")},
		"a total that is a word":     {page(`"two"`, "a", "b")},
		"a total beyond 64 bits":     {page("99999999999999999999", "a")},
		"an error page in the midst": {page("3", "a", "b"), `{"error":"x"}`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := plainServer(t, answers...).Customers(ctx)
			require.Equal(t, peer.KindMalformed, kindOf(t, err))
			require.Regexp(t, ourWords, err.Error())
		})
	}
}

func TestTheTokenGoesToTheBaseAddressOnly(t *testing.T) {
	stolen := 0
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { stolen += len(r.Header["Authorization"]) + 1 }))
	t.Cleanup(thief.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", thief.URL+r.URL.Path)
			w.WriteHeader(status)
		}))
		for _, call := range calls(t) {
			require.Equal(t, peer.KindRedirect, kindOf(t, call.do(newTestClient(t, server.URL, 5*time.Second))), call.name)
		}
		server.Close()
	}
	require.Zero(t, stolen)
}

// FuzzAnswer: whatever Hillava answers, nothing panics, no error quotes it, and every id that is read can go into a path
// and into Temporal.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		oneTask, oneList, noItems, "null", "[]", `{"id":"p-1","transitions":[{"name":"a","from":"b","to":"c","actions":["d"]}]}`, `{"error":"x","existingId":"t-9"}`,
		`{"items":[{"id":"e-1","date":"2026-02-05","resource":{"id":"r-1","name":"R"},"customerSummary":"\ud800","hours":1e9,"approved":true,"modifiedAt":"2026-02-05T10:00:00Z"}],"total":1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		clean := func(err error) {
			if err != nil {
				require.Regexp(t, ourWords, err.Error())
			}
		}
		readable := func(task Task) {
			require.True(t, isID(task.ID))
			for _, event := range task.Events {
				require.True(t, isOpaque(event.ID))
			}
		}
		task, err := decodeTask(body)
		if clean(err); err == nil {
			readable(task)
		}
		page, err := decodeTaskPage(body, 0)
		clean(err)
		for _, one := range page.Items {
			readable(one)
		}
		process, err := decodeProcess(body)
		if clean(err); err == nil {
			require.True(t, isID(process.ID))
		}
		entries, err := decodeTimeEntries(body)
		clean(err)
		for _, entry := range entries {
			require.NotEmpty(t, entry.ID)
		}
		_, err = decodeCreated(body)
		clean(err)
		var refusal peer.Error
		existingID(body, &refusal)
		require.True(t, refusal.ExistingID == "" || isID(refusal.ExistingID))
	})
}
