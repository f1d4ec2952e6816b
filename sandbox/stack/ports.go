package stack

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"syscall"
	"time"
)

const loopback = "127.0.0.1"

// Free ports come from below the range from which the system takes the ports of outgoing connections: a port must
// still be free when a killed program is started again on it. A process takes them in blocks that are its own, as a
// port is listened on only once its program has started, and other processes look for ports meanwhile.
const firstPort, lastPort, blockSize = 20000, 31999, 200

// ports are those of this process.
var ports = struct {
	sync.Mutex
	claims    []net.Listener // each on the first port of a block, which keeps other processes out of it
	next, end int            // in the newest block
	handedOut map[int]bool   // so that none is given twice while nobody listens on it yet
}{handedOut: map[int]bool{}}

// FreePort returns a loopback port that nobody listens on, that it has not returned before, and that it returns in no
// other process for as long as this one lives.
func FreePort() (int, error) {
	ports.Lock()
	defer ports.Unlock()
	for {
		if ports.next == ports.end {
			if err := claimBlock(); err != nil {
				return 0, err
			}
		}
		port := ports.next
		ports.next++
		if !ports.handedOut[port] && portFree(port) {
			ports.handedOut[port] = true
			return port, nil
		}
	}
}

// claimBlock makes another block this process's own, with the lock held.
func claimBlock() error {
	const blocks = (lastPort - firstPort + 1) / blockSize
	for _, block := range rand.Perm(blocks) {
		first := firstPort + block*blockSize
		claim, err := net.Listen("tcp", address(first))
		if err != nil {
			continue // another process's, or this one's already
		}
		ports.claims = append(ports.claims, claim)
		ports.next, ports.end = first+1, first+blockSize
		return nil
	}
	return fmt.Errorf("no free port between %d and %d on %s: end some programs that listen there", firstPort, lastPort, loopback)
}

// choosePort returns the preferred port, or any free one when that is taken or 0; moved says that it was taken.
func choosePort(preferred int) (port int, moved bool, err error) {
	if preferred != 0 {
		ports.Lock()
		free := !ports.handedOut[preferred] && portFree(preferred)
		ports.handedOut[preferred] = true
		ports.Unlock()
		if free {
			return preferred, false, nil
		}
	}
	port, err = FreePort()
	return port, preferred != 0, err
}

// portFree asks by connecting. A listener of its own, closed again, would live on for a moment in every child that is
// being started just then: the port would be taken by the very question whether it is free.
func portFree(port int) bool {
	dialer := net.Dialer{Timeout: time.Second}
	connection, err := dialer.DialContext(context.Background(), "tcp", address(port))
	if err == nil {
		_ = connection.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

func address(port int) string { return net.JoinHostPort(loopback, strconv.Itoa(port)) }
