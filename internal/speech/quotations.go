package speech

import (
	"regexp"
	"sync"
)

// quotations are sentences that other packages write and the office reads here. One that is not here stays English. A %s in
// one is whatever stands there; a %v is part of the sentence, and has Finnish of its own. The first that fits is taken.
var quotations = []phrase{
	{"no notices are listed without a written consent that is recorded and not dated in the future", "ilmoituksia ei lueta ilman kirjattua kirjallista suostumusta, jonka päivä ei ole tulevaisuudessa"},
	{"its entry lacks credentials or performer ids", "asiakkaan kohdasta puuttuu tunnuksia tai työnsuorittajanumero"},
	{"no written consent is recorded; get it, and fill in consent: reference, date and recorded_by", "kirjallista suostumusta ei ole kirjattu; hanki se ja täytä kohta consent: reference, date ja recorded_by"},
	{"consent.reference is missing; write which document the consent is in", "consent.reference puuttuu; kirjoita, missä asiakirjassa suostumus on"},
	{"consent.date is missing; write the day of the consent, like 2026-01-15", "consent.date puuttuu; kirjoita suostumuksen päivä, esimerkiksi 2026-01-15"},
	{"consent.recorded_by is missing; write who recorded the consent", "consent.recorded_by puuttuu; kirjoita, kuka suostumuksen kirjasi"},
	{"consent is dated in the future; correct consent.date, or wait for that day", "suostumuksen päivä on tulevaisuudessa; korjaa consent.date tai odota sitä päivää"},
	{"name is missing; write the customer's name as it is in Hillava", "name puuttuu; kirjoita asiakkaan nimi kuten Hillavassa"},
	{"start_date is missing; write the first day whose notices are imported, like 2026-02-01", "start_date puuttuu; kirjoita aloituspäivä, esimerkiksi 2026-02-01"},
	{"performer_ids is empty; list our TyonsuorittajaYritysId values in this Tampuuri", "performer_ids on tyhjä; luettele työnsuorittajanumeromme tässä Tampuurissa"},
	{
		"no Tampuuri credentials; fill in credentials: avain, asiakas, tili, kayttajatunnus and salasana, each plain or as …_file",
		"tunnukset Tampuuriin puuttuvat; täytä kohta credentials: avain, asiakas, tili, kayttajatunnus ja salasana, kukin sellaisenaan tai muodossa …_file",
	},

	// The faults of an entry, as internal/config says them.
	{"tunniste must be 1 to 64 of the characters A-Z a-z 0-9 . _ -; write it as the customer has it in Hillava", "tunniste on 1–64 kirjainta (ei å, ä eikä ö), numeroa tai merkkiä . _ -; kirjoita se kuten Hillavassa"},
	{"tunniste %s stands on %s entries; keep one of them", "tunniste %s on %s kohdassa; jätä niistä yksi"},
	{"formerly names %s, which stands elsewhere in the file too; keep it in one place", "formerly mainitsee tunnisteen %s, joka on tiedostossa muuallakin; jätä se yhteen paikkaan"},
	{"stopped.%s is missing; write when and by whom it was stopped as customers.example.yaml shows, or take stopped out", "stopped.%s puuttuu; kirjoita tiedoston customers.example.yaml mukaan, milloin ja kuka pysäytti, tai poista stopped"},
	{"it is being opened (stopped, in its entry); starter customers open %s goes on with it", "avaaminen on kesken (stopped); starter customers open %s jatkaa sitä"},
	{"it was closed on %s (stopped, in its entry); starter customers close %s tells what is left of it", "asiakas on suljettu %s (stopped); starter customers close %s kertoo, mitä siitä on jäljellä"},
	{"credentials.%s and %s are both set; keep one of them", "credentials.%s ja %s on molemmat annettu; jätä niistä toinen"},
	{"credentials.%s is missing; fill it in, or %s", "credentials.%s puuttuu; täytä se, tai %s"},
	{"credentials.%s %v", "kohdan credentials %s %v"},
	{"%s is empty; write the secret into it", "%s on tyhjä; kirjoita salaisuus siihen"},
	{"open %s: no such file or directory; name a file that holds the secret", "tiedostoa %s ei ole; nimeä tiedosto, jossa salaisuus on"},
	{"open %s: permission denied; let this program read it, which runs as %s: %v", "tiedostoa %s ei saa lukea; anna oikeus ohjelmalle, jonka käyttäjä on %s: %v"},
	{"is not UTF-8 text; save it as UTF-8", "ei ole UTF-8-tekstiä; tallenna se UTF-8-muodossa"},
	{"has a line break or another control character in it; remove it", "sisältää rivinvaihdon tai muun ohjausmerkin; poista se"},
	{"has an invisible character (%s) in it; type it anew instead of copying it", "sisältää näkymättömän merkin (%s); kirjoita se uudelleen kopioimisen sijaan"},
	{"starts or ends with a space; remove it", "alkaa tai päättyy välilyöntiin; poista se"},
	{"line %s: the entry has no tunniste; write the one that the customer has in Hillava", "rivi %s: kohdasta puuttuu tunniste; kirjoita se kuten Hillavassa"},
	{"line %s: the entry is empty; remove its dash, or fill it in as customers.example.yaml shows", "rivi %s: kohta on tyhjä; poista sen viiva, tai täytä se tiedoston customers.example.yaml mukaan"},
	{"line %s: the entry is %v where a group of keys belongs; write it as customers.example.yaml shows", "rivi %s: kohdassa on %v eikä ryhmä avaimia; kirjoita se tiedoston customers.example.yaml mukaan"},
	{"line %s: %s is not a day; write it like 2026-02-01", "rivi %s: %s ei ole päivä; kirjoita se esimerkiksi 2026-02-01"},
	{"line %s: %s is not a duration above zero; write it like 5m", "rivi %s: %s ei ole nollaa pidempi aika; kirjoita se esimerkiksi 5m"},
	{"line %s: %s is not a time above zero; write it like 30d or 36h", "rivi %s: %s ei ole nollaa pidempi aika; kirjoita se esimerkiksi 30d (päivää) tai 36h (tuntia)"},
	{"line %s: %s takes a Tunniste, 1 to 64 of the characters A-Z a-z 0-9 . _ -; correct it", "rivi %s: %s on Tunniste, 1–64 kirjainta (ei å, ä eikä ö), numeroa tai merkkiä . _ -; korjaa se"},
	{"line %s: %s must be like \"06:00-22:00\"", "rivi %s: %s kirjoitetaan esimerkiksi \"06:00-22:00\""},
	{"line %s: %s starts and ends at the same time; leave it out for the whole day", "rivi %s: %s alkaa ja päättyy samaan aikaan; jätä se pois, jos koko päivä käy"},
	{"line %s: %s must be above zero; correct it", "rivi %s: %s on nolla tai alle; korjaa se"},
	{"line %s: %s must be one of %s; correct it, or leave it out", "rivi %s: %s on jokin näistä: %s; korjaa se, tai jätä se pois"},
	{
		"line %s: %s cannot be used: billing reference template: unknown placeholder %s; use %s",
		"rivi %s: %s ei kelpaa: paikkaa %s ei tunneta; käytä näitä: %s",
	},
	{
		"line %s: %s cannot be used: billing reference template: a brace without its pair; placeholders look like %s",
		"rivi %s: %s ei kelpaa: aaltosulkeelta puuttuu pari; paikka kirjoitetaan esimerkiksi %s",
	},
	{
		"line %s: %s cannot be used: billing reference template: control characters or invalid UTF-8; write it on one line",
		"rivi %s: %s ei kelpaa: siinä on ohjausmerkkejä tai se ei ole UTF-8-tekstiä; kirjoita se yhdelle riville",
	},
	{"a group of keys", "ryhmä avaimia"},
	{"a list", "luettelo"},
	{"text", "teksti"},
	{"a number", "luku"},
	{"true or false", "true tai false"},
	{"nothing", "tyhjä"},
	{"a value of another kind", "muunlainen arvo"},
	{"a whole number", "kokonaisluku"},
	{"a number in plain digits", "luku pelkin numeroin"},
	{"correct the value", "korjaa arvo"},
	{"write it in plain digits, like 50", "kirjoita se pelkin numeroin, esimerkiksi 50"},
	{"write it like 1.5", "kirjoita se esimerkiksi 1.5"},

	// The file as a whole.
	{
		"read the customers file: open %s: no such file or directory; name a file that holds the customers (set CUSTOMERS_FILE to it, or begin with a copy of customers.example.yaml)",
		"tiedostoa %s ei ole; nimeä asiakastiedosto (asetus CUSTOMERS_FILE), tai aloita tiedoston customers.example.yaml kopiosta",
	},
	{"customers file %s: %v", "asiakastiedosto %s: %v"},
	{"is empty; it needs \"customers:\" and a list, \"customers: []\" for none", "on tyhjä; siihen kuuluu \"customers:\" ja luettelo, tai \"customers: []\", jos asiakkaita ei ole"},
	{"has no list \"customers:\"; write \"customers: []\" when there are none", "siitä puuttuu luettelo \"customers:\"; kirjoita \"customers: []\", jos asiakkaita ei ole"},
	{"has more than one YAML document; keep one, without a line of ---", "siinä on useampi YAML-dokumentti; jätä yksi, ilman riviä ---"},
	{"line %s: has %v where a group of keys belongs; write \"customers:\" and a list, as customers.example.yaml shows", "rivi %s: siinä on %v eikä ryhmä avaimia; kirjoita \"customers:\" ja luettelo tiedoston customers.example.yaml mukaan"},
	{"line %s: \"customers:\" has %v where a list belongs; begin each entry with a dash", "rivi %s: kohdassa \"customers:\" on %v eikä luettelo; aloita jokainen kohta viivalla"},
	{"line %s: %s has %v where %v belongs; %v", "rivi %s: avaimella %s on %v, ja siihen kuuluu %v; %v"},
	{"line %s: unknown key %s; remove it, or correct its name", "rivi %s: avainta %s ei tunneta; poista se tai korjaa sen nimi"},
	{"line %s: is not valid YAML; correct it, as customers.example.yaml shows:", "rivi %s: ei ole oikeaa YAMLia; korjaa se tiedoston customers.example.yaml mukaan:"},

	// What a round met, and what to do.
	{"customer list empty or halved: nobody is removed", "asiakasluettelo on tyhjä tai puolittunut: ketään ei poisteta"},
	{"the other system does not answer; look whether it is up and its address is right (starter doctor)", "toinen järjestelmä ei vastaa; tarkista, että se on käynnissä ja osoite oikein"},
	{"the credentials are refused; correct them in customers.yaml, or the token for Hillava (starter doctor)", "tunnukset eivät kelpaa; korjaa ne tiedostoon customers.yaml, tai Hillavan API-tunnus"},
	{"customers.yaml cannot be read, and the last good one goes on being used; correct the file (starter doctor)", "tiedostoa customers.yaml ei voi lukea, ja edellinen kunnollinen on käytössä; korjaa tiedosto"},
	{"Temporal did not take it; look whether the server is well (starter doctor)", "Temporal ei ottanut sitä vastaan; tarkista, että palvelin on kunnossa"},
	{"the round took longer than its interval; raise the interval, or look whether the other system is slow", "kierros kesti väliään kauemmin; pidennä väliä, tai tarkista, onko toinen järjestelmä hidas"},
	{"an answer does not follow the contract; tell whoever runs that system", "vastaus ei ole sovitun mukainen; kerro järjestelmän ylläpidolle"},
	{"run chmod 600 on it", "anna sille oikeudet chmod 600"},
	{"run chmod 640 on it", "anna sille oikeudet chmod 640"},
	{
		"chown it to the programs' user and run chmod 600 on it, or chgrp it to a group of theirs and run chmod 640",
		"anna se ohjelmien käyttäjälle (chown) oikeuksin chmod 600, tai niiden ryhmälle (chgrp) oikeuksin chmod 640",
	},
	{
		"Tampuuri refuses the request; the refusal names the fields if Tampuuri did. Correct the notice or our settings, then resend.",
		"Tampuuri ei hyväksy pyyntöä; kentät on mainittu virheessä, jos Tampuuri kertoi ne. Korjaa ilmoitus tai asetuksemme, sitten starter notice resend.",
	},
	{
		"Hillava refuses the request; the refusal names the fields if Hillava did. Correct the set-up (starter doctor shows it), then resend.",
		"Hillava ei hyväksy pyyntöä; kentät on mainittu virheessä, jos Hillava kertoi ne. Korjaa asetukset (starter doctor näyttää ne), sitten starter notice resend.",
	},
	{
		"Tampuuri does not allow this state from the one the notice has. Look at the notice there, then resend or dismiss.",
		"Tampuuri ei salli tätä tilaa ilmoituksen nykyisestä tilasta. Katso ilmoitus Tampuurista, sitten starter notice resend tai dismiss.",
	},
	{
		"Tampuuri says that we are not the notice's performer. Have it assigned to us, then resend; or dismiss.",
		"Tampuurin mukaan emme ole ilmoituksen työnsuorittaja. Pyydä antamaan se meille, sitten starter notice resend; tai dismiss.",
	},
	{
		"The notice was cancelled in Tampuuri although work had begun. Agree with the customer, then resend (it is ours again) or dismiss.",
		"Ilmoitus on peruttu Tampuurissa, vaikka työ oli alkanut. Sovi asiakkaan kanssa, sitten starter notice resend (se on taas meillä) tai dismiss.",
	},
	{
		"The notice was given to another company although work had begun. Agree with the customer, then resend (it is ours again) or dismiss.",
		"Ilmoitus on annettu toiselle yritykselle, vaikka työ oli alkanut. Sovi asiakkaan kanssa, sitten starter notice resend (se on taas meillä) tai dismiss.",
	},
	{
		"Tampuuri has no such notice any more although work had begun. Agree with the customer, then dismiss.",
		"Ilmoitus on poistettu Tampuurista, vaikka työ oli alkanut. Sovi asiakkaan kanssa, sitten dismiss.",
	},
	{
		"The notice was set to Valmis in Tampuuri by hand, and it takes no toimenpiteet any more. Add the unsent time entries there by hand or have it reopened and resend; else dismiss.",
		"Ilmoitus on asetettu Tampuurissa käsin Valmis-tilaan, eikä se ota enää toimenpiteitä vastaan. Lisää lähettämättömät tuntikirjaukset sinne käsin, tai pyydä avaamaan ilmoitus ja anna resend; muuten dismiss.",
	},
	{
		"A Hillava task with this external id belongs to another customer. Clear it up in Hillava, then resend.",
		"Hillavan tehtävä, jolla on tämä ulkoinen tunniste, on toisen asiakkaan. Selvitä asia Hillavassa, sitten starter notice resend.",
	},
	{
		"Hillava has more than one task with this external id. Remove the superfluous one, then resend.",
		"Hillavassa on useampi tehtävä, jolla on tämä ulkoinen tunniste. Poista ylimääräinen, sitten starter notice resend.",
	},
	{
		"Hillava has no such task any more. Restore it and resend, or dismiss.",
		"Tehtävää ei enää ole Hillavassa. Palauta se ja anna resend, tai dismiss.",
	},
	{
		"A peer's answer lacks what its contract promises, or is of another record. Tell whoever runs that system; resend when it is mended.",
		"Toisen järjestelmän vastauksesta puuttuu sovittuja tietoja, tai se koskee toista tietuetta. Kerro järjestelmän ylläpidolle; resend, kun se on korjattu.",
	},
	{
		"Hillava has not exactly one task type TAMPUURI_TASK that does without a target. Run starter doctor, mend it, then resend.",
		"Hillavassa ei ole täsmälleen yhtä tehtävätyyppiä TAMPUURI_TASK, jolla kohde ei ole pakollinen. Aja starter doctor, korjaa, sitten starter notice resend.",
	},
	{
		"Turvakielto was set after the task was made. Remove the person's data from the task in Hillava, then resend to acknowledge.",
		"Turvakielto asetettiin tehtävän luonnin jälkeen. Poista henkilön tiedot Hillavan tehtävästä ja kuittaa sitten: resend.",
	},
	{
		"The notice was edited in Tampuuri although work had begun. Read the note on the Hillava task, tell whoever does the work, then resend to acknowledge. Nothing waits for it.",
		"Ilmoitusta on muutettu Tampuurissa, vaikka työ oli alkanut. Lue Hillavan tehtävän muistiinpano, kerro työn tekijälle ja kuittaa sitten: resend. Mikään ei odota sitä.",
	},
	{
		"Time entries were changed after they had been sent, and a notice that is Valmis takes no more. The note on the Hillava task says what to correct in Tampuuri by hand.",
		"Tuntikirjauksia on muutettu lähetyksen jälkeen, eikä Valmis-tilassa oleva ilmoitus ota niitä enää vastaan. Hillavan tehtävän muistiinpano kertoo, mitä Tampuurissa korjataan käsin.",
	},
	{
		"Work was reported in Hillava while the notice is not ours in Tampuuri. Agree with the customer, then resend (it is ours again) or dismiss.",
		"Hillavassa kuitattiin työ, vaikka ilmoitus ei ole Tampuurissa meillä. Sovi asiakkaan kanssa, sitten starter notice resend (se on taas meillä) tai dismiss.",
	},
	{
		"See the failed activity in the Temporal Web UI; mend what it names, then resend.",
		"Katso epäonnistunut vaihe Temporalin käyttöliittymästä; korjaa, mitä siinä lukee, sitten starter notice resend.",
	},
}

