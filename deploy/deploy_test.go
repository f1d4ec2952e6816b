// Package deploy_test checks what people copy and machines read: the examples, docker-compose.yml and Prometheus' rules.
// A setting that the code has and an example lacks, or the reverse, is found here and not at somebody's first start.
package deploy_test

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/caarlos0/env/v11"
	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/runs"
)

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", path))
	require.NoError(t, err)
	return string(content)
}

// variable matches a line of .env.example that sets a variable or, commented out, shows its default.
var variable = regexp.MustCompile(`^(?:# )?([A-Z][A-Z0-9_]+)=(.*)$`)

func TestEnvironmentExampleNamesEveryVariable(t *testing.T) {
	shown := map[string]bool{}
	lines := bufio.NewScanner(strings.NewReader(read(t, ".env.example")))
	for lines.Scan() {
		if parts := variable.FindStringSubmatch(lines.Text()); parts != nil {
			shown[parts[1]] = true
		}
	}
	require.NoError(t, lines.Err())

	for _, name := range config.Variables() {
		// A secret is shown as its file; that it can also be given as the value is said above them.
		if !shown[name] && !shown[name+"_FILE"] {
			t.Errorf(".env.example lacks %s", name)
		}
	}
}

// TestEnvironmentExampleStartsTheWorker uses the example as it is explained: copied, with every variable set.
func TestEnvironmentExampleStartsTheWorker(t *testing.T) {
	secrets := t.TempDir()
	customers := filepath.Join(secrets, "customers.yaml")
	require.NoError(t, os.WriteFile(customers, []byte("customers: []\n"), 0o600))
	secret := filepath.Join(secrets, "secret")
	require.NoError(t, os.WriteFile(secret, []byte("whsec_"+strings.Repeat("QUJD", 16)+"\n"), 0o600))
	addresses := filepath.Join(secrets, "addresses")
	require.NoError(t, os.WriteFile(addresses, []byte("smtp://user:password@mail.example.com:587/\n"), 0o600))
	lines := bufio.NewScanner(strings.NewReader(read(t, ".env.example")))
	for lines.Scan() {
		parts := variable.FindStringSubmatch(lines.Text())
		if parts == nil || strings.HasPrefix(parts[1], "TEMPORAL_") {
			continue
		}
		if strings.HasPrefix(parts[1], "WEBHOOK_TLS_") {
			continue // a certificate and its key, which the secret of this test is not
		}
		name, value := parts[1], parts[2]
		switch {
		case name == "NOTIFY_URLS_FILE":
			value = addresses
		case strings.HasPrefix(value, "/etc/tampuuri-hillava/"):
			value = secret
		}
		t.Setenv(name, value)
	}
	require.NoError(t, lines.Err())
	t.Setenv("CUSTOMERS_FILE", customers)
	_, err := config.LoadWorker()
	require.NoError(t, err)
	_, err = config.LoadServe()
	require.NoError(t, err)
	_, err = config.LoadTools()
	require.NoError(t, err)
}

// TestCustomersExampleIsWithoutFault reads it where its secret files are; that it shows every key is tested in internal/config.
func TestCustomersExampleIsWithoutFault(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "esimerkki"), 0o700))
	for _, name := range []string{"avain", "salasana"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, "esimerkki", name), []byte("x\n"), 0o600))
	}
	example := read(t, "customers.example.yaml")
	path := filepath.Join(folder, "customers.yaml")
	require.NoError(t, os.WriteFile(path, []byte(example), 0o600))

	customers, err := config.LoadCustomers(path, 1)
	require.NoError(t, err)
	require.Len(t, customers, 1)
	require.Empty(t, customers[0].Faults)
}

