package hillava

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
)

// The whole contract with Hillava is ASSUMED (api/hillava.yaml):
// the real one will replace this package.

// The customer type and task type that switch the integration on (docs/kayttoonotto.md).
const (
	CustomerType       = "TAMPUURI_CUSTOMERS"
	TaskTypeIdentifier = "TAMPUURI_TASK"
)

// route is one call: what it is called in errors, and where it goes. {id} in the
// template is replaced by an id that path has checked.
type route struct {
	op       string
	method   string
	template string // below the base address
}

var (
	routeCustomers    = route{"list customers", http.MethodGet, "api/v1/customers"}
	routeTaskTypes    = route{"list task types", http.MethodGet, "api/v1/task-types"}
	routeProcess      = route{"read process", http.MethodGet, "api/v1/processes/{id}"}
	routeFindTasks    = route{"find tasks", http.MethodGet, "api/v1/tasks"}
	routeChangedTasks = route{"list changed tasks", http.MethodGet, "api/v1/tasks"}
	routeTask         = route{"read task", http.MethodGet, "api/v1/tasks/{id}"}
	routeCreateTask   = route{"create task", http.MethodPost, "api/v1/tasks"}
	routeAddNote      = route{"add note", http.MethodPost, "api/v1/tasks/{id}/notes"}
	routeTimeEntries  = route{"read time entries", http.MethodGet, "api/v1/tasks/{id}/time-entries"}
)

// path puts an id into the template. Only the allowlist gets in: escaping would
// let ".." through, and that changes the call.
func (r route) path(id string) (string, error) {
	if !strings.Contains(r.template, "{id}") {
		return r.template, nil
	}
	if !isID(id) {
		return "", errID
	}
	return strings.Replace(r.template, "{id}", id, 1), nil
}

var errID = errors.New("the id is not 1 to 128 of A-Z a-z 0-9 . _ ~ - (or is a dot path)")

var (
	idForm     = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,128}$`)
	opaqueForm = regexp.MustCompile(`^[!-~]{1,255}$`)
)

// isID tells whether an id may enter a path or a query.
func isID(id string) bool { return idForm.MatchString(id) && id != "." && id != ".." }

// isOpaque tells whether an id that enters neither path nor query (of an event,
// of a time entry) is usable: 1 to 255 visible ASCII signs.
func isOpaque(id string) bool { return opaqueForm.MatchString(id) }
