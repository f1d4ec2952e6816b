package e2e

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// channel is somebody who is told.
type channel interface{ messages(t *testing.T) []told }

// subjects waits until the channel has so many messages about notices that wait, and gives their subjects without the number
// of notices: how many of a burst a message counts depends on the moment. What else is told, of polls that a busy machine
// does not manage, is no matter of these tests.
func (w *world) subjects(c channel, count int) (subjects []string) {
	w.t.Helper()
	require.NoError(w.t, stack.WaitFor(w.context(), fmt.Sprintf("%d messages", count), func(context.Context) error {
		subjects = nil
		for _, message := range c.messages(w.t) {
			subject := strings.TrimPrefix(message.Subject, "tampuuri-hillava: ")
			if !strings.HasPrefix(subject, "partly resolved: ") && slices.ContainsFunc(threeReasons, func(r string) bool { return strings.HasSuffix(subject, r) }) {
				subject = strings.TrimLeft(subject, "0123456789 ")
				subjects = append(subjects, strings.Replace(subject, "notice waits", "notices wait", 1))
			}
		}
		if len(subjects) < count {
			return fmt.Errorf("there are %d", len(subjects))
		}
		return nil
	}))
	slices.Sort(subjects)
	return subjects
}

// looks waits until so many rounds without news have followed each other. They are attempts of one activity, so they add no
// event.
func (w *world) looks(count int32) {
	w.t.Helper()
	attempt := func(ctx context.Context) (int32, error) {
		described, err := w.client.DescribeWorkflowExecution(ctx, runs.NotifyWorkflowID, "")
		if err != nil || len(described.GetPendingActivities()) == 0 {
			return 0, err
		}
		return described.GetPendingActivities()[0].GetAttempt(), nil
	}
	var first int32
	require.NoError(w.t, stack.WaitFor(w.context(), "rounds without news", func(ctx context.Context) error {
		now, err := attempt(ctx)
		if first == 0 || now < first {
			first = now
		}
		if err == nil && (first == 0 || now < first+count) {
			err = fmt.Errorf("there were %d", now-first)
		}
		return err
	}))
}

// refusedNotices are 20 notices that wait for a person for three causes, seven, seven and six of them.
func (w *world) refusedNotices() (all []imported, mend func()) {
	w.t.Helper()
	var faults []int
	refuse := func(f fault.Fault) {
		f.Times = -1
		faults = append(faults, w.Faults.Add(f))
	}
	for range 13 {
		all = append(all, w.importOne())
	}
	refuse(fault.Fault{System: "hillava", Op: hillava.OpCreateTask, Kind: fault.Status422})
	for i, n := range all {
		kind := fault.Status409
		if i >= 7 {
			kind = fault.Status400
		}
		refuse(n.faultInTampuuri(tampuuri.OpTila, kind, 1))
		n.press("Työ valmis")
	}
	for range 7 {
		all = append(all, w.known("esimerkki", w.someNotice("esimerkki", 4711)))
	}
	return all, func() {
		for _, id := range faults {
			w.Faults.Remove(id)
		}
	}
}

var threeReasons = []string{runs.ReasonHillavaRefused, runs.ReasonStateConflict, runs.ReasonTampuuriRefused}

var threeCauses = []string{
	"notices wait for a person: " + runs.ReasonHillavaRefused,
	"notices wait for a person: " + runs.ReasonStateConflict,
	"notices wait for a person: " + runs.ReasonTampuuriRefused,
}

