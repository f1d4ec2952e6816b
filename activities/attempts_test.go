package activities

import (
	"cmp"
	"context"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"tampuuri-hillava/internal/runs"
)

// attempts says how activities run, and what they said of themselves to Temporal.
type attempts struct {
	parent     context.Context // of every activity; nil: never over
	number     int32           // of the attempt; 0 counts as 1
	scheduled  time.Time       // when the first attempt was asked for; zero: as this one began
	limit      time.Duration   // of an attempt, by the world's clock; 0: a round's
	workflow   string          // the run that asks for it
	stop       chan struct{}   // closed when the worker stops; may be nil
	details    any             // heartbeat details of an attempt before
	heartbeats []any           // details of every heartbeat of the last attempt

	suite       testsuite.WorkflowTestSuite
	lastFailure error // as the SDK gives it
}

// run makes one attempt of an activity, with its input, output and error as Temporal would hand them on.
func run[In, Out any](w *world, activity func(context.Context, In) (Out, error), in In) (out Out, failure *temporal.ApplicationError) {
	w.t.Helper()
	w.heartbeats = nil
	w.suite.SetLogger(silent{})
	environment := w.suite.NewTestActivityEnvironment()
	began := w.clock
	environment.SetWorkerOptions(worker.Options{
		BackgroundActivityContext: w.parent, Interceptors: []interceptor.WorkerInterceptor{&watch{w: w, began: began}},
	})
	if w.details != nil {
		environment.SetHeartbeatDetails(w.details)
	}
	if w.stop != nil {
		environment.SetWorkerStopChannel(w.stop)
	}
	environment.RegisterActivity(activity)
	value, err := environment.ExecuteActivity(activity, in)
	w.lastFailure = err
	if err != nil {
		require.ErrorAs(w.t, err, &failure)
		return out, failure
	}
	require.NoError(w.t, value.Get(&out))
	return out, nil
}

// good is run for an attempt that must succeed.
func good[In, Out any](w *world, activity func(context.Context, In) (Out, error), in In) Out {
	w.t.Helper()
	out, failure := run(w, activity, in)
	if failure != nil {
		require.NoError(w.t, failure)
	}
	return out
}

// watch puts the world's clock and numbers into what an activity is told of itself, and hears its heartbeats, none of
// which the SDK throttles then.
type watch struct {
	interceptor.WorkerInterceptorBase
	w     *world
	began time.Time
}

func (i *watch) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &watchIn{ActivityInboundInterceptorBase: interceptor.ActivityInboundInterceptorBase{Next: next}, watch: i}
}

type watchIn struct {
	interceptor.ActivityInboundInterceptorBase
	watch *watch
}

func (i *watchIn) Init(outbound interceptor.ActivityOutboundInterceptor) error {
	return i.Next.Init(&watchOut{ActivityOutboundInterceptorBase: interceptor.ActivityOutboundInterceptorBase{Next: outbound}, watch: i.watch})
}

type watchOut struct {
	interceptor.ActivityOutboundInterceptorBase
	watch *watch
}

func (i *watchOut) GetInfo(ctx context.Context) activity.Info {
	info, w := i.Next.GetInfo(ctx), i.watch.w
	info.Attempt, info.WorkflowExecution.RunID = max(w.number, 1), w.workflow
	limit := w.limit
	if limit == 0 {
		limit = testTiming.Round()
	}
	info.StartedTime, info.Deadline = i.watch.began, i.watch.began.Add(limit)
	info.ScheduledTime = cmp.Or(w.scheduled, i.watch.began)
	return info
}

func (i *watchOut) RecordHeartbeat(_ context.Context, details ...any) {
	var said any
	if len(details) > 0 {
		said = details[0]
	}
	i.watch.w.heartbeats = append(i.watch.w.heartbeats, said)
}

// roundsState is what Temporal keeps of one customer's rounds.
type roundsState struct {
	runs.CustomerRoundInput             // of the next attempt
	details                 *runs.Marks // of the last attempt, when that had no news
}

// What rounds promise of themselves.
const (
	comparedInARow = 3   // comparisons that fail one after the other
	maxChanged     = 500 // notices whose time entries were changed after sending
	maxSkipped     = 200
	stoppedFresh   = time.Hour
	rereadWindow   = 10 * time.Minute
)

// round is how a round ended.
type round struct {
	runs.CustomerRound
	Idle     bool          // nothing new: Temporal makes the next attempt by itself
	Pause    time.Duration // before that
	Sentence string        // what the Web UI says meanwhile
}

// roundOf does the next round over a customer, as its workflow and Temporal would, and keeps what they would keep.
func (w *world) roundOf(tunniste string, changes ...func(*runs.CustomerRoundInput)) round {
	w.t.Helper()
	state := w.states[tunniste]
	if state == nil {
		state = &roundsState{CustomerRoundInput: runs.CustomerRoundInput{Tunniste: tunniste}}
		for _, customer := range w.temporal.synced.Customers {
			if customer.Tunniste == tunniste {
				state.Served = customer.Served
			}
		}
		w.states[tunniste] = state
	}
	in := state.CustomerRoundInput
	for _, change := range changes {
		change(&in)
	}
	if w.details = nil; state.details != nil {
		w.details = *state.details
	}
	out, failure := run(w, w.CustomerRound, in)
	w.details = nil
	if failure != nil {
		var marks runs.Marks
		require.Equal(w.t, runs.FaultNothingNew, failure.Type(), failure.Error())
		require.Equal(w.t, temporal.ApplicationErrorCategoryBenign, failure.Category())
		require.NoError(w.t, failure.Details(&marks))
		state.details = &marks
		return round{CustomerRound: runs.CustomerRound{Marks: marks}, Idle: true, Pause: failure.NextRetryDelay(), Sentence: failure.Message()}
	}
	state.Marks, state.Changed, state.details = out.Marks, out.Changed, nil
	return round{CustomerRound: out}
}

func (w *world) round(changes ...func(*runs.CustomerRoundInput)) round {
	w.t.Helper()
	return w.roundOf("esimerkki", changes...)
}

// byPerson asks for a round that polls now.
func byPerson(in *runs.CustomerRoundInput) { in.Now = true }

// poll polls esimerkki at once and gives what came of it.
func (w *world) poll() runs.PollCounts {
	w.t.Helper()
	done := w.round(byPerson)
	require.Empty(w.t, done.Refused)
	return done.Marks.Last
}

// marks are esimerkki's after the last round.
func (w *world) marks() runs.Marks {
	state := w.states["esimerkki"]
	if state.details != nil {
		return *state.details
	}
	return state.Marks
}

// requireRetryable says that the attempt failed in a way that another one may mend.
func requireRetryable(t testingT, kind string, failure *temporal.ApplicationError) {
	t.Helper()
	require.NotNil(t, failure, "the attempt succeeded")
	require.Equal(t, kind, failure.Type())
	require.False(t, failure.NonRetryable())
}

// requireReason says that the attempt gave up for good, with that reason.
func requireReason(t testingT, reason string, failure *temporal.ApplicationError) {
	t.Helper()
	require.NotNil(t, failure, "the attempt succeeded")
	require.Equal(t, reason, failure.Type())
	require.True(t, failure.NonRetryable())
}

// silent is for the SDK's own log, which tests of failures would fill.
type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}
