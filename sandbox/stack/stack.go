// Package stack runs everything on one machine: a real Temporal server, both stand-ins, the worker and the webhook
// receiver as processes of their own, and the page. The sandbox command and the end-to-end tests start the same thing.
// Nothing here starts or signals a workflow: notices arrive by their customers' polls, transitions by signed HTTP.
package stack

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/ledger"
	"tampuuri-hillava/sandbox/tampuuri"
	"tampuuri-hillava/sandbox/web"
)

// Ports asks for fixed ports. One that is taken is replaced by a free one, and Stack.Moved says so; 0 is any free one.
type Ports struct {
	Page, Tampuuri, Hillava, Webhook, WorkerOps, ServeOps, Temporal, TemporalUI int
}

// Options say what to start. The zero value is a complete sandbox on free ports, in memory, with the two default
// customers and without notices.
type Options struct {
	Dir       string     // folder for settings, secrets and logs; "" = a temporary one that Close removes
	Customers []Customer // nil = DefaultCustomers
	Seed      bool       // load the shared notices
	Ports     Ports

	PollEvery, SyncEvery, ReconcileEvery time.Duration // 0 = 2 s, 5 s, 5 s
	HTTPTimeout                          time.Duration // 0 = the programs' own default
	WebhookRetryEvery                    time.Duration // pause before a webhook's second attempt; 0 = the stand-in's default
	WorkerEnvironment                    []string      // NAME=value; later ones win
	NotifyEnvironment                    []string      // NAME=value; the NOTIFY_ variables of worker and the starter's commands
	ServeEnvironment                     []string

	LedgerFile         string // "" = in memory
	FingerprintKeyFile string // kept from run to run; "" = one of this run's own
	// EnvironmentFile also gets what the starter's commands need (Stack.EnvironmentFile), for as long as this runs.
	EnvironmentFile string
	// Temporal is a running server to use, which Close then leaves alone; nil starts one as TemporalDB and Ports say.
	Temporal    *Temporal
	TemporalDB  string // SQLite file; "" = in memory
	TemporalUI  string // address of the Web UI of a server given by TEMPORAL_ADDRESS, for links
	OwnTemporal bool   // start one even when TEMPORAL_ADDRESS is set
	Page        bool   // serve the page
	// WithoutWorker and WithoutServe leave a program for later: Stack.Worker.Start, Stack.Serve.Start.
	WithoutWorker, WithoutServe bool
	// IP is where stand-ins and page listen; "" = loopback. Only in a container may it be another.
	IP string
	// WebhookURL is where Hillava sends its events; "" = to this stack's own receiver.
	WebhookURL string
	// Programs that are built already; the zero value builds them.
	Programs Programs
	Progress io.Writer // messages for people; nil: none
	Tee      io.Writer // also gets what the programs log; nil: log files only
}

// Stack is everything that runs. Its stand-ins, ledger and faults are in this process.
type Stack struct {
	Temporal *Temporal
	Tampuuri *tampuuri.Server
	Hillava  *hillava.Server
	Ledger   *ledger.Ledger
	Faults   *fault.Plan
	Worker   *Program
	Serve    *Program // starter serve
	// TampuuriPort and HillavaPort can really refuse connections: Down and Up.
	TampuuriPort, HillavaPort *fault.Listener

	TampuuriURL, HillavaURL string            // bases for TAMPUURI_URL and HILLAVA_URL
	WebhookURL, WebhookAddr string            // where Hillava sends events
	PageURL                 string            // "" without the page
	CustomersFile           string            // see WriteCustomers
	EnvironmentFile         string            // shell lines that set what the starter's commands need
	Customers               []Customer        // as started
	HillavaCustomers        map[string]string // Tunniste → id in Hillava
	Programs                Programs
	Dir                     string
	Moved                   []string // what runs on another port than was asked for

	options    Options
	keyFile    string // FINGERPRINT_KEY
	properties map[string][]tampuuri.Property
	cleanups   []cleanup // run in reverse by Close
}

type cleanup struct {
	what string
	do   func(context.Context) error
}

