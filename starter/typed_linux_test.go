package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"golang.org/x/sys/unix"

	"tampuuri-hillava/internal/runs"
)

// TestMain is the program itself where the tests' binary is called by its name.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "starter" {
		main()
	}
	os.Exit(m.Run())
}

// starterFile is the program, under its own name, in a folder of its own.
func starterFile(t *testing.T) string {
	t.Helper()
	tests, err := os.Executable()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "starter")
	require.NoError(t, os.Symlink(tests, file))
	return file
}

// typing is a starter at a terminal of 80 columns and 24 lines.
type typing struct {
	t        *testing.T
	keyboard *os.File
	ended    chan error

	mutex  sync.Mutex
	moved  *sync.Cond
	screen bytes.Buffer
	over   bool
}

// at starts a command of starter at a terminal.
func at(t *testing.T, args ...string) *typing {
	t.Helper()
	return atTerminal(t, exec.Command(starterFile(t), args...))
}

func atTerminal(t *testing.T, command *exec.Cmd) *typing {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = ours.Close() })
	require.NoError(t, unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(int(ours.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetWinsize(int(ours.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}))
	theirs, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	defer theirs.Close()

	command.Stdin, command.Stdout, command.Stderr = theirs, theirs, theirs
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(t, command.Start())
	p := &typing{t: t, keyboard: ours, ended: make(chan error, 1)}
	p.moved = sync.NewCond(&p.mutex)
	go func() { p.ended <- command.Wait() }()
	go p.look()
	t.Cleanup(func() { _ = command.Process.Kill() })
	return p
}

// look reads what is printed until nobody prints any more.
func (p *typing) look() {
	part := make([]byte, 4096)
	for {
		n, err := p.keyboard.Read(part)
		p.mutex.Lock()
		p.screen.Write(part[:n])
		p.over = err != nil
		p.moved.Broadcast()
		p.mutex.Unlock()
		if err != nil {
			return
		}
	}
}

// sees waits until something is printed, so many times.
func (p *typing) sees(text string, times int) {
	p.t.Helper()
	timer := time.AfterFunc(stopsWithin, func() {
		p.mutex.Lock()
		defer p.mutex.Unlock()
		p.over = true
		p.moved.Broadcast()
	})
	defer timer.Stop()
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for strings.Count(p.screen.String(), text) < times {
		require.False(p.t, p.over, "%q does not come: %s", text, p.screen.String())
		p.moved.Wait()
	}
}

// shown is all that was printed so far.
func (p *typing) shown() string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.screen.String()
}

func (p *typing) types(keys string) {
	p.t.Helper()
	_, err := p.keyboard.WriteString(keys)
	require.NoError(p.t, err)
}

// exits waits for the end, and gives the exit code.
func (p *typing) exits() int {
	p.t.Helper()
	select {
	case err := <-p.ended:
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return exit.ExitCode()
		}
		require.NoError(p.t, err)
		return exitDone
	case <-time.After(stopsWithin):
		p.t.Fatal("it goes on")
		return 0
	}
}

const ctrlC = "\x03"

func TestAPersonAtATerminalIsAskedBeforeAHealthyNoticeIsDismissed(t *testing.T) {
	for _, row := range []struct {
		types  string
		code   int
		signal bool
	}{{"y\n", exitDone, true}, {"kyllä\n", exitDone, true}, {"n\n", exitFailed, false}, {"\n", exitFailed, false}, {"\x04", exitFailed, false}} {
		temporal := &frontend{info: aRecord(t, runs.PhaseWorking, enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING)}
		serveTemporal(t, temporal)
		p := at(t, "notice", "dismiss", anExternalID)
		p.sees("Dismiss it? [y/N] ", 1)
		require.False(t, temporal.called("SignalWorkflowExecution"), "not before the answer")
		p.types(row.types)
		require.Equal(t, row.code, p.exits(), "%q", row.types)
		require.Equal(t, row.signal, temporal.called("SignalWorkflowExecution"), "%q", row.types)
	}
}

func TestAPersonAtATerminalIsAskedBeforeANoticeIsErased(t *testing.T) {
	for types, erases := range map[string]bool{"y\n": true, "n\n": false} {
		temporal := &frontend{info: aRecord(t, runs.PhaseInvoiced, enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED)}
		serveTemporal(t, temporal)
		p := at(t, "notice", "erase", anExternalID)
		p.sees("It cannot be taken back. [y/N] ", 1)
		p.types(types)
		if erases {
			require.Equal(t, "StartWorkflowExecution", <-temporal.asked, "the mark that it leaves comes first")
			continue
		}
		p.sees("not confirmed; nothing was done", 1)
		require.Equal(t, exitFailed, p.exits())
		require.False(t, temporal.called("StartWorkflowExecution"))
	}
}

