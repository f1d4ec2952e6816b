package terminal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEachFrameIsDrawnOverTheOneBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var screen, stderr bytes.Buffer
	size, frames := [2]int{80, 24}, 0
	out := Output{Stdout: &screen, Stderr: &stderr, Width: 80, Size: func() (int, int) { return size[0], size[1] }}
	require.NoError(t, out.Watch(ctx, time.Millisecond, func(now Output) error {
		require.Equal(t, size[0], now.Width, "a terminal may be made narrower meanwhile")
		frames++
		now.Note("note %d", frames)
		size = [2]int{40, 3}
		require.NoError(t, now.Line(fmt.Sprintf("frame %d", frames)))
		if frames == 3 {
			cancel() // what was under way is not drawn any more
		}
		return now.Line("the end")
	}))
	require.Equal(t, "\x1b[2J\x1b[Hstarter: note 1\x1b[K\nframe 1\x1b[K\nthe end\x1b[K\n\x1b[J"+
		"\x1b[Hstarter: note 2\x1b[K\n… and 2 more than this terminal has lines\x1b[K\n\x1b[J", screen.String())
	require.Empty(t, stderr.String(), "a note beside the frame would be drawn over")
}

func TestWhatCannotBeShownEndsTheWatching(t *testing.T) {
	failure := errors.New("no answer")
	require.ErrorIs(t, Output{Stdout: &bytes.Buffer{}}.Watch(t.Context(), time.Hour, func(Output) error { return failure }), failure)
	ctx, cancel := context.WithCancel(t.Context())
	require.NoError(t, Output{Stdout: &bytes.Buffer{}}.Watch(ctx, time.Hour, func(Output) error {
		cancel()
		return failure
	}), "Ctrl-C is no failure")
}