// form is a quotation that has values in it.
type form struct {
	english *regexp.Regexp
	finnish string
	parts   []bool // of the values: whether it has Finnish of its own
}

var valueIn = regexp.MustCompile(`%[sv]`)

var forms = sync.OnceValue(func() (all []form) {
	for _, one := range quotations {
		values := valueIn.FindAllString(one.english, -1)
		if len(values) == 0 {
			continue
		}
		read := form{regexp.MustCompile("(?s)^" + valueIn.ReplaceAllString(regexp.QuoteMeta(one.english), "(.+?)") + "$"), valueIn.ReplaceAllString(one.finnish, "%s"), nil}
		for _, value := range values {
			read.parts = append(read.parts, value == "%v")
		}
		all = append(all, read)
	}
	return all
})

// quotedInFinnish finds the Finnish of a sentence by the form that it has; the sentence itself where no form is its own.
func quotedInFinnish(sentence string) (format string, values []any) {
	for _, one := range forms() {
		found := one.english.FindStringSubmatch(sentence)
		if found == nil {
			continue
		}
		for i, isPart := range one.parts {
			if isPart {
				values = append(values, Quote(found[i+1]))
			} else {
				values = append(values, found[i+1])
			}
		}
		return one.finnish, values
	}
	return sentence, nil
}
