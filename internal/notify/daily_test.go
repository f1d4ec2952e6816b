package notify

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/figures"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/speech"
)

// newDailyWorld has a summary at that time of day in Finland.
func newDailyWorld(t *testing.T, clock string, channels ...string) *world {
	w := newWorld(t, channels...)
	daily, err := config.ParseDaily(clock)
	require.NoError(t, err)
	w.Daily = daily.Around
	return w
}

func utc(t *testing.T, text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return at
}

// until does rounds, each when the one before wants it, until a moment, and says how many messages a channel got.
func (w *world) until(channel string, end time.Time) int {
	w.t.Helper()
	before := len(w.sent[channel])
	for w.at.Before(end) {
		pause := w.round()
		w.at = w.at.Add(max(pause, time.Second))
	}
	w.at = end
	return len(w.sent[channel]) - before
}

func TestADailySummaryComesOnceADayAndSaysHowThingsStand(t *testing.T) {
	w := newDailyWorld(t, "07:30", "a", "b")
	w.at = utc(t, "2026-11-24T13:00:00Z")
	w.counts = runs.DayCounts{New: 12, Valmis: 7, Tehty: 30}
	require.Zero(t, w.until("a", utc(t, "2026-11-25T05:30:59Z")), "not at the moment of switching it on")
	require.Equal(t, 1, w.until("a", utc(t, "2026-11-25T05:31:02Z")), "a minute later, as the index lags")
	require.Zero(t, w.until("a", utc(t, "2026-11-26T05:30:00Z")))

	w.customers = map[string]figures.Customer{"esimerkki": {NotPolled: true}, "toinen": {Failure: runs.FaultCredentialsRefused}, "kolmas": {Unflagged: 4}}
	w.waiting = append(waiting("two-tasks", 2), waiting("task-gone", 1)...)
	w.until("a", utc(t, "2026-11-26T05:35:00Z"))
	told := len(w.sent["a"])
	require.Equal(t, 1, w.until("a", utc(t, "2026-11-27T06:00:00Z")))
	message := w.sent["a"][told]
	require.Contains(t, message, "daily summary: 12 new, 7 Valmis, 3 waiting for a person")
	require.Contains(t, message, `From 2026-11-26 07:30 to 2026-11-27 07:30:\n- new notices: 12\n- Valmis: 7\n\n`)
	require.Contains(t, message, `Now:\n- Tehty, and not Laskutettu yet: 30\n- customers not polled: 2\n- waiting for a person: 3\n  - task-gone: 1\n  - two-tasks: 2\n\n`)
	require.NotContains(t, message, "esimerkki", "counts only")
	require.Equal(t, w.sent["a"][told], w.sent["b"][told])
	require.Equal(t, [][2]time.Time{
		{utc(t, "2026-11-24T05:30:00Z"), utc(t, "2026-11-25T05:30:00Z")},
		{utc(t, "2026-11-25T05:30:00Z"), utc(t, "2026-11-26T05:30:00Z")},
		{utc(t, "2026-11-26T05:30:00Z"), utc(t, "2026-11-27T05:30:00Z")},
	}, w.counted, "each day once for both, and no moment twice")
}

func TestADailySummaryOutlivesRestarts(t *testing.T) {
	w := newDailyWorld(t, "07:30", "a")
	w.at = utc(t, "2026-11-24T13:00:00Z")
	w.until("a", utc(t, "2026-11-25T05:00:00Z"))
	again := newDailyWorld(t, "07:30", "a") // what it knows is what the one before has left
	again.marks, again.at = w.marks, utc(t, "2026-11-25T11:00:00Z")
	require.Equal(t, 1, again.until("a", utc(t, "2026-11-25T11:30:00Z")), "late, but not forgotten")
	third := newDailyWorld(t, "07:30", "a")
	third.marks, third.at = again.marks, again.at
	require.Zero(t, third.until("a", utc(t, "2026-11-26T05:30:00Z")), "nor repeated")

	late := newDailyWorld(t, "07:30", "a")
	late.marks, late.at = third.marks, utc(t, "2026-11-29T12:00:00Z")
	require.Equal(t, 1, late.until("a", utc(t, "2026-11-29T13:00:00Z")), "after days without a worker one for all of them")
	require.Equal(t, [][2]time.Time{{utc(t, "2026-11-25T05:30:00Z"), utc(t, "2026-11-29T05:30:00Z")}}, late.counted)
}

func TestQuietHoursDelayADailySummary(t *testing.T) {
	w := newDailyWorld(t, "05:00", "a")
	quiet, err := config.ParseHours("22:00-06:00")
	require.NoError(t, err)
	w.Quiet = quiet.Contains
	w.at = utc(t, "2026-11-24T13:00:00Z")
	require.Zero(t, w.until("a", utc(t, "2026-11-25T04:00:00Z")))
	require.Empty(t, w.counted, "nobody asks for what nobody is told")
	require.Equal(t, 1, w.until("a", utc(t, "2026-11-25T04:06:00Z")))
	require.Zero(t, w.until("a", utc(t, "2026-11-26T04:00:00Z")))
}

