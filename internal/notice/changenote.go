package notice

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tampuuri-hillava/internal/mask"
)

// noteValueLimit keeps notes short, in characters per value; the whole text is in Tampuuri.
const noteValueLimit = 200

// fieldLabels gives the keys of Keyer.Fields their names in Tampuuri's user interface, in the order of a change note.
var fieldLabels = []struct{ field, label string }{
	{"title", "Otsikko"},
	{"description", "Kuvaus"},
	{"space", "Tila/huoneisto"},
	{"property", "Kiinteistö"},
	{"propertyId", "Kohde-id"},
	{"orderer", "Tilaaja"},
	{"reporter", "Ilmoittaja"},
	{"ordererTurvakielto", "Tilaajan turvakielto"},
	{"reporterTurvakielto", "Ilmoittajan turvakielto"},
	{"payerTurvakielto", "Maksajan turvakielto"},
	{"created", "Ilmoitus tehty"},
	{"earliest", "Suoritusaika aikaisintaan"},
	{"latest", "Suoritusaika viimeistään"},
	{"readyBy", "Työ valmis viimeistään"},
	{"additional", "Lisätiedot"},
	{"access", "Sisäänpääsy"},
	{"pets", "Kotieläimet"},
	{"urgency", "Kiireellisyys"},
	{"faultClass", "Vikaluokka"},
	{"contact", "Yhteyshenkilö"},
	{"parent", "Ketjutettu ilmoituksesta"},
}

// freeTexts are the fields in which anybody may be named.
var freeTexts = []string{"title", "description", "space", "property", "additional", "access", "pets", "contact"}

// ChangeNote is the note for the Hillava task of a notice that was edited in Tampuuri: the changed fields (see
// ChangedFields) with their new values, masked and in short form. at is when the notice was changed. contacts is the
// customer's setting: with ContactsNone people are not quoted here either. Nor are texts once somebody protected has left
// the notice, as prints say (see WithDeparted). A turvakielto that is new comes first, see TurvakieltoNote.
func ChangeNote(at time.Time, n Notice, changed []string, prints map[string]string, contacts Contacts) string {
	withoutTexts := prints[departed] != ""
	if !NewlyProtected(n, changed) {
		return quote(at, n, changed, contacts, withoutTexts)
	}
	note := TurvakieltoNote(at, n, changed)
	if other := slices.DeleteFunc(slices.Clone(changed), IsTurvakieltoField); len(other) > 0 {
		note += "\n\n" + quote(at, n, other, contacts, withoutTexts)
	}
	return note
}

func quote(at time.Time, n Notice, changed []string, contacts Contacts, withoutTexts bool) string {
	values := changedValues(n, contacts)
	if withoutTexts {
		for _, field := range freeTexts {
			values[field] = "katso Tampuuri"
		}
	}
	lines := []string{"Muutettu Tampuurissa " + onDay(at) + ":"}
	for _, f := range fieldLabels {
		if !slices.Contains(changed, f.field) {
			continue
		}
		value := shorten(mask.SingleLine(values[f.field]), noteValueLimit)
		if value == "" {
			value = "(tyhjä)"
		}
		lines = append(lines, f.label+": "+value)
	}
	if len(lines) == 1 {
		lines = append(lines, "Katso muutos Tampuurista.")
	}
	return strings.Join(append(lines, "Tehtävää ei ole muutettu: korjaa se tarvittaessa käsin."), "\n")
}

func changedValues(n Notice, contacts Contacts) map[string]string {
	d := disclose(n, nil)
	values := d.texts
	for field, moment := range n.dates() {
		values[field] = moment.said()
	}
	for i, field := range turvakieltoFields {
		values[field] = "ei"
		if d.protected[i] {
			values[field] = "on"
		}
	}
	if values["reporter"] == "" && n.Reporter.hasData() {
		values["reporter"] = "sama kuin tilaaja"
	}
	if contacts == ContactsNone {
		values["orderer"], values["reporter"], values["contact"] = "katso Tampuuri", "katso Tampuuri", "katso Tampuuri"
	}
	return values
}

// WithdrawalKind says how a notice left us, or came back.
type WithdrawalKind string

// The closed set of kinds.
const (
	WithdrawnCancelled    WithdrawalKind = "cancelled"      // Peruttu
	WithdrawnReassigned   WithdrawalKind = "reassigned"     // another company is the performer
	WithdrawnDeleted      WithdrawalKind = "deleted"        // no longer in Tampuuri
	WithdrawnClosedByHand WithdrawalKind = "closed-by-hand" // Tehty or Valmis set in Tampuuri
	WithdrawnGivenBack    WithdrawalKind = "given-back"     // ours and open again
)

