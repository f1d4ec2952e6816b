package main

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/terminal"
)

// stopsWithin is far below the least time-out of a command, and enough for a busy machine.
const stopsWithin = 20 * time.Second

func TestEachCommandEndsWhenItIsToldWhateverItWaitsFor(t *testing.T) {
	for _, args := range [][]string{
		{"customers", "list"}, {"customers", "sync"}, {"customers", "poll", "esimerkki"}, {"customers", "pause", "esimerkki"}, {"customers", "resume", "esimerkki"}, {"doctor", "--lang", "fi"},
		{"notice", "list"}, {"notice", "list", "--watch"}, {"notice", "show", "50026"}, {"notice", "resend", "--all", "--wait"},
		{"notice", "retry", "50026"}, {"notice", "dismiss", "50026", "--yes"}, {"notice", "import", "esimerkki", "50026"},
		{"notice", "erase", "50026", "--yes"}, {"report", "--month", "2026-01"},
	} {
		t.Run(args[0]+" "+args[1], func(t *testing.T) {
			temporal := &frontend{stuck: true, info: aRecord(t, runs.PhaseWorking, enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING)}
			serveTemporal(t, temporal)
			ctx, stop := context.WithCancel(t.Context())
			out, _, stderr := printed(80)
			ended := make(chan int, 1)
			go func() { ended <- run(ctx, args, out) }()
			select {
			case <-temporal.asked: // it waits now
			case code := <-ended:
				t.Fatalf("exit %d before it waited: %s", code, stderr)
			}
			stop()
			select {
			case code := <-ended:
				want := exitFailed
				if args[len(args)-1] == "--watch" {
					want = exitDone // that is how it ends
				}
				require.Equal(t, want, code, stderr)
				require.NotContains(t, stderr.String(), context.Canceled.Error())
				switch last := stderr.String(); {
				case want == exitDone:
					require.Empty(t, last)
				case acts(args):
					require.Contains(t, last, ": interrupted; what it had asked for by then goes on without it: ")
				default:
					require.Contains(t, last, ": interrupted before it was done\n")
				}
			case <-time.After(stopsWithin):
				t.Fatalf("it goes on: %v", temporal.calls)
			}
		})
	}
}

// acts tells whether a command does more than look.
func acts(args []string) bool {
	command, _, err := newRoot(terminal.Output{}).Find(args)
	return err == nil && command.Flags().Lookup("by") != nil
}

func TestAWorkerThatDoesNotAnswerInTimeIsSaidWithTheTime(t *testing.T) {
	for _, args := range [][]string{{"customers", "poll", "esimerkki"}, {"notice", "import", "esimerkki", "50026"}, {"customers", "sync"}} {
		serveTemporal(t, &frontend{stuck: true, info: aRecord(t, runs.PhaseWorking, enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING)})
		out, _, stderr := printed(80)
		require.Equal(t, exitFailed, run(t.Context(), append(args, "--timeout", "50ms"), out))
		if args[1] != "sync" { // whose first call may end in words of the connection's
			require.Regexp(t, `no answer (within 50ms \(--timeout\)|in time); is a worker running\?`, stderr.String(), args)
		}
		require.NotContains(t, stderr.String(), context.DeadlineExceeded.Error(), args)
	}
}
