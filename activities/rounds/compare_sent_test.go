package rounds

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
)

// One set of changes is told from another by what they say, without holding any of it.
func TestTheDigestOfChangesHoldsNothingOfThem(t *testing.T) {
	r := New(Options{Keyer: testKeyer(t)})
	changes := []notice.EntryChange{{EntryID: "E-1", Kind: notice.EntryEdited}}
	digest := func(summary string) string {
		return r.digestOf(changes, []notice.TimeEntry{{ID: "E-1", Date: "2026-03-01", Summary: summary}})
	}
	require.Equal(t, digest("a"), digest("a"))
	require.NotEqual(t, digest("a"), digest("b"))
	require.Len(t, digest("salainen"), 16)
	require.False(t, strings.Contains(digest("salainen"), "salainen"))
}
