package stack

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestALongBuildShowsHowFarItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var shown strings.Builder
		m := newMeter(&shown, 200)
		for range 4 {
			for range 25 {
				_, err := m.Write([]byte("example.org/package\n"))
				require.NoError(t, err)
			}
			<-time.After(6 * time.Second) // fake time: the bubble moves on at once
		}
		m.finish()
		require.Equal(t, strings.Join([]string{
			"  built    1 of 200 packages,   0 %, 0s elapsed",
			"  built   26 of 200 packages,  13 %, 6s elapsed",
			"  built   51 of 200 packages,  25 %, 12s elapsed",
			"  built   76 of 200 packages,  38 %, 18s elapsed",
			"  built  100 of 200 packages,  50 %, 24s elapsed", "",
		}, "\n"), shown.String())
	})
}

func TestAShortBuildShowsNothingAndAFailedOneItsErrorsOnly(t *testing.T) {
	var shown strings.Builder
	m := newMeter(&shown, 3)
	_, err := m.Write([]byte("example.org/a\n# example.org/b\nb/b.go:1:1: syntax error\n"))
	require.NoError(t, err)
	m.finish()
	require.Empty(t, shown.String())
	require.Equal(t, "# example.org/b\nb/b.go:1:1: syntax error", m.messages())
}
