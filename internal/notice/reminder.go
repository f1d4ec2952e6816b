package notice

import (
	"fmt"
	"time"
)

// UninvoicedNote reminds the office, the round-th time, that a task whose notice is Tehty since that day has not become
// Laskutettu.
func UninvoicedNote(at, since time.Time, round int) string {
	return fmt.Sprintf("%s: Muistutus %d: ilmoitus kuitattiin tehdyksi Tampuuriin %s, mutta tehtävä ei ole vielä Laskutettu. "+
		"Kun työ on laskutettu, siirrä tehtävä tilaan Laskutettu, niin ilmoitus kuitataan valmiiksi.", onDay(at), round, onDay(since))
}

// UnapprovedNote reminds the office that Laskutettu waits for so many time entries to be approved, as the customer
// takes approved ones only.
func UnapprovedNote(at time.Time, unapproved int) string {
	return fmt.Sprintf("%s: Laskutettu odottaa, sillä %d tuntikirjausta on hyväksymättä. "+
		"Tampuuriin viedään vain hyväksytyt kirjaukset: hyväksy ne, niin ilmoitus kuitataan valmiiksi itsestään.", onDay(at), unapproved)
}
