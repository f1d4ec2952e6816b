package stack

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
)

const loopback = "127.0.0.1"

// Free ports come from below the range from which the system takes the ports of outgoing connections: a port must
// still be free when a killed program is started again on it.
const firstPort, lastPort = 20000, 31999

// handedOut keeps this process from giving a port twice while nobody listens on it yet.
var handedOut = struct {
	sync.Mutex
	ports map[int]bool
}{ports: map[int]bool{}}

// FreePort returns a loopback port that nobody listens on and that it has not returned before.
func FreePort() (int, error) {
	handedOut.Lock()
	defer handedOut.Unlock()
	for range 200 {
		port := firstPort + rand.IntN(lastPort-firstPort+1)
		if handedOut.ports[port] || !portFree(port) {
			continue
		}
		handedOut.ports[port] = true
		return port, nil
	}
	return 0, fmt.Errorf("no free port between %d and %d on %s after 200 tries: end some programs that listen there", firstPort, lastPort, loopback)
}

// choosePort returns the preferred port, or any free one when that is taken or 0; moved says that it was taken.
func choosePort(preferred int) (port int, moved bool, err error) {
	if preferred != 0 {
		handedOut.Lock()
		free := !handedOut.ports[preferred] && portFree(preferred)
		handedOut.ports[preferred] = true
		handedOut.Unlock()
		if free {
			return preferred, false, nil
		}
	}
	port, err = FreePort()
	return port, preferred != 0, err
}

func portFree(port int) bool {
	listener, err := net.Listen("tcp", address(port))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}

func address(port int) string { return net.JoinHostPort(loopback, strconv.Itoa(port)) }
