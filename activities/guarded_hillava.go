package activities

import (
	"context"
	"sync"
	"time"

	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
)

// guardedHillava is Hillava behind its one gate.
type guardedHillava struct {
	Hillava
	token func() string
	now   func() time.Time

	mutex sync.Mutex
	known string // the token that open is about
	open  *gate
}

// gate is the gate of the token as it is now: a renewed one is tried at once, without a restart.
func (g *guardedHillava) gate() *gate {
	token := g.token()
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.open == nil || g.known != token {
		g.known, g.open = token, &gate{now: g.now}
	}
	return g.open
}

// neutral asks for the customer list, which no single record can spoil.
func (g *guardedHillava) neutral(ctx context.Context) func() error {
	return func() error {
		_, err := g.Hillava.Customers(ctx)
		return err
	}
}

func (g *guardedHillava) Customers(ctx context.Context) ([]hillava.Customer, error) {
	return through(g.gate(), confirmed, func() ([]hillava.Customer, error) { return g.Hillava.Customers(ctx) })
}

func (g *guardedHillava) TaskTypes(ctx context.Context, identifier string) ([]hillava.TaskType, error) {
	return through(g.gate(), g.neutral(ctx), func() ([]hillava.TaskType, error) { return g.Hillava.TaskTypes(ctx, identifier) })
}

func (g *guardedHillava) Process(ctx context.Context, id string) (hillava.Process, error) {
	return through(g.gate(), g.neutral(ctx), func() (hillava.Process, error) { return g.Hillava.Process(ctx, id) })
}

func (g *guardedHillava) FindTasks(ctx context.Context, externalID string) ([]hillava.Task, error) {
	return through(g.gate(), g.neutral(ctx), func() ([]hillava.Task, error) { return g.Hillava.FindTasks(ctx, externalID) })
}

func (g *guardedHillava) ChangedTasks(ctx context.Context, since time.Time, offset, limit int) (hillava.TaskPage, error) {
	return through(g.gate(), g.neutral(ctx), func() (hillava.TaskPage, error) { return g.Hillava.ChangedTasks(ctx, since, offset, limit) })
}

func (g *guardedHillava) Task(ctx context.Context, id string) (hillava.Task, error) {
	return through(g.gate(), g.neutral(ctx), func() (hillava.Task, error) { return g.Hillava.Task(ctx, id) })
}

func (g *guardedHillava) CreateTask(ctx context.Context, key string, task notice.Task) (hillava.Task, error) {
	return through(g.gate(), g.neutral(ctx), func() (hillava.Task, error) { return g.Hillava.CreateTask(ctx, key, task) })
}

func (g *guardedHillava) AddNote(ctx context.Context, taskID, key, text string) error {
	_, err := through(g.gate(), g.neutral(ctx), func() (struct{}, error) { return struct{}{}, g.Hillava.AddNote(ctx, taskID, key, text) })
	return err
}

func (g *guardedHillava) TimeEntries(ctx context.Context, taskID string) ([]notice.TimeEntry, error) {
	return through(g.gate(), g.neutral(ctx), func() ([]notice.TimeEntry, error) { return g.Hillava.TimeEntries(ctx, taskID) })
}
