package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// loadWith puts lines at the end of the good entry, and gives it.
func loadWith(t *testing.T, lines string) Customer {
	t.Helper()
	customers, err := load(t, goodEntry+"    "+lines+"\n")
	require.NoError(t, err, lines)
	return customers[0]
}

// notations are the ways in which YAML 1.1 and 1.2 write a number otherwise than in decimal digits. Each would be another
// number than a reader takes it for, or is no number at all.
var notations = []string{
	"0x10", "0X10", "-0x10", "0o10", "0b1", "1_000", "_1", "1e3", "1E3", "1e+3", "1:30", "190:20:30", ".inf", "-.Inf", ".nan", "1,5",
	"1 000", "'4711'", `"4711"`, "!!str 4711", "!!int 0x10", "true", "2026-01-15", "[1]", "{a: 1}", "４７１１", "|\n          5",
}

func TestAWholeNumberIsItsDecimalDigitsOrAFault(t *testing.T) {
	for written, want := range map[string]int64{
		"4711": 4711, "04711": 4711, "0089": 89, "+5": 5, "1": 1, "010": 10, "9223372036854775807": 9223372036854775807, "00000000000000000000012": 12,
	} {
		customers, err := load(t, strings.Replace(goodEntry, "[4711]", "["+written+"]", 1))
		require.NoError(t, err, written)
		require.Empty(t, customers[0].Faults, written)
		require.Equal(t, []int64{want}, customers[0].PerformerIDs, written)
		customer := loadWith(t, "poll: {max_new: "+written+"}")
		require.Empty(t, customer.Faults, written)
		require.EqualValues(t, want, customer.Poll.MaxNew, written)
	}
	for _, written := range append(notations, "1.5", "4711.0", "9223372036854775808", "0", "-1", "000") {
		customers, err := load(t, strings.Replace(goodEntry, "[4711]", "\n      - 12\n      - "+written, 1))
		require.NoError(t, err, written)
		require.Len(t, customers[0].Faults, 1, "%s: %v", written, customers[0].Faults)
		require.Contains(t, customers[0].Faults[0], "performer_ids", written)
		require.Empty(t, customers[0].PerformerIDs, written)
		customer := loadWith(t, "poll:\n      max_new: "+written)
		require.Len(t, customer.Faults, 1, "%s: %v", written, customer.Faults)
		require.Contains(t, customer.Faults[0], "poll.max_new", written)
		require.Equal(t, defaultMaxNew, customer.Poll.MaxNew, written)
	}
}

func TestANumberIsItsDecimalDigitsOrAFault(t *testing.T) {
	for written, want := range map[string]float64{"1": 1, "2.5": 2.5, "010": 10, "08": 8, "01.50": 1.5, ".5": .5, "1.": 1, "+5": 5} {
		customer := loadWith(t, "task: {workload_hours: "+written+"}")
		require.Empty(t, customer.Faults, written)
		require.InDelta(t, want, customer.Task.WorkloadHours, 0, written)
	}
	for _, written := range append(notations, "0", "0.0", "-1", "-.5", "1.2.3", strings.Repeat("9", 400)) {
		customer := loadWith(t, "task:\n      workload_hours: "+written)
		require.Len(t, customer.Faults, 1, "%s: %v", written, customer.Faults)
		require.Contains(t, customer.Faults[0], "task.workload_hours", written)
		require.InDelta(t, defaultWorkloadHours, customer.Task.WorkloadHours, 0, written)
	}
}

