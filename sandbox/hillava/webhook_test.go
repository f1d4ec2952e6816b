package hillava_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/ledger"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// quick is a webhook whose retries take milliseconds.
func quick(r *receiver) hillava.Webhook {
	return hillava.Webhook{URL: r.url(), Secret: secret, RetryEvery: time.Millisecond, MaxAttempts: 4}
}

type sent struct {
	Type      string
	Timestamp time.Time
	Data      struct{ TaskID, ExternalID, Transition string }
}

func (r received) decode(t *testing.T) sent {
	t.Helper()
	var s sent
	require.NoError(t, json.Unmarshal(r.body, &s))
	return s
}

func (r *receiver) ids() []string {
	ids := []string{}
	for _, one := range r.all() {
		ids = append(ids, one.header.Get("webhook-id"))
	}
	return ids
}

func TestEachRunOfAnActionIsAnEventAndASignedWebhook(t *testing.T) {
	r := newReceiver(t)
	b := newBench(t, quick(r))
	task := b.create(external)
	before := len(b.ledger.Entries())
	run := func(names ...string) {
		for _, name := range names {
			require.NoError(t, b.server.Transition(task, name))
		}
	}
	run("Työ valmis", "Tarkastettu", "Laskutettu")
	attempts := b.await(ledger.WebhookAttempted, 2)
	require.Equal(t, 202.0, attempts[0].Detail["status"])

	events := b.read(task).Events
	require.Len(t, events, 2)
	require.Equal(t, []string{hillava.EventDone, hillava.EventInvoiced}, []string{events[0].Type, events[1].Type})
	verifier, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	byID := map[string]sent{}
	for _, one := range r.all() {
		require.NoError(t, verifier.Verify(one.body, one.header), "the released library accepts it")
		require.Error(t, verifier.Verify(append(one.body[:len(one.body):len(one.body)], ' '), one.header))
		byID[one.header.Get("webhook-id")] = one.decode(t)
	}
	for i, transition := range []string{"Työ valmis", "Laskutettu"} {
		got := byID[events[i].ID]
		require.Equal(t, []string{events[i].Type, task, external, transition},
			[]string{got.Type, got.Data.TaskID, got.Data.ExternalID, got.Data.Transition})
		require.True(t, events[i].OccurredAt.Equal(got.Timestamp))
	}
	kinds := map[string]int{}
	for _, kind := range b.kinds(before) {
		kinds[kind]++
	}
	require.Equal(t, map[string]int{ledger.TransitionRun: 3, ledger.EventEmitted: 2, ledger.WebhookAttempted: 2}, kinds)
	detail := attempts[0].Detail
	require.Equal(t, map[string]any{
		"taskId": task, "externalId": external, "eventId": detail["eventId"], "type": detail["type"], "attempt": 1.0, "status": 202.0, "failure": "",
	}, detail)
	require.Len(t, b.server.Tasks()[0].Webhooks, 2)
}

func TestActionsFireTwiceAndInAnyOrder(t *testing.T) {
	b := newBench(t)
	task := b.create(external)
	for _, name := range []string{"Laskutettu", "Avaa uudelleen", "Työ valmis", "Avaa uudelleen", "Työ valmis", "Laskutettu"} {
		require.NoError(t, b.server.Transition(task, name))
	}
	var types []string
	ids := map[string]bool{}
	for _, event := range b.read(task).Events {
		types, ids[event.ID] = append(types, strings.TrimPrefix(event.Type, "task.")), true
	}
	require.Equal(t, []string{"invoiced", "done", "done", "invoiced"}, types)
	require.Len(t, ids, 4)
	require.ErrorContains(t, b.server.Transition(task, "Työ valmis"), "Avaa uudelleen", "it says what is allowed")
	require.Error(t, b.server.Transition("T-9", "Työ valmis"))
	names, err := b.server.Transitions(task)
	require.NoError(t, err)
	require.Equal(t, []string{"Avaa uudelleen"}, names)
	require.Len(t, b.await(ledger.WebhookDropped, 4), 4, "without an address nothing is sent, and that is recorded")
}

func TestBothActionsMaySitOnOneTransition(t *testing.T) {
	b := newBench(t)
	process := hillava.DefaultProcess()
	process.Transitions = []hillava.Transition{{
		Name: "Valmis", From: "Avoin", To: "Valmis", Actions: []string{"Lähetä sähköposti", hillava.ActionDone, hillava.ActionInvoiced},
	}}
	b.server.SetProcess(process)
	task := b.create(external)
	require.NoError(t, b.server.Transition(task, "Valmis"))
	events := b.read(task).Events
	require.Len(t, events, 2)
	require.Equal(t, "Valmis", b.read(task).State)
}

func TestAWebhookIsTriedUntilItIsTaken(t *testing.T) {
	r := newReceiver(t, 503, 404, 401)
	b := newBench(t, quick(r))
	task := b.create(external)
	require.NoError(t, b.server.Transition(task, "Työ valmis"))
	attempts := b.await(ledger.WebhookAttempted, 4)
	for i, want := range []float64{503, 404, 401, 202} {
		require.Equal(t, want, attempts[i].Detail["status"])
		require.Equal(t, float64(i+1), attempts[i].Detail["attempt"])
	}
	all := r.all()
	for _, one := range all {
		require.Equal(t, all[0].header.Get("webhook-id"), one.header.Get("webhook-id"))
		require.Equal(t, all[0].body, one.body)
	}
}

