package activities

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/workflows"
)

// followScene has a notice whose task was made of it as it is; follow is then called with what was known.
func followScene(t *testing.T) (s *scene, in workflows.FollowInput) {
	s = newScene(t)
	s.tampuuri().put(101, func(n *notice.Notice) { n.Orderer = notice.Person{Name: "Matti Meikäläinen", Phone: "040 1234567"} })
	s.hillava.tasks = []hillava.Task{{ID: "T-1", ExternalID: s.ref(101).ExternalID, BillingCustomerID: "C-1", State: "Uusi"}}
	return s, workflows.FollowInput{
		NoticeRef: s.ref(101), TaskID: "T-1", Known: s.known(*s.tampuuri().notices[101], s.settings.list[0]), Reported: workflows.ReportedNone, Round: 1,
	}
}

func (s *scene) noteTexts() []string {
	texts := []string{}
	for _, text := range s.hillava.notes {
		texts = append(texts, text)
	}
	return texts
}

func TestEachStandingIsNotedInItsOwnWords(t *testing.T) {
	const (
		cancelled, reassigned, deleted = "on peruttu", "toiselle suorittajalle", "on poistettu"
		byHand, back, none             = "suljettu käsin", "taas avoinna meille", ""
	)
	for name, row := range map[string]struct {
		was, is  workflows.Standing
		reported workflows.Reported
		want     string
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
			s, in := followScene(t)
			in.Known.Standing, in.Reported = row.was, row.reported
			s.tampuuri().edit(101, func(n *notice.Notice) {
				switch row.is {
				case workflows.StandingReassigned:
					n.PerformerID = 9
				case workflows.StandingOpen, workflows.StandingGone:
				default:
					n.State = notice.State(row.is)
				}
			})
			if row.is == workflows.StandingGone {
				delete(s.tampuuri().notices, 101)
			}
			followed := good(s, s.FollowNotice, in)
			require.Equal(t, row.is, followed.Known.Standing)
			require.Empty(t, followed.Changed)
			if row.want == none {
				require.Empty(t, s.hillava.notes)
				return
			}
			require.Len(t, s.hillava.notes, 1)
			require.Contains(t, s.noteTexts()[0], row.want)

			good(s, s.FollowNotice, in)
			require.Len(t, s.hillava.notes, 1, "another attempt has the same key")
		})
	}
}

func TestAnEditBecomesOneNoteAndOnlyFieldNamesComeBack(t *testing.T) {
	s, in := followScene(t)
	s.tampuuri().edit(101, func(n *notice.Notice) { n.Title, n.Description = "Hana rikki", "Vuotaa lattialle" })
	followed := good(s, s.FollowNotice, in)
	require.Equal(t, []string{"description", "title"}, followed.Changed)
	require.False(t, followed.Protected)
	require.Len(t, s.hillava.notes, 1)
	require.Contains(t, s.noteTexts()[0], "Hana rikki")
	for key := range s.hillava.notes {
		require.True(t, strings.HasPrefix(key, s.ref(101).ExternalID+"-"), key)
	}
	for _, secret := range []string{"Hana", "Vuotaa", "Matti"} {
		require.NotContains(t, string(payloadOf(followed).GetData()), secret, "nothing of the texts may enter Temporal")
	}
	good(s, s.FollowNotice, in)
	require.Len(t, s.hillava.notes, 1)

	in.Known, in.Round = followed.Known, 2
	s.tampuuri().edit(101, func(n *notice.Notice) { n.Title = "Hana korjattu" })
	require.Equal(t, []string{"title"}, good(s, s.FollowNotice, in).Changed)
	require.Len(t, s.hillava.notes, 2, "the next edit is another note")
}

func TestTheNoteOfAnEditIsOneHoweverOftenMuokattuMoves(t *testing.T) {
	s, in := followScene(t)
	s.tampuuri().edit(101, func(n *notice.Notice) { n.Title = "Hana rikki" })
	good(s, s.FollowNotice, in)
	s.tampuuri().edit(101, func(*notice.Notice) {}) // our own Tehty, between an answer that was lost and the next attempt
	good(s, s.FollowNotice, in)
	require.Len(t, s.hillava.notes, 1)
	s.tampuuri().notices[101].Title = "Hana irti" // in the same second
	good(s, s.FollowNotice, in)
	require.Len(t, s.hillava.notes, 2, "another content is another note")
}

