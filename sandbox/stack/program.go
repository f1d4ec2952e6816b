package stack

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"sync"
)

// Program is the worker or the webhook receiver: a process of its own that can be killed and started again at will. It
// is safe for concurrent use, also from a fault's Call.
type Program struct {
	Name    string // worker, or starter serve
	LogPath string // its stdout and stderr, of all its starts
	OpsURL  string // /healthz, /readyz and /metrics below it

	path      string
	arguments []string
	tee       io.Writer

	mu          sync.Mutex
	environment []string
	child       *process
	logFile     *os.File
	closed      bool
}

// Start starts the program unless it runs. It does not wait until it is ready.
func (p *Program) Start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.child != nil && p.child.running() {
		return nil
	}
	if p.closed {
		return fmt.Errorf("start %s: the sandbox is ending", p.Name)
	}
	if p.logFile == nil {
		file, err := os.OpenFile(p.LogPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("open the log of %s: %w", p.Name, err)
		}
		p.logFile = file
	}
	output := io.Writer(p.logFile)
	if p.tee != nil {
		output = io.MultiWriter(p.logFile, p.tee)
	}
	child, err := spawn(p.Name, p.path, p.arguments, childEnvironment(p.environment), output, output)
	if err != nil {
		return err
	}
	p.child = child
	return nil
}

// WaitReady waits until /readyz answers 200. It fails at once, with the end of the log, when the program ends.
func (p *Program) WaitReady(ctx context.Context) error {
	child := p.current()
	if child == nil {
		return fmt.Errorf("%s has not been started", p.Name)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-child.done:
			cancel(fmt.Errorf("%s ended (%v)", p.Name, child.cmd.ProcessState))
		case <-ctx.Done():
		}
	}()
	err := WaitFor(ctx, p.Name+" to be ready", func(ctx context.Context) error {
		if !child.running() {
			return fmt.Errorf("%s does not run", p.Name)
		}
		return ready(ctx, p.OpsURL+"/readyz")
	})
	if err != nil {
		return fmt.Errorf("%w; the end of %s:\n%s", err, p.LogPath, p.LogTail(15))
	}
	child.answered.Store(true)
	return nil
}

// Kill ends the program with SIGKILL and waits until it has ended.
func (p *Program) Kill() error {
	if child := p.current(); child != nil {
		return child.kill()
	}
	return nil
}

// Stop ends the program with SIGTERM and waits until it has ended. When ctx ends first it is killed, and that is an
// error. So is an exit code other than 0; a program that has never been ready may die of the signal.
func (p *Program) Stop(ctx context.Context) error {
	if child := p.current(); child != nil {
		return child.stop(ctx)
	}
	return nil
}

// Restart kills the program when it runs, starts it and waits until it is ready.
func (p *Program) Restart(ctx context.Context) error {
	if err := p.Kill(); err != nil {
		return err
	}
	if err := p.Start(); err != nil {
		return err
	}
	return p.WaitReady(ctx)
}

// Running says whether the program runs now.
func (p *Program) Running() bool {
	child := p.current()
	return child != nil && child.running()
}

// Ended is closed when the present run of the program has ended; nil before the first start.
func (p *Program) Ended() <-chan struct{} {
	if child := p.current(); child != nil {
		return child.done
	}
	return nil
}

// Pid is the process id of the present run, 0 when it does not run.
func (p *Program) Pid() int {
	if child := p.current(); child != nil && child.running() {
		return child.cmd.Process.Pid
	}
	return 0
}

// Setenv sets a variable for the next start.
func (p *Program) Setenv(name, value string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.environment = setVariable(p.environment, name, value)
}

// LogTail returns the last lines of the log.
func (p *Program) LogTail(lines int) string { return tail(p.LogPath, lines) }

func (p *Program) current() *process {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.child
}

func (p *Program) close(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	err := p.Stop(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.logFile != nil {
		_ = p.logFile.Close() // everything in it was written by the child itself
		p.logFile = nil
	}
	return err
}

func setVariable(environment []string, name, value string) []string {
	kept := slices.DeleteFunc(slices.Clone(environment), func(variable string) bool {
		return len(variable) > len(name) && variable[:len(name)+1] == name+"="
	})
	return append(kept, name+"="+value)
}

// ready returns nil when the readiness endpoint answers 200, else what it says.
func ready(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 2<<10))
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers %s: %s", answer.Status, text)
	}
	return nil
}
