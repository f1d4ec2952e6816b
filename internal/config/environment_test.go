package config

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/speech"
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
	require.Equal(t, 5*time.Minute, worker.PollEvery)
	require.Equal(t, 15*time.Minute, worker.SyncEvery)
	require.Equal(t, 15*time.Minute, worker.ReconcileEvery)
	require.Equal(t, 1500, worker.CachedNotices)
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
		"empty URL":               {map[string]string{"HILLAVA_URL": ""}, "HILLAVA_URL: is not set; set it"},
		"URL without host":        {map[string]string{"HILLAVA_URL": "hillava.example"}, "HILLAVA_URL: is not a URL"},
		"URL of another scheme":   {map[string]string{"HILLAVA_URL": "ftp://hillava.example/"}, "HILLAVA_URL: is not a URL"},
		"URL without a name":      {map[string]string{"HILLAVA_URL": "https://:443/"}, "HILLAVA_URL: is not a URL"},
		"URL of no port":          {map[string]string{"HILLAVA_URL": "https://hillava.example:70000/"}, "HILLAVA_URL: is not a URL"},
		"URL copied badly":        {map[string]string{"HILLAVA_URL": "https://hillava\u200b.example/"}, "HILLAVA_URL: is not a URL"},
		"header that is not sent": {map[string]string{"TAMPUURI_HEADER_TILI": "Trailer"}, "TAMPUURI_HEADER_TILI: is a header that is used for something else"},
		"URL with a password":     {map[string]string{"HILLAVA_URL": "https://u:" + secret + "@h.example/"}, "HILLAVA_URL: must hold no user"},
		"plain http elsewhere":    {map[string]string{"TAMPUURI_URL": "http://10.0.0.5/"}, "ALLOW_INSECURE_HTTP=true"},
		"missing token":           {map[string]string{"HILLAVA_TOKEN": "-"}, "HILLAVA_TOKEN: is not set; set it, or HILLAVA_TOKEN_FILE"},
		"empty token":             {map[string]string{"HILLAVA_TOKEN": ""}, "HILLAVA_TOKEN: is not set"},
		"token twice":             {map[string]string{"HILLAVA_TOKEN": secret, "HILLAVA_TOKEN_FILE": "/nowhere"}, "set only one of them"},
		"token file missing":      {map[string]string{"HILLAVA_TOKEN": "-", "HILLAVA_TOKEN_FILE": "/nowhere/token"}, "HILLAVA_TOKEN_FILE: open /nowhere/token"},
		"token of two lines":      {map[string]string{"HILLAVA_TOKEN": secret + "\n" + secret}, "HILLAVA_TOKEN: has a line break or another control character"},
		"token with an escape":    {map[string]string{"HILLAVA_TOKEN": "\x1b[31m" + secret}, "HILLAVA_TOKEN: has a line break or another control character"},
		"token file of two lines": {map[string]string{"HILLAVA_TOKEN": "-", "HILLAVA_TOKEN_FILE": writeFile(t, t.TempDir(), "token", secret+"\r\n"+secret+"\n")}, "HILLAVA_TOKEN_FILE: has a line break"},
		"short key":               {map[string]string{"FINGERPRINT_KEY": secret}, "of at least 32 bytes"},
		"no customers file":       {map[string]string{"CUSTOMERS_FILE": "/nowhere/customers.yaml"}, "read the customers file"},
		"bad duration":            {map[string]string{"HTTP_TIMEOUT": "10"}, "HTTP_TIMEOUT: cannot be read; it must be a duration"},
		"a secret as duration":    {map[string]string{"HTTP_TIMEOUT": secret}, "HTTP_TIMEOUT: cannot be read"},
		"a secret as bool":        {map[string]string{"ALLOW_INSECURE_HTTP": secret}, "ALLOW_INSECURE_HTTP: cannot be read"},
		"a secret as hours":       {map[string]string{"NOTIFY_QUIET": secret}, "NOTIFY_QUIET: must be like"},
		"a secret as language":    {map[string]string{"NOTIFY_LANG": secret}, "NOTIFY_LANG: takes one of en, fi"},
		"zero duration":           {map[string]string{"POLL_EVERY": "0s"}, "POLL_EVERY: must be more than zero"},
		"bad bool":                {map[string]string{"ALLOW_INSECURE_HTTP": "perhaps"}, "ALLOW_INSECURE_HTTP: cannot be read; it must be true or false"},
		"bad address":             {map[string]string{"OPS_ADDR": "9091"}, "OPS_ADDR: is not an address"},
		"half of versioning":      {map[string]string{"WORKER_BUILD_ID": "v1"}, "WORKER_DEPLOYMENT_NAME (or TEMPORAL_DEPLOYMENT_NAME), WORKER_BUILD_ID (or TEMPORAL_WORKER_BUILD_ID): only one is set; set both for worker versioning"},
		"header with an umlaut":   {map[string]string{"TAMPUURI_HEADER_KAYTTAJATUNNUS": "X-Käyttäjätunnus"}, "TAMPUURI_HEADER_KAYTTAJATUNNUS: is not a header name that is legal in HTTP"},
		"header of HTTP itself":   {map[string]string{"TAMPUURI_HEADER_ASIAKAS": "Content-Length"}, "TAMPUURI_HEADER_ASIAKAS: is a header that is used for something else"},
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
		"unknown name":            {map[string]string{"HILLAVA_FAVOURITE_COLOUR": "x"}, "HILLAVA_FAVOURITE_COLOUR: no program of ours knows this variable; remove it"},
		"longer name":             {map[string]string{"HILLAVA_TOKEN_LOCATION": "x"}, "HILLAVA_TOKEN_LOCATION: no program of ours knows this variable"},
		"half of the other pair":  {map[string]string{"TEMPORAL_DEPLOYMENT_NAME": "d"}, "WORKER_BUILD_ID (or TEMPORAL_WORKER_BUILD_ID): only one is set"},
		"two builds":              {map[string]string{"TEMPORAL_DEPLOYMENT_NAME": "d", "WORKER_BUILD_ID": "v1", "TEMPORAL_WORKER_BUILD_ID": "v2"}, "WORKER_BUILD_ID, TEMPORAL_WORKER_BUILD_ID: they mean the same and are set to different values; set only one of them"},
		"two deployments":         {map[string]string{"WORKER_DEPLOYMENT_NAME": "d", "TEMPORAL_DEPLOYMENT_NAME": "ns/d", "WORKER_BUILD_ID": "v1"}, "WORKER_DEPLOYMENT_NAME, TEMPORAL_DEPLOYMENT_NAME: they mean the same"},
		"token copied badly":      {map[string]string{"HILLAVA_TOKEN": secret + "\u200b"}, "HILLAVA_TOKEN: has an invisible character (U+200B)"},
		"token with a space":      {map[string]string{"HILLAVA_TOKEN": secret + " "}, "HILLAVA_TOKEN: starts or ends with a space"},
		"bad peer timeout":        {map[string]string{"TAMPUURI_TIMEOUT": "20"}, "TAMPUURI_TIMEOUT: cannot be read; it must be a duration"},
		"zero peer timeout":       {map[string]string{"HILLAVA_TIMEOUT": "0s"}, "HILLAVA_TIMEOUT: must be more than zero"},
		"no count":                {map[string]string{"WORKER_CACHED_NOTICES": "many"}, "WORKER_CACHED_NOTICES: must be a whole number above zero"},
		"no connection":           {map[string]string{"TAMPUURI_CONNECTIONS": "0"}, "TAMPUURI_CONNECTIONS: must be a whole number above zero"},
		"too many connections":    {map[string]string{"TAMPUURI_CONNECTIONS": "65"}, "TAMPUURI_CONNECTIONS: is 65; at most 64 calls are under way at once"},
		"nothing cached":          {map[string]string{"WORKER_CACHED_NOTICES": "0"}, "WORKER_CACHED_NOTICES: must be a whole number above zero"},
		"bad quiet hours":         {map[string]string{"NOTIFY_QUIET": "night"}, `NOTIFY_QUIET: must be like "06:00-22:00"`},
		"no time of day":          {map[string]string{"NOTIFY_DAILY": "morning"}, `NOTIFY_DAILY: must be a time of day like "07:30"`},
		"no address to tell":      {map[string]string{"NOTIFY_URLS": "smtp://h/?to=a@example.com " + secret}, "NOTIFY_URLS: number 2 of them is not an address"},
		"no addresses to tell":    {map[string]string{"NOTIFY_URLS": secret + " smtp://h/?to=a@example.com " + secret}, "NOTIFY_URLS: number 1 and number 3 of them is not an address"},
		"addresses twice":         {map[string]string{"NOTIFY_URLS": "smtp://" + secret, "NOTIFY_URLS_FILE": "/nowhere"}, "set only one of them"},
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

