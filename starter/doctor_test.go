package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDoctorSpeaksTheLanguageOfItsReader lets it fail at once, as no address is one.
func TestDoctorSpeaksTheLanguageOfItsReader(t *testing.T) {
	for name, row := range map[string]struct {
		arguments []string
		locale    string
		row       string
		said      string
	}{
		"by default":             {nil, "", "✗  customers file", "at least one check failed"},
		"by the locale":          {nil, "fi_FI.UTF-8", "✗  asiakastiedosto", "ainakin yksi kohta on korjattava"},
		"asked for":              {[]string{"--lang", "fi"}, "en_US.UTF-8", "✗  asiakastiedosto", "ainakin yksi kohta on korjattava"},
		"asked for the other":    {[]string{"--lang", "en"}, "fi_FI.UTF-8", "✗  customers file", "at least one check failed"},
		"to programs":            {[]string{"--json"}, "fi_FI.UTF-8", `"do": "correct the file; `, "at least one check failed"},
		"to programs that asked": {[]string{"--json", "--lang", "fi"}, "", `"do": "korjaa tiedosto; `, "ainakin yksi kohta on korjattava"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"LC_ALL", "LC_MESSAGES", "LANG", "HILLAVA_URL"} {
				t.Setenv(variable, "")
			}
			t.Setenv("LC_MESSAGES", row.locale)
			t.Setenv("TEMPORAL_ADDRESS", "none")
			t.Setenv("CUSTOMERS_FILE", t.TempDir()+"/none.yaml")
			out, stdout, stderr := printed(0)
			require.Equal(t, exitFailed, run(t.Context(), append([]string{"doctor"}, row.arguments...), out))
			require.Contains(t, stdout.String(), row.row)
			require.Contains(t, stderr.String(), "starter doctor: "+row.said)
			if row.arguments != nil && row.arguments[0] == "--json" {
				var answer struct {
					OK     *bool
					Checks []struct{ Check, Verdict string }
				}
				require.NoError(t, json.Unmarshal(stdout.Bytes(), &answer))
				require.False(t, *answer.OK)
				require.Equal(t, "customers file", answer.Checks[2].Check)
				require.Equal(t, "failed", answer.Checks[2].Verdict)
			}
		})
	}
}
