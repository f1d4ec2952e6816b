package doctor

import (
	"slices"
	"strings"
	"sync"
)

// phrase is what doctor says, in both languages. Both have the same places for values, in the same order.
type phrase struct{ english, finnish string }

// checks are the names of all checks.
var checks = []phrase{
	{"environment", "ympäristömuuttujat"},
	{"the worker's settings", "palvelun asetukset"},
	{"customers file", "asiakastiedosto"},
	{"credentials in the customers file", "tunnukset asiakastiedostossa"},
	{"Temporal reachable", "Temporal vastaa"},
	{"workflows", "työnkulut"},
	{"namespace retention", "säilytysaika"},
	{"search attributes", "hakukentät"},
	{"schedules", "ajastukset"},
	{"last sync", "asiakkaiden päivitys"},
	{"polls", "ilmoitusten haku"},
	{"turvakielto flags", "turvakieltotiedot"},
	{"workers", "worker-ohjelmat"},
	{"channels", "viestikanavat"},
	{"telling people", "viestien lähetys"},
	{"channel %s", "viestikanava %s"},
	{"test message", "koeviesti"},
	{"Hillava reachable", "Hillava vastaa"},
	{"customer type: Integraatiot", "asiakastyyppi: Integraatiot"},
	{"task type and process", "tehtävätyyppi ja prosessi"},
	{"task type %s", "tehtävätyyppi %s"},
	{"task type: kohde", "tehtävätyyppi: kohde"},
	{"task type: Lisätieto", "tehtävätyyppi: Lisätieto"},
	{"process", "prosessi"},
	{"action %s", "toiminto %s"},
	{"an entry without tunniste", "kohta ilman Tunnistetta"},
	{"customer %s: entry", "asiakas %s: asetukset"},
	{"customer %s: in Hillava", "asiakas %s: Hillavassa"},
	{"customer %s: Tampuuri", "asiakas %s: Tampuuri"},
	{"customer %s of Hillava", "Hillavan asiakas %s"},
}