func TestANoteThatHillavaRefusesIsReportedAndStopsNothing(t *testing.T) {
	for status, reported := range map[int]bool{http.StatusBadRequest: true, http.StatusUnprocessableEntity: true, http.StatusNotFound: false, http.StatusServiceUnavailable: false} {
		s, in := followScene(t)
		s.hillava.goes = func(op string, apply func() error) error {
			if strings.HasPrefix(op, "note") {
				return refusal(peerHillava, status)
			}
			return apply()
		}
		s.tampuuri().edit(101, func(n *notice.Notice) { n.State = notice.Peruttu })
		followed, failure := run(s, s.FollowNotice, in)
		require.Equal(t, reported, failure == nil, status)
		require.Equal(t, reported, followed.NoteRefused)
		if reported {
			require.Equal(t, workflows.StandingCancelled, followed.Known.Standing)
		}
	}
}

func TestOurOwnWritesAreNoEdit(t *testing.T) {
	s, in := followScene(t)
	s.hillava.entries = []notice.TimeEntry{entry("E-1", "a")}
	good(s, s.SetState, s.tehty(101))
	require.NoError(t, s.tampuuri().AddToimenpide(t.Context(), 101, notice.ToimenpideOf(entry("E-1", "a"))))
	in.Reported = workflows.ReportedTehty
	followed := good(s, s.FollowNotice, in)
	require.Empty(t, followed.Changed)
	require.Equal(t, workflows.StandingTehty, followed.Known.Standing)
	require.Empty(t, s.hillava.notes)
}

func TestTurvakieltoSetAfterwardsIsTheFirstThingThatTheNoteSays(t *testing.T) {
	s, in := followScene(t)
	s.tampuuri().edit(101, func(n *notice.Notice) { n.Orderer.Turvakielto, n.Title = notice.TurvakieltoSet, "Hana rikki" })
	followed := good(s, s.FollowNotice, in)
	require.True(t, followed.Protected)
	require.Contains(t, followed.Changed, "ordererTurvakielto")
	require.Len(t, s.hillava.notes, 1)
	note := s.noteTexts()[0]
	require.True(t, strings.HasPrefix(note, "TURVAKIELTO"), note)
	require.Contains(t, note, "Hana rikki")
	require.NotContains(t, note, "Matti")
	require.NotContains(t, note, "1234567")

	in.Known, in.Round = followed.Known, 2
	s.tampuuri().edit(101, func(n *notice.Notice) { n.Orderer.Turvakielto = notice.TurvakieltoNotSet })
	require.False(t, good(s, s.FollowNotice, in).Protected, "taken away, it is a change as any other")
}

func TestTheContentsOfANoticeThatIsNotOursAreComparedWhenItComesBack(t *testing.T) {
	s, in := followScene(t)
	s.tampuuri().edit(101, func(n *notice.Notice) { n.PerformerID, n.Title = 9, "Hana rikki" })
	away := good(s, s.FollowNotice, in)
	require.Empty(t, away.Changed)
	s.tampuuri().edit(101, func(n *notice.Notice) { n.PerformerID = 4711 })
	in.Known, in.Round = away.Known, 2
	require.Equal(t, []string{"title"}, good(s, s.FollowNotice, in).Changed)
}

// What was sent while it was ours stays in the task, whoever has the notice now.
func TestTurvakieltoSetOnANoticeThatIsNotOursIsToldAllTheSame(t *testing.T) {
	s, in := followScene(t)
	s.tampuuri().edit(101, func(n *notice.Notice) {
		n.PerformerID, n.Title, n.Orderer.Turvakielto = 9, "Hana rikki", notice.TurvakieltoSet
	})
	away := good(s, s.FollowNotice, in)
	require.True(t, away.Protected)
	require.Equal(t, []string{"ordererTurvakielto"}, away.Changed)
	require.Len(t, s.hillava.notes, 2)
	notes := strings.Join(s.noteTexts(), "\n")
	require.Contains(t, notes, "TURVAKIELTO asetettu")
	require.NotContains(t, notes, "Hana rikki", "its contents are no longer ours to follow")

	in.Known, in.Round = away.Known, 2
	require.Empty(t, good(s, s.FollowNotice, in).Changed, "it is told once")
	life := Life{Known: away.Known}
	require.False(t, life.differs(s.known(*s.tampuuri().notices[101], s.settings.list[0])))
	s.tampuuri().edit(101, func(n *notice.Notice) { n.Reporter = notice.Person{Name: "Toinen", Turvakielto: notice.TurvakieltoSet} })
	require.True(t, life.differs(s.known(*s.tampuuri().notices[101], s.settings.list[0])))
	s.tampuuri().edit(101, func(n *notice.Notice) { n.PerformerID = 4711 })
	require.Contains(t, good(s, s.FollowNotice, in).Changed, "title")
}

