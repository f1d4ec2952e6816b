package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tampuuri-hillava/sandbox/ledger"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// caches are how many workflows the worker may keep in memory, for the comparison.
var caches = []int{100, 1000}

// Growth is what was seen while so many notices were open, all of them moved lately.
type Growth struct {
	Open            int      `json:"open"`
	ImportPerSecond float64  `json:"importPerSecond"`
	Polls           []Poll   `json:"polls"`    // the first one of a worker, and its second one
	MemoryMB        []Held   `json:"memoryMB"` // of the worker, each notice looked at once
	Comparison      Compared `json:"comparison"`
}

// Poll is a poll in which nothing is new.
type Poll struct {
	Ms        float64 `json:"ms"`
	Describes float64 `json:"describes"` // looks at runs
}

// Held is the worker's memory with a bound of the workflows in it.
type Held struct {
	Cache int     `json:"cache"`
	MB    float64 `json:"mb"`
}

// sizes are the numbers of open notices at which bench looks.
func (s settings) sizes() []int {
	switch {
	case s.open == 0:
		return nil
	case s.open < 100:
		return []int{s.open}
	default:
		return []int{s.open / 10, s.open}
	}
}

// grow opens notices until so many are, and looks at what they cost.
func (b *bench) grow(ctx context.Context, open int) (Growth, error) {
	g := Growth{Open: open}
	before, missing := len(b.Ledger.Entries()), open-len(b.open)
	for range missing {
		id, err := b.AddNotice()
		if err != nil {
			return g, err
		}
		workflowID, err := b.WorkflowID(tunniste, id)
		if err != nil {
			return g, err
		}
		b.open = append(b.open, workflowID)
	}
	began := time.Now()
	if err := b.pollNow(ctx); err != nil {
		return g, err
	}
	if _, err := b.effects(ctx, before, missing, func(e ledger.Entry) bool { return e.Kind == ledger.TaskCreated }); err != nil {
		return g, err
	}
	g.ImportPerSecond = float64(missing) / time.Since(began).Seconds()
	for _, cache := range caches {
		held, err := b.held(ctx, cache)
		if err != nil {
			return g, err
		}
		g.MemoryMB = append(g.MemoryMB, held)
	}
	err := b.anew(ctx)
	if err != nil {
		return g, err
	}
	for range 2 {
		poll, err := b.poll(ctx)
		if err != nil {
			return g, err
		}
		g.Polls = append(g.Polls, poll)
	}
	g.Comparison, err = b.compared(ctx)
	return g, err
}

// held lets a new worker look at every open notice once.
func (b *bench) held(ctx context.Context, cache int) (Held, error) {
	b.Worker.Setenv("WORKER_CACHED_NOTICES", strconv.Itoa(cache))
	if err := b.anew(ctx); err != nil {
		return Held{}, err
	}
	before := b.Tampuuri.Requests()[tampuuri.OpRead]
	if err := sideBySide(b.open, func(id string) error { return b.client.SignalWorkflow(ctx, id, "", "notice-changed", nil) }); err != nil {
		return Held{}, fmt.Errorf("have a notice looked at: %w", err)
	}
	err := b.waitLong(ctx, "every open notice to be looked at", func(ctx context.Context) error {
		if read := b.Tampuuri.Requests()[tampuuri.OpRead] - before; read < len(b.open) {
			return fmt.Errorf("%d of %d have been", read, len(b.open))
		}
		inMemory, err := b.metric(ctx, "temporal_sticky_cache_size", "")
		if err == nil && inMemory < float64(min(cache, len(b.open))) {
			err = fmt.Errorf("%v workflows are in memory", inMemory)
		}
		return err
	})
	return Held{Cache: cache, MB: memoryOf(b.Worker.Pid())}, err
}

// anew starts the worker again, so that it remembers nothing. It is not killed: Temporal is told that it goes.
func (b *bench) anew(ctx context.Context) error {
	if err := b.Worker.Stop(ctx); err != nil {
		return err
	}
	return b.Worker.Restart(ctx)
}

func (b *bench) poll(ctx context.Context) (Poll, error) {
	const describe = `operation="DescribeWorkflowExecution"`
	before, err := b.metric(ctx, "temporal_request_total", describe)
	if err != nil {
		return Poll{}, err
	}
	began := time.Now()
	if err := b.pollNow(ctx); err != nil {
		return Poll{}, err
	}
	took := ms(time.Since(began))
	after, err := b.metric(ctx, "temporal_request_total", describe)
	return Poll{took, after - before}, err
}

// metric adds up what the worker's metrics page says of a name, in the lines with that label.
func (b *bench) metric(ctx context.Context, name, label string) (sum float64, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.Worker.OpsURL+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	answer, err := b.http.Do(request)
	if err != nil {
		return 0, fmt.Errorf("read the worker's metrics: %w", err)
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, name+"{") && strings.Contains(line, label) {
			value, err := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:], 64)
			if err != nil {
				return 0, fmt.Errorf("read the worker's metric %s: %w", name, err)
			}
			sum += value
		}
	}
	return sum, nil
}

// waitLong waits for what takes its time with many notices, as long as what cond says of it changes now and then.
func (b *bench) waitLong(ctx context.Context, what string, cond func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	still := time.AfterFunc(patience, func() { cancel(fmt.Errorf("nothing new for %s", patience)) })
	defer still.Stop()
	said := ""
	return stack.WaitFor(ctx, what, func(ctx context.Context) error {
		err := cond(ctx)
		if err != nil && err.Error() != said {
			said = err.Error()
			still.Reset(patience)
		}
		return err
	})
}
