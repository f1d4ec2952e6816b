package fault

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"
)

// Listener is a TCP listener whose port can really refuse connections for a while: Down closes the port and resets every
// open connection, Refuse closes the port alone, Up opens the same port again. An http.Server serves on it as on any other
// and does not notice.
type Listener struct {
	address net.Addr

	mu     sync.Mutex
	up     *sync.Cond
	inner  net.Listener // nil while down
	conns  map[*trackedConn]struct{}
	opened int // connections so far
	closed bool
}

// Listen opens the address, e.g. "127.0.0.1:0"; a port chosen here is kept through Down and Up.
func Listen(address string) (*Listener, error) {
	inner, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	l := &Listener{address: inner.Addr(), inner: inner, conns: map[*trackedConn]struct{}{}}
	l.up = sync.NewCond(&l.mu)
	return l, nil
}

// Down makes the port refuse connections and resets the open ones. Doing it twice is harmless.
func (l *Listener) Down() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.refuse()
	for conn := range l.conns {
		lingerNot(conn.Conn)
		err = errors.Join(err, conn.Conn.Close())
		delete(l.conns, conn)
	}
	if err != nil {
		return fmt.Errorf("take the port down: %w", err)
	}
	return nil
}

// Refuse makes the port refuse connections; requests on the open ones are still answered. Doing it twice is harmless.
func (l *Listener) Refuse() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.refuse(); err != nil {
		return fmt.Errorf("close the port: %w", err)
	}
	return nil
}

// refuse closes the port. The caller holds the lock.
func (l *Listener) refuse() error {
	if l.inner == nil {
		return nil
	}
	err := l.inner.Close()
	l.inner = nil
	return err
}

// Up opens the port again. Doing it twice is harmless.
func (l *Listener) Up() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inner != nil || l.closed {
		return nil
	}
	inner, err := net.Listen("tcp", l.address.String())
	for tries := 0; errors.Is(err, syscall.EADDRINUSE) && tries < 100; tries++ {
		<-time.After(10 * time.Millisecond) // a child that was being started as the port closed holds it for a moment
		inner, err = net.Listen("tcp", l.address.String())
	}
	if err != nil {
		return fmt.Errorf("open the port again: %w", err)
	}
	l.inner = inner
	l.up.Broadcast()
	return nil
}

// Accept waits for a connection, and while the port is down for Up.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		inner, err := l.current()
		if err != nil {
			return nil, err
		}
		conn, err := inner.Accept()
		if tracked, kept := l.track(inner, conn, err); kept {
			return tracked, nil
		}
		if err != nil && l.serving(inner) {
			return nil, err
		}
	}
}

// current returns the open port, waiting until there is one.
func (l *Listener) current() (net.Listener, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.inner == nil && !l.closed {
		l.up.Wait()
	}
	if l.closed {
		return nil, net.ErrClosed
	}
	return l.inner, nil
}

// track keeps an accepted connection for Down; one accepted just as the port went down is reset.
func (l *Listener) track(inner net.Listener, conn net.Conn, err error) (net.Conn, bool) {
	if err != nil {
		return nil, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inner != inner {
		lingerNot(conn)
		_ = conn.Close()
		return nil, false
	}
	tracked := &trackedConn{Conn: conn, listener: l}
	l.conns[tracked] = struct{}{}
	l.opened++
	return tracked, true
}

func (l *Listener) serving(inner net.Listener) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.inner == inner && !l.closed
}

// Close closes the port for good; closing it twice is harmless. Open connections are left to their server.
func (l *Listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.up.Broadcast()
	if l.inner == nil {
		return nil
	}
	inner := l.inner
	l.inner = nil
	return inner.Close()
}

// Opened is how many connections there have been so far.
func (l *Listener) Opened() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.opened
}

// Addr is the address listened on, also while down.
func (l *Listener) Addr() net.Addr { return l.address }

type trackedConn struct {
	net.Conn
	listener *Listener
}

// NetConn gives the faults the TCP connection to reset.
func (c *trackedConn) NetConn() net.Conn { return c.Conn }

func (c *trackedConn) Close() error {
	c.listener.mu.Lock()
	delete(c.listener.conns, c)
	c.listener.mu.Unlock()
	return c.Conn.Close()
}
