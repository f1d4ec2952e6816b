package mask

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Joined without end, a text of single letters would take the square of its length.
func TestNotAnyNumberOfLettersBecomesOneWord(t *testing.T) {
	text := []rune(strings.Repeat("a ", 5*fieldLimit))
	whole, broken := joinBroken(text, tokensOf(text))
	require.True(t, broken)
	require.Len(t, whole, 5)
}
