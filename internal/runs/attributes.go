package runs

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/temporalclient"
)

// EnsureSearchAttributes registers our search attributes where they are missing and waits until they work.
func (c *Client) EnsureSearchAttributes(ctx context.Context, logger *slog.Logger) error {
	return c.attributes().Ensure(ctx, logger)
}

// WrongSearchAttributes names those of ours that the server does not know, or knows with another type than Keyword.
func (c *Client) WrongSearchAttributes(ctx context.Context) (wrong []string, err error) {
	return c.attributes().Wrong(ctx)
}

func (c *Client) attributes() *temporalclient.Attributes {
	return &temporalclient.Attributes{Temporal: c.temporal, Namespace: c.namespace, Keywords: SearchAttributes()}
}

// Permanent tells what Temporal will answer to the same request for ever from what a later attempt may get through. A
// refused account is not among it: credentials are mended while the worker runs.
func Permanent(err error) bool {
	return temporalclient.IsInvalid(err) || errors.As(err, new(*serviceerror.Unimplemented))
}

// SearchAttributes are the names of all custom search attributes, in alphabetical order. Each is a Keyword.
func SearchAttributes() []string {
	var names []string
	for _, key := range []temporal.SearchAttributeKeyKeyword{
		AttributeCustomer, AttributeNotice, AttributeProperty, AttributeTask, AttributePhase, AttributeAttentionReason,
	} {
		names = append(names, key.GetName())
	}
	slices.Sort(names)
	return names
}
