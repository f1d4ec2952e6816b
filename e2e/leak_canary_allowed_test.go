package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// permit is what the body of one request may hold: markers of one notice, in some fields of that body only.
type permit struct {
	notice string
	fields map[string][]string // of the body, each with the markers' fields that may be in it
}

// The markers that a task may hold, by the mapping of the specification. The free texts of the canaries repeat the
// people of their notice, so the texts of a task may hold them too.
var (
	quotedPeople = []string{
		"Tilaaja first name", "Tilaaja last name", "TilaajanPuhelin", "TilaajanPuhelin2", "TilaajanSähköposti",
		"Ilmoittaja first name", "Ilmoittaja last name", "IlmoittajanPuhelin", "IlmoittajanPuhelin2", "IlmoittajanSähköposti",
	}
	taskFields = map[string][]string{
		"title":            {"Huoneisto"},
		"description":      append([]string{"TyötehtävänOtsikko", "TyötehtävänKuvaus", "Huoneisto"}, quotedPeople...),
		"additionalInfo":   append([]string{"TyötehtävänLisätiedot", "Sisäänpääsy", "Kotieläimet"}, quotedPeople...),
		"deliveryAddress":  {"Huoneisto"},
		"billingReference": {"Tilaaja first name", "Tilaaja last name"},
	}
	// noteFields: the one edit of the canaries is of title, space and phone, and a note quotes the orderer as a whole.
	noteFields = map[string][]string{
		"text": {"new title", "new space", "new phone", "Tilaaja first name", "Tilaaja last name", "TilaajanPuhelin2", "TilaajanSähköposti"},
	}
	toimenpideFields = map[string][]string{"Resurssi": {"resource"}, "Yhteenveto": {"customerSummary"}}
)

var (
	createPath     = regexp.MustCompile(`/api/v1/tasks$`)
	notesPath      = regexp.MustCompile(`/api/v1/tasks/([^/]+)/notes$`)
	toimenpidePath = regexp.MustCompile(`/ilmoitukset/(\d+)/toimenpiteet/lisaa$`)
)

// permitOf tells what a request may hold. Whatever is not listed here may hold nothing.
func (c *canaryRun) permitOf(request sentRequest) permit {
	if request.method != http.MethodPost {
		return permit{}
	}
	if createPath.MatchString(request.uri) {
		var task struct {
			ExternalID string `json:"externalId"`
		}
		require.NoError(c.t, json.Unmarshal(request.body, &task))
		return permit{c.nameOf(task.ExternalID), taskFields}
	}
	if parts := notesPath.FindStringSubmatch(request.uri); parts != nil {
		for _, task := range c.Hillava.Tasks() {
			if task.ID == parts[1] && c.nameOf(task.ExternalID) == "edited" {
				return permit{"edited", noteFields}
			}
		}
	}
	if parts := toimenpidePath.FindStringSubmatch(request.uri); parts != nil {
		for name, id := range c.ids {
			if fmt.Sprint(id) == parts[1] {
				return permit{name, toimenpideFields}
			}
		}
	}
	return permit{}
}

// nameOf is a notice's name here by its external id.
func (c *canaryRun) nameOf(externalID string) string {
	for name, guid := range c.guids {
		if guid == externalID {
			return name
		}
	}
	return "unknown"
}

// misplaced searches every request that was sent, field by field, for what it may not hold.
func (c *canaryRun) misplaced() (found []finding, carrying int) {
	for _, request := range append(c.hillava.requests(), c.tampuuri.requests()...) {
		if len(request.body) == 0 {
			continue
		}
		allowed := c.permitOf(request)
		if allowed.notice != "" {
			carrying++
		}
		found = append(found, c.beyond(allowed, request)...)
	}
	return found, carrying
}

// beyond gives the markers in a request's body that its permit does not have.
func (c *canaryRun) beyond(allowed permit, request sentRequest) []finding {
	place := request.method + " " + request.uri
	var fields map[string]json.RawMessage
	if json.Unmarshal(request.body, &fields) != nil {
		fields = map[string]json.RawMessage{"(no object)": request.body}
	}
	var found []finding
	for name, value := range fields {
		found = append(found, c.search(place+" in "+name, value, func(one canary) bool {
			return one.notice != allowed.notice || !slices.Contains(allowed.fields[name], one.field)
		})...)
		found = append(found, c.search(place+" as a key", []byte(name), func(canary) bool { return true })...)
	}
	return found
}

func TestTheCanaryKnowsWhatEachRequestMayHold(t *testing.T) {
	c := &canaryRun{world: &world{t: t}, guids: map[string]string{"a": "guid-a", "b": "guid-b"}, ids: map[string]int64{"a": 1, "b": 2}}
	space, payer, resource, other := c.word("a", "Huoneisto", false), c.word("a", "Maksaja last name", false), c.word("a", "resource", false), c.word("b", "Huoneisto", false)
	send := func(path string, body map[string]any) []finding {
		text, err := json.Marshal(body)
		require.NoError(t, err)
		request := sentRequest{method: http.MethodPost, uri: path, body: text}
		return c.beyond(c.permitOf(request), request)
	}
	const create, toimenpide = "/api/v1/tasks", "/v10/api/ilmoitukset/1/toimenpiteet/lisaa"
	require.Empty(t, send(create, map[string]any{"externalId": "guid-a", "title": space, "deliveryAddress": map[string]string{"street2": space}}))
	require.Len(t, send(create, map[string]any{"externalId": "guid-a", "title": other}), 1, "another notice's")
	require.Len(t, send(create, map[string]any{"externalId": "guid-b", "title": space}), 1, "another notice's")
	require.Len(t, send(create, map[string]any{"externalId": "guid-a", "description": payer}), 1, "not for a task")
	require.Len(t, send(create, map[string]any{"externalId": "guid-a", "billingReference": space}), 1, "not for that field")
	require.Len(t, send(create, map[string]any{"externalId": "guid-a", space: ""}), 1, "in a key")
	require.Empty(t, send(toimenpide, map[string]any{"Resurssi": resource}))
	require.Len(t, send(toimenpide, map[string]any{"Resurssi": space}), 1)
	require.Len(t, send("/v10/api/ilmoitukset/1/tila", map[string]any{"Tila": resource}), 1)
	require.Len(t, send("/v10/api/ilmoitukset/hae", map[string]any{"IlmoitusIdt": space}), 1)
}
