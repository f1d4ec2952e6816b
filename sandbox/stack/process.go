package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// process is one child. It has a process group of its own, so that Ctrl-C reaches this process alone and children end
// in the order that we choose; on Linux the kernel kills it when this process dies.
type process struct {
	name string
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how it ended; read after done

	answered atomic.Bool // it has come so far that a stop must be clean
}

// spawnRequests go to one goroutine that never leaves its thread: Linux sends the parent-death signal when the thread
// that started the child ends, not when the process does.
var spawnRequests = sync.OnceValue(func() chan<- spawnRequest {
	requests := make(chan spawnRequest)
	go func() {
		runtime.LockOSThread()
		for r := range requests {
			r.result <- r.cmd.Start()
		}
	}()
	return requests
})

type spawnRequest struct {
	cmd    *exec.Cmd
	result chan error
}

// spawn starts a child with exactly that environment. Its output goes to the writers, which may be the same.
func spawn(name, path string, args, environment []string, stdout, stderr io.Writer) (*process, error) {
	cmd := exec.Command(path, args...)
	cmd.Env = environment
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.SysProcAttr = childAttributes()
	cmd.WaitDelay = 5 * time.Second // for output pipes that something else holds open
	result := make(chan error, 1)
	spawnRequests() <- spawnRequest{cmd, result}
	if err := <-result; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p := &process{name: name, cmd: cmd, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

func (p *process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// kill sends SIGKILL to the child's group and waits until it has ended. A child that has ended already is fine.
func (p *process) kill() error {
	return errors.Join(p.signal(syscall.SIGKILL), p.wait(context.Background()))
}

// stop sends SIGTERM and waits until the child has ended. When ctx ends first the child is killed and that is an error.
// So is an exit code other than 0; only a child that has not answered yet may die of the signal, as it may not have come
// to listening for it.
func (p *process) stop(ctx context.Context) error {
	if !p.running() {
		return nil
	}
	if err := p.signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := p.wait(ctx); err != nil {
		return errors.Join(fmt.Errorf("%s does not stop on SIGTERM, so it is killed: %w", p.name, err), p.kill())
	}
	if p.err != nil && (p.answered.Load() || !p.diedOf(syscall.SIGTERM)) {
		return fmt.Errorf("%s was told to stop and ended badly: %w", p.name, p.err)
	}
	return nil
}

// diedOf is for a child that has ended.
func (p *process) diedOf(s syscall.Signal) bool {
	status, known := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return known && status.Signaled() && status.Signal() == s
}

func (p *process) wait(ctx context.Context) error {
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *process) signal(s syscall.Signal) error {
	if !p.running() {
		return nil
	}
	err := syscall.Kill(-p.cmd.Process.Pid, s)
	if err != nil && !errors.Is(err, syscall.ESRCH) && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("signal %s: %w", p.name, err)
	}
	return nil
}
