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
		m := newMeter(&shown)
		<-time.After(4 * time.Second) // fake time: the bubble moves on at once
		m.compiles(200)
		for range 4 {
			_, err := m.Write([]byte(strings.Repeat("example.org/package\n", 25)))
			require.NoError(t, err)
			<-time.After(5 * time.Second)
		}
		m.finish()
		require.Equal(t, strings.Join([]string{
			"  finding out what must be compiled, 3s elapsed",
			"  built   25 of 200 packages,  12 %, 8s elapsed",
			"  built   50 of 200 packages,  25 %, 13s elapsed",
			"  built   75 of 200 packages,  37 %, 18s elapsed",
			"  built  100 of 200 packages,  50 %, 23s elapsed",
			"  built  100 of 200 packages,  50 %, 24s elapsed", "",
		}, "\n"), shown.String())
	})
}

func TestAShortBuildShowsNothingAndAFailedOneItsErrorsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var shown strings.Builder
		m := newMeter(&shown)
		m.compiles(3)
		_, err := m.Write([]byte("example.org/a\n# example.org/b\nb/b.go:1:1: syntax error\n"))
		require.NoError(t, err)
		<-time.After(2 * time.Second)
		m.finish()
		require.Empty(t, shown.String())
		require.Equal(t, "# example.org/b\nb/b.go:1:1: syntax error", m.messages())
	})
}
