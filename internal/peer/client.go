// Package peer holds the HTTP concerns that the clients of Tampuuri and Hillava
// share: one transport, one way to send a call, one check that turns any
// failure into an *Error. It never retries.
package peer

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-resty/resty/v2"
)

// ResponseLimit is the size over which an answer is refused, in bytes after
// decompression.
const ResponseLimit = 4 << 20

// Options is what a Client is made from.
type Options struct {
	Peer              string        // name in errors
	BaseURL           string        // with or without the last slash
	Timeout           time.Duration // of a whole call, from waiting for a connection to the last byte
	Connections       int           // calls under way at once, 0: 64
	AllowInsecureHTTP bool          // http:// also towards other hosts than loopback
	KnownFields       []string      // field names that may be repeated from error bodies
}

// Client sends calls to one peer. It is safe for concurrent use.
type Client struct {
	peer      string
	base      string
	timeout   time.Duration
	known     map[string]string
	rest      *resty.Client
	transport *http.Transport
}

// New checks the options and makes a client. Its errors never show the address,
// which may hold a password.
func New(o Options) (*Client, error) {
	base, err := checkBase(o)
	if err != nil {
		return nil, err
	}
	if o.Timeout <= 0 {
		return nil, fmt.Errorf("%s: the HTTP timeout must be above zero", o.Peer)
	}
	transport := newTransport(o.Timeout, cmp.Or(o.Connections, 64))
	// Neither a cookie jar nor resty's retries: a session would tie requests
	// together, and there must be one retry layer only (Temporal's).
	rest := resty.NewWithClient(&http.Client{Transport: transport, Timeout: o.Timeout}).
		SetRetryCount(0).
		SetRedirectPolicy(resty.NoRedirectPolicy()).
		SetResponseBodyLimit(ResponseLimit).
		SetLogger(silence{}).
		SetHeader("Accept", "application/json").
		SetHeader("User-Agent", "tampuuri-hillava")
	return &Client{
		peer: o.Peer, base: base, timeout: o.Timeout,
		known: knownFields(o.KnownFields), rest: rest, transport: transport,
	}, nil
}

// Close drops the idle connections.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Format keeps the address out of every verb of package fmt.
func (c *Client) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "peer.Client{%s}", c.peer) }

// Route is one call of a contract: what it is called in errors, and where it goes.
type Route struct {
	Op       string // what is tried
	Method   string // GET or POST
	Template string // below the base, escaped already; {id} or {Id} in it is replaced by Call.ID
}

// Call is one request.
type Call struct {
	Route
	ID     string      // into the path: nothing that could leave its segment
	Query  url.Values  // encoded with + as %2B
	Header http.Header // beyond Accept, Content-Type, User-Agent and Idempotency-Key
	Body   any         // encoded as JSON; nil = none
	// Key is the Idempotency-Key, "" for none. It makes net/http repeat a POST by itself on a broken reused connection, so
	// it goes only where the contract honours it.
	Key string
	// OnRefusal may pick more out of the JSON body of a 4xx or 5xx (for example
	// an id); it must not put text of it into the error.
	OnRefusal func(body []byte, e *Error)
}

// Do sends a call once and gives back the body of a 2xx answer: exactly one
// JSON value that is not null. Every error is an *Error.
func (c *Client) Do(ctx context.Context, call Call) (body []byte, err error) {
	ctx, end := c.trace(ctx, call)
	defer func() { end(err) }()
	return c.do(ctx, call)
}

func (c *Client) do(ctx context.Context, call Call) ([]byte, error) {
	fail := &Error{Peer: c.peer, Op: call.Op}
	request, err := c.request(call)
	if err != nil {
		fail.Kind, fail.Err = KindInput, err
		return nil, fail
	}
	// A connection in hand is the last moment at which we know that nothing was
	// sent: dialling, DNS and the TLS handshake are behind it.
	var connected atomic.Bool
	request.SetContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}))
	address := c.base + strings.NewReplacer("{id}", call.ID, "{Id}", call.ID).Replace(call.Template)
	if len(call.Query) > 0 {
		address += "?" + call.Query.Encode()
	}
	response, err := request.Execute(call.Method, address)
	fail.Sent = connected.Load()
	usable := c.check(ctx, response, err, call, fail)
	traceStatus(ctx, fail.Status)
	if !usable {
		return nil, fail
	}
	body, err := jsonValue(response.Body())
	if err != nil { // cut short, or from somebody in between: no answer of the peer's own
		fail.Kind, fail.Status, fail.Err = KindNotJSON, response.StatusCode(), err
		return nil, fail
	}
	return body, nil
}

