package webhook

import (
	"net/http"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// FuzzVerify: nothing but a right signature is ever taken, and nothing makes the check panic.
func FuzzVerify(f *testing.F) {
	good := sign(currentKey, testEventID, seconds(0), []byte(goodBody))
	f.Add(testEventID, seconds(0), good, goodBody)
	f.Add("", "", "", "")
	f.Add(testEventID, seconds(0), "v1, v1,== v2,x "+good, "{}")
	f.Add(testEventID, "-"+seconds(0), good, goodBody)
	verifier, err := newVerifier([]string{asSecret(currentKey), asSecret(previousKey)}, func() time.Time { return testNow })
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, id, timestamp, signature, body string) {
		header := http.Header{}
		header.Set(headerID, id)
		header.Set(headerTimestamp, timestamp)
		header.Set(headerSignature, signature)
		number, ok := verifier.verify(header, []byte(body))
		if !ok {
			return
		}
		right := id == testEventID && timestamp == seconds(0) && body == goodBody && number == 1
		require.True(t, right, "only what the test signed itself can be right")
	})
}

// FuzzDecode: what is taken for an event is one, and nothing makes the reading panic.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{goodBody, "", "{}", "null", "[[", `{"type":"task.done","type":"x"}`, `{"type":"task.invoiced","timestamp":"2026-02-05T12:00:00Z","data":{"taskId":"","externalId":""}}`, "\ufeff{}", `{"a":` + "\xff}"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		decoded, err := decodeEvent(body)
		if err != nil {
			require.Less(t, len(err.Error()), 60, "errors quote nothing")
			return
		}
		require.True(t, utf8.Valid(body))
		if _, known := signals[decoded.Type]; !known {
			require.Equal(t, event{Type: decoded.Type}, decoded, "of other events nothing else is read")
			return
		}
		_, err = time.Parse(time.RFC3339, decoded.OccurredAt)
		require.NoError(t, err)
	})
}