func TestADailySummaryComesOnceOnDaysWithAChangeOfTheClock(t *testing.T) {
	for _, clock := range []string{"00:00", "03:00", "03:30", "04:00", "07:30", "23:59"} {
		for _, noon := range []string{"2026-03-27T10:00:00Z", "2026-10-23T09:00:00Z"} { // two days before
			w := newDailyWorld(t, clock, "a")
			w.LookEvery = time.Hour
			w.at = utc(t, noon)
			for day := range 4 {
				require.Equal(t, 1, w.until("a", w.at.Add(24*time.Hour)), "%s, %d days after %s", clock, day, noon)
			}
		}
	}
}

func TestAChannelThatFailsGetsItsSummaryLater(t *testing.T) {
	w := newDailyWorld(t, "07:30", "a", "b")
	w.at = utc(t, "2026-11-24T13:00:00Z")
	w.until("a", utc(t, "2026-11-25T05:00:00Z"))
	w.failing["a"] = true
	require.Equal(t, 1, w.until("b", utc(t, "2026-11-25T09:00:00Z")))
	require.Empty(t, w.sent["a"])
	require.Equal(t, 1, w.marks.Failing)
	require.Equal(t, 2, w.marks.Open)
	failures := w.marks.Channels["a"].Failures
	require.Greater(t, failures, 5)
	require.Less(t, failures, 25, "at most 15 minutes apart, not at every look")
	w.failing["a"] = false
	require.Equal(t, 1, w.until("a", utc(t, "2026-11-25T10:00:00Z")))
	require.Zero(t, w.marks.Failing)
}

func TestWhatIsWrongIsToldBeforeASummary(t *testing.T) {
	w := newDailyWorld(t, "07:30", "a")
	w.at = utc(t, "2026-11-24T13:00:00Z")
	w.until("a", utc(t, "2026-11-25T05:29:30Z"))
	w.waiting = waiting("two-tasks", 2)
	require.Equal(t, 2, w.until("a", utc(t, "2026-11-25T05:32:00Z")))
	require.Contains(t, w.sent["a"][0], "wait for a person: two-tasks")
	require.Contains(t, w.sent["a"][1], "daily summary")
}

func TestWithoutTheSettingNobodyGetsASummary(t *testing.T) {
	w := newDailyWorld(t, "07:30", "a")
	w.at = utc(t, "2026-11-24T13:00:00Z")
	w.round()
	daily := w.Daily
	w.Daily = nil
	require.Zero(t, w.until("a", utc(t, "2026-11-28T13:00:00Z")))
	w.Daily = daily
	require.Zero(t, w.until("a", utc(t, "2026-11-29T05:30:00Z")), "switched on again, it begins anew")
	require.Equal(t, 1, w.until("a", utc(t, "2026-11-29T06:00:00Z")))
}

func TestASummaryThatCannotBeCountedWaits(t *testing.T) {
	w := newDailyWorld(t, "07:30", "a")
	w.at = utc(t, "2026-11-24T13:00:00Z")
	w.until("a", utc(t, "2026-11-25T05:00:00Z"))
	w.uncounted = errors.New("away")
	require.Zero(t, w.until("a", utc(t, "2026-11-25T06:00:00Z")))
	w.uncounted = nil
	require.Equal(t, 1, w.until("a", utc(t, "2026-11-25T06:01:00Z")))
}

func TestASummaryCanBeFinnish(t *testing.T) {
	w := newDailyWorld(t, "07:30", "a")
	w.Language = speech.Finnish
	w.at = utc(t, "2026-11-24T13:00:00Z")
	w.counts = runs.DayCounts{New: 12, Valmis: 7, Tehty: 30}
	w.waiting = waiting("two-tasks", 2)
	require.Equal(t, 2, w.until("a", utc(t, "2026-11-25T06:00:00Z")))
	require.Contains(t, w.sent["a"][0], "tampuuri-hillava: 2 ilmoitusta odottaa käsittelijää: two-tasks")
	require.Contains(t, w.sent["a"][1], "tampuuri-hillava: päivän yhteenveto: 12 uutta, 7 Valmis, 2 odottaa käsittelijää")
	require.Contains(t, w.sent["a"][1], `2026-11-24 07:30 – 2026-11-25 07:30:\n- uusia ilmoituksia: 12\n- Valmis: 7\n\nNyt:\n- Tehty, ei vielä Laskutettu: 30\n`)
	require.Contains(t, w.log.String(), "daily summary: 12 new", "the log is English")
}
