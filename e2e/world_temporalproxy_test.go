package e2e

import (
	"bytes"
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// temporalProxy stands between our programs and the Temporal server. It passes unary calls on unread and lets faults
// befall those that concern a given workflow.
type temporalProxy struct {
	address  string
	upstream *grpc.ClientConn
	mutex    sync.Mutex
	faults   []*temporalFault
}

// temporalFault befalls the after-th call of a method whose request (or answer, see inAnswer) holds certain bytes. Of two
// that wait for the same call the one that was added first takes it, and the other does not count it.
type temporalFault struct {
	method   string
	holds    []string // all of them
	inAnswer bool     // the answer holds them: only it tells what a poll for tasks was about
	after    int
	times    int           // how many in a row; 0 is one
	refuse   codes.Code    // it is not passed on, and answered so
	before   func()        // runs before the call is passed on, or refused
	then     func()        // runs after it was
	hide     bool          // it is passed on, and answered Unavailable
	hang     bool          // it is passed on, and never answered
	seen     int           // calls that matched
	fired    chan struct{} // closed when it begins
	begin    sync.Once
}

func newTemporalProxy(t *testing.T, upstream string) *temporalProxy {
	t.Helper()
	connection, err := grpc.NewClient(upstream, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	proxy := &temporalProxy{address: listener.Addr().String(), upstream: connection}
	server := grpc.NewServer(grpc.ForceServerCodecV2(rawCodec{}), grpc.UnknownServiceHandler(proxy.handle))
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		_ = connection.Close()
	})
	return proxy
}

// add arms a fault.
func (p *temporalProxy) add(m *temporalFault) *temporalFault {
	m.fired = make(chan struct{})
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.faults = append(p.faults, m)
	return m
}

// take gives the fault that befalls a call, as far as it can be told from its request, or from its answer.
func (p *temporalProxy) take(method string, message []byte, isAnswer bool) *temporalFault {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, m := range p.faults {
		if m.inAnswer != isAnswer || !strings.HasSuffix(method, "/"+m.method) || !m.isAbout(message) {
			continue
		}
		if m.seen++; m.seen >= m.after && m.seen < m.after+max(m.times, 1) {
			m.begin.Do(func() { close(m.fired) })
			return m
		}
	}
	return nil
}

func (m *temporalFault) isAbout(message []byte) bool {
	return !slices.ContainsFunc(m.holds, func(part string) bool { return !bytes.Contains(message, []byte(part)) })
}

// matched is how many calls the fault has seen.
func (p *temporalProxy) matched(m *temporalFault) int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return m.seen
}

func (p *temporalProxy) handle(_ any, stream grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(stream)
	var request, answer frame
	if err := stream.RecvMsg(&request); err != nil {
		return err
	}
	ctx := stream.Context()
	if incoming, ok := metadata.FromIncomingContext(ctx); ok {
		ctx = metadata.NewOutgoingContext(ctx, incoming.Copy())
	}
	passedOn := ctx
	fault := p.take(method, request.bytes, false)
	if fault != nil {
		if fault.before != nil {
			fault.before()
		}
		if fault.refuse != codes.OK {
			return status.Error(fault.refuse, "the proxy did not pass it on")
		}
		passedOn = context.WithoutCancel(ctx) // it is carried out even when the caller has been killed meanwhile
	}
	err := p.upstream.Invoke(passedOn, method, &request, &answer, grpc.ForceCodecV2(rawCodec{}))
	if fault == nil && err == nil {
		fault = p.take(method, answer.bytes, true)
	}
	if fault != nil && fault.then != nil {
		fault.then()
	}
	switch {
	case fault != nil && fault.hide:
		return status.Error(codes.Unavailable, "the proxy kept the answer")
	case fault != nil && fault.hang:
		<-ctx.Done()
		return status.FromContextError(ctx.Err()).Err()
	case err != nil:
		return err
	}
	return stream.SendMsg(&answer)
}

// frame is one message as it is on the wire.
type frame struct{ bytes []byte }

// rawCodec passes messages on as they are.
type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.(*frame).bytes)}, nil
}

func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	v.(*frame).bytes = data.Materialize()
	return nil
}
