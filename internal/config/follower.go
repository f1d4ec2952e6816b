package config

import (
	"sync"
	"time"
)

// checkEvery is how often a file that may change is looked at, at most.
const checkEvery = time.Second

// follower gives what is made of files that may change: they are read again when somebody asks, at most once a second.
// What cannot be read keeps the last good value, and failed is told. It is safe for concurrent use.
type follower[T any] struct {
	read   func() (T, error)
	failed func(error)
	now    func() time.Time

	mutex   sync.Mutex
	value   T
	checked time.Time
}

func (f *follower[T]) current() T {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	now := f.now()
	if now.Sub(f.checked) < checkEvery {
		return f.value
	}
	f.checked = now
	value, err := f.read()
	if err != nil {
		f.failed(err)
		return f.value
	}
	f.value = value
	return value
}
