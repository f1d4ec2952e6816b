package webhook

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
)

const (
	signalTimeout = 5 * time.Second // api/webhook.yaml
	retryAfter    = "10"            // seconds; what a restart of Temporal takes at most, mostly
)

// Options are what a receiver is made of.
type Options struct {
	Secrets  []string // whsec_…, the current one first, then the previous one while rotating
	Signaler Signaler
	Logger   *slog.Logger
	Now      func() time.Time // nil: time.Now
	Timeout  time.Duration    // that Temporal has to take a signal; 0: the contract's 5 s
	Traces   *telemetry.Traces
	Observe  func(status int) // called with every answer's status, for metrics; nil: nothing
}

// NewHandler gives the receiver. It refuses secrets that Standard Webhooks does not allow.
func NewHandler(options Options) (http.Handler, error) {
	verifier, err := newVerifier(options.Secrets, options.Now)
	if err != nil {
		return nil, err
	}
	if options.Signaler == nil {
		return nil, errors.New("the webhook receiver has no Signaler; pass a *runs.Client")
	}
	if options.Timeout <= 0 {
		options.Timeout = signalTimeout
	}
	if options.Observe == nil {
		options.Observe = func(int) {}
	}
	return &handler{verifier: verifier, Options: options}, nil
}

type handler struct {
	Options
	verifier *verifier
}

// answer is a status and, except for 401, a word for whoever reads Hillava's delivery log. It never tells more.
type answer struct {
	status int
	text   string
}

// ServeHTTP answers as api/webhook.yaml says.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := uuid.NewString()
	header := w.Header()
	header.Set("X-Request-Id", requestID)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	header.Set("Referrer-Policy", "no-referrer")
	given := h.receive(w, r, h.Logger.With("requestId", requestID))
	switch given.status {
	case http.StatusMethodNotAllowed:
		header.Set("Allow", http.MethodPost)
	case http.StatusServiceUnavailable:
		header.Set("Retry-After", retryAfter)
	}
	if given.status != http.StatusAccepted { // see NewServer
		header.Set("Connection", "close")
	}
	if given.text != "" {
		header.Set("Content-Type", "text/plain; charset=utf-8")
	}
	w.WriteHeader(given.status)
	// When this fails the sender is gone, and delivers again.
	_, _ = io.WriteString(w, given.text)
	h.Observe(given.status)
}

// receive makes the checks in the contract's order: size, content type, signature, body, event type, notice.
func (h *handler) receive(w http.ResponseWriter, r *http.Request, logger *slog.Logger) answer {
	if r.URL.Path != Path || r.URL.RawPath != "" {
		return answer{http.StatusNotFound, "no such path\n"}
	}
	if r.Method != http.MethodPost {
		return answer{http.StatusMethodNotAllowed, "POST only\n"}
	}
	body, err := readBody(w, r)
	switch {
	case errors.Is(err, errTooLarge):
		return answer{http.StatusRequestEntityTooLarge, "over 64 KiB\n"}
	case err != nil:
		return answer{http.StatusBadRequest, "the body did not come whole\n"}
	case !isJSON(r.Header):
		return answer{http.StatusUnsupportedMediaType, "JSON only\n"}
	}
	secretNumber, ok := h.verifier.verify(r.Header, body)
	if !ok {
		logger.Warn("webhook refused: no valid signature; when Hillava sends it, compare its secret and both clocks")
		return answer{http.StatusUnauthorized, ""}
	}
	logger = logger.With("secretNumber", secretNumber)
	eventID := r.Header.Get(headerID)
	if !validEventID(eventID) {
		logger.Warn("webhook refused: its webhook-id is not visible ASCII of at most 255 characters")
		return answer{http.StatusBadRequest, "bad webhook-id\n"}
	}
	decoded, err := decodeEvent(body)
	if err != nil {
		logger.Warn("webhook refused: bad body", "eventId", eventID, "error", err)
		return answer{http.StatusBadRequest, "bad body: " + err.Error() + "\n"}
	}
	signal, known := signals[decoded.Type]
	if !known {
		logger.Warn("webhook ignored: unknown event type", "eventId", eventID, "type", shownType(decoded.Type), "result", "ignored")
		return answer{http.StatusAccepted, "ignored: unknown event type\n"}
	}
	logger = logger.With("eventId", eventID, "type", decoded.Type)
	if !runs.ValidExternalID(decoded.ExternalID) {
		logger.Info("webhook for no notice: its externalId is empty or cannot be one of ours", "result", runs.Unknown.String())
		return answer{http.StatusNotFound, "no such notice\n"}
	}
	return h.trace(r.Context(), logger, signal, eventID, decoded)
}

