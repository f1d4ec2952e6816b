package config

import (
	"cmp"
	"errors"
	"net"
	"os"
	"time"

	"github.com/caarlos0/env/v11"

	"tampuuri-hillava/internal/speech"
)

// Headers are the names of the five HTTP headers by which Tampuuri selects the customer.
type Headers struct {
	Avain          string `env:"TAMPUURI_HEADER_AVAIN" envDefault:"X-TampuuriAvain"`
	Asiakas        string `env:"TAMPUURI_HEADER_ASIAKAS" envDefault:"X-AsiakasNimi"`
	Tili           string `env:"TAMPUURI_HEADER_TILI" envDefault:"X-TilinNimi"`
	Kayttajatunnus string `env:"TAMPUURI_HEADER_KAYTTAJATUNNUS" envDefault:"X-Kayttajatunnus"`
	Salasana       string `env:"TAMPUURI_HEADER_SALASANA" envDefault:"X-Salasana"`
}

// Log says how much is logged, and how.
type Log struct {
	Level  string `env:"LOG_LEVEL" envDefault:"info"` // debug, info, warn or error
	Format string `env:"LOG_FORMAT"`                  // json or text
}

const maxConnections = 64

// Systems is what every program that calls Tampuuri or Hillava needs.
type Systems struct {
	TampuuriURL       string `env:"TAMPUURI_URL" envDefault:"https://api.tampuuri.fi/v10/api/"` // base with a trailing slash
	HillavaURL        string `env:"HILLAVA_URL"`                                                // base with a trailing slash
	TampuuriHeaders   Headers
	HillavaToken      Secret        `env:"HILLAVA_TOKEN"` // as it was at the start; TokenSource follows a file that changes
	AllowInsecureHTTP bool          `env:"ALLOW_INSECURE_HTTP"`
	CustomersFile     string        `env:"CUSTOMERS_FILE" envDefault:"customers.yaml"`
	HTTPTimeout       time.Duration `env:"HTTP_TIMEOUT" envDefault:"10s"` // of one request; the next two are of one request to that peer
	TampuuriTimeout   time.Duration `env:"TAMPUURI_TIMEOUT"`
	HillavaTimeout    time.Duration `env:"HILLAVA_TIMEOUT"`
	// Calls that a program has under way at once in one customer's Tampuuri, at most maxConnections.
	TampuuriConnections int           `env:"TAMPUURI_CONNECTIONS" envDefault:"16"`
	PollEvery           time.Duration `env:"POLL_EVERY" envDefault:"5m"` // the default of a customer's poll.every
	FingerprintKey      Secret        `env:"FINGERPRINT_KEY"`            // at least 32 bytes; keys the hashes that Temporal may hold
	TampuuriLink        string        `env:"TAMPUURI_LINK"`              // optional link to a notice for people, with {id}
	HillavaLink         string        `env:"HILLAVA_LINK"`               // optional link to a task for people, with {id}
	Log                 Log
	Exposed             []Exposed `env:"-"` // secret files that strangers may read

	tokenFile string
}

// Worker is the configuration of the worker program.
type Worker struct {
	Systems
	SyncEvery      time.Duration `env:"SYNC_EVERY" envDefault:"15m"`
	ReconcileEvery time.Duration `env:"RECONCILE_EVERY" envDefault:"15m"`
	DeploymentName string        `env:"WORKER_DEPLOYMENT_NAME"` // with BuildID: worker versioning is on; both or none are set
	BuildID        string        `env:"WORKER_BUILD_ID"`
	Controller     struct {      // what Temporal's worker controller calls the two above
		DeploymentName string `env:"TEMPORAL_DEPLOYMENT_NAME"`
		BuildID        string `env:"TEMPORAL_WORKER_BUILD_ID"`
	}
	Traces        Traces
	CachedNotices int             `env:"WORKER_CACHED_NOTICES" envDefault:"1500"` // how many workflows stay in memory between two of their steps
	OpsAddr       string          `env:"OPS_ADDR" envDefault:"127.0.0.1:9091"`
	NotifyURLs    []Secret        `env:"NOTIFY_URLS"`                 // where people are told; they hold passwords and tokens
	NotifyLang    speech.Language `env:"NOTIFY_LANG" envDefault:"en"` // in which language
	NotifyQuiet   *Hours          `env:"NOTIFY_QUIET"`                // when people are not told; nil: they always are
	NotifyDaily   *Daily          `env:"NOTIFY_DAILY"`                // when they are told how things stand; nil: never
}

// Serve is the configuration of starter serve, the webhook receiver.
type Serve struct {
	WebhookAddr    string          `env:"WEBHOOK_ADDR" envDefault:"127.0.0.1:8088"`
	OpsAddr        string          `env:"OPS_ADDR" envDefault:"127.0.0.1:9092"`
	Secret         Secret          `env:"HILLAVA_WEBHOOK_SECRET"`
	Previous       Secret          `env:"HILLAVA_WEBHOOK_SECRET_PREVIOUS"`
	WebhookSecrets []WebhookSecret `env:"-"` // both with where they were set: the current one, then the previous one while rotating
	TLS            TLSFiles        // of the webhook port; none: plain HTTP, for behind a proxy that ends TLS
	Traces         Traces
	Log            Log
	Exposed        []Exposed `env:"-"` // secret files that strangers may read
}

// PlainToOthers reports whether other machines can reach the webhook port without TLS. It is not refused: a proxy that
// ends TLS may stand before it, in a container's network for example, where loopback would not do.
func (s Serve) PlainToOthers() bool {
	host, _, err := net.SplitHostPort(s.WebhookAddr)
	return err == nil && !loopback(host) && !s.TLS.Enabled()
}

