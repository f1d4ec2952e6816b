package config

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Registry holds the customers of customers.yaml and follows the file and the secret files it names: it looks at them at
// most once a second, and reads again when one has changed. A re-read that fails keeps the last good customers. It is
// safe for concurrent use.
type Registry struct {
	path     string
	defaults CustomerDefaults
	now      func() time.Time

	mutex     sync.Mutex
	customers []Customer
	stamps    map[string]fileStamp
	checked   time.Time
	lastError error
}

// NewRegistry reads the file for the first time. Its error is the one of LoadCustomers.
func NewRegistry(path string, defaults CustomerDefaults) (*Registry, error) {
	registry := &Registry{path: path, defaults: defaults, now: time.Now}
	if err := registry.Reload(); err != nil {
		return nil, err
	}
	return registry, nil
}

// Customers returns every entry in the file's order, those with Faults too.
func (r *Registry) Customers() []Customer {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.follow()
	return allAt(r.customers, r.now())
}

// Customer returns the first entry with that Tunniste.
func (r *Registry) Customer(tunniste string) (Customer, bool) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.follow()
	for _, customer := range r.customers {
		if customer.Tunniste == tunniste {
			return customer.at(r.now()), true
		}
	}
	return Customer{}, false
}

// Reload reads the file now. On an error the customers stay as they were.
func (r *Registry) Reload() error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.checked = r.now()
	return r.read()
}

// LastError is the error of the last re-read, nil when it went well.
func (r *Registry) LastError() error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.lastError
}

// follow reads again when a file has changed since the last look.
func (r *Registry) follow() {
	now := r.now()
	if now.Sub(r.checked) < checkEvery {
		return
	}
	r.checked = now
	if current := stampsOf(slices.Collect(maps.Keys(r.stamps))); !maps.Equal(current, r.stamps) {
		_ = r.read() // kept in lastError
	}
}

// read takes the stamps before the content, so that a change in between is found by the next look.
func (r *Registry) read() error {
	fileStamp := stampOf(r.path)
	customers, files, err := loadCustomers(r.path, r.defaults)
	r.lastError = err
	if err != nil {
		// Only the customers file itself refuses a re-read; the next one waits until it changes.
		if r.stamps == nil {
			r.stamps = stampsOf(nil)
		}
		r.stamps[r.path] = fileStamp
		return err
	}
	r.customers = customers
	r.stamps = stampsOf(files)
	r.stamps[r.path] = fileStamp
	return nil
}

// stampsOf looks at all files at the same time, so that many on one mount that hangs cost one filePatience.
func stampsOf(paths []string) map[string]fileStamp {
	found := make([]fileStamp, len(paths))
	var looks sync.WaitGroup
	for i, path := range paths {
		looks.Go(func() { found[i] = stampOf(path) })
	}
	looks.Wait()
	stamps := make(map[string]fileStamp, len(paths)+1)
	for i, path := range paths {
		stamps[path] = found[i]
	}
	return stamps
}