// New starts everything and returns when worker and webhook receiver are ready. On an error whatever was started has
// been ended again. Call Close in any case.
func New(ctx context.Context, o Options) (*Stack, error) {
	s := prepare(o)
	return s.run(ctx, s.makeFolder, s.openLedger, s.startTemporal, s.startStandIns, s.prepareCustomers, s.loadNotices, s.forgetEarlierNotices,
		s.startPage, s.preparePrograms, s.startPrograms)
}

func prepare(o Options) *Stack {
	s := &Stack{options: o, Customers: o.Customers, HillavaCustomers: map[string]string{}, Faults: fault.NewPlan()}
	if s.Customers == nil {
		s.Customers = DefaultCustomers()
	}
	return s
}

// run takes the steps of a start, and everything back when one fails.
func (s *Stack) run(ctx context.Context, steps ...func(context.Context) error) (*Stack, error) {
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// Close ends everything that New started, the youngest first, each cleanly if it can be. It may be called twice.
func (s *Stack) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopPatience)
	defer cancel()
	var problems []error
	for len(s.cleanups) > 0 {
		last := s.cleanups[len(s.cleanups)-1]
		s.cleanups = s.cleanups[:len(s.cleanups)-1]
		if err := last.do(ctx); err != nil {
			problems = append(problems, fmt.Errorf("end %s: %w", last.what, err))
		}
	}
	return errors.Join(problems...)
}

func (s *Stack) onClose(what string, do func(context.Context) error) {
	s.cleanups = append(s.cleanups, cleanup{what, do})
}

func (s *Stack) makeFolder(context.Context) error {
	s.Dir = s.options.Dir
	if s.Dir == "" {
		folder, err := os.MkdirTemp("", "tampuuri-hillava-")
		if err != nil {
			return fmt.Errorf("make the sandbox's folder: %w", err)
		}
		s.Dir = folder
		s.onClose("the sandbox's folder", func(context.Context) error { return os.RemoveAll(folder) })
	}
	if err := os.MkdirAll(filepath.Join(s.Dir, "logs"), 0o700); err != nil {
		return fmt.Errorf("make the sandbox's folder: %w", err)
	}
	s.CustomersFile = filepath.Join(s.Dir, "customers.yaml")
	if s.keyFile = s.options.FingerprintKeyFile; s.keyFile == "" {
		s.keyFile = s.secretFile("fingerprint-key")
	}
	_, err := keepSecret(s.keyFile, func() string { return hex.EncodeToString(random(32)) })
	return err
}

func (s *Stack) openLedger(context.Context) error {
	opened, err := ledger.Open(s.options.LedgerFile)
	if err != nil {
		return err
	}
	s.Ledger = opened
	s.onClose("the ledger", func(context.Context) error { return opened.Close() })
	return nil
}

func (s *Stack) startTemporal(ctx context.Context) error {
	if s.options.Temporal != nil {
		s.Temporal = s.options.Temporal
		return nil
	}
	started, err := StartTemporal(ctx, TemporalOptions{
		Dir: filepath.Join(s.Dir, "logs"), DB: s.options.TemporalDB, Port: s.options.Ports.Temporal, UIPort: s.options.Ports.TemporalUI,
		OwnServer: s.options.OwnTemporal, Progress: s.options.Progress,
	})
	if err != nil {
		return err
	}
	if started.Source == FromEnvironment {
		started.UIURL = s.options.TemporalUI
		if err := refuseServed(ctx, started); err != nil {
			return err
		}
	}
	s.Temporal = started
	s.Moved = append(s.Moved, started.Moved...)
	s.onClose("Temporal", func(context.Context) error { return started.Close() })
	if started.Source != FromEnvironment {
		return nil
	}
	s.onClose("the schedules and customers", s.deleteRounds) // after the worker, which would make them again
	return s.deleteRounds(ctx)
}

