package containers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/stack"
)

// root is the repository.
const root = "../.."

// installation is one docker-compose project.
type installation struct {
	t       *testing.T
	folder  string            // a copy of the repository
	project string            // docker-compose's name of it
	options []string          // of docker-compose: --profile and the like
	ports   map[string]string // PUBLISH_WEBHOOK → 127.0.0.1:port
}

var installations int

// install copies the repository, as somebody with a strict umask has cloned it, and chooses free ports. Nothing is started.
func install(t *testing.T, options ...string) *installation {
	t.Helper()
	installations++
	i := &installation{
		t: t, folder: filepath.Join(t.TempDir(), "tampuuri-hillava"), options: options, ports: map[string]string{},
		project: fmt.Sprintf("%s%d-%d", projectPrefix, os.Getpid(), installations),
	}
	list := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = root
	files, err := list.Output()
	require.NoError(t, err)
	for name := range strings.SplitSeq(strings.TrimSuffix(string(files), "\x00"), "\x00") {
		copyFile(t, name, i.folder)
	}
	for _, name := range []string{"PUBLISH_WEBHOOK", "PUBLISH_TEMPORAL_UI", "PUBLISH_TEMPORAL", "PUBLISH_PROMETHEUS", "PUBLISH_ALERTMANAGER", "PUBLISH_PAGE"} {
		i.ports[name] = freePort(t)
	}
	i.script("deploy/secrets.sh")
	t.Cleanup(i.remove)
	return i
}

// copyFile copies a file of the repository; git knows of its mode only whether it can be executed.
func copyFile(t *testing.T, name, folder string) {
	t.Helper()
	info, err := os.Stat(filepath.Join(root, name))
	if errors.Is(err, os.ErrNotExist) {
		return // removed and not committed yet
	}
	require.NoError(t, err)
	content, err := os.ReadFile(filepath.Join(root, name))
	require.NoError(t, err)
	copied := filepath.Join(folder, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(copied), 0o777))
	require.NoError(t, os.WriteFile(copied, content, info.Mode().Perm()|0o066)) // the umask takes it away again
}

// freePort returns an address whose port no outgoing connection can take before its container is started, minutes later.
func freePort(t *testing.T) string {
	t.Helper()
	port, err := stack.FreePort()
	require.NoError(t, err)
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

// configure writes .env, as an operator does.
func (i *installation) configure(lines ...string) {
	i.t.Helper()
	require.NoError(i.t, os.WriteFile(filepath.Join(i.folder, ".env"), []byte(strings.Join(lines, "\n")+"\n"), 0o666))
}

// script runs one of the repository's scripts in the installation's folder.
func (i *installation) script(path string) {
	i.t.Helper()
	command := exec.CommandContext(i.t.Context(), filepath.Join(i.folder, path))
	command.Dir = i.folder
	output, err := command.CombinedOutput()
	require.NoError(i.t, err, "%s: %s", path, output)
}

// compose runs docker-compose and returns what it printed.
func (i *installation) compose(arguments ...string) string {
	i.t.Helper()
	ctx, cancel := context.WithTimeout(i.t.Context(), 8*time.Minute) // a first build takes minutes
	defer cancel()
	output, messages, err := i.run(ctx, arguments...)
	require.NoError(i.t, err, "docker-compose %s:\n%s%s", strings.Join(arguments, " "), output, messages)
	return output
}

func (i *installation) run(ctx context.Context, arguments ...string) (output, messages string, err error) {
	all := slices.Concat(composeCommand[1:], []string{"--project-name", i.project}, i.options, arguments)
	command := exec.CommandContext(ctx, composeCommand[0], all...)
	command.Dir = i.folder
	// What the shell of a developer has set must not reach the containers.
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "DOCKER_HOST=" + os.Getenv("DOCKER_HOST"), "PROGRAMS_TAG=test", "COMPOSE_ANSI=never", "NO_COLOR=1"}
	for name, address := range i.ports {
		command.Env = append(command.Env, name+"="+address)
	}
	var printed, said bytes.Buffer
	command.Stdout, command.Stderr = &printed, &said
	err = command.Run()
	return printed.String(), said.String(), err
}

// remove ends the project and takes away all that it has made. Its images stay: the next run begins with them.
func (i *installation) remove() {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute) // the test's own context has ended
	defer cancel()
	if i.t.Failed() {
		output, _, _ := i.run(ctx, "ps")
		logs, _, _ := i.run(ctx, "logs", "--tail=25")
		i.t.Logf("%s\n%s", output, logs)
	}
	if output, messages, err := i.run(ctx, "down", "--volumes", "--remove-orphans", "--timeout=20"); err != nil {
		i.t.Errorf("docker-compose down: %v\n%s%s", err, output, messages)
	}
}

