package config

import (
	"net"
	"os"
	"time"

	"github.com/caarlos0/env/v11"
)

// Headers are the names of the five HTTP headers by which Tampuuri selects the customer.
type Headers struct{ Avain, Asiakas, Tili, Kayttajatunnus, Salasana string }

// Log says how much is logged, and how.
type Log struct {
	Level  string // debug, info, warn or error
	Format string // json or text
}

// Systems is what every program that calls Tampuuri or Hillava needs.
type Systems struct {
	TampuuriURL       string // base with a trailing slash
	HillavaURL        string // base with a trailing slash
	TampuuriHeaders   Headers
	HillavaToken      Secret // as it was at the start; TokenSource follows a file that changes
	AllowInsecureHTTP bool
	CustomersFile     string
	HTTPTimeout       time.Duration // of one request; the next two are of one request to that peer
	TampuuriTimeout   time.Duration
	HillavaTimeout    time.Duration
	PollEvery         time.Duration // the default of a customer's poll.every
	FingerprintKey    Secret        // at least 32 bytes; keys the hashes that Temporal may hold
	TampuuriLink      string        // optional link to a notice for people, with {id}
	HillavaLink       string        // optional link to a task for people, with {id}
	Log               Log

	tokenFile string
}

// CustomerDefaults gives what a customer's entry leaves out and the environment decides.
func (s Systems) CustomerDefaults() CustomerDefaults { return CustomerDefaults{PollEvery: s.PollEvery} }

// Worker is the configuration of the worker program.
type Worker struct {
	Systems
	SyncEvery      time.Duration
	ReconcileEvery time.Duration
	DeploymentName string // with BuildID: worker versioning is on; both or none are set
	BuildID        string
	OpsAddr        string
	NotifyURLs     []Secret // where people are told; they hold passwords and tokens
	NotifyQuiet    *Hours   // when people are not told; nil: they always are
}

