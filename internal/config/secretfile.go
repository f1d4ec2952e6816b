package config

import (
	"errors"
	"fmt"
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
	content, err := readRegular(path, maxSecretFile, func(file *os.File, info fs.FileInfo) error {
		if readableByOthers(info) && !onReadOnlyMount(file) {
			return fmt.Errorf("%s can be read by others (mode %04o); run chmod 600 on it, or mount it read-only", path, info.Mode().Perm())
		}
		return nil
	})
	var failed *fs.PathError
	switch {
	case errors.Is(err, errNotRegular):
		return Secret{}, fmt.Errorf("%s %w; name a file that holds the secret", path, err)
	case errors.Is(err, errTooLong):
		return Secret{}, fmt.Errorf("%s is over 64 KiB; name a file that holds the secret alone", path)
	case errors.As(err, &failed):
		return Secret{}, fmt.Errorf("%w; create the file or correct the path", err)
	case err != nil:
		return Secret{}, err
	}
	value := trimNewline(string(content))
	if value == "" {
		return Secret{}, fmt.Errorf("%s is empty; write the secret into it", path)
	}
	return NewSecret(value), nil
}

func trimNewline(text string) string { return strings.TrimRight(text, "\r\n") }

// TokenSource returns a function that gives Hillava's token. When the token comes from HILLAVA_TOKEN_FILE the file is
// read again after it has changed, so that a token can be renewed without a restart; a file that cannot be read, or
// holds what cannot be sent, keeps the last good token. The function is safe for concurrent use.
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
			if token, err := readSecretFile(f.path); err == nil && token.sendable() {
				f.token, f.read = token, stamp
			}
		}
	}
	return f.token.Reveal()
}
