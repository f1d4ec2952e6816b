package workflows

import (
	"testing"
	"time"

	"tampuuri-hillava/internal/runs"

	"github.com/stretchr/testify/require"
)

// What Tampuuri refuses although a look shows the notice open and ours, it would refuse again: asked once, then a person
// decides. Following it must not free the step by itself, or the two would take turns without end.
func TestWhatTampuuriRefusesForNoReasonThatALookShowsWaitsForAPerson(t *testing.T) {
	for _, reason := range []string{runs.ReasonNotOurs, runs.ReasonStateConflict} {
		for call, send := range map[string]func(*play){
			"Vastaanotettu": func(*play) {},
			"Tehty":         func(p *play) { p.at(time.Minute, runs.TyoValmis.Name(), event("e1")) },
			"invoice":       func(p *play) { p.at(time.Minute, runs.Laskutettu.Name(), event("e2")) },
		} {
			t.Run(call+" "+reason, func(t *testing.T) {
				refusals := 1
				answer := func() error {
					if refusals--; refusals >= 0 {
						return refused(reason)
					}
					return nil
				}
				w := &world{
					create: func() (runs.CreatedTask, error) {
						made := runs.CreatedTask{TaskID: "T-1", Snapshot: runs.Snapshot{Standing: runs.StandingOpen}}
						if call == "Vastaanotettu" {
							made.AcceptState = call
						}
						return made, nil
					},
					setState: func(in runs.SetStateInput) (runs.StateSet, error) {
						return runs.StateSet{Standing: runs.Standing(in.State)}, answer()
					},
					invoice: func(in runs.InvoicedInput) (runs.InvoicedReport, error) {
						return runs.InvoicedReport{Present: len(in.Entries)}, answer()
					},
				}
				p := newPlay(t, w)
				send(p)
				tries := func() (count int) {
					for _, made := range w.calls {
						if made == call {
							count++
						}
					}
					return count
				}
				p.RegisterDelayedCallback(func() {
					require.Equal(t, 1, tries())
					status := p.status()
					require.Equal(t, reason, status.Attention.Reason)
					require.Contains(t, status.History[len(status.History)-1].Result, reason+" (refused)", "what the peer said")
				}, 24*time.Hour)
				p.at(25*time.Hour, runs.Resend.Name(), nil)
				p.RegisterDelayedCallback(func() { require.Equal(t, 2, tries(), "a person's resend tries again") }, 26*time.Hour)
				p.at(27*time.Hour, runs.Dismiss.Name(), runs.DismissSignal{By: "toimisto", Code: "other"}).run()
			})
		}
	}
}

func TestWhatWasRefusedWhileTheNoticeWasNotOursGoesOnceItIsGivenBack(t *testing.T) {
	standing := runs.StandingReassigned
	w := &world{
		follow: func(in runs.FollowInput) (runs.Followed, error) {
			return runs.Followed{Snapshot: runs.Snapshot{Standing: standing}}, nil
		},
	}
	w.setState = func(in runs.SetStateInput) (runs.StateSet, error) {
		if standing == runs.StandingReassigned {
			return runs.StateSet{}, refused(runs.ReasonNotOurs)
		}
		return runs.StateSet{Standing: runs.Standing(in.State)}, nil
	}
	p := newPlay(t, w).at(time.Minute, runs.TyoValmis.Name(), event("e1"))
	p.RegisterDelayedCallback(func() {
		require.Equal(t, runs.PhaseAttention, p.status().Phase)
		standing = runs.StandingOpen
	}, time.Hour)
	p.at(2*time.Hour, runs.NoticeChanged.Name(), nil)
	p.RegisterDelayedCallback(func() { require.Equal(t, runs.PhaseDone, p.status().Phase, "nobody has to resend") }, 3*time.Hour)
	p.at(4*time.Hour, runs.Laskutettu.Name(), event("e2")).run()
}