func (s *Stack) startStandIns(context.Context) error {
	token, err := keepSecret(s.secretFile("hillava-token"), func() string { return hex.EncodeToString(random(24)) })
	if err != nil {
		return err
	}
	webhookSecret, err := keepSecret(s.secretFile("webhook-secret"), newWebhookSecret)
	if err != nil {
		return err
	}
	if s.WebhookURL = s.options.WebhookURL; s.WebhookURL == "" {
		webhookPort, err := s.port("the webhook receiver", s.options.Ports.Webhook)
		if err != nil {
			return err
		}
		s.WebhookAddr = address(webhookPort)
		s.WebhookURL = "http://" + s.WebhookAddr + "/webhooks/hillava"
	}
	s.Tampuuri = tampuuri.New(tampuuri.Options{Ledger: s.Ledger, Faults: s.Faults})
	s.Hillava = hillava.New(hillava.Options{
		Token: token, Ledger: s.Ledger, Faults: s.Faults,
		Webhook: hillava.Webhook{URL: s.WebhookURL, Secret: webhookSecret, RetryEvery: s.options.WebhookRetryEvery},
	})
	s.onClose("Hillava's webhooks", func(context.Context) error { s.Hillava.Close(); return nil })
	if s.TampuuriPort, err = s.listen("Tampuuri", s.options.Ports.Tampuuri, s.Tampuuri); err != nil {
		return err
	}
	if s.HillavaPort, err = s.listen("Hillava", s.options.Ports.Hillava, s.Hillava); err != nil {
		return err
	}
	s.TampuuriURL = "http://" + s.TampuuriPort.Addr().String() + tampuuri.Base
	s.HillavaURL = "http://" + s.HillavaPort.Addr().String() + "/"
	return nil
}

// port chooses a port for something and remembers when it is not the one asked for.
func (s *Stack) port(what string, preferred int) (int, error) {
	port, moved, err := choosePort(preferred)
	if err != nil {
		return 0, err
	}
	if moved {
		s.Moved = append(s.Moved, fmt.Sprintf("port %d is taken: %s is on %d", preferred, what, port))
	}
	return port, nil
}

// listen serves a handler of this process.
func (s *Stack) listen(what string, preferred int, handler http.Handler) (*fault.Listener, error) {
	port, err := s.port(what, preferred)
	if err != nil {
		return nil, err
	}
	where := address(port)
	if s.options.IP != "" {
		where = net.JoinHostPort(s.options.IP, strconv.Itoa(port))
	}
	listener, err := fault.Listen(where)
	if err != nil {
		return nil, fmt.Errorf("serve %s: %w", what, err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ErrorLog: nil}
	go func() { _ = server.Serve(listener) }() // ends with ErrServerClosed at Close
	s.onClose(what, func(context.Context) error { return errors.Join(server.Close(), listener.Close()) })
	return listener, nil
}

func (s *Stack) prepareCustomers(context.Context) error {
	s.Hillava.SetProcess(hillava.DefaultProcess())
	s.Hillava.SetTaskType(hillava.DefaultTaskType())
	if err := s.addCustomers(s.Customers); err != nil {
		return err
	}
	return s.WriteCustomers(s.Customers)
}

func (s *Stack) startPage(ctx context.Context) error {
	if !s.options.Page {
		return nil
	}
	customers := []web.Customer{}
	for _, c := range s.Customers {
		if !c.NoAccount && !c.NoHillava {
			customers = append(customers, s.onPage(c))
		}
	}
	options := web.Options{
		Tampuuri: s.Tampuuri, Hillava: s.Hillava, Faults: s.Faults, Customers: customers,
		TemporalUI: s.Temporal.UIURL, Namespace: s.Temporal.Namespace, NewCustomer: s.newCustomer,
	}
	if s.Temporal.Address != "" { // else only the stand-ins run here
		connected, err := s.Client(ctx)
		if err != nil {
			return err
		}
		s.onClose("the page's connection to Temporal", func(context.Context) error { connected.Close(); return nil })
		options.Integration = &integration{stack: s, client: connected}
	}
	handler, err := web.NewHandler(options)
	if err != nil {
		return fmt.Errorf("prepare the page: %w", err)
	}
	listener, err := s.listen("the page", s.options.Ports.Page, handler)
	if err != nil {
		return err
	}
	s.PageURL = "http://" + listener.Addr().String()
	return nil
}

// onPage is a customer as the page has it.
func (s *Stack) onPage(c Customer) web.Customer {
	return web.Customer{
		Tunniste: c.Tunniste, Name: c.Name, HillavaID: s.HillavaCustomers[c.Tunniste], Performers: c.Performers, Properties: s.propertiesOf(c.Tunniste),
	}
}

func (s *Stack) secretFile(name string) string { return filepath.Join(s.Dir, "secrets", name) }
