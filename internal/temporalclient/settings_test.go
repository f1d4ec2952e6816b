package temporalclient

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestASettingThatCannotBeRightIsRefusedAtOnceByItsVariable(t *testing.T) {
	const secret = "s3cret-of-this-test"
	for name, row := range map[string]struct{ variable, value, want string }{
		"key with a line break":       {"TEMPORAL_API_KEY", secret + "\n", "has a line break"},
		"key of two lines":            {"TEMPORAL_API_KEY", secret + "\r\n" + secret, "has a line break"},
		"key with a zero-width space": {"TEMPORAL_API_KEY", secret + "\u200b", "invisible character (U+200B)"},
		"key with a no-break space":   {"TEMPORAL_API_KEY", "\u00a0" + secret, "invisible character (U+00A0)"},
		"key with a mark":             {"TEMPORAL_API_KEY", "\ufeff" + secret, "invisible character (U+FEFF)"},
		"key with a space":            {"TEMPORAL_API_KEY", secret + " ", "starts or ends with a space"},
		"key that is not ASCII":       {"TEMPORAL_API_KEY", secret + "ä", "U+00E4"},
		"address with a scheme":       {"TEMPORAL_ADDRESS", "https://temporal.example.com:7233", "must be a host and a port without a scheme"},
		"address of gRPC's schemes":   {"TEMPORAL_ADDRESS", "dns:///temporal.example.com:7233", "must be a host and a port"},
		"address without a port":      {"TEMPORAL_ADDRESS", "temporal.example.com", "must be a host and a port"},
		"address with an empty port":  {"TEMPORAL_ADDRESS", "temporal.example.com:", "must be a host and a port"},
		"address with port 0":         {"TEMPORAL_ADDRESS", "temporal.example.com:0", "must be a host and a port"},
		"address with a high port":    {"TEMPORAL_ADDRESS", "temporal.example.com:72333", "must be a host and a port"},
		"address with a path":         {"TEMPORAL_ADDRESS", "temporal.example.com:7233/x", "must be a host and a port"},
		"address with a user":         {"TEMPORAL_ADDRESS", "u@temporal.example.com:7233", "must be a host and a port"},
		"address with a line break":   {"TEMPORAL_ADDRESS", "temporal.example.com:7233\n", "has a line break"},
		"bare IPv6":                   {"TEMPORAL_ADDRESS", "::1", "must be a host and a port"},
		"namespace with a line break": {"TEMPORAL_NAMESPACE", "huolto\n", "has a line break"},
		"namespace with a space":      {"TEMPORAL_NAMESPACE", "oma huolto", "is not a namespace's name"},
		"namespace with a letter":     {"TEMPORAL_NAMESPACE", "päivä", "U+00E4"},
		"namespace copied badly":      {"TEMPORAL_NAMESPACE", "huolto\u200b", "U+200B"},
		"TLS by another word":         {"TEMPORAL_TLS", "yes", "must be true or false"},
		"verification by another":     {"TEMPORAL_TLS_DISABLE_HOST_VERIFICATION", "on", "must be true or false"},
		"header with a line break":    {"TEMPORAL_GRPC_META_X_TEAM", secret + "\nx", "has a line break"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TEMPORAL_CONFIG_FILE", filepath.Join(t.TempDir(), "none.toml"))
			t.Setenv(row.variable, row.value)
			began := time.Now()
			_, dialled := Dial(t.Context(), Options{Logger: quiet})
			_, lazy := Lazy(Options{Logger: quiet})
			_, namespace := Namespace()
			require.Less(t, time.Since(began), 3*time.Second)
			for _, err := range []error{Check(), dialled, lazy, namespace} {
				require.ErrorContains(t, err, row.variable+": ")
				require.ErrorContains(t, err, row.want)
				require.NotContains(t, err.Error(), secret)
			}
		})
	}
}

func TestEverySettingThatIsWrongIsToldAtOnce(t *testing.T) {
	t.Setenv("TEMPORAL_CONFIG_FILE", filepath.Join(t.TempDir(), "none.toml"))
	t.Setenv("TEMPORAL_ADDRESS", "temporal")
	t.Setenv("TEMPORAL_NAMESPACE", "a b")
	t.Setenv("TEMPORAL_API_KEY", "a\nb")
	require.Len(t, strings.Split(Check().Error(), "\n"), 3)
}

func TestASettingOfTheFileIsNamedAsThat(t *testing.T) {
	file := filepath.Join(t.TempDir(), "temporal.toml")
	require.NoError(t, os.WriteFile(file, []byte("[profile.default]\naddress = \"temporal.example.com\"\n"), 0o600))
	t.Setenv("TEMPORAL_CONFIG_FILE", file)
	require.ErrorContains(t, Check(), "TEMPORAL_ADDRESS (as the settings file has it): must be a host and a port")
}

