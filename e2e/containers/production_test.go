package containers

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
)

// production is an installation as the head of docker-compose.yml describes it. The two systems are stand-ins in this
// process, on the host: they outlive the containers, and their ledger can be judged.
type production struct {
	*installation
	systems  *stack.Stack
	ledger   string
	settings []string // the lines of its .env
	alerts   *messages
}

// tunniste is the customer of these tests.
const tunniste = "esimerkki"

// installProduction prepares one with those customers; without any, the two of the sandbox.
func installProduction(t *testing.T, customers ...stack.Customer) *production {
	t.Helper()
	i := install(t)
	p := &production{installation: i, ledger: filepath.Join(t.TempDir(), "ledger.jsonl")}
	systems, err := stack.NewStandIns(t.Context(), stack.Options{
		Dir: filepath.Join(i.folder, "secrets", "customers"), Customers: customers, LedgerFile: p.ledger, IP: hostAddress(t),
		WebhookURL: "http://" + i.ports["PUBLISH_WEBHOOK"] + "/webhooks/hillava", WebhookRetryEvery: time.Second,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, systems.Close()) })
	p.systems = systems
	p.settings = []string{
		"TAMPUURI_URL=" + systems.TampuuriURL, "HILLAVA_URL=" + systems.HillavaURL, "ALLOW_INSECURE_HTTP=true",
		"MOUNTED_TOKEN=/settings/secrets/hillava-token", "MOUNTED_WEBHOOK_SECRET=/settings/secrets/webhook-secret",
		"HTTP_TIMEOUT=2s", "POLL_EVERY=2s", "SYNC_EVERY=5s", "RECONCILE_EVERY=5s",
		"ALERTMANAGER_SOURCE=./secrets/alertmanager",
	}
	p.alerts = p.receiveAlerts()
	i.script("deploy/secrets.sh") // again, for what has come into the folder
	i.configure(p.settings...)
	return p
}

// hostAddress is where containers reach this process: this machine's address on Docker's own bridge.
func hostAddress(t *testing.T) string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "docker", "network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Subnet}}").Output()
	require.NoError(t, err)
	_, bridge, err := net.ParseCIDR(strings.TrimSpace(string(output)))
	require.NoError(t, err)
	addresses, err := net.InterfaceAddrs()
	require.NoError(t, err)
	for _, address := range addresses {
		if ours, ok := address.(*net.IPNet); ok && bridge.Contains(ours.IP) {
			return ours.IP.String()
		}
	}
	t.Fatalf("this machine has no address on Docker's bridge %s", bridge)
	return ""
}

// notice is one on its way through both systems.
type notice struct {
	*production
	tunniste string
	id       int64
	task     hillava.TaskDump
}

func (p *production) context() (context.Context, context.CancelFunc) {
	return context.WithTimeout(p.t.Context(), 3*time.Minute)
}

// begin makes a notice of ours and waits for its task.
func (p *production) begin(ctx context.Context) (*notice, error) {
	return p.beginAt(ctx, p.systems.Customers[0])
}

func (p *production) beginAt(ctx context.Context, customer stack.Customer) (*notice, error) {
	fields := stack.ExampleNotice()
	fields["TyonsuorittajaYritysId"] = customer.Performers[0]
	id, err := p.systems.Tampuuri.AddNotice(customer.Tunniste, fields)
	if err != nil {
		return nil, err
	}
	task, err := p.systems.WaitTask(ctx, customer.Tunniste, id)
	return &notice{production: p, tunniste: customer.Tunniste, id: id, task: task}, err
}

// work adds a time entry and presses Työ valmis.
func (n *notice) work() error {
	_, err := n.systems.Hillava.AddTimeEntry(n.task.ID, hillava.TimeEntry{
		Date: time.Now().Format(time.DateOnly), Resource: hillava.Resource{ID: "R-1", Name: "Testi Huoltaja"}, CustomerSummary: "Tiiviste vaihdettu.", Hours: 1.5,
	})
	if err != nil {
		return err
	}
	return n.systems.Hillava.Transition(n.task.ID, hillava.TransitionDone)
}

// invoice waits for Tehty, invoices the work, and waits for Valmis.
func (n *notice) invoice(ctx context.Context) error {
	if err := n.systems.WaitState(ctx, n.tunniste, n.id, "Tehty"); err != nil {
		return err
	}
	if err := n.systems.Hillava.Transition(n.task.ID, hillava.TransitionInvoiced); err != nil {
		return err
	}
	return n.systems.WaitState(ctx, n.tunniste, n.id, "Valmis")
}

