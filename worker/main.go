// Worker runs the workflows and activities. Everything it needs comes from the environment; see docs/settings.md.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"tampuuri-hillava/activities"
	"tampuuri-hillava/activities/rounds"
	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/figures"
	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/notify"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/tampuuri"
	"tampuuri-hillava/internal/telemetry"
	"tampuuri-hillava/internal/temporalclient"
	"tampuuri-hillava/workflows"
)

const usage = `usage: worker [--help | --version]

It takes no other arguments: everything it needs comes from the environment; see docs/settings.md.
Exit code 0: stopped, 1: failed, 2: used wrongly.
`

// refuseArguments says how the worker is used, or which build it is, when it is given any argument; run is false then. A
// worker that ignored them would start, with the settings of whoever only asked for help.
func refuseArguments(args []string, stdout, stderr io.Writer) (code int, run bool) {
	if len(args) == 0 {
		return 0, true
	}
	if len(args) == 1 && slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		fmt.Fprint(stdout, usage)
		return 0, false
	}
	if len(args) == 1 && slices.Contains([]string{"version", "-version", "--version"}, args[0]) {
		stamp, err := buildStamp()
		fmt.Fprintf(stdout, "%s, build %s\n", telemetry.Version("worker"), cmp.Or(stamp, fmt.Sprint(err)))
		return 0, false
	}
	fmt.Fprintf(stderr, "worker: it takes no argument like %q\n\n%s", args[0], usage)
	return 2, false
}

