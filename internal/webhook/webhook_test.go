package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
)

const (
	testExternalID = "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"
	testEventID    = "evt_1"
	goodBody       = `{"type":"task.done","timestamp":"2026-02-05T12:00:00+02:00","data":{"taskId":"t-1","externalId":"` + testExternalID + `","transition":"Työ valmis"}}`
)

var (
	currentKey  = bytes.Repeat([]byte("current!"), 4)
	previousKey = bytes.Repeat([]byte("previous"), 4)
	strangeKey  = bytes.Repeat([]byte("stranger"), 4)
	testNow     = time.Date(2026, 2, 5, 10, 0, 0, 0, time.UTC)
)

func asSecret(key []byte) string { return secretPrefix + base64.StdEncoding.EncodeToString(key) }

// sign makes a v1 signature by the words of the specification, apart from the code under test.
func sign(key []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "." + string(body)))
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// signalled is one call of a Signaler.
type signalled struct {
	externalID, signal string
	payload            runs.EventSignal
}

// recorder is a Signaler that answers as told and keeps what it was given.
type recorder struct {
	reply
	mutex sync.Mutex
	given []signalled
}

// reply is what a recorder answers.
type reply struct {
	outcome runs.Outcome
	err     error
	wait    bool // until the context ends
}

func (r *recorder) SignalEvent(ctx context.Context, externalID string, signal runs.SignalRef[runs.EventSignal], payload runs.EventSignal) (runs.Outcome, error) {
	r.mutex.Lock()
	r.given = append(r.given, signalled{externalID, signal.Name(), payload})
	r.mutex.Unlock()
	if r.wait {
		<-ctx.Done()
		return "", ctx.Err()
	}
	return r.outcome, r.err
}

// receiver is a handler under test with its Signaler and its log.
type receiver struct {
	http.Handler
	signaler *recorder
	log      *bytes.Buffer
}

func newReceiver(t testing.TB) *receiver {
	t.Helper()
	r := &receiver{signaler: &recorder{reply: reply{outcome: runs.Accepted}}, log: &bytes.Buffer{}}
	handler, err := NewHandler(Options{
		Secrets:  []string{asSecret(currentKey), asSecret(previousKey)},
		Signaler: r.signaler,
		Logger:   telemetry.NewLogger(&lockedWriter{writer: r.log}, "debug", "json"),
		Now:      func() time.Time { return testNow },
		Timeout:  50 * time.Millisecond,
	})
	require.NoError(t, err)
	r.Handler = handler
	return r
}

type lockedWriter struct {
	mutex  sync.Mutex
	writer io.Writer
}

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.writer.Write(p)
}

// signedRequest gives a good delivery of a body.
func signedRequest(body string) *http.Request {
	request := httptest.NewRequest(http.MethodPost, Path, strings.NewReader(body))
	timestamp := strconv.FormatInt(testNow.Unix(), 10)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(headerID, testEventID)
	request.Header.Set(headerTimestamp, timestamp)
	request.Header.Set(headerSignature, sign(currentKey, testEventID, timestamp, []byte(body)))
	return request
}

// resign signs again after a header was changed.
func resign(request *http.Request, key []byte, body string) {
	request.Header.Set(headerSignature, sign(key, request.Header.Get(headerID), request.Header.Get(headerTimestamp), []byte(body)))
}

func (r *receiver) answer(request *http.Request) *httptest.ResponseRecorder {
	response := httptest.NewRecorder()
	r.ServeHTTP(response, request)
	return response
}

func TestAnEventBecomesItsSignal(t *testing.T) {
	for eventType, signal := range map[string]string{"task.done": "tyo-valmis", "task.invoiced": "laskutettu"} {
		receiver := newReceiver(t)
		response := receiver.answer(signedRequest(strings.Replace(goodBody, "task.done", eventType, 1)))
		require.Equal(t, http.StatusAccepted, response.Code)
		require.Equal(t, []signalled{{testExternalID, signal, runs.EventSignal{EventID: testEventID, OccurredAt: "2026-02-05T10:00:00Z"}}}, receiver.signaler.given)
		for _, part := range []string{`"audit":true`, testExternalID, `"eventId":"evt_1"`, `"type":"` + eventType + `"`, `"result":"accepted"`, `"secretNumber":1`} {
			require.Contains(t, receiver.log.String(), part)
		}
	}
}

