package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// withPatience makes a look at a file end after so long, until the test ends.
func withPatience(t *testing.T, patience time.Duration) {
	t.Helper()
	real := filePatience
	filePatience = patience
	t.Cleanup(func() { filePatience = real })
}

// hang makes a file look as if its mount were away, until the returned function is called.
func hang(t *testing.T, path string) (answer func()) {
	t.Helper()
	withPatience(t, 10*time.Millisecond)
	blocked := make(chan struct{})
	_, err := patiently(path, func() ([]byte, error) {
		<-blocked
		return nil, nil
	})
	require.ErrorContains(t, err, "does not answer")
	filePatience = 10 * time.Second // a busy machine is no mount that hangs
	return func() {
		close(blocked)
		require.Eventually(t, func() bool {
			_, err := os.Stat(path)
			_, again := patiently(path, func() ([]byte, error) { return nil, nil })
			return err == nil && again == nil
		}, 10*time.Second, time.Millisecond)
	}
}

func TestALookAtAFileThatDoesNotEndIsGivenUpAndNotRepeated(t *testing.T) {
	withPatience(t, 10*time.Millisecond)
	blocked := make(chan struct{})
	var looks atomic.Int32
	look := func() ([]byte, error) {
		looks.Add(1)
		<-blocked
		return []byte("content"), nil
	}
	for range 3 {
		_, err := patiently("/away/secret", look)
		require.ErrorContains(t, err, "/away/secret does not answer")
	}
	require.EqualValues(t, 1, looks.Load(), "the others would pile up")
	other, err := patiently("/here/secret", func() ([]byte, error) { return []byte("other"), errors.New("its own") })
	require.ErrorContains(t, err, "its own")
	require.Equal(t, "other", string(other))

	close(blocked)
	require.Eventually(t, func() bool {
		content, err := patiently("/away/secret", look)
		return err == nil && string(content) == "content"
	}, 10*time.Second, time.Millisecond, "it is looked at again once it answers")
}

func TestASecretFileOnAMountThatHangsStopsItsCustomerOnly(t *testing.T) {
	registry, advance, folder, path := newTestRegistry(t)
	other := strings.NewReplacer("esimerkki", "toinen", "avain_file: avain", "avain: s3cr3t-value").Replace(goodEntry)
	require.NoError(t, os.WriteFile(path, []byte("customers:"+goodEntry+other), 0o600))
	answer := hang(t, filepath.Join(folder, "avain"))
	advance()
	customer, _ := registry.Customer("esimerkki")
	require.Len(t, customer.Faults, 1)
	require.Contains(t, customer.Faults[0], "does not answer")
	customer, found := registry.Customer("toinen")
	require.True(t, found, "the file is followed all the same")
	require.Empty(t, customer.Faults)

	answer()
	advance()
	customer, _ = registry.Customer("esimerkki")
	require.Empty(t, customer.Faults)
}

func TestASecretOfTheSameLengthAndTimeIsReadAgain(t *testing.T) {
	registry, advance, folder, _ := newTestRegistry(t)
	secret := filepath.Join(folder, "avain")
	before, err := os.Stat(secret)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(secret, []byte("other-value"), 0o600))
	require.NoError(t, os.Chtimes(secret, before.ModTime(), before.ModTime()))
	advance()
	customer, _ := registry.Customer("esimerkki")
	require.Equal(t, "other-value", customer.Credentials.Avain.Reveal())
}
