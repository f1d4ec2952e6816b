package opening

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/doctor"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/terminal"
)

const nobody = "# whom we serve\ncustomers: []\n"

var february = time.Date(2026, 2, 5, 10, 0, 0, 0, time.UTC)

func TestAScriptIsToldOfEverythingThatIsMissingAtOnce(t *testing.T) {
	w := newWorld(t, nobody)
	_, err := w.opens("--start-date", "1.2.2026", "--performer", "x", "--tili", "a", "--tili-file", "b", "--max-new", "0")
	var usage terminal.NobodyToAsk
	require.ErrorAs(t, err, &usage, "exit 2")
	for _, want := range []string{
		"--name is missing", "--consent-reference is missing", "--consent-date is missing", "--start-date is a day", "--performer is a number", "--asiakas, or --asiakas-file, is missing",
		"--tili and --tili-file are both given", "--kayttajatunnus, or", "--avain-file is missing", "--salasana-file is missing", "--max-new must be", "--yes begins the import",
	} {
		require.Contains(t, err.Error(), want)
	}
	require.Equal(t, nobody, w.content())
	require.Empty(t, w.audit)

	_, err = w.opens(w.flags("--yes", "--consent-date", "2999-01-15")...)
	require.ErrorContains(t, err, "--consent-date is in the future")
	require.Equal(t, nobody, w.content())
}

func TestACustomerIsOpenedByFlags(t *testing.T) {
	w := newWorld(t, nobody)
	for id := range int64(12) {
		w.notices = append(w.notices, aNotice(50_000+id, 120, 1+id%2, "Uusi", february))
	}
	w.polls = []any{&runs.Refusal{Reason: "it is being opened"}, runs.PollCounts{Started: 5, Left: true}, runs.PollCounts{Started: 5, Known: 5, Left: true}, runs.PollCounts{Started: 2, Known: 10}}
	result, err := w.opens(w.flags("--yes")...)
	require.NoError(t, err, w.stdout.String())
	require.True(t, result.Opened)
	require.Len(t, result.Rounds, 3)
	require.Equal(t, 12, result.Preview.Notices)
	entry := w.entry()
	require.Empty(t, entry.Faults)
	require.Equal(t, "Toinen Oy", entry.Name)
	require.Equal(t, []int64{120, 121}, entry.PerformerIDs)
	require.Equal(t, "toimisto", entry.Consent.RecordedBy)
	require.Equal(t, smallPoll, entry.Poll.MaxNew)
	require.Equal(t, "0123", entry.Credentials.Tili.Reveal())
	require.Contains(t, w.content(), "# whom we serve")
	require.NotContains(t, w.content(), "stopped")
	require.NotContains(t, w.content(), "avain-value")
	printed := w.stdout.String()
	for _, want := range []string{
		"Dry run: 12 notices would be imported", "PROPERTY  NOTICES  STATES\n1         6        Uusi 6\n2         6        Uusi 6\n", "50000   1         2026-02-05  Uusi\n", "and 2 more",
		"round 1: 5 new, 0 known, 0 told of a change; more waits", "round 3: 2 new, 10 known", "toinen is open, and nothing is left to import",
	} {
		require.Contains(t, printed, want)
	}
	require.NotContains(t, printed+w.stderr.String(), "Kaniini", "ids, states and dates only")
	require.NotContains(t, printed+w.stderr.String(), "-value")
	require.Len(t, w.audit, 2)
	require.Contains(t, w.audit[0], "written name,consent.reference,consent.date,start_date,performer_ids,credentials.asiakas,")
	require.Contains(t, w.audit[0], "credentials.avain_file")
	require.Equal(t, "written stopped", w.audit[1])
	require.Less(t, strings.Index(strings.Join(w.calls, " "), "browse"), strings.Index(strings.Join(w.calls, " "), "sync"))

	w.notices, w.polls = nil, []any{runs.PollCounts{Known: 12}}
	before := w.content()
	result, err = w.opens("--yes")
	require.NoError(t, err)
	require.True(t, result.Opened)
	require.Equal(t, before, w.content(), "one that is open is polled, and nothing is written")
	require.Empty(t, w.audit)
}

