package config

import (
	"bytes"
	"maps"
	"slices"
	"sync"
	"time"
)

// Registry holds the customers of customers.yaml and follows the file and the secret files it names: at most once a
// second, and a twentieth of the time when they are many, it reads them again, and makes the customers anew when one has
// changed. A file that cannot be understood keeps the last good customers, whose secret files go on being followed. It is
// safe for concurrent use.
type Registry struct {
	path      string
	pollEvery time.Duration
	warn      func(Exposed)
	now       func() time.Time

	mutex     sync.Mutex
	customers []Customer
	good      []byte                   // what they were made of, with
	secrets   map[string]secretReading // these
	seen      []byte                   // what the file held at the last look; nil when it could not be read
	lookAgain time.Time
	warned    map[string]bool // of which files
}

// NewRegistry reads the file for the first time. Arguments and error are those of LoadCustomers; warn is told once of each
// file by which strangers may read credentials, whenever that is seen.
func NewRegistry(path string, pollEvery time.Duration, warn func(Exposed)) (*Registry, error) {
	registry := &Registry{path: path, pollEvery: pollEvery, warn: warn, now: time.Now, warned: map[string]bool{}}
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

// Customer returns the first entry with that Tunniste, else the one that had it formerly, which keeps its own.
func (r *Registry) Customer(tunniste string) (Customer, bool) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.follow()
	found := slices.IndexFunc(r.customers, func(c Customer) bool { return c.Tunniste == tunniste })
	if found < 0 {
		found = slices.IndexFunc(r.customers, func(c Customer) bool { return slices.Contains(c.Formerly, tunniste) })
	}
	if found < 0 {
		return Customer{}, false
	}
	return r.customers[found].at(r.now()), true
}

// Reload reads the file now. On an error the customers stay as they were.
func (r *Registry) Reload() error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.take(readCustomersFile(r.path))
}

// follow takes over what has changed since the last look.
func (r *Registry) follow() {
	began := r.now()
	if began.Before(r.lookAgain) {
		return
	}
	defer func() {
		r.lookAgain = began.Add(min(max(checkEvery, 20*r.now().Sub(began)), 10*checkEvery))
	}()
	content, err := readCustomersFile(r.path)
	if err == nil && r.seen != nil && bytes.Equal(content, r.seen) &&
		maps.EqualFunc(readSecrets(slices.Collect(maps.Keys(r.secrets))), r.secrets, secretReading.same) {
		return
	}
	_ = r.take(content, err) // Reload tells, with the next sync
}

// take makes the customers of what the file holds, or of what it last held that could be understood.
func (r *Registry) take(content []byte, err error) error {
	r.seen = content
	if err == nil {
		var customers []Customer
		var secrets map[string]secretReading
		if customers, secrets, err = readCustomers(r.path, content, r.pollEvery); err == nil {
			r.customers, r.secrets, r.good = customers, secrets, content
		}
	}
	if err != nil && r.good != nil {
		if customers, secrets, err := readCustomers(r.path, r.good, r.pollEvery); err == nil {
			r.customers, r.secrets = customers, secrets
		}
	}
	for _, exposed := range ExposedCredentials(r.path, r.customers) {
		if !r.warned[exposed.Path] {
			r.warned[exposed.Path] = true
			r.warn(exposed)
		}
	}
	return err
}