// TestNamesOfPlatformsDoNotRefuseTheStart: what begins like ours may be somebody else's.
func TestNamesOfPlatformsDoNotRefuseTheStart(t *testing.T) {
	platform := []string{
		"WORKER_ID", "WORKER_NAME", "WORKER_COUNT", "WORKER_FAVOURITE_COLOUR", "POLL_INTERVAL", "POLL_TIMEOUT", "SYNC_TOKEN", "SYNC_INTERVAL",
		"WEBHOOK_URL", "WEBHOOK_PORT", "WEBHOOK_SECRET", "CUSTOMERS_DB", "FINGERPRINT_SALT", "RECONCILE_INTERVAL",
	}
	variables := workerVariables(t)
	for _, name := range platform {
		variables[name] = "8088"
	}
	for _, name := range []string{
		"NOTIFY_SOCKET", "BUILD_ID", "BUILD_NUMBER", "HTTP_PORT", "HTTP_HOST", "LOG_FILE", "LOG_DIR", "OPS_TEAM", "LOGLEVEL", "APP_ADDR", "DEPLOYMENT_NAME",
		"TEMPORAL_HOST_PORT", "TEMPORAL_CLI_ADDRESS", "TEMPORAL_TASK_QUEUE", "TIMEOUT", "HOSTNAME", "TOKEN_FILE",
		"SMTP_TIMEOUT", "TCP_TIMEOUT", "HTTPS_TIMEOUT", "DOG_LEVEL", "APPS_ADDR",
	} {
		variables[name] = "x"
	}
	_, err := loadWorker(variables)
	require.NoError(t, err)
	refused, doubtful := unknownVariables(variables)
	require.Empty(t, refused)
	slices.Sort(platform)
	require.Equal(t, platform, doubtful, "doctor warns of these")
}

