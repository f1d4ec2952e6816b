package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheLocaleTellsWhoReadsFinnish(t *testing.T) {
	for _, row := range []struct {
		all, messages, lang string
		finnish             bool
	}{
		{"", "", "", false},
		{"", "", "fi_FI.UTF-8", true},
		{"", "", "fi", true},
		{"", "", "fi.UTF-8", true},
		{"", "", "fil_PH.UTF-8", false}, // Filipino
		{"", "en_US.UTF-8", "fi_FI.UTF-8", false},
		{"", "fi_FI.UTF-8", "en_US.UTF-8", true},
		{"C", "fi_FI.UTF-8", "fi_FI.UTF-8", false},
		{"fi_FI", "C", "C", true},
		{"C.UTF-8", "", "fi_FI", false},
	} {
		t.Setenv("LC_ALL", row.all)
		t.Setenv("LC_MESSAGES", row.messages)
		t.Setenv("LANG", row.lang)
		require.Equal(t, row.finnish, FinnishWanted(), row)
	}
}
