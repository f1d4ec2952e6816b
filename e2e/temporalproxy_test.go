package e2e

import (
	"bytes"
	"context"
	"net"
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

// temporalProxy stands between our programs and the Temporal server. It passes unary calls on unread and lets mishaps
// befall those that concern a given workflow.
type temporalProxy struct {
	address  string
	upstream *grpc.ClientConn
	mutex    sync.Mutex
	mishaps  []*temporalMishap
}

// temporalMishap befalls the after-th call of a method whose bytes hold the workflow id.
type temporalMishap struct {
	method, workflowID string
	after              int
	before             func()        // runs before the call is passed on
	then               func()        // runs after it was
	drop               bool          // it is not passed on
	hide               bool          // it is passed on, and answered Unavailable
	hang               bool          // it is passed on, and never answered
	seen               int           // calls that matched
	fired              chan struct{} // closed when it begins
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

// add arms a mishap.
func (p *temporalProxy) add(m *temporalMishap) *temporalMishap {
	m.fired = make(chan struct{})
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.mishaps = append(p.mishaps, m)
	return m
}

func (p *temporalProxy) take(method string, request []byte) *temporalMishap {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, m := range p.mishaps {
		if !strings.HasSuffix(method, "/"+m.method) || !bytes.Contains(request, []byte(m.workflowID)) {
			continue
		}
		if m.seen++; m.seen == m.after {
			return m
		}
	}
	return nil
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
	mishap := p.take(method, request.bytes)
	if mishap == nil {
		return p.pass(ctx, method, &request, &answer, stream)
	}
	close(mishap.fired)
	if mishap.before != nil {
		mishap.before()
	}
	if mishap.drop {
		return status.Error(codes.Unavailable, "the proxy dropped it")
	}
	// What is passed on is carried out even when the caller has been killed meanwhile.
	err := p.upstream.Invoke(context.WithoutCancel(ctx), method, &request, &answer, grpc.ForceCodecV2(rawCodec{}))
	if mishap.then != nil {
		mishap.then()
	}
	switch {
	case mishap.hide:
		return status.Error(codes.Unavailable, "the proxy kept the answer")
	case mishap.hang:
		<-ctx.Done()
		return status.FromContextError(ctx.Err()).Err()
	case err != nil:
		return err
	}
	return stream.SendMsg(&answer)
}

func (p *temporalProxy) pass(ctx context.Context, method string, request, answer *frame, stream grpc.ServerStream) error {
	if err := p.upstream.Invoke(ctx, method, request, answer, grpc.ForceCodecV2(rawCodec{})); err != nil {
		return err
	}
	return stream.SendMsg(answer)
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
