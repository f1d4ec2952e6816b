package workflows

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// asServer has the test environment cancel activities as the server does: one that waits for its next attempt ends at once;
// one under way is told, ends by itself where the workflow waits for that, and is not tried again. The environment alone
// ends each at once and lets an attempt that is under way run on.
type asServer struct {
	interceptor.WorkerInterceptorBase
	t         *testing.T
	mu        sync.Mutex
	scheduled map[string]*scheduled // by activity id
	running   map[string]int        // attempts under way, by activity type
}

// scheduled is one activity of a workflow, with all its attempts.
type scheduled struct {
	cancel context.CancelFunc // ends the attempt under way; nil while there is none
	told   bool               // the attempt under way is to end
	over   bool               // there is no other attempt
	failed error              // what the told attempt ended with, where another one would have followed
}

func newServer(t *testing.T) *asServer {
	return &asServer{t: t, scheduled: map[string]*scheduled{}, running: map[string]int{}}
}

func (s *asServer) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &workflowOnServer{interceptor.WorkflowInboundInterceptorBase{Next: next}, s}
}

func (s *asServer) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &attemptOnServer{interceptor.ActivityInboundInterceptorBase{Next: next}, s}
}

type workflowOnServer struct {
	interceptor.WorkflowInboundInterceptorBase
	*asServer
}

func (w *workflowOnServer) Init(next interceptor.WorkflowOutboundInterceptor) error {
	return w.Next.Init(&commandsToServer{interceptor.WorkflowOutboundInterceptorBase{Next: next}, w.asServer})
}

type commandsToServer struct {
	interceptor.WorkflowOutboundInterceptorBase
	*asServer
}

func (c *commandsToServer) ExecuteActivity(ctx workflow.Context, activityType string, args ...any) workflow.Future {
	options := workflow.GetActivityOptions(ctx)
	options.ActivityID = c.schedule()
	detached, end := workflow.NewDisconnectedContext(workflow.WithActivityOptions(ctx, options))
	future := c.Next.ExecuteActivity(detached, activityType, args...)
	workflow.Go(detached, func(detached workflow.Context) {
		err := workflow.Await(detached, func() bool { return ctx.Err() != nil || future.IsReady() })
		if err == nil && !future.IsReady() && c.endsAtOnce(options.ActivityID, options.WaitForCancellation) {
			end()
		}
	})
	return outcomeOnServer{future, func() error { return c.failureOf(options.ActivityID) }}
}

// outcomeOnServer is that of an activity. To the workflow a failure after which the server only did not try again, as it was
// told to cancel, is a failure that might have been retried.
type outcomeOnServer struct {
	workflow.Future
	failed func() error
}

func (o outcomeOnServer) Get(ctx workflow.Context, into any) error {
	err := o.Future.Get(ctx, into)
	if failed := o.failed(); failed != nil {
		return failed
	}
	return err
}

func (s *asServer) failureOf(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.scheduled[id].failed
}

func (s *asServer) schedule() (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id = strconv.Itoa(len(s.scheduled) + 1)
	s.scheduled[id] = &scheduled{}
	return id
}

// endsAtOnce cancels an activity, and says whether that ends it.
func (s *asServer) endsAtOnce(id string, waits bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.scheduled[id]
	switch {
	case one.over: // its outcome is on its way
		return false
	case one.cancel != nil && waits:
		one.told = true
		one.cancel()
		return false
	default:
		one.over = true
		return true
	}
}

type attemptOnServer struct {
	interceptor.ActivityInboundInterceptorBase
	*asServer
}

func (a *attemptOnServer) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	info := activity.GetInfo(ctx)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a.begin(info, cancel)
	result, err := a.Next.ExecuteActivity(ctx, in)
	return result, a.end(info, err)
}

func (s *asServer) begin(info activity.Info, cancel context.CancelFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scheduled[info.ActivityID].cancel = cancel
	s.running[info.ActivityType.Name]++
	assert.Equal(s.t, 1, s.running[info.ActivityType.Name], "two attempts of %s at once", info.ActivityType.Name)
}

func (s *asServer) end(info activity.Info, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.scheduled[info.ActivityID]
	one.cancel = nil
	s.running[info.ActivityType.Name]--
	one.over = one.over || one.told || err == nil
	var failure *temporal.ApplicationError
	switch {
	case !one.told, err == nil, errors.Is(err, context.Canceled), temporal.IsCanceledError(err):
		return err
	case !errors.As(err, &failure):
		one.failed = temporal.NewApplicationError(err.Error(), "")
	case failure.NonRetryable():
		return err
	default:
		one.failed = failure
	}
	return temporal.NewNonRetryableApplicationError("not tried again, as it was told to end", "", err)
}

// activities counts the activities that the workflow has scheduled.
func (s *asServer) activities() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.scheduled)
}
