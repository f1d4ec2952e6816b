package stack

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// quietStart is how long a build may take before it shows how far it is.
const quietStart = 3 * time.Second

// meter turns the output of go build -v, one package per line, into a percentage. Once quietStart is over it shows
// something every few seconds, also while nothing is put out: go looks for what is stale, or links.
type meter struct {
	lines
	progress io.Writer
	started  time.Time
	inPlace  bool // rewrite one line, as on a terminal
	stop     chan struct{}
	stopped  chan struct{}
	showing  sync.Mutex
	stale    int // packages to compile; 0 while that is being found out
	anything bool
}

func newMeter(progress io.Writer) *meter {
	m := &meter{progress: progress, started: time.Now(), stop: make(chan struct{}), stopped: make(chan struct{})}
	every := 5 * time.Second
	if file, ok := progress.(*os.File); ok {
		info, err := file.Stat()
		m.inPlace = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	if m.inPlace {
		every = 200 * time.Millisecond
	}
	go m.run(every)
	return m
}

// Write takes output of go build.
func (m *meter) Write(text []byte) (int, error) {
	m.take(text)
	return len(text), nil
}

func (m *meter) run(every time.Duration) {
	defer close(m.stopped)
	next := time.NewTimer(quietStart)
	defer next.Stop()
	for {
		select {
		case <-m.stop:
			return
		case <-next.C:
			m.show()
			next.Reset(every)
		}
	}
}

// compiles says how many packages will be compiled, the final links among them.
func (m *meter) compiles(stale int) {
	m.showing.Lock()
	defer m.showing.Unlock()
	m.stale = stale
}

func (m *meter) show() {
	m.showing.Lock()
	defer m.showing.Unlock()
	line := "  finding out what must be compiled, " + elapsed(m.started)
	if m.stale > 0 {
		// A link is named when it begins, so that all are named while the last ones go on.
		done := min(m.count(), m.stale)
		line = fmt.Sprintf("  built %4d of %d packages, %3d %%, %s", done, m.stale, done*100/m.stale, elapsed(m.started))
		if done == m.stale {
			line += ", linking"
		}
	}
	if m.inPlace {
		line = "\r\x1b[K" + line
	} else {
		line += "\n"
	}
	fmt.Fprint(m.progress, line)
	m.anything = true
}

// finish ends the meter, with a last line when it has shown any.
func (m *meter) finish() {
	close(m.stop)
	<-m.stopped
	if !m.anything {
		return
	}
	m.show()
	if m.inPlace {
		fmt.Fprintln(m.progress)
	}
}

// downloads counts the modules that the go command fetches.
type downloads struct {
	lines
	progress io.Writer
	started  time.Time
	shown    time.Time
}

func newDownloads(progress io.Writer) *downloads {
	return &downloads{progress: progress, started: time.Now()}
}

// Write takes messages of the go command.
func (d *downloads) Write(text []byte) (int, error) {
	d.take(text)
	if bytes.Contains(text, []byte("downloading")) && time.Since(d.shown) >= 5*time.Second {
		fmt.Fprintf(d.progress, "  downloading modules: %d so far, %s\n", d.count(), elapsed(d.started))
		d.shown = time.Now()
	}
	return len(text), nil
}

// lines counts lines and keeps the last ones for an error message.
type lines struct {
	mu    sync.Mutex
	total int
	last  []byte
}

const keptBytes = 4 << 10

func (l *lines) take(text []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total += bytes.Count(text, []byte("\n"))
	l.last = append(l.last, text...)
	if over := len(l.last) - keptBytes; over > 0 {
		l.last = append([]byte(nil), l.last[over:]...)
	}
}

func (l *lines) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total
}

// messages are the last lines but for those that only name a package that was compiled.
func (l *lines) messages() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var kept []string
	for _, line := range strings.Split(strings.TrimSpace(string(l.last)), "\n") {
		if strings.Contains(line, " ") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

func elapsed(since time.Time) string {
	return time.Since(since).Round(time.Second).String() + " elapsed"
}
