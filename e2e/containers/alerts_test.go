package containers

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/stretchr/testify/require"
)

// messages are what somebody was told of alerts, one after the other.
type messages struct {
	mutex sync.Mutex
	text  strings.Builder
}

func (m *messages) all() string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.text.String()
}

func (m *messages) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	_, _ = io.Copy(&m.text, r.Body)
}

// receiveAlerts has the Alertmanager tell this process, as deploy/prometheus/alertmanager.yml says somebody is named.
func (p *production) receiveAlerts() *messages {
	p.t.Helper()
	told := &messages{}
	listener, err := net.Listen("tcp", net.JoinHostPort(hostAddress(p.t), "0"))
	require.NoError(p.t, err)
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: told}}
	server.Start()
	p.t.Cleanup(server.Close)

	example, err := os.ReadFile(filepath.Join(root, "deploy", "prometheus", "alertmanager.yml"))
	require.NoError(p.t, err)
	own := strings.Replace(string(example), "  - name: nobody\n", "  - name: nobody\n    webhook_configs: [{url: \""+server.URL+"\"}]\n", 1)
	require.NotEqual(p.t, string(example), own)
	folder := filepath.Join(p.folder, "secrets", "alertmanager")
	require.NoError(p.t, os.MkdirAll(folder, 0o777))
	require.NoError(p.t, os.WriteFile(filepath.Join(folder, "alertmanager.yml"), []byte(own), 0o666))
	return told
}