func TestAWebhookThatIsNeverTakenIsGivenUpAndCanBeSentAgain(t *testing.T) {
	r := newReceiver(t)
	address := r.url()
	r.http.Close() // nobody listens
	b := newBench(t, hillava.Webhook{URL: address, Secret: secret, RetryEvery: time.Millisecond, MaxAttempts: 3})
	task := b.create(external)
	require.NoError(t, b.server.Transition(task, "Työ valmis"))
	require.Equal(t, 3.0, b.await(ledger.WebhookGivenUp, 1)[0].Detail["attempts"])
	attempt := b.server.Tasks()[0].Webhooks[2]
	require.Zero(t, attempt.Status)
	require.NotEmpty(t, attempt.Failure)

	again := newReceiver(t)
	require.NoError(t, b.server.SetWebhook(again.url(), secret))
	require.NoError(t, b.server.Redeliver(attempt.EventID))
	require.Equal(t, 202.0, b.await(ledger.WebhookAttempted, 4)[3].Detail["status"])
	require.Equal(t, []string{attempt.EventID}, again.ids())
	require.Equal(t, "Työ valmis", again.all()[0].decode(t).Data.Transition)
	require.Error(t, b.server.Redeliver("evt-none"))
}

func TestARedirectIsNotFollowed(t *testing.T) {
	r := newReceiver(t, http.StatusFound)
	r.http.Config.Handler = http.HandlerFunc(r.take) // the contract knows no redirect
	b := newBench(t, quick(r))
	require.NoError(t, b.server.Transition(b.create(external), "Työ valmis"))
	attempts := b.await(ledger.WebhookAttempted, 2)
	require.Equal(t, 302.0, attempts[0].Detail["status"])
	require.Equal(t, 202.0, attempts[1].Detail["status"])
}

func TestSwitchesDecideWhatBefallsWebhooks(t *testing.T) {
	t.Run("dropped", func(t *testing.T) {
		r := newReceiver(t)
		b := newBench(t, quick(r))
		b.server.SetDelivery(hillava.Delivery{Drop: true})
		require.True(t, b.server.Delivery().Drop)
		task := b.create(external)
		require.NoError(t, b.server.Transition(task, "Työ valmis"))
		require.Equal(t, "switched off", b.await(ledger.WebhookDropped, 1)[0].Detail["reason"])
		require.Len(t, b.read(task).Events, 1, "the event is there to be found")
		b.server.SetDelivery(hillava.Delivery{})
		require.NoError(t, b.server.Transition(task, "Laskutettu"))
		b.await(ledger.WebhookAttempted, 1)
		require.Equal(t, []string{b.read(task).Events[1].ID}, r.ids())
	})
	t.Run("doubled", func(t *testing.T) {
		r := newReceiver(t)
		b := newBench(t, quick(r))
		b.server.SetDelivery(hillava.Delivery{Double: true})
		require.NoError(t, b.server.Transition(b.create(external), "Työ valmis"))
		b.await(ledger.WebhookAttempted, 2)
		ids := r.ids()
		require.Len(t, ids, 2)
		require.Equal(t, ids[0], ids[1])
	})
	t.Run("reordered", func(t *testing.T) {
		r := newReceiver(t)
		b := newBench(t, quick(r))
		b.server.SetDelivery(hillava.Delivery{Reorder: true})
		task := b.create(external)
		require.NoError(t, b.server.Transition(task, "Työ valmis"))
		require.NoError(t, b.server.Transition(task, "Laskutettu"))
		b.await(ledger.WebhookAttempted, 2)
		events := b.read(task).Events
		require.Equal(t, []string{events[1].ID, events[0].ID}, r.ids())

		require.NoError(t, b.server.Transition(task, "Avaa uudelleen"))
		require.NoError(t, b.server.Transition(task, "Työ valmis"))
		b.server.SetDelivery(hillava.Delivery{})
		b.await(ledger.WebhookAttempted, 3)
		require.Equal(t, b.read(task).Events[2].ID, r.ids()[2], "one that waits goes when the switch is off")
	})
	t.Run("delayed", func(t *testing.T) {
		const delay = 50 * time.Millisecond
		r := newReceiver(t)
		b := newBench(t, quick(r))
		b.server.SetDelivery(hillava.Delivery{Delay: delay})
		require.NoError(t, b.server.Transition(b.create(external), "Työ valmis"))
		emitted := b.await(ledger.EventEmitted, 1)[0].At
		require.GreaterOrEqual(t, b.await(ledger.WebhookAttempted, 1)[0].At.Sub(emitted), delay)
	})
}

func TestClosingEndsWhatIsOnItsWay(t *testing.T) {
	r := newReceiver(t)
	b := newBench(t, quick(r))
	b.server.SetDelivery(hillava.Delivery{Delay: time.Hour})
	task := b.create(external)
	require.NoError(t, b.server.Transition(task, "Työ valmis"))
	b.server.Close()
	require.NoError(t, b.server.Transition(task, "Laskutettu"), "the rest goes on")
	require.Empty(t, r.all())
	b.server.Close()
}

func TestAWebhookThatCannotWorkIsRefused(t *testing.T) {
	b := newBench(t)
	require.Error(t, b.server.SetWebhook("http://127.0.0.1:1/", "whsec_not base64"))
	require.Error(t, b.server.SetWebhook("http://127.0.0.1:1/", "whsec_"))
	require.Error(t, b.server.SetWebhook("nowhere", secret))
	require.NoError(t, b.server.SetWebhook("", ""))
}