func TestNearMissesOfOursRefuseTheStart(t *testing.T) {
	for written, meant := range map[string]string{
		"HILLAVA_TOKE": "HILLAVA_TOKEN", "POLL_EVRY": "POLL_EVERY", "SYNC_EVRY": "SYNC_EVERY", "RECONCILE_EVER": "RECONCILE_EVERY", "WEBHOOK_ADR": "WEBHOOK_ADDR",
		"WEBHOK_ADDR": "WEBHOOK_ADDR", "WORKER_BULID_ID": "WORKER_BUILD_ID", "CUSTOMER_FILE": "CUSTOMERS_FILE", "CUSTOMERS_FIEL": "CUSTOMERS_FILE",
		"FINGERPRINTKEY": "FINGERPRINT_KEY", "ALLOW_INSECUR_HTTP": "ALLOW_INSECURE_HTTP", "ALOW_INSECURE_HTTP": "ALLOW_INSECURE_HTTP", "HILAVA_URL": "HILLAVA_URL", "OPS_ADR": "OPS_ADDR", "TAMPURI_URL": "TAMPUURI_URL",
		"CUSTOMERS": "CUSTOMERS_FILE", "WEBHOOK_TLS_CERT": "WEBHOOK_TLS_CERT_FILE", "WEBHOOK_TLS_KEY": "WEBHOOK_TLS_KEY_FILE",
		"HILLAVA_URL_FILE": "HILLAVA_URL", "POLL_EVERY_FILE": "POLL_EVERY", "WEBHOOK_ADDR_FILE": "WEBHOOK_ADDR", "NOTIFY_URL": "NOTIFY_URLS", "TEMPORAL_WORKER_BUILDID": "TEMPORAL_WORKER_BUILD_ID",
		"TAMPUURI_TIMEOUTS": "TAMPUURI_TIMEOUT", "TAMPUURI_TOKEN": "", "HILLAVA_SOMETHING_ELSE": "",
	} {
		refused, _ := unknownVariables(map[string]string{written: "x"})
		require.Len(t, refused, 1, written)
		require.ErrorContains(t, refused[0], written+": no program of ours knows this variable", written)
		if meant != "" {
			require.ErrorContains(t, refused[0], "did you mean "+meant+"?", written)
		}
	}
}

func TestEachHalfOfTheWorkersVersionHasTwoNames(t *testing.T) {
	for name, row := range map[string]struct {
		set               map[string]string
		deployment, build string
	}{
		"none":             {nil, "", ""},
		"ours":             {map[string]string{"WORKER_DEPLOYMENT_NAME": "d", "WORKER_BUILD_ID": "v1"}, "d", "v1"},
		"the controller's": {map[string]string{"TEMPORAL_DEPLOYMENT_NAME": "ns/d", "TEMPORAL_WORKER_BUILD_ID": "abc"}, "ns/d", "abc"},
		"one of each":      {map[string]string{"WORKER_DEPLOYMENT_NAME": "d", "TEMPORAL_WORKER_BUILD_ID": "abc"}, "d", "abc"},
		"the other way":    {map[string]string{"TEMPORAL_DEPLOYMENT_NAME": "ns/d", "WORKER_BUILD_ID": "v1"}, "ns/d", "v1"},
		"both, the same": {map[string]string{
			"WORKER_DEPLOYMENT_NAME": "d", "TEMPORAL_DEPLOYMENT_NAME": "d", "WORKER_BUILD_ID": "v1", "TEMPORAL_WORKER_BUILD_ID": "v1",
		}, "d", "v1"},
		"ours empty": {map[string]string{
			"WORKER_DEPLOYMENT_NAME": "", "TEMPORAL_DEPLOYMENT_NAME": "ns/d", "WORKER_BUILD_ID": "", "TEMPORAL_WORKER_BUILD_ID": "abc",
		}, "ns/d", "abc"},
	} {
		variables := workerVariables(t)
		maps.Copy(variables, row.set)
		worker, err := loadWorker(variables)
		require.NoError(t, err, name)
		require.Equal(t, row.deployment, worker.DeploymentName, name)
		require.Equal(t, row.build, worker.BuildID, name)
	}
}

