package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const testKey = "0123456789abcdef0123456789abcdef"

// writeFile writes a file that only its owner may read, and gives its path.
func writeFile(t *testing.T, folder, name, content string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// workerVariables is the least environment with which a worker starts.
func workerVariables(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{
		"HILLAVA_URL":     "https://hillava.example/",
		"HILLAVA_TOKEN":   "token-value",
		"FINGERPRINT_KEY": testKey,
		"CUSTOMERS_FILE":  writeFile(t, t.TempDir(), "customers.yaml", "customers: []\n"),
	}
}

func TestWorkerStartsWithTheLeastEnvironmentAndTheDefaultsOfTheContract(t *testing.T) {
	worker, err := loadWorker(workerVariables(t))
	require.NoError(t, err)
	require.Equal(t, "https://api.tampuuri.fi/v10/api/", worker.TampuuriURL)
	require.Equal(t, Headers{"X-TampuuriAvain", "X-AsiakasNimi", "X-TilinNimi", "X-Kayttajatunnus", "X-Salasana"}, worker.TampuuriHeaders)
	require.Equal(t, "token-value", worker.TokenSource()())
	require.Equal(t, 10*time.Second, worker.HTTPTimeout)
	require.Equal(t, 5*time.Minute, worker.CustomerDefaults().PollEvery)
	require.Equal(t, 15*time.Minute, worker.SyncEvery)
	require.Equal(t, 15*time.Minute, worker.ReconcileEvery)
	require.Equal(t, "127.0.0.1:9091", worker.OpsAddr)
	require.Equal(t, Log{Level: "info", Format: "json"}, worker.Log)
}

func TestEveryBadVariableOfTheWorkerIsNamedWithWhatToDo(t *testing.T) {
	secret := "s3cret-that-must-not-be-shown"
	for name, row := range map[string]struct {
		set  map[string]string
		want string
	}{
		"missing URL":             {map[string]string{"HILLAVA_URL": "-"}, "HILLAVA_URL: is not set; set it"},
		"empty URL":               {map[string]string{"HILLAVA_URL": ""}, "HILLAVA_URL: is empty"},
		"URL without host":        {map[string]string{"HILLAVA_URL": "hillava.example"}, "HILLAVA_URL: is not a URL"},
		"URL of another scheme":   {map[string]string{"HILLAVA_URL": "ftp://hillava.example/"}, "HILLAVA_URL: is not a URL"},
		"URL with a password":     {map[string]string{"HILLAVA_URL": "https://u:" + secret + "@h.example/"}, "HILLAVA_URL: must hold no user"},
		"plain http elsewhere":    {map[string]string{"TAMPUURI_URL": "http://10.0.0.5/"}, "ALLOW_INSECURE_HTTP=true"},
		"missing token":           {map[string]string{"HILLAVA_TOKEN": "-"}, "HILLAVA_TOKEN: is not set; set it, or HILLAVA_TOKEN_FILE"},
		"empty token":             {map[string]string{"HILLAVA_TOKEN": ""}, "HILLAVA_TOKEN: is not set"},
		"token twice":             {map[string]string{"HILLAVA_TOKEN": secret, "HILLAVA_TOKEN_FILE": "/nowhere"}, "set only one of them"},
		"token file missing":      {map[string]string{"HILLAVA_TOKEN": "-", "HILLAVA_TOKEN_FILE": "/nowhere/token"}, "HILLAVA_TOKEN_FILE: open /nowhere/token"},
		"token of two lines":      {map[string]string{"HILLAVA_TOKEN": secret + "\n" + secret}, "HILLAVA_TOKEN: has a line break or another control character"},
		"token with an escape":    {map[string]string{"HILLAVA_TOKEN": "\x1b[31m" + secret}, "HILLAVA_TOKEN: has a line break or another control character"},
		"token file of two lines": {map[string]string{"HILLAVA_TOKEN": "-", "HILLAVA_TOKEN_FILE": writeFile(t, t.TempDir(), "token", secret+"\r\n"+secret+"\n")}, "HILLAVA_TOKEN_FILE: has a line break"},
		"short key":               {map[string]string{"FINGERPRINT_KEY": secret}, "needs at least 32"},
		"no customers file":       {map[string]string{"CUSTOMERS_FILE": "/nowhere/customers.yaml"}, "read the customers file"},
		"bad duration":            {map[string]string{"HTTP_TIMEOUT": "10"}, "HTTP_TIMEOUT: cannot be read; it must be a duration"},
		"zero duration":           {map[string]string{"POLL_EVERY": "0s"}, "POLL_EVERY: must be more than zero"},
		"bad bool":                {map[string]string{"ALLOW_INSECURE_HTTP": "perhaps"}, "ALLOW_INSECURE_HTTP: cannot be read; it must be true or false"},
		"bad address":             {map[string]string{"OPS_ADDR": "9091"}, "OPS_ADDR: is not an address"},
		"half of versioning":      {map[string]string{"WORKER_BUILD_ID": "v1"}, "set both for worker versioning"},
		"header with an umlaut":   {map[string]string{"TAMPUURI_HEADER_KAYTTAJATUNNUS": "X-Käyttäjätunnus"}, "TAMPUURI_HEADER_KAYTTAJATUNNUS: is not a name that HTTP allows"},
		"two headers of one name": {map[string]string{"TAMPUURI_HEADER_TILI": "x-salasana"}, "the five names must differ"},
		"bad log level":           {map[string]string{"LOG_LEVEL": "loud"}, "LOG_LEVEL: must be debug"},
		"bad log format":          {map[string]string{"LOG_FORMAT": "xml"}, "LOG_FORMAT: must be json"},
		"link without id":         {map[string]string{"TAMPUURI_LINK": "https://tampuuri.example/"}, "TAMPUURI_LINK: must be a link with {id}"},
		"misspelt first word":     {map[string]string{"FINGERPRNT_KEY": secret, "HILAVA": "x"}, "FINGERPRNT_KEY: no program of ours knows this variable; did you mean FINGERPRINT_KEY?"},
		"misspelt name":           {map[string]string{"HILLAVA_TOKN": secret}, "HILLAVA_TOKN: no program of ours knows this variable; did you mean HILLAVA_TOKEN?"},
		"misspelt level":          {map[string]string{"LOG_LEVL": "debug"}, "LOG_LEVL: no program of ours knows this variable; did you mean LOG_LEVEL?"},
		"misspelt format":         {map[string]string{"LOG_FROMAT": "text"}, "did you mean LOG_FORMAT?"},
		"misspelt timeout":        {map[string]string{"HTTP_TIMEOUTS": "1s"}, "did you mean HTTP_TIMEOUT?"},
		"misspelt ops":            {map[string]string{"OPS_ADR": "127.0.0.1:1"}, "did you mean OPS_ADDR?"},
		"unknown name":            {map[string]string{"WORKER_FAVOURITE_COLOUR": "x"}, "WORKER_FAVOURITE_COLOUR: no program of ours knows this variable; remove it"},
		"longer name":             {map[string]string{"HILLAVA_TOKEN_LOCATION": "x"}, "did you mean HILLAVA_TOKEN?"},
		"port by hand":            {map[string]string{"WEBHOOK_PORT": "8088"}, "WEBHOOK_PORT: no program of ours knows"},
	} {
		t.Run(name, func(t *testing.T) {
			variables := workerVariables(t)
			for key, value := range row.set {
				if value == "-" {
					delete(variables, key)
				} else {
					variables[key] = value
				}
			}
			_, err := loadWorker(variables)
			require.ErrorContains(t, err, row.want)
			require.NotContains(t, err.Error(), secret)
			require.Len(t, strings.Split(err.Error(), "\n"), 1, "one problem is one line")
		})
	}
}

func TestAllProblemsOfAnEnvironmentAreReportedAtOnce(t *testing.T) {
	_, err := loadWorker(map[string]string{"HTTP_TIMEOUT": "soon", "LOG_LEVEL": "loud", "POLL_EVRY": "5m", "CUSTOMERS_FILE": "/nowhere"})
	require.Error(t, err)
	for _, part := range []string{"HILLAVA_URL", "HILLAVA_TOKEN", "FINGERPRINT_KEY", "HTTP_TIMEOUT", "LOG_LEVEL", "did you mean POLL_EVERY", "CUSTOMERS_FILE"} {
		require.ErrorContains(t, err, part)
	}
	require.Len(t, strings.Split(err.Error(), "\n"), 7)
}

func TestAnEmptyVariableWithADefaultTakesIt(t *testing.T) {
	variables := workerVariables(t)
	variables["HTTP_TIMEOUT"], variables["OPS_ADDR"], variables["TAMPUURI_URL"] = "", "", ""
	worker, err := loadWorker(variables)
	require.NoError(t, err)
	require.Equal(t, 10*time.Second, worker.HTTPTimeout)
	require.Equal(t, "127.0.0.1:9091", worker.OpsAddr)
}

func TestHTTPIsAllowedTowardsLoopbackOrByTheSwitch(t *testing.T) {
	for _, address := range []string{"http://localhost:8080", "http://127.0.0.1:1/", "http://[::1]:8080/x"} {
		variables := workerVariables(t)
		variables["HILLAVA_URL"] = address
		worker, err := loadWorker(variables)
		require.NoError(t, err, address)
		require.True(t, strings.HasSuffix(worker.HillavaURL, "/"))
	}
	variables := workerVariables(t)
	variables["HILLAVA_URL"], variables["ALLOW_INSECURE_HTTP"] = "http://hillava:8080", "true"
	_, err := loadWorker(variables)
	require.NoError(t, err)
}

func TestVariablesOfOurOtherProgramsAndOfKubernetesAreNotUnknown(t *testing.T) {
	variables := workerVariables(t)
	for key, value := range map[string]string{
		"WEBHOOK_ADDR": "127.0.0.1:1", "HILLAVA_WEBHOOK_SECRET": "x", "HILLAVA_WEBHOOK_SECRET_PREVIOUS_FILE": "x",
		"WORKER_SERVICE_HOST": "10.0.0.1", "WORKER_SERVICE_PORT_HTTP": "80", "WEBHOOK_PORT": "tcp://10.0.0.1:80",
		"WEBHOOK_PORT_80_TCP_ADDR": "10.0.0.1", "HTTP_PROXY": "http://proxy", "PATH": "/bin",
		"HTTPS_PROXY": "http://proxy", "HTTP_PORT": "80", "LOG_FILE": "x", "LOG_LEVEL_ROOT": "x", "LOG_DIR": "x", "OPS_TEAM": "x", "LOGLEVEL": "x",
	} {
		variables[key] = value
	}
	_, err := loadWorker(variables)
	require.NoError(t, err)
}

func TestServeTakesTheCurrentAndThePreviousSecret(t *testing.T) {
	previous := writeFile(t, t.TempDir(), "previous", "whsec_old\n")
	serve, err := loadServe(map[string]string{"HILLAVA_WEBHOOK_SECRET": "whsec_new", "HILLAVA_WEBHOOK_SECRET_PREVIOUS_FILE": previous})
	require.NoError(t, err)
	require.Len(t, serve.WebhookSecrets, 2)
	require.Equal(t, "whsec_new", serve.WebhookSecrets[0].Secret.Reveal())
	require.Equal(t, "HILLAVA_WEBHOOK_SECRET", serve.WebhookSecrets[0].Variable)
	require.Equal(t, "whsec_old", serve.WebhookSecrets[1].Secret.Reveal())
	require.Equal(t, "HILLAVA_WEBHOOK_SECRET_PREVIOUS_FILE", serve.WebhookSecrets[1].Variable)
	require.Equal(t, "127.0.0.1:8088", serve.WebhookAddr)
	require.Equal(t, "127.0.0.1:9092", serve.OpsAddr)
}

func TestServeNeedsASecretAndAnOpsAddressOfItsOwn(t *testing.T) {
	_, err := loadServe(map[string]string{"WEBHOOK_ADDR": ":8088", "OPS_ADDR": ":8088"})
	require.ErrorContains(t, err, "HILLAVA_WEBHOOK_SECRET: is not set")
	require.ErrorContains(t, err, "set another OPS_ADDR")
	_, err = loadServe(map[string]string{"WEBHOOK_ADDR": "127.0.0.1:0", "OPS_ADDR": "127.0.0.1:0", "HILLAVA_WEBHOOK_SECRET": "x"})
	require.NoError(t, err)
}

func TestABadAddressIsToldItsOwnDefault(t *testing.T) {
	_, err := loadServe(map[string]string{"WEBHOOK_ADDR": "8088", "OPS_ADDR": "localhost", "HILLAVA_WEBHOOK_SECRET": "x"})
	require.ErrorContains(t, err, "WEBHOOK_ADDR: is not an address to listen on; it must be like 127.0.0.1:8088")
	require.ErrorContains(t, err, "OPS_ADDR: is not an address to listen on; it must be like 127.0.0.1:9092")
	variables := workerVariables(t)
	variables["OPS_ADDR"] = "9091"
	_, err = loadWorker(variables)
	require.ErrorContains(t, err, "OPS_ADDR: is not an address to listen on; it must be like 127.0.0.1:9091")
}

func TestServeKnowsWhetherOthersReachItInPlainText(t *testing.T) {
	certified := TLSFiles{CertFile: "cert", KeyFile: "key"}
	for _, row := range []struct {
		address string
		tls     TLSFiles
		plain   bool
	}{
		{"0.0.0.0:8088", TLSFiles{}, true}, {":8088", TLSFiles{}, true}, {"[::]:8088", TLSFiles{}, true}, {"192.0.2.1:8088", TLSFiles{}, true},
		{"0.0.0.0:8088", certified, false}, {"127.0.0.1:8088", TLSFiles{}, false}, {"[::1]:8088", TLSFiles{}, false}, {"localhost:8088", TLSFiles{}, false},
	} {
		require.Equal(t, row.plain, Serve{WebhookAddr: row.address, TLS: row.tls}.PlainToOthers(), row.address)
	}
}

func TestToolsStartWithNothingSet(t *testing.T) {
	tools, err := loadTools(map[string]string{})
	require.NoError(t, err)
	require.Equal(t, "customers.yaml", tools.CustomersFile)
	require.True(t, tools.HillavaToken.Empty())
	require.Empty(t, tools.HillavaURL)
}