func TestAPersonIsAskedForWhatIsMissing(t *testing.T) {
	w := newWorld(t, nobody)
	w.stdin = strings.Join([]string{"", "Sopimus 2026-40", "15.1.2026", "2026-01-15", "", "120", "Toinen", "tili", "hillava", "avain-value", " salasana-value ", "salasana-value", "n"}, "\n") + "\n"
	_, err := w.opens()
	require.ErrorAs(t, err, new(Refused))
	require.ErrorContains(t, err, "starter customers open toinen goes on from here")
	asked := w.stderr.String()
	require.Contains(t, asked, "name, as it is in Hillava [Toinen Oy]: ", "the name of Hillava is proposed")
	require.Contains(t, asked, "is a day, like 2026-01-15", "a slip is asked about again")
	require.Contains(t, asked, "Import 0 notices of toinen, and what comes later? [y/N]")
	require.NotContains(t, asked+w.stdout.String()+w.content(), "-value")
	entry := w.entry()
	require.Equal(t, config.StoppedOpening, entry.Stopped.Because)
	require.Empty(t, entry.Unstopped().Faults)
	require.Equal(t, time.Now().In(notice.Helsinki()).Format(time.DateOnly), entry.StartDate.Format(time.DateOnly))
	for file, want := range map[string]string{"avain": "avain-value\n", "salasana": "salasana-value\n"} {
		path := filepath.Join(filepath.Dir(w.path), "toinen", file)
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, want, string(content))
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
	require.NotContains(t, w.calls, "sync")

	w.stdin = "y\n"
	result, err := w.opens()
	require.NoError(t, err, "it goes on where it stopped, with one question left")
	require.True(t, result.Opened)
	require.Empty(t, w.entry().Faults)
}

func TestNothingIsImportedWhileACheckFails(t *testing.T) {
	w := newWorld(t, nobody)
	w.avain = "the-right-one"
	result, err := w.opens(w.flags("--yes")...)
	require.ErrorContains(t, err, "a check failed; what was written stays")
	require.Equal(t, doctor.Verdict("failed"), result.Checks[2].Verdict)
	require.Contains(t, w.stdout.String(), "✗  customer toinen: Tampuuri")
	require.Equal(t, config.StoppedOpening, w.entry().Stopped.Because)
	require.NotContains(t, w.calls, "sync")

	w.secret("a", "the-right-one")
	_, err = w.opens("--yes")
	require.NoError(t, err)
	require.Empty(t, w.entry().Faults)
}

func TestWithoutTemporalTheEntryStaysStopped(t *testing.T) {
	w := newWorld(t, nobody)
	w.away = errAway
	w.notices = []notice.Notice{aNotice(1, 120, 1, "Uusi", february)}
	result, err := w.opens(w.flags("--yes")...)
	require.ErrorIs(t, err, errAway)
	require.ErrorContains(t, err, "run starter customers open toinen again")
	require.False(t, result.Opened)
	require.Contains(t, w.stdout.String(), "Temporal was not asked")
	require.Equal(t, config.StoppedOpening, w.entry().Stopped.Because)

	w.away = nil
	_, err = w.opens("--yes")
	require.NoError(t, err)
	require.Empty(t, w.entry().Faults)
}

func TestADryRunBeginsNothing(t *testing.T) {
	w := newWorld(t, nobody)
	result, err := w.opens(w.flags("--dry-run")...)
	require.NoError(t, err)
	require.False(t, result.Opened)
	require.Equal(t, "dry run", result.Word())
	require.Equal(t, config.StoppedOpening, w.entry().Stopped.Because)
	require.NotContains(t, w.calls, "sync")
	require.NotContains(t, w.calls, "poll")
}