// container is what docker inspect says, as far as it is looked at here.
type container struct {
	ID    string `json:"Id"`
	State struct {
		Status    string
		Pid       int
		ExitCode  int
		OOMKilled bool
		StartedAt time.Time
		Health    *struct {
			Status string
			Log    []struct {
				End      time.Time
				ExitCode int
				Output   string
			}
		}
	}
	RestartCount int
	Config       struct {
		User   string
		Labels map[string]string
	}
	HostConfig struct {
		ReadonlyRootfs, Privileged bool
		CapDrop, CapAdd            []string
		SecurityOpt                []string
		Memory, PidsLimit          int64
		LogConfig                  struct {
			Type   string
			Config map[string]string
		}
	}
	NetworkSettings struct {
		Ports    map[string][]struct{ HostIp, HostPort string }
		Networks map[string]struct{ IPAddress, Gateway string }
	}
}

// containers returns those of the project by their service, ended ones too. A second one of a service is worker-2.
func (i *installation) containers() map[string]container {
	i.t.Helper()
	all, err := i.inspect(i.t.Context())
	require.NoError(i.t, err)
	return all
}

func (i *installation) inspect(ctx context.Context) (map[string]container, error) {
	ids, err := exec.CommandContext(ctx, "docker", "ps", "--all", "--quiet", "--no-trunc", "--filter", "label=com.docker.compose.project="+i.project).Output()
	if err != nil {
		return nil, fmt.Errorf("list the containers: %w", err)
	}
	byService := map[string]container{}
	if len(bytes.TrimSpace(ids)) == 0 {
		return byService, nil
	}
	text, err := exec.CommandContext(ctx, "docker", append([]string{"inspect"}, strings.Fields(string(ids))...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("look at the containers: %w", err)
	}
	var all []container
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("read what docker inspect says: %w", err)
	}
	for _, one := range all {
		name := one.Config.Labels["com.docker.compose.service"]
		if number := one.Config.Labels["com.docker.compose.container-number"]; number != "1" {
			name += "-" + number
		}
		byService[name] = one
	}
	return byService, nil
}

// jobs run once at every start and end.
var jobs = []string{"temporal-schema", "temporal-namespace"}

// awaitHealthy waits until everything is healthy that has a health check, and the jobs have ended well.
func (i *installation) awaitHealthy() {
	i.t.Helper()
	i.await(3*time.Minute, "everything to be healthy", func(all map[string]container) error {
		var ill []string
		for service, one := range all {
			switch {
			case slices.Contains(jobs, service):
				if one.State.Status != "exited" || one.State.ExitCode != 0 {
					ill = append(ill, fmt.Sprintf("%s is %s with %d", service, one.State.Status, one.State.ExitCode))
				}
			case one.health() != "healthy" && one.health() != "running":
				ill = append(ill, service+" is "+one.health())
			}
		}
		if len(ill) > 0 || len(all) == 0 {
			slices.Sort(ill)
			return fmt.Errorf("of %d: %s", len(all), strings.Join(ill, ", "))
		}
		return nil
	})
}

// health is healthy, unhealthy or starting; without a health check, running, exited and so on.
func (c container) health() string {
	if c.State.Health == nil || c.State.Status != "running" {
		return c.State.Status
	}
	return c.State.Health.Status
}

// lastCheck tells what Docker's last health check of the container found, and when: an engine that checks no more is not
// a program that tells an untruth.
func (c container) lastCheck() string {
	if c.State.Health == nil || len(c.State.Health.Log) == 0 {
		return "Docker has not checked it"
	}
	last := c.State.Health.Log[len(c.State.Health.Log)-1]
	return fmt.Sprintf("Docker checked it %.0f s ago, exit code %d: %s", time.Since(last.End).Seconds(), last.ExitCode, last.Output)
}

func (i *installation) awaitHealth(service, health string) {
	i.t.Helper()
	i.await(3*time.Minute, service+" to be "+health, func(all map[string]container) error {
		if now := all[service].health(); now != health {
			return fmt.Errorf("it is %s; %s", now, all[service].lastCheck())
		}
		return nil
	})
}

func (i *installation) await(patience time.Duration, what string, cond func(map[string]container) error) {
	i.t.Helper()
	ctx, cancel := context.WithTimeout(i.t.Context(), patience)
	defer cancel()
	require.NoError(i.t, stack.WaitFor(ctx, what, func(ctx context.Context) error {
		all, err := i.inspect(ctx)
		if err != nil {
			return err
		}
		return cond(all)
	}))
}
