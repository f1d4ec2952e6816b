package config

import (
	"errors"
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
	HTTPTimeout       time.Duration
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
func LoadWorker() (Worker, error) { return loadWorker(env.ToMap(os.Environ())) }

// LoadServe reads the webhook receiver's environment. The error joins every problem found, one per line.
func LoadServe() (Serve, error) { return loadServe(env.ToMap(os.Environ())) }

// LoadTools reads the environment of the starter's other commands. The error joins every problem found, one per line;
// what could be read is returned with it, for doctor to go on.
func LoadTools() (Tools, error) { return loadTools(env.ToMap(os.Environ())) }

// The structs below are the environment as it is written; the exported ones above are what it means. Their tags are also
// the list of variables that exist, see unknown.go.

type systemsEnvironment struct {
	TampuuriURL          string        `env:"TAMPUURI_URL,notEmpty" envDefault:"https://api.tampuuri.fi/v10/api/"`
	HeaderAvain          string        `env:"TAMPUURI_HEADER_AVAIN,notEmpty" envDefault:"X-TampuuriAvain"`
	HeaderAsiakas        string        `env:"TAMPUURI_HEADER_ASIAKAS,notEmpty" envDefault:"X-AsiakasNimi"`
	HeaderTili           string        `env:"TAMPUURI_HEADER_TILI,notEmpty" envDefault:"X-TilinNimi"`
	HeaderKayttajatunnus string        `env:"TAMPUURI_HEADER_KAYTTAJATUNNUS,notEmpty" envDefault:"X-Kayttajatunnus"`
	HeaderSalasana       string        `env:"TAMPUURI_HEADER_SALASANA,notEmpty" envDefault:"X-Salasana"`
	TampuuriLink         string        `env:"TAMPUURI_LINK"`
	HillavaLink          string        `env:"HILLAVA_LINK"`
	HillavaToken         string        `env:"HILLAVA_TOKEN"`
	HillavaTokenFile     string        `env:"HILLAVA_TOKEN_FILE"`
	FingerprintKey       string        `env:"FINGERPRINT_KEY"`
	FingerprintKeyFile   string        `env:"FINGERPRINT_KEY_FILE"`
	AllowInsecureHTTP    bool          `env:"ALLOW_INSECURE_HTTP" envDefault:"false"`
	CustomersFile        string        `env:"CUSTOMERS_FILE,notEmpty" envDefault:"customers.yaml"`
	HTTPTimeout          time.Duration `env:"HTTP_TIMEOUT,notEmpty" envDefault:"10s"`
	PollEvery            time.Duration `env:"POLL_EVERY,notEmpty" envDefault:"5m"`
}

type workerEnvironment struct {
	Systems        systemsEnvironment
	HillavaURL     string        `env:"HILLAVA_URL,required,notEmpty"`
	SyncEvery      time.Duration `env:"SYNC_EVERY,notEmpty" envDefault:"15m"`
	ReconcileEvery time.Duration `env:"RECONCILE_EVERY,notEmpty" envDefault:"15m"`
	DeploymentName string        `env:"WORKER_DEPLOYMENT_NAME"`
	BuildID        string        `env:"WORKER_BUILD_ID"`
	OpsAddr        string        `env:"OPS_ADDR,notEmpty" envDefault:"127.0.0.1:9091"`
	LogLevel       string        `env:"LOG_LEVEL,notEmpty" envDefault:"info"`
	LogFormat      string        `env:"LOG_FORMAT,notEmpty" envDefault:"json"`
}

type serveEnvironment struct {
	WebhookAddr        string `env:"WEBHOOK_ADDR,notEmpty" envDefault:"127.0.0.1:8088"`
	OpsAddr            string `env:"OPS_ADDR,notEmpty" envDefault:"127.0.0.1:9092"`
	Secret             string `env:"HILLAVA_WEBHOOK_SECRET"`
	SecretFile         string `env:"HILLAVA_WEBHOOK_SECRET_FILE"`
	PreviousSecret     string `env:"HILLAVA_WEBHOOK_SECRET_PREVIOUS"`
	PreviousSecretFile string `env:"HILLAVA_WEBHOOK_SECRET_PREVIOUS_FILE"`
	TLSCertFile        string `env:"WEBHOOK_TLS_CERT_FILE"`
	TLSKeyFile         string `env:"WEBHOOK_TLS_KEY_FILE"`
	LogLevel           string `env:"LOG_LEVEL,notEmpty" envDefault:"info"`
	LogFormat          string `env:"LOG_FORMAT,notEmpty" envDefault:"json"`
}

type toolsEnvironment struct {
	Systems    systemsEnvironment
	HillavaURL string `env:"HILLAVA_URL"`
	LogLevel   string `env:"LOG_LEVEL,notEmpty" envDefault:"info"`
	LogFormat  string `env:"LOG_FORMAT,notEmpty" envDefault:"text"`
}

func loadWorker(variables map[string]string) (Worker, error) {
	var raw workerEnvironment
	p := parse(&raw, variables)
	worker := Worker{
		Systems:        p.systems(raw.Systems, true),
		SyncEvery:      p.duration("SYNC_EVERY", raw.SyncEvery),
		ReconcileEvery: p.duration("RECONCILE_EVERY", raw.ReconcileEvery),
		DeploymentName: raw.DeploymentName,
		BuildID:        raw.BuildID,
		OpsAddr:        p.address("OPS_ADDR", raw.OpsAddr, "127.0.0.1:9091"),
	}
	worker.HillavaURL = p.base("HILLAVA_URL", raw.HillavaURL, raw.Systems.AllowInsecureHTTP)
	worker.Log = p.log(raw.LogLevel, raw.LogFormat)
	if (raw.DeploymentName == "") != (raw.BuildID == "") {
		p.addf("WORKER_DEPLOYMENT_NAME, WORKER_BUILD_ID: only one is set; set both for worker versioning, or none")
	}
	if worker.CustomersFile != "" {
		_, err := LoadCustomers(worker.CustomersFile, worker.CustomerDefaults())
		p.add(err)
	}
	return worker, p.err()
}

func loadServe(variables map[string]string) (Serve, error) {
	var raw serveEnvironment
	p := parse(&raw, variables)
	serve := Serve{
		WebhookAddr: p.address("WEBHOOK_ADDR", raw.WebhookAddr, "127.0.0.1:8088"),
		OpsAddr:     p.address("OPS_ADDR", raw.OpsAddr, "127.0.0.1:9092"),
		TLS:         TLSFiles{CertFile: raw.TLSCertFile, KeyFile: raw.TLSKeyFile},
		Log:         p.log(raw.LogLevel, raw.LogFormat),
	}
	switch {
	case (raw.TLSCertFile == "") != (raw.TLSKeyFile == ""):
		p.addf("WEBHOOK_TLS_CERT_FILE, WEBHOOK_TLS_KEY_FILE: only one is set; set both for TLS, or none behind a proxy that ends it")
	case serve.TLS.Enabled():
		_, err := serve.TLS.load()
		p.add(err)
	}
	if serve.WebhookAddr != "" && serve.WebhookAddr == serve.OpsAddr && !anyPort(serve.OpsAddr) {
		p.addf("WEBHOOK_ADDR, OPS_ADDR: both are the same; health and metrics must not be where Hillava calls, set another OPS_ADDR")
	}
	serve.WebhookSecrets = append(p.webhookSecret("HILLAVA_WEBHOOK_SECRET", raw.Secret, raw.SecretFile, true),
		p.webhookSecret("HILLAVA_WEBHOOK_SECRET_PREVIOUS", raw.PreviousSecret, raw.PreviousSecretFile, false)...)
	return serve, p.err()
}

// webhookSecret gives the secret with the variable that it came from; none when it is not set or cannot be read.
func (p *problems) webhookSecret(variable, value, file string, required bool) []WebhookSecret {
	secret := p.secret(variable, value, file, required)
	if secret.Empty() {
		return nil
	}
	if file != "" {
		variable += "_FILE"
	}
	return []WebhookSecret{{Variable: variable, Secret: secret}}
}

func loadTools(variables map[string]string) (Tools, error) {
	var raw toolsEnvironment
	p := parse(&raw, variables)
	tools := Tools{Systems: p.systems(raw.Systems, false)}
	if raw.HillavaURL != "" {
		tools.HillavaURL = p.base("HILLAVA_URL", raw.HillavaURL, raw.Systems.AllowInsecureHTTP)
	}
	tools.Log = p.log(raw.LogLevel, raw.LogFormat)
	return tools, p.err()
}

// systems checks what worker and tools share. The worker needs the secrets; for the tools they are optional.
func (p *problems) systems(raw systemsEnvironment, needSecrets bool) Systems {
	systems := Systems{
		TampuuriURL: p.base("TAMPUURI_URL", raw.TampuuriURL, raw.AllowInsecureHTTP),
		TampuuriHeaders: Headers{
			Avain: raw.HeaderAvain, Asiakas: raw.HeaderAsiakas, Tili: raw.HeaderTili,
			Kayttajatunnus: raw.HeaderKayttajatunnus, Salasana: raw.HeaderSalasana,
		},
		HillavaToken:      p.secret("HILLAVA_TOKEN", raw.HillavaToken, raw.HillavaTokenFile, needSecrets),
		AllowInsecureHTTP: raw.AllowInsecureHTTP,
		CustomersFile:     raw.CustomersFile,
		HTTPTimeout:       p.duration("HTTP_TIMEOUT", raw.HTTPTimeout),
		PollEvery:         p.duration("POLL_EVERY", raw.PollEvery),
		FingerprintKey:    p.secret("FINGERPRINT_KEY", raw.FingerprintKey, raw.FingerprintKeyFile, needSecrets),
		TampuuriLink:      p.link("TAMPUURI_LINK", raw.TampuuriLink),
		HillavaLink:       p.link("HILLAVA_LINK", raw.HillavaLink),
		tokenFile:         raw.HillavaTokenFile,
	}
	p.headers(systems.TampuuriHeaders)
	if !systems.HillavaToken.sendable() {
		variable := "HILLAVA_TOKEN"
		if systems.tokenFile != "" {
			variable += "_FILE"
		}
		p.of(variable, "has a line break or another control character in it; remove it")
		systems.HillavaToken = Secret{}
	}
	if key := systems.FingerprintKey; !key.Empty() && len(key.Reveal()) < minFingerprintKey {
		p.addf("FINGERPRINT_KEY: has %d bytes; it needs at least %d, for example from `openssl rand -hex 32`", len(key.Reveal()), minFingerprintKey)
	}
	return systems
}

// err joins what was found; nil when nothing was.
func (p *problems) err() error { return errors.Join(p.found...) }
