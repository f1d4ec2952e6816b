package opening

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/tampuuri"
	"tampuuri-hillava/internal/terminal"
)

// world is both systems, Temporal with a worker, and customers.yaml.
type world struct {
	t       *testing.T
	path    string
	notices []notice.Notice
	odd     int    // rows that cannot be read
	avain   string // that Tampuuri takes; "" = any
	office  []hillava.Customer
	away    error // of Temporal
	here    []int64
	open    map[string]int64

	polls  []any // what each poll comes to: runs.PollCounts or error; the last one goes on
	calls  []string
	audit  []string
	stdin  string
	stdout bytes.Buffer
	stderr bytes.Buffer
}

func newWorld(t *testing.T, content string) *world {
	w := &world{
		t: t, path: filepath.Join(t.TempDir(), "customers.yaml"), open: map[string]int64{},
		office: []hillava.Customer{{ID: "C-1", Name: "Toinen Oy", ExternalID: "toinen", IntegrationsActive: true}},
		polls:  []any{runs.PollCounts{}},
	}
	require.NoError(t, os.WriteFile(w.path, []byte(content), 0o600))
	return w
}

func (w *world) Browse(_ context.Context, performer int64, since time.Time, offset, limit int) (tampuuri.Page, error) {
	w.calls = append(w.calls, "browse")
	var listed []notice.Notice
	for _, n := range w.notices {
		if !n.Modified.Before(since) && (n.PerformerID == performer || n.PerformerID == 0) {
			listed = append(listed, n)
		}
	}
	slices.SortStableFunc(listed, func(a, b notice.Notice) int { return a.Modified.Compare(b.Modified) })
	page := tampuuri.Page{Items: listed[min(offset, len(listed)):min(offset+limit, len(listed))], Total: len(listed)}
	for i := range w.odd {
		page.Unreadable = append(page.Unreadable, peer.Unreadable[int64]{ID: int64(1 + i)})
	}
	return page, nil
}

func (w *world) Customers(context.Context) ([]hillava.Customer, error) { return w.office, nil }
func (w *world) Close()                                                {}

func (w *world) Sync(context.Context) error {
	w.calls = append(w.calls, "sync")
	return nil
}

func (w *world) Poll(context.Context, string) (runs.PollCounts, error) {
	w.calls = append(w.calls, "poll")
	next := w.polls[0]
	w.polls = w.polls[min(1, len(w.polls)-1):]
	if err, failed := next.(error); failed {
		return runs.PollCounts{}, err
	}
	return next.(runs.PollCounts), nil
}

func (w *world) Notices(_ context.Context, filter runs.Filter) (lives []*runs.Life, err error) {
	require.Contains(w.t, filter.Customers, "toinen")
	for _, id := range w.here {
		lives = append(lives, &runs.Life{Ref: runs.NoticeRef{NoticeID: id}})
	}
	return lives, nil
}

func (w *world) OpenOf(_ context.Context, tunniste string) (int64, error) {
	return w.open[tunniste], nil
}

// command is one run of a command; stdin "" is nobody to ask.
func (w *world) command() *Command {
	w.stdout.Reset()
	w.stderr.Reset()
	w.calls, w.audit = nil, nil
	c := &Command{
		Out: terminal.Output{Stdout: &w.stdout, Stderr: &w.stderr}, Tunniste: "toinen", By: "toimisto",
		Settings: config.Systems{CustomersFile: w.path, PollEvery: time.Minute},
		Connect: func(context.Context) (Temporal, error) {
			if w.away != nil {
				return nil, w.away
			}
			return w, nil
		},
		Wrote:        func(result string, keys []string) { w.audit = append(w.audit, result+" "+strings.Join(keys, ",")) },
		OpenTampuuri: w.tampuuri, OpenOffice: func(config.Systems) (Office, error) { return w, nil },
		retryEvery: time.Millisecond, settle: 50 * time.Millisecond,
	}
	if w.stdin != "" {
		c.Out.Stdin = strings.NewReader(w.stdin)
	}
	return c
}

func (w *world) tampuuri(customer config.Customer) (customers.Browser, error) {
	if w.avain != "" && customer.Credentials.Avain.Reveal() != w.avain {
		return refusing{}, nil
	}
	return w, nil
}

type refusing struct{}

func (refusing) Close() {}

func (refusing) Browse(context.Context, int64, time.Time, int, int) (tampuuri.Page, error) {
	return tampuuri.Page{}, &peer.Error{Peer: "Tampuuri", Op: "list notices", Kind: peer.KindStatus, Status: 401}
}

func (w *world) opens(flags ...string) (Result, error) {
	w.t.Helper()
	set := pflag.NewFlagSet("open", pflag.ContinueOnError)
	answers := Flags(set)
	require.NoError(w.t, set.Parse(flags))
	return w.command().Open(w.t.Context(), answers)
}

func (w *world) content() string {
	content, err := os.ReadFile(w.path)
	require.NoError(w.t, err)
	return string(content)
}

func (w *world) entry() config.Customer {
	w.t.Helper()
	all, err := config.LoadCustomers(w.path, time.Minute)
	require.NoError(w.t, err)
	for _, one := range all {
		if one.Tunniste == "toinen" {
			return one
		}
	}
	return config.Customer{}
}

func (w *world) secret(name, value string) string {
	require.NoError(w.t, os.WriteFile(filepath.Join(filepath.Dir(w.path), name), []byte(value+"\n"), 0o600))
	return name
}

// flags are all that a script gives.
func (w *world) flags(more ...string) []string {
	return append([]string{
		"--name", "Toinen Oy", "--consent-reference", "Sopimus 2026-40", "--consent-date", "2026-01-15", "--start-date", "2026-02-01", "--performer", "120,121",
		"--asiakas", "Toinen", "--tili", "0123", "--kayttajatunnus", "hillava", "--avain-file", w.secret("a", "avain-value"), "--salasana-file", w.secret("s", "salasana-value"),
	}, more...)
}

// aNotice is one of a person, none of whose words may be printed.
func aNotice(id, performer, property int64, state notice.State, made time.Time) notice.Notice {
	return notice.Notice{
		ID: id, PerformerID: performer, PropertyID: property, State: state, Modified: made.Add(time.Hour), Created: notice.Moment{At: made},
		Title: "Kaniini vuotaa", Description: "Kaniini", Space: "Kaniini 4", Property: "Asunto Oy Kaniini", Orderer: notice.Person{Name: "Kaniini Virtanen", Phone: "040 Kaniini"},
	}
}

var errAway = errors.New("Temporal does not answer")

func (w *world) write(content string) {
	require.NoError(w.t, os.WriteFile(w.path, []byte(content), 0o600))
}

// answering is a person who does something before she answers.
func answering(answer func() string) io.Reader { return &person{answer: answer} }

type person struct {
	answer func() string
	rest   *strings.Reader
}

func (p *person) Read(into []byte) (int, error) {
	if p.rest == nil {
		p.rest = strings.NewReader(p.answer())
	}
	return p.rest.Read(into)
}
