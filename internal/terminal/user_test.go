package terminal

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWithoutByTheSystemsUserNameIsTaken(t *testing.T) {
	for username, want := range map[string]string{
		"toimisto": "toimisto", "DOMAIN\\user": "DOMAIN-user", "Testi Käyttäjä": "Testi-Käyttäjä", "": "operator", "a\nb": "a-b",
		strings.Repeat("ä", 65): strings.Repeat("ä", 64), "\xff": "-",
	} {
		require.Equal(t, want, operator(username))
		require.Regexp(t, byPattern, operator(username))
	}
	require.True(t, IsUserName(User()))
}
