package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progress says on stderr what bench does, on a terminal as a bar.
type progress struct {
	steps, done int
	began       time.Time
}

func newProgress(steps int) *progress { return &progress{steps: steps, began: time.Now()} }

// step begins the next step.
func (p *progress) step(what string) {
	if term.IsTerminal(int(os.Stderr.Fd())) {
		const width = 24
		full := p.done * width / p.steps
		fmt.Fprintf(os.Stderr, "\r\x1b[K[%s%s] %s, %s", strings.Repeat("█", full), strings.Repeat("·", width-full), what, time.Since(p.began).Round(time.Second))
	} else {
		fmt.Fprintf(os.Stderr, "%d of %d: %s\n", p.done+1, p.steps, what)
	}
	p.done++
}

// end leaves the line to what is printed next.
func (p *progress) end() {
	if term.IsTerminal(int(os.Stderr.Fd())) {
		fmt.Fprint(os.Stderr, "\r\x1b[K")
	}
}
