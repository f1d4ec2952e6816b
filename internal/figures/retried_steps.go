package figures

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/runs"
)

// retriedSteps are the steps of notices that have failed on this worker and are tried again. Another worker may do the
// next attempt, so each is forgotten some time after that was due; whoever does it knows of it then.
type retriedSteps struct {
	now   func() time.Time
	mutex sync.Mutex
	all   map[string]retriedStep // by run and activity id
}

type retriedStep struct {
	activity string
	since    time.Time // when its workflow asked for it
	until    time.Time // by then the next attempt has begun
}

const (
	longestRetryPause = 10 * time.Minute // of the retry policy, see runs.Timing
	retrySlack        = 5 * time.Minute  // for a queue before the next attempt
)

// begin keeps an attempt that is not the first while it is under way.
func (s *retriedSteps) begin(info activity.Info) {
	if info.Attempt > 1 {
		s.keep(info, info.Deadline)
	}
}

// end keeps a step that will be tried again, and forgets one that is over.
func (s *retriedSteps) end(info activity.Info, err error) {
	var said *temporal.ApplicationError
	if err == nil || temporal.IsCanceledError(err) || errors.As(err, &said) && said.NonRetryable() {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		delete(s.all, keyOf(info))
		return
	}
	pause := longestRetryPause
	if said != nil {
		pause = max(pause, said.NextRetryDelay())
	}
	s.keep(info, s.now().Add(pause))
}

func (s *retriedSteps) keep(info activity.Info, until time.Time) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.all[keyOf(info)] = retriedStep{info.ActivityType.Name, info.ScheduledTime, until.Add(retrySlack)}
}

func keyOf(info activity.Info) string { return info.WorkflowExecution.RunID + " " + info.ActivityID }

// oldest gives for how long the oldest step of each activity has been tried.
func (s *retriedSteps) oldest() map[string]time.Duration {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	now, oldest := s.now(), map[string]time.Duration{}
	for key, step := range s.all {
		if now.After(step.until) {
			delete(s.all, key)
			continue
		}
		oldest[step.activity] = max(oldest[step.activity], now.Sub(step.since))
	}
	return oldest
}

// Interceptor has the Observer see how the attempts at the steps of notices end.
func (o *Observer) Interceptor() interceptor.WorkerInterceptor { return &watchSteps{steps: &o.steps} }

type watchSteps struct {
	interceptor.WorkerInterceptorBase
	steps *retriedSteps
}

// InterceptActivity puts watchedStep before each attempt.
func (w *watchSteps) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	watched := &watchedStep{steps: w.steps}
	watched.Next = next
	return watched
}

type watchedStep struct {
	interceptor.ActivityInboundInterceptorBase
	steps *retriedSteps
}

// ExecuteActivity makes an attempt. The rounds of customers and schedules tell of themselves, see Observer.
func (w *watchedStep) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	info := activity.GetInfo(ctx)
	if info.WorkflowType == nil || info.WorkflowType.Name != runs.TypeNotice {
		return w.Next.ExecuteActivity(ctx, in)
	}
	w.steps.begin(info)
	result, err := w.Next.ExecuteActivity(ctx, in)
	w.steps.end(info, err)
	return result, err
}
