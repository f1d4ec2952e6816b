package containers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/stack"
)

// fault is something that happens to an installation while notices are on their way.
type fault struct {
	name   string
	short  bool                                     // in the short form too
	strike func(*production) (mend func())          // mend is nil where nobody has to do anything
	lasts  time.Duration                            // from the strike, or from when what is told of below was seen, to the mending
	tells  func(ctx context.Context, p *production) // what must show meanwhile
}

var faults = []fault{
	{name: "the worker dies", short: true, strike: dies("worker")},
	{name: "the webhook receiver dies", strike: dies("starter")},
	{name: "Temporal dies", strike: dies("temporal")},
	{name: "Postgres dies", short: true, strike: dies("postgres")},
	{name: "the Web UI dies", strike: dies("temporal-ui")},
	{name: "Prometheus dies", strike: dies("prometheus")},
	{name: "Temporal is stopped, and the health checks say so", short: true, strike: stopped("temporal"), tells: unhealthyWithoutTemporal},
	{name: "the receiver is stopped for minutes, and somebody is told", strike: stopped("starter"), tells: somebodyIsTold("ProgramDown", "starter does not answer")},
	{name: "one of two workers is lost", strike: secondWorkerLost},
	{name: "Postgres hangs for a minute", strike: paused("postgres"), lasts: time.Minute},
	{name: "Temporal and Postgres are cut off from each other", short: true, strike: cut("temporal", "postgres"), lasts: 20 * time.Second},
	{name: "the worker and Temporal are", strike: cut("worker", "temporal"), lasts: 20 * time.Second},
	{name: "the worker and both systems are", strike: cut("worker", outside), lasts: 20 * time.Second},
	{name: "the receiver and Temporal are", strike: cut("starter", "temporal"), lasts: 20 * time.Second},
	{name: "Hillava and the receiver are", strike: cut("starter", outside), lasts: 20 * time.Second},
	{name: "the Web UI and Temporal are", strike: cut("temporal-ui", "temporal"), lasts: 10 * time.Second},
	{name: "Prometheus and the worker are", strike: cut("prometheus", "worker"), lasts: 10 * time.Second},
}

// TestTheDatabasesDiskIsFull: on a small one, which something else fills.
func TestTheDatabasesDiskIsFull(t *testing.T) {
	inTheLongForm(t)
	p := installProduction(t)
	disk := t.TempDir()
	require.NoError(t, syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=400m,mode=0700,uid=999,gid=999"))
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(disk, syscall.MNT_DETACH)) })
	override := "volumes: {postgres-data: {driver_opts: {type: none, o: bind, device: " + disk + "}}}\n"
	require.NoError(t, os.WriteFile(filepath.Join(p.folder, "docker-compose.override.yml"), []byte(override), 0o600))
	p.compose("up", "--detach", "--build")
	p.awaitHealthy()
	p.survive(fault{strike: filled(disk), tells: noSpaceLeft, lasts: 30 * time.Second})
}

// filled leaves no byte on a disk.
func filled(disk string) func(*production) func() {
	return func(p *production) func() {
		ballast := filepath.Join(disk, "ballast")
		file, err := os.Create(ballast)
		require.NoError(p.t, err)
		zeros := make([]byte, 1<<16)
		for len(zeros) > 0 {
			if _, err := file.Write(zeros); err != nil {
				require.ErrorIs(p.t, err, syscall.ENOSPC)
				zeros = zeros[:len(zeros)/2]
			}
		}
		require.NoError(p.t, file.Close())
		return func() { require.NoError(p.t, os.Remove(ballast)) }
	}
}

func noSpaceLeft(ctx context.Context, p *production) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	require.NoError(p.t, stack.WaitFor(ctx, "Postgres to find its disk full", func(context.Context) error {
		if !strings.Contains(p.compose("logs", "postgres"), "No space left on device") {
			return errors.New("its log does not say so")
		}
		return nil
	}))
}

// checkFailures: whatever fails, every notice comes to its end by itself once it is mended, and nothing is done twice.
func (p *production) checkFailures() {
	for _, f := range faults {
		if form == short && !f.short {
			continue
		}
		p.t.Run(f.name, func(t *testing.T) {
			p.as(t).survive(f)
		})
	}
}

// as is the same installation for another test.
func (p *production) as(t *testing.T) *production {
	here := *p
	here.installation = &installation{}
	*here.installation = *p.installation
	here.t = t
	return &here
}

// recovery is how long everything that was under way may take after the mending.
const recovery = 4 * time.Minute

// survive lets a fault happen with notices under way, and judges what became of them.
func (p *production) survive(f fault) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), f.lasts+recovery+5*time.Minute)
	defer cancel()
	finish := p.traffic(ctx)
	p.complete() // they are on their way
	mend := f.strike(p)
	if f.tells != nil {
		f.tells(ctx, p)
	}
	select {
	case <-time.After(f.lasts):
	case <-ctx.Done():
	}
	if mend != nil {
		mend()
	}
	mended := time.Now()
	count, err := finish()
	require.NoError(p.t, err)
	took := time.Since(mended)
	require.Less(p.t, took, recovery)
	p.awaitHealthy()
	p.t.Logf("%d notices, all at their end %.0f s after it was mended, everything healthy after %.0f s", count, took.Seconds(), time.Since(mended).Seconds())
	p.checkLedger()
}

// underWay is how many notices of the traffic may be on their way at once: a busy machine must not drown in them.
const underWay = 40

