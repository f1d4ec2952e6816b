package stack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// What a sandbox runs at, so that a person sees things happen. HTTP_TIMEOUT stays what it is in production: the times
// that rest on it keep their ratios.
const (
	pollEvery      = 2 * time.Second
	syncEvery      = 5 * time.Second
	reconcileEvery = 5 * time.Second
)

// preparePrograms builds worker and starter and fixes how they are started.
func (s *Stack) preparePrograms(ctx context.Context) error {
	s.Programs = s.options.Programs
	if s.Programs == (Programs{}) {
		built, err := BuildPrograms(ctx, orDiscard(s.options.Progress))
		if err != nil {
			return err
		}
		s.Programs = built
	}
	workerOps, err := s.port("the worker's health", s.options.Ports.WorkerOps)
	if err != nil {
		return err
	}
	serveOps, err := s.port("the webhook receiver's health", s.options.Ports.ServeOps)
	if err != nil {
		return err
	}
	common := append(s.Temporal.Environment(), "LOG_FORMAT=text")
	worker := append(common[:len(common):len(common)], s.systemsEnvironment()...)
	worker = append(worker,
		"OPS_ADDR="+address(workerOps),
		"SYNC_EVERY="+orDefault(s.options.SyncEvery, syncEvery).String(),
		"RECONCILE_EVERY="+orDefault(s.options.ReconcileEvery, reconcileEvery).String(),
	)
	if s.PageURL != "" {
		worker = append(worker, "TAMPUURI_LINK="+s.PageURL+"/#ilmoitus-{id}", "HILLAVA_LINK="+s.PageURL+"/#{id}")
	}
	serve := append(common[:len(common):len(common)],
		"OPS_ADDR="+address(serveOps), "WEBHOOK_ADDR="+s.WebhookAddr, "HILLAVA_WEBHOOK_SECRET_FILE="+s.secretFile("webhook-secret"))
	s.Worker = &Program{
		Name: "worker", LogPath: filepath.Join(s.Dir, "logs", "worker.log"), OpsURL: "http://" + address(workerOps),
		path: s.Programs.Worker, environment: append(worker, s.options.WorkerEnvironment...), tee: s.options.Tee,
	}
	s.Serve = &Program{
		Name: "starter serve", LogPath: filepath.Join(s.Dir, "logs", "starter-serve.log"), OpsURL: "http://" + address(serveOps),
		path: s.Programs.Starter, arguments: []string{"serve"}, environment: append(serve, s.options.ServeEnvironment...), tee: s.options.Tee,
	}
	s.onClose("worker", s.Worker.close)
	s.onClose("starter serve", s.Serve.close)
	return s.writeEnvironment()
}

// AnotherWorker prepares a worker beside the first one, from that binary and with more settings (NAME=value): another
// build of a rollout. The caller starts it; Close ends it.
func (s *Stack) AnotherWorker(name, binary string, settings ...string) (*Program, error) {
	ops, err := s.port("the health of "+name, 0)
	if err != nil {
		return nil, err
	}
	other := &Program{
		Name: name, LogPath: filepath.Join(s.Dir, "logs", name+".log"), OpsURL: "http://" + address(ops), path: binary, tee: s.Worker.tee,
		environment: append(append(s.Worker.environment[:len(s.Worker.environment):len(s.Worker.environment)], "OPS_ADDR="+address(ops)), settings...),
	}
	s.onClose(name, other.close)
	return other, nil
}

// writeEnvironment writes down how the starter's commands reach this stack. It names files with secrets and holds none.
func (s *Stack) writeEnvironment() error {
	var text strings.Builder
	variables := s.systemsEnvironment()
	if s.Temporal.Source != FromEnvironment { // else they are in the person's shell already, perhaps with an API key
		variables = append(variables, s.Temporal.Environment()...)
	}
	for _, variable := range variables {
		name, value, _ := strings.Cut(variable, "=")
		fmt.Fprintf(&text, "export %s='%s'\n", name, strings.ReplaceAll(value, "'", `'\''`))
	}
	s.EnvironmentFile = filepath.Join(s.Dir, "starter.env")
	if err := replaceFile(s.EnvironmentFile, []byte(text.String())); err != nil || s.options.EnvironmentFile == "" {
		return err
	}
	s.EnvironmentFile = s.options.EnvironmentFile
	s.onClose(s.EnvironmentFile, func(context.Context) error {
		now, err := os.ReadFile(s.EnvironmentFile)
		if err == nil && string(now) == text.String() { // else a sandbox that was started later has it
			err = os.Remove(s.EnvironmentFile)
		}
		if errors.Is(err, fs.ErrNotExist) { // such a one has taken it away as it ended
			return nil
		}
		return err
	})
	return replaceFile(s.EnvironmentFile, []byte(text.String()))
}

// systemsEnvironment is what worker and the starter's commands need to reach both systems.
func (s *Stack) systemsEnvironment() []string {
	variables := []string{
		"TAMPUURI_URL=" + s.TampuuriURL, "HILLAVA_URL=" + s.HillavaURL, "HILLAVA_TOKEN_FILE=" + s.secretFile("hillava-token"),
		"CUSTOMERS_FILE=" + s.CustomersFile, "FINGERPRINT_KEY_FILE=" + s.keyFile, "POLL_EVERY=" + orDefault(s.options.PollEvery, pollEvery).String(),
	}
	if s.options.HTTPTimeout != 0 {
		variables = append(variables, "HTTP_TIMEOUT="+s.options.HTTPTimeout.String())
	}
	return append(variables, s.options.NotifyEnvironment...)
}

// startPrograms starts both at once, as a supervisor would, and waits until they are ready.
func (s *Stack) startPrograms(ctx context.Context) error {
	var programs []*Program
	if !s.options.WithoutWorker {
		programs = append(programs, s.Worker)
	}
	if !s.options.WithoutServe {
		programs = append(programs, s.Serve)
	}
	for _, program := range programs {
		if err := program.Start(); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, program := range programs {
		group.Go(func() error { return program.WaitReady(ctx) })
	}
	return group.Wait()
}

// Starter runs a command of the starter (e.g. "notice", "list", "--json") against this stack and returns its stdout,
// stderr and exit code. The error is only for one that could not be run.
func (s *Stack) Starter(ctx context.Context, arguments ...string) (stdout, stderr string, exitCode int, err error) {
	command := command(ctx, s.Dir, s.Programs.Starter, arguments...)
	environment := append(s.Temporal.Environment(), "LOG_FORMAT=text")
	command.Env = childEnvironment(append(environment, s.systemsEnvironment()...))
	var out, messages strings.Builder
	command.Stdout, command.Stderr = &out, &messages
	err = command.Run()
	if command.ProcessState == nil {
		return "", "", 0, fmt.Errorf("run starter: %w", err)
	}
	return out.String(), messages.String(), command.ProcessState.ExitCode(), nil
}
