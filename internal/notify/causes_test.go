package notify

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/speech"
)

var (
	noon   = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	tila   = runs.Cause{Kind: runs.ReasonStateConflict, Customer: "esimerkki"}
	tila2  = runs.Cause{Kind: runs.ReasonStateConflict, Customer: "toinen"}
	polled = runs.Cause{Kind: KindNotPolled, Customer: "esimerkki"}
)

// story is what somebody is told who is always reached, look by look, a minute apart.
type story struct {
	t     *testing.T
	at    time.Time
	seen  []runs.SeenCause
	told  []runs.ToldCause
	quiet bool
}

func (s *story) look(wrong map[runs.Cause]int, unknown ...string) (subjects []string) {
	s.t.Helper()
	look := Look{Wrong: wrong, Unknown: func(c runs.Cause) bool { return slices.Contains(unknown, c.Customer) }}
	s.at = s.at.Add(time.Minute)
	s.seen = see(s.seen, look, s.at, time.Minute)
	for !s.quiet {
		message, after := next(s.seen, s.told, s.at, time.Minute)
		if message == nil {
			break
		}
		s.told = after
		subjects = append(subjects, message.Subject.In(speech.English))
		require.Less(s.t, len(subjects), 10, "it never ends: %v", subjects)
	}
	return subjects
}

func TestACauseIsToldOnceAndOnceWhenItIsOver(t *testing.T) {
	s := &story{t: t, at: noon}
	require.Empty(t, s.look(map[runs.Cause]int{tila: 2}), "it may be a burst that has just begun")
	require.Equal(t, []string{"7 notices wait for a person: state-conflict"}, s.look(map[runs.Cause]int{tila: 7}))
	for range 5 {
		require.Empty(t, s.look(map[runs.Cause]int{tila: 8}), "no message per look, and none per notice")
	}
	require.Empty(t, s.look(nil))
	require.Equal(t, []string{"resolved: notices waited for a person: state-conflict"}, s.look(nil))
	require.Empty(t, s.look(nil))
	require.Empty(t, s.seen)
	require.Empty(t, s.told)
}

func TestAllCustomersOfOneKindAreOneMessage(t *testing.T) {
	s := &story{t: t, at: noon}
	both := map[runs.Cause]int{tila: 4, tila2: 3, polled: 1}
	s.look(both)
	require.Equal(t, []string{"1 customer is not polled", "7 notices wait for a person: state-conflict"}, s.look(both))
	one := map[runs.Cause]int{tila2: 3}
	s.look(one)
	require.Equal(t, []string{"resolved: customers were not polled", "partly resolved: notices waited for a person: state-conflict"}, s.look(one))
}

func TestACauseThatComesBackAtOnceIsNeitherOverNorNew(t *testing.T) {
	s := &story{t: t, at: noon}
	there := map[runs.Cause]int{tila: 1}
	s.look(there)
	require.Len(t, s.look(there), 1)
	for range 4 { // resent, and refused again
		require.Empty(t, s.look(nil))
		require.Empty(t, s.look(there))
	}
}

func TestWhatComesAndGoesIsNotTold(t *testing.T) {
	s := &story{t: t, at: noon}
	for range 4 {
		require.Empty(t, s.look(map[runs.Cause]int{tila: 1}))
		require.Empty(t, s.look(nil))
		require.Empty(t, s.look(nil))
	}
}

func TestACauseThatHasGrownALotIsToldAgain(t *testing.T) {
	s := &story{t: t, at: noon}
	s.look(map[runs.Cause]int{tila: 1})
	require.Len(t, s.look(map[runs.Cause]int{tila: 1}), 1)
	require.Empty(t, s.look(map[runs.Cause]int{tila: 11}))
	require.Equal(t, []string{"12 notices wait for a person: state-conflict"}, s.look(map[runs.Cause]int{tila: 12}))
	require.Empty(t, s.look(map[runs.Cause]int{tila: 33}))
	require.Equal(t, []string{"34 notices wait for a person: state-conflict"}, s.look(map[runs.Cause]int{tila: 34}))
}

func TestWhatNobodyKnowsStaysAsItWas(t *testing.T) {
	s := &story{t: t, at: noon}
	s.look(map[runs.Cause]int{polled: 1})
	require.Len(t, s.look(map[runs.Cause]int{polled: 1}), 1)
	for range 3 {
		require.Empty(t, s.look(nil, "esimerkki"), "its worker has just started")
	}
	s.look(nil)
	require.Equal(t, []string{"resolved: customers were not polled"}, s.look(nil))
}

