package notice_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
)

func TestTheExternalIDIsTheGuidOrElseDerivedFromTheNumber(t *testing.T) {
	const derived = "40ef2650-c7cc-5462-86ff-a6b97bfd425b" // the specification's example
	for _, row := range []struct{ about, guid, want string }{
		{"as it is", "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11", "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"},
		{"lower case", "5B0C1F1E-6A0E-4A58-9C0B-2F6F5A0D7E11", "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"},
		{"without braces", "{5B0C1F1E-6A0E-4A58-9C0B-2F6F5A0D7E11}", "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"},
		{"without spaces", " 5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11\n", "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"},
		{"missing", "", derived},
		{"all zero", "00000000-0000-0000-0000-000000000000", derived},
		{"all zero in braces", "{00000000-0000-0000-0000-000000000000}", derived},
		{"not hexadecimal", "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e1x", derived},
		{"dashes elsewhere", "5b0c1f1e6-a0e-4a58-9c0b-2f6f5a0d7e11", derived},
		{"without dashes", "5b0c1f1e6a0e4a589c0b2f6f5a0d7e11", derived},
		{"a URN", "urn:uuid:5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11", derived},
		{"half a brace", "{5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11", derived},
		{"a path", "../../../../../../../../../../etc/passwd", derived},
	} {
		t.Run(row.about, func(t *testing.T) {
			require.Equal(t, row.want, notice.ExternalID("esimerkki", 101, row.guid))
		})
	}
}

func TestEqualNumbersOfTwoCustomersHaveTwoExternalIDs(t *testing.T) {
	require.NotEqual(t, notice.ExternalID("esimerkki", 101, ""), notice.ExternalID("toinen", 101, ""))
	require.NotEqual(t, notice.ExternalID("esimerkki", 101, ""), notice.ExternalID("esimerkki", 102, ""))
}

func FuzzExternalID(f *testing.F) {
	f.Add("esimerkki", int64(101), "{5B0C1F1E-6A0E-4A58-9C0B-2F6F5A0D7E11}")
	f.Add("", int64(-1), "{}")
	f.Fuzz(func(t *testing.T, tunniste string, id int64, guid string) {
		got := notice.ExternalID(tunniste, id, guid)
		parsed, err := uuid.Parse(got)
		if err != nil || parsed == uuid.Nil || parsed.String() != got {
			t.Fatalf("%q is no UUID in lower case", got)
		}
	})
}
