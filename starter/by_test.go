package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"tampuuri-hillava/internal/terminal"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

func TestByTakesAUserNameOnly(t *testing.T) {
	for _, command := range []string{
		"customers sync", "customers poll esimerkki", "customers pause esimerkki", "customers resume esimerkki", "customers open esimerkki", "customers close esimerkki", "customers confirm-name esimerkki", "notice resend esimerkki/1", "notice retry esimerkki/1", "notice dismiss esimerkki/1", "notice import esimerkki 1", "notice erase esimerkki/1",
	} {
		for _, by := range []string{"", " ", "Testi Henkilö", "a\nb", "a\x1b[31m", "040 123 4567", "+358401234567", "DOMAIN\\user", strings.Repeat("a", 65)} {
			var stderr bytes.Buffer
			require.Equal(t, exitUsage, run(t.Context(), append(strings.Fields(command), "--by", by), terminal.Output{Stdout: io.Discard, Stderr: &stderr}), "%s --by %q", command, by)
			require.Contains(t, stderr.String(), "1 to 64 letters, digits and . _ @ -")
		}
	}
	for _, by := range []string{"toimisto", "Väinö.Åström", "user@firma", "a_b-c.9", strings.Repeat("ä", 64)} {
		command := &cobra.Command{}
		given := byFlag(command)
		require.NoError(t, command.ParseFlags([]string{"--by", by}), by)
		require.Equal(t, by, *given)
	}
}
