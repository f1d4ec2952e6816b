package activities

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
)

// settledWithHours is polled from six in the morning until ten at night.
func settledWithHours(t *testing.T) *world {
	w := settled(t)
	hours, err := config.ParseHours("06:00-22:00")
	require.NoError(t, err)
	w.entry().Poll.Hours = hours
	return w
}

func TestOutsideThePollingHoursNothingIsAskedAndTheMarksStay(t *testing.T) {
	w := settledWithHours(t)
	w.at(helsinki("2026-03-02 22:00"))
	w.round() // the comparison that is due
	w.put(102)
	w.forgetCalls()
	lists, good := w.marks().Lists, w.marks().LastGood
	night := w.round()
	require.True(t, night.Idle)
	require.Empty(t, w.asked())
	require.Equal(t, lists, night.Marks.Lists)
	require.Equal(t, good, night.Marks.LastGood)
	require.Equal(t, helsinki("2026-03-03 06:00").UTC(), *night.Marks.NextPoll)
	require.Contains(t, w.round(byPerson).Refused, "06:00-22:00", "nor does a person's wish change that")
	w.at(helsinki("2026-03-03 06:00"))
	require.Equal(t, 1, w.round().Marks.Last.Started)
}

func TestTheLastPollOfADayNamesTheFirstOneOfTheNext(t *testing.T) {
	w := settledWithHours(t)
	w.at(helsinki("2026-03-02 21:57"))
	require.Equal(t, helsinki("2026-03-03 06:00").UTC(), *w.round().Marks.NextPoll, "at 22:02 nothing is polled")
	w.forgetCalls()
	w.at(helsinki("2026-03-02 21:59"))
	w.round()
	require.Empty(t, w.asked(), "nor is it time for another poll")

	w.entry().Poll.Hours = config.Hours{}
	w.put(102)
	require.Equal(t, 1, w.round().Marks.Last.Started, "wider hours count at once")
}
