// Package hillava is the client of Hillava: customers, task types, processes,
// tasks, notes and time entries. It never retries by itself. The whole contract
// is assumed; see routes.go and api/hillava.yaml.
package hillava

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tampuuri-hillava/internal/credential"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
)

const (
	peerName  = "hillava" // in errors
	pageLimit = 100       // largest page that the contract allows
	maxPages  = 200       // 20,000 customers; a list beyond that is taken for one without an end
)

// Client calls Hillava. It is safe for concurrent use.
type Client struct {
	peer.Redacted
	peer  *peer.Client
	token func() string
}

// New makes a client. Its errors hold neither the address nor the token.
func New(c Config) (*Client, error) {
	if c.Token == nil {
		return nil, fmt.Errorf("make the Hillava client: no source of tokens: %w", errNoToken)
	}
	p, err := peer.New(peer.Options{
		Peer: peerName, BaseURL: c.BaseURL, Timeout: c.Timeout,
		AllowInsecureHTTP: c.AllowInsecureHTTP, KnownFields: knownFields,
	})
	if err != nil {
		return nil, fmt.Errorf("make the Hillava client: %w", err)
	}
	return &Client{peer: p, token: c.Token}, nil
}

// Close drops the idle connections.
func (c *Client) Close() { c.peer.Close() }

// read makes a call and decodes its answer: every call of this package goes through it.
func read[T any](ctx context.Context, c *Client, call peer.Call, decode func(body []byte) (T, error)) (T, error) {
	var none T
	if strings.Contains(call.Template, "{id}") && !isID(call.ID) {
		return none, c.peer.Input(call.Op, errID)
	}
	// Asked for each time, so that a rotated token is used at once. Its absence
	// is no fault of the input: the same call works when the token is back.
	token := strings.TrimSpace(c.token())
	if token == "" || credential.Check(token) != nil {
		return none, &peer.Error{Peer: peerName, Op: call.Op, Kind: peer.KindTransport, Err: errNoToken}
	}
	call.Header, call.OnRefusal = http.Header{"Authorization": {"Bearer " + token}}, existingID
	return peer.Read(ctx, c.peer, call, decode)
}

// Customers reads all customers of the type TAMPUURI_CUSTOMERS, page by page. It
// gives all of them or an error, never a part: a list that repeats, skips or does
// not end, or whose total is not the number of customers in it, is KindMalformed.
func (c *Client) Customers(ctx context.Context) ([]Customer, error) {
	var all []Customer
	seen := map[string]bool{}
	for offset, pages := 0, 0; ; pages++ {
		if pages == maxPages {
			return nil, c.peer.Malformed(routeCustomers.Op, errEndless)
		}
		page, err := read(ctx, c, peer.Call{Route: routeCustomers, Query: url.Values{
			"customerType": {CustomerType}, "offset": {strconv.Itoa(offset)}, "limit": {strconv.Itoa(pageLimit)},
		}}, decodeCustomers)
		if err != nil {
			return nil, err
		}
		before := len(all)
		for _, customer := range page.customers {
			if customer.ID == "" || !seen[customer.ID] {
				seen[customer.ID] = true
				all = append(all, customer)
			}
		}
		// A full page is never believed to be the last one, nor a total that the rows contradict.
		rows := len(page.customers)
		more := rows == pageLimit || offset+rows < peer.TotalOf(page.total, offset, rows)
		offset += rows
		switch {
		case rows > 0 && len(all) == before:
			return nil, c.peer.Malformed(routeCustomers.Op, errNoProgress)
		case rows > 0 && more:
			continue
		case page.total == nil || *page.total != int64(len(all)):
			return nil, c.peer.Malformed(routeCustomers.Op, errTotal)
		}
		return all, nil
	}
}

// TaskTypes reads the task types whose identifier is exactly TAMPUURI_TASK. There should be one.
func (c *Client) TaskTypes(ctx context.Context) ([]TaskType, error) {
	return read(ctx, c, peer.Call{Route: routeTaskTypes, Query: url.Values{"identifier": {TaskTypeIdentifier}}}, decodeTaskTypes)
}

