package stack

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// What both modules use and name in different versions is compiled twice at a first start, with all that stands on it.
func TestTheServersModuleNamesTheVersionsOfOurs(t *testing.T) {
	root, err := findRoot()
	require.NoError(t, err)
	ours, servers := requirements(t, filepath.Join(root, "go.mod")), requirements(t, filepath.Join(root, "sandbox", "temporal", "go.mod"))
	for _, module := range []string{
		"go.temporal.io/api", "go.temporal.io/sdk", "google.golang.org/grpc", "google.golang.org/protobuf",
		"golang.org/x/net", "golang.org/x/sys", "golang.org/x/text", "github.com/prometheus/client_golang",
	} {
		require.NotEmpty(t, ours[module], module)
		require.Equal(t, ours[module], servers[module],
			"%s: `go get` the version of go.mod in sandbox/temporal; if the server does not build with it, say so here", module)
	}
}

func requirements(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	versions := map[string]string{}
	for _, line := range regexp.MustCompile(`(?m)^\t(\S+) (v\S+)`).FindAllStringSubmatch(string(text), -1) {
		versions[line[1]] = line[2]
	}
	return versions
}
