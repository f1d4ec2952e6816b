package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"
)

// filePatience bounds one look at a file: a network mount that is away may not answer for hours. It is replaced in tests.
var filePatience = 3 * time.Second

var (
	errNotRegular = errors.New("is not a regular file")
	errTooLong    = errors.New("is longer than allowed")
)

// openRegular opens a file to be read, and refuses what is no regular file before it could block: to open a FIFO waits
// until somebody writes into it. The second look is for a file that was put in its place after the first.
func openRegular(path string) (*os.File, fs.FileInfo, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, nil, errNotRegular
	}
	file, err := os.OpenFile(path, os.O_RDONLY|openWithoutWaiting, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotRegular
	}
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return file, info, nil
}

// readRegular reads a regular file of at most limit bytes, within filePatience. allowed, which may be nil, looks at the
// open file before anything is read. Its errors are allowed's, errNotRegular, errTooLong, or name the file themselves.
func readRegular(path string, limit int64, allowed func(*os.File, fs.FileInfo) error) ([]byte, error) {
	return patiently(path, func() ([]byte, error) {
		file, info, err := openRegular(path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		if allowed != nil {
			if err := allowed(file, info); err != nil {
				return nil, err
			}
		}
		content, err := io.ReadAll(io.LimitReader(file, limit+1))
		if err == nil && int64(len(content)) > limit {
			err = errTooLong
		}
		return content, err
	})
}

// waiting has the files that a look is still waiting for although its caller has given up.
var waiting = struct {
	sync.Mutex
	paths map[string]bool
}{paths: map[string]bool{}}

// patiently gives up a look at a file after filePatience, so that one customer's file on a mount that hangs stops that
// customer and not whoever waits for the same lock. The system lets nobody end such a look: it goes on by itself, and
// until it has ended the same file is refused at once, so that they do not pile up.
func patiently[T any](path string, look func() (T, error)) (T, error) {
	var none T
	unanswered := fmt.Errorf("%s does not answer; look whether the mount that it is on is there", path)
	waiting.Lock()
	hangs := waiting.paths[path]
	waiting.Unlock()
	if hangs {
		return none, unanswered
	}
	type found struct {
		value T
		err   error
	}
	done, ended := make(chan found, 1), false
	go func() {
		value, err := look()
		waiting.Lock()
		ended = true
		delete(waiting.paths, path)
		waiting.Unlock()
		done <- found{value, err}
	}()
	timer := time.NewTimer(filePatience)
	defer timer.Stop()
	select {
	case f := <-done:
		return f.value, f.err
	case <-timer.C:
	}
	waiting.Lock()
	defer waiting.Unlock()
	if !ended {
		waiting.paths[path] = true
	}
	return none, unanswered
}