// Process reads one process with its transitions.
func (c *Client) Process(ctx context.Context, id string) (Process, error) {
	return read(ctx, c, peer.Call{Route: routeProcess, ID: id}, peer.About(decodeProcess, func(p Process) bool { return p.ID == id }))
}

// FindTasks reads the tasks that have exactly this external id. Tasks with
// another one are left out, in case Hillava does not filter.
func (c *Client) FindTasks(ctx context.Context, externalID string) ([]Task, error) {
	if !isID(externalID) {
		return nil, c.peer.Input(routeFindTasks.Op, errID)
	}
	return read(ctx, c, peer.Call{Route: routeFindTasks, Query: url.Values{"externalId": {externalID}}}, func(body []byte) ([]Task, error) {
		return decodeFound(body, externalID)
	})
}

// ChangedTasks reads one page of the tasks of type TAMPUURI_TASK modified at or
// after since, ordered by modifiedAt, then id; limit is 1 to 100.
func (c *Client) ChangedTasks(ctx context.Context, since time.Time, offset, limit int) (TaskPage, error) {
	if offset < 0 || limit < 1 || limit > pageLimit {
		return TaskPage{}, c.peer.Input(routeChangedTasks.Op, errPage)
	}
	query := url.Values{
		"taskType": {TaskTypeIdentifier}, "offset": {strconv.Itoa(offset)}, "limit": {strconv.Itoa(limit)},
	}
	if !since.IsZero() {
		query.Set("modifiedSince", since.UTC().Format(time.RFC3339Nano))
	}
	return read(ctx, c, peer.Call{Route: routeChangedTasks, Query: query}, func(body []byte) (TaskPage, error) { return decodeTaskPage(body, offset) })
}

// Task reads one task.
func (c *Client) Task(ctx context.Context, id string) (Task, error) {
	return read(ctx, c, peer.Call{Route: routeTask, ID: id}, peer.About(decodeTask, func(t Task) bool { return t.ID == id }))
}

// CreateTask creates a task. The same idempotencyKey (create-<externalId>) gives
// the first answer for at least 24 hours. An external id in use is an *peer.Error
// with status 409 and ExistingID.
func (c *Client) CreateTask(ctx context.Context, idempotencyKey string, t notice.Task) (Task, error) {
	if !isOpaque(idempotencyKey) {
		return Task{}, c.peer.Input(routeCreateTask.Op, errKey)
	}
	newTask, err := wireNewTaskOf(t)
	if err != nil {
		return Task{}, c.peer.Input(routeCreateTask.Op, err)
	}
	isOurs := func(made Task) bool { return strings.EqualFold(made.ExternalID, t.ExternalID) }
	return read(ctx, c, peer.Call{Route: routeCreateTask, Key: idempotencyKey, Body: newTask}, peer.About(decodeTask, isOurs))
}

// AddNote adds a note to a task; the same idempotencyKey adds it once.
func (c *Client) AddNote(ctx context.Context, taskID, idempotencyKey, text string) error {
	switch {
	case !isOpaque(idempotencyKey):
		return c.peer.Input(routeAddNote.Op, errKey)
	case text == "":
		return c.peer.Input(routeAddNote.Op, errEmptyText)
	}
	_, err := read(ctx, c, peer.Call{Route: routeAddNote, ID: taskID, Key: idempotencyKey, Body: wireNote{Text: text}}, decodeCreated)
	return err
}

// TimeEntries reads all time entries of a task. It gives all of them or an
// error: total must be the number of items, as each becomes one toimenpide.
func (c *Client) TimeEntries(ctx context.Context, taskID string) ([]notice.TimeEntry, error) {
	return read(ctx, c, peer.Call{Route: routeTimeEntries, ID: taskID}, decodeTimeEntries)
}