type composed struct {
	Services map[string]struct {
		Image       string   `yaml:"image"`
		User        string   `yaml:"user"`
		ReadOnly    bool     `yaml:"read_only"`
		CapDrop     []string `yaml:"cap_drop"`
		SecurityOpt []string `yaml:"security_opt"`
		Privileged  bool     `yaml:"privileged"`
		Ports       []string `yaml:"ports"`
		Memory      string   `yaml:"mem_limit"`
		Processes   int      `yaml:"pids_limit"`
		Restart     string   `yaml:"restart"`
		Environment environment
		Logging     struct {
			Options map[string]string `yaml:"options"`
		} `yaml:"logging"`
	} `yaml:"services"`
}

// environment is what a service gets; one that has none is written without the key.
type environment map[string]string

func readCompose(t *testing.T) composed {
	t.Helper()
	var compose composed
	require.NoError(t, yaml.Unmarshal([]byte(read(t, "docker-compose.yml")), &compose))
	require.NotEmpty(t, compose.Services)
	return compose
}

func TestEveryContainerIsPinnedAndHardened(t *testing.T) {
	for name, service := range readCompose(t).Services {
		require.Regexp(t, `:(v?\d+\.\d+|\$\{PROGRAMS_TAG)`, service.Image, "%s: an image without its version is another one tomorrow", name)
		require.Regexp(t, `^([1-9]\d*:[1-9]\d*|postgres)$`, service.User, "%s: user; an image's own may become root one day", name)
		require.True(t, service.ReadOnly, "%s: read_only", name)
		require.Equal(t, []string{"ALL"}, service.CapDrop, "%s: cap_drop", name)
		require.Contains(t, service.SecurityOpt, "no-new-privileges:true", "%s: security_opt", name)
		require.False(t, service.Privileged, "%s: privileged", name)
		require.NotEmpty(t, service.Memory, "%s: mem_limit", name)
		require.Positive(t, service.Processes, "%s: pids_limit", name)
		require.NotEmpty(t, service.Logging.Options["max-size"], "%s: logging", name)
		require.NotEqual(t, "on-failure", service.Restart, "%s: a fault that stays would be tried for ever", name)
		for _, port := range service.Ports {
			require.Regexp(t, `^(\$\{PUBLISH_[A-Z_]+:-)?127\.0\.0\.1:`, port, "%s: what is published without being asked for is for this host alone", name)
		}
	}
}

// TestTemporalsConnectionsFitIntoPostgres: each of its four services has both pools, and Postgres as it comes takes 100.
func TestTemporalsConnectionsFitIntoPostgres(t *testing.T) {
	server := readCompose(t).Services["temporal"].Environment
	connections := 0
	for _, pool := range []string{"SQL_MAX_CONNS", "SQL_VIS_MAX_CONNS"} {
		size, err := strconv.Atoi(server[pool])
		require.NoError(t, err, pool)
		connections += 4 * size
	}
	require.LessOrEqual(t, connections, 90, "the rest is for the jobs, a backup and a person who looks")
}

// TestProgramsReachWhatIsInsideWithoutAProxy: Docker can be set to give every container one.
func TestProgramsReachWhatIsInsideWithoutAProxy(t *testing.T) {
	services := readCompose(t).Services
	for _, name := range []string{"worker", "starter", "tools", "temporal-namespace", "temporal-ui"} {
		for _, variable := range []string{"NO_PROXY", "no_proxy"} {
			for _, host := range []string{"localhost", "127.0.0.1", "temporal", "postgres"} {
				require.Contains(t, strings.Split(services[name].Environment[variable], ","), host, "%s: %s", name, variable)
			}
		}
	}
}

