package activities

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/sandbox/fault"
)

// pursuit is a notice whose task was made of it as it is; follow is then called with what was known.
type pursuit struct {
	*world
	taskID string
	in     runs.FollowInput
}

func newPursuit(t testingT) *pursuit {
	p := &pursuit{world: newWorld(t)}
	p.put(101, fields{"Tilaaja": "Matti Meikäläinen", "TilaajanPuhelin": "040 1234567", "TilaajanTurvakielto": false})
	created := good(p.world, p.CreateTask, toCreate(p.ref(101)))
	p.taskID = created.TaskID
	p.in = runs.FollowInput{NoticeRef: p.ref(101), TaskID: p.taskID, Snapshot: created.Snapshot, Reported: runs.ReportedNone, Round: 1}
	return p
}

func (p *pursuit) follow() runs.Followed {
	p.t.Helper()
	return good(p.world, p.FollowNotice, p.in)
}

// next is the follow-up after this one.
func (p *pursuit) next(followed runs.Followed) {
	p.in.Snapshot, p.in.Round = followed.Snapshot, p.in.Round+1
}

func (p *pursuit) told() []string { return p.notes(p.taskID) }

func TestTheNoteOfAStandingIsOneHoweverOftenMuokattuMoves(t *testing.T) {
	p := newPursuit(t)
	p.state(101, notice.Peruttu)
	p.once("note", fault.ApplyThen500)
	_, failure := run(p.world, p.FollowNotice, p.in)
	require.NotNil(t, failure)
	p.edit(101, fields{"Kustannusarvio": 100})
	p.follow()
	require.Len(t, p.told(), 1)
}

// The rounds of another life begin at 1 again, and Hillava may know the keys of the one before.
func TestNoNoteOfAnotherLifeIsTakenForOneOfThisLife(t *testing.T) {
	p := newPursuit(t)
	p.in.Life = "one"
	p.edit(101, fields{"TyötehtävänOtsikko": "uusi"})
	p.follow()
	p.edit(101, fields{"TyötehtävänOtsikko": "Hana vuotaa"})
	p.in.Life = "another"
	p.edit(101, fields{"TyötehtävänOtsikko": "uusi"})
	require.Equal(t, []string{"title"}, p.follow().Changed)
	require.Len(t, p.told(), 2)

	p.next(p.follow())
	p.state(101, notice.Peruttu)
	p.follow()
	p.in.Life = "third"
	p.follow()
	require.Len(t, p.told(), 4)
}

func TestEachStandingIsNotedInItsOwnWords(t *testing.T) {
	const (
		cancelled, reassigned, deleted = "on peruttu", "toiselle suorittajalle", "on poistettu"
		byHand, back, none             = "suljettu käsin", "taas avoinna meille", ""
	)
	for name, row := range map[string]struct {
		was, is  runs.Standing
		reported runs.Reported
		expected string
	}{
		"cancelled":                      {"open", "Peruttu", "none", cancelled},
		"cancelled after Tehty":          {"open", "Peruttu", "Tehty", cancelled},
		"given to another":               {"open", "reassigned", "none", reassigned},
		"deleted":                        {"open", "gone", "none", deleted},
		"given away, then deleted":       {"reassigned", "gone", "none", deleted},
		"Tehty by hand":                  {"open", "Tehty", "none", byHand},
		"Valmis by hand":                 {"open", "Valmis", "none", byHand},
		"Valmis by hand after our Tehty": {"open", "Valmis", "Tehty", byHand},
		"our own Tehty":                  {"open", "Tehty", "Tehty", none},
		"nothing":                        {"open", "open", "none", none},
		"still given to another":         {"reassigned", "reassigned", "none", none},
		"given back":                     {"reassigned", "open", "none", back},
		"cancelled no more":              {"Peruttu", "open", "none", back},
		"there again":                    {"gone", "open", "none", back},
		"given back, Tehty by us":        {"reassigned", "Tehty", "Tehty", back},
		"given back as Valmis":           {"reassigned", "Valmis", "none", byHand},
		"reopened after our Tehty":       {"Tehty", "open", "Tehty", none},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPursuit(t)
			p.in.Snapshot.Standing, p.in.Reported = row.was, row.reported
			switch row.is {
			case runs.StandingReassigned:
				p.give(101, 9)
			case runs.StandingGone:
				p.remove(101)
			case runs.StandingOpen:
			default:
				p.state(101, notice.State(row.is))
			}
			followed := p.follow()
			require.Equal(t, row.is, followed.Snapshot.Standing)
			require.Empty(t, followed.Changed)
			if row.expected == none {
				require.Empty(t, p.told())
				return
			}
			require.Len(t, p.told(), 1)
			require.Contains(t, p.told()[0], row.expected)

			p.follow()
			require.Len(t, p.told(), 1, "another attempt has the same key")
		})
	}
}

