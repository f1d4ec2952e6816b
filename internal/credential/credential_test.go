package credential

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/http/httpguts"
)

func TestWhatCanBeSentIsACredential(t *testing.T) {
	for _, value := range []string{"", "abc", "a b", "0123", "päivä", "Esimerkki Isännöinti Oy", "密码", "a\u0308", "🔑", "!\"#¤%&/()=?"} {
		require.NoError(t, Check(value), "%q", value)
		require.True(t, httpguts.ValidHeaderFieldValue(value), "%q", value)
	}
}

func TestWhatCannotBeSentOrCannotBeSeenIsNone(t *testing.T) {
	for value, want := range map[string]string{
		" abc": "starts or ends with a space", "abc ": "starts or ends with a space", " ": "starts or ends with a space",
		"a\nb": "control character", "abc\n": "control character", "a\tb": "control character", "a\x00b": "control character",
		"a\x7fb": "control character", "a\u0085b": "control character",
		"abc\u00a0": "U+00A0", "a\u00a0b": "U+00A0", "a\u200bb": "U+200B", "\u200eabc": "U+200E", "a\u00adb": "U+00AD",
		"a\ufeffb": "U+FEFF", "a\u2028b": "U+2028", "a\u3000b": "U+3000", "a\u202eb": "U+202E", "a\u034fb": "U+034F",
		"a\u3164b": "U+3164", "a\ufe0fb": "U+FE0F", "a\u2800b": "U+2800", "a\U000e0041b": "U+E0041", "a\u115fb": "U+115F",
		"M\xe4ki": "not UTF-8", "\xff\xfea\x00": "not UTF-8",
	} {
		require.ErrorContains(t, Check(value), want, "%q", value)
		require.Error(t, CheckASCII(value), "%q", value)
	}
}

func TestTemporalIsSentASCIIOnly(t *testing.T) {
	require.NoError(t, CheckASCII("eyJhbGciOiJFUzI1NiJ9.e30.x-_~ y"))
	require.ErrorContains(t, CheckASCII("päivä"), "U+00E4")
}

func TestAHeaderOfACredentialIsLegalAndNobodyElses(t *testing.T) {
	require.NoError(t, CheckHeader("X-Kayttajatunnus"))
	for _, name := range []string{"", "X-Käyttäjätunnus", "X Avain", "X\r\nY", "X-Avain:"} {
		require.ErrorContains(t, CheckHeader(name), "legal", "%q", name)
	}
	for _, name := range []string{"Host", "content-length", "User-Agent", "Transfer-Encoding", "ACCEPT", "Trailer", "Expect", "Accept-Encoding", "TE"} {
		require.ErrorContains(t, CheckHeader(name), "something else", name)
	}
}

// FuzzACredentialCanBeSent: what is accepted here, net/http sends.
func FuzzACredentialCanBeSent(f *testing.F) {
	f.Add("abc")
	f.Add("a\u200bb")
	f.Fuzz(func(t *testing.T, value string) {
		if Check(value) == nil && !httpguts.ValidHeaderFieldValue(value) {
			t.Errorf("%q is accepted and cannot be sent", value)
		}
	})
}
