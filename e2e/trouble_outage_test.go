package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
)

// outage is how long a system is away. Times are shortened to a twentieth of production's: requests time out after 0.5 s
// (10 s), pauses between attempts grow from 0.2 s (2 s) to 15 s (5 min). So the short 15 s are
// five minutes, 30 s with E2E_PROOF=1 are ten, enough for the longest pauses to be reached, and E2E_OUTAGE=3m is an hour.
// Polls and reconciliations come more often still.
const (
	outage        = 30 * time.Second // with E2E_PROOF=1
	shortOutage   = outage / 2
	outageTimeout = 500 * time.Millisecond
	outagePoll    = 2 * time.Second
)

// waitingNotices are in the middle of their lives while a system is away.
const waitingNotices = 20

func outageLasts(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("E2E_OUTAGE")
	if text == "" {
		return inProof(outage, shortOutage)
	}
	d, err := time.ParseDuration(text)
	require.NoError(t, err, "E2E_OUTAGE is a duration like 10m")
	return d
}

// outages is an installation with notices of two customers under way.
type outages struct {
	*world
	waiting []imported
	before  traffic
}

func startOutage(t *testing.T, o stack.Options) *outages {
	t.Helper()
	s := &outages{}
	o.LedgerFile, o.WebhookRetryEvery = filepath.Join(t.TempDir(), "ledger.jsonl"), time.Second
	o.HTTPTimeout, o.PollEvery = outageTimeout, outagePoll
	s.world = start(t, o)
	var ids []int64
	for range waitingNotices {
		ids = append(ids, s.someNotice("toinen", 120))
	}
	for _, id := range ids {
		s.waiting = append(s.waiting, s.imported("toinen", id))
	}
	for _, n := range s.waiting {
		n.addEntry("2026-02-03", "Testi Asentaja", "Työ.")
	}
	quiet := time.Now()
	pause(t, 10*time.Second) // what is asked when nothing goes on, to compare with
	s.before = s.traffic(quiet, time.Now())
	return s
}

// work reports Työ valmis on every other waiting notice and Laskutettu on the rest, and makes new ones, over some
// seconds, as offices do.
func (s *outages) work() (fresh []int64) {
	for i, n := range s.waiting {
		if i%2 == 0 {
			n.press(hillava.TransitionDone)
		} else {
			n.press(hillava.TransitionInvoiced)
		}
		if i%4 == 0 {
			fresh = append(fresh, s.someNotice("toinen", 120))
		}
		pause(s.t, 150*time.Millisecond)
	}
	return fresh
}

// drained waits until everything that was reported has arrived and every new notice has its task.
func (s *outages) drained(fresh []int64) {
	s.t.Helper()
	for i, n := range s.waiting {
		if i%2 == 0 {
			n.waitState("Tehty")
			continue
		}
		n.waitState("Valmis")
	}
	for _, id := range fresh {
		_, err := s.WaitTask(s.context(), "toinen", id)
		require.NoError(s.t, err)
	}
}

// life is how long a notice of the other customer takes from being made to being Valmis: the median of three, as any one
// may meet a busy machine.
func (s *outages) life() time.Duration {
	s.t.Helper()
	var lives []time.Duration
	for range 3 {
		began := time.Now()
		n := s.imported("esimerkki", s.someNotice("esimerkki", 4711))
		n.press(hillava.TransitionInvoiced)
		n.waitState("Valmis")
		lives = append(lives, time.Since(began))
	}
	slices.Sort(lives)
	return lives[1]
}

func TestOneCustomersTampuuriAway(t *testing.T) {
	t.Parallel()
	kinds := map[string]func(*testing.T){}
	for _, kind := range []fault.Kind{fault.Refuse, fault.ApplyThenHang} {
		kinds[string(kind)] = func(t *testing.T) {
			s := startOutage(t, stack.Options{})
			usual, lasts := s.life(), outageLasts(t)
			began := time.Now()
			away := s.Faults.Add(fault.Fault{System: "tampuuri", Customer: "toinen", Times: -1, Kind: kind})
			fresh := s.work()
			s.others(usual)
			pause(t, time.Until(began.Add(lasts)))
			s.attemptsCost(time.Since(began))
			s.requestsCost(began, time.Now())
			s.Faults.Remove(away)
			back := time.Now()
			s.drained(fresh)
			s.noStorm("One customer's Tampuuri ("+string(kind)+")", lasts, back, len(fresh))
		}
	}
	together(t, kinds)
}