func TestQuietHoursAreToldOfAfterwards(t *testing.T) {
	s := &story{t: t, at: noon, quiet: true}
	s.look(map[runs.Cause]int{polled: 1})
	for range 3 {
		require.Empty(t, s.look(map[runs.Cause]int{polled: 1, tila: 5}))
	}
	for range 3 {
		require.Empty(t, s.look(map[runs.Cause]int{tila: 5}))
	}
	s.quiet = false
	require.Equal(t, []string{"5 notices wait for a person: state-conflict"}, s.look(map[runs.Cause]int{tila: 5}),
		"what began and ended in them is not told")
}

// allKinds are those of the constants, whatever is added to them, and every attention reason.
func allKinds(t *testing.T) []string {
	source, err := os.ReadFile("causes.go")
	require.NoError(t, err)
	kinds := append(runs.Reasons(), "a reason of a newer worker")
	constants := regexp.MustCompile(`\tKind\w+\s+= "(.+)"`).FindAllStringSubmatch(string(source), -1)
	require.NotEmpty(t, constants)
	for _, found := range constants {
		kinds = append(kinds, found[1])
	}
	return kinds
}

// TestEveryMessageSaysWhyAndWhatToDo, in both languages: no part of a Finnish one is that of the English one.
func TestEveryMessageSaysWhyAndWhatToDo(t *testing.T) {
	for _, kind := range allKinds(t) {
		cause := runs.Cause{Kind: kind, Customer: "esimerkki"}
		var two [2][]string
		for language := range two {
			in := speech.Language(language)
			for _, count := range []int{1, 3} {
				message := begin(kind, []runs.SeenCause{{Cause: cause, Count: count}})
				subject, body := message.Subject.In(in), strings.Split(message.Body.In(in), "\n\n")
				require.Equal(t, fmt.Sprintf("esimerkki %d", count), body[0])
				require.Contains(t, body[2], "starter ", "which command helps with %s", kind)
				require.NotContains(t, subject, "\n")
				require.LessOrEqual(t, len(subjectPrefix+subject), 100, subject)
				two[in] = append(append(two[in], subject), body[1:]...)
			}
			for _, left := range [][]runs.SeenCause{nil, {{Cause: cause, Count: 3}}} {
				message := resolved(kind, []runs.ToldCause{{Cause: cause}}, left)
				two[in] = append(append(two[in], message.Subject.In(in)), strings.Split(message.Body.In(in), "\n\n")...)
			}
			require.NotContains(t, strings.Join(two[in], "\n"), "%!", kind)
		}
		require.Len(t, two[speech.Finnish], len(two[speech.English]))
		for i, english := range two[speech.English] {
			require.NotEqual(t, english, two[speech.Finnish][i], "%s has no Finnish of it", kind)
		}
	}
}

func TestOneIsOne(t *testing.T) {
	one := func(kind string) string { return begin(kind, []runs.SeenCause{{Count: 1}}).Subject.In(speech.English) }
	require.Equal(t, "1 notice waits for a person: two-tasks", one(runs.ReasonTwoTasks))
	require.Equal(t, "1 customer is not polled", one(KindNotPolled))
	require.Equal(t, "Hillava refuses our token", one(KindToken))
}

func TestALongListIsCut(t *testing.T) {
	var present []runs.SeenCause
	for i := range 100 {
		present = append(present, runs.SeenCause{Cause: runs.Cause{Kind: KindNotPolled, Customer: string(rune('A' + i%26))}, Count: 1})
	}
	require.Contains(t, begin(KindNotPolled, present).Body.In(speech.English), " and 70 more")
}

func TestWhatIsGoneForLessThanItTakesToSettleIsNotOver(t *testing.T) {
	there, at := []runs.SeenCause{{Cause: tila, Count: 1, Since: noon}}, noon.Add(time.Hour)
	for _, later := range []time.Duration{0, 20 * time.Second, 40 * time.Second} {
		there = see(there, Look{}, at.Add(later), time.Minute)
		require.Len(t, there, 1, later)
	}
	require.Empty(t, see(there, Look{}, at.Add(time.Minute), time.Minute))
}
