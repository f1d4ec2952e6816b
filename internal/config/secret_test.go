package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func TestNoWayOfPrintingShowsASecret(t *testing.T) {
	const value = "hunter2-hunter2"
	secret := NewSecret(value)
	type holder struct {
		Open   Secret
		Nested struct{ Inner *Secret }
		hidden Secret
	}
	held := holder{Open: secret, hidden: secret}
	held.Nested.Inner = &secret
	require.Equal(t, value, held.hidden.Reveal())

	var printed bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T %v", "%10.3s"} {
		fmt.Fprintf(&printed, verb+"\n", secret)
		fmt.Fprintf(&printed, verb+"\n", &secret)
		fmt.Fprintf(&printed, verb+"\n", held)
		fmt.Fprintf(&printed, verb+"\n", []any{map[string]Secret{"k": secret}})
	}
	for _, format := range []slog.Handler{slog.NewJSONHandler(&printed, nil), slog.NewTextHandler(&printed, nil)} {
		slog.New(format).Info("m", "secret", secret, "held", held, "group", slog.GroupValue(slog.Any("s", secret)))
	}
	asJSON, err := json.Marshal(held)
	require.NoError(t, err)
	printed.Write(asJSON)
	asYAML, err := yaml.Marshal(held)
	require.NoError(t, err)
	printed.Write(asYAML)
	func() {
		defer func() { fmt.Fprint(&printed, recover()) }()
		panic(held)
	}()
	fmt.Fprint(&printed, fmt.Errorf("failed with %v", secret))
	require.NotContains(t, printed.String(), value)
	require.NotContains(t, printed.String(), fmt.Sprintf("%x", value))
	require.Contains(t, printed.String(), redacted)
}

func TestASecretFileIsReadWithoutItsLastNewline(t *testing.T) {
	for written, want := range map[string]string{"abc\n": "abc", "abc\r\n": "abc", "abc": "abc", " a b \n": " a b ", "\ufeffabc\r\n": "abc"} {
		secret, _, err := readSecretFile(writeFile(t, t.TempDir(), "secret", written))
		require.NoError(t, err)
		require.Equal(t, want, secret.Reveal())
	}
}

func TestABadSecretFileIsRefused(t *testing.T) {
	folder := t.TempDir()
	_, _, err := readSecretFile(writeFile(t, folder, "empty", "\n"))
	require.ErrorContains(t, err, "is empty")
	_, _, err = readSecretFile(folder)
	require.ErrorContains(t, err, "not a regular file")
	_, _, err = readSecretFile(writeFile(t, folder, "big", string(make([]byte, maxSecretFile+1))))
	require.ErrorContains(t, err, "over 64 KiB")
	_, _, err = readSecretFile(folder + "/none")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestTheTokenFollowsItsFileAndKeepsTheLastGoodOne(t *testing.T) {
	path := writeFile(t, t.TempDir(), "token", "first\n")
	now := time.Now()
	token := Systems{HillavaToken: NewSecret("first"), tokenFile: path}.followToken()
	token.now = func() time.Time { return now }
	require.Equal(t, "first", token.current().Reveal())

	require.NoError(t, os.WriteFile(path, []byte("second-token\n"), 0o600))
	require.Equal(t, "first", token.current().Reveal(), "within a second the file is not looked at again")
	now = now.Add(checkEvery)
	require.Equal(t, "second-token", token.current().Reveal())

	require.NoError(t, os.WriteFile(path, []byte("third\ntoken\n"), 0o600))
	now = now.Add(checkEvery)
	require.Equal(t, "second-token", token.current().Reveal(), "it could not be sent")

	require.NoError(t, os.WriteFile(path, []byte("third-token\u00a0\n"), 0o600))
	now = now.Add(checkEvery)
	require.Equal(t, "second-token", token.current().Reveal(), "nobody meant that space")

	require.NoError(t, os.Remove(path))
	now = now.Add(checkEvery)
	require.Equal(t, "second-token", token.current().Reveal())
}

func TestACredentialThatCannotBeSentIsAFaultOfItsEntry(t *testing.T) {
	for name, row := range map[string]struct{ value, want string }{
		"edge space":        {" abc", "starts or ends with a space"},
		"edge space after":  {"abc ", "starts or ends with a space"},
		"line break":        {"ab\nc", "control character"},
		"tab":               {"a\tbc", "control character"},
		"no-break space":    {"abc\u00a0", "invisible character (U+00A0)"},
		"zero-width space":  {"a\u200bbc", "invisible character (U+200B)"},
		"mark in the midst": {"ab\ufeffc", "invisible character (U+FEFF)"},
		"soft hyphen":       {"a\u00adbc", "invisible character (U+00AD)"},
		"not UTF-8":         {"M\xe4ki", "not UTF-8"},
		"UTF-16":            {"\xff\xfea\x00b\x00", "not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			other := strings.Replace(goodEntry, "esimerkki", "toinen", 1)
			folder := t.TempDir()
			writeFile(t, folder, "avain", "avain-value")
			writeFile(t, folder, "copied", row.value+"\n")
			written := []string{strings.Replace(goodEntry, "avain_file: avain", "avain_file: copied", 1)}
			if utf8.ValidString(row.value) { // any other is not YAML
				written = append(written, strings.Replace(goodEntry, "avain_file: avain", fmt.Sprintf("avain: %q", row.value), 1))
			}
			for _, entry := range written {
				customers, err := LoadCustomers(writeFile(t, folder, "customers.yaml", "customers:"+entry+other), testPollEvery)
				require.NoError(t, err)
				require.Len(t, customers[0].Faults, 1)
				require.Contains(t, customers[0].Faults[0], "credentials.avain")
				require.Contains(t, customers[0].Faults[0], row.want)
				require.False(t, customers[0].Credentials.Complete())
				require.Empty(t, customers[1].Faults)
			}
		})
	}
}

func TestAByteOrderMarkIsNoPartOfASecret(t *testing.T) {
	folder := t.TempDir()
	writeFile(t, folder, "avain", "\ufeffavain-value\r\n")
	entry := strings.Replace(goodEntry, "s3cr3t-value", `"\ufeffs3cr3t-value"`, 1)
	customers, err := LoadCustomers(writeFile(t, folder, "customers.yaml", "\ufeffcustomers:"+entry), testPollEvery)
	require.NoError(t, err)
	require.Empty(t, customers[0].Faults)
	require.Equal(t, "avain-value", customers[0].Credentials.Avain.Reveal())
	require.Equal(t, "s3cr3t-value", customers[0].Credentials.Salasana.Reveal())

	variables := workerVariables(t)
	variables["HILLAVA_TOKEN"] = "\ufefftoken-value\n"
	worker, err := loadWorker(variables)
	require.NoError(t, err)
	require.Equal(t, "token-value", worker.HillavaToken.Reveal())
}
