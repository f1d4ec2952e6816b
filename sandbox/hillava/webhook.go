package hillava

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tampuuri-hillava/sandbox/ledger"
)

const (
	defaultRetryEvery  = 2 * time.Second
	defaultMaxAttempts = 12
	defaultTimeout     = 10 * time.Second
	mostDoublings      = 5 // of the pause between attempts
)

func (w Webhook) withDefaults() Webhook {
	if w.RetryEvery <= 0 {
		w.RetryEvery = defaultRetryEvery
	}
	if w.MaxAttempts <= 0 {
		w.MaxAttempts = defaultMaxAttempts
	}
	if w.Timeout <= 0 {
		w.Timeout = defaultTimeout
	}
	return w
}

// pause is the time between an attempt, from 1, and the next.
func (w Webhook) pause(attempt int) time.Duration {
	return w.RetryEvery << min(attempt-1, mostDoublings)
}

// webhookClient follows no redirect: anything but 2xx counts as not taken.
func webhookClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 8},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// SetWebhook changes where events go and how they are signed; an empty address sends nothing. The settings of retries
// stay. Deliveries under way use the new values from their next attempt on.
func (s *Server) SetWebhook(address, secret string) error {
	if parsed, err := url.Parse(address); err != nil || (address != "" && parsed.Host == "") {
		return errors.New("set the webhook: the address is no URL with a host")
	}
	if _, err := signingKey(secret); address != "" && err != nil {
		return fmt.Errorf("set the webhook: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.webhook.URL, s.webhook.Secret = address, secret
	return nil
}

// SetDelivery switches what befalls the webhooks of events from now on.
func (s *Server) SetDelivery(d Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delivery = d
	if held := s.held; held != nil && !d.Reorder {
		s.held = nil
		s.start(held, nil)
	}
}

// Delivery returns the switches as they are.
func (s *Server) Delivery() Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.delivery
}

// Redeliver sends the webhook of an event again, whatever became of it before and whatever is switched.
func (s *Server) Redeliver(eventID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tasks {
		for _, event := range t.Events {
			if event.ID == eventID {
				s.start(&sending{task: t, event: event, transition: t.causes[event.ID], tried: make(chan struct{})}, nil)
				return nil
			}
		}
	}
	return fmt.Errorf("redeliver event %s: no task has it", eventID)
}

// sending is one delivery of one event.
type sending struct {
	task       *task
	event      Event
	transition string
	double     bool
	delay      time.Duration
	tried      chan struct{} // closed after the first attempt
}

// emit sends the webhook of a new event as the switches have it. The caller holds the lock.
func (s *Server) emit(t *task, event Event, transition string) error {
	reason := ""
	switch {
	case s.delivery.Drop:
		reason = "switched off"
	case s.webhook.URL == "":
		reason = "no address"
	}
	if reason != "" {
		return s.ledger.Append(s.entry(t, ledger.WebhookDropped, map[string]any{
			"eventId": event.ID, "type": event.Type, "reason": reason,
		}))
	}
	next := &sending{
		task: t, event: event, transition: transition, double: s.delivery.Double, delay: s.delivery.Delay,
		tried: make(chan struct{}),
	}
	if s.delivery.Reorder && s.held == nil {
		s.held = next
		return nil
	}
	s.start(next, nil)
	if held := s.held; held != nil {
		s.held = nil
		s.start(held, next.tried)
	}
	return nil
}

// start delivers in the background, once after (when given) is closed. The caller holds the lock.
func (s *Server) start(d *sending, after <-chan struct{}) {
	if s.background.Err() != nil {
		return
	}
	s.sendings.Add(1)
	go func() {
		defer s.sendings.Done()
		if after != nil {
			select {
			case <-after:
			case <-s.background.Done():
			}
		}
		if s.pause(d.delay) && s.deliver(d, func() { close(d.tried) }) && d.double {
			s.deliver(d, func() {})
		}
	}()
}

// pause waits; false when the stand-in closes meanwhile.
func (s *Server) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return s.background.Err() == nil
	case <-s.background.Done():
		return false
	}
}

// deliver tries until the webhook is taken with a 2xx; false when it is given up or the stand-in closes. It calls tried
// after the first attempt.
func (s *Server) deliver(d *sending, tried func()) bool {
	for number := 1; ; number++ {
		s.mu.Lock()
		settings := s.webhook
		s.mu.Unlock()
		attempt := WebhookAttempt{EventID: d.event.ID, Type: d.event.Type, Attempt: number}
		attempt.Status, attempt.Failure = s.attempt(settings, d)
		if s.background.Err() != nil && attempt.Status == 0 {
			return false
		}
		last := number >= settings.MaxAttempts
		taken := attempt.Status >= 200 && attempt.Status < 300
		s.attempted(d, attempt, last && !taken)
		if number == 1 {
			tried()
		}
		if taken {
			return true
		}
		if last || !s.pause(settings.pause(number)) {
			return false
		}
	}
}

// attempted records an attempt.
func (s *Server) attempted(d *sending, a WebhookAttempt, givenUp bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.At = s.now().UTC()
	entries := []ledger.Entry{s.entry(d.task, ledger.WebhookAttempted, map[string]any{
		"eventId": a.EventID, "type": a.Type, "attempt": a.Attempt, "status": a.Status, "failure": a.Failure,
	})}
	if givenUp {
		entries = append(entries, s.entry(d.task, ledger.WebhookGivenUp, map[string]any{
			"eventId": a.EventID, "type": a.Type, "attempts": a.Attempt,
		}))
	}
	if err := s.ledger.Append(entries...); err != nil {
		a.Failure = "not in the ledger: " + err.Error() // nobody waits for this goroutine: show it with the task
	}
	d.task.webhooks = append(d.task.webhooks, a)
}

// webhookBody is what is sent.
type webhookBody struct {
	Type      string      `json:"type"`
	Timestamp time.Time   `json:"timestamp"`
	Data      webhookData `json:"data"`
}

type webhookData struct {
	TaskID     string `json:"taskId"`
	ExternalID string `json:"externalId"`
	Transition string `json:"transition,omitempty"`
}

// attempt posts once and returns the status answered, or 0 and why there was none. Each attempt is signed anew, as its
// time is part of the signature; the id and body stay.
func (s *Server) attempt(to Webhook, d *sending) (status int, failure string) {
	key, err := signingKey(to.Secret)
	if err != nil {
		return 0, err.Error()
	}
	body, err := json.Marshal(webhookBody{
		Type: d.event.Type, Timestamp: d.event.OccurredAt,
		Data: webhookData{TaskID: d.task.ID, ExternalID: d.task.ExternalID, Transition: d.transition},
	})
	if err != nil {
		return 0, err.Error()
	}
	ctx, cancel := context.WithTimeout(s.background, to.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	at := s.now()
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("webhook-id", d.event.ID)
	request.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	request.Header.Set("webhook-signature", sign(key, d.event.ID, at, body))
	response, err := s.client.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	const longestAnswer = 64 << 10
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, longestAnswer)) // so that the connection can be used again
	_ = response.Body.Close()
	return response.StatusCode, ""
}