func TestEveryTampuuriAway(t *testing.T) {
	t.Parallel()
	s := startOutage(t, stack.Options{})
	s.portClosed("Every Tampuuri", s.TampuuriPort, func() {})
}

func TestHillavaAway(t *testing.T) {
	t.Parallel()
	s := startOutage(t, stack.Options{})
	s.portClosed("Hillava", s.HillavaPort, func() { // Hillava works on; only its interface is away
		for i, n := range s.waiting {
			if i%2 == 0 {
				require.Equal(t, "Tehty", s.State("toinen", n.id), "Tehty needs no Hillava, as its webhook has come")
			}
		}
	})
}

// portClosed closes a peer's port for as long as an outage lasts, while people work on; at its end meanwhile looks around.
func (s *outages) portClosed(what string, port *fault.Listener, meanwhile func()) {
	s.t.Helper()
	lasts, began := outageLasts(s.t), time.Now()
	require.NoError(s.t, port.Down())
	fresh := s.work()
	pause(s.t, time.Until(began.Add(lasts)))
	meanwhile()
	s.attemptsCost(time.Since(began))
	require.NoError(s.t, port.Up())
	back := time.Now()
	s.drained(fresh)
	s.noStorm(what, lasts, back, len(fresh))
}

func TestTemporalAway(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	own, err := stack.StartTemporal(t.Context(), stack.TemporalOptions{
		Dir: folder, DB: filepath.Join(folder, "temporal.db"), Headless: true, OwnServer: true,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, own.Close()) })
	s := startOutage(t, stack.Options{Temporal: own})
	s.keepRunning(s.Worker)
	s.keepRunning(s.Serve)
	lasts, began := outageLasts(t), time.Now()
	require.NoError(t, own.Kill())
	fresh := s.work()
	s.toldNotReady(s.Worker)
	s.toldNotReady(s.Serve)
	s.t.Logf("the receiver answered webhooks with %v", s.webhookAnswers())
	pause(t, time.Until(began.Add(lasts)))
	require.NoError(t, own.Restart(s.context()))
	require.NoError(t, s.Worker.WaitReady(s.context()))
	require.NoError(t, s.Serve.WaitReady(s.context()))
	back := time.Now()
	s.drained(fresh)
	s.noStorm("Temporal", lasts, back, len(fresh))
}

// toldNotReady waits until a program that lives tells that Temporal does not answer it.
func (s *outages) toldNotReady(program *stack.Program) {
	s.t.Helper()
	require.NoError(s.t, stack.WaitFor(s.context(), program.Name+" to say that Temporal is away", func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, program.OpsURL+"/readyz", nil)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusServiceUnavailable {
			return fmt.Errorf("it answers %s", answer.Status)
		}
		return nil
	}))
}

// webhookAnswers counts the answers that webhooks have had, 0 being none.
func (s *outages) webhookAnswers() string {
	counts := map[int]int{}
	for _, task := range s.Hillava.Tasks() {
		for _, attempt := range task.Webhooks {
			counts[attempt.Status]++
		}
	}
	var words []string
	for status, count := range counts {
		words = append(words, fmt.Sprintf("%d: %d times", status, count))
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

// TestRejectedCredentialsOfOneCustomer: a customer's password is changed in its Tampuuri. Its calls stop at the gate, as
// repeated bad logins can lock an account, and nobody else notices.
func TestRejectedCredentialsOfOneCustomer(t *testing.T) {
	t.Parallel()
	s := startOutage(t, stack.Options{})
	usual := s.life()
	began := time.Now()
	s.Faults.Add(fault.Fault{System: "tampuuri", Customer: "toinen", Times: -1, Kind: fault.Status401})
	s.work()
	s.others(usual)
	require.NoError(t, stack.WaitFor(s.context(), "the list to tell", func(context.Context) error {
		if list := s.starter("customers", "list", "--json"); !strings.Contains(list, "credentials") {
			return errors.New(list)
		}
		return nil
	}))
	refused := 0
	for _, request := range s.Tampuuri.AccessLog() {
		if request.At.After(began) && request.Status == 401 {
			refused++
		}
	}
	t.Logf("%d requests with refused credentials in %.0f s", refused, time.Since(began).Seconds())
	require.LessOrEqual(t, refused, 5, "one probe at a time, not one per notice and poll")
}
