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

// openRegular opens a file to be read, and refuses what is no regular file before it could block: to open a FIFO waits
// until somebody writes into it. The second look is for a file that was put in its place after the first.
func openRegular(path string) (*os.File, fs.FileInfo, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%s is not a regular file", path)
	}
	file, err := os.OpenFile(path, os.O_RDONLY|openWithoutWaiting, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return file, info, nil
}

// readRegular reads a regular file of at most limit bytes, within filePatience, and tells when strangers may read it too.
// Errors name the file and what to do; what is that which the file is to hold.
func readRegular(path, what string, limit int64) ([]byte, *Exposed, error) {
	var exposed *Exposed
	content, err := patiently(path, func() ([]byte, error) {
		file, info, err := openRegular(path)
		switch {
		case errors.Is(err, fs.ErrPermission):
			return nil, fmt.Errorf("%w; let this program read it, which runs as %s: %s", err, runningAs(), giveToPrograms)
		case err != nil:
			return nil, fmt.Errorf("%w; name a file that holds %s", err, what)
		}
		defer file.Close()
		exposed = exposedFile(path, file, info)
		content, err := io.ReadAll(io.LimitReader(file, limit+1))
		if err == nil && int64(len(content)) > limit {
			err = fmt.Errorf("%s is over %d KiB; name a file that holds %s alone", path, limit>>10, what)
		}
		return content, err
	})
	if err != nil { // the look may be going on
		return nil, nil, err
	}
	return content, exposed, nil
}

// waiting has the paths that a look is still waiting for although its caller has given up.
var waiting sync.Map

// patiently gives up a look at a file after filePatience, so that one customer's file on a mount that hangs stops that
// customer and not whoever waits for the same lock. The system lets nobody end such a look: it goes on by itself, and
// until it has ended the same file is refused at once, so that they do not pile up.
func patiently(path string, look func() ([]byte, error)) ([]byte, error) {
	unanswered := fmt.Errorf("%s does not answer; look whether the mount that it is on is there", path)
	if _, hangs := waiting.Load(path); hangs {
		return nil, unanswered
	}
	var content []byte
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		content, err = look()
	}()
	select {
	case <-done:
		return content, err
	case <-time.After(filePatience):
		waiting.Store(path, true)
		go func() {
			<-done
			waiting.Delete(path)
		}()
		return nil, unanswered
	}
}