func TestEveryAnswerOfTheContract(t *testing.T) {
	for name, row := range map[string]struct {
		change func(*http.Request)
		body   string
		give   reply
		want   int
		signal bool // whether Temporal is asked
	}{
		"closed notice":                   {give: reply{outcome: runs.Closed}, want: 202, signal: true},
		"unknown event type":              {body: `{"type":"task.created","timestamp":"2026-02-05T12:00:00Z","data":{}}`, want: 202},
		"unknown type alone":              {body: `{"type":"task.created"}`, want: 202},
		"unknown type, odd time and data": {body: `{"type":"invoice.sent","timestamp":1770112800,"data":[7]}`, want: 202},
		"null externalId":                 {body: strings.Replace(goodBody, `"`+testExternalID+`"`, "null", 1), want: 404},
		"unknown notice":                  {give: reply{outcome: runs.Unknown}, want: 404, signal: true},
		"empty externalId":                {body: strings.Replace(goodBody, testExternalID, "", 1), want: 404},
		"externalId with slash":           {body: strings.Replace(goodBody, testExternalID, "../poll", 1), want: 404},
		"externalId too long":             {body: strings.Replace(goodBody, testExternalID, strings.Repeat("a", 129), 1), want: 404},
		"Temporal fails":                  {give: reply{err: errors.New("unavailable")}, want: 503, signal: true},
		"Temporal hangs":                  {give: reply{wait: true}, want: 503, signal: true},
		"no outcome":                      {give: reply{outcome: ""}, want: 503, signal: true},
		"bad body":                        {body: `{}`, want: 400},
		"other content type":              {change: func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, want: 415},
		"no signature":                    {change: func(r *http.Request) { r.Header.Del(headerSignature) }, want: 401},
		"too large":                       {body: goodBody + strings.Repeat(" ", maxBody), want: 413},
		"GET":                             {change: func(r *http.Request) { r.Method = http.MethodGet }, want: 405},
		"other path":                      {change: func(r *http.Request) { r.URL.Path = Path + "/" }, want: 404},
		"path in disguise":                {change: func(r *http.Request) { r.URL.RawPath = "/webhooks%2Fhillava" }, want: 404},
	} {
		t.Run(name, func(t *testing.T) {
			receiver := newReceiver(t)
			if row.signal {
				receiver.signaler.reply = row.give
			}
			body := row.body
			if body == "" {
				body = goodBody
			}
			request := signedRequest(body)
			if row.change != nil {
				row.change(request)
			}
			response := receiver.answer(request)
			require.Equal(t, row.want, response.Code)
			require.Equal(t, row.signal, len(receiver.signaler.given) == 1)
			require.NotEmpty(t, response.Header().Get("X-Request-Id"))
			require.Equal(t, "nosniff", response.Header().Get("X-Content-Type-Options"))
			require.Equal(t, "no-store", response.Header().Get("Cache-Control"))
			require.Equal(t, row.want != 202, response.Header().Get("Connection") == "close")
			require.Equal(t, row.want == 503, response.Header().Get("Retry-After") != "")
			require.Equal(t, row.want == 405, response.Header().Get("Allow") == "POST")
			if row.want == 401 {
				require.Empty(t, response.Body.String())
			}
		})
	}
}

func TestTheChecksAreMadeInTheOrderOfTheContract(t *testing.T) {
	large := strings.Repeat(" ", maxBody+1)
	receiver := newReceiver(t)
	request := signedRequest(large)
	request.Header.Set("Content-Type", "text/plain")
	request.Header.Del(headerSignature)
	require.Equal(t, 413, receiver.answer(request).Code, "size before content type")

	request = signedRequest("not JSON")
	request.Header.Set("Content-Type", "text/plain")
	request.Header.Del(headerSignature)
	require.Equal(t, 415, receiver.answer(request).Code, "content type before signature")

	request = signedRequest("not JSON")
	request.Header.Del(headerSignature)
	require.Equal(t, 401, receiver.answer(request).Code, "signature before body")

	request = signedRequest(goodBody)
	request.Header.Set(headerID, "odd id")
	require.Equal(t, 401, receiver.answer(request).Code, "signature before an odd id")

	require.Equal(t, 400, receiver.answer(signedRequest(`{"type":7}`)).Code, "body before event type")
	require.Equal(t, 202, receiver.answer(signedRequest(`{"type":"other","timestamp":"2026-02-05T12:00:00Z","data":{"externalId":""}}`)).Code, "event type before notice")
	require.Empty(t, receiver.signaler.given)
}

