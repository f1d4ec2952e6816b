package containers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // Finnish time on machines without zone files

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/stack"
)

// checkHardening looks at what the kernel says of each container's first process, and at what Docker was told.
func (p *production) checkHardening() {
	for service, one := range p.containers() {
		told := one.HostConfig
		require.True(p.t, told.ReadonlyRootfs, "%s: its files can be written", service)
		require.False(p.t, told.Privileged, service)
		require.Equal(p.t, []string{"ALL"}, told.CapDrop, service)
		require.Empty(p.t, told.CapAdd, service)
		require.Positive(p.t, told.Memory, "%s: no bound on its memory", service)
		require.Positive(p.t, told.PidsLimit, "%s: no bound on its processes", service)
		require.Equal(p.t, "json-file", told.LogConfig.Type, service)
		require.NotEmpty(p.t, told.LogConfig.Config["max-size"], "%s: its log grows without end", service)
		require.NotEmpty(p.t, told.LogConfig.Config["max-file"], "%s: its log grows without end", service)
		require.False(p.t, one.State.OOMKilled, service)
		if slices.Contains(jobs, service) {
			continue
		}
		status := statusOf(p, one)
		require.NotEqual(p.t, "0", strings.Fields(status["Uid"])[1], "%s runs as root", service)
		require.NotEqual(p.t, "0", strings.Fields(status["Gid"])[1], "%s runs in root's group", service)
		for _, set := range []string{"CapEff", "CapPrm", "CapBnd", "CapAmb"} {
			require.Equal(p.t, strings.Repeat("0", 16), status[set], "%s: %s", service, set)
		}
		require.Equal(p.t, "1", status["NoNewPrivs"], service)
		require.Equal(p.t, "2", status["Seccomp"], "%s: Docker's filter of system calls", service)
		require.Contains(p.t, mountOfRoot(p, one), "ro,", "%s: its root", service)
	}
}

func statusOf(p *production, one container) map[string]string {
	p.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", one.State.Pid))
	require.NoError(p.t, err)
	status := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		status[name] = strings.TrimSpace(value)
	}
	return status
}

// mountOfRoot is the options of the mount that the container has as /.
func mountOfRoot(p *production, one container) string {
	p.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/mountinfo", one.State.Pid))
	require.NoError(p.t, err)
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); fields[4] == "/" {
			return fields[5] + ","
		}
	}
	return ""
}

// checkPublished: what can be reached from this machine cannot from others, which would come by another address.
func (p *production) checkPublished() {
	published := 0
	for service, one := range p.containers() {
		for port, bindings := range one.NetworkSettings.Ports {
			for _, binding := range bindings {
				published++
				require.Equal(p.t, "127.0.0.1", binding.HostIp, "%s %s", service, port)
				require.NoError(p.t, dial("127.0.0.1", binding.HostPort), "%s %s", service, port)
				require.Error(p.t, dial(hostAddress(p.t), binding.HostPort), "%s %s is open to others", service, port)
			}
		}
	}
	require.Equal(p.t, 5, published, "receiver, Temporal, its Web UI, Prometheus, Alertmanager")
}

func dial(address, port string) error {
	connection, err := net.DialTimeout("tcp", net.JoinHostPort(address, port), 3*time.Second)
	if err != nil {
		return err
	}
	return connection.Close()
}

// checkTargets: metrics that nobody fetches alert nobody, nor do alerts that nobody sends.
func (p *production) checkTargets() {
	ctx, cancel := p.context()
	defer cancel()
	require.NoError(p.t, stack.WaitFor(ctx, "Prometheus to have reached everything", func(ctx context.Context) error {
		var targets struct {
			ActiveTargets []struct{ ScrapePool, Health, LastError string }
		}
		if err := p.prometheus(ctx, "targets?state=active", &targets); err != nil {
			return err
		}
		up := []string{}
		for _, target := range targets.ActiveTargets {
			if target.Health != "up" {
				return fmt.Errorf("%s is %s: %s", target.ScrapePool, target.Health, target.LastError)
			}
			up = append(up, target.ScrapePool)
		}
		for _, job := range []string{"worker", "starter", "temporal"} {
			if !slices.Contains(up, job) {
				return fmt.Errorf("%s is not among %v", job, up)
			}
		}
		var senders struct{ ActiveAlertmanagers []struct{ URL string } }
		if err := p.prometheus(ctx, "alertmanagers", &senders); err != nil {
			return err
		}
		if len(senders.ActiveAlertmanagers) != 1 {
			return fmt.Errorf("it knows of %d Alertmanagers", len(senders.ActiveAlertmanagers))
		}
		return p.panelsHaveData(ctx, func(p panel) bool { return p.FieldConfig.Defaults.NoValue == "" })
	}))
}

