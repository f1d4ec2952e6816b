package activities

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

func (s *scene) tehty(id int64) runs.SetStateInput {
	return runs.SetStateInput{NoticeRef: s.ref(id), State: "Tehty"}
}

func TestTehtyIsSetTogetherWithTheNotification(t *testing.T) {
	for _, notify := range []bool{true, false} {
		s := newScene(t)
		s.settings.list[0].Notify.Tehty = notify
		s.tampuuri().put(101)
		set := good(s, s.SetState, s.tehty(101))
		require.Equal(t, runs.StateSet{Silent: !notify, Standing: runs.StandingTehty}, set)
		require.Equal(t, notice.Tehty, s.tampuuri().notices[101].State)
		require.Equal(t, notify, len(s.tampuuri().notified) == 1)
	}
}

func TestAnAcceptStateNotifiesNobody(t *testing.T) {
	s := newScene(t)
	s.tampuuri().put(101)
	good(s, s.SetState, runs.SetStateInput{NoticeRef: s.ref(101), State: "Vastaanotettu"})
	require.Equal(t, notice.Vastaanotettu, s.tampuuri().notices[101].State)
	require.Empty(t, s.tampuuri().notified)
}

func TestAStateThatIsThereIsNotSetAgain(t *testing.T) {
	for name, row := range map[string]struct {
		is     notice.State
		wanted string
		want   runs.Standing
	}{
		"Tehty is there":                  {notice.Tehty, "Tehty", runs.StandingTehty},
		"Tehty does not follow Valmis":    {notice.Valmis, "Tehty", runs.StandingValmis},
		"accepted already":                {notice.Vastaanotettu, "Vastaanotettu", runs.StandingOpen},
		"acceptance does not undo Tehty":  {notice.Tehty, "Vastaanotettu", runs.StandingTehty},
		"acceptance does not undo Valmis": {notice.Valmis, "Vastaanotettu", runs.StandingValmis},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.tampuuri().put(101, func(n *notice.Notice) { n.State = row.is })
			set := good(s, s.SetState, runs.SetStateInput{NoticeRef: s.ref(101), State: row.wanted})
			require.Equal(t, runs.StateSet{Already: true, Standing: row.want}, set)
			require.Empty(t, s.tampuuri().wrote())
		})
	}
}

func TestANoticeThatIsNotOursIsNotWrittenTo(t *testing.T) {
	for reason, arrange := range map[string]func(*tampuuriFake){
		runs.ReasonCancelled: func(f *tampuuriFake) { f.notices[101].State = notice.Peruttu },
		runs.ReasonNotOurs:   func(f *tampuuriFake) { f.notices[101].PerformerID = 9 },
		runs.ReasonGone:      func(f *tampuuriFake) { delete(f.notices, 101) },
	} {
		t.Run(reason, func(t *testing.T) {
			s := newScene(t)
			s.tampuuri().put(101)
			arrange(s.tampuuri())
			_, failure := run(s, s.SetState, s.tehty(101))
			requireReason(t, reason, failure)
			_, failure = run(s, s.ReportInvoiced, runs.InvoicedInput{NoticeRef: s.ref(101), TaskID: "T-1"})
			requireReason(t, reason, failure)
			require.Empty(t, s.tampuuri().wrote())
		})
	}
}

// Each way for the answer to get lost: the next attempt waits until the request can no longer be on its way, looks, and
// writes only what is missing.
func TestAfterAnUnknownOutcomeTheStateIsLookedAtFirst(t *testing.T) {
	for name, row := range map[string]struct {
		lose func(apply func() error) error
		sets int // requests to set the state, in all
	}{
		"lost after it took effect":  {func(apply func() error) error { _ = apply(); return broken(peerTampuuri, true) }, 1},
		"lost before it took effect": {func(func() error) error { return broken(peerTampuuri, true) }, 2},
		"500 after it took effect": {func(apply func() error) error {
			_ = apply()
			return refusal(peerTampuuri, http.StatusInternalServerError)
		}, 1},
		"cancelled by a stopping worker": {func(apply func() error) error {
			_ = apply()
			e := broken(peerTampuuri, true)
			e.Err = context.Canceled
			return e
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.tampuuri().put(101)
			s.tampuuri().goes = func(op string, apply func() error) error {
				if op == "set 101 Tehty" {
					s.tampuuri().goes = nil
					return row.lose(apply)
				}
				return apply()
			}
			_, failure := run(s, s.SetState, s.tehty(101))
			require.Equal(t, runs.FaultOutcomeUnknown, failure.Type())
			require.GreaterOrEqual(t, failure.NextRetryDelay(), window)

			set := good(s, s.SetState, s.tehty(101))
			require.Equal(t, row.sets == 1, set.Already)
			require.Len(t, s.tampuuri().wrote(), row.sets)
			require.Equal(t, []string{"101 Tehty"}, s.tampuuri().notified, "nobody is told twice")
		})
	}
}

// Should the worker be killed during a write, the next attempt begins at StartToClose. No write may then still be on its way.
func TestNoWriteBeginsInAnAttemptThatIsTooOld(t *testing.T) {
	for name, row := range map[string]struct {
		left   time.Duration
		writes bool
	}{
		"less than the window is left": {window - time.Second, false},
		"more than the window is left": {window + 5*time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.tampuuri().put(101)
			s.hillava.entries = []notice.TimeEntry{{ID: "E-1", Date: "2026-03-01", Summary: "työ"}}
			plan := good(s, s.PlanToimenpiteet, runs.PlanInput{NoticeRef: s.ref(101), TaskID: "T-1"})
			parent, cancel := context.WithTimeout(context.Background(), row.left)
			defer cancel()
			s.parent = parent

			_, onSet := run(s, s.SetState, s.tehty(101))
			_, onReport := run(s, s.ReportInvoiced, runs.InvoicedInput{NoticeRef: s.ref(101), TaskID: "T-1", Entries: plan.Entries})

			if row.writes {
				require.Nil(t, onSet)
				require.Nil(t, onReport)
				require.Equal(t, []string{"set 101 Tehty", "add 101 työ", "set 101 Valmis"}, s.tampuuri().wrote())
				return
			}
			require.Equal(t, runs.FaultNoTimeLeft, onSet.Type())
			require.False(t, onSet.NonRetryable())
			require.Equal(t, runs.FaultNoTimeLeft, onReport.Type())
			require.Empty(t, s.tampuuri().wrote())
		})
	}
}

func TestACustomerWithoutSettingsIsWaitedFor(t *testing.T) {
	for name, arrange := range map[string]func(*scene){
		"no entry":       func(s *scene) { s.settings.list = nil },
		"no credentials": func(s *scene) { s.settings.list[0].Credentials.Salasana = config.Secret{} },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.tampuuri().put(101)
			arrange(s)
			_, failure := run(s, s.SetState, s.tehty(101))
			require.Equal(t, runs.FaultCustomerStopped, failure.Type())
			require.False(t, failure.NonRetryable())
			require.Equal(t, settingsPause, failure.NextRetryDelay())
		})
	}
}

// Whatever stops imports stops new ones only.
func TestAStoppedCustomersOpenNoticesAreStillWrittenBack(t *testing.T) {
	s := newScene(t)
	s.tampuuri().put(101)
	s.settings.list[0].Faults = []string{"the consent is missing"}
	s.hillava.customers = nil
	good(s, s.SetState, s.tehty(101))
	require.Equal(t, notice.Tehty, s.tampuuri().notices[101].State)
}