// WebhookSecret is a secret that Hillava signs with (whsec_…), and where it was set: whoever finds it faulty says so.
type WebhookSecret struct {
	Variable string // HILLAVA_WEBHOOK_SECRET, …_PREVIOUS, or the _FILE of either
	Secret   Secret
}

// LoadWorker reads the worker's environment and checks that its customers file can be read. The error joins every
// problem found, one per line.
func LoadWorker() (Worker, error) { return loadWorker(environment()) }

// LoadServe reads the webhook receiver's environment. The error joins every problem found, one per line.
func LoadServe() (Serve, error) { return loadServe(environment()) }

// LoadTools reads the environment of the starter's other commands. HillavaURL and HillavaToken may be empty: the command
// that needs one says so. The error joins every problem found, one per line; what could be read is returned with it, for
// doctor to go on.
func LoadTools() (Systems, error) { return loadTools(environment()) }

func environment() map[string]string { return env.ToMap(os.Environ()) }

func loadWorker(variables map[string]string) (Worker, error) {
	p := problems{variables: variables}
	var worker Worker
	p.parse(&worker)
	p.require("HILLAVA_URL", "HILLAVA_TOKEN", "FINGERPRINT_KEY")
	p.systems(&worker.Systems, "json")
	worker.DeploymentName = p.twins("WORKER_DEPLOYMENT_NAME", "TEMPORAL_DEPLOYMENT_NAME")
	worker.BuildID = p.twins("WORKER_BUILD_ID", "TEMPORAL_WORKER_BUILD_ID")
	p.pair("WORKER_DEPLOYMENT_NAME (or TEMPORAL_DEPLOYMENT_NAME), WORKER_BUILD_ID (or TEMPORAL_WORKER_BUILD_ID)",
		worker.DeploymentName, worker.BuildID, "set both for worker versioning, or none")
	p.address("OPS_ADDR", worker.OpsAddr, "127.0.0.1:9091")
	p.traces(worker.Traces)
	if quiet := worker.NotifyQuiet; quiet != nil && *quiet == (Hours{}) { // the whole day in other places
		worker.NotifyQuiet = nil
	}
	_, err := LoadCustomers(worker.CustomersFile, worker.PollEvery)
	p.add(err)
	return worker, p.err()
}

func loadServe(variables map[string]string) (Serve, error) {
	p := problems{variables: variables}
	var serve Serve
	p.parse(&serve)
	p.require("HILLAVA_WEBHOOK_SECRET")
	p.address("WEBHOOK_ADDR", serve.WebhookAddr, "127.0.0.1:8088")
	p.address("OPS_ADDR", serve.OpsAddr, "127.0.0.1:9092")
	p.log(&serve.Log, "json")
	p.traces(serve.Traces)
	p.pair("WEBHOOK_TLS_CERT_FILE, WEBHOOK_TLS_KEY_FILE", serve.TLS.CertFile, serve.TLS.KeyFile, "set both for TLS, or none behind a proxy that ends it")
	if serve.TLS.Enabled() {
		_, exposed, err := serve.TLS.load()
		p.exposes(exposed)
		p.add(err)
	}
	if serve.WebhookAddr == serve.OpsAddr && !anyPort(serve.OpsAddr) {
		p.add(errors.New("WEBHOOK_ADDR, OPS_ADDR: both are the same; health and metrics must not be where Hillava calls, set another OPS_ADDR"))
	}
	for _, one := range []WebhookSecret{{"HILLAVA_WEBHOOK_SECRET", serve.Secret}, {"HILLAVA_WEBHOOK_SECRET_PREVIOUS", serve.Previous}} {
		if one.Variable = p.credential(one.Variable, &one.Secret); !one.Secret.Empty() {
			serve.WebhookSecrets = append(serve.WebhookSecrets, one)
		}
	}
	serve.Exposed = p.exposed
	return serve, p.err()
}

func loadTools(variables map[string]string) (Systems, error) {
	p := problems{variables: variables}
	var systems Systems
	p.parse(&systems)
	p.systems(&systems, "text")
	return systems, p.err()
}

// systems checks what worker and tools share. The worker needs address and secrets; for the tools they are optional.
func (p *problems) systems(s *Systems, logFormat string) {
	s.Exposed = p.exposed
	p.log(&s.Log, logFormat)
	s.TampuuriTimeout = cmp.Or(s.TampuuriTimeout, s.HTTPTimeout)
	s.HillavaTimeout = cmp.Or(s.HillavaTimeout, s.HTTPTimeout)
	if s.TampuuriConnections > maxConnections {
		p.of("TAMPUURI_CONNECTIONS", "is %d; at most %d calls are under way at once", s.TampuuriConnections, maxConnections)
	}
	s.TampuuriURL = p.base("TAMPUURI_URL", s.TampuuriURL, s.AllowInsecureHTTP)
	s.HillavaURL = p.base("HILLAVA_URL", s.HillavaURL, s.AllowInsecureHTTP)
	p.link("TAMPUURI_LINK", &s.TampuuriLink)
	p.link("HILLAVA_LINK", &s.HillavaLink)
	p.headers(s.TampuuriHeaders)
	p.credential("HILLAVA_TOKEN", &s.HillavaToken)
	s.tokenFile = p.variables["HILLAVA_TOKEN_FILE"]
	if key := s.FingerprintKey; !key.Empty() && len(key.Reveal()) < minFingerprintKey {
		p.of("FINGERPRINT_KEY", "is too short, %d of at least %d bytes; make one, for example with `openssl rand -hex 32`", len(key.Reveal()), minFingerprintKey)
	}
}