func TestAnEditBecomesOneNoteAndOnlyFieldNamesComeBack(t *testing.T) {
	p := newPursuit(t)
	p.edit(101, fields{"TyötehtävänOtsikko": "Hana rikki", "TyötehtävänKuvaus": "Vuotaa lattialle"})
	followed := p.follow()
	require.Equal(t, []string{"description", "title"}, followed.Changed)
	require.False(t, followed.Protected)
	require.Len(t, p.told(), 1)
	require.Contains(t, p.told()[0], "Hana rikki")
	result, err := json.Marshal(followed)
	require.NoError(t, err)
	for _, secret := range []string{"Hana", "Vuotaa", "Matti"} {
		require.NotContains(t, string(result), secret, "nothing of the texts may enter Temporal")
	}
	p.follow()
	require.Len(t, p.told(), 1)

	p.next(followed)
	p.edit(101, fields{"TyötehtävänOtsikko": "Hana korjattu"})
	require.Equal(t, []string{"title"}, p.follow().Changed)
	require.Len(t, p.told(), 2, "the next edit is another note")
}

func TestTheNoteOfAnEditIsOneHoweverOftenMuokattuMoves(t *testing.T) {
	p := newPursuit(t)
	p.edit(101, fields{"TyötehtävänOtsikko": "Hana rikki"})
	p.follow()
	p.edit(101, fields{}) // as our own Tehty does between an answer that was lost and the next attempt
	p.follow()
	require.Len(t, p.told(), 1)
	p.edit(101, fields{"TyötehtävänOtsikko": "Hana irti"})
	p.follow()
	require.Len(t, p.told(), 2, "another content is another note")
}

func TestANoteThatHillavaRefusesIsReportedAndStopsNothing(t *testing.T) {
	for status, reported := range map[fault.Kind]bool{fault.Status400: true, fault.Status422: true, fault.Status404: false, fault.Status503: false} {
		t.Run(string(status), func(t *testing.T) {
			p := newPursuit(t)
			p.always("note", status)
			p.state(101, notice.Peruttu)
			followed, failure := run(p.world, p.FollowNotice, p.in)
			require.Equal(t, reported, failure == nil)
			require.Equal(t, reported, followed.StandingUntold)
			require.False(t, followed.NoteRefused, "nothing was edited")
			if reported {
				require.Equal(t, runs.StandingCancelled, followed.Snapshot.Standing)
			}
		})
	}
}

// Each of the two notes is made again by itself: the other one was made.
func TestOfTwoNotesTheRefusedOneIsReported(t *testing.T) {
	p := newPursuit(t)
	p.edit(101, fields{"TyötehtävänOtsikko": "Hana rikki"})
	p.state(101, notice.Peruttu)
	p.faults.Add(fault.Fault{Op: "note", Kind: fault.Status422})
	followed := p.follow()
	require.True(t, followed.StandingUntold)
	require.False(t, followed.NoteRefused)
	require.Equal(t, []string{"title"}, followed.Changed)
	require.Len(t, p.told(), 1)

	told := p.in.Snapshot.Standing
	p.next(followed)
	p.in.Snapshot.Standing = told // as the workflow keeps it
	followed = p.follow()
	require.False(t, followed.StandingUntold)
	require.Empty(t, followed.Changed)
	require.Len(t, p.told(), 2, "the task says that the notice is cancelled")
}

func TestOurOwnValmisIsNoNews(t *testing.T) {
	p := newPursuit(t)
	p.state(101, notice.Valmis)
	p.in.Reported = runs.ReportedValmis
	require.Equal(t, runs.StandingValmis, p.follow().Snapshot.Standing)
	require.Empty(t, p.told())
}

func TestOurOwnWritesAreNoEdit(t *testing.T) {
	p := newPursuit(t)
	p.work(p.taskID, "a")
	good(p.world, p.SetState, p.tehty(101))
	p.addToimenpide(101, "a")
	p.in.Reported = runs.ReportedTehty
	followed := p.follow()
	require.Empty(t, followed.Changed)
	require.Equal(t, runs.StandingTehty, followed.Snapshot.Standing)
	require.Empty(t, p.told())
}

