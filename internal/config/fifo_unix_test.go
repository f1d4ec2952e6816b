//go:build linux || darwin

package config

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fifo makes a FIFO that only its owner may read. To open it in the usual way waits for a writer, who never comes.
func fifo(t *testing.T, folder string) string {
	t.Helper()
	path := filepath.Join(folder, "fifo")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	return path
}

// atOnce fails the test when do waits instead of looking.
func atOnce(t *testing.T, do func()) {
	t.Helper()
	withPatience(t, time.Minute) // which would hide it
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("it waits for somebody to write into the FIFO")
	}
}

func TestAFIFOIsRefusedAtOnceWhereverAFileIsNamed(t *testing.T) {
	path := fifo(t, t.TempDir())
	atOnce(t, func() {
		_, _, err := readSecretFile(path)
		require.ErrorContains(t, err, path+" is not a regular file; name a file that holds the secret")
		_, err = LoadCustomers(path, testPollEvery)
		require.ErrorContains(t, err, "is not a regular file; name a file that holds the customers (set CUSTOMERS_FILE to it")
		require.Empty(t, ExposedCredentials(path, []Customer{{inline: true}}))
		files := someTLSFiles(t)
		files.CertFile = path
		_, err = files.certificate()
		require.ErrorContains(t, err, "WEBHOOK_TLS_CERT_FILE: "+path+" is not a regular file")
		_, err = loadServe(map[string]string{"HILLAVA_WEBHOOK_SECRET_FILE": path})
		require.ErrorContains(t, err, "HILLAVA_WEBHOOK_SECRET_FILE: "+path+" is not a regular file")
	})
}

func TestAFIFOThatTakesAFilesPlaceIsNotWaitedFor(t *testing.T) {
	atOnce(t, func() {
		file, err := os.OpenFile(fifo(t, t.TempDir()), os.O_RDONLY|openWithoutWaiting, 0)
		require.NoError(t, err, "the opening behind the first look")
		require.NoError(t, file.Close())
	})
}

func TestASecretFileThatIsAFIFOStopsItsCustomerOnly(t *testing.T) {
	registry, advance, folder, path := newTestRegistry(t)
	other := strings.NewReplacer("esimerkki", "toinen", "avain_file: avain", "avain: s3cr3t-value").Replace(goodEntry)
	require.NoError(t, os.WriteFile(path, []byte("customers:"+goodEntry+other), 0o600))
	require.NoError(t, os.Rename(fifo(t, folder), filepath.Join(folder, "avain")))
	advance()
	atOnce(t, func() {
		customer, _ := registry.Customer("esimerkki")
		require.Len(t, customer.Faults, 1)
		require.Contains(t, customer.Faults[0], "not a regular file")
		customer, found := registry.Customer("toinen")
		require.True(t, found)
		require.Empty(t, customer.Faults)
	})
}