// TestATextIsWhatIsWritten: no text turns into the number, the date or the truth value that YAML would see in it.
func TestATextIsWhatIsWritten(t *testing.T) {
	for _, written := range []string{
		"0123", "007", "1e3", "0x10", "0o10", "0b1", "1_000", "+5", "1:30", ".inf", ".5", "yes", "no", "on", "off", "y", "true", "False",
		"2026-01-15", "12", "-1", "1.50", "99999999999999999999", "<<",
	} {
		entry := strings.NewReplacer("tili: t", "tili: "+written, "salasana: s3cr3t-value", "salasana: "+written, "name: Esimerkki Isännöinti Oy", "name: "+written,
			`reference: "Sopimus 2026-17"`, "reference: "+written, "recorded_by: toimisto", "recorded_by: "+written).Replace(goodEntry) + "    confirmed_names: [" + written + "]\n"
		if ValidTunniste(written) {
			entry = strings.Replace(entry, "tunniste: esimerkki", "tunniste: "+written, 1) + "    formerly: [" + written + "x]\n"
		}
		customers, err := load(t, entry)
		require.NoError(t, err, written)
		customer := customers[0]
		require.Empty(t, customer.Faults, written)
		if ValidTunniste(written) {
			require.Equal(t, written, customer.Tunniste)
		}
		require.Equal(t, written, customer.Credentials.Tili.Reveal())
		require.Equal(t, written, customer.Credentials.Salasana.Reveal())
		require.Equal(t, written, customer.Name)
		require.Equal(t, Consent{Reference: written, Date: customer.Consent.Date, RecordedBy: written}, customer.Consent)
		require.Equal(t, []string{written}, customer.ConfirmedNames)
	}
	for _, written := range []string{"[a]", "{a: b}", "!vault abc", "!!binary YWJj"} {
		customers, err := load(t, strings.Replace(goodEntry, "tili: t", "tili: "+written, 1))
		require.NoError(t, err, written)
		require.Len(t, customers[0].Faults, 1, written)
		require.Contains(t, customers[0].Faults[0], "credentials.tili has ", written)
	}
}

func TestTrueAndFalseAreTheWordsForThem(t *testing.T) {
	for word, want := range map[string]bool{
		"true": true, "True": true, "yes": true, "on": true, "y": true, "YES": true, "'true'": true,
		"false": false, "no": false, "off": false, "n": false, "NO": false, `"no"`: false,
	} {
		customer := loadWith(t, fmt.Sprintf("notify: {tehty: %s, valmis: %s}", word, word))
		require.Empty(t, customer.Faults, word)
		require.Equal(t, Notify{want, want}, customer.Notify, word)
	}
	for _, word := range []string{"1", "0", "ei", "kyllä"} {
		customer := loadWith(t, fmt.Sprintf("notify: {tehty: %s}", word))
		require.Len(t, customer.Faults, 1, word)
		require.True(t, customer.Notify.Tehty, word)
	}
}

func TestADayIsADay(t *testing.T) {
	for _, written := range []string{"2026-2-1", "2026-02-30", "01.02.2026", "20260201", "2026-02-01T00:00:00Z", "2026-02-01 00:00:00", "02026-02-01", "[2026-02-01]"} {
		customers, err := load(t, strings.Replace(goodEntry, "start_date: 2026-02-01", "start_date: "+written, 1))
		require.NoError(t, err, written)
		require.Len(t, customers[0].Faults, 1, written)
		require.Contains(t, customers[0].Faults[0], "start_date", written)
		require.True(t, customers[0].StartDate.IsZero(), written)
	}
}

func TestDurationsAndHoursAreNoOtherTimes(t *testing.T) {
	for _, written := range []string{"every: 300", "every: 05", "every: 1:30", "every: 0x5m", "every: 1e3s", "every: -5m", "every: 0s", "hours: 6", "hours: 06:00", "hours: 0600-2200", "hours: 06:00-25:00", "hours: [6, 22]"} {
		customer := loadWith(t, "poll: {"+written+"}")
		require.Len(t, customer.Faults, 1, "%s: %v", written, customer.Faults)
		require.Equal(t, Poll{Every: testPollEvery, MaxNew: defaultMaxNew}, customer.Poll, written)
	}
	require.Equal(t, "06:00-22:00", loadWith(t, "poll: {hours: 6:00-22:00}").Poll.Hours.String())
}
