package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/log"
	"google.golang.org/protobuf/types/known/durationpb"
)

const (
	defaultNamespace = "default"
	// retention is what the receiver counts on: late webhooks of a closed notice are answered 202 for so long.
	retention = 90 * 24 * time.Hour
	// temporalStart bounds one start of a server that is already built.
	temporalStart = time.Minute
	// clientStop is how long children get to stop cleanly.
	stopPatience = 30 * time.Second
)

// Source says where a Temporal server comes from.
type Source string

// The sources, in the order in which FindTemporal prefers them.
const (
	FromEnvironment Source = "TEMPORAL_ADDRESS"
	FromPath        Source = "temporal on PATH"
	FromSource      Source = "built from sandbox/temporal"
)

// TemporalOptions say which server to run. The zero value runs one in memory on free ports.
type TemporalOptions struct {
	Dir      string    // folder for its log and settings; needed
	DB       string    // SQLite file that keeps the state over a Kill; "" = in memory
	Port     int       // 0 or taken: a free one
	UIPort   int       // 0 or taken: a free one
	Headless bool      // no Web UI; only for a server built from source
	LogLevel string    // default warn
	Progress io.Writer // nil: silent
	// OwnServer ignores TEMPORAL_ADDRESS: for tests that kill the server.
	OwnServer bool
	// RunEvents is after how many events of its history a run is told to continue as new; 0 = the server's default.
	RunEvents int
}

// Temporal is a Temporal server that this process uses: its own child, or the one that TEMPORAL_ADDRESS names.
type Temporal struct {
	Source    Source
	Address   string // host:port of the frontend
	UIURL     string // of the Web UI; "" when not known
	Namespace string
	Moved     []string // what runs on another port than was asked for, for people

	options TemporalOptions
	binary  string // "" for an external server
	port    int
	uiPort  int
	mu      sync.Mutex
	child   *process
	logFile *os.File
}

// FindTemporal says where StartTemporal takes the server from: one given by TEMPORAL_ADDRESS, else the temporal command
// on PATH, else sandbox/temporal. For the last two it returns the program, building it when needed.
func FindTemporal(ctx context.Context, o TemporalOptions) (Source, string, error) {
	if os.Getenv("TEMPORAL_ADDRESS") != "" && !o.OwnServer {
		return FromEnvironment, "", nil
	}
	if path, err := exec.LookPath("temporal"); err == nil {
		return FromPath, path, nil
	}
	root, err := findRoot()
	if err != nil {
		return "", "", err
	}
	binary, err := buildTemporal(ctx, root, orDiscard(o.Progress))
	return FromSource, binary, err
}

