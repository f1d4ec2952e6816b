package notify

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/speech"
)

const secret = "s3cr3t"

func noDigest(string) string { return "aa" }

func openOne(t *testing.T, address string) Channel {
	t.Helper()
	channels, err := Open([]string{address}, noDigest, time.Second)
	require.NoError(t, err)
	return channels[0]
}

// generic is the address of a channel over HTTP.
func generic(server *httptest.Server) string {
	return "generic://" + strings.TrimPrefix(server.URL, "http://") + "/" + secret + "?disabletls=yes&template=json"
}

func TestAWrongAddressIsToldByItsNumberAlone(t *testing.T) {
	for address, says := range map[string]string{
		"smtp://user:s3cr3t@mail.example.com:587/": "is not as the service smtp needs it", // to nobody
		"s3cr3t://x":                  "names no service; there are bark, discord,",
		"slack://s3cr3t":              "is not as the service slack needs it",
		"logger://s3cr3t":             "is of the service logger, which tells nobody",
		"smtp://user:s3cr3t@%zz/?x=y": "is not an address",
	} {
		_, err := Open([]string{"generic://example.com", address}, noDigest, time.Second)
		require.ErrorContains(t, err, "NOTIFY_URLS: number 2 of them "+says, address)
		require.NotContains(t, err.Error(), secret)
		for inside := err; inside != nil; inside = errors.Unwrap(inside) {
			require.NotContains(t, inside.Error(), secret)
		}
	}
}

func TestOfEveryWrongAddressIsTold(t *testing.T) {
	_, err := Open([]string{"nobody://", "logger://"}, noDigest, time.Second)
	require.ErrorContains(t, err, "number 1 of them")
	require.ErrorContains(t, err, "number 2 of them")
}

// A service that is called titled must take a title, or no message would ever leave.
func TestTitledServicesExist(t *testing.T) {
	there := (&router.ServiceRouter{}).ListServices()
	for _, name := range titled {
		require.Contains(t, there, name)
	}
}

func TestWhyAChannelFailsIsSaidInOurWords(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	for name, row := range map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"refused": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, "it answered 401 Unauthorized"},
		"away":    {nil, "the connection was refused"},
		"silent":  {func(_ http.ResponseWriter, r *http.Request) { <-hang }, "no answer in time"},
		"cut off": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "the service refused it or could not be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(row.answer)
			if row.answer == nil {
				server.Close()
			}
			err := openOne(t, generic(server)).Send(Message{speech.Quote("x"), speech.Quote("y")}, speech.English)
			require.EqualError(t, err, row.says)
			require.NoError(t, errors.Unwrap(err))
		})
	}
}

// A service that never returns is not called a second time.
func TestATryThatHangsIsTheOnlyOne(t *testing.T) {
	calls, hang := make(chan struct{}, 10), make(chan struct{})
	defer close(hang)
	send := oneAtATime(hanging{calls: calls, hang: hang}, 50*time.Millisecond)
	require.ErrorIs(t, send("x", types.Params{}), errNoAnswer)
	require.ErrorIs(t, send("x", types.Params{}), errBusy)
	require.Len(t, calls, 1)
	require.EqualError(t, inOurWords(errBusy), "no answer in time")
}

type hanging struct {
	types.Service
	calls chan struct{}
	hang  chan struct{}
}

func (h hanging) Send(string, *types.Params) error {
	h.calls <- struct{}{}
	<-h.hang
	return nil
}
