package stack

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPortThatIsTakenIsReplacedByAFreeOneAndSaidSo(t *testing.T) {
	taken, err := net.Listen("tcp", loopback+":0")
	require.NoError(t, err)
	defer taken.Close()
	free, err := FreePort()
	require.NoError(t, err)
	delete(handedOut.ports, free)

	cases := []struct {
		name      string
		preferred int
		keeps     bool
		moved     bool
	}{
		{"a free port is kept", free, true, false},
		{"the same port a second time is not, although nobody listens yet", free, false, true},
		{"a port that somebody listens on is not", taken.Addr().(*net.TCPAddr).Port, false, true},
		{"no preference is no move", 0, false, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			port, moved, err := choosePort(c.preferred)
			require.NoError(t, err)
			require.Equal(t, c.moved, moved)
			require.Equal(t, c.keeps, port == c.preferred)
			require.True(t, portFree(port))
		})
	}
}

func TestNoPortIsHandedOutTwice(t *testing.T) {
	seen := map[int]bool{}
	for range 50 {
		port, err := FreePort()
		require.NoError(t, err)
		require.False(t, seen[port], "port %d came twice", port)
		seen[port] = true
	}
}
