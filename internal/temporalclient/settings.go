package temporalclient

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"golang.org/x/net/http/httpproxy"

	"tampuuri-hillava/internal/credential"
)

// variables is the environment that Temporal's settings come from, beside the file that it may name.
var variables = envconfig.EnvLookupOS

// Check tells, by its variable, each of Temporal's settings that cannot be right, so that nobody waits for a server that
// cannot be reached with it. Dial, Lazy and Namespace check the same.
func Check() error {
	_, err := loadOptions()
	return err
}

func loadOptions() (client.Options, error) {
	profile, err := envconfig.LoadClientConfigProfile(envconfig.LoadClientConfigProfileOptions{})
	if err != nil {
		return client.Options{}, fmt.Errorf("read the TEMPORAL_* settings (correct the variable or the file that it names): %w", err)
	}
	if profile.Address == "" {
		profile.Address = client.DefaultHostPort
	}
	if profile.Namespace == "" {
		profile.Namespace = client.DefaultNamespace
	}
	var problems []error
	wrong := func(variable string, err error) {
		if err == nil {
			return
		}
		if _, set := variables.LookupEnv(variable); !set {
			variable += " (as the settings file has it)"
		}
		problems = append(problems, fmt.Errorf("%s: %w", variable, err))
	}
	wrong("TEMPORAL_ADDRESS", checkAddress(profile.Address))
	wrong("TEMPORAL_NAMESPACE", checkNamespace(profile.Namespace))
	wrong("TEMPORAL_API_KEY", credential.CheckASCII(profile.APIKey))
	for _, key := range slices.Sorted(maps.Keys(profile.GRPCMeta)) {
		wrong("TEMPORAL_GRPC_META_"+strings.ToUpper(strings.ReplaceAll(key, "-", "_")), credential.CheckASCII(profile.GRPCMeta[key]))
	}
	for _, variable := range []string{"TEMPORAL_TLS", "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION"} {
		wrong(variable, checkFlag(variable))
	}
	if proxyVariable, proxy := proxyOf(profile.Address); proxyVariable != "" && proxy == "" {
		wrong(proxyVariable, errors.New("is not a proxy's address; write it like http://proxy.example.com:3128, or put Temporal's host into NO_PROXY"))
	}
	if len(problems) > 0 {
		return client.Options{}, errors.Join(problems...)
	}
	options, err := profile.ToClientOptions(envconfig.ToClientOptionsRequest{})
	if err != nil {
		return client.Options{}, fmt.Errorf("read the TEMPORAL_* settings (correct the variable or the file that it names): %w", err)
	}
	return options, nil
}

func checkAddress(address string) error {
	if err := credential.CheckASCII(address); err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(address)
	number, notNumber := strconv.ParseUint(port, 10, 16)
	if err != nil || notNumber != nil || number == 0 || strings.ContainsAny(host, " /@?#\\") {
		return errors.New("must be a host and a port without a scheme, like temporal.example.com:7233")
	}
	return nil
}

func checkNamespace(namespace string) error {
	if err := credential.CheckASCII(namespace); err != nil {
		return err
	}
	if strings.ContainsAny(namespace, " /") {
		return errors.New("is not a namespace's name; it holds no spaces and no slashes")
	}
	return nil
}

// checkFlag: the library passes over what it cannot read, and TLS would silently stay off.
func checkFlag(variable string) error {
	value, _ := variables.LookupEnv(variable)
	if value != "" && !slices.Contains([]string{"true", "false", "1", "0"}, strings.ToLower(value)) {
		return errors.New("cannot be read; it must be true or false")
	}
	return nil
}

// proxyOf gives the proxy that gRPC reaches an address through, without its credentials, and the variable that names it;
// neither when there is none, and no proxy when the variable holds no address, which the library would pass over.
func proxyOf(address string) (variable, proxy string) {
	variable = "HTTPS_PROXY"
	if value, _ := variables.LookupEnv(variable); value == "" {
		variable = "https_proxy"
	}
	config := httpproxy.FromEnvironment()
	value := config.HTTPSProxy
	config.HTTPSProxy = "http://proxy.invalid" // whatever it is, NO_PROXY says which hosts go without
	if found, err := config.ProxyFunc()(&url.URL{Scheme: "https", Host: address}); value == "" || found == nil || err != nil {
		return "", ""
	}
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	parsed, err := url.Parse(value)
	if err != nil || parsed.Hostname() == "" {
		return variable, ""
	}
	return variable, parsed.Host
}

// throughProxy says for an error that a proxy stands in between; "" when none does.
func throughProxy(address string) string {
	variable, proxy := proxyOf(address)
	if proxy == "" {
		return ""
	}
	return fmt.Sprintf(" through the proxy %s that %s names (put Temporal's host into NO_PROXY when it is to be reached without)", proxy, variable)
}

// Namespace is the namespace that Dial connects to.
func Namespace() (string, error) {
	options, err := loadOptions()
	return options.Namespace, err
}