// TestWhatCanBeSetReachesTheContainers: what .env sets, and a program reads, docker-compose.yml hands on.
func TestWhatCanBeSetReachesTheContainers(t *testing.T) {
	// Of its own Temporal, it decides itself; TLS towards Hillava ends in front of it.
	its := regexp.MustCompile(`^(TEMPORAL|WEBHOOK_TLS)_`)
	traces := regexp.MustCompile(`(?m)^# (OTEL_[A-Z_]+)=`).FindAllStringSubmatch(read(t, ".env.example"), -1)
	require.Len(t, traces, 5)
	services := readCompose(t).Services
	for program, settings := range map[string]any{"worker": &config.Worker{}, "starter": &config.Serve{}, "tools": &config.Systems{}} {
		fields, err := env.GetFieldParams(settings)
		require.NoError(t, err)
		var names []string
		for _, field := range fields {
			names = append(names, field.Key)
		}
		for _, variable := range traces {
			if program != "tools" {
				names = append(names, variable[1])
			}
		}
		for _, name := range names {
			_, asValue := services[program].Environment[name]
			_, asFile := services[program].Environment[name+"_FILE"]
			assert.True(t, asValue || asFile || its.MatchString(name), "docker-compose.yml does not hand %s on to %s", name, program)
		}
	}
}

// TestSecretsAreReadableForTheContainersWhateverTheUmask: the folder keeps others out, and the files in it let the
// containers' users in, those too that were there before.
func TestSecretsAreReadableForTheContainersWhateverTheUmask(t *testing.T) {
	clone := t.TempDir()
	script := filepath.Join(clone, "deploy", "secrets.sh")
	for _, folder := range []string{"deploy/temporal", "deploy/prometheus", "secrets/customers"} {
		require.NoError(t, os.MkdirAll(filepath.Join(clone, folder), 0o700))
	}
	require.NoError(t, os.WriteFile(script, []byte(read(t, "deploy/secrets.sh")), 0o700))
	token, customers := filepath.Join(clone, "secrets", "hillava_token"), filepath.Join(clone, "secrets", "customers", "customers.yaml")
	mounted := filepath.Join(clone, "deploy", "temporal", "schema.sh")
	for _, path := range []string{token, customers, mounted} {
		require.NoError(t, os.WriteFile(path, []byte("as it was"), 0o600))
	}

	run := exec.CommandContext(t.Context(), "sh", "-c", "umask 077 && deploy/secrets.sh")
	run.Dir = clone
	output, err := run.CombinedOutput()
	require.NoError(t, err, "%s", output)

	for path, mode := range map[string]os.FileMode{
		filepath.Join(clone, "secrets"): 0o700, filepath.Join(clone, "secrets", "customers"): 0o755, token: 0o644, customers: 0o644, mounted: 0o644,
		filepath.Join(clone, "secrets", "postgres_password"): 0o644, filepath.Join(clone, "secrets", "hillava_webhook_secret"): 0o644,
	} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode().Perm(), path)
	}
	kept, err := os.ReadFile(token)
	require.NoError(t, err)
	require.Equal(t, "as it was", string(kept))
}

// TestEveryImageCanBeBuiltWithoutARegistry: deploy/offline/build.sh has a recipe for each.
func TestEveryImageCanBeBuiltWithoutARegistry(t *testing.T) {
	recipes := read(t, "deploy/offline/build.sh")
	images := []string{stagesOf(read(t, "Dockerfile"))["build"].from}
	for _, service := range readCompose(t).Services {
		images = append(images, service.Image)
	}
	for _, image := range images {
		if !strings.Contains(image, "PROGRAMS_TAG") {
			repository, _, _ := strings.Cut(image, ":")
			require.Contains(t, recipes, "\n  "+repository+":*) echo ", image)
		}
	}
}

// stage is one FROM of a Dockerfile.
type stage struct{ from, user string }

// stagesOf reads the stages of a Dockerfile by their names.
func stagesOf(dockerfile string) map[string]stage {
	stages, name := map[string]stage{}, ""
	for line := range strings.Lines(dockerfile) {
		words := strings.Fields(line)
		switch {
		case len(words) == 4 && words[0] == "FROM" && words[2] == "AS":
			name = words[3]
			stages[name] = stage{from: words[1]}
		case len(words) == 2 && words[0] == "USER":
			stages[name] = stage{stages[name].from, words[1]}
		}
	}
	return stages
}

