package stack

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPortThatIsTakenIsReplacedByAFreeOneAndSaidSo(t *testing.T) {
	taken, err := net.Listen("tcp", loopback+":0")
	require.NoError(t, err)
	defer taken.Close()
	free, err := FreePort()
	require.NoError(t, err)
	delete(ports.handedOut, free)

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

const printPorts = "PRINT_PORTS"

// TestNoPortIsHandedOutTwice neither in this process nor in others that look for ports at the same time.
func TestNoPortIsHandedOutTwice(t *testing.T) {
	const each = 2*blockSize + 1
	handOut := func(w io.Writer) {
		for range each {
			port, err := FreePort()
			require.NoError(t, err)
			fmt.Fprintln(w, port)
		}
	}
	if os.Getenv(printPorts) != "" {
		handOut(os.Stderr)
		_, _ = io.Copy(io.Discard, os.Stdin) // a process's ports are its own for as long as it lives
		return
	}
	var printed []io.Reader
	for range 2 {
		other := exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0], "-test.run=^"+t.Name()+"$")
		other.Env = append(os.Environ(), printPorts+"=yes")
		hold, err := other.StdinPipe()
		require.NoError(t, err)
		numbers, err := other.StderrPipe()
		require.NoError(t, err)
		require.NoError(t, other.Start())
		t.Cleanup(func() {
			require.NoError(t, hold.Close())
			require.NoError(t, other.Wait())
		})
		printed = append(printed, numbers)
	}
	var own strings.Builder
	handOut(&own)
	seen := map[int]bool{}
	for _, numbers := range append(printed, strings.NewReader(own.String())) {
		for range each {
			var port int
			_, err := fmt.Fscanln(numbers, &port)
			require.NoError(t, err)
			require.False(t, seen[port], "port %d came twice", port)
			seen[port] = true
		}
	}
}

// TestAPortIsFreeAtOnceWhileProgramsStart: whoever asks whether a port is free must not take it by asking.
func TestAPortIsFreeAtOnceWhileProgramsStart(t *testing.T) {
	ends := make(chan struct{})
	var starting sync.WaitGroup
	for range 4 {
		starting.Go(func() {
			for {
				select {
				case <-ends:
					return
				default:
					_ = exec.CommandContext(t.Context(), "true").Run()
				}
			}
		})
	}
	defer starting.Wait()
	defer close(ends)
	for range 150 {
		port, err := FreePort()
		require.NoError(t, err)
		listener, err := net.Listen("tcp", address(port))
		require.NoError(t, err)
		require.NoError(t, listener.Close())
	}
}