func TestGoodSettingsAreTaken(t *testing.T) {
	t.Setenv("TEMPORAL_CONFIG_FILE", filepath.Join(t.TempDir(), "none.toml"))
	require.NoError(t, Check(), "nothing set")
	for variable, values := range map[string][]string{
		"TEMPORAL_ADDRESS":   {"", "localhost:7233", "10.0.0.1:80", "[::1]:7233", "temporal:7233", "ns.acct.tmprl.cloud:7233", ":7233", "temporal_1:7233"},
		"TEMPORAL_NAMESPACE": {"", "default", "huolto.a1b2c", "huolto_1"},
		"TEMPORAL_API_KEY":   {"", "eyJhbGciOiJFUzI1NiJ9.e30.x-_"},
		"TEMPORAL_TLS":       {"", "true", "False", "1", "0"},
	} {
		for _, value := range values {
			t.Setenv(variable, value)
			require.NoError(t, Check(), "%s=%s", variable, value)
		}
		t.Setenv(variable, "")
	}
}

// TestAProxyInBetweenIsNamedAndNotWaitedForLong: nobody but the proxy could resolve the address.
func TestAProxyInBetweenIsNamedAndNotWaitedForLong(t *testing.T) {
	t.Setenv("TEMPORAL_CONFIG_FILE", filepath.Join(t.TempDir(), "none.toml"))
	t.Setenv("TEMPORAL_ADDRESS", "temporal.invalid:7233")
	t.Setenv("https_proxy", "http://user:s3cret@127.0.0.1:1")
	patience := proxyPatience
	proxyPatience = time.Millisecond
	t.Cleanup(func() { proxyPatience = patience })
	began := time.Now()
	_, err := Dial(t.Context(), Options{Logger: quiet, Patience: time.Minute})
	require.ErrorContains(t, err, "through the proxy 127.0.0.1:1 that https_proxy names (put Temporal's host into NO_PROXY")
	require.NotContains(t, err.Error(), "s3cret")
	require.Less(t, time.Since(began), 30*time.Second)
}

func TestAProxyThatIsNoAddressIsRefusedAtOnce(t *testing.T) {
	t.Setenv("TEMPORAL_CONFIG_FILE", filepath.Join(t.TempDir(), "none.toml"))
	t.Setenv("TEMPORAL_ADDRESS", "temporal.invalid:7233")
	for _, value := range []string{"s3cret proxy", "http://s3cret proxy", "http://", "::", "http://u:s3cret@h:1\n", " http://h:1", "http://h:s3cret", "http://:3128"} {
		t.Setenv("HTTPS_PROXY", value)
		t.Setenv("NO_PROXY", "")
		err := Check()
		require.ErrorContains(t, err, "HTTPS_PROXY: is not a proxy's address", value)
		require.NotContains(t, err.Error(), "s3cret")
		for _, without := range []string{"temporal.invalid", ".invalid", "*"} {
			t.Setenv("NO_PROXY", without)
			require.NoError(t, Check(), value)
		}
	}
	for _, value := range []string{"proxy", "proxy:3128", "http://u:p@proxy", "https://proxy:443", "socks5://proxy:1080", "http://[::1]:3128"} {
		t.Setenv("HTTPS_PROXY", value)
		require.NoError(t, Check(), value)
	}
}

// dialledBehindAProxy tells a test binary that was started by the next test to dial.
const dialledBehindAProxy = "TEMPORALCLIENT_TEST_DIAL"

// TestARealProxyIsNamed starts itself anew, as net/http reads the proxy's variables once in a process.
func TestARealProxyIsNamed(t *testing.T) {
	if _, dial := variables.LookupEnv(dialledBehindAProxy); dial {
		_, err := Dial(t.Context(), Options{Logger: quiet, Patience: time.Second})
		fmt.Println(err)
		return
	}
	proxy := listen(t)
	go func() {
		for connection, err := proxy.Accept(); err == nil; connection, err = proxy.Accept() {
			_, _ = connection.Write([]byte("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"))
			_ = connection.Close()
		}
	}()
	t.Cleanup(func() { _ = proxy.Close() })
	for variables, named := range map[string]bool{"HTTPS_PROXY": true, "https_proxy": true, "HTTPS_PROXY NO_PROXY": false} {
		run := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestARealProxyIsNamed$")
		run.Env = []string{dialledBehindAProxy + "=1", "TEMPORAL_ADDRESS=temporal.invalid:7233", "HOME=" + t.TempDir()}
		for _, variable := range strings.Fields(variables) {
			value := "http://user:s3cret@" + proxy.Addr().String()
			if variable == "NO_PROXY" {
				value = "temporal.invalid"
			}
			run.Env = append(run.Env, variable+"="+value)
		}
		said, err := run.CombinedOutput()
		require.NoError(t, err, string(said))
		require.Contains(t, string(said), "connect to Temporal at temporal.invalid:7233")
		require.Equal(t, named, strings.Contains(string(said), fmt.Sprintf("through the proxy %s that %s names", proxy.Addr(), strings.Fields(variables)[0])), string(said))
		require.NotContains(t, string(said), "s3cret")
	}
}