// TestSomebodyIsTold: 20 notices stop for three causes, and each channel gets one message for each, whatever becomes of
// the worker meanwhile; one more when they are mended. One channel refuses at first, and one is away all the time.
func TestSomebodyIsTold(t *testing.T) {
	t.Parallel()
	mail, slow := startMailServer(t), newReceiver(t, 3)
	away := "generic://" + freeAddress(t) + "/" + channelSecret + "?disabletls=yes&template=json"
	w := start(t, stack.Options{NotifyEnvironment: []string{"NOTIFY_URLS=" + away + " " + mail.address + " " + slow.address}})
	all, mend := w.refusedNotices()
	w.subjects(mail, 1)
	// Not killed: between a channel's yes and its way into history that would repeat a message, as docs/operations.md says.
	require.NoError(t, w.Worker.Stop(w.context()))
	require.NoError(t, w.Worker.Restart(w.context()))
	for i, n := range all {
		n.waitPhase("Running", "attention")
		switch {
		case i < 7:
			n.waitAttention(runs.ReasonStateConflict)
		case i < 13:
			n.waitAttention(runs.ReasonTampuuriRefused)
		default:
			n.waitAttention(runs.ReasonHillavaRefused)
		}
	}
	for _, c := range []channel{mail, slow} {
		require.Equal(t, threeCauses, w.subjects(c, 3))
	}

	w.looks(4)
	require.NoError(t, w.Worker.Kill())
	require.NoError(t, w.Worker.Restart(w.context()))
	w.looks(4)
	require.Equal(t, threeCauses, w.subjects(mail, 3), "a restart repeats nothing")
	require.Equal(t, threeCauses, w.subjects(slow, 3), "a restart repeats nothing")

	mend()
	for _, n := range all {
		n.starterAct("resend")
	}
	over := []string{
		"resolved: notices waited for a person: " + runs.ReasonHillavaRefused,
		"resolved: notices waited for a person: " + runs.ReasonStateConflict,
		"resolved: notices waited for a person: " + runs.ReasonTampuuriRefused,
	}
	for _, c := range []channel{mail, slow} {
		require.Equal(t, slices.Concat(threeCauses, over), w.subjects(c, 6))
	}
	w.requireNothingTold(mail, slow)
}

// requireNothingTold looks for people in all messages, and for the channels' addresses wherever they must not be.
func (w *world) requireNothingTold(channels ...channel) {
	w.t.Helper()
	path := w.t.TempDir() + "/messages"
	var text strings.Builder
	for _, c := range channels {
		for _, message := range c.messages(w.t) {
			text.WriteString(message.Subject + "\n" + message.Body + "\n")
		}
	}
	require.NotContains(w.t, text.String(), channelSecret)
	require.NoError(w.t, os.WriteFile(path, []byte(text.String()), 0o600))
	requireNobodyIn(w.t, opened(w.t, path))
	log, err := os.ReadFile(w.Worker.LogPath)
	require.NoError(w.t, err)
	metrics := (&canaryRun{world: w}).get(w.Worker.OpsURL + "/metrics")
	for where, content := range map[string]string{"log": string(log), "metrics": string(metrics), "history": w.plainHistory(runs.NotifyWorkflowID)} {
		require.NotEmpty(w.t, content, where)
		require.NotContains(w.t, content, channelSecret, where)
		require.NotContains(w.t, content, "generic://", where)
		require.NotContains(w.t, content, "duty@example.com", where)
	}
	require.Contains(w.t, string(log), "A channel did not take a message", "the search looks at the right log")
}

