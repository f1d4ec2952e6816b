package containers

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"

	"tampuuri-hillava/sandbox/skipped"
)

// earlier are the versions of Temporal that the installation comes through, one minor version after the other, before
// docker-compose.yml's.
var earlier = []string{"1.31.4"}

// images are those of docker-compose.yml that go together with the server's version.
var images = regexp.MustCompile(`(temporalio/(?:server|admin-tools)):([0-9.]+)`)

// TestTemporalIsUpgradedAndTakenBack raises Temporal one minor version after the other, as docs/operations.md says, with
// notices open and others on their way, and then takes it one version back.
func TestTemporalIsUpgradedAndTakenBack(t *testing.T) {
	inTheLongForm(t)
	p := installProduction(t)
	present := p.temporalVersion()
	for _, version := range earlier {
		p.haveTemporal(version)
	}
	p.setTemporal(earlier[0])
	p.compose("up", "--detach", "--build", "worker", "starter") // with what they need
	p.awaitHealthy()

	ctx, cancel := context.WithTimeout(t.Context(), 25*time.Minute)
	defer cancel()
	open := p.beginMany(ctx, openThroughout/5)
	finish := p.traffic(ctx)
	for _, version := range slices.Concat(earlier[1:], []string{present, earlier[len(earlier)-1]}) {
		p.complete() // others are on their way
		from, schemas := p.serverVersion(ctx), p.schemas()
		away := p.watchTemporal(ctx)
		began := time.Now()
		p.setTemporal(version)
		p.compose("up", "--detach", "worker", "starter")
		p.awaitHealthy()
		healthy := time.Since(began)
		p.complete()
		require.Equal(t, version, p.serverVersion(ctx))
		t.Logf("%s → %s: Temporal did not answer for %.0f s, everything healthy after %.0f s, a notice at its end after %.0f s; schemas %s → %s",
			from, version, away().Seconds(), healthy.Seconds(), time.Since(began).Seconds(), schemas, p.schemas())
	}
	count, err := finish()
	require.NoError(t, err)
	completeAll(ctx, t, open)
	p.awaitNoneOpen(ctx)
	t.Logf("%d notices were open throughout, %d others on their way", len(open), count)
	p.checkLedger()
}

// haveTemporal makes sure that images of that version are here.
func (p *production) haveTemporal(version string) {
	p.t.Helper()
	for _, image := range []string{"temporalio/server:" + version, "temporalio/admin-tools:" + version} {
		if exec.CommandContext(p.t.Context(), "docker", "image", "inspect", image).Run() == nil {
			continue
		}
		if output, err := exec.CommandContext(p.t.Context(), "docker", "pull", image).CombinedOutput(); err != nil {
			skipped.Because(p.t, "deploy/offline/build.sh %s makes it: %s", image, output)
		}
	}
}

func (p *production) composeFile() (path, text string) {
	p.t.Helper()
	path = filepath.Join(p.folder, "docker-compose.yml")
	content, err := os.ReadFile(path)
	require.NoError(p.t, err)
	return path, string(content)
}

// temporalVersion is the one that docker-compose.yml names.
func (p *production) temporalVersion() string {
	p.t.Helper()
	_, text := p.composeFile()
	return images.FindStringSubmatch(text)[2]
}

// setTemporal has docker-compose.yml name another one.
func (p *production) setTemporal(version string) {
	p.t.Helper()
	path, text := p.composeFile()
	require.NoError(p.t, os.WriteFile(path, []byte(images.ReplaceAllString(text, "${1}:"+version)), 0o666))
}

func (p *production) serverVersion(ctx context.Context) string {
	p.t.Helper()
	answer, err := p.temporal().WorkflowService().GetSystemInfo(ctx, &workflowservice.GetSystemInfoRequest{})
	require.NoError(p.t, err)
	return answer.GetServerVersion()
}

// schemas are the versions of the schemas of both databases.
func (p *production) schemas() string {
	p.t.Helper()
	var versions []string
	for _, database := range databases {
		versions = append(versions, strings.TrimSpace(p.sql(database, "SELECT curr_version FROM schema_version")))
	}
	return strings.Join(versions, " and ")
}

// watchTemporal asks the server ten times a second; the answer is the longest time between two answers since.
func (p *production) watchTemporal(ctx context.Context) (longest func() time.Duration) {
	p.t.Helper()
	ctx, stop := context.WithCancel(ctx)
	connected, found := p.temporal(), make(chan time.Duration, 1)
	go func() {
		gap, last := time.Duration(0), time.Now()
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			once, cancel := context.WithTimeout(ctx, time.Second)
			_, err := connected.WorkflowService().GetSystemInfo(once, &workflowservice.GetSystemInfoRequest{})
			cancel()
			if err == nil {
				gap, last = max(gap, time.Since(last)), time.Now()
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
		found <- gap
	}()
	return func() time.Duration {
		stop()
		return <-found
	}
}
