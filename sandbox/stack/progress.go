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

// quietBuild is the number of packages up to which a build shows no progress: it is over in seconds.
const quietBuild = 20

// meter turns the output of go build -v, one package per line, into a percentage with the time elapsed.
type meter struct {
	lines
	progress io.Writer
	total    int
	started  time.Time
	inPlace  bool          // rewrite one line, as on a terminal
	every    time.Duration // between two shows
	shown    time.Time
	anything bool
}

func newMeter(progress io.Writer, total int) *meter {
	m := &meter{progress: progress, total: total, started: time.Now(), every: 5 * time.Second}
	if file, ok := progress.(*os.File); ok {
		info, err := file.Stat()
		m.inPlace = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	if m.inPlace {
		m.every = 200 * time.Millisecond
	}
	return m
}

// Write takes output of go build.
func (m *meter) Write(text []byte) (int, error) {
	m.take(text)
	if m.total > quietBuild && time.Since(m.shown) >= m.every {
		m.show()
	}
	return len(text), nil
}

func (m *meter) show() {
	// The last package is the link, and a build never overtakes the total by more than rounding of what is stale.
	done := min(m.count(), m.total)
	line := fmt.Sprintf("  built %4d of %d packages, %3d %%, %s", done, m.total, done*100/max(m.total, 1), elapsed(m.started))
	if m.inPlace {
		line = "\r" + line
	} else {
		line += "\n"
	}
	fmt.Fprint(m.progress, line)
	m.shown, m.anything = time.Now(), true
}

func (m *meter) finish() {
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