func TestTurvakieltoSetAfterwardsIsTheFirstThingThatTheNoteSays(t *testing.T) {
	p := newPursuit(t)
	p.edit(101, fields{"TilaajanTurvakielto": true, "TyötehtävänOtsikko": "Hana rikki"})
	followed := p.follow()
	require.True(t, followed.Protected)
	require.Contains(t, followed.Changed, "ordererTurvakielto")
	require.Len(t, p.told(), 1)
	note := p.told()[0]
	require.True(t, strings.HasPrefix(note, "TURVAKIELTO"), note)
	require.Contains(t, note, "Hana rikki")
	require.NotContains(t, note, "Matti")
	require.NotContains(t, note, "1234567")

	p.next(followed)
	p.edit(101, fields{"TilaajanTurvakielto": false})
	require.False(t, p.follow().Protected, "taken away, it is a change as any other")
}

func TestTheContentsOfANoticeThatIsNotOursAreComparedWhenItComesBack(t *testing.T) {
	p := newPursuit(t)
	p.edit(101, fields{"TyötehtävänOtsikko": "Hana rikki"})
	p.give(101, 9)
	away := p.follow()
	require.Empty(t, away.Changed)
	p.give(101, 4711)
	p.next(away)
	require.Equal(t, []string{"title"}, p.follow().Changed)
}

// What was sent while it was ours stays in the task, whoever has the notice now.
func TestTurvakieltoSetOnANoticeThatIsNotOursIsToldAllTheSame(t *testing.T) {
	p := newPursuit(t)
	p.edit(101, fields{"TyötehtävänOtsikko": "Hana rikki", "TilaajanTurvakielto": true})
	p.give(101, 9)
	away := p.follow()
	require.True(t, away.Protected)
	require.Equal(t, []string{"ordererTurvakielto"}, away.Changed)
	require.Len(t, p.told(), 2)
	notes := strings.Join(p.told(), "\n")
	require.Contains(t, notes, "TURVAKIELTO asetettu")
	require.NotContains(t, notes, "Hana rikki", "its contents are no longer ours to follow")

	p.next(away)
	require.Empty(t, p.follow().Changed, "it is told once")
	p.give(101, 4711)
	require.Contains(t, p.follow().Changed, "title")
}

func TestWorkHasBegunWhenAnybodyHasTouchedTheTask(t *testing.T) {
	for name, row := range map[string]struct {
		arrange func(*pursuit)
		begun   bool
	}{
		"untouched":         {func(*pursuit) {}, false},
		"an action has run": {func(p *pursuit) { p.press(p.taskID, "Työ valmis") }, true},
		"opened again after it": {func(p *pursuit) {
			p.press(p.taskID, "Työ valmis")
			p.must(p.hillava.Transition(p.taskID, "Avaa uudelleen"))
		}, true},
		"there are time entries": {func(p *pursuit) { p.work(p.taskID, "a") }, true},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPursuit(t)
			row.arrange(p)
			p.edit(101, fields{"TyötehtävänOtsikko": "Hana rikki"})
			edited := p.follow()
			require.Equal(t, row.begun, edited.WorkBegun, "edited")
			p.next(edited)
			p.state(101, notice.Peruttu)
			require.Equal(t, row.begun, p.follow().WorkBegun, "cancelled")
		})
	}
}

// Only Valmis by hand needs the time entries themselves: to tell which of them are unsent.
func TestATimeEntryThatCannotBeReadStopsOnlyWhatNeedsIt(t *testing.T) {
	for name, row := range map[string]struct {
		happens func(*pursuit)
		stopped bool
	}{
		"edited":         {func(p *pursuit) { p.edit(101, fields{"TyötehtävänOtsikko": "Hana rikki"}) }, false},
		"cancelled":      {func(p *pursuit) { p.state(101, notice.Peruttu) }, false},
		"given away":     {func(p *pursuit) { p.give(101, 9) }, false},
		"Valmis by hand": {func(p *pursuit) { p.state(101, notice.Valmis) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPursuit(t)
			p.faults.Add(fault.Fault{Op: "time-entries", Kind: fault.Answer, Body: `{"items":[{"id":"E-1","date":"sometime"}],"total":1}`, Times: -1})
			row.happens(p)
			followed, failure := run(p.world, p.FollowNotice, p.in)
			if row.stopped {
				requireReason(t, runs.ReasonUnreadable, failure)
				return
			}
			require.Nil(t, failure)
			require.True(t, followed.WorkBegun, "whatever it says, somebody wrote it")
			require.Len(t, p.told(), 1)
		})
	}
}

