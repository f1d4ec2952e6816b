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
			require.Equal(t, row.warned, len(warning) == 1, warning)
			if row.warned {
				require.NotContains(t, warning[0].String(), "s3cr3t")
				require.Contains(t, warning[0].String(), "holds credentials of esimerkki")
				require.Contains(t, warning[0].String(), "chmod 600")
			}
		})
	}
	require.Empty(t, ExposedCredentials(folder+"/none", []Customer{{inline: true}}))
}

func TestASecretFileThatOthersMayReadIsTakenAndWarnedOfOnce(t *testing.T) {
	folder := t.TempDir()
	avain := writeFile(t, folder, "avain", "s3cr3t-avain")
	require.NoError(t, os.Chmod(avain, 0o644))
	path := writeFile(t, folder, "customers.yaml", "customers:"+goodEntry+strings.Replace(goodEntry, "esimerkki", "toinen", 1))
	require.NoError(t, os.Chmod(path, 0o604))
	customers, err := LoadCustomers(path, testPollEvery)
	require.NoError(t, err)
	for _, customer := range customers {
		require.Empty(t, customer.Faults)
		require.Equal(t, "s3cr3t-avain", customer.Credentials.Avain.Reveal())
	}
	exposed := ExposedCredentials(path, customers)
	require.Len(t, exposed, 2, "both customers name the same file")
	require.Contains(t, exposed[0].String(), path+" holds credentials of esimerkki, toinen and can be read by others (mode 0604)")
	require.Contains(t, exposed[1].String(), avain+" holds a secret and can be read by others (mode 0644); ")
	require.Contains(t, exposed[1].String(), "chmod 600 on it")
	require.NotContains(t, exposed[1].String(), "s3cr3t")
}

func TestTheRegistryWarnsOnceOfEachFileWhenItSeesThatOthersMayReadIt(t *testing.T) {
	registry, advance, folder, path := newTestRegistry(t)
	var warned []string
	registry.warn = func(exposed Exposed) { warned = append(warned, exposed.Path) }
	secret := folder + "/avain"
	require.NoError(t, os.Chmod(secret, 0o644), "its content and its time stay as they were")
	for range 2 {
		advance()
		customer, _ := registry.Customer("esimerkki")
		require.Empty(t, customer.Faults)
		require.NoError(t, registry.Reload())
	}
	require.Equal(t, []string{secret}, warned)
	require.NoError(t, os.Chmod(path, 0o644))
	require.NoError(t, registry.Reload())
	require.Equal(t, []string{secret, path}, warned)
}

func TestVariablesNameFilesThatOthersMayRead(t *testing.T) {
	folder := t.TempDir()
	open := func(name, content string) string {
		path := writeFile(t, folder, name, content)
		require.NoError(t, os.Chmod(path, 0o644))
		return path
	}
	variables := workerVariables(t)
	delete(variables, "HILLAVA_TOKEN")
	variables["HILLAVA_TOKEN_FILE"] = open("token", "s3cr3t-token")
	worker, err := loadWorker(variables)
	require.NoError(t, err)
	require.Equal(t, "s3cr3t-token", worker.HillavaToken.Reveal())
	require.Len(t, worker.Exposed, 1)
	require.Equal(t, variables["HILLAVA_TOKEN_FILE"], worker.Exposed[0].Path)
	require.NotContains(t, worker.Exposed[0].String(), "s3cr3t")

	files := someTLSFiles(t)
	require.NoError(t, os.Chmod(files.KeyFile, 0o644))
	require.NoError(t, os.Chmod(files.CertFile, 0o644), "which is no secret")
	secret := open("webhook", "whsec_x")
	serve, err := loadServe(map[string]string{"HILLAVA_WEBHOOK_SECRET_FILE": secret, "WEBHOOK_TLS_CERT_FILE": files.CertFile, "WEBHOOK_TLS_KEY_FILE": files.KeyFile})
	require.NoError(t, err)
	require.Len(t, serve.Exposed, 2)
	require.Equal(t, []string{secret, files.KeyFile}, []string{serve.Exposed[0].Path, serve.Exposed[1].Path})
}
