package doctor

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/customers/customerstest"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/speech"
)

func TestDoctorTellsWhatTheWorkerWouldRefuse(t *testing.T) {
	missing := errors.New("FINGERPRINT_KEY: is not set")
	require.Equal(t, passed, checkWorkerSettings(nil, nil, nil).Verdict)
	found := checkWorkerSettings(nil, missing, nil)
	require.Equal(t, failed, found.Verdict)
	require.Contains(t, found.Found.In(speech.English), "FINGERPRINT_KEY")
	require.Equal(t, skipped, checkWorkerSettings(errors.New("HTTP_TIMEOUT: not a duration"), missing, nil).Verdict, "told once")
	require.Equal(t, skipped, checkWorkerSettings(nil, missing, errors.New(missing.Error())).Verdict, "told once")
	require.Equal(t, failed, checkWorkerSettings(nil, missing, errors.New("another")).Verdict)
}

func TestDoctorWarnsOfVariablesThatBeginLikeOurs(t *testing.T) {
	found := checkEnvironment(nil, []string{"WEBHOOK_PORT", "WORKER_ID"})
	require.Equal(t, warned, found.Verdict)
	require.Contains(t, found.Found.In(speech.English), "no program of ours knows WEBHOOK_PORT, WORKER_ID")
}

func TestWhileTheCustomersFileCannotBeReadNothingIsSaidOfItsEntries(t *testing.T) {
	unreadable := errors.New("customers file customers.yaml: line 3: is not valid YAML")
	unused := func(config.Customer) (customers.Browser, error) { return nil, errAway }
	findings := checkCustomers(t.Context(), nil, unreadable, []hillava.Customer{{ID: "c", ExternalID: "esimerkki"}, {ID: "d"}}, unused, customerstest.LastGood)
	require.Len(t, findings, 2)
	require.Equal(t, skip(named("customer %s: entry", "esimerkki"), noEntries()), findings[0])
	require.Equal(t, warned, findings[1].Verdict, "one without Tunniste can have no entry")
	require.Equal(t, skipped, checkExposed(nil, unreadable)[0].Verdict)
	requirePassed(t, checkExposed(nil, unreadable)[1])

	for _, found := range checkPolls(t.Context(), goodServer(), nil, unreadable, customerstest.LastGood) {
		require.Equal(t, skip(found.Check, noEntries()), found)
	}
}

func TestDoctorShowsThePlaceInTheCustomersFileWithACaret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "customers.yaml")
	require.NoError(t, os.WriteFile(path, []byte("customers:\n  - tunniste: a\n    name: A\n    - tunniste: b\n      name: B\n"), 0o600))
	_, err := config.LoadCustomers(path, 0)
	rows := cellsOf(Diagnosis{checkCustomersFile(nil, err), ok(named("polls"), quoted("x"))}, speech.English)
	require.Len(t, rows, 4)
	inFinnish := cellsOf(Diagnosis{checkCustomersFile(nil, err)}, speech.Finnish)
	require.Contains(t, inFinnish[0][2], "rivi 4: ei ole oikeaa YAMLia; korjaa se")
	require.Equal(t, rows[1:3], inFinnish[1:], "the place is as it was")
	require.Contains(t, rows[0][2], "line 4: is not valid YAML")
	require.Contains(t, rows[0][2], "→ correct the file")
	require.Contains(t, rows[1][2], "4 |     - tunniste: …")
	require.Equal(t, strings.Index(rows[1][2], "- tunniste"), strings.Index(rows[2][2], "^"), "the caret stands under the dash")
	require.Contains(t, rows[2][2], "an entry begins with a dash in column 3")
}
