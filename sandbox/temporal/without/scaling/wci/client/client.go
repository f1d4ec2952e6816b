// Package client stands in for the client of the workflows that start and stop workers. No server of the sandbox has any.
package client

import (
	"context"

	"go.temporal.io/api/deployment/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/auto-scaled-workers/wci/workflow/iface"
	"go.uber.org/fx"
)

// Module gives the server a Client.
var Module = fx.Supply(Client{})

// Client answers as if nobody had ever asked that a deployment's workers be started.
type Client struct{}

var errLeftOut = serviceerror.NewInvalidArgument("this server starts no workers")

// DescribeWorkerControllerInstance finds none.
func (Client) DescribeWorkerControllerInstance(
	context.Context, any, *deployment.WorkerDeploymentVersion,
) (*iface.QueryDescribeWorkerControllerInstanceResponse, []byte, error) {
	return nil, nil, serviceerror.NewNotFound("this server starts no workers")
}

// ValidateWorkerControllerInstanceSpec refuses every specification.
func (Client) ValidateWorkerControllerInstanceSpec(
	context.Context, any, *deployment.WorkerDeploymentVersion, string, map[string]iface.ScalingGroupSpecUpdate, []string,
) error {
	return errLeftOut
}

// UpdateWorkerControllerInstance refuses every specification, for good: the server must not try again.
func (Client) UpdateWorkerControllerInstance(
	context.Context, any, any, []byte, string, map[string]iface.ScalingGroupSpecUpdate, []string,
) (*iface.UpdateWorkerControllerInstanceResponse, error) {
	return nil, errLeftOut
}

// DeleteWorkerControllerInstance has nothing to delete.
func (Client) DeleteWorkerControllerInstance(context.Context, any, any, string) error { return nil }
