package e2e

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/certtest"
	"tampuuri-hillava/sandbox/stack"
)

// newSecret is a webhook secret in the form of Standard Webhooks.
func newSecret() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	return "whsec_" + base64.StdEncoding.EncodeToString(key)
}

func writeSecret(t *testing.T, path, value string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path+".new", []byte(value+"\n"), 0o600))
	require.NoError(t, os.Rename(path+".new", path))
}

func TestTheWebhookSecretIsRotatedWithoutALostEvent(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{WebhookRetryEvery: 500 * time.Millisecond, ReconcileEvery: time.Hour, ServeEnvironment: []string{"LOG_FORMAT=json"}})
	folder := t.TempDir()
	former, err := os.ReadFile(filepath.Join(w.Dir, "secrets", "webhook-secret"))
	require.NoError(t, err)
	renewed := newSecret()
	writeSecret(t, filepath.Join(folder, "renewed"), renewed)
	writeSecret(t, filepath.Join(folder, "former"), string(former))
	first, second, third := w.importOne(), w.importOne(), w.importOne()
	// Both are accepted, the renewed one first; Hillava still signs with the former one.
	w.Serve.Setenv("HILLAVA_WEBHOOK_SECRET_FILE", filepath.Join(folder, "renewed"))
	w.Serve.Setenv("HILLAVA_WEBHOOK_SECRET_PREVIOUS_FILE", filepath.Join(folder, "former"))
	require.NoError(t, w.Serve.Kill())
	first.press("Työ valmis") // while the receiver is down: Hillava delivers again
	require.NoError(t, w.Serve.Restart(w.context()))
	first.waitState("Tehty")
	w.waitServeLog(`"secretNumber":2`)
	require.NotContains(t, w.Serve.LogTail(50), `"secretNumber":1,"eventId"`)

	require.NoError(t, w.Hillava.SetWebhook(w.WebhookURL, renewed))
	second.press("Työ valmis")
	second.waitState("Tehty")
	w.waitServeLog(`"secretNumber":1`)

	// The former one is withdrawn: what it signs is refused, what the renewed one signs is not.
	w.Serve.Setenv("HILLAVA_WEBHOOK_SECRET_PREVIOUS_FILE", "")
	require.NoError(t, w.Serve.Restart(w.context()))
	answer, err := w.deliver(http.DefaultClient, w.WebhookURL, string(former), "evt-former", []byte("{}"))
	require.NoError(t, err)
	require.Equal(t, http.StatusUnauthorized, answer.StatusCode)
	third.press("Työ valmis")
	third.waitState("Tehty")
}

// waitServeLog waits for a line of the receiver, which writes it when Temporal has the signal: what comes of the signal
// may be there sooner.
func (w *world) waitServeLog(holds string) {
	w.t.Helper()
	require.NoError(w.t, stack.WaitFor(w.context(), "a line of the receiver with "+holds, func(context.Context) error {
		if tail := w.Serve.LogTail(50); !strings.Contains(tail, holds) {
			return fmt.Errorf("its log ends:\n%s", tail)
		}
		return nil
	}))
}

// deliver posts a body as Hillava would sign it.
func (w *world) deliver(with *http.Client, to, secret, id string, body []byte) (*http.Response, error) {
	w.t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	require.NoError(w.t, err)
	at := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + at + "."))
	mac.Write(body)
	request, err := http.NewRequestWithContext(w.context(), http.MethodPost, to, bytes.NewReader(body))
	require.NoError(w.t, err)
	for name, value := range map[string]string{
		"Content-Type": "application/json", "webhook-id": id, "webhook-timestamp": at,
		"webhook-signature": "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)),
	} {
		request.Header.Set(name, value)
	}
	answer, err := with.Do(request)
	if err == nil {
		_ = answer.Body.Close()
	}
	return answer, err
}

// doorkeeper stands before a stand-in and lets in who shows the present credential, which the stand-in itself does not
// know: it is shown the one that it has always had.
type doorkeeper struct {
	URL     string
	header  string
	present atomic.Pointer[string]
	refused atomic.Int32
}

