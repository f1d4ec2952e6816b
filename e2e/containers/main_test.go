// Package containers runs docker-compose.yml for real: our images, Temporal over Postgres, monitoring, with the stand-ins
// of both systems on the host or in a container of their own.
//
//	deploy/offline/build.sh                                                # where no image registry can be reached
//	E2E_CONTAINERS=all go test ./e2e/containers -timeout 180m -v           # everything; short: what CI runs
//
// Each installation is a docker-compose project of its own, on free ports, in a copy of the repository that was made with
// the umask 077. No container, network or volume of another project is touched.
package containers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"tampuuri-hillava/sandbox/skipped"
)

// composeCommand is docker-compose as this machine has it.
var composeCommand []string

// form is E2E_CONTAINERS: how much is to be tested.
var form = os.Getenv("E2E_CONTAINERS")

const (
	short = "short"
	all   = "all"
)

func TestMain(m *testing.M) {
	if form == "" {
		fmt.Println("The containers are not tested without E2E_CONTAINERS=short or all.")
		return
	}
	if err := prepare(); err != nil {
		fmt.Fprintln(os.Stderr, "containers:", err)
		os.Exit(1)
	}
	syscall.Umask(0o077)
	os.Exit(m.Run())
}

func prepare() error {
	if form != short && form != all {
		return fmt.Errorf("E2E_CONTAINERS is short or all, not %q", form)
	}
	if output, err := exec.Command("docker", "version", "--format", "{{.Server.Version}}").CombinedOutput(); err != nil {
		return fmt.Errorf("Docker Engine cannot be used: %w\n%s", err, output)
	}
	switch {
	case exec.Command("docker", "compose", "version").Run() == nil:
		composeCommand = []string{"docker", "compose"}
	case exec.Command("docker-compose", "version").Run() == nil:
		composeCommand = []string{"docker-compose"}
	default:
		return fmt.Errorf("neither docker compose nor docker-compose is installed")
	}
	// Stages of builds that nobody has needed for a day.
	_ = exec.Command("docker", "image", "prune", "--force", "--filter", "label=tampuuri-hillava.stage", "--filter", "until=24h").Run()
	return removeLeftovers()
}

// projectPrefix begins the names of all projects of this suite; the process that made one follows.
const projectPrefix = "tampuuri-hillava-test-"

// removeLeftovers takes away what runs of this suite have left that were killed.
func removeLeftovers() error {
	for _, kind := range []struct{ list, remove []string }{
		{[]string{"ps", "--all"}, []string{"rm", "--force", "--volumes"}},
		{[]string{"network", "ls"}, []string{"network", "rm"}},
		{[]string{"volume", "ls"}, []string{"volume", "rm"}},
	} {
		format := `{{.ID}} {{.Label "com.docker.compose.project"}}`
		if kind.list[0] == "volume" {
			format = `{{.Name}} {{.Label "com.docker.compose.project"}}`
		}
		output, err := exec.Command("docker", append(kind.list, "--format", format)...).Output()
		if err != nil {
			return fmt.Errorf("list what runs: %w", err)
		}
		for line := range strings.Lines(string(output)) {
			id, project, _ := strings.Cut(strings.TrimSpace(line), " ")
			if !leftover(project) {
				continue
			}
			if output, err := exec.Command("docker", append(kind.remove, id)...).CombinedOutput(); err != nil {
				return fmt.Errorf("remove what an earlier run left: %w\n%s", err, output)
			}
		}
	}
	return nil
}

// leftover tells whether the project is of a run of this suite whose process is no more.
func leftover(project string) bool {
	rest, ours := strings.CutPrefix(project, projectPrefix)
	process, _, _ := strings.Cut(rest, "-")
	if _, err := strconv.Atoi(process); !ours || err != nil {
		return false
	}
	_, err := os.Stat(filepath.Join("/proc", process))
	return os.IsNotExist(err)
}

func inTheLongForm(t *testing.T) {
	t.Helper()
	if form == short {
		skipped.Because(t, "E2E_CONTAINERS=all runs %s too", t.Name())
	}
}
