package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"go.temporal.io/sdk/client"

	"tampuuri-hillava/sandbox/ledger"
	"tampuuri-hillava/sandbox/stack"
)

const (
	tunniste  = "esimerkki"
	performer = 4711
	// quiet is how far apart rounds by themselves are: nothing but what bench asks for happens while it measures.
	quiet = time.Hour
	// probes of a round come one after the other, for the latency; the others all at once, for the pace.
	probes = 40
	// arrivals of a round are few and another customer's, as a poll reads again all that has come in the last ten minutes.
	arrivals = 20
	// patience is how long bench waits for a next sign of what it waits for.
	patience = 5 * time.Minute
)

// transitions are what people do to a task, and the state that its notice then gets.
var transitions = []struct{ transition, state string }{{"Työ valmis", "Tehty"}, {"Laskutettu", "Valmis"}}

type bench struct {
	*stack.Stack
	client client.Client
	http   *http.Client
	open   []string // workflows of the notices that grow has opened
}

func open(ctx context.Context) (*bench, error) {
	customers := stack.DefaultCustomers()
	for i := range customers {
		customers[i].Entry = map[string]any{"poll": map[string]any{"max_new": 100_000}} // else a round would leave some for the next
	}
	started, err := stack.New(ctx, stack.Options{
		Customers: customers, PollEvery: quiet, ReconcileEvery: quiet, Progress: os.Stderr,
		// Webhooks that are too many at once would be sent again later, and their pause measured.
		WebhookRetryEvery: 100 * time.Millisecond,
	})
	if err != nil {
		return nil, err
	}
	connected, err := started.Client(ctx)
	if err != nil {
		return nil, errors.Join(err, started.Close())
	}
	return &bench{Stack: started, client: connected, http: &http.Client{Timeout: time.Minute}}, nil
}

func (b *bench) close() error {
	b.client.Close()
	return b.Close()
}

// AddNotice makes the example notice, assigned to us.
func (b *bench) AddNotice() (int64, error) { return b.addNoticeOf(tunniste, performer) }

func (b *bench) addNoticeOf(tunniste string, performer int64) (int64, error) {
	fields := stack.ExampleNotice()
	fields["TyonsuorittajaYritysId"] = performer
	return b.Tampuuri.AddNotice(tunniste, fields)
}

// pollNow has the customer polled, once its workflow is there.
func (b *bench) pollNow(ctx context.Context) error { return b.pollNowOf(ctx, tunniste) }

func (b *bench) pollNowOf(ctx context.Context, tunniste string) error {
	return stack.WaitFor(ctx, "a poll", func(ctx context.Context) error {
		handle, err := b.client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			WorkflowID: "customer-" + tunniste, UpdateName: "poll-now", WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		if err != nil {
			return err
		}
		return handle.Get(ctx, nil)
	})
}

// Round is what one round of ours or of the floor has shown.
type Round struct {
	ImportPerSecond float64   `json:"importPerSecond"`  // notices from a poll to their tasks
	PerSecond       float64   `json:"reportsPerSecond"` // events to their effects, all at once
	Arrivals        []float64 `json:"arrivalsMs"`       // from an assignment, with a poll at once, to its task, one after the other
	Answers         []float64 `json:"answersMs"`        // from an event until Temporal has it, one after the other
	Latencies       []float64 `json:"latenciesMs"`      // from an event to its effect, one after the other
	CPU             CPU       `json:"cpuMsPerNotice"`
	Peers           Peers     `json:"peersPerNotice"` // of ours
}

func (b *bench) round(ctx context.Context, n int) (Round, error) {
	var r Round
	if err := b.arrive(ctx, &r); err != nil {
		return r, err
	}
	used, asked := b.usage(), b.peers()
	began := time.Now()
	created, err := b.imported(ctx, n)
	if err != nil {
		return r, err
	}
	r.ImportPerSecond = float64(n) / time.Since(began).Seconds()
	alone := min(probes, n)
	for _, task := range created[:alone] {
		if err := b.probe(ctx, task.Key, &r); err != nil {
			return r, err
		}
	}
	began = time.Now()
	for i, tasks := range [][]ledger.Entry{created[alone:], created} {
		if err := b.reported(ctx, tasks, i); err != nil {
			return r, err
		}
	}
	r.PerSecond = float64(2*n-alone) / time.Since(began).Seconds()
	r.CPU, r.Peers = used.perNotice(b.usage(), n), asked.perNotice(b.peers(), n)
	return r, nil
}