func TestEachPeerMayHaveATimeoutOfItsOwn(t *testing.T) {
	variables := workerVariables(t)
	variables["HTTP_TIMEOUT"], variables["TAMPUURI_TIMEOUT"], variables["HILLAVA_TIMEOUT"] = "7s", "", "40s"
	worker, err := loadWorker(variables)
	require.NoError(t, err)
	require.Equal(t, 7*time.Second, worker.TampuuriTimeout)
	require.Equal(t, 40*time.Second, worker.HillavaTimeout)
	delete(variables, "HTTP_TIMEOUT")
	worker, err = loadWorker(variables)
	require.NoError(t, err)
	require.Equal(t, 10*time.Second, worker.TampuuriTimeout)
}

func TestWhereAndWhenPeopleAreToldIsRead(t *testing.T) {
	variables := workerVariables(t)
	worker, err := loadWorker(variables)
	require.NoError(t, err)
	require.Empty(t, worker.NotifyURLs)
	require.Nil(t, worker.NotifyQuiet, "no quiet hours, not a quiet day")
	require.Equal(t, speech.English, worker.NotifyLang)
	require.Nil(t, worker.NotifyDaily)

	variables["NOTIFY_URLS"], variables["NOTIFY_QUIET"], variables["NOTIFY_DAILY"] = " ", " ", ""
	worker, err = loadWorker(variables)
	require.NoError(t, err)
	require.Empty(t, worker.NotifyURLs)
	require.Nil(t, worker.NotifyQuiet)
	require.Nil(t, worker.NotifyDaily)

	delete(variables, "NOTIFY_URLS")
	variables["NOTIFY_URLS_FILE"] = writeFile(t, t.TempDir(), "urls", "smtp://u:p@h:587/?from=a@example.com&to=b@example.com,c@example.com\r\n\nlogger://\n")
	variables["NOTIFY_QUIET"], variables["NOTIFY_DAILY"], variables["NOTIFY_LANG"] = "22:00-06:00", "07:30", "fi"
	worker, err = loadWorker(variables)
	require.NoError(t, err)
	require.Len(t, worker.NotifyURLs, 2)
	require.Equal(t, "smtp://u:p@h:587/?from=a@example.com&to=b@example.com,c@example.com", worker.NotifyURLs[0].Reveal())
	require.Equal(t, "22:00-06:00", worker.NotifyQuiet.String())
	require.Equal(t, speech.Finnish, worker.NotifyLang)
	require.Equal(t, Daily{7*60 + 30}, *worker.NotifyDaily)
}

// TestAFingerprintKeyIsTakenAsItIs: it is sent to nobody, and another key would make every open notice look changed.
func TestAFingerprintKeyIsTakenAsItIs(t *testing.T) {
	variables := workerVariables(t)
	delete(variables, "FINGERPRINT_KEY")
	key := " \x00\xff\u00a0" + testKey + "\t "
	variables["FINGERPRINT_KEY_FILE"] = writeFile(t, t.TempDir(), "key", key+"\n")
	worker, err := loadWorker(variables)
	require.NoError(t, err)
	require.Equal(t, key, worker.FingerprintKey.Reveal())
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
	_, err := loadServe(map[string]string{"HILLAVA_WEBHOOK_SECRET": "whsec_new\u00a0", "HILLAVA_WEBHOOK_SECRET_PREVIOUS": " whsec_old"})
	require.ErrorContains(t, err, "HILLAVA_WEBHOOK_SECRET: has an invisible character (U+00A0)")
	require.ErrorContains(t, err, "HILLAVA_WEBHOOK_SECRET_PREVIOUS: starts or ends with a space")
	_, err = loadServe(map[string]string{"WEBHOOK_ADDR": ":8088", "OPS_ADDR": ":8088"})
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
