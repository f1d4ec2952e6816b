package config

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCredentialsInACustomersFileThatOthersMayReadAreWarnedOf(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"avain", "salasana"} {
		writeFile(t, folder, name, "a-value-of-its-own")
	}
	inFiles := strings.Replace(goodEntry, "salasana: s3cr3t-value", "salasana_file: salasana", 1)
	for name, row := range map[string]struct {
		entries string
		mode    os.FileMode
		warned  bool
	}{
		"salasana in it, for all":   {goodEntry, 0o644, true},
		"salasana in it, for group": {goodEntry, 0o640, false},
		"avain in it":               {strings.Replace(inFiles, "avain_file: avain", "avain: s3cr3t-value", 1), 0o644, true},
		"salasana in it, for owner": {goodEntry, 0o600, false},
		"all in files":              {inFiles, 0o644, false},
		"no customer":               {" []", 0o644, false},
	} {
		t.Run(name, func(t *testing.T) {
			path := writeFile(t, folder, "customers.yaml", "customers:"+row.entries)
			require.NoError(t, os.Chmod(path, row.mode))
			customers, err := LoadCustomers(path, testPollEvery)
			require.NoError(t, err)
			for _, customer := range customers {
				require.Empty(t, customer.Faults, "nobody is stopped for it")
			}
			warning := ExposedCredentials(path, customers)
			require.Equal(t, row.warned, warning != nil, warning)
			if row.warned {
				require.NotContains(t, warning.String(), "s3cr3t")
				require.Contains(t, warning.String(), "holds credentials of esimerkki")
				require.Contains(t, warning.String(), "chmod 600")
			}
		})
	}
	require.Empty(t, ExposedCredentials(folder+"/none", []Customer{{inline: true}}))
}
