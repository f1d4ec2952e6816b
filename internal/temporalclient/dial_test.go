package temporalclient

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// frontend is as much of a Temporal server as a connection and a signal need.
type frontend struct {
	workflowservice.UnimplementedWorkflowServiceServer
	refuse  error
	mutex   sync.Mutex
	signals []*workflowservice.SignalWorkflowExecutionRequest
}

func (f *frontend) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{}, f.refuse
}

func (f *frontend) SignalWorkflowExecution(_ context.Context, request *workflowservice.SignalWorkflowExecutionRequest) (*workflowservice.SignalWorkflowExecutionResponse, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.signals = append(f.signals, request)
	return &workflowservice.SignalWorkflowExecutionResponse{}, nil
}

// serve starts the frontend on a listener and points the TEMPORAL_* variables at it.
func serve(t *testing.T, f *frontend, listener net.Listener) {
	t.Helper()
	server := grpc.NewServer()
	workflowservice.RegisterWorkflowServiceServer(server, f)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Setenv("TEMPORAL_ADDRESS", listener.Addr().String())
	t.Setenv("TEMPORAL_CONFIG_FILE", filepath.Join(t.TempDir(), "none.toml"))
	return listener
}

var quiet = slog.New(slog.DiscardHandler)

func TestASignalCarriesTheRequestIDOfItsContext(t *testing.T) {
	f := &frontend{}
	serve(t, f, listen(t))
	temporal, err := Dial(t.Context(), Options{Logger: quiet})
	require.NoError(t, err)
	defer temporal.Close()

	id := EventRequestID("tyo-valmis", "evt_1")
	require.NoError(t, temporal.SignalWorkflow(WithSignalRequestID(t.Context(), id), "notice-x", "", "tyo-valmis", nil))
	require.NoError(t, temporal.SignalWorkflow(t.Context(), "notice-x", "", "resend", nil))
	require.Equal(t, id, f.signals[0].GetRequestId())
	require.NotEqual(t, id, f.signals[1].GetRequestId())
}

func TestARequestIDIsTheSameForARedeliveryAndAnotherForTheOtherSignal(t *testing.T) {
	require.Equal(t, EventRequestID("tyo-valmis", "evt_1"), EventRequestID("tyo-valmis", "evt_1"))
	require.NotEqual(t, EventRequestID("tyo-valmis", "evt_1"), EventRequestID("laskutettu", "evt_1"))
	require.NotEqual(t, EventRequestID("tyo-valmis", "evt_1"), EventRequestID("tyo-valmis", "evt_2"))
	parsed, err := uuid.Parse(EventRequestID("tyo-valmis", "evt_1"))
	require.NoError(t, err)
	require.Equal(t, uuid.Version(5), parsed.Version())
}

func TestAServerThatStartsLaterIsWaitedFor(t *testing.T) {
	listener := listen(t)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	waiting := &signalOnWrite{seen: make(chan struct{})}
	started := make(chan struct{})
	go func() {
		defer close(started)
		<-waiting.seen // it has failed once
		if again, err := net.Listen("tcp", address); err == nil {
			serve(t, &frontend{}, again)
		}
	}()
	temporal, err := Dial(t.Context(), Options{Logger: slog.New(slog.NewTextHandler(waiting, nil)), Patience: 20 * time.Second})
	require.NoError(t, err)
	temporal.Close()
	<-started
}

// signalOnWrite tells when something was logged.
type signalOnWrite struct {
	once sync.Once
	seen chan struct{}
	bytes.Buffer
}

func (s *signalOnWrite) Write(p []byte) (int, error) {
	s.once.Do(func() { close(s.seen) })
	return len(p), nil
}

func TestAServerThatIsNotThereIsNamedWithWhatToDo(t *testing.T) {
	require.NoError(t, listen(t).Close())
	_, err := Dial(t.Context(), Options{Logger: quiet, Patience: time.Millisecond})
	require.ErrorContains(t, err, "set TEMPORAL_ADDRESS")
}

func TestARefusalIsNotWaitedFor(t *testing.T) {
	serve(t, &frontend{refuse: status.Error(codes.PermissionDenied, "no")}, listen(t))
	began := time.Now()
	_, err := Dial(t.Context(), Options{Logger: quiet, Patience: time.Minute})
	require.ErrorContains(t, err, "it refused us")
	require.Less(t, time.Since(began), 30*time.Second)
}

func TestAnEndedContextEndsTheWait(t *testing.T) {
	require.NoError(t, listen(t).Close())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Dial(ctx, Options{Logger: quiet, Patience: time.Minute})
	require.ErrorIs(t, err, context.Canceled)
}

func TestBadSettingsAreNamed(t *testing.T) {
	t.Setenv("TEMPORAL_TLS_CLIENT_CERT_PATH", filepath.Join(t.TempDir(), "none.pem"))
	_, err := Dial(t.Context(), Options{Logger: quiet})
	require.ErrorContains(t, err, "TEMPORAL_*")
	_, err = Namespace()
	require.Error(t, err)
}

func TestTheNamespaceIsTheDefaultOrAsSet(t *testing.T) {
	t.Setenv("TEMPORAL_CONFIG_FILE", filepath.Join(t.TempDir(), "none.toml"))
	t.Setenv("TEMPORAL_NAMESPACE", "")
	namespace, err := Namespace()
	require.NoError(t, err)
	require.Equal(t, "default", namespace)
	t.Setenv("TEMPORAL_NAMESPACE", "huolto")
	namespace, err = Namespace()
	require.NoError(t, err)
	require.Equal(t, "huolto", namespace)
}
