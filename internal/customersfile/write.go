// Package customersfile changes customers.yaml as a person would by hand: one entry, and every other byte as it was.
package customersfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"tampuuri-hillava/internal/config"
)

// beingWritten is what is added to the file's name while it is being changed. The new file is written there, and as only
// one can be made, it is the lock between two who change it as well.
const beingWritten = ".new"

// patience is how often a change is made anew because somebody has saved the file meanwhile.
const patience = 5

// hooks are for tests, which let something happen in between.
type hooks struct {
	beforeCompare func()
	rename        func(from, to string) error
}

// Edit changes the file at path: change is given what it holds and gives what it shall hold. Whoever reads it meanwhile
// sees the old text or the new one, and mode and owner stay. Where somebody else has saved the file in the meantime, the
// change is made anew to what he wrote.
//
// A file that cannot be replaced, as it is mounted by itself or its folder takes no new files, is written in place: a reader
// may then see a part of it, and the worker keeps the last good customers until it is whole.
func Edit(path string, change func(content []byte) ([]byte, error)) error {
	return hooks{func() {}, os.Rename}.edit(path, change)
}

func (h hooks) edit(path string, change func(content []byte) ([]byte, error)) error {
	target, err := filepath.EvalSymlinks(path) // a link goes on leading to the file
	if err != nil {
		return fmt.Errorf("change the customers file: %w", err)
	}
	unfinished, err := lock(target + beingWritten)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s has been there for %s: somebody else is changing the customers file, or a change was cut off; try again, and remove that file when nobody is", target+beingWritten, lockPatience)
	}
	replaced := false
	if err == nil {
		defer unfinished.Close()
		defer func() {
			if !replaced { // else that name may be somebody else's already
				_ = os.Remove(unfinished.Name())
			}
		}()
	}
	for range patience {
		before, err := os.ReadFile(target)
		if err != nil {
			return fmt.Errorf("change the customers file: %w", err)
		}
		after, err := change(bytes.Clone(before))
		if err != nil || bytes.Equal(before, after) {
			return err
		}
		ready := unfinished != nil && fill(unfinished, target, after) == nil
		h.beforeCompare()
		if now, err := os.ReadFile(target); err != nil || !bytes.Equal(now, before) {
			continue
		}
		if ready {
			if err := h.rename(unfinished.Name(), target); err == nil {
				replaced = true
				return nil
			}
		}
		return inPlace(target, after)
	}
	return errors.New("the customers file changes all the time; nothing was written, try again when nobody edits it")
}

// lockPatience is how long a change waits for another one, which takes milliseconds.
const lockPatience = 3 * time.Second

// lock makes the file that nobody else may have; fs.ErrExist when somebody else has had it for all of lockPatience.
func lock(path string) (*os.File, error) {
	deadline := time.After(lockPatience)
	for {
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if !errors.Is(err, fs.ErrExist) {
			return file, err
		}
		select {
		case <-deadline:
			return nil, err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// fill makes the unfinished file what the old one is to be replaced by; an error says that it cannot be given its owner.
func fill(unfinished *os.File, target string, content []byte) error {
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	made, err := unfinished.Stat()
	if err != nil {
		return err
	}
	if uid, gid, known := config.OwnerOf(info); known {
		if ours, group, _ := config.OwnerOf(made); ours != uid || group != gid {
			if err := unfinished.Chown(uid, gid); err != nil {
				return err
			}
		}
	}
	_, err = unfinished.WriteAt(content, 0)
	return errors.Join(err, unfinished.Truncate(int64(len(content))), unfinished.Chmod(info.Mode().Perm()), unfinished.Sync())
}

// inPlace writes into the file itself.
func inPlace(target string, content []byte) error {
	file, err := os.OpenFile(target, os.O_WRONLY, 0)
	switch {
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("the customers file cannot be changed here: %w; run this where its folder is mounted for writing (docs/operations.md, Opening a customer)", err)
	case err != nil:
		return fmt.Errorf("the customers file cannot be changed: %w; run this as a user who may write it and its folder", err)
	}
	_, err = file.WriteAt(content, 0)
	if err = errors.Join(err, file.Truncate(int64(len(content))), file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("the customers file may be written by half; look at it: %w", err)
	}
	return nil
}

// WriteSecret puts a secret into a file that only its owner can read, who is the owner of the customers file. A former
// content is replaced as a whole.
func WriteSecret(customersFile, path, secret string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the folder of the secrets: %w", err)
	}
	unfinished := path + beingWritten
	if err := os.WriteFile(unfinished, []byte(secret+"\n"), 0o600); err != nil {
		return fmt.Errorf("write a secret: %w", err)
	}
	for _, made := range []string{filepath.Dir(path), unfinished} {
		giveAway(customersFile, made)
	}
	err := os.Chmod(unfinished, 0o600) // an older unfinished one had another mode
	if err == nil {
		err = os.Rename(unfinished, path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write a secret: %w", err), os.Remove(unfinished))
	}
	return nil
}

// giveAway gives what was made to the owner of the customers file, as far as we may: the worker that reads one reads the
// other. Where it cannot, its entry says so.
func giveAway(customersFile, made string) {
	info, err := os.Stat(customersFile)
	if err != nil {
		return
	}
	if uid, gid, known := config.OwnerOf(info); known && os.Geteuid() == 0 {
		_ = os.Chown(made, uid, gid)
	}
}