func TestAtATerminalTheListIsDrawnAgainUntilCtrlC(t *testing.T) {
	serveTemporal(t, &frontend{info: aRecord(t, runs.PhaseWorking, enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING)})
	p := at(t, "notice", "list", "--watch")
	p.sees("50026", 2)
	p.types(ctrlC)
	p.sees("starter: stopping; press again to end at once", 1)
	require.Equal(t, exitDone, p.exits())
	require.Equal(t, 1, strings.Count(p.shown(), "\x1b[2J"), "it is blanked once, and drawn over then")
}

func TestCtrlCAtAQuestionIsANo(t *testing.T) {
	temporal := &frontend{info: aRecord(t, runs.PhaseWorking, enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING)}
	serveTemporal(t, temporal)
	p := at(t, "notice", "dismiss", anExternalID)
	p.sees("[y/N] ", 1)
	p.types(ctrlC)
	p.sees("not confirmed; nothing was done", 1)
	require.Equal(t, exitFailed, p.exits())
	require.False(t, temporal.called("SignalWorkflowExecution"))
}

// The receiver answers what is under way before it stops: half a webhook holds it up for seconds, but for no second Ctrl-C.
func TestASecondCtrlCEndsAtOnce(t *testing.T) {
	serveTemporal(t, &frontend{})
	t.Setenv("HILLAVA_WEBHOOK_SECRET", "whsec_"+base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("k"), 32)))
	t.Setenv("WEBHOOK_ADDR", "127.0.0.1:0")
	t.Setenv("OPS_ADDR", "127.0.0.1:0")
	t.Setenv("LOG_FORMAT", "text")
	p := at(t, "serve")
	p.sees("Receiving webhooks.", 1)
	address := regexp.MustCompile(` addr=(\S+)`).FindStringSubmatch(p.shown())
	require.NotNil(t, address, p.shown())
	webhook, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address[1])
	require.NoError(t, err)
	defer webhook.Close()
	_, err = webhook.Write([]byte("POST /webhooks/hillava HTTP/1.1\r\nHost: hillava\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n"))
	require.NoError(t, err)
	reading := make([]byte, len("HTTP/1.1 100"))
	_, err = io.ReadFull(webhook, reading) // it has begun to read the body
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.1 100", string(reading))

	p.types(ctrlC)
	p.sees("starter: stopping; press again to end at once", 1)
	p.sees("Stopping; webhooks under way are answered first.", 1)
	p.types(ctrlC)
	require.Equal(t, exitFailed, p.exits())
	require.NotContains(t, p.shown(), "stop receiving webhooks", "it did not wait for the end of its patience")
}

// A person presses Tab in a bash that has nothing but the script, without the package bash-completion.
func TestABashCompletesCommandsFlagsAndNames(t *testing.T) {
	serveTemporal(t, &frontend{info: aRecord(t, runs.PhaseWorking, enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING)})
	t.Setenv("HISTFILE", "/dev/null")
	p := atTerminal(t, exec.Command("bash", "--norc", "--noprofile", "-i"))
	p.types("PATH=" + filepath.Dir(starterFile(t)) + ":$PATH; source <(starter completion bash); echo rea''dy\n")
	p.sees("ready", 1)
	for typed, completed := range map[string]string{
		"starter noti":               "starter notice ",
		"starter notice dis":         "starter notice dismiss ",
		"starter notice list --pha":  "starter notice list --phase",
		"starter report --format c":  "starter report --format csv ",
		"starter notice dismiss 500": "starter notice dismiss 50026 ",
		"starter notice show --jso":  "starter notice show --json ",
	} {
		p.types(typed + "\t")
		p.sees(completed, 1)
		p.types("\x15") // forget the line
	}
	p.types("starter notice list --phase=im\t")
	p.sees("--phase=importing", 1)
	p.types("\x15starter notice re\t\t")
	p.sees("resend", 1)
	p.sees("retry", 1)
	require.NotContains(t, p.shown(), "command not found")
	p.types("\x15exit\n")
	require.Equal(t, exitDone, p.exits())
}