// arrive has notices come one after the other, and finishes them, so that the round begins with none under way.
func (b *bench) arrive(ctx context.Context, r *Round) error {
	var created []ledger.Entry
	for range arrivals {
		assigned := time.Now()
		task, err := b.importedOf(ctx, neighbourTunniste, neighbourPerformer, 1)
		if err != nil {
			return err
		}
		created = append(created, task...)
		r.Arrivals = append(r.Arrivals, ms(task[0].At.Sub(assigned)))
	}
	for i := range transitions {
		if err := b.reported(ctx, created, i); err != nil {
			return err
		}
	}
	return nil
}

// reported has a transition done to tasks, all at once, and waits until Tampuuri has their states.
func (b *bench) reported(ctx context.Context, tasks []ledger.Entry, transition int) error {
	before, step := len(b.Ledger.Entries()), transitions[transition]
	for _, task := range tasks {
		if err := b.Hillava.Transition(task.Key, step.transition); err != nil {
			return err
		}
	}
	_, err := b.effects(ctx, before, len(tasks), becomes(step.state))
	return err
}

// imported makes notices and returns the ledger's entries of their tasks, in the order in which those were made.
func (b *bench) imported(ctx context.Context, n int) ([]ledger.Entry, error) {
	return b.importedOf(ctx, tunniste, performer, n)
}

func (b *bench) importedOf(ctx context.Context, tunniste string, performer int64, n int) ([]ledger.Entry, error) {
	before := len(b.Ledger.Entries())
	for range n {
		if _, err := b.addNoticeOf(tunniste, performer); err != nil {
			return nil, err
		}
	}
	if err := b.pollNowOf(ctx, tunniste); err != nil {
		return nil, err
	}
	return b.effects(ctx, before, n, func(e ledger.Entry) bool { return e.Kind == ledger.TaskCreated })
}

// probe has one task done, and waits until its webhook is answered and Tampuuri has the state.
func (b *bench) probe(ctx context.Context, task string, r *Round) error {
	before, pressed := len(b.Ledger.Entries()), time.Now()
	if err := b.Hillava.Transition(task, transitions[0].transition); err != nil {
		return err
	}
	answered, err := b.effects(ctx, before, 1, func(e ledger.Entry) bool { return e.Kind == ledger.WebhookAttempted && e.Key == task })
	if err != nil {
		return err
	}
	done, err := b.effects(ctx, before, 1, func(e ledger.Entry) bool { return becomes(transitions[0].state)(e) && e.Customer == tunniste })
	if err != nil {
		return err
	}
	r.Answers = append(r.Answers, ms(answered[0].At.Sub(pressed)))
	r.Latencies = append(r.Latencies, ms(done[0].At.Sub(pressed)))
	return nil
}

func becomes(state string) func(ledger.Entry) bool {
	return func(e ledger.Entry) bool {
		return e.Kind == ledger.StateSet && e.Detail["to"] == state && e.Detail["via"] == "api"
	}
}

// effects waits for n effects of a kind in the ledger after its first entries.
func (b *bench) effects(ctx context.Context, after, n int, is func(ledger.Entry) bool) ([]ledger.Entry, error) {
	still := time.NewTimer(patience)
	defer still.Stop()
	var found []ledger.Entry
	for {
		changed := b.Ledger.Changed()
		entries := b.Ledger.Entries()
		for _, entry := range entries[after:] {
			if is(entry) {
				found = append(found, entry)
				still.Reset(patience)
			}
		}
		after = len(entries)
		if len(found) >= n {
			return found, nil
		}
		select {
		case <-changed:
		case <-still.C:
			return nil, fmt.Errorf("%d of %d effects have come, and none for %s", len(found), n, patience)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
