package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/stack"
)

// channelSecret stands in the address of every channel, where a token or a password would.
const channelSecret = "s3cr3t-of-the-channel"

// told is one message as a channel got it.
type told struct{ Subject, Body string }

// receiver is a channel over HTTP that keeps what it gets.
type receiver struct {
	address string // for NOTIFY_URLS
	mutex   sync.Mutex
	refuse  int // that many messages, at first
	all     []told
}

func newReceiver(t *testing.T, refuse int) *receiver {
	t.Helper()
	r := &receiver{refuse: refuse}
	listening := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		var message struct{ Title, Message string }
		err := json.NewDecoder(request.Body).Decode(&message)
		r.mutex.Lock()
		defer r.mutex.Unlock()
		switch {
		case err != nil:
			w.WriteHeader(http.StatusBadRequest)
		case r.refuse > 0:
			r.refuse--
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			r.all = append(r.all, told{message.Title, message.Message})
		}
	}))
	t.Cleanup(listening.Close)
	r.address = "generic://" + strings.TrimPrefix(listening.URL, "http://") + "/" + channelSecret + "?disabletls=yes&template=json"
	return r
}

func (r *receiver) messages(*testing.T) []told {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return append([]told{}, r.all...)
}

// mailServer is a real one.
type mailServer struct{ address, api string }

func startMailServer(t *testing.T) *mailServer {
	t.Helper()
	program := filepath.Join(t.TempDir(), "mailpit")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "github.com/axllent/mailpit")
	build.Dir = "mailpit"
	build.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)
	smtp, api := freeAddress(t), freeAddress(t)
	server := exec.Command(program, "--smtp", smtp, "--listen", api, "--smtp-auth-accept-any", "--smtp-auth-allow-insecure", "--disable-version-check", "--quiet")
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	m := &mailServer{
		address: "smtp://user:" + channelSecret + "@" + smtp + "/?from=integration@example.com&to=duty@example.com",
		api:     "http://" + api + "/api/v1/",
	}
	require.NoError(t, stack.WaitFor(t.Context(), "the mail server", func(context.Context) error {
		return m.get("messages", new(json.RawMessage))
	}))
	return m
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

func (m *mailServer) get(path string, into any) error {
	client := http.Client{Timeout: 10 * time.Second}
	answer, err := client.Get(m.api + path)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(answer.Body)
		return fmt.Errorf("it answered %d: %s", answer.StatusCode, text)
	}
	return json.NewDecoder(answer.Body).Decode(into)
}

func (m *mailServer) messages(t *testing.T) []told {
	t.Helper()
	var list struct {
		Messages []struct {
			ID string
			To []struct{ Address string }
		}
	}
	require.NoError(t, m.get("messages?limit=200", &list))
	var all []told
	for i := len(list.Messages) - 1; i >= 0; i-- { // newest first
		var mail struct{ Subject, Text string }
		require.NoError(t, m.get("message/"+list.Messages[i].ID, &mail))
		require.Equal(t, "duty@example.com", list.Messages[i].To[0].Address)
		all = append(all, told{mail.Subject, mail.Text})
	}
	return all
}
