package config

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"tampuuri-hillava/internal/credential"
)

// maxSecretFile bounds what is read as a secret; more is surely another file.
const maxSecretFile = 64 << 10

// byteOrderMark is what some editors of Windows put before everything.
const byteOrderMark = "\ufeff"

// readSecretFile reads a secret without a byte order mark and without the newline that editors and echo leave at the end,
// and tells when strangers may read it too.
func readSecretFile(path string) (Secret, *Exposed, error) {
	content, exposed, err := readRegular(path, "the secret", maxSecretFile)
	if err != nil {
		return Secret{}, nil, err
	}
	value := plainSecret(string(content))
	if value == "" {
		return Secret{}, nil, fmt.Errorf("%s is empty; write the secret into it", path)
	}
	return NewSecret(value), exposed, nil
}

func plainSecret(text string) string {
	return strings.TrimRight(strings.TrimPrefix(text, byteOrderMark), "\r\n")
}

// readCredentialFile reads a secret that is sent to somebody.
func readCredentialFile(path string) (Secret, *Exposed, error) {
	secret, exposed, err := readSecretFile(path)
	if err == nil {
		err = credential.Check(secret.Reveal())
	}
	if err != nil {
		return Secret{}, nil, err
	}
	return secret, exposed, nil
}

// secretReading is what came of reading a credential's file.
type secretReading struct {
	secret  Secret
	exposed *Exposed
	err     error
}

func (s secretReading) same(other secretReading) bool {
	return s.secret.Reveal() == other.secret.Reveal() && fmt.Sprint(s.err) == fmt.Sprint(other.err) && (s.exposed == nil) == (other.exposed == nil)
}

// readSecrets reads all files at the same time, so that many on one mount that hangs cost one filePatience.
func readSecrets(paths []string) map[string]secretReading {
	found := make([]secretReading, len(paths))
	var reads sync.WaitGroup
	for i, path := range paths {
		reads.Go(func() { found[i].secret, found[i].exposed, found[i].err = readCredentialFile(path) })
	}
	reads.Wait()
	secrets := make(map[string]secretReading, len(paths))
	for i, path := range paths {
		secrets[path] = found[i]
	}
	return secrets
}

// TokenSource returns a function that gives Hillava's token. The file of HILLAVA_TOKEN_FILE is followed, so that a token
// can be renewed without a restart; one that cannot be read, or holds what cannot be sent, keeps the last good token. The
// function is safe for concurrent use.
func (s Systems) TokenSource() func() string {
	if s.tokenFile == "" {
		return s.HillavaToken.Reveal
	}
	token := s.followToken()
	return func() string { return token.current().Reveal() }
}

func (s Systems) followToken() *follower[Secret] {
	return &follower[Secret]{
		value: s.HillavaToken, now: time.Now, failed: func(error) {},
		read: func() (Secret, error) {
			token, _, err := readCredentialFile(s.tokenFile)
			return token, err
		},
	}
}
