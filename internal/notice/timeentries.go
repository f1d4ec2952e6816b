package notice

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// summaryLimit is Tampuuri's limit of Yhteenveto in UTF-16 code units, in which .NET counts characters.
const summaryLimit = 8000

// SortTimeEntries gives a copy of entries in the order in which they become toimenpiteet: date, resource name, id.
func SortTimeEntries(entries []TimeEntry) []TimeEntry {
	sorted := slices.Clone(entries)
	slices.SortStableFunc(sorted, func(a, b TimeEntry) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.ID, b.ID))
	})
	return sorted
}

// ToimenpideOf is the toimenpide that reports a time entry: date, resource, summary to the customer, as they were written but for
// the control characters that Tampuuri may refuse. A summary over 8000 UTF-16 code units is cut with a visible mark; an empty one
// stays empty, as the entry is sent all the same.
func ToimenpideOf(e TimeEntry) Toimenpide {
	return Toimenpide{
		Date:     e.Date,
		Resource: withoutControls(e.Resource),
		Summary:  shortenUTF16(withoutControls(e.Summary), summaryLimit),
	}
}

// withoutControls is a text in valid UTF-8 without the characters that XML, and so many a .NET program, cannot hold.
func withoutControls(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && !strings.ContainsRune("\t\n\r", r) || r == '\uFFFE' || r == '\uFFFF' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

func shortenUTF16(s string, limit int) string {
	if len(s) <= limit { // no text has more code units than bytes
		return s
	}
	room := limit - len(utf16.Encode([]rune(cutMark)))
	units, end := 0, 0 // end: bytes that fit before the mark
	for i, r := range s {
		size := utf16.RuneLen(r)
		if units+size <= room {
			end = i + utf8.RuneLen(r)
		}
		units += size
	}
	if units <= limit {
		return s
	}
	return s[:end] + cutMark
}