// withdrawals are the texts of WithdrawnNote: what happened, and what the office does.
var withdrawals = map[WithdrawalKind]string{
	WithdrawnCancelled: "Ilmoitus on peruttu Tampuurissa. Keskeytä työ ja sovi tilaajan kanssa jo tehdyn työn " +
		"laskutuksesta. Tehtävästä ei enää viedä kuittauksia Tampuuriin.",
	WithdrawnReassigned: "Ilmoitus on annettu Tampuurissa toiselle suorittajalle. Keskeytä työ ja sovi tilaajan kanssa " +
		"jo tehdyn työn laskutuksesta. Tehtävästä ei enää viedä kuittauksia Tampuuriin.",
	WithdrawnDeleted: "Ilmoitus on poistettu Tampuurista. Tarkista tilaajalta, tehdäänkö työ. Tehtävästä ei enää viedä " +
		"kuittauksia Tampuuriin.",
	WithdrawnClosedByHand: "Ilmoitus on suljettu käsin Tampuurissa. Tarkista, onko työ tehty ja ovatko toimenpiteet " +
		"Tampuurissa; puuttuvat lisätään sinne käsin.",
	WithdrawnGivenBack: "Ilmoitus on taas avoinna meille Tampuurissa. Jatka työtä tällä tehtävällä; kuittaukset viedään " +
		"Tampuuriin kuten ennen.",
}

// WithdrawnNote is the note for the task of a notice that was withdrawn from us, closed or given back in Tampuuri. It
// holds no data of the notice.
func WithdrawnNote(at time.Time, why WithdrawalKind) string {
	text, known := withdrawals[why]
	if !known {
		text = "Ilmoituksen tila muuttui Tampuurissa. Tarkista se sieltä ennen työn jatkamista."
	}
	return onDay(at) + ": " + text
}

// ChainedNote is the note for the task of a notice from which another one, also ours, was chained.
func ChainedNote(at time.Time, childID int64) string {
	return fmt.Sprintf("%s: Ilmoituksesta on Tampuurissa ketjutettu uusi ilmoitus %d. Siitä tulee oma tehtävänsä; tätä tehtävää ei ole muutettu.",
		onDay(at), childID)
}

// TurvakieltoNote is the note for a task whose person came under turvakielto after the task was made: what was sent
// before has to be removed by the office, as nothing that is in Hillava is overwritten. It names roles, never people.
func TurvakieltoNote(at time.Time, n Notice, changed []string) string {
	names := [roleCount]string{orderer: "tilaaja", reporter: "ilmoittaja", payer: "maksaja"}
	newly := newlyProtected(n, changed)
	var who []string
	for i, protected := range protectedRoles(n) {
		if protected || newly[i] {
			who = append(who, names[i])
		}
	}
	if len(who) == 0 {
		who = []string{"katso Tampuuri"}
	}
	return fmt.Sprintf("TURVAKIELTO asetettu Tampuurissa %s (%s). Poista heti tästä tehtävästä, sen liitteistä ja "+
		"muistiinpanoista sekä laskun viitteestä henkilön nimi, puhelinnumerot, sähköposti ja osoite. Työkohteen osoite "+
		"saa jäädä. Yhteystiedot katsotaan vain Tampuurista.", onDay(at), strings.Join(who, ", "))
}

// EntriesChangedNote is the note for a task whose time entries were changed after they had been sent: what to correct by
// hand in Tampuuri. entries are the task's time entries as they are now.
func EntriesChangedNote(at time.Time, changes []EntryChange, entries []TimeEntry) string {
	byID := map[string]TimeEntry{}
	for _, entry := range entries {
		byID[entry.ID] = entry
	}
	lines := []string{"Tuntikirjauksia on muutettu lähetyksen jälkeen (" + onDay(at) + "). Valmiille ilmoitukselle niitä ei " +
		"voi enää lähettää; korjaa ilmoituksen toimenpiteet käsin Tampuurissa:"}
	for _, change := range changes {
		entry := describeEntry(byID[change.EntryID], change.EntryID)
		switch change.Kind {
		case EntryAdded:
			lines = append(lines, "Lisää toimenpide: "+entry)
		case EntryEdited:
			lines = append(lines, "Muuta toimenpide muotoon: "+entry)
		case EntryRemoved:
			lines = append(lines, "Poista toimenpide, jonka tuntikirjausta ei enää ole: "+entry)
		}
	}
	return strings.Join(lines, "\n")
}

// describeEntry is date, resource and summary, or the id of an entry that is gone.
func describeEntry(entry TimeEntry, id string) string {
	if entry.ID == "" {
		return "kirjaus " + mask.SingleLine(id)
	}
	date := entry.Date
	if moment, err := ParseMoment(date); err == nil && !moment.IsZero() {
		date = moment.finnish()
	}
	parts := []string{date, mask.SingleLine(entry.Resource), shorten(mask.SingleLine(entry.Summary), noteValueLimit)}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), ", ")
}

// onDay is the Finnish form of a time for notes.
func onDay(at time.Time) string { return Moment{At: at}.finnish() }
