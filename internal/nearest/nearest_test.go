package nearest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNamesAreWhatSomebodyMayHaveMeant(t *testing.T) {
	names := []string{"list", "show", "resend", "retry", "dismiss"}
	for typed, want := range map[string][]string{"lst": {"list"}, "resned": {"resend"}, "Show": {"show"}, "retyr": {"retry"}, "dis": {"dismiss"}, "xyzzyx": nil} {
		require.Equal(t, want, Names(typed, names, 1), typed)
	}
	require.Equal(t, []string{"50026", "50027"}, Names("50026", []string{"50027", "1", "50026"}, 3), "the nearest first")
}
