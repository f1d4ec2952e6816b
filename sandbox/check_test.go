package main

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/tampuuri"
)

func TestTheEndOfANoticeIsCheckedForWhatIsMissingAndWhatIsTooMuch(t *testing.T) {
	entry := hillava.TimeEntry{ID: "E-1", Date: "2026-02-05", Resource: hillava.Resource{Name: "Testi Huoltaja"}, CustomerSummary: "Tiiviste"}
	step := tampuuri.Toimenpide{ID: 901, Paivamaara: "2026-02-05", Resurssi: "Testi Huoltaja", Yhteenveto: "Tiiviste"}
	other := step
	other.Resurssi = "Toinen Huoltaja"
	told := func(states ...string) []tampuuri.Notification {
		var all []tampuuri.Notification
		for _, state := range states {
			all = append(all, tampuuri.Notification{Tila: state})
		}
		return all
	}
	cases := []struct {
		name    string
		state   string
		steps   []tampuuri.Toimenpide
		told    []tampuuri.Notification
		problem string // "" = all well
	}{
		{"all as it should be", "Valmis", []tampuuri.Toimenpide{step}, told("Tehty", "Valmis"), ""},
		{"still Tehty", "Tehty", []tampuuri.Toimenpide{step}, told("Tehty", "Valmis"), "should be Valmis"},
		{"no toimenpide", "Valmis", nil, told("Tehty", "Valmis"), "it has 0 for 1"},
		{"the toimenpide twice", "Valmis", []tampuuri.Toimenpide{step, step}, told("Tehty", "Valmis"), "it has 2 for 1"},
		{"another resource", "Valmis", []tampuuri.Toimenpide{other}, told("Tehty", "Valmis"), "differs from time entry E-1"},
		{"told of Tehty twice", "Valmis", []tampuuri.Toimenpide{step}, told("Tehty", "Tehty", "Valmis"), "once each"},
		{"never told of Tehty", "Valmis", []tampuuri.Toimenpide{step}, told("Valmis"), "once each"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := checkNotice(map[string]any{"Tila": c.state, "Toimenpiteet": c.steps, "Ilmoitukset": c.told}, hillava.TaskDump{TimeEntries: []hillava.TimeEntry{entry}})
			if c.problem == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.problem)
		})
	}
}

func TestWrongArgumentsAreRefused(t *testing.T) {
	for says, args := range map[string][]string{
		"unknown flag: --onc; did you mean --once?":                                    {"--onc"},
		`takes flags only, and "once" is none`:                                         {"once"},
		`--port takes a whole number, like 5, and "eighty" is none`:                    {"--port", "eighty"},
		`--once takes true or false, and "x" is none`:                                  {"--once=x"},
		`--timeout takes a time above zero, like 90s, 10m or 1h30m, and "-5s" is none`: {"--timeout", "-5s"},
	} {
		var messages bytes.Buffer
		_, err := parse(args, &messages)
		require.EqualError(t, err, says)
		require.Equal(t, "sandbox: "+says+"\nsandbox --help tells more\n", messages.String())
	}
	s, err := parse([]string{"--once", "--json"}, io.Discard)
	require.NoError(t, err)
	require.True(t, s.once && s.json)
}