func TestWhatAPollRefusesForGoodIsSaid(t *testing.T) {
	w := newWorld(t, nobody)
	w.polls = []any{&runs.Refusal{Reason: "its name differs"}}
	_, err := w.opens(w.flags("--yes")...)
	require.ErrorContains(t, err, "its name differs")
	require.Greater(t, len(w.calls), 5, "a worker is given time to see the file")

	w.polls = []any{&runs.Refusal{Reason: "no answer", Word: runs.FaultUnavailable}}
	_, err = w.opens("--yes")
	require.ErrorContains(t, err, "no answer")
	require.Equal(t, 1, strings.Count(strings.Join(w.calls, " "), "poll"), "what was tried is not tried again")
}

func TestTheRestIsLeftToTheWorker(t *testing.T) {
	w := newWorld(t, nobody)
	w.polls = []any{runs.PollCounts{Started: 5, Left: true}}
	result, err := w.opens(w.flags("--yes", "--first-only")...)
	require.NoError(t, err)
	require.Len(t, result.Rounds, 1)
	require.Contains(t, w.stdout.String(), "toinen is open; the rest comes with the next polls. starter customers pause toinen holds it back")

	w.polls = []any{runs.PollCounts{Started: 5, Left: true}, runs.PollCounts{Left: true}}
	result, err = w.opens("--yes")
	require.NoError(t, err)
	require.Len(t, result.Rounds, 1+idleRounds)
}

func TestOutsideThePollingHoursNothingIsPolled(t *testing.T) {
	w := newWorld(t, nobody)
	now := time.Now().In(notice.Helsinki())
	hours := fmt.Sprintf("%02d:00-%02d:30", (now.Hour()+3)%24, (now.Hour()+3)%24)
	_, err := w.opens(w.flags("--dry-run")...)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(w.path, []byte(strings.Replace(w.content(), "max_new: 5", "max_new: 5, hours: \""+hours+"\"", 1)), 0o600))
	result, err := w.opens("--yes")
	require.NoError(t, err)
	require.True(t, result.Opened)
	require.Contains(t, w.stdout.String(), "the first notices come at")
	require.NotContains(t, w.calls, "poll")
}

func TestWhoCannotBeOpenedIsRefusedBeforeAnyQuestion(t *testing.T) {
	w := newWorld(t, nobody)
	w.stdin = "y\n"
	w.office = []hillava.Customer{{ExternalID: "toinenn"}, {ExternalID: ""}}
	_, err := w.opens()
	require.ErrorAs(t, err, new(Refused))
	require.ErrorContains(t, err, "did you mean toinenn?")
	w.office = nil
	_, err = w.opens()
	require.ErrorAs(t, err, new(Refused), "also when Hillava has no customers at all")
	require.Empty(t, w.stderr.String())

	w = newWorld(t, "customers:\n  - {tunniste: uusi, formerly: [toinen]}\n")
	_, err = w.opens()
	require.ErrorContains(t, err, "toinen is what uusi was formerly called")
	w = newWorld(t, "customers: nonsense\n")
	_, err = w.opens()
	require.ErrorContains(t, err, "where a list belongs")
}

func TestTheJSONOfAnOpeningIsAllThatIsPrinted(t *testing.T) {
	w := newWorld(t, nobody)
	result, err := w.opens(w.flags("--yes", "--first-only")...)
	require.NoError(t, err)
	written, err := json.Marshal(result)
	require.NoError(t, err)
	for _, key := range []string{`"tunniste":"toinen"`, `"written":["name"`, `"checks":[{"check":"customer toinen: entry","verdict":"ok"`, `"preview":{"notices":0,"properties":[],"first":[]`, `"opened":true`, `"rounds":[{"started":0`} {
		require.Contains(t, string(written), key)
	}
}

// TestWhatSomebodyElseClosedMeanwhileIsNotOpened: minutes may pass before a person answers.
func TestWhatSomebodyElseClosedMeanwhileIsNotOpened(t *testing.T) {
	w := newWorld(t, nobody)
	_, err := w.opens(w.flags("--dry-run")...)
	require.NoError(t, err)
	c := w.command()
	c.Out.Stdin = answering(func() string {
		w.write(strings.Replace(w.content(), "because: opening", "because: closed", 1))
		return "y\n"
	})
	_, err = c.Open(t.Context(), Flags(pflag.NewFlagSet("open", pflag.ContinueOnError)))
	require.ErrorContains(t, err, "somebody else has opened or closed toinen meanwhile")
	require.Equal(t, config.StoppedClosed, w.entry().Stopped.Because)
}