// TestNobodyIsToldInQuietHours: what begins in them is told when they are over, also by another worker.
func TestNobodyIsToldInQuietHours(t *testing.T) {
	t.Parallel()
	told := newReceiver(t, 0)
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	require.NoError(t, err)
	now := time.Now().In(helsinki)
	quiet := now.Add(-time.Hour).Format("15:04") + "-" + now.Add(2*time.Hour).Format("15:04")
	w := start(t, stack.Options{WorkerEnvironment: []string{"NOTIFY_URLS=" + told.address, "NOTIFY_QUIET=" + quiet}})
	w.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpCreateTask, Times: -1, Kind: fault.Status422})
	w.known("esimerkki", w.someNotice("esimerkki", 4711)).waitPhase("Running", "attention")
	w.looks(4)
	require.Empty(t, told.messages(t), "not even of polls that a busy machine does not manage")

	require.NoError(t, w.Worker.Stop(w.context()))
	w.Worker.Setenv("NOTIFY_QUIET", "")
	require.NoError(t, w.Worker.Restart(w.context()))
	require.Equal(t, threeCauses[:1], w.subjects(told, 1))

	// A worker that is to tell nobody ends it.
	require.NoError(t, w.Worker.Stop(w.context()))
	w.Worker.Setenv("NOTIFY_URLS", "")
	require.NoError(t, w.Worker.Restart(w.context()))
	require.NoError(t, stack.WaitFor(w.context(), "the end of it", func(ctx context.Context) error {
		found, err := stack.Describe(ctx, w.client, runs.NotifyWorkflowID)
		if err == nil && found.Status != "Canceled" {
			err = fmt.Errorf("it is %s", found.Status)
		}
		return err
	}))
	require.Equal(t, threeCauses[:1], w.subjects(told, 1))
}

// summaries gives the daily summaries that a channel has.
func summaries(t *testing.T, c channel) (found []told) {
	for _, message := range c.messages(t) {
		if strings.HasPrefix(message.Subject, "tampuuri-hillava: daily summary: ") {
			found = append(found, message)
		}
	}
	return found
}

// TestADailySummaryIsSentOnce to each channel, whatever becomes of the worker, and has counts only.
func TestADailySummaryIsSentOnce(t *testing.T) {
	t.Parallel()
	mail, other := startMailServer(t), newReceiver(t, 1)
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	require.NoError(t, err)
	daily := func(after time.Duration) string { return time.Now().Add(after).In(helsinki).Format("15:04") }
	w := start(t, stack.Options{WorkerEnvironment: []string{"NOTIFY_URLS=" + mail.address + " " + other.address, "NOTIFY_DAILY=" + daily(12*time.Hour)}})
	w.importOne()
	done := w.importOne()
	done.press("Työ valmis")
	done.waitPhase("Running", "done")
	invoiced := w.importOne()
	invoiced.press("Työ valmis")
	invoiced.waitPhase("Running", "done")
	invoiced.press("Laskutettu")
	invoiced.waitPhase("Completed", "invoiced")
	w.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpCreateTask, Times: -1, Kind: fault.Status422})
	w.known("esimerkki", w.someNotice("esimerkki", 4711)).waitPhase("Running", "attention")
	w.subjects(mail, 1)
	require.Empty(t, summaries(t, mail), "it is not the time yet")

	require.NoError(t, w.Worker.Stop(w.context()))
	w.Worker.Setenv("NOTIFY_DAILY", daily(time.Minute)) // after all that is counted
	require.NoError(t, w.Worker.Restart(w.context()))
	for _, c := range []channel{mail, other} {
		require.NoError(t, stack.WaitFor(w.context(), "the daily summary", func(context.Context) error {
			if count := len(summaries(t, c)); count != 1 {
				return fmt.Errorf("there are %d", count)
			}
			return nil
		}))
		summary := summaries(t, c)[0]
		require.Equal(t, "tampuuri-hillava: daily summary: 4 new, 1 Valmis, 1 waiting for a person", summary.Subject)
		body := strings.ReplaceAll(summary.Body, "\r\n", "\n")
		require.Contains(t, body, "- new notices: 4\n- Valmis: 1\n")
		require.Contains(t, body, "- Tehty, and not Laskutettu yet: 1\n")
		require.Contains(t, body, "- waiting for a person: 1\n  - "+runs.ReasonHillavaRefused+": 1\n")
	}

	w.looks(2) // it is in history that both have it
	require.NoError(t, w.Worker.Kill())
	require.NoError(t, w.Worker.Restart(w.context()))
	w.looks(4)
	require.Len(t, summaries(t, mail), 1, "a restart repeats nothing")
	require.Len(t, summaries(t, other), 1, "a restart repeats nothing")
	w.requireNothingTold(mail, other)
}