func TestValmisByHandTellsHowManyTimeEntriesAreUnsent(t *testing.T) {
	p := newPursuit(t)
	p.work(p.taskID, "a")
	p.work(p.taskID, "b")
	p.addToimenpide(101, "a")
	p.state(101, notice.Valmis)
	require.Equal(t, 1, p.follow().Unsent)

	p = newPursuit(t)
	entryID := p.work(p.taskID, "vanha")
	p.in.Entries = good(p.world, p.PlanToimenpiteet, runs.PlanInput{NoticeRef: p.ref(101), TaskID: p.taskID}).Entries
	p.reword(p.taskID, entryID, "uusi")
	p.addToimenpide(101, "vanha")
	p.state(101, notice.Valmis)
	require.Zero(t, p.follow().Unsent, "it was sent before it was edited")
}

func TestAFollowThatFailsTellsWhy(t *testing.T) {
	for name, row := range map[string]struct {
		arrange  func(*pursuit)
		expected string
	}{
		"the task is gone":         {func(p *pursuit) { p.must(p.hillava.DeleteTask(p.taskID)) }, runs.ReasonTaskGone},
		"the note has no task":     {func(p *pursuit) { p.always("note", fault.Status404) }, runs.ReasonTaskGone},
		"the notice is unreadable": {func(p *pursuit) { p.unreadable(101) }, runs.ReasonUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPursuit(t)
			p.state(101, notice.Peruttu)
			row.arrange(p)
			_, failure := run(p.world, p.FollowNotice, p.in)
			requireReason(t, row.expected, failure)
		})
	}
	p := newPursuit(t)
	p.edit(101, fields{"TyötehtävänOtsikko": "uusi"})
	p.always("note", fault.ApplyThenReset)
	_, failure := run(p.world, p.FollowNotice, p.in)
	requireRetryable(t, runs.FaultUnavailable, failure)
}

// A key of the fingerprints that an older version did not know is no change: else all open notices would follow at once.
func TestAFingerprintThatTheWorkflowDoesNotHaveIsNoChange(t *testing.T) {
	p := newPursuit(t)
	delete(p.in.Snapshot.Prints, "pets")
	followed := p.follow()
	require.Empty(t, followed.Changed)
	require.Contains(t, followed.Snapshot.Prints, "pets", "from now on it is compared")
	require.Empty(t, p.told())
}

func TestAFollowUpUnderAnotherTunnisteSaysSo(t *testing.T) {
	p := newPursuit(t)
	require.Empty(t, p.follow().Customer)
	p.entry().Formerly = []string{"vanha"}
	p.in.Customer = "vanha"
	require.Equal(t, "esimerkki", p.follow().Customer)
}

func TestTextsAreNeverQuotedAgainOnceSomebodyProtectedHasLeft(t *testing.T) {
	p := &pursuit{world: newWorld(t)}
	p.put(101, fields{"Tilaaja": "Maija Salainen", "TilaajanPuhelin": "040 1234567", "TilaajanTurvakielto": true,
		"TyötehtävänKuvaus": "Maija Salainen 040 1234567 avaa oven"})
	created := good(p.world, p.CreateTask, toCreate(p.ref(101)))
	p.taskID = created.TaskID
	p.in = runs.FollowInput{NoticeRef: p.ref(101), TaskID: p.taskID, Snapshot: created.Snapshot, Reported: runs.ReportedNone, Round: 1}
	p.edit(101, fields{"Tilaaja": "Huolto Testi", "TilaajanPuhelin": "", "TilaajanTurvakielto": false})
	p.next(p.follow())
	p.edit(101, fields{"TyötehtävänOtsikko": "Salainen avaa"})
	p.next(p.follow())
	require.Empty(t, p.follow().Changed, "the mark is no change")
	p.edit(101, fields{"TyötehtävänKuvaus": "Maija Salainen 040 1234567 avaa oven. Kiire!"})
	p.follow()
	require.Len(t, p.told(), 3)
	for _, text := range p.told() {
		require.NotContains(t, text, "Salainen")
	}
}
