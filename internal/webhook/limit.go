package webhook

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Path is where Hillava posts its events, to the letter.
const Path = "/webhooks/hillava"

const (
	maxBody  = 64 << 10
	maxDrain = 8 << 20 // of a larger body that is read and thrown away, so that its sender gets to read the answer
)

// NewServer gives the HTTP server for a handler of this package, with every wait and size bounded, so that slow or
// oversized clients cannot hold it up. A connection that has not sent a signed request yet has ReadHeaderTimeout, also to
// begin one; the handler closes it after any answer but 202, so that only whoever can sign keeps one idle. IdleTimeout is
// longer than load balancers keep a connection for use (60 s): else they would send into one that is just being closed.
func NewServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      20 * time.Second, // reading, and the 5 s that Temporal has
		IdleTimeout:       90 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
}

// MaxConnections is how many connections a receiver should hold at once: with the limits on header and body it bounds
// the memory to about 110 MiB (TestMemoryStaysBoundedUnderLoad).
const MaxConnections = 1024

var errTooLarge = errors.New("body over 64 KiB")

// readBody reads the whole body, which the signature is over, up to the limit. It counts what comes, whatever the length
// announced, so that a chunked body is bounded too.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > maxBody {
		drain(r)
		return nil, errTooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		drain(r)
		return nil, errTooLarge
	}
	return body, err
}

// drain reads on, and keeps nothing: a connection that is closed over unread bytes is reset, and the sender sees that
// instead of the 413. The server's ReadTimeout bounds the time. A sender that announces more than is drained, or asks
// before it sends, is answered at once.
func drain(r *http.Request) {
	if r.ContentLength > maxDrain || r.Header.Get("Expect") != "" {
		return
	}
	// When this fails the sender is gone or too slow, and the answer is the same.
	_, _ = io.CopyN(io.Discard, r.Body, maxDrain)
}

// isJSON reports whether the request says that its body is plain JSON. Parameters say nothing: JSON is UTF-8 (RFC 8259), and
// a body that is not is a bad one. A compressed body is not plain.
func isJSON(header http.Header) bool {
	contentType, once := single(header, "Content-Type")
	if !once {
		return false
	}
	for _, encoding := range header.Values("Content-Encoding") {
		if !strings.EqualFold(strings.TrimSpace(encoding), "identity") {
			return false
		}
	}
	media, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	media = strings.TrimSpace(media)
	return media == "application/json" || media == "text/json" || strings.HasSuffix(media, "+json")
}