// trace makes a span of a webhook that is genuine and may name a notice. A traceparent that came with it is the sender's
// word and is not read: the trace follows from the notice.
func (h *handler) trace(ctx context.Context, logger *slog.Logger, signal runs.SignalRef[runs.EventSignal], eventID string, decoded event) answer {
	ctx, span := h.Traces.Start(ctx, runs.NoticeWorkflowID(decoded.ExternalID), signal.Name(), "webhook", trace.SpanKindServer,
		attribute.String("type", decoded.Type), attribute.String("notice", shownExternalID(decoded.ExternalID)))
	defer span.End()
	given := h.signal(ctx, logger, signal, eventID, decoded)
	span.SetAttributes(attribute.Int("http.response.status_code", given.status))
	return given
}

// signal answers 202 only once Temporal has the signal, or has told that the notice is closed.
func (h *handler) signal(ctx context.Context, logger *slog.Logger, signal runs.SignalRef[runs.EventSignal], eventID string, decoded event) answer {
	// Not a deadline: of one that it sees, Temporal's SDK gives half to the first call, and makes no second one.
	timed, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer time.AfterFunc(h.Timeout, func() { cancel(context.DeadlineExceeded) }).Stop()
	payload := runs.EventSignal{EventID: eventID, OccurredAt: decoded.OccurredAt}
	timed, span := h.Traces.Start(timed, runs.NoticeWorkflowID(decoded.ExternalID), signal.Name(), "signal "+signal.Name(), trace.SpanKindClient)
	outcome, err := h.Signaler.SignalEvent(timed, decoded.ExternalID, signal, payload)
	span.SetAttributes(attribute.String("result", outcome.String()))
	if err != nil {
		span.SetStatus(codes.Error, "")
	}
	span.End()
	logger = logger.With("externalId", shownExternalID(decoded.ExternalID))
	if err == nil && outcome != runs.Accepted && outcome != runs.Closed && outcome != runs.Unknown {
		err = errors.New("the signaler gave no outcome")
	}
	if err != nil {
		logger.Error("webhook not taken: Temporal did not take the signal; Hillava delivers it again", "error", err, "result", "unavailable")
		return answer{http.StatusServiceUnavailable, "try again later\n"}
	}
	if outcome == runs.Unknown {
		logger.Info("webhook for no notice here", "result", outcome.String())
		return answer{http.StatusNotFound, "no such notice\n"}
	}
	telemetry.Audit(ctx, logger, telemetry.AuditEvent{
		Who: "hillava", What: "signal.accept", Notice: shownExternalID(decoded.ExternalID), Result: outcome.String(),
	})
	return answer{http.StatusAccepted, outcome.String() + "\n"}
}

// shownExternalID is an external id as it may be logged. Ours are UUIDs; another one could be anybody's name.
func shownExternalID(id string) string {
	if uuid.Validate(id) != nil {
		return "[not a UUID]"
	}
	return id
}

// shownType is an unknown event type as it may be logged: one of Hillava's tasks. Another one could be anything.
func shownType(eventType string) string {
	if !strings.HasPrefix(eventType, "task.") || !runs.ValidExternalID(eventType) {
		return "[not a task event]"
	}
	return eventType
}