// StartTemporal starts a server, or connects to the given one, and returns when its namespace answers.
func StartTemporal(ctx context.Context, o TemporalOptions) (*Temporal, error) {
	source, binary, err := FindTemporal(ctx, o)
	if err != nil {
		return nil, err
	}
	t := &Temporal{Source: source, Namespace: defaultNamespace, options: o, binary: binary}
	if source == FromEnvironment {
		t.Address = os.Getenv("TEMPORAL_ADDRESS")
		if namespace := os.Getenv("TEMPORAL_NAMESPACE"); namespace != "" {
			t.Namespace = namespace
		}
		if err := t.awaitReady(ctx); err != nil {
			return nil, fmt.Errorf("use the Temporal server that TEMPORAL_ADDRESS names: %w", err)
		}
		return t, nil
	}
	if err := t.choosePorts(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make Temporal's folder: %w", err)
	}
	// An empty settings file, or a profile in the user's home would mix into the programs' connections.
	if err := os.WriteFile(t.settingsFile(), nil, 0o600); err != nil {
		return nil, fmt.Errorf("write Temporal's client settings: %w", err)
	}
	t.logFile, err = os.OpenFile(t.LogPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open Temporal's log: %w", err)
	}
	if err := t.start(ctx); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	if err := t.keepClosedWorkflows(ctx); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (t *Temporal) choosePorts() error {
	port, moved, err := choosePort(t.options.Port)
	if err != nil {
		return err
	}
	if moved {
		t.Moved = append(t.Moved, fmt.Sprintf("port %d is taken: Temporal listens on %d", t.options.Port, port))
	}
	t.port, t.Address = port, address(port)
	if t.options.Headless && t.Source == FromSource {
		return nil
	}
	if port, moved, err = choosePort(t.options.UIPort); err != nil {
		return err
	}
	if moved {
		t.Moved = append(t.Moved, fmt.Sprintf("port %d is taken: Temporal's Web UI listens on %d", t.options.UIPort, port))
	}
	t.uiPort, t.UIURL = port, "http://"+address(port)
	return nil
}

// arguments of the server; both programs are told the same things.
func (t *Temporal) arguments() []string {
	level := t.options.LogLevel
	if level == "" {
		level = "warn"
	}
	common := []string{"--ip", loopback, "--port", strconv.Itoa(t.port), "--namespace", t.Namespace, "--log-level", level}
	if t.Source == FromPath {
		arguments := append([]string{"server", "start-dev", "--ui-port", strconv.Itoa(t.uiPort)}, common...)
		for _, setting := range []string{
			"limit.maxIDLength=255", "frontend.namespaceRPS.visibility=1000",
			"frontend.namespaceRPS.namespaceReplicationInducingAPIs=100", "matching.numTaskqueueReadPartitions=1", "matching.numTaskqueueWritePartitions=1",
			"history.transferProcessorMaxPollRPS=1000",
		} {
			arguments = append(arguments, "--dynamic-config-value", setting)
		}
		if t.options.DB != "" {
			arguments = append(arguments, "--db-filename", t.options.DB)
		}
		if t.options.RunEvents > 0 {
			arguments = append(arguments, "--dynamic-config-value", fmt.Sprintf("limit.historyCount.suggestContinueAsNew=%d", t.options.RunEvents))
		}
		return arguments
	}
	if t.uiPort == 0 {
		common = append(common, "--headless")
	} else {
		common = append(common, "--ui-port", strconv.Itoa(t.uiPort))
	}
	return append(common, "--db", t.options.DB, "--run-events", strconv.Itoa(t.options.RunEvents))
}

func (t *Temporal) start(ctx context.Context) error {
	child, err := spawn("Temporal", t.binary, t.arguments(), childEnvironment(nil), t.logFile, t.logFile)
	if err != nil {
		return err
	}
	t.mu.Lock()
	t.child = child
	t.mu.Unlock()
	if err := t.awaitReady(ctx); err != nil {
		return err
	}
	child.answered.Store(true)
	return nil
}

// awaitReady returns when the namespace and the Web UI answer.
func (t *Temporal) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, temporalStart)
	defer cancel()
	t.mu.Lock()
	child := t.child
	t.mu.Unlock()
	if child != nil {
		go func() { // an early end is the answer: do not wait for the rest of the minute
			select {
			case <-child.done:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	err := WaitFor(ctx, "the Temporal server at "+t.Address, func(ctx context.Context) error {
		connected, err := t.Client(ctx)
		if err != nil {
			return err
		}
		defer connected.Close()
		_, err = connected.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: t.Namespace})
		if err != nil || t.uiPort == 0 {
			return err
		}
		return answers(ctx, t.UIURL)
	})
	if err != nil && child != nil {
		return fmt.Errorf("%w; the end of %s:\n%s", err, t.LogPath(), tail(t.LogPath(), 10))
	}
	return err
}

// keepClosedWorkflows gives the namespace of our own server its retention; temporal server start-dev makes one day.
func (t *Temporal) keepClosedWorkflows(ctx context.Context) error {
	if t.Source != FromPath {
		return nil
	}
	connected, err := t.Client(ctx)
	if err != nil {
		return err
	}
	defer connected.Close()
	_, err = connected.WorkflowService().UpdateNamespace(ctx, &workflowservice.UpdateNamespaceRequest{
		Namespace: t.Namespace, Config: retentionConfig(),
	})
	if err != nil {
		return fmt.Errorf("set the retention of namespace %s: %w", t.Namespace, err)
	}
	return nil
}