// request builds the resty request with its body as a reader of its own: the
// transport may still be reading a body after an early answer, and resty's
// pooled buffers would by then belong to another request.
func (c *Client) request(call Call) (*resty.Request, error) {
	request := c.rest.R()
	maps.Copy(request.Header, call.Header)
	if call.Key != "" {
		request.SetHeader("Idempotency-Key", call.Key)
	}
	if call.Body == nil {
		return request, nil
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(call.Body); err != nil {
		return nil, errors.New("the request body cannot be encoded as JSON")
	}
	request.SetHeader("Content-Type", "application/json")
	request.SetBody(bytes.NewReader(bytes.TrimRight(buffer.Bytes(), "\n")))
	return request, nil
}

// check is the one place where an answer, or the lack of one, becomes an error.
// It fills fail and gives false unless the answer is a 2xx in JSON.
func (c *Client) check(ctx context.Context, response *resty.Response, err error, call Call, fail *Error) bool {
	if response == nil || response.RawResponse == nil {
		fail.Kind, fail.Err = KindTransport, c.cause(ctx, err)
		return false
	}
	header := response.Header()
	fail.Status = response.StatusCode()
	switch {
	case fail.Status >= 300 && fail.Status < 400:
		fail.Kind = KindRedirect
	case fail.Status < 200 || fail.Status >= 400:
		fail.Kind = KindStatus
		fail.RetryAfter = parseRetryAfter(header, time.Now())
		if err != nil && ctx.Err() != nil {
			fail.Err = ctx.Err()
		}
		c.refusal(response.Body(), header, call, fail)
	case errors.Is(err, resty.ErrResponseBodyTooLarge):
		fail.Kind = KindTooLarge
	case err != nil:
		fail.Kind, fail.Err = KindTransport, c.cause(ctx, err)
	case !mayBeJSON(header.Get("Content-Type")):
		fail.Kind = KindNotJSON
	default:
		return true
	}
	return false
}

// refusal reads what may be read of a 4xx or 5xx body.
func (c *Client) refusal(body []byte, header http.Header, call Call, fail *Error) {
	if isHTML(header.Get("Content-Type")) && aboutTheSubject(fail.Status) {
		// A proxy's "404 page not found" must not pass for "this notice is gone".
		fail.Kind = KindNotJSON
		return
	}
	if !isJSON(header.Get("Content-Type")) {
		return
	}
	value, err := jsonValue(body)
	if err != nil {
		return
	}
	fail.Fields = c.fieldsIn(value)
	if call.OnRefusal != nil {
		call.OnRefusal(value, fail)
	}
}

// Read makes a call and decodes its answer. One that decode refuses, in our own words, is KindMalformed.
func Read[T any](ctx context.Context, c *Client, call Call, decode func(body []byte) (T, error)) (T, error) {
	var none T
	body, err := c.Do(ctx, call)
	if err != nil {
		return none, err
	}
	value, err := decode(body)
	if err != nil {
		return none, c.Malformed(call.Op, err)
	}
	return value, nil
}

// About makes of a decoder one that refuses an answer about another record than the one asked for.
func About[T any](decode func(body []byte) (T, error), isAsked func(T) bool) func(body []byte) (T, error) {
	return func(body []byte) (T, error) {
		value, err := decode(body)
		if err == nil && !isAsked(value) {
			err = ErrOtherID
		}
		return value, err
	}
}

// Malformed makes the error of a JSON answer that does not follow the contract.
// cause must be in our own words, without anything of the body.
func (c *Client) Malformed(op string, cause error) *Error {
	return &Error{Peer: c.peer, Op: op, Kind: KindMalformed, Sent: true, Err: cause}
}

// Input makes the error of a call that is not made since its input is not usable.
func (c *Client) Input(op string, cause error) *Error {
	return &Error{Peer: c.peer, Op: op, Kind: KindInput, Err: cause}
}

// silence is a resty logger that drops everything: resty's messages hold addresses.
type silence struct{}

func (silence) Errorf(string, ...any) {}
func (silence) Warnf(string, ...any)  {}
func (silence) Debugf(string, ...any) {}