// prometheus asks Prometheus' API, and reads the data of its answer.
func (p *production) prometheus(ctx context.Context, path string, data any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.ports["PUBLISH_PROMETHEUS"]+"/api/v1/"+path, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // only read
	answer := struct{ Data any }{data}
	return json.NewDecoder(response.Body).Decode(&answer)
}

// checkTools runs the office's commands as operations.md writes them.
func (p *production) checkTools(open *notice) {
	var list []listed
	p.tools(&list, "notice", "list")
	require.Len(p.t, list, 1)
	require.Equal(p.t, open.task.ID, list[0].TaskID)
	require.Equal(p.t, "working", list[0].Phase)

	var report struct {
		OK     bool `json:"ok"`
		Checks []struct{ Check, Verdict, Found, Do string }
	}
	p.tools(&report, "doctor")
	require.True(p.t, report.OK, "%+v", report.Checks)
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	require.NoError(p.t, err)
	started := list[0].StartedAt.In(helsinki).Format("2006-01-02 15:04")
	require.Contains(p.t, p.compose("run", "--rm", "-T", "tools", "notice", "list"), started, "people read Finnish times")
}

// checkOpening changes an entry of customers.yaml as operations.md has it done with docker-compose, and has it polled again.
func (p *production) checkOpening() {
	p.command("chown", "-R", "65532:65532", filepath.Join(p.folder, "secrets", "customers"))
	p.command("chmod", "-R", "go=", filepath.Join(p.folder, "secrets", "customers"))
	p.configure(append(p.settings, "SETTINGS_MODE=rw")...)
	defer p.configure(p.settings...)
	var opened struct {
		Written []string
		Opened  bool
	}
	p.tools(&opened, "customers", "open", tunniste, "--start-date", "2026-01-02", "--yes")
	require.True(p.t, opened.Opened)
	require.Contains(p.t, opened.Written, "start_date")
	p.complete()
}

// checkSecondUp: the same command once more starts nothing anew but the jobs, which find everything done.
func (p *production) checkSecondUp() {
	before := p.containers()
	p.compose("up", "--detach")
	p.awaitHealthy()
	for service, one := range p.containers() {
		if slices.Contains(jobs, service) {
			continue
		}
		require.Equal(p.t, before[service].ID, one.ID, "%s was made anew", service)
		require.Equal(p.t, before[service].State.StartedAt, one.State.StartedAt, "%s was started anew", service)
	}
}

// checkDownAndUp: everything but the volumes is made anew, with other addresses, and the open notice is taken to its end.
func (p *production) checkDownAndUp(open *notice) {
	before := p.containers()
	p.compose("down")
	require.Empty(p.t, p.containers())
	p.shiftAddresses()
	// What happens meanwhile waits for us, in either system.
	here := &notice{production: p, tunniste: open.tunniste, id: open.id, task: open.task}
	require.NoError(p.t, here.work())
	began := time.Now()
	p.compose("up", "--detach")
	p.awaitHealthy()
	p.t.Logf("healthy again after %.0f s", time.Since(began).Seconds())
	require.Zero(p.t, p.containers()["worker"].RestartCount, "the worker was started before Temporal could hand out tasks")
	require.NotEqual(p.t, addresses(before["temporal"]), addresses(p.containers()["temporal"]), "Temporal was to come up at other addresses")
	ctx, cancel := p.context()
	defer cancel()
	require.NoError(p.t, here.invoice(ctx))
	p.complete()
}

func addresses(c container) (all []string) {
	for _, network := range c.NetworkSettings.Networks {
		all = append(all, network.IPAddress)
	}
	slices.Sort(all)
	return all
}

// checkStop: everything ends by itself when asked to, long before Docker would kill it.
func (p *production) checkStop() {
	began := time.Now()
	p.compose("stop")
	p.t.Logf("stopped after %.0f s", time.Since(began).Seconds())
	for service, one := range p.containers() {
		require.Equal(p.t, "exited", one.State.Status, service)
		require.NotEqual(p.t, 137, one.State.ExitCode, "%s was killed", service)
		if service == "worker" || service == "starter" || service == "postgres" {
			require.Zero(p.t, one.State.ExitCode, service)
		}
	}
}

// shiftAddresses occupies an address range that the project had, so that it gets others at its next start.
func (p *production) shiftAddresses() {
	p.t.Helper()
	name := p.project + "-shift"
	label := "com.docker.compose.project=" + p.project
	output, err := exec.CommandContext(p.t.Context(), "docker", "network", "create", "--label", label, name).CombinedOutput()
	require.NoError(p.t, err, "%s", output)
	p.t.Cleanup(func() {
		output, err := exec.Command("docker", "network", "rm", name).CombinedOutput()
		if err != nil {
			p.t.Error(errors.Join(err, errors.New(string(output))))
		}
	})
}