// CreateNamespace makes another namespace on this server and returns the server as seen with it: a test of its own gets
// workflows and schedules of its own without a server of its own. Only the first Temporal can be killed and stopped.
func (t *Temporal) CreateNamespace(ctx context.Context, name string) (*Temporal, error) {
	connected, err := t.Client(ctx)
	if err != nil {
		return nil, err
	}
	defer connected.Close()
	_, err = connected.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace: name, WorkflowExecutionRetentionPeriod: durationpb.New(retention),
	})
	if err != nil {
		return nil, fmt.Errorf("create namespace %s: %w", name, err)
	}
	other := &Temporal{Source: t.Source, Address: t.Address, UIURL: t.UIURL, Namespace: name, options: t.options}
	return other, other.awaitReady(ctx)
}

// Client connects to the server with the same settings as the programs do.
func (t *Temporal) Client(ctx context.Context) (client.Client, error) {
	request := envconfig.LoadClientOptionsRequest{}
	if t.Source != FromEnvironment {
		request = envconfig.LoadClientOptionsRequest{DisableFile: true, EnvLookup: noVariables{}}
	}
	options, err := envconfig.LoadClientOptions(request)
	if err != nil {
		return nil, fmt.Errorf("read the TEMPORAL_* settings: %w", err)
	}
	options.HostPort, options.Namespace = t.Address, t.Namespace
	options.Identity = "sandbox"
	options.Logger = log.NewStructuredLogger(silent)
	// The SDK's own 5 s are short for a server that shares a busy machine with us; ctx bounds the wait too.
	options.ConnectionOptions.GetSystemInfoTimeout = time.Minute
	connected, err := client.DialContext(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("connect to Temporal at %s: %w", t.Address, err)
	}
	return connected, nil
}

// Environment is what a program needs to connect to this server.
func (t *Temporal) Environment() []string {
	variables := []string{"TEMPORAL_ADDRESS=" + t.Address, "TEMPORAL_NAMESPACE=" + t.Namespace}
	if t.Source == FromEnvironment {
		return append(inherited("TEMPORAL_"), variables...)
	}
	return append(variables, "TEMPORAL_CONFIG_FILE="+t.settingsFile())
}

// Pid is the server's process id; 0 when it does not run, or is not ours.
func (t *Temporal) Pid() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.child == nil || !t.child.running() {
		return 0
	}
	return t.child.cmd.Process.Pid
}

// LogPath is the server's log file.
func (t *Temporal) LogPath() string { return filepath.Join(t.options.Dir, "temporal.log") }

func (t *Temporal) settingsFile() string { return filepath.Join(t.options.Dir, "temporal.toml") }

func (t *Temporal) own() (*process, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.child == nil {
		return nil, fmt.Errorf("the Temporal server at %s is not ours to stop (it comes from %s)", t.Address, t.Source)
	}
	return t.child, nil
}

// Kill ends the server with SIGKILL.
func (t *Temporal) Kill() error {
	child, err := t.own()
	if err != nil {
		return err
	}
	return child.kill()
}

// Restart starts the server again on the same ports, after a Kill, a Stop, or by killing it now; it returns when the
// server answers. Without a DB file everything is gone by then.
func (t *Temporal) Restart(ctx context.Context) error {
	child, err := t.own()
	if err != nil {
		return err
	}
	if err := child.kill(); err != nil {
		return err
	}
	return t.start(ctx)
}

// Stop ends the server with SIGTERM and waits for it.
func (t *Temporal) Stop(ctx context.Context) error {
	child, err := t.own()
	if err != nil {
		return err
	}
	return child.stop(ctx)
}

// Close stops the server when it is ours; one that came from elsewhere is left as it is.
func (t *Temporal) Close() error {
	t.mu.Lock()
	child := t.child
	t.mu.Unlock()
	if child == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopPatience)
	defer cancel()
	return errors.Join(child.stop(ctx), t.logFile.Close())
}

// answers returns nil when a GET of url is answered with any status below 500.
func answers(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= http.StatusInternalServerError {
		return fmt.Errorf("%s answers %s", url, answer.Status)
	}
	return nil
}