func TestWorkHasBegunWhenAnybodyHasTouchedTheTask(t *testing.T) {
	for name, row := range map[string]struct {
		arrange func(*scene)
		begun   bool
	}{
		"untouched":              {func(*scene) {}, false},
		"in another state":       {func(s *scene) { s.hillava.tasks[0].State = "Resursoitu" }, true},
		"an action has run":      {func(s *scene) { s.hillava.tasks[0].Events = []hillava.Event{{ID: "e"}} }, true},
		"there are time entries": {func(s *scene) { s.hillava.entries = []notice.TimeEntry{entry("E-1", "a")} }, true},
	} {
		t.Run(name, func(t *testing.T) {
			s, in := followScene(t)
			row.arrange(s)
			s.tampuuri().edit(101, func(n *notice.Notice) { n.Title = "Hana rikki" })
			edited := good(s, s.FollowNotice, in)
			require.Equal(t, row.begun, edited.WorkBegun, "edited")
			in.Known = edited.Known
			s.tampuuri().edit(101, func(n *notice.Notice) { n.State = notice.Peruttu })
			require.Equal(t, row.begun, good(s, s.FollowNotice, in).WorkBegun, "cancelled")
		})
	}
}

func TestValmisByHandTellsHowManyTimeEntriesAreUnsent(t *testing.T) {
	s, in := followScene(t)
	s.hillava.entries = []notice.TimeEntry{entry("E-1", "a"), entry("E-2", "b")}
	s.tampuuri().edit(101, func(n *notice.Notice) {
		n.State, n.Toimenpiteet = notice.Valmis, []notice.Toimenpide{notice.ToimenpideOf(entry("", "a"))}
	})
	require.Equal(t, 1, good(s, s.FollowNotice, in).Unsent)

	s, in = followScene(t)
	in.Entries = []notice.Planned{{EntryID: "E-1", Fingerprints: []string{s.keyer.Toimenpide(notice.ToimenpideOf(entry("", "vanha")))}}}
	s.hillava.entries = []notice.TimeEntry{entry("E-1", "uusi")}
	s.tampuuri().edit(101, func(n *notice.Notice) {
		n.State, n.Toimenpiteet = notice.Valmis, []notice.Toimenpide{notice.ToimenpideOf(entry("", "vanha"))}
	})
	require.Zero(t, good(s, s.FollowNotice, in).Unsent, "it was sent before it was edited")
}

func TestAFollowThatFailsTellsWhy(t *testing.T) {
	for name, row := range map[string]struct {
		arrange func(*scene)
		want    string
	}{
		"the task is gone": {func(s *scene) { s.hillava.tasks = nil }, workflows.ReasonTaskGone},
		"the note has no task": {func(s *scene) {
			s.hillava.goes = func(op string, apply func() error) error {
				if strings.HasPrefix(op, "note") {
					return refusal(peerHillava, http.StatusNotFound)
				}
				return apply()
			}
		}, workflows.ReasonTaskGone},
		"the notice is unreadable": {func(s *scene) { s.tampuuri().unreadable[101] = true }, workflows.ReasonUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			s, in := followScene(t)
			s.tampuuri().edit(101, func(n *notice.Notice) { n.State = notice.Peruttu })
			row.arrange(s)
			_, failure := run(s, s.FollowNotice, in)
			requireReason(t, row.want, failure)
		})
	}
	s, in := followScene(t)
	s.tampuuri().edit(101, func(n *notice.Notice) { n.Title = "uusi" })
	s.hillava.goes = func(op string, apply func() error) error {
		_ = apply()
		return broken(peerHillava, true)
	}
	_, failure := run(s, s.FollowNotice, in)
	require.Equal(t, TypeUnavailable, failure.Type())
	require.False(t, slices.Contains(s.tampuuri().calls, "set 101 Tehty"))
}
