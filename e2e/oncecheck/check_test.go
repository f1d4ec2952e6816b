package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// good is the output of a run that was as it should be.
func good(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/once.json")
	require.NoError(t, err)
	return string(text)
}

func judge(text string) (exitCode int, out, messages string) {
	var printed, said strings.Builder
	exitCode = run(strings.NewReader(text), &printed, &said)
	return exitCode, printed.String(), said.String()
}

func TestAGoodRunPasses(t *testing.T) {
	code, out, messages := judge(good(t))
	require.Zero(t, code, messages)
	require.Empty(t, messages)
	require.Contains(t, out, "40 events")
}

func TestWhateverIsNotAsItShouldBeIsFound(t *testing.T) {
	for name, c := range map[string]struct{ old, spoilt, finding string }{
		"still Tehty":               {`"Tila": "Valmis",` + "\n        \"Tilaaja\"", `"Tila": "Tehty",` + "\n        \"Tilaaja\"", "Tila should be"},
		"notified of Tehty twice":   {`"Tila": "Valmis",` + "\n            \"At\"", `"Tila": "Tehty",` + "\n            \"At\"", "notified of"},
		"no toimenpide":             {`"Toimenpiteet": [`, `"Toimenpiteet": [], "Others": [`, "the number of toimenpiteet"},
		"no time entry":             {`"timeEntries": [`, `"timeEntries": [], "others": [`, "should have a time entry"},
		"the toimenpide's date":     {`"Paivamaara": "2026-11-25"`, `"Paivamaara": "2026-11-24"`, "Paivamaara"},
		"the toimenpide's resource": {`"Resurssi": "Testi Huoltaja"`, `"Resurssi": "R-1"`, "Resurssi"},
		"the toimenpide's summary":  {`"Yhteenveto": "Vaihdettu`, `"Yhteenveto": "Ostettu`, "Yhteenveto"},
		"title":                     {`"title": "A 12"`, `"title": "Valmis"`, "title (Otsikko)"},
		"description":               {`Tila/huoneisto: A 12\n`, ``, "description (Kuvaus)"},
		"additional text":           {`\nKotieläimet: Koira`, ``, "additionalInfo (Lisätieto)"},
		"a target":                  {`"targetId": null`, `"targetId": "K-1"`, "targetId (Kohde)"},
		"start":                     {`"startDate": "2026-11-26T05:07:38+02:00"`, `"startDate": "2026-11-26T03:07:38Z"`, "startDate (Aloituspvm)"},
		"end":                       {`"endDate": "2026-11-28T05:07:38+02:00"`, `"endDate": null`, "endDate (Lopetuspvm)"},
		"a time that is none":       {`"SuoritusaikaAikaisintaan": "2026-11-26T03:07:38Z"`, `"SuoritusaikaAikaisintaan": "soon"`, "startDate (Aloituspvm)"},
		"workload":                  {`"workloadHours": 1`, `"workloadHours": 2`, "workloadHours (Työmääräarvio)"},
		"delivery customer":         {`"deliveryCustomerId": "C-1001"`, `"deliveryCustomerId": "C-1002"`, "deliveryCustomerId (Toimitusasiakas)"},
		"no billing customer":       {`"billingCustomerId": "C-1001"`, `"billingCustomerId": ""`, "billingCustomerId (Laskutusasiakas)"},
		"street":                    {`"street": "Testipolku 4"`, `"street": ""`, "deliveryAddress.street (Toimitusosoite)"},
		"second row":                {`"street2": "A 12"`, `"street2": ""`, "deliveryAddress.street2 (Toimitusosoite)"},
		"postal code":               {`"postalCode": "00100"`, `"postalCode": "100"`, "deliveryAddress.postalCode (Toimitusosoite)"},
		"city":                      {`"city": "Helsinki"`, `"city": ""`, "deliveryAddress.city (Toimitusosoite)"},
		"reference":                 {`"billingReference": "50001 / `, `"billingReference": "50002 / `, "billingReference (Laskutusviite)"},
		"external id":               {`"externalId": "47c4f02b`, `"externalId": "47C4F02B`, "externalId (Ulkoinen tunniste)"},
		"task type":                 {`"taskTypeId": "TT-1"`, `"taskTypeId": "TT-2"`, "taskTypeId (Tehtävätyyppi)"},
		"another workflow":          {`"workflowId": "notice-47c4f02b`, `"workflowId": "notice-57c4f02b`, "workflowId"},
		"a running workflow":        {`"status": "Completed"`, `"status": "Running"`, "status"},
		"another phase":             {`"phase": "invoiced"`, `"phase": "done"`, "phase"},
		"too many events":           {`"historyEvents": 40`, `"historyEvents": 47`, "historyEvents"},
		"no events":                 {`"historyEvents": 40`, `"historyEvents": 0`, "historyEvents"},
		"no seconds":                {`"seconds": 19.146`, `"seconds": 0`, "seconds"},
		"no task":                   {`"tasks": [`, `"tasks": [], "others": [`, "Hillava should have one task, it has 0"},
		"no notice":                 {`"notices": [`, `"notices": [], "others": [`, "Tampuuri should have one notice, it has 0"},
		"no workflow":               {`"workflows": [`, `"workflows": [], "others": [`, "Temporal should have one workflow, it has 0"},
	} {
		t.Run(name, func(t *testing.T) {
			text := good(t)
			require.Equal(t, 1, strings.Count(text, c.old), "the example has this once: %s", c.old)
			code, _, messages := judge(strings.Replace(text, c.old, c.spoilt, 1))
			require.Equal(t, exitFound, code)
			require.Contains(t, messages, c.finding)
		})
	}
}

func TestWhatIsNoResultCannotBeJudged(t *testing.T) {
	for _, text := range []string{"", "sandbox: cannot start", good(t) + good(t)} {
		code, _, messages := judge(text)
		require.Equal(t, exitFailed, code)
		require.NotEmpty(t, messages)
	}
}