func newDoorkeeper(t *testing.T, upstream, header, known string) *doorkeeper {
	t.Helper()
	target, err := url.Parse(upstream)
	require.NoError(t, err)
	d := &doorkeeper{header: header}
	d.present.Store(&known)
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = target.Scheme, target.Host, target.Host
		r.Out.Header.Set(header, known)
	}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(header) != *d.present.Load() {
			d.refused.Add(1)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"Message":"no"}`))
			return
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	d.URL = server.URL + target.Path
	return d
}

func TestCredentialsAreRenewedWithoutARestart(t *testing.T) {
	t.Parallel()
	one := []stack.Customer{stack.DefaultCustomers()[0]}
	w := start(t, stack.Options{Customers: one, WithoutWorker: true, SyncEvery: time.Second})
	secrets := filepath.Join(w.Dir, "secrets")
	read := func(name string) string {
		value, err := os.ReadFile(filepath.Join(secrets, name))
		require.NoError(t, err)
		return strings.TrimSpace(string(value))
	}
	office := newDoorkeeper(t, w.TampuuriURL, "X-Salasana", read("esimerkki-salasana"))
	flex := newDoorkeeper(t, w.HillavaURL, "Authorization", "Bearer "+read("hillava-token"))
	w.Worker.Setenv("TAMPUURI_URL", office.URL)
	w.Worker.Setenv("HILLAVA_URL", flex.URL)
	require.NoError(t, w.Worker.Start())
	require.NoError(t, w.Worker.WaitReady(w.context()))
	pid := w.Worker.Pid()
	lives := func(id int64) {
		n := w.imported("esimerkki", id)
		n.press("Työ valmis")
		n.waitState("Tehty")
	}
	lives(w.someNotice("esimerkki", 4711))

	renewed, token := "renewed-salasana", "Bearer renewed-token"
	office.present.Store(&renewed)
	id := w.someNotice("esimerkki", 4711)
	require.NoError(t, stack.WaitFor(w.context(), "Tampuuri to refuse the former password", func(context.Context) error {
		if office.refused.Load() == 0 {
			return fmt.Errorf("it has not")
		}
		return nil
	}))
	writeSecret(t, filepath.Join(secrets, "esimerkki-salasana"), renewed)
	lives(id)

	flex.present.Store(&token)
	writeSecret(t, filepath.Join(secrets, "hillava-token"), "renewed-token")
	lives(w.someNotice("esimerkki", 4711))
	require.Equal(t, pid, w.Worker.Pid(), "it is the same process")
	require.LessOrEqual(t, office.refused.Load(), int32(5), "refused credentials are not tried again and again")
}

// writeCertificate writes a certificate for loopback with its key, and adds it to roots.
func writeCertificate(t *testing.T, certFile, keyFile string, serial int64, roots *x509.CertPool) {
	t.Helper()
	pair := certtest.SelfSigned(t, func(c *x509.Certificate) { c.SerialNumber = big.NewInt(serial) })
	roots.AddCert(pair.Leaf)
	writeSecret(t, keyFile, string(certtest.KeyPEM(t, pair)))
	writeSecret(t, certFile, string(certtest.CertificatePEM(pair.Leaf)))
}

func TestWebhooksOverTLSWithACertificateThatIsRenewed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	certFile, keyFile := filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	roots := x509.NewCertPool()
	writeCertificate(t, certFile, keyFile, 1, roots)
	w := start(t, stack.Options{ServeEnvironment: []string{"WEBHOOK_TLS_CERT_FILE=" + certFile, "WEBHOOK_TLS_KEY_FILE=" + keyFile}})
	secret, err := os.ReadFile(filepath.Join(w.Dir, "secrets", "webhook-secret"))
	require.NoError(t, err)
	secure := "https://" + w.WebhookAddr
	over := func(settings *tls.Config) *http.Client {
		settings.RootCAs = roots
		return &http.Client{Transport: &http.Transport{TLSClientConfig: settings, DisableKeepAlives: true}, Timeout: 10 * time.Second}
	}
	id := w.someNotice("esimerkki", 4711)
	_, err = w.WaitTask(w.context(), "esimerkki", id)
	require.NoError(t, err)
	workflowID, err := w.WorkflowID("esimerkki", id)
	require.NoError(t, err)
	event := []byte(`{"type":"task.done","timestamp":"2026-02-03T10:00:00Z","data":{"taskId":"T-1","externalId":"` + strings.TrimPrefix(workflowID, "notice-") + `"}}`)
	answer, err := w.deliver(over(&tls.Config{MaxVersion: tls.VersionTLS12}), secure+"/webhooks/hillava", string(secret), "evt-1", event)
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, answer.StatusCode)
	require.EqualValues(t, 1, answer.TLS.PeerCertificates[0].SerialNumber.Int64())
	require.NoError(t, w.WaitState(w.context(), "esimerkki", id, "Tehty"))

	_, err = w.deliver(over(&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}), secure+"/webhooks/hillava", string(secret), "evt-2", event)
	require.Error(t, err, "TLS 1.1 is refused")
	answer, err = w.deliver(http.DefaultClient, "http://"+w.WebhookAddr+"/webhooks/hillava", string(secret), "evt-3", event)
	require.NoError(t, err)
	require.Equal(t, http.StatusBadRequest, answer.StatusCode, "and so is plain HTTP")
	for _, path := range []string{"/metrics", "/healthz", "/readyz", "/"} {
		answer, err = w.deliver(over(&tls.Config{}), secure+path, string(secret), "evt-4", event)
		require.NoError(t, err)
		require.Equal(t, http.StatusNotFound, answer.StatusCode, "%s is not on the webhook port", path)
	}
	answer, err = w.deliver(http.DefaultClient, w.Serve.OpsURL+"/webhooks/hillava", string(secret), "evt-5", event)
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, answer.StatusCode, "and webhooks are not on the port of health and metrics")

	pid := w.Serve.Pid()
	writeCertificate(t, certFile, keyFile, 2, roots)
	require.NoError(t, stack.WaitFor(w.context(), "the renewed certificate", func(context.Context) error {
		answer, err := w.deliver(over(&tls.Config{}), secure+"/webhooks/hillava", string(secret), "evt-1", event)
		if err != nil {
			return err
		}
		if serial := answer.TLS.PeerCertificates[0].SerialNumber.Int64(); serial != 2 {
			return fmt.Errorf("it is still number %d", serial)
		}
		return nil
	}))
	require.Equal(t, pid, w.Serve.Pid(), "it is the same process")
}
