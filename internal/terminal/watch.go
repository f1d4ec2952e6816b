package terminal

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// Watch shows something again and again on a terminal, until ctx ends. What show prints, notes too, is drawn at once over what
// was there, so that nothing flickers; what the terminal has no room for is left out below.
func (o Output) Watch(ctx context.Context, every time.Duration, show func(Output) error) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	before := "\x1b[2J"
	for {
		var frame bytes.Buffer
		height := 0
		drawn := Output{Stdout: &frame, Stderr: &frame, Width: o.Width, Colour: o.Colour}
		if o.Size != nil {
			drawn.Width, height = o.Size()
		}
		err := show(drawn)
		switch {
		case ctx.Err() != nil: // it may be what the error is of
			return nil
		case err != nil:
			return err
		}
		if _, err := io.WriteString(o.Stdout, before+draw(frame.String(), height)); err != nil {
			return printed(err)
		}
		before = ""
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// draw writes a frame over the one before it; a height of 0 has room for everything. The last line is the cursor's.
func draw(frame string, height int) string {
	lines := strings.Split(strings.TrimSuffix(frame, "\n"), "\n")
	if room := height - 1; height > 1 && len(lines) > room {
		lines = append(lines[:room-1:room-1], fmt.Sprintf("… and %d more than this terminal has lines", len(lines)-room+1))
	}
	return "\x1b[H" + strings.Join(lines, "\x1b[K\n") + "\x1b[K\n\x1b[J"
}
