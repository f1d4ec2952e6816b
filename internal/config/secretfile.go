package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"
)

// maxSecretFile bounds what is read as a secret; more is surely another file.
const maxSecretFile = 64 << 10

// checkEvery is how often a file that may change is looked at, at most.
const checkEvery = time.Second

// readSecretFile reads a secret without the newline that editors and echo leave at the end. It refuses a file that
// others than its owner may read, unless it is on a read-only mount, as container secrets are.
func readSecretFile(path string) (Secret, error) {
	file, err := os.Open(path)
	if err != nil {
		return Secret{}, fmt.Errorf("%w; create the file or correct the path", err)
	}
	// Closing a file that was only read loses nothing.
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	switch {
	case err != nil:
		return Secret{}, fmt.Errorf("look at the file: %w", err)
	case !info.Mode().IsRegular():
		return Secret{}, fmt.Errorf("%s is not a regular file; name a file that holds the secret", path)
	case readableByOthers(info) && !onReadOnlyMount(file):
		return Secret{}, fmt.Errorf("%s can be read by others (mode %04o); run chmod 600 on it, or mount it read-only", path, info.Mode().Perm())
	}
	content, err := io.ReadAll(io.LimitReader(file, maxSecretFile+1))
	switch {
	case err != nil:
		return Secret{}, fmt.Errorf("read the secret: %w", err)
	case len(content) > maxSecretFile:
		return Secret{}, fmt.Errorf("%s is over 64 KiB; name a file that holds the secret alone", path)
	}
	value := trimNewline(string(content))
	if value == "" {
		return Secret{}, fmt.Errorf("%s is empty; write the secret into it", path)
	}
	return NewSecret(value), nil
}

func trimNewline(text string) string { return strings.TrimRight(text, "\r\n") }

// fileStamp tells whether a file has changed. A file that is missing has a stamp too, so that its coming is a change.
type fileStamp struct {
	modified time.Time
	size     int64
	missing  bool
}

func stampOf(path string) fileStamp {
	info, err := os.Stat(path)
	if err != nil {
		return fileStamp{missing: errors.Is(err, fs.ErrNotExist)}
	}
	return fileStamp{modified: info.ModTime(), size: info.Size()}
}

// TokenSource returns a function that gives Hillava's token. When the token comes from HILLAVA_TOKEN_FILE the file is
// read again after it has changed, so that a token can be renewed without a restart; a file that cannot be read keeps
// the last good token. The function is safe for concurrent use.
func (s Systems) TokenSource() func() string {
	if s.tokenFile == "" {
		return s.HillavaToken.Reveal
	}
	follower := &tokenFollower{path: s.tokenFile, token: s.HillavaToken, now: time.Now}
	return follower.current
}

type tokenFollower struct {
	path string
	now  func() time.Time

	mutex   sync.Mutex
	token   Secret
	read    fileStamp // of the file as it was last read; zero at first, so that the first call reads
	checked time.Time
}

func (f *tokenFollower) current() string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if now := f.now(); now.Sub(f.checked) >= checkEvery {
		f.checked = now
		if stamp := stampOf(f.path); stamp != f.read {
			if token, err := readSecretFile(f.path); err == nil {
				f.token, f.read = token, stamp
			}
		}
	}
	return f.token.Reveal()
}