// traffic begins a notice every second, and takes each to its end, until finish is called; that waits for all of them.
func (p *production) traffic(ctx context.Context) (finish func() (count int, err error)) {
	stop := make(chan struct{})
	var (
		lives    sync.WaitGroup
		mutex    sync.Mutex
		failures []error
		count    int
	)
	places := make(chan struct{}, underWay)
	lives.Go(func() {
		for {
			select {
			case <-stop:
				return
			case places <- struct{}{}:
			}
			count++
			lives.Go(func() {
				defer func() { <-places }()
				if err := p.life(ctx); err != nil {
					mutex.Lock()
					defer mutex.Unlock()
					failures = append(failures, err)
				}
			})
			select {
			case <-stop:
				return
			case <-time.After(time.Second):
			}
		}
	})
	return func() (int, error) {
		close(stop)
		lives.Wait()
		return count, errors.Join(failures...)
	}
}

// dies kills a service's process, as the kernel does when memory is short; Docker starts it again.
func dies(service string) func(*production) func() {
	return func(p *production) func() {
		before := p.containers()[service]
		require.NoError(p.t, syscall.Kill(before.State.Pid, syscall.SIGKILL))
		p.await(time.Minute, service+" to be started again", func(all map[string]container) error {
			if now := all[service]; now.RestartCount == before.RestartCount || now.State.Status != "running" {
				return fmt.Errorf("it is %s, started %d times", now.State.Status, now.RestartCount)
			}
			return nil
		})
		return nil
	}
}

func stopped(service string) func(*production) func() {
	return func(p *production) func() {
		p.compose("stop", service)
		return func() { p.compose("start", service) }
	}
}

// unhealthyWithoutTemporal: worker and receiver say so themselves within 10 s, and Docker after four checks, 15 s apart.
func unhealthyWithoutTemporal(ctx context.Context, p *production) {
	began := time.Now()
	before := p.containers()
	for service, port := range map[string]string{"worker": "9091", "starter": "9092"} {
		soon, cancel := context.WithTimeout(ctx, 15*time.Second)
		require.NoError(p.t, stack.WaitFor(soon, service+" to say that it is not ready", func(ctx context.Context) error {
			output, err := exec.CommandContext(ctx, "docker", "exec", before[service].ID, "/starter", "health", "http://127.0.0.1:"+port+"/readyz").CombinedOutput()
			if err == nil {
				return errors.New("it says that it is ready")
			}
			if !strings.Contains(string(output), "not ready") {
				return fmt.Errorf("%w: %s", err, output)
			}
			return nil
		}))
		cancel()
	}
	said := time.Since(began)
	p.awaitHealth("worker", "unhealthy")
	p.awaitHealth("starter", "unhealthy")
	p.t.Logf("worker and receiver say so after %.0f s, Docker after %.0f s", said.Seconds(), time.Since(began).Seconds())
	for _, service := range []string{"worker", "starter"} {
		require.Equal(p.t, before[service].State.StartedAt, p.containers()[service].State.StartedAt, "%s need not be started again", service)
	}
}

// somebodyIsTold waits until the Alertmanager has sent a message with all of that.
func somebodyIsTold(of ...string) func(ctx context.Context, p *production) {
	return func(ctx context.Context, p *production) {
		began := time.Now()
		require.NoError(p.t, stack.WaitFor(ctx, "a message of the Alertmanager", func(context.Context) error {
			said := p.alerts.all()
			for _, part := range of {
				if !strings.Contains(said, part) {
					return fmt.Errorf("it has sent %q", said)
				}
			}
			return nil
		}))
		p.t.Logf("somebody was told after %.0f s", time.Since(began).Seconds())
	}
}

func paused(service string) func(*production) func() {
	return func(p *production) func() {
		id := p.containers()[service].ID
		p.command("docker", "pause", id)
		return func() { p.command("docker", "unpause", id) }
	}
}

// secondWorkerLost: what it had under way goes to the other one.
func secondWorkerLost(p *production) func() {
	p.compose("up", "--detach", "--no-deps", "--no-recreate", "--scale", "worker=2", "worker")
	p.awaitHealthy()
	p.complete() // both have a part in what is under way
	second := p.containers()["worker-2"]
	require.NotEmpty(p.t, second.ID)
	p.command("docker", "rm", "--force", second.ID)
	return nil
}

// outside is where the containers see the two systems.
const outside = "outside"

// cut lets no packet through between a service and another, or the outside, without a word to either.
func cut(service, other string) func(*production) func() {
	return func(p *production) func() {
		all := p.containers()
		peers := addresses(all[other])
		if other == outside {
			peers = []string{hostAddress(p.t)}
			for _, network := range all[service].NetworkSettings.Networks {
				if network.Gateway != "" { // a network that leads nowhere has none
					peers = append(peers, network.Gateway)
				}
			}
		}
		filter := func(change string) {
			for _, peer := range peers {
				for _, rule := range [][]string{{"INPUT", "--source"}, {"OUTPUT", "--destination"}} {
					p.command("nsenter", "--net", "--target", fmt.Sprint(all[service].State.Pid), "iptables", "--wait", change, rule[0], rule[1], peer, "--jump", "DROP")
				}
			}
		}
		filter("--insert")
		return func() { filter("--delete") }
	}
}

func (p *production) command(arguments ...string) {
	p.t.Helper()
	output, err := exec.CommandContext(p.t.Context(), arguments[0], arguments[1:]...).CombinedOutput()
	require.NoError(p.t, err, "%s: %s", strings.Join(arguments, " "), output)
}