// life takes a notice from its creation to Valmis.
func (p *production) life(ctx context.Context) error {
	n, err := p.begin(ctx)
	if err != nil {
		return err
	}
	if err := n.work(); err != nil {
		return err
	}
	return n.invoice(ctx)
}

// newNotice makes a notice and waits for its task.
func (p *production) newNotice() *notice {
	p.t.Helper()
	ctx, cancel := p.context()
	defer cancel()
	n, err := p.begin(ctx)
	require.NoError(p.t, err)
	return n
}

// complete takes a new notice to its end.
func (p *production) complete() {
	p.t.Helper()
	ctx, cancel := p.context()
	defer cancel()
	require.NoError(p.t, p.life(ctx))
}

// listed is a line of starter notice list.
type listed struct {
	TaskID, Phase string
	StartedAt     time.Time
}

// tools runs one of the office's commands and reads the JSON that it prints.
func (p *production) tools(into any, arguments ...string) {
	p.t.Helper()
	output := p.compose(append([]string{"run", "--rm", "-T", "tools"}, append(arguments, "--json")...)...)
	require.NoError(p.t, json.Unmarshal([]byte(output), into), "starter %s printed:\n%s", strings.Join(arguments, " "), output)
}

// checkLedger hands what has happened in both systems to the ledger checker. Everything must have drained.
func (p *production) checkLedger() {
	p.t.Helper()
	check := exec.CommandContext(p.t.Context(), "go", "run", "./e2e/ledgercheck", p.ledger)
	check.Dir = root
	findings, err := check.CombinedOutput()
	require.NoError(p.t, err, "the ledger checker:\n%s", findings)
	p.t.Logf("the ledger checker: %s", findings)
}

// TestAWrongDatabasePasswordEndsTheStart: somebody has replaced the secret, and not the password in the database.
func TestAWrongDatabasePasswordEndsTheStart(t *testing.T) {
	inTheLongForm(t)
	i := install(t)
	i.configure("HILLAVA_URL=https://hillava.example.com/")
	i.compose("up", "--detach", "postgres")
	i.awaitHealth("postgres", "healthy")
	require.NoError(t, os.WriteFile(filepath.Join(i.folder, "secrets", "postgres_password"), []byte("wrong"), 0o666))
	i.script("deploy/secrets.sh")

	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	_, messages, err := i.run(ctx, "up", "--detach", "temporal")
	require.NoError(t, ctx.Err(), "it waits for ever")
	require.Error(t, err)
	require.Contains(t, messages, "exited", "it says what failed")
	require.Equal(t, 6, i.containers()["temporal-schema"].RestartCount)
}

// TestProduction goes through the life of one installation, from nothing to its end.
func TestProduction(t *testing.T) {
	p := installProduction(t)
	began := time.Now()
	p.compose("up", "--detach", "--build")
	p.awaitHealthy()
	t.Logf("everything healthy after %.0f s", time.Since(began).Seconds())
	for _, job := range jobs {
		require.Zero(t, p.containers()[job].RestartCount, "%s was started before what it needs was there", job)
	}

	began = time.Now()
	p.complete()
	t.Logf("a notice from its creation to Valmis in %.0f s", time.Since(began).Seconds())
	open := p.newNotice()

	for _, part := range []struct {
		name string
		do   func(*production)
	}{
		{"ContainersAreHardened", (*production).checkHardening},
		{"OnlyLoopbackIsPublished", (*production).checkPublished},
		{"PrometheusReachesEveryProgram", (*production).checkTargets},
		{"ToolsShowWhatIsOpen", func(p *production) { p.checkTools(open) }},
		{"ToolsChangeTheCustomersFile", (*production).checkOpening},
		{"SecondUpChangesNothing", (*production).checkSecondUp},
		{"FailuresLoseNothing", (*production).checkFailures},
		{"OpenNoticesGoOnAfterDownAndUp", func(p *production) { p.checkDownAndUp(open) }},
		{"StopsCleanly", (*production).checkStop},
	} {
		if !t.Run(part.name, func(t *testing.T) {
			part.do(p.as(t))
		}) {
			return // what follows would fail for the same reason
		}
	}
	p.checkLedger()
}