// What a step saw may be over before the notice is looked at again; whoever gave the notice back so soon leaves no
// difference that a poll could find.
func TestGivenBackBeforeItIsLookedAtAgainTheStepGoesByItself(t *testing.T) {
	for _, reason := range []string{runs.ReasonCancelled, runs.ReasonReassigned, runs.ReasonGone, runs.ReasonClosedByHand} {
		for _, standing := range []runs.Standing{runs.StandingOpen, runs.StandingTehty} {
			t.Run(reason+", then "+string(standing), func(t *testing.T) {
				refusals := 1
				w := &world{
					follow: func(runs.FollowInput) (runs.Followed, error) {
						return runs.Followed{Snapshot: runs.Snapshot{Standing: standing}}, nil
					},
					invoice: func(in runs.InvoicedInput) (runs.InvoicedReport, error) {
						if refusals--; refusals >= 0 {
							return runs.InvoicedReport{}, refused(reason)
						}
						return runs.InvoicedReport{Present: len(in.Entries)}, nil
					},
				}
				p := newPlay(t, w)
				if standing == runs.StandingTehty {
					p.at(time.Minute, runs.TyoValmis.Name(), event("e1"))
				}
				p.at(time.Hour, runs.Laskutettu.Name(), event("e2"))
				p.RegisterDelayedCallback(func() { require.Fail(t, "it waits for somebody", "%+v", p.status().Attention) }, 2*time.Hour)
				_, status := p.run()
				require.Equal(t, runs.PhaseInvoiced, status.Phase)
			})
		}
	}
}

func TestANoteThatHillavaRefusesStopsNeitherTehtyNorValmis(t *testing.T) {
	refuses := true
	var snapshots []runs.Snapshot
	w := &world{follow: func(in runs.FollowInput) (runs.Followed, error) {
		snapshots = append(snapshots, in.Snapshot)
		return runs.Followed{Snapshot: runs.Snapshot{Standing: in.Snapshot.Standing, Prints: map[string]string{"title": "new"}}, Changed: []string{"title"}, NoteRefused: refuses}, nil
	}}
	p := newPlay(t, w).at(time.Minute, runs.NoticeChanged.Name(), nil).at(time.Hour, runs.TyoValmis.Name(), event("e1"))
	p.RegisterDelayedCallback(func() {
		status := p.status()
		require.Equal(t, runs.ReasonHillavaRefused, status.Attention.Reason)
		require.Equal(t, runs.ReportedTehty, status.Reported)
		refuses = false
	}, 2*time.Hour)
	p.at(3*time.Hour, runs.Resend.Name(), nil)
	p.RegisterDelayedCallback(func() { require.Nil(t, p.status().Attention) }, 4*time.Hour)
	p.at(5*time.Hour, runs.Laskutettu.Name(), event("e2")).run()
	require.Equal(t, []string{"create", "follow", "Tehty", "follow", "plan", "invoice"}, w.calls)
	require.Equal(t, snapshots[0].Prints, snapshots[1].Prints, "the resend compares with what the task was told last")
}

func TestANoteThatALaterLookBringsWaitsForNobody(t *testing.T) {
	looks := 0
	w := &world{follow: func(in runs.FollowInput) (runs.Followed, error) {
		looks++
		return runs.Followed{Snapshot: in.Snapshot, Changed: []string{"title"}, NoteRefused: looks == 1}, nil
	}}
	p := newPlay(t, w).at(time.Minute, runs.NoticeChanged.Name(), nil)
	p.RegisterDelayedCallback(func() { require.Equal(t, runs.ReasonHillavaRefused, p.status().Attention.Reason) }, time.Hour)
	p.at(2*time.Hour, runs.NoticeChanged.Name(), nil)
	p.RegisterDelayedCallback(func() { require.Nil(t, p.status().Attention) }, 3*time.Hour)
	_, status := p.at(5*time.Hour, runs.Laskutettu.Name(), event("e1")).run()
	require.Equal(t, runs.PhaseInvoiced, status.Phase)
	require.Equal(t, []string{"create", "follow", "follow", "plan", "invoice"}, w.calls)
}

