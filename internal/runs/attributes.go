package runs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
)

// attributePatience is how long freshly registered search attributes may take to work: the server refreshes its caches in
// seconds, and a start before that fails for good.
const attributePatience = 90 * time.Second

// attributeLook is how often they are tried meanwhile.
const attributeLook = 500 * time.Millisecond

// callPatience is how long one question to Temporal may take; the SDK sets no limit to these. A worker that gives up is
// started again, and asks again.
const callPatience = 10 * time.Second

// EnsureSearchAttributes registers the search attributes that are missing and waits until queries take all of them. Where
// only somebody else may list or register them, as on Temporal Cloud, that they work is enough. The error says who has to
// do what.
func (c *Client) EnsureSearchAttributes(ctx context.Context, logger *slog.Logger) error {
	if err := c.requireNamespace(ctx); err != nil {
		return err
	}
	ours, failed, err := c.registerAttributes(ctx, logger)
	if err != nil {
		return err
	}
	patience, cancel := context.WithTimeout(ctx, attributePatience)
	defer cancel()
	ticker := time.NewTicker(attributeLook)
	defer ticker.Stop()
	for {
		err := c.tryAttributes(patience, isKeyword, attributeNames()...)
		if err == nil {
			return nil
		}
		// Those that somebody else registers are not waited for: whoever is told now can do it now.
		if refusedToUs(err) || isInvalid(err) && !ours {
			return c.attributesDoNotWork(ctx, err)
		}
		select {
		case <-ticker.C:
			if failed { // a server that was busy, say
				if ours, failed, err = c.registerAttributes(ctx, logger); err != nil {
					return err
				}
			}
		case <-patience.Done():
			if ctx.Err() != nil {
				return fmt.Errorf("wait for the search attributes to work: %w", context.Cause(ctx))
			}
			return c.attributesDoNotWork(ctx, err)
		}
	}
}

// requireNamespace tells a namespace that is missing from what its search attributes could lack: asked for those, the
// server only says that it is unavailable, and no command on search attributes helps. Any other error is left to the
// questions that follow, as not everybody who may use a namespace may describe it.
func (c *Client) requireNamespace(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	_, err := c.temporal.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: c.namespace})
	var missing *serviceerror.NamespaceNotFound
	if !errors.As(err, &missing) {
		return nil
	}
	return fmt.Errorf("there is no namespace %s: correct TEMPORAL_NAMESPACE, or have somebody who may administer the server run:\n  temporal operator namespace create --namespace %s --retention 90d", c.namespace, c.namespace)
}

// registerAttributes registers what is missing. ours is false when we may not, so that somebody else has to; failed asks for
// another try, unless they come to work without one.
func (c *Client) registerAttributes(ctx context.Context, logger *slog.Logger) (ours, failed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	have, err := c.temporal.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: c.namespace})
	if refusedToUs(err) {
		return false, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("read the search attributes of namespace %s: %w", c.namespace, err)
	}
	missing := SearchAttributes()
	for name, kind := range SearchAttributes() {
		switch registered, ok := have.GetCustomAttributes()[name]; {
		case ok && registered != kind:
			return false, false, c.wrongType(name, "is of type "+registered.String())
		case ok:
			delete(missing, name)
		}
	}
	if len(missing) == 0 {
		return true, false, nil
	}
	logger.Info("Registering search attributes.", "count", len(missing))
	_, err = c.temporal.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{Namespace: c.namespace, SearchAttributes: missing})
	switch {
	case refusedToUs(err):
		return false, false, nil
	case isInvalid(err): // the store has no room for more of them, say
		return false, false, fmt.Errorf("register the search attributes %v in namespace %s: %w", slices.Sorted(maps.Keys(missing)), c.namespace, err)
	case err != nil: // another worker that starts now may have been faster
		logger.Warn("Registering search attributes failed; trying again until they work.", "error", err)
		return true, true, nil
	}
	return true, false, nil
}

// Conditions on a search attribute. A server refuses isThere of one that it does not know, and isKeyword also of one
// whose type is another than Keyword: no other type compares with words and with any word.
const (
	isThere   = "%s IS NULL"
	isKeyword = "%s > 'a'"
)

// tryAttributes asks a question that works only when each of the attributes does.
func (c *Client) tryAttributes(ctx context.Context, condition string, names ...string) error {
	ctx, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	conditions := make([]string, len(names))
	for i, name := range names {
		conditions[i] = fmt.Sprintf(condition, name)
	}
	_, err := c.temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: strings.Join(conditions, " AND ")})
	return err
}

// attributesDoNotWork finds out which of them do not, and names the commands with which somebody who may can mend it.
func (c *Client) attributesDoNotWork(ctx context.Context, cause error) error {
	var missing []string
	for _, name := range attributeNames() {
		if isInvalid(c.tryAttributes(ctx, isThere, name)) {
			missing = append(missing, name)
		} else if err := c.tryAttributes(ctx, isKeyword, name); isInvalid(err) {
			return c.wrongType(name, "is not of type Keyword: "+err.Error())
		}
	}
	if len(missing) == 0 {
		return fmt.Errorf("find out whether the search attributes of namespace %s work: %w", c.namespace, cause)
	}
	temporal, cloud := "temporal operator search-attribute create --namespace "+c.namespace, "tcld namespace search-attributes add --namespace "+c.namespace
	for _, name := range missing {
		temporal += " --name " + name + " --type Keyword"
		cloud += " --search-attribute " + name + "=Keyword"
	}
	return fmt.Errorf("the search attributes %s do not work: %w\nHave somebody who may administer the namespace run:\n  %s\nor, on Temporal Cloud:\n  %s",
		strings.Join(missing, ", "), cause, temporal, cloud)
}

func (c *Client) wrongType(name, is string) error {
	return fmt.Errorf("the search attribute %s %s; it has to be a Keyword.\nUnless something else uses it, have somebody who may administer the namespace take it away, and start again:\n  temporal operator search-attribute remove --namespace %s --name %s\nor, on Temporal Cloud:\n  tcld namespace search-attributes rename --namespace %s --existing-name %s --new-name Old%s",
		name, is, c.namespace, name, c.namespace, name, name)
}

func attributeNames() []string { return slices.Sorted(maps.Keys(SearchAttributes())) }

// refusedToUs tells that Temporal answers, and that what was asked is not for us: an account without the right, or a
// server or gateway that offers only a part of the services.
func refusedToUs(err error) bool {
	var denied *serviceerror.PermissionDenied
	var unimplemented *serviceerror.Unimplemented
	return errors.As(err, &denied) || errors.As(err, &unimplemented)
}

func isInvalid(err error) bool {
	var invalid *serviceerror.InvalidArgument
	return errors.As(err, &invalid)
}

// Permanent tells what Temporal will answer to the same request for ever from what a later attempt may get through. A
// refused account is not among it: credentials are mended while the worker runs.
func Permanent(err error) bool {
	var unimplemented *serviceerror.Unimplemented
	return isInvalid(err) || errors.As(err, &unimplemented)
}

// SearchAttributes lists every custom search attribute with its type.
func SearchAttributes() map[string]enumspb.IndexedValueType {
	attributes := map[string]enumspb.IndexedValueType{}
	for _, key := range []interface{ GetName() string }{
		AttributeCustomer, AttributeNotice, AttributeProperty, AttributeTask, AttributePhase, AttributeAttentionReason,
	} {
		attributes[key.GetName()] = enumspb.INDEXED_VALUE_TYPE_KEYWORD
	}
	return attributes
}
