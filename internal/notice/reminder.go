package notice

import (
	"fmt"
	"time"
)

// UnapprovedNote reminds the office that Laskutettu waits for so many time entries to be approved, as the customer
// takes approved ones only.
func UnapprovedNote(at time.Time, unapproved int) string {
	return fmt.Sprintf("%s: Laskutettu odottaa, sillä %d tuntikirjausta on hyväksymättä. "+
		"Tampuuriin viedään vain hyväksytyt kirjaukset: hyväksy ne, niin ilmoitus kuitataan valmiiksi itsestään.", onDay(at), unapproved)
}
