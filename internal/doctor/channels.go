package doctor

import (
	"cmp"
	"context"
	"strings"
	"sync"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/notify"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/speech"
)

// channels are those of NOTIFY_URLS. They are in the worker's environment; doctor's may be without.
type channels struct {
	open    []notify.Channel
	unfit   error // addresses that no service takes
	misread bool  // the variable itself; the worker's settings tell why
}

// patience is how long a channel may take where no HTTP_TIMEOUT could be read.
const patience = 10 * time.Second

func openChannels(worker config.Worker, unreadable error) channels {
	if unreadable != nil && strings.Contains(unreadable.Error(), "NOTIFY_URLS") {
		return channels{misread: true}
	}
	var addresses []string
	for _, address := range worker.NotifyURLs {
		addresses = append(addresses, address.Reveal())
	}
	unnamed := func(string) string { return "" } // only the workflow's marks need to know one from another
	open, unfit := notify.Open(addresses, unnamed, cmp.Or(worker.HTTPTimeout, patience))
	return channels{open: open, unfit: unfit}
}

// set tells that a worker with these settings tells people.
func (c channels) set() bool { return len(c.open) > 0 || c.unfit != nil }

// check: the worker takes each address. told says that a worker tells people, whatever is set here.
func (c channels) check(told bool) Finding {
	check := named("channels")
	switch {
	case c.misread:
		return skip(check, say("the worker's settings are to be corrected first"))
	case c.unfit != nil:
		return failing(check, quotedError(c.unfit), say("correct the addresses named; with them the worker does not start"))
	case c.set():
		return ok(check, say("NOTIFY_URLS names %d", len(c.open)))
	case told:
		return skip(check, say("NOTIFY_URLS is not set here; a worker that has it tells people"))
	default:
		return warning(check, say("NOTIFY_URLS is not set: nobody is told when something is wrong"), say("set it for the worker, see \"Who is told\" in docs/operations.md"))
	}
}

// lookOverdue is for how long a look that is due may wait for a worker.
const lookOverdue = 5 * time.Minute

// checkTelling: the workflow that tells people looks, and every channel takes its messages.
func checkTelling(ctx context.Context, s server, c channels, now time.Time) []Finding {
	check := named("telling people")
	run, err := s.NotifyRun(ctx)
	both := func(f Finding) []Finding { return []Finding{c.check(run != nil), f} }
	switch {
	case err != nil:
		return both(failing(check, failure(err), say("look whether the server is well")))
	case run == nil && (c.set() || c.misread):
		return both(warning(check, say("the workflow %s does not run, so nobody is told", runs.NotifyWorkflowID), say("start the worker with NOTIFY_URLS: it starts it")))
	case run == nil:
		return both(skip(check, say("nobody is to be told")))
	}
	if step := run.Trying; step != nil {
		if due := step.NextRetry; due != nil && now.Sub(*due) > lookOverdue {
			return both(failing(check, say("no look since it was due at %s", notice.Clock(*due)), say("look whether a worker runs")))
		}
		if step.LastFailure != "" && !strings.HasPrefix(step.LastFailure, runs.FaultNothingNew) {
			return both(warning(check, say("the last look failed: %s", step.LastFailure), say("it is tried again; look whether the server is well")))
		}
	}
	switch {
	case run.Marks == nil:
		return both(ok(check, say("it runs, and looks just now")))
	case run.Marks.Open == 0:
		return both(warning(check, say("the worker that looked last, at %s, has no channels", notice.Clock(run.Marks.At)), say("give every worker the same NOTIFY_URLS")))
	case run.Marks.Failing > 0:
		return both(warning(check, say("channels that do not take messages: %d of %d; last look at %s", run.Marks.Failing, run.Marks.Open, notice.Clock(run.Marks.At)),
			say("the worker's log says which and why; starter doctor --send-test tries each")))
	default:
		return both(ok(check, say("last look at %s; causes of trouble: %d", notice.Clock(run.Marks.At), len(run.Marks.Seen))))
	}
}

// sendTest sends a message through each channel, all at once, as one may hang.
func (c channels) sendTest(language speech.Language) []Finding {
	if len(c.open) == 0 {
		return []Finding{failing(named("test message"), say("no channel of NOTIFY_URLS can be used here"),
			say("give the command the worker's settings: docker-compose run --rm tools doctor --send-test; kubectl exec deployment/worker -- /starter doctor --send-test"))}
	}
	message := notify.Message{Subject: say("a test"), Body: say("Somebody has tried whether messages arrive (starter doctor --send-test). Nothing is wrong.")}
	findings := make([]Finding, len(c.open))
	var group sync.WaitGroup
	for i, channel := range c.open {
		group.Go(func() {
			check := named("channel %s", channel.Name)
			findings[i] = ok(check, say("took the test message; look whether it has arrived"))
			if err := channel.Send(message, language); err != nil {
				findings[i] = failing(check, say("did not take the test message: %s", err.Error()), say("correct its address in NOTIFY_URLS, or look whether the service is up"))
			}
		})
	}
	group.Wait()
	return findings
}
