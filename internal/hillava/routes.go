package hillava

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"tampuuri-hillava/internal/peer"
)

// The whole contract with Hillava is ASSUMED (api/hillava.yaml):
// the real one will replace this package.

// The customer type and task type that switch the integration on (docs/kayttoonotto.md).
const (
	CustomerType       = "TAMPUURI_CUSTOMERS"
	TaskTypeIdentifier = "TAMPUURI_TASK"
)

var (
	routeCustomers    = peer.Route{Op: "list customers", Method: http.MethodGet, Template: "api/v1/customers"}
	routeTaskTypes    = peer.Route{Op: "list task types", Method: http.MethodGet, Template: "api/v1/task-types"}
	routeProcess      = peer.Route{Op: "read process", Method: http.MethodGet, Template: "api/v1/processes/{id}"}
	routeFindTasks    = peer.Route{Op: "find tasks", Method: http.MethodGet, Template: "api/v1/tasks"}
	routeChangedTasks = peer.Route{Op: "list changed tasks", Method: http.MethodGet, Template: "api/v1/tasks"}
	routeTask         = peer.Route{Op: "read task", Method: http.MethodGet, Template: "api/v1/tasks/{id}"}
	routeCreateTask   = peer.Route{Op: "create task", Method: http.MethodPost, Template: "api/v1/tasks"}
	routeAddNote      = peer.Route{Op: "add note", Method: http.MethodPost, Template: "api/v1/tasks/{id}/notes"}
	routeTimeEntries  = peer.Route{Op: "read time entries", Method: http.MethodGet, Template: "api/v1/tasks/{id}/time-entries"}
)

var errID = errors.New("the id is not 1 to 128 of A-Z a-z 0-9 . _ ~ - (or is a dot path)")

var (
	idForm     = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,128}$`)
	opaqueForm = regexp.MustCompile(`^[!-~]{1,255}$`)
)

// isID tells whether an id may enter a path or a query. Only the allowlist gets in: escaping would let ".." through, and that
// changes the call.
func isID(id string) bool { return idForm.MatchString(id) && id != "." && id != ".." }

// isOpaque tells whether an id that enters neither path nor query (of an event,
// of a time entry) is usable: 1 to 255 visible ASCII signs.
func isOpaque(id string) bool { return opaqueForm.MatchString(id) }

// isCustomerID tells whether an id of a customer, which is sent in bodies only, is usable: 1 to 255 signs, none of them a
// control character or what a sign that cannot be read is made into.
func isCustomerID(id string) bool {
	unusable := func(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError }
	return id != "" && utf8.RuneCountInString(id) <= 255 && !strings.ContainsFunc(id, unusable)
}
