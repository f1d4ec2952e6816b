package receiver

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// syncedBuffer is a log that a test reads while a program writes it.
type syncedBuffer struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (b *syncedBuffer) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.Write(p)
}

func (b *syncedBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.String()
}

var webhookKey = bytes.Repeat([]byte("0123456789"), 3)

// withoutTemporal is an environment in which nothing answers at TEMPORAL_ADDRESS.
func withoutTemporal(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	t.Setenv("TEMPORAL_ADDRESS", listener.Addr().String())
	t.Setenv("TEMPORAL_CONFIG_FILE", filepath.Join(t.TempDir(), "none.toml"))
	t.Setenv("HILLAVA_WEBHOOK_SECRET", "whsec_"+base64.StdEncoding.EncodeToString(webhookKey))
	t.Setenv("WEBHOOK_ADDR", "127.0.0.1:0")
	t.Setenv("OPS_ADDR", "127.0.0.1:0")
}

// post sends a webhook and gives the answer; its body is closed.
func post(t *testing.T, url, contentType, body string, signed bool) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", contentType)
	if signed {
		now := strconv.FormatInt(time.Now().Unix(), 10)
		mac := hmac.New(sha256.New, webhookKey)
		mac.Write([]byte("evt_1." + now + "." + body))
		request.Header.Set("Webhook-Id", "evt_1")
		request.Header.Set("Webhook-Timestamp", now)
		request.Header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer
}

func TestTheReceiverAnswersWhileTemporalIsAway(t *testing.T) {
	withoutTemporal(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	log, ended := &syncedBuffer{}, make(chan error, 1)
	go func() { ended <- Serve(ctx, log) }()
	listening := regexp.MustCompile(`"addr":"([^"]+)","ops":"([^"]+)"`)
	require.Eventually(t, func() bool { return listening.MatchString(log.String()) }, 10*time.Second, 10*time.Millisecond, "it listens at once")
	found := listening.FindStringSubmatch(log.String())
	receiver, ops := "http://"+found[1]+"/webhooks/hillava", "http://"+found[2]

	const good = `{"type":"task.done","timestamp":"2026-02-05T12:00:00+02:00","data":{"taskId":"t-1","externalId":"5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"}}`
	require.Equal(t, 413, post(t, receiver, "application/json", strings.Repeat(" ", 65<<10), false).StatusCode)
	require.Equal(t, 415, post(t, receiver, "text/plain", good, true).StatusCode)
	require.Equal(t, 401, post(t, receiver, "application/json", good, false).StatusCode)
	require.Equal(t, 400, post(t, receiver, "application/json", "not JSON", true).StatusCode)
	began := time.Now()
	unavailable := post(t, receiver, "application/json", good, true)
	require.Equal(t, 503, unavailable.StatusCode)
	require.NotEmpty(t, unavailable.Header.Get("Retry-After"))
	require.Less(t, time.Since(began), 10*time.Second, "Temporal has 5 s; the rest is for a busy machine")

	require.Eventually(t, func() bool { return strings.Contains(log.String(), "Temporal does not answer") }, 10*time.Second, 10*time.Millisecond)
	ready, err := http.Get(ops + "/readyz")
	require.NoError(t, err)
	require.NoError(t, ready.Body.Close())
	require.Equal(t, 503, ready.StatusCode)

	stop()
	select {
	case err := <-ended:
		require.NoError(t, err, log.String())
	case <-time.After(20 * time.Second):
		require.Fail(t, "it does not stop", log.String())
	}
}

func TestAWebhookAddressInUseIsToldWithoutTemporal(t *testing.T) {
	withoutTemporal(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	t.Setenv("WEBHOOK_ADDR", taken.Addr().String())
	require.ErrorContains(t, Serve(t.Context(), io.Discard), "WEBHOOK_ADDR")
}

// served is the log of a receiver that was stopped as soon as it received.
func served(t *testing.T) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	log, ended := &syncedBuffer{}, make(chan error, 1)
	go func() { ended <- Serve(ctx, log) }()
	require.Eventually(t, func() bool { return strings.Contains(log.String(), "Receiving webhooks.") }, 10*time.Second, 10*time.Millisecond)
	stop()
	require.NoError(t, <-ended, log.String())
	return log.String()
}

func TestPlainWebhooksFromOtherMachinesAreWarnedOf(t *testing.T) {
	for address, warned := range map[string]bool{"127.0.0.1:0": false, "0.0.0.0:0": true} {
		withoutTemporal(t)
		t.Setenv("WEBHOOK_ADDR", address)
		log := served(t)
		require.Equal(t, warned, strings.Contains(log, "TLS is off"), log)
	}
}

func TestASecretFileThatOthersMayReadIsWarnedOf(t *testing.T) {
	withoutTemporal(t)
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("whsec_"+base64.StdEncoding.EncodeToString(webhookKey)), 0o600))
	require.NoError(t, os.Chmod(secret, 0o644))
	t.Setenv("HILLAVA_WEBHOOK_SECRET", "")
	t.Setenv("HILLAVA_WEBHOOK_SECRET_FILE", secret)
	log := served(t)
	require.Equal(t, 1, strings.Count(log, secret+" holds a secret and can be read by others (mode 0644)"), log)
}

func TestServeTellsEverythingThatIsWrongAtOnce(t *testing.T) {
	previous := filepath.Join(t.TempDir(), "previous")
	require.NoError(t, os.WriteFile(previous, []byte("whsec_!!secret!!\n"), 0o600))
	t.Setenv("HILLAVA_WEBHOOK_SECRET", "whsec_c2hvcnQ=")
	t.Setenv("HILLAVA_WEBHOOK_SECRET_PREVIOUS_FILE", previous)
	t.Setenv("WEBHOOK_ADDR", "nowhere")
	_, err := loadServe()
	require.ErrorContains(t, err, "WEBHOOK_ADDR")
	require.ErrorContains(t, err, "HILLAVA_WEBHOOK_SECRET: is too short, 5 of at least 24 bytes")
	require.ErrorContains(t, err, "HILLAVA_WEBHOOK_SECRET_PREVIOUS_FILE: is not whsec_ followed by base64")
	require.NotContains(t, err.Error(), "c2hvcnQ")
	require.NotContains(t, err.Error(), "!!secret!!")

	t.Setenv("HILLAVA_WEBHOOK_SECRET", "")
	_, err = loadServe()
	require.ErrorContains(t, err, "HILLAVA_WEBHOOK_SECRET: is not set")
	require.ErrorContains(t, err, "HILLAVA_WEBHOOK_SECRET_PREVIOUS_FILE: is not whsec_", "the other one is told as well")
}