// Our own Tehty is no move of the notice: what is refused after it waits for a person all the same.
func TestWhatIsRefusedAfterOurTehtyWaitsForAPerson(t *testing.T) {
	refusals, tries, waited := 1, 0, false
	w := &world{
		follow: func(runs.FollowInput) (runs.Followed, error) {
			return runs.Followed{Snapshot: runs.Snapshot{Standing: runs.StandingTehty}}, nil
		},
		invoice: func(in runs.InvoicedInput) (runs.InvoicedReport, error) {
			tries++
			if refusals--; refusals >= 0 {
				return runs.InvoicedReport{}, refused(runs.ReasonStateConflict)
			}
			return runs.InvoicedReport{Present: len(in.Entries)}, nil
		},
	}
	p := newPlay(t, w)
	p.at(time.Minute, runs.TyoValmis.Name(), event("e1"))
	p.at(time.Hour, runs.Laskutettu.Name(), event("e2"))
	p.RegisterDelayedCallback(func() {
		waited = true
		require.Equal(t, 1, tries)
		require.Equal(t, runs.ReasonStateConflict, p.status().Attention.Reason)
	}, 24*time.Hour)
	p.at(25*time.Hour, runs.Resend.Name(), nil).run()
	require.True(t, waited, "it was not over before a person resent")
	require.Equal(t, 2, tries)
}

func TestAnEditOnceWorkHasBegunIsShownAndStopsNothing(t *testing.T) {
	for name, row := range map[string]struct {
		found    runs.Followed
		expected string
	}{
		"work begun": {runs.Followed{Changed: []string{"title"}, WorkBegun: true, Snapshot: runs.Snapshot{Standing: runs.StandingOpen}}, runs.ReasonEdited},
		"done":       {runs.Followed{Changed: []string{"title"}, WorkBegun: true, Snapshot: runs.Snapshot{Standing: runs.StandingTehty}}, runs.ReasonEdited},
		"not begun":  {runs.Followed{Changed: []string{"title"}, Snapshot: runs.Snapshot{Standing: runs.StandingOpen}}, ""},
		"its note is refused": {
			runs.Followed{Changed: []string{"title"}, WorkBegun: true, NoteRefused: true, Snapshot: runs.Snapshot{Standing: runs.StandingOpen}}, runs.ReasonHillavaRefused,
		},
		"nothing has changed": {runs.Followed{WorkBegun: true, Snapshot: runs.Snapshot{Standing: runs.StandingTehty}}, ""},
		"turvakielto": {
			runs.Followed{Changed: []string{"title", "ordererTurvakielto"}, Protected: true, WorkBegun: true, Snapshot: runs.Snapshot{Standing: runs.StandingOpen}}, runs.ReasonTurvakielto,
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t, &world{follow: func(runs.FollowInput) (runs.Followed, error) { return row.found, nil }})
			p.at(time.Minute, runs.NoticeChanged.Name(), nil)
			p.RegisterDelayedCallback(func() {
				reason := ""
				if attention := p.status().Attention; attention != nil {
					reason = attention.Reason
				}
				require.Equal(t, row.expected, reason)
			}, time.Hour)
			p.at(2*time.Hour, runs.Laskutettu.Name(), event("e1")).run()
		})
	}
}

func TestTheHistorySaysWhoHeardOfIt(t *testing.T) {
	for silent, expected := range map[bool]string{true: "nobody notified, as customers.yaml says", false: "participants notified with it"} {
		p := newPlay(t, &world{
			setState: func(in runs.SetStateInput) (runs.StateSet, error) {
				return runs.StateSet{Standing: runs.Standing(in.State), Silent: silent}, nil
			},
			invoice: func(in runs.InvoicedInput) (runs.InvoicedReport, error) {
				return runs.InvoicedReport{Present: len(in.Entries), Silent: silent}, nil
			},
		})
		p.at(time.Minute, runs.TyoValmis.Name(), event("e1"))
		p.at(time.Hour, runs.Laskutettu.Name(), event("e2")).run()
		heard := 0
		for _, entry := range p.status().History {
			if entry.What == runs.HappenedTehty || entry.What == runs.HappenedValmis {
				require.Equal(t, expected, entry.Result)
				heard++
			}
		}
		require.Equal(t, 2, heard)
	}
}