// TestOurImagesHoldNothingButOurPrograms: no shell and no package manager, as the stage that is shipped begins from
// nothing, and a user without rights.
func TestOurImagesHoldNothingButOurPrograms(t *testing.T) {
	dockerfile := read(t, "Dockerfile")
	stages := stagesOf(dockerfile)
	require.Equal(t, strings.Count(dockerfile, "\nFROM "), len(stages), "every stage has a name")
	for _, name := range []string{"programs", "sandbox"} {
		user, from := "", name
		for found, known := stages[from]; known; found, known = stages[from] {
			if user == "" {
				user = found.user // of the nearest stage that says it
			}
			from = found.from
		}
		require.Equal(t, "scratch", from, "%s: what the image is made on", name)
		require.Regexp(t, `^[1-9]\d*:[1-9]\d*$`, user, "%s: USER", name)
	}
	last := dockerfile[strings.LastIndex(dockerfile, "\nFROM "):]
	require.Contains(t, last, " AS programs\n", "what docker build makes without a target")
}

// TestNamespaceJobMakesEverySearchAttribute: one that is missing makes every start of a notice fail.
func TestNamespaceJobMakesEverySearchAttribute(t *testing.T) {
	script, cloud := read(t, "deploy/temporal/namespace.sh"), read(t, "deploy/kubernetes/README.md")
	for _, name := range runs.SearchAttributes() {
		require.Contains(t, script, "--name "+name+" --type Keyword", "deploy/temporal/namespace.sh")
		require.Contains(t, cloud, "--sa "+name+"=Keyword", "deploy/kubernetes/README.md")
	}
}

// TestYAMLIsReadable covers the files that no program of ours reads.
func TestYAMLIsReadable(t *testing.T) {
	for _, path := range []string{
		"docker-compose.yml", ".golangci.yml", ".ci/workflowcheck.yaml", "deploy/temporal/dynamicconfig.yaml",
		"deploy/prometheus/prometheus.yml", "deploy/prometheus/rules.yml", "deploy/prometheus/rules_test.yml",
		"deploy/prometheus/alertmanager.yml",
	} {
		decoder := yaml.NewDecoder(bytes.NewReader([]byte(read(t, path))))
		var content map[string]any
		require.NoError(t, decoder.Decode(&content), path)
		require.NotEmpty(t, content, path)
	}
}

// TestRulesNameMetricsOfOurs: an alert on a metric that nobody exports never fires, nor has a panel data, and nobody notices.
func TestRulesNameMetricsOfOurs(t *testing.T) {
	sources := ""
	for _, pattern := range []string{"../internal/figures/*.go", "../internal/receiver/*.go", "../internal/webhook/*.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			source, err := os.ReadFile(file)
			require.NoError(t, err)
			sources += string(source)
		}
	}
	for _, file := range []string{"deploy/prometheus/rules.yml", "deploy/grafana/dashboard.json"} {
		names := regexp.MustCompile(`\b(tampuuri_hillava_[a-z_]+|webhook_[a-z_]+)`).FindAllString(read(t, file), -1)
		require.NotEmpty(t, names)
		for _, name := range names {
			// Prometheus' exporter adds _total to counters.
			require.Contains(t, sources, `"`+strings.TrimSuffix(name, "_total")+`"`, "%s: %s", file, name)
		}
	}
}

// TestEveryAlertHasATest: promtool runs them, and says nothing of an alert that has none.
func TestEveryAlertHasATest(t *testing.T) {
	alerts := regexp.MustCompile(`(?m)^ +- alert: (\w+)$`).FindAllStringSubmatch(read(t, "deploy/prometheus/rules.yml"), -1)
	require.NotEmpty(t, alerts)
	tests := read(t, "deploy/prometheus/rules_test.yml")
	for _, alert := range alerts {
		require.Contains(t, tests, "\n  - name: "+alert[1]+"\n")
		require.Contains(t, tests, "alertname: "+alert[1]+", eval_time: ", "when it is silent")
		require.Contains(t, tests, "\n      - alertname: "+alert[1]+"\n", "when it fires")
	}
}
