// Package ledger records every effect that a stand-in has applied: what really happened at the outside systems, as
// opposed to what somebody asked for or was answered. A checker that knows nothing of the service judges from it.
package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// Entry is one applied effect.
type Entry struct {
	Seq      int64     `json:"seq"`      // position in the ledger, from 1, without gaps; set by Append
	At       time.Time `json:"at"`       // when it was applied, by the stand-in's clock; UTC in the file
	System   string    `json:"system"`   // Tampuuri or Hillava
	Customer string    `json:"customer"` // Tunniste of the customer; "" when the effect belongs to none
	Kind     string    `json:"kind"`     // one of the constants of this package
	Key      string    `json:"key"`      // id of the notice or task
	// Detail depends on Kind, see there. Its values are what encoding/json makes of the file (numbers are float64), in
	// memory too, so that a check gives the same answer on either. Read only.
	Detail map[string]any `json:"detail"`
}

// Ledger is append-only and safe for concurrent use.
type Ledger struct {
	mu      sync.Mutex
	entries []Entry
	file    *os.File
	changed chan struct{}
}

// Open makes a ledger. With a path its entries are also appended to that file as JSON lines, each synced to disk before
// Append returns; entries already there are kept and numbering goes on after them. A last line cut short by a kill was
// never acknowledged and is removed. An empty path keeps the ledger in memory only.
func Open(path string) (*Ledger, error) {
	l := &Ledger{changed: make(chan struct{})}
	if path == "" {
		return l, nil
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the ledger file: %w", err)
	}
	if err := l.load(file); err != nil {
		return nil, errors.Join(fmt.Errorf("read the ledger file %s (move it away to start anew): %w", path, err), file.Close())
	}
	l.file = file
	return l, nil
}

// load reads the whole lines of the file and leaves its offset behind the last of them.
func (l *Ledger) load(file *os.File) error {
	text, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	whole := bytes.LastIndexByte(text, '\n') + 1
	for number, line := range bytes.Split(text[:whole], []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		var entry Entry
		if err := json.Unmarshal(line, &entry); err != nil {
			return fmt.Errorf("line %d: %w", number+1, err)
		}
		l.entries = append(l.entries, entry)
	}
	if err := file.Truncate(int64(whole)); err != nil {
		return err
	}
	_, err = file.Seek(int64(whole), io.SeekStart)
	return err
}

// Append adds the entries in one step: nobody sees the first without the last. Seq is set here, and At too where it is
// zero. On an error nothing was added, so a stand-in that appends before it applies never has an unrecorded effect.
func (l *Ledger) Append(entries ...Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var lines bytes.Buffer
	added := make([]Entry, 0, len(entries))
	for i, entry := range entries {
		entry.Seq = int64(len(l.entries) + i + 1)
		if entry.At.IsZero() {
			entry.At = time.Now()
		}
		entry.At = entry.At.UTC()
		line, err := json.Marshal(entry)
		if err != nil {
			return fmt.Errorf("write ledger entry %d (%s): %w", entry.Seq, entry.Kind, err)
		}
		lines.Write(append(line, '\n'))
		var kept Entry
		if err := json.Unmarshal(line, &kept); err != nil {
			return fmt.Errorf("read back ledger entry %d (%s): %w", entry.Seq, entry.Kind, err)
		}
		added = append(added, kept)
	}
	if err := l.write(lines.Bytes()); err != nil {
		return fmt.Errorf("append to the ledger file: %w", err)
	}
	l.entries = append(l.entries, added...)
	close(l.changed)
	l.changed = make(chan struct{})
	return nil
}

// write puts the lines into the file, or none of them.
func (l *Ledger) write(lines []byte) error {
	if l.file == nil {
		return nil
	}
	offset, err := l.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if _, err := l.file.Write(lines); err != nil {
		_, seek := l.file.Seek(offset, io.SeekStart)
		return errors.Join(err, l.file.Truncate(offset), seek)
	}
	return l.file.Sync()
}

// Entries returns everything so far, oldest first. The slice is the caller's; Detail is not.
func (l *Ledger) Entries() []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Entry(nil), l.entries...)
}

// Changed returns a channel that is closed by the next Append. Take it before looking at Entries, or an entry in
// between is missed.
func (l *Ledger) Changed() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.changed
}

// Close closes the file. Entries stay readable; a later Append fails when there was a file.
func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	if err := l.file.Close(); err != nil {
		return fmt.Errorf("close the ledger file: %w", err)
	}
	return nil
}