func TestAHandlerIsNotMadeWithoutGoodSecretsOrSignaler(t *testing.T) {
	short := asSecret([]byte("only-23-bytes-are-short"))
	for name, options := range map[string]Options{
		"no secret":      {Signaler: &recorder{}},
		"empty secret":   {Signaler: &recorder{}, Secrets: []string{""}},
		"prefix only":    {Signaler: &recorder{}, Secrets: []string{"whsec_"}},
		"no prefix":      {Signaler: &recorder{}, Secrets: []string{base64.StdEncoding.EncodeToString(currentKey)}},
		"not base64":     {Signaler: &recorder{}, Secrets: []string{"whsec_!!!!"}},
		"short":          {Signaler: &recorder{}, Secrets: []string{short}},
		"short previous": {Signaler: &recorder{}, Secrets: []string{asSecret(currentKey), short}},
		"no signaler":    {Secrets: []string{asSecret(currentKey)}},
	} {
		_, err := NewHandler(options)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), strings.TrimPrefix(short, secretPrefix))
	}
}

func TestASecretIsTakenWithPaddingAndWithout(t *testing.T) {
	for _, length := range []int{24, 25, 26, 32} {
		key := bytes.Repeat([]byte("k"), length)
		for _, secret := range []string{asSecret(key), strings.TrimRight(asSecret(key), "=")} {
			parsed, err := ParseSecret(secret)
			require.NoError(t, err)
			require.Equal(t, key, parsed)
		}
	}
	for _, bad := range []string{"whsec_" + strings.Repeat("a", 33), asSecret(currentKey) + "=", strings.TrimRight(asSecret(bytes.Repeat([]byte("k"), 23)), "=")} {
		_, err := ParseSecret(bad)
		require.Error(t, err, bad)
	}
}

func TestNothingPersonalIsLogged(t *testing.T) {
	const marker = "Testi-Tilaaja-0401234567"
	receiver := newReceiver(t)
	for _, body := range []string{
		strings.Replace(goodBody, "Työ valmis", marker, 1),
		strings.Replace(goodBody, "task.done", marker+" x", 1),
		strings.Replace(goodBody, testExternalID, marker+"/", 1),
		strings.Replace(goodBody, `"transition"`, `"`+marker+`":1,"`+marker+`"`, 1),
		`{"` + marker + `":`,
	} {
		response := receiver.answer(signedRequest(body))
		require.NotContains(t, response.Body.String(), marker)
	}
	require.NotContains(t, receiver.log.String(), marker)
}

func TestSlowClientsAreCutOff(t *testing.T) {
	server := NewServer(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	require.NotZero(t, server.ReadHeaderTimeout)
	require.NotZero(t, server.ReadTimeout)
	require.NotZero(t, server.WriteTimeout)
	require.Greater(t, server.IdleTimeout, time.Minute, "load balancers use a connection again for 60 s")
	require.Greater(t, server.WriteTimeout, server.ReadTimeout+signalTimeout, "an answer after a slow body and a slow Temporal still goes out")
}

// deadlines answers as Temporal's SDK does, which gives the first call half of a deadline that it sees.
type deadlines struct{ seen bool }

func (d *deadlines) SignalEvent(ctx context.Context, _ string, _ runs.SignalRef[runs.EventSignal], _ runs.EventSignal) (runs.Outcome, error) {
	_, d.seen = ctx.Deadline()
	<-ctx.Done()
	return "", context.Cause(ctx)
}

func TestTemporalHasTheWholeTimeToTakeASignal(t *testing.T) {
	signaler, began := &deadlines{}, time.Now()
	const patience = 200 * time.Millisecond
	handler, err := NewHandler(Options{
		Secrets: []string{asSecret(currentKey)}, Signaler: signaler, Now: func() time.Time { return testNow }, Timeout: patience,
		Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, signedRequest(goodBody))
	require.Equal(t, http.StatusServiceUnavailable, answer.Code)
	require.GreaterOrEqual(t, time.Since(began), patience)
	require.False(t, signaler.seen)
}
