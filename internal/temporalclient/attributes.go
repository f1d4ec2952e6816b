package temporalclient

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
	"go.temporal.io/sdk/client"
)

// attributePatience is how long freshly registered search attributes may take to work: the server refreshes its caches in
// seconds, and a start before that fails for good.
const attributePatience = 90 * time.Second

// attributeLook is how often they are tried meanwhile.
const attributeLook = 500 * time.Millisecond

// CallPatience is how long one question to Temporal may take; the SDK sets no limit to these. A worker that gives up is
// started again, and asks again.
const CallPatience = 10 * time.Second

// Attributes are search attributes, of type Keyword, that a namespace is to have.
type Attributes struct {
	Temporal  client.Client
	Namespace string
	Keywords  []string // their names
}

// Ensure registers those that are missing and waits until queries take all of them. Where only somebody else may list or
// register them, as on Temporal Cloud, that they work is enough. The error says who has to do what.
func (a *Attributes) Ensure(ctx context.Context, logger *slog.Logger) error {
	if err := a.requireNamespace(ctx); err != nil {
		return err
	}
	ours, failed, err := a.register(ctx, logger)
	if err != nil {
		return err
	}
	patience, cancel := context.WithTimeout(ctx, attributePatience)
	defer cancel()
	ticker := time.NewTicker(attributeLook)
	defer ticker.Stop()
	for {
		err := a.ask(patience, isKeyword, a.Keywords...)
		if err == nil {
			return nil
		}
		// Those that somebody else registers are not waited for: whoever is told now can do it now.
		if RefusedToUs(err) || IsInvalid(err) && !ours {
			return a.doNotWork(ctx, err)
		}
		select {
		case <-ticker.C:
			if failed { // a server that was busy, say
				if ours, failed, err = a.register(ctx, logger); err != nil {
					return err
				}
			}
		case <-patience.Done():
			if ctx.Err() != nil {
				return fmt.Errorf("wait for the search attributes to work: %w", context.Cause(ctx))
			}
			return a.doNotWork(ctx, err)
		}
	}
}

// requireNamespace tells a namespace that is missing from what its search attributes could lack: asked for those, the
// server only says that it is unavailable, and no command on search attributes helps. Any other error is left to the
// questions that follow, as not everybody who may use a namespace may describe it.
func (a *Attributes) requireNamespace(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, CallPatience)
	defer cancel()
	_, err := a.Temporal.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: a.Namespace})
	if !is[*serviceerror.NamespaceNotFound](err) {
		return nil
	}
	return fmt.Errorf("there is no namespace %s: correct TEMPORAL_NAMESPACE, or have somebody who may administer the server run:\n  temporal operator namespace create --namespace %s --retention 90d", a.Namespace, a.Namespace)
}

// register registers what is missing. ours is false when we may not, so that somebody else has to; failed asks for
// another try, unless they come to work without one.
func (a *Attributes) register(ctx context.Context, logger *slog.Logger) (ours, failed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, CallPatience)
	defer cancel()
	have, err := a.Temporal.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: a.Namespace})
	if RefusedToUs(err) {
		return false, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("read the search attributes of namespace %s: %w", a.Namespace, err)
	}
	missing := map[string]enumspb.IndexedValueType{}
	for _, name := range a.Keywords {
		switch registered, ok := have.GetCustomAttributes()[name]; {
		case !ok:
			missing[name] = enumspb.INDEXED_VALUE_TYPE_KEYWORD
		case registered != enumspb.INDEXED_VALUE_TYPE_KEYWORD:
			return false, false, a.wrongType(name, "is of type "+registered.String())
		}
	}
	if len(missing) == 0 {
		return true, false, nil
	}
	logger.Info("Registering search attributes.", "count", len(missing))
	_, err = a.Temporal.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{Namespace: a.Namespace, SearchAttributes: missing})
	switch {
	case RefusedToUs(err):
		return false, false, nil
	case IsInvalid(err): // the store has no room for more of them, say
		return false, false, fmt.Errorf("register the search attributes %v in namespace %s: %w", slices.Sorted(maps.Keys(missing)), a.Namespace, err)
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

// ask asks a question that works only when each of the attributes does.
func (a *Attributes) ask(ctx context.Context, condition string, names ...string) error {
	ctx, cancel := context.WithTimeout(ctx, CallPatience)
	defer cancel()
	conditions := make([]string, len(names))
	for i, name := range names {
		conditions[i] = fmt.Sprintf(condition, name)
	}
	_, err := a.Temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: strings.Join(conditions, " AND ")})
	return err
}

// doNotWork finds out which of them do not, and names the commands with which somebody who may can mend it.
func (a *Attributes) doNotWork(ctx context.Context, cause error) error {
	var missing []string
	for _, name := range a.Keywords {
		if IsInvalid(a.ask(ctx, isThere, name)) {
			missing = append(missing, name)
		} else if err := a.ask(ctx, isKeyword, name); IsInvalid(err) {
			return a.wrongType(name, "is not of type Keyword: "+err.Error())
		}
	}
	if len(missing) == 0 {
		return fmt.Errorf("find out whether the search attributes of namespace %s work: %w", a.Namespace, cause)
	}
	temporal, cloud := "temporal operator search-attribute create --namespace "+a.Namespace, "tcld namespace search-attributes add --namespace "+a.Namespace
	for _, name := range missing {
		temporal += " --name " + name + " --type Keyword"
		cloud += " --search-attribute " + name + "=Keyword"
	}
	return fmt.Errorf("the search attributes %s do not work: %w\nHave somebody who may administer the namespace run:\n  %s\nor, on Temporal Cloud:\n  %s",
		strings.Join(missing, ", "), cause, temporal, cloud)
}

func (a *Attributes) wrongType(name, is string) error {
	return fmt.Errorf("the search attribute %s %s; it has to be a Keyword.\nUnless something else uses it, have somebody who may administer the namespace take it away, and start again:\n  temporal operator search-attribute remove --namespace %s --name %s\nor, on Temporal Cloud:\n  tcld namespace search-attributes rename --namespace %s --existing-name %s --new-name Old%s",
		name, is, a.Namespace, name, a.Namespace, name, name)
}

// RefusedToUs tells that Temporal answers, and that what was asked is not for us: an account without the right, or a
// server or gateway that offers only a part of the services.
func RefusedToUs(err error) bool {
	return is[*serviceerror.PermissionDenied](err) || is[*serviceerror.Unimplemented](err)
}

// Wrong names those that the server does not know, or knows with another type. It needs no right to the operator service.
func (a *Attributes) Wrong(ctx context.Context) (wrong []string, err error) {
	for _, name := range a.Keywords {
		if err := a.ask(ctx, isKeyword, name); IsInvalid(err) {
			wrong = append(wrong, name)
		} else if err != nil {
			return nil, fmt.Errorf("ask for the search attribute %s: %w", name, err)
		}
	}
	return wrong, nil
}

// IsInvalid tells that Temporal takes the request for wrong.
func IsInvalid(err error) bool { return is[*serviceerror.InvalidArgument](err) }

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
