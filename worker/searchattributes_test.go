package main

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
)

// describing is a Temporal that answers with that error.
type describing struct{ err error }

func (d describing) DescribeNamespace(context.Context, *workflowservice.DescribeNamespaceRequest, ...grpc.CallOption) (*workflowservice.DescribeNamespaceResponse, error) {
	return nil, d.err
}

func TestAMissingNamespaceIsToldWithTheCommandThatMakesIt(t *testing.T) {
	err := requireNamespace(t.Context(), describing{serviceerror.NewNamespaceNotFound("yritys")}, "yritys")
	require.ErrorContains(t, err, "temporal operator namespace create --namespace yritys --retention 90d")
	require.NotContains(t, err.Error(), "search-attribute")
	require.NoError(t, requireNamespace(t.Context(), describing{}, "yritys"))
	require.NoError(t, requireNamespace(t.Context(), describing{serviceerror.NewPermissionDenied("no", "")}, "yritys"), "who may not describe it may be allowed to use it")
}