// Serve is the configuration of starter serve, the webhook receiver.
type Serve struct {
	WebhookAddr    string
	OpsAddr        string
	WebhookSecrets []WebhookSecret // the current one, then the previous one while rotating
	TLS            TLSFiles        // of the webhook port; none: plain HTTP, for behind a proxy that ends TLS
	Log            Log
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

// Tools is the configuration of the starter's customers, notice and doctor commands. HillavaURL and HillavaToken may be
// empty: the command that needs one says so.
type Tools struct{ Systems }

// LoadWorker reads the worker's environment and checks that its customers file can be read. The error joins every
// problem found, one per line.
func LoadWorker() (Worker, error) { return loadWorker(environment()) }

// LoadServe reads the webhook receiver's environment. The error joins every problem found, one per line.
func LoadServe() (Serve, error) { return loadServe(environment()) }

// LoadTools reads the environment of the starter's other commands. The error joins every problem found, one per line;
// what could be read is returned with it, for doctor to go on.
func LoadTools() (Tools, error) { return loadTools(environment()) }

func environment() map[string]string { return env.ToMap(os.Environ()) }

func loadWorker(variables map[string]string) (Worker, error) {
	p := reading(variables)
	worker := p.worker()
	_, err := LoadCustomers(worker.CustomersFile, worker.CustomerDefaults())
	p.add(err)
	return worker, p.err()
}

func loadServe(variables map[string]string) (Serve, error) {
	p := reading(variables)
	serve := p.serve()
	return serve, p.err()
}

func loadTools(variables map[string]string) (Tools, error) {
	p := reading(variables)
	tools := p.tools()
	return tools, p.err()
}

func (p *problems) worker() Worker {
	worker := Worker{
		Systems:        p.systems(true),
		SyncEvery:      p.duration("SYNC_EVERY", 15*time.Minute),
		ReconcileEvery: p.duration("RECONCILE_EVERY", 15*time.Minute),
		OpsAddr:        p.address("OPS_ADDR", "127.0.0.1:9091"),
		NotifyURLs:     p.notifyURLs(),
		NotifyQuiet:    p.notifyQuiet(),
	}
	worker.DeploymentName, worker.BuildID = p.pair("WORKER_DEPLOYMENT_NAME", "WORKER_BUILD_ID", "set both for worker versioning, or none")
	// Temporal's worker controller sets these.
	deployment, build := p.pair("TEMPORAL_DEPLOYMENT_NAME", "TEMPORAL_WORKER_BUILD_ID", "set both for worker versioning, or none")
	if worker.DeploymentName == "" {
		worker.DeploymentName, worker.BuildID = deployment, build
	}
	worker.Log = p.log("json")
	return worker
}

func (p *problems) serve() Serve {
	serve := Serve{
		WebhookAddr: p.address("WEBHOOK_ADDR", "127.0.0.1:8088"),
		OpsAddr:     p.address("OPS_ADDR", "127.0.0.1:9092"),
		Log:         p.log("json"),
	}
	serve.TLS.CertFile, serve.TLS.KeyFile = p.pair("WEBHOOK_TLS_CERT_FILE", "WEBHOOK_TLS_KEY_FILE", "set both for TLS, or none behind a proxy that ends it")
	if serve.TLS.Enabled() {
		_, err := serve.TLS.load()
		p.add(err)
	}
	if serve.WebhookAddr != "" && serve.WebhookAddr == serve.OpsAddr && !anyPort(serve.OpsAddr) {
		p.addf("WEBHOOK_ADDR, OPS_ADDR: both are the same; health and metrics must not be where Hillava calls, set another OPS_ADDR")
	}
	for i, variable := range []string{"HILLAVA_WEBHOOK_SECRET", "HILLAVA_WEBHOOK_SECRET_PREVIOUS"} {
		if secret, from := p.credential(variable, i == 0); !secret.Empty() {
			serve.WebhookSecrets = append(serve.WebhookSecrets, WebhookSecret{Variable: from, Secret: secret})
		}
	}
	return serve
}

func (p *problems) tools() Tools {
	tools := Tools{Systems: p.systems(false)}
	tools.Log = p.log("text")
	return tools
}

// systems checks what worker and tools share. The worker needs address and secrets; for the tools they are optional.
func (p *problems) systems(worker bool) Systems {
	systems := Systems{
		AllowInsecureHTTP: p.flag("ALLOW_INSECURE_HTTP"),
		CustomersFile:     p.text("CUSTOMERS_FILE", "customers.yaml"),
		HTTPTimeout:       p.duration("HTTP_TIMEOUT", 10*time.Second),
		PollEvery:         p.duration("POLL_EVERY", 5*time.Minute),
		TampuuriLink:      p.link("TAMPUURI_LINK"),
		HillavaLink:       p.link("HILLAVA_LINK"),
		TampuuriHeaders:   p.headers(),
		FingerprintKey:    p.secret("FINGERPRINT_KEY", worker),
		tokenFile:         p.text("HILLAVA_TOKEN_FILE", ""),
	}
	systems.TampuuriTimeout = p.duration("TAMPUURI_TIMEOUT", systems.HTTPTimeout)
	systems.HillavaTimeout = p.duration("HILLAVA_TIMEOUT", systems.HTTPTimeout)
	systems.TampuuriURL = p.base("TAMPUURI_URL", "https://api.tampuuri.fi/v10/api/", systems.AllowInsecureHTTP)
	systems.HillavaURL = p.base("HILLAVA_URL", "", systems.AllowInsecureHTTP)
	if worker && p.text("HILLAVA_URL", "") == "" {
		p.of("HILLAVA_URL", "is not set; set it to the address of your Hillava")
	}
	systems.HillavaToken, _ = p.credential("HILLAVA_TOKEN", worker)
	if key := systems.FingerprintKey; !key.Empty() && len(key.Reveal()) < minFingerprintKey {
		p.addf("FINGERPRINT_KEY: has %d bytes; it needs at least %d, for example from `openssl rand -hex 32`", len(key.Reveal()), minFingerprintKey)
	}
	return systems
}