// phrases are what checks find and what to do about it.
var phrases = []phrase{
	// Of any check.
	{"at least one check failed; what to do stands beside each", "ainakin yksi kohta on korjattava; mitä tehdä, lukee sen rivillä"},
	{"%s", "ei onnistunut: %s"},
	{"it answers", "vastaa"},
	{"complete", "kunnossa"},
	{"%d customers", "asiakkaita: %d"},
	{"correct %s", "korjaa %s"},
	{"wait a little and try again", "odota hetki ja yritä uudelleen"},
	{"look whether it is up, and whether %s is right", "tarkista, että järjestelmä on käynnissä ja %s on oikein"},
	{"look whether %s is right; else tell whoever runs that system", "tarkista, että %s on oikein; jos on, kerro järjestelmän ylläpidolle"},
	{"try again later; tell whoever runs that system when it stays so", "yritä myöhemmin uudelleen; jos vika jatkuu, kerro järjestelmän ylläpidolle"},

	// Settings.
	{"correct the variables named; all of them are in docs/settings.md", "korjaa mainitut muuttujat; kaikki ovat ohjeessa docs/settings.md"},
	{"no program of ours knows %s", "ohjelmamme eivät tunne: %s"},
	{"nothing, when they are meant for another program; else correct their names (docs/settings.md)", "ei mitään, jos muuttuja on toista ohjelmaa varten; muuten korjaa sen nimi (docs/settings.md)"},
	{"every variable is understood", "kaikki muuttujat ovat kunnossa"},
	{"the environment is to be corrected first", "korjaa ensin ympäristömuuttujat"},
	{"the customers file is to be corrected first", "korjaa ensin asiakastiedosto"},
	{"set the variables named, as for the worker; all of them are in docs/settings.md", "anna mainitut muuttujat kuten workerille; kaikki ovat ohjeessa docs/settings.md"},
	{"correct the file; customers.example.yaml shows every key", "korjaa tiedosto; customers.example.yaml näyttää kaikki rivit"},
	{"it has no customers", "siinä ei ole yhtään asiakasta"},
	{"add one; customers.example.yaml shows every key", "lisää asiakas; customers.example.yaml näyttää kaikki rivit"},
	{"customers.yaml cannot be read", "tiedostoa customers.yaml ei voi lukea"},
	{"%s holds credentials of %s and can be read by others (mode %04o)", "tiedostossa %s on tunnuksia (asiakas %s), ja muutkin voivat lukea sen (oikeudet %04o)"},
	{"%s, or keep them in files of their own (avain_file, salasana_file)", "%s, tai pane tunnukset omiin tiedostoihinsa (avain_file, salasana_file)"},
	{"not readable by others", "muut eivät voi lukea"},

	// Temporal and what runs in it.
	{"Temporal is not reached", "Temporaliin ei saada yhteyttä"},
	{"start the server, or correct TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the TEMPORAL_TLS_* variables", "käynnistä palvelin, tai korjaa TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE ja muuttujat TEMPORAL_TLS_*"},
	{"look whether the server is well", "tarkista, että Temporal-palvelin on kunnossa"},
	{"look whether the server is well and we may ask it", "tarkista, että Temporal-palvelin on kunnossa ja että siltä saa kysyä"},
	{"make the namespace (temporal operator namespace create --retention 90d), or correct TEMPORAL_NAMESPACE", "luo nimiavaruus (temporal operator namespace create --retention 90d), tai korjaa TEMPORAL_NAMESPACE"},
	{"closed notices are kept %d days", "suljetut ilmoitukset säilytetään %d päivää"},
	{"raise it: temporal operator namespace update --retention 90d", "pidennä aikaa: temporal operator namespace update --retention 90d"},
	{"missing or of another type: %s", "puuttuvat tai väärää tyyppiä: %s"},
	{
		"start a worker, which registers them or says what to do; or temporal operator search-attribute create --type Keyword --name %s; on Temporal Cloud: tcld namespace search-attributes add",
		"käynnistä worker: se luo ne tai kertoo, mitä tehdä; tai temporal operator search-attribute create --type Keyword --name %s; Temporal Cloudissa: tcld namespace search-attributes add",
	},
	{"all %d are there", "kaikki %d löytyvät"},
	{"%s is missing", "%s puuttuu"},
	{"start a worker, which makes it", "käynnistä worker: se luo ajastuksen"},
	{"%s is paused", "%s on keskeytetty"},
	{"%s is paused: %s", "%s on keskeytetty: %s"},
	{"unpause it in the Temporal Web UI", "jatka sitä Temporalin käyttöliittymässä"},
	{"%s and %s run", "%s ja %s ovat käynnissä"},
	{"none has completed yet", "asiakkaita ei ole vielä päivitetty kertaakaan"},
	{"start a worker, then run starter customers sync", "käynnistä worker ja anna sitten komento starter customers sync"},
	{"it failed: %s", "ei onnistunut: %s"},
	{"open notices of customers that are in customers.yaml no more: %s", "avoimia ilmoituksia on asiakkailla, joita ei enää ole tiedostossa customers.yaml: %s"},
	{
		"put the entry back, or name that Tunniste in formerly of the entry that takes its notices over; then starter customers sync",
		"palauta asiakkaan kohta, tai kirjoita Tunniste sen asiakkaan kohtaan formerly, joka jatkaa ilmoituksia; sitten starter customers sync",
	},
	{"look at the customers of type %s in Hillava", "katso Hillavasta asiakastyypin %s asiakkaat"},
	{"the customers' workflows are not reached", "asiakkaiden työnkulkuihin ei saada yhteyttä"},
	{"%d of %d open notices of %s", "%d/%d avointa ilmoitusta, asiakas %s"},
	{
		"%s have somebody without a readable turvakielto flag: whoever lacks it is masked, and collective references are off for such orderers",
		"jonkun turvakieltotietoa ei voi lukea: %s. Hänen tietonsa jätetään pois, eikä koontilaskun viitettä käytetä, jos hän on tilaaja",
	},
	{"ask the customer to have its Tampuuri send the flag of every role", "pyydä asiakasta huolehtimaan, että Tampuuri antaa rajapinnassa jokaisen henkilön turvakieltotiedon"},
	{"every open notice has them", "jokaisessa avoimessa ilmoituksessa"},
	{"%s (by %s since %s)", "%s (keskeyttäjä %s, alkaen %s)"},
	{"%s (last at %s)", "%s (viimeksi %s)"},
	{"%s (never)", "%s (ei koskaan)"},
	{"no workflow for %s", "työnkulku puuttuu: %s"},
	{"run starter customers sync; starter customers list tells why when that does not help", "anna komento starter customers sync; jos se ei auta, starter customers list kertoo syyn"},
	{"no good poll for over %d intervals: %s", "haku ei ole onnistunut yli %d hakuväliin: %s"},
	{"starter customers list tells why", "starter customers list kertoo syyn"},
	{"paused: %s", "haku on keskeytetty: %s"},
	{"starter customers resume <tunniste> ends a pause", "starter customers resume <tunniste> jatkaa hakua"},
	{"%d customers' workflows did not answer", "työnkulku ei vastannut; asiakkaita: %d"},
	{"look whether a worker runs", "tarkista, että worker on käynnissä"},
	{"%d customers are polled", "ilmoitukset haetaan; asiakkaita: %d"},
	{"no worker asks for work on task queue %s", "yksikään worker ei ota töitä jonosta %s"},
	{"start a worker with the same TEMPORAL_* settings", "käynnistä worker samoilla TEMPORAL_*-asetuksilla"},
	{"%d on task queue %s", "%d jonossa %s"},

	// Who is told.
	{"the worker's settings are to be corrected first", "korjaa ensin palvelun asetukset"},
	{"correct the addresses named; with them the worker does not start", "korjaa mainitut osoitteet; niillä worker ei käynnisty"},
	{"NOTIFY_URLS names %d", "kanavia asetuksessa NOTIFY_URLS: %d"},
	{"NOTIFY_URLS is not set here; a worker that has it tells people", "NOTIFY_URLS ei ole asetettu täällä; worker, jolla se on, lähettää viestit"},
	{"NOTIFY_URLS is not set: nobody is told when something is wrong", "NOTIFY_URLS ei ole asetettu: kenellekään ei kerrota vioista"},
	{"set it for the worker, see \"Who is told\" in docs/operations.md", "anna se workerille, ks. \"Who is told\" ohjeessa docs/operations.md"},
	{"the workflow %s does not run, so nobody is told", "työnkulku %s ei ole käynnissä, joten kenellekään ei kerrota vioista"},
	{"start the worker with NOTIFY_URLS: it starts it", "käynnistä worker, jolla on NOTIFY_URLS: se käynnistää työnkulun"},
	{"nobody is to be told", "viestejä ei lähetetä kenellekään"},
	{"no look since it was due at %s", "tarkistus on myöhässä, sen piti olla %s"},
	{"the last look failed: %s", "viimeinen tarkistus ei onnistunut: %s"},
	{"it is tried again; look whether the server is well", "se yritetään uudelleen; tarkista, että Temporal-palvelin on kunnossa"},
	{"it runs, and looks just now", "käynnissä, tarkistus on menossa"},
	{"%d of %d channels do not take messages; last look at %s", "kanavista %d/%d ei ota viestejä vastaan; viimeinen tarkistus %s"},
	{"the worker that looked last, at %s, has no channels", "viimeksi (%s) tarkisti worker, jolla ei ole kanavia"},
	{"give every worker the same NOTIFY_URLS", "anna jokaiselle workerille sama NOTIFY_URLS"},
	{"the worker's log says which and why; starter doctor --send-test tries each", "workerin loki kertoo, mikä ja miksi; starter doctor --send-test kokeilee jokaista"},
	{"last look at %s; causes of trouble: %d", "viimeinen tarkistus %s; vikoja: %d"},
	{"no channel of NOTIFY_URLS can be used here", "mitään asetuksen NOTIFY_URLS kanavaa ei voi käyttää täällä"},
	{
		"give the command the worker's settings: docker-compose run --rm tools doctor --send-test; kubectl exec deployment/worker -- /starter doctor --send-test",
		"anna komennolle workerin asetukset: docker-compose run --rm tools doctor --send-test; kubectl exec deployment/worker -- /starter doctor --send-test",
	},
	{"did not take the test message: %s", "ei ottanut koeviestiä vastaan: %s"},
	{"correct its address in NOTIFY_URLS, or look whether the service is up", "korjaa kanavan osoite asetukseen NOTIFY_URLS, tai tarkista, että palvelu on käynnissä"},
	{"took the test message; look whether it has arrived", "otti koeviestin vastaan; tarkista, että se on tullut perille"},
	{"a test", "koeviesti"},
	{
		"Somebody has tried whether messages arrive (starter doctor --send-test). Nothing is wrong.\n",
		"Joku kokeili, tulevatko viestit perille (starter doctor --send-test). Mitään vikaa ei ole.\n",
	},

	// Hillava.
	{"set HILLAVA_URL and HILLAVA_TOKEN (or HILLAVA_TOKEN_FILE) as for the worker", "anna HILLAVA_URL ja HILLAVA_TOKEN (tai HILLAVA_TOKEN_FILE) kuten workerille"},
	{"Hillava is not reached", "Hillavaan ei saada yhteyttä"},
	{"HILLAVA_TOKEN (or the file that HILLAVA_TOKEN_FILE names)", "HILLAVA_TOKEN (tai tiedosto, jonka HILLAVA_TOKEN_FILE nimeää)"},
	{"%d customers of type %s", "asiakkaita %d, asiakastyyppi %s"},
	{"Hillava lists no customer of type %s", "Hillavassa ei ole yhtään asiakastyypin %s asiakasta"},
	{"make the customer type with that identifier and Integraatiot active, and a customer in it", "luo asiakastyyppi, jolla on tämä tunniste ja Integraatiot aktiivinen, ja sille asiakas"},
	{"not active on %s", "ei aktiivinen asiakastyypillä %s"},
	{"switch Integraatiot on for that customer type in Hillava", "aktivoi Hillavassa asiakastyypin Integraatiot"},
	{"active", "aktiivinen"},
	{"there is no task type to take it from", "tehtävätyyppiä ei ole, joten prosessia ei voi tarkistaa"},
	{"there is none", "sellaista ei ole"},
	{"make a task type with that identifier in Hillava", "luo Hillavaan tehtävätyyppi, jolla on tämä tunniste"},
	{"there are %d", "niitä on %d"},
	{"leave that identifier on one task type", "jätä tunniste vain yhdelle tehtävätyypille"},
	{"there is one", "löytyy"},
	{"is mandatory", "on pakollinen"},
	{"make kohde not mandatory on the task type in Hillava", "poista Hillavassa tehtävätyypin kohteen pakollisuus"},
	{"not mandatory", "ei pakollinen"},
	{"is not visible", "ei ole näkyvissä"},
	{"make Lisätieto visible on the task type in Hillava", "aseta Hillavassa tehtävätyypin Lisätieto näkyviin"},
	{"visible", "näkyvissä"},
	{"the task type has none", "tehtävätyypillä ei ole prosessia"},
	{"give the task type its own process in Hillava", "anna tehtävätyypille Hillavassa oma prosessi"},
	{"look whether the task type's process exists in Hillava; %s", "tarkista, että tehtävätyypin prosessi on Hillavassa; %s"},
	{"it has no first state", "sillä ei ole alkutilaa"},
	{"set the process's first state in Hillava", "aseta prosessin alkutila Hillavassa"},
	{"%d transitions", "siirtymiä: %d"},
	{"on %q", "siirtymässä %q"},
	{"only on transitions that a new task never comes to", "vain siirtymissä, joihin uusi tehtävä ei pääse"},
	{"connect them to the process's first state, or put the action on a transition that is reached", "yhdistä siirtymät prosessin alkutilaan, tai liitä toiminto siirtymään, johon pääsee"},
	{"is on no transition", "ei ole missään siirtymässä"},
	{
		"put it on a transition of the process in Hillava, \"Työ valmis\" or \"Laskutettu\" by default",
		"liitä toiminto Hillavassa prosessin siirtymään, tavallisesti \"Työ valmis\" tai \"Laskutettu\"",
	},

	// Each customer.
	{"correct it in customers.yaml", "korjaa se tiedostoon customers.yaml"},
	{"it is being opened, and nothing new is imported yet", "avaaminen on kesken, eikä uusia ilmoituksia vielä tuoda"},
	{"starter customers open %s goes on with it", "starter customers open %s jatkaa sitä"},
	{"it was closed on %s, and nothing new is imported", "asiakas on suljettu %s, eikä uusia ilmoituksia tuoda"},
	{"starter customers close %s tells what is left of it", "starter customers close %s kertoo, mitä siitä on jäljellä"},
	{"complete, with consent", "täydelliset, suostumus on kirjattu"},
	{"Hillava's customers are not known", "Hillavan asiakkaita ei saatu luettua"},
	{"no customer has this Tunniste", "millään asiakkaalla ei ole tätä Tunnistetta"},
	{"make the customer with its Tunniste in Hillava, in customer type %s; it can be set only at creation", "luo asiakas Hillavaan asiakastyypille %s ja anna sille Tunniste; sen voi antaa vain luotaessa"},
	{"%d customers have this Tunniste", "sama Tunniste on %d asiakkaalla"},
	{"leave one of them in Hillava", "jätä Hillavaan niistä vain yksi"},
	{"its name differs from customers.yaml", "nimi on toinen kuin tiedostossa customers.yaml"},
	{"when it is the same customer: starter customers confirm-name %s", "jos asiakas on sama: starter customers confirm-name %s"},
	{"there, by Tunniste and name", "löytyy, Tunniste ja nimi täsmäävät"},
	{"the customer's credentials in customers.yaml, or ask the customer to renew them", "asiakkaan tunnukset tiedostossa customers.yaml, tai pyydä asiakasta uusimaan ne"},
	{"credentials are taken; performer ids whose notices can be listed: %d", "tunnukset kelpaavat; työnsuorittajia, joiden ilmoitukset saadaan luettua: %d"},
	{"has no Tunniste", "Tunniste puuttuu"},
	{"make the customer anew with one; it can be set only at creation", "luo asiakas uudelleen ja anna Tunniste; sen voi antaa vain luotaessa"},
	{"customers.yaml has none, so it is not polled", "asiakasta ei ole tiedostossa customers.yaml, joten sen ilmoituksia ei haeta"},
	{"starter customers open %s adds one", "starter customers open %s lisää kohdan"},
}

// quotations are sentences that other packages write and the office reads here. One that is not here stays English.
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
}

// inFinnish finds the Finnish of what is said or quoted.
var inFinnish = sync.OnceValue(func() map[string]string {
	table := map[string]string{}
	for _, one := range slices.Concat(checks, phrases, quotations) {
		table[one.english] = one.finnish
	}
	return table
})

// Check is the name of a check, in both languages, with … for a customer or whatever else it is of.
type Check struct{ English, Finnish string }

// Checks lists every check that an answer may have a row of.
func Checks() (all []Check) {
	for _, one := range checks {
		all = append(all, Check{strings.ReplaceAll(one.english, "%s", "…"), strings.ReplaceAll(one.finnish, "%s", "…")})
	}
	return all
}
