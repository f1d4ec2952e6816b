package finnish

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStems(t *testing.T) {
	for name, form := range map[string]string{
		"virtanen": "virtase", "markus": "markukse", "asukas": "asukkaa", "ranta": "ranna", "niemi": "nien",
		"ahven": "ahvene", "manner": "mantere", "sydan": "sydame", "kevat": "kevaa", "salo": "salo", "joki": "joe",
	} {
		require.Contains(t, Stems(name), form, name)
		require.Equal(t, name, Stems(name)[0], "itself first")
	}
	require.Equal(t, []string{"aho"}, Stems("aho"), "three letters are their own stem")
}
