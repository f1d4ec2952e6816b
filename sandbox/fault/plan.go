package fault

import (
	"context"
	"fmt"
	"sync"
)

// Request describes a request to a stand-in for matching.
type Request struct {
	System   string
	Op       string
	Customer string // Tunniste; "" when the request is about no customer, or about one that is unknown
	Key      string // notice or task id; "" when the request is about no single one
	// ErrorBody makes the system's own JSON error body for a status.
	ErrorBody func(status int) []byte
}

// FaultStatus is a fault with what became of it.
type FaultStatus struct {
	ID    int   `json:"id"`
	Fault Fault `json:"fault"`
	Seen  int   `json:"seen"`  // matching requests so far
	Fired int   `json:"fired"` // of those, how many went wrong
}

// Plan is the set of faults that are switched on. It is safe for concurrent use.
type Plan struct {
	mu      sync.Mutex
	faults  []*FaultStatus
	nextID  int
	changed chan struct{}
}

// NewPlan makes a plan without faults.
func NewPlan() *Plan { return &Plan{changed: make(chan struct{})} }

// Add switches a fault on and returns its id.
func (p *Plan) Add(f Fault) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.nextID++
	p.faults = append(p.faults, &FaultStatus{ID: p.nextID, Fault: f})
	return p.nextID
}

// Remove switches a fault off; false when there is none of that id. Requests it already took are not called back.
func (p *Plan) Remove(id int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, status := range p.faults {
		if status.ID == id {
			p.faults = append(p.faults[:i:i], p.faults[i+1:]...)
			p.announce()
			return true
		}
	}
	return false
}

// Clear switches all faults off.
func (p *Plan) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = nil
	p.announce()
}

// announce wakes those who wait. The caller holds the lock.
func (p *Plan) announce() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// List returns every fault in the order added.
func (p *Plan) List() []FaultStatus {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := make([]FaultStatus, 0, len(p.faults))
	for _, status := range p.faults {
		list = append(list, *status)
	}
	return list
}

// AwaitFired waits until the fault has fired at least that many times. It fails when the fault is switched off or the
// context ends before.
func (p *Plan) AwaitFired(ctx context.Context, id, times int) error {
	for {
		fired, changed, ok := p.fired(id)
		if !ok {
			return fmt.Errorf("await fault %d: it is switched off", id)
		}
		if fired >= times {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("await fault %d: fired %d of %d times: %w", id, fired, times, ctx.Err())
		}
	}
}

func (p *Plan) fired(id int) (fired int, changed <-chan struct{}, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, status := range p.faults {
		if status.ID == id {
			return status.Fired, p.changed, true
		}
	}
	return 0, nil, false
}

// take counts the request and returns the fault that it runs into, if any.
func (p *Plan) take(r Request) (Fault, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, status := range p.faults {
		if !status.Fault.matches(r) {
			continue
		}
		status.Seen++
		if !status.due() {
			continue
		}
		status.Fired++
		p.announce()
		return status.Fault, true
	}
	return Fault{}, false
}

// due reports whether the request just seen is within the fault's window.
func (s *FaultStatus) due() bool {
	first, times := max(s.Fault.After, 1), s.Fault.Times
	if times == 0 {
		times = 1
	}
	return s.Seen >= first && (times < 0 || s.Seen < first+times)
}

func (f Fault) matches(r Request) bool {
	is := func(want, got string) bool { return want == "" || want == got }
	return is(f.System, r.System) && is(f.Op, r.Op) && is(f.Customer, r.Customer) && is(f.Key, r.Key)
}