func TestANameIsNotConfirmedWithoutHillava(t *testing.T) {
	w := opened(t)
	c := w.command()
	c.Yes = true
	c.OpenOffice = func(config.Systems) (Office, error) { return nil, errAway }
	_, err := c.ConfirmName(t.Context())
	require.ErrorContains(t, err, "Hillava could not be asked")
	require.Empty(t, w.audit)
}

func TestWhoBreaksOffAtAQuestionHasDoneNothing(t *testing.T) {
	w := newWorld(t, nobody)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := w.command()
	asked := make(chan struct{})
	defer close(asked)
	c.Out.Stdin = answering(func() string { // Ctrl-C, and no answer
		cancel()
		<-asked
		return ""
	})
	_, err := c.Open(ctx, Flags(pflag.NewFlagSet("open", pflag.ContinueOnError)))
	require.ErrorAs(t, err, new(Refused))
	require.EqualError(t, err, "broken off, and nothing was written: interrupted")
	require.Equal(t, nobody, w.content())
}

func TestACustomerWhoseWorkflowAnotherWorkerHasJustEndedIsSyncedAgain(t *testing.T) {
	w := newWorld(t, nobody)
	w.polls = []any{runs.ErrNone, runs.ErrNone, runs.PollCounts{Started: 2}}
	result, err := w.opens(w.flags("--yes")...)
	require.NoError(t, err, w.stdout.String())
	require.Equal(t, []runs.PollCounts{{Started: 2}}, result.Rounds)
	require.Equal(t, []string{"sync", "poll", "sync", "poll", "sync", "poll"}, w.calls[len(w.calls)-6:])

	w.polls = []any{runs.ErrNone}
	_, err = w.opens("--yes")
	require.ErrorIs(t, err, runs.ErrNone, "not for ever")
}

func TestADryRunOfAnOpenCustomerWritesNothing(t *testing.T) {
	w := opened(t)
	before := w.content()
	_, err := w.opens("--dry-run", "--start-date", "2026-03-01")
	require.ErrorAs(t, err, new(Refused))
	require.ErrorContains(t, err, "toinen is open, and a new value would stop its polling")
	_, err = w.opens("--dry-run")
	require.NoError(t, err)
	require.Equal(t, before, w.content())
	require.Empty(t, w.audit)

	_, err = w.opens("--yes", "--start-date", "2026-03-01")
	require.NoError(t, err)
	require.Contains(t, w.stderr.String(), "Until the import is confirmed again, toinen is not polled.")
	require.Empty(t, w.entry().Stopped.Because)
}

func TestMaxNewIsWrittenIntoAnEntryThatExistsOnlyWhereItIsGiven(t *testing.T) {
	w := opened(t)
	_, err := w.opens("--yes", "--start-date", "2026-03-01")
	require.NoError(t, err)
	require.Equal(t, 5, w.entry().Poll.MaxNew)
	result, err := w.opens("--yes", "--max-new", "7")
	require.NoError(t, err)
	require.Contains(t, result.Written, "poll.max_new")
	require.Equal(t, 7, w.entry().Poll.MaxNew)
}

func TestAValueThatCannotBeReadIsNotSaidToBeMissingOnly(t *testing.T) {
	w := opened(t)
	require.NoError(t, os.WriteFile(w.path, []byte(strings.Replace(w.content(), "start_date: 2026", "start_date: x2026", 1)), 0o600))
	_, err := w.opens("--yes")
	require.ErrorContains(t, err, "--start-date is missing")
	require.Regexp(t, `what the entry of toinen has cannot be read: line \d+: start_date `, w.stderr.String())
}