func main() {
	if code, run := refuseArguments(os.Args[1:], os.Stdout, os.Stderr); !run {
		os.Exit(code)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil && !stoppedWhileStarting(ctx, err) {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}

// stoppedWhileStarting tells a start that a stop has cut off, which is no failure, from one that failed.
func stoppedWhileStarting(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.As(err, new(*serviceerror.Canceled)))
}

func run(ctx context.Context) error {
	settings, keyer, channels, err := loadSettings()
	if err != nil {
		return err
	}
	logger := telemetry.NewLogger(os.Stderr, settings.Log.Level, settings.Log.Format)
	slog.SetDefault(logger)
	for _, exposed := range settings.Exposed {
		logger.Warn(exposed.String())
	}
	metrics, traces, err := newTelemetry(ctx, settings, logger)
	if err != nil {
		return err
	}
	health := telemetry.NewHealth()
	health.SetReady("worker", false, "starting")
	stopOps, opsAddr, err := telemetry.ServeOps(ctx, settings.OpsAddr, telemetry.OpsHandler(health, metrics.Handler))
	if err != nil {
		return err
	}

	temporalClient, err := temporalclient.Dial(ctx, temporalclient.Options{Logger: logger, Metrics: metrics.Provider})
	if err != nil {
		return err
	}
	defer temporalClient.Close()
	go temporalclient.Watch(ctx, temporalClient, health, logger)
	ours, err := runs.New(temporalClient)
	if err != nil {
		return err
	}
	if err := ours.EnsureSearchAttributes(ctx, logger); err != nil {
		return err
	}
	observer := figures.NewObserver(ours, intervals(settings), logger, time.Now)
	if err := observer.Observe(metrics.Provider.Meter("tampuuri-hillava")); err != nil {
		return err
	}
	systems, closeHillava, err := newGateway(settings, keyer, logger)
	if err != nil {
		return err
	}
	defer closeHillava()
	teller := newTeller(settings, channels, ours, observer, logger)
	acts, err := newActivities(ctx, settings, systems, keyer, ours, teller, observer, logger)
	if err != nil {
		return err
	}

	if err := setWhatWorkersShare(settings); err != nil {
		return err
	}
	w := worker.New(temporalClient, runs.TaskQueue, workerOptions(settings, activities.TraceSteps(traces), observer.Interceptor()))
	workflows.Register(w, workflows.Options{
		Timing: timing(settings),
		Links:  workflows.Links{Task: settings.HillavaLink, Notice: settings.TampuuriLink},
		Marks:  observer.Marks,
	}, acts)
	if err := w.Start(); err != nil {
		return fmt.Errorf("start the worker: %w", err)
	}
	err = errors.Join(ours.EnsureSchedules(ctx, intervals(settings)), ours.EnsureNotify(ctx, len(settings.NotifyURLs) > 0))
	if err != nil {
		return errors.Join(err, stopAll(w, stopOps, traces))
	}
	go observer.Run(ctx, systems.Refused)
	health.SetReady("worker", true, "")
	logger.Info("The worker is running.", "taskQueue", runs.TaskQueue, "ops", opsAddr)
	watch(ctx, systems, health)
	logger.Info("The worker is stopping; activities under way are finished first.")
	return stopAll(w, stopOps, traces)
}

// loadSettings also makes what only settings can be wrong for, so that everything that is wrong is told at once.
func loadSettings() (config.Worker, notice.Keyer, []notify.Channel, error) {
	settings, err := config.LoadWorker()
	keyer, unfit := notice.NewKeyer([]byte(settings.FingerprintKey.Reveal()))
	if err == nil { // else it has told what is wrong with the key
		err = unfit
	}
	channels, unknown := openChannels(settings, keyer)
	return settings, keyer, channels, errors.Join(err, unknown, temporalclient.Check())
}

// openChannels opens the channels of NOTIFY_URLS.
func openChannels(settings config.Worker, keyer notice.Keyer) ([]notify.Channel, error) {
	var addresses []string
	for _, address := range settings.NotifyURLs {
		addresses = append(addresses, address.Reveal())
	}
	digest := func(address string) string { return keyer.Digest("channel", address) }
	return notify.Open(addresses, digest, timing(settings).HTTPTimeout)
}

// setWhatWorkersShare sets what the SDK keeps once for the whole program.
func setWhatWorkersShare(settings config.Worker) error {
	// One workflow in memory takes some 67 KB, so the SDK's 10,000 would take 700 MB where so many notices are open. A notice
	// waits for days: read again from its few KB of history, it loses milliseconds.
	worker.SetStickyWorkflowCacheSize(settings.CachedNotices)
	stamp, err := buildStamp()
	if err != nil {
		return err
	}
	worker.SetBinaryChecksum(stamp)
	return nil
}

func newTelemetry(ctx context.Context, settings config.Worker, logger *slog.Logger) (*telemetry.Metrics, *telemetry.Traces, error) {
	metrics, err := telemetry.NewMetrics()
	if err != nil {
		return nil, nil, err
	}
	traces, err := telemetry.NewTraces(ctx, settings.Traces.Collected(), "worker", logger)
	return metrics, traces, err
}

func intervals(settings config.Worker) runs.Rounds {
	return runs.Rounds{Sync: settings.SyncEvery, Reconcile: settings.ReconcileEvery}
}

const heartbeatEvery = 5 * time.Second

// timing is that of the more patient peer, as both share the rules that follow from it.
func timing(settings config.Worker) runs.Timing {
	return runs.Timing{HTTPTimeout: max(settings.TampuuriTimeout, settings.HillavaTimeout)}
}

const (
	// workflowTasksAtOnce is plenty for the cores that there are, as each only decides what is next. The SDK's 1,000 would
	// bring as many workflows into memory at once when a backlog of webhooks comes in.
	workflowTasksAtOnce = 100
	// memoryFirst is how long a step waits for the worker that has its workflow in memory before any other may take it. That
	// long a killed worker holds up each of its notices. Whoever takes a step later has some KB of history to read again.
	memoryFirst = 2 * time.Second
	// stepsAskedFor is how many workflow tasks are asked for side by side. With the SDK's 2, one of them for what is in memory,
	// a burst of webhooks waits for the answers one after the other, and longer than memoryFirst; with 8 some still do.
	stepsAskedFor = 24
	// activitiesAtOnce is the SDK's own. Most of what an activity does is to wait for its peer, and few of them waiting would
	// let one customer whose Tampuuri hangs keep everybody else's work from its turn.
	activitiesAtOnce = 1000
)

// workerOptions: a stop waits for the activities under way, as the SDK's default of 0 would cut their requests off. With
// versioning on, an open notice moves to the newest build by itself (AutoUpgrade), as it lives longer than any build.
func workerOptions(settings config.Worker, interceptors ...interceptor.WorkerInterceptor) worker.Options {
	options := worker.Options{
		MaxConcurrentWorkflowTaskExecutionSize: workflowTasksAtOnce,
		MaxConcurrentActivityExecutionSize:     activitiesAtOnce,
		MaxConcurrentWorkflowTaskPollers:       stepsAskedFor,
		StickyScheduleToStartTimeout:           memoryFirst,
		Interceptors:                           interceptors,
		// How soon a pause reaches a long round: heartbeats are held back for so long at most.
		MaxHeartbeatThrottleInterval:     heartbeatEvery,
		DefaultHeartbeatThrottleInterval: heartbeatEvery,
		WorkerStopTimeout:                2*timing(settings).HTTPTimeout + 5*time.Second,
		OnFatalError: func(err error) {
			slog.Error("The worker cannot go on; restart it when the cause is mended.", "error", err)
			os.Exit(1)
		},
	}
	if settings.DeploymentName != "" {
		options.DeploymentOptions = worker.DeploymentOptions{
			UseVersioning:             true,
			Version:                   worker.WorkerDeploymentVersion{DeploymentName: settings.DeploymentName, BuildID: settings.BuildID},
			DefaultVersioningBehavior: workflow.VersioningBehaviorAutoUpgrade,
		}
	}
	return options
}

// allActivities is what workflows.Register asks for.
type allActivities struct {
	*activities.Activities
	*rounds.Rounds
	*notify.Teller
}

func newActivities(ctx context.Context, settings config.Worker, systems *gateway.Gateway, keyer notice.Keyer, ours *runs.Client, teller *notify.Teller, observer *figures.Observer, logger *slog.Logger) (allActivities, error) {
	customers, err := config.NewRegistry(settings.CustomersFile, settings.PollEvery, func(exposed config.Exposed) { logger.Warn(exposed.String()) })
	if err != nil {
		return allActivities{}, err
	}
	retention, err := ours.Retention(ctx)
	if err != nil {
		return allActivities{}, err
	}
	return allActivities{
		activities.New(activities.Options{
			Gateway: systems, Customers: customers, Runs: ours, Retention: retention, Keyer: keyer,
			Rounds: intervals(settings), Logger: logger, Now: time.Now,
		}),
		rounds.New(rounds.Options{
			Gateway: systems, Customers: customers, Runs: ours, Retention: retention, Keyer: keyer, Compare: settings.ReconcileEvery,
			NoticeLink: settings.TampuuriLink, Observe: observer.Note, Logger: logger, Now: time.Now,
		}),
		teller,
	}, nil
}

func newGateway(settings config.Worker, keyer notice.Keyer, logger *slog.Logger) (systems *gateway.Gateway, closeHillava func(), err error) {
	token := settings.TokenSource()
	client, err := hillava.New(hillava.Config{
		BaseURL: settings.HillavaURL, Token: token, Timeout: settings.HillavaTimeout, AllowInsecureHTTP: settings.AllowInsecureHTTP,
	})
	if err != nil {
		return nil, nil, err
	}
	openTampuuri := func(customer config.Customer) (*tampuuri.Client, error) {
		return customers.NewTampuuri(settings.Systems, customer)
	}
	return gateway.New(gateway.Options{
		Hillava: client, HillavaToken: token, NewTampuuri: openTampuuri,
		Keyer: keyer, Timing: timing(settings), Logger: logger, Now: time.Now,
	}), client.Close, nil
}

// newTeller looks as often as customers are polled: nothing is known sooner.
func newTeller(settings config.Worker, channels []notify.Channel, ours *runs.Client, observer *figures.Observer, logger *slog.Logger) *notify.Teller {
	options := notify.Options{Channels: channels, Temporal: ours, Customer: observer.Customer, LookEvery: settings.PollEvery, Language: settings.NotifyLang, Logger: logger}
	if settings.NotifyQuiet != nil {
		options.Quiet = settings.NotifyQuiet.Contains
	}
	if settings.NotifyDaily != nil {
		options.Daily = settings.NotifyDaily.Around
	}
	return notify.New(options)
}

// watch shows in readyz whose credentials are refused, until ctx ends. That is one customer's trouble, so the worker
// stays ready.
func watch(ctx context.Context, systems *gateway.Gateway, health *telemetry.Health) {
	ticker := time.NewTicker(5 * time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if refused := systems.Refused(); len(refused) > 0 {
				health.SetReady("credentials", true, fmt.Sprintf("refused by %v", refused))
			} else {
				health.Forget("credentials")
			}
		}
	}
}

// stopAll stops in the order in which work flows: no new tasks, then what is under way, then telemetry.
func stopAll(w worker.Worker, stopOps func(context.Context) error, traces *telemetry.Traces) error {
	w.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	defer traces.Shutdown(ctx)
	return stopOps(ctx)
}
