package speech

import (
	"slices"
	"strings"
	"sync"
)

// phrase is a sentence in both languages, with the same places for values in the same order.
type phrase struct{ english, finnish string }

// checks are the names of all checks.
var checks = []phrase{
	{"environment", "ympäristömuuttujat"},
	{"the worker's settings", "palvelun asetukset"},
	{"customers file", "asiakastiedosto"},
	{"credentials in the customers file", "tunnukset asiakastiedostossa"},
	{"secret files", "salaisuustiedostot"},
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
	{"customers: %d", "asiakkaita: %d"},
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
	{"%s holds a secret and can be read by others (mode %04o)", "tiedostossa %s on salaisuus, ja muutkin voivat lukea sen (oikeudet %04o)"},
	{"%s, or mount it read-only", "%s, tai liitä se vain luettavana"},
	{"not readable by others", "muut eivät voi lukea"},

	// Temporal and what runs in it.
	{"Temporal is not reached", "Temporaliin ei saada yhteyttä"},
	{"start the server, or correct TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the TEMPORAL_TLS_* variables", "käynnistä palvelin, tai korjaa TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE ja muuttujat TEMPORAL_TLS_*"},
	{"look whether the server is well", "tarkista, että Temporal-palvelin on kunnossa"},
	{"look whether the server is well and we may ask it", "tarkista, että Temporal-palvelin on kunnossa ja että siltä saa kysyä"},
	{"make the namespace (temporal operator namespace create --retention 90d), or correct TEMPORAL_NAMESPACE", "luo nimiavaruus (temporal operator namespace create --retention 90d), tai korjaa TEMPORAL_NAMESPACE"},
	{"closed notices are kept, in days: %d", "suljettujen ilmoitusten säilytysaika päivinä: %d"},
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
	{"%d of %d of %s", "%d/%d avointa ilmoitusta, asiakas %s"},
	{
		"open notices with somebody without a readable turvakielto flag: %s; whoever lacks it is masked, and collective references are off for such orderers",
		"jonkun turvakieltotietoa ei voi lukea: %s. Hänen tietonsa jätetään pois, eikä koontilaskun viitettä käytetä, jos hän on tilaaja",
	},
	{"ask the customer to have its Tampuuri send the flag of every role", "pyydä asiakasta huolehtimaan, että Tampuuri antaa rajapinnassa jokaisen henkilön turvakieltotiedon"},
	{"every open notice has them", "jokaisessa avoimessa ilmoituksessa"},
	{"%s (by %s since %s)", "%s (keskeyttäjä %s, alkaen %s)"},
	{"%s (last at %s)", "%s (viimeksi %s)"},
	{"%s (never)", "%s (ei koskaan)"},
	{"no workflow for %s", "työnkulku puuttuu: %s"},
	{"run starter customers sync; starter customers list tells why when that does not help", "anna komento starter customers sync; jos se ei auta, starter customers list kertoo syyn"},
	{"no good poll for over three intervals: %s", "haku ei ole onnistunut yli kolmeen hakuväliin: %s"},
	{"starter customers list tells why", "starter customers list kertoo syyn"},
	{"paused: %s", "haku on keskeytetty: %s"},
	{"starter customers resume <tunniste> ends a pause", "starter customers resume <tunniste> jatkaa hakua"},
	{"workflows of customers that did not answer: %d", "työnkulku ei vastannut; asiakkaita: %d"},
	{"look whether a worker runs", "tarkista, että worker on käynnissä"},
	{"customers that are polled: %d", "ilmoitukset haetaan; asiakkaita: %d"},
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
	{"channels that do not take messages: %d of %d; last look at %s", "kanavista %d/%d ei ota viestejä vastaan; viimeinen tarkistus %s"},
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
		"Somebody has tried whether messages arrive (starter doctor --send-test). Nothing is wrong.",
		"Joku kokeili, tulevatko viestit perille (starter doctor --send-test). Tämä on koeviesti eikä kerro viasta.",
	},

	// Messages to people.
	{"Tampuuri refuses the credentials of 1 customer", "Tampuuri ei hyväksy 1 asiakkaan tunnuksia"},
	{"Tampuuri refuses the credentials of %d customers", "Tampuuri ei hyväksy %d asiakkaan tunnuksia"},
	{"Tampuuri refused credentials", "Tampuuri ei hyväksynyt tunnuksia"},
	{
		"Nothing of these customers is read or written until they are renewed. Nothing is lost meanwhile.",
		"Näiden asiakkaiden ilmoituksia ei haeta eikä kuitata ennen kuin tunnukset on uusittu. Mitään ei katoa sillä välin.",
	},
	{
		"Renew them in customers.yaml or its secret files; no restart is needed. starter customers list shows when they work.",
		"Uusi tunnukset tiedostoon customers.yaml tai sen salaisuustiedostoihin; uudelleenkäynnistystä ei tarvita. starter customers list näyttää, milloin ne kelpaavat.",
	},
	{"Hillava refuses our token", "Hillava ei hyväksy API-tunnustamme"},
	{"Hillava refused our token", "Hillava ei hyväksynyt API-tunnustamme"},
	{
		"No task is read or written until it is renewed. Nothing is lost meanwhile.",
		"Tehtäviä ei lueta eikä luoda ennen kuin se on uusittu. Mitään ei katoa sillä välin.",
	},
	{
		"Renew HILLAVA_TOKEN; one that is given as a file needs no restart. starter doctor shows whether it works.",
		"Uusi HILLAVA_TOKEN; jos se on annettu tiedostona, uudelleenkäynnistystä ei tarvita. starter doctor näyttää, kelpaako se.",
	},
	{"1 customer is not polled", "1 asiakkaan ilmoituksia ei saada haettua"},
	{"%d customers are not polled", "%d asiakkaan ilmoituksia ei saada haettua"},
	{"customers were not polled", "ilmoituksia ei saatu haettua"},
	{
		"No poll went through for three of the customer's intervals, or none ever did: its new notices do not arrive.",
		"Haku ei ole onnistunut asiakkaan kolmeen hakuväliin, tai ei koskaan: uudet ilmoitukset eivät tule perille.",
	},
	{
		"starter customers list says what the last poll failed with. A Tampuuri that is away comes back by itself.",
		"starter customers list kertoo, miksi viime haku ei onnistunut. Jos Tampuuri on poissa, haku jatkuu itsestään, kun se palaa.",
	},
	{"1 open notice without a readable turvakielto flag", "1 avoimesta ilmoituksesta puuttuu turvakieltotieto"},
	{"%d open notices without a readable turvakielto flag", "%d avoimesta ilmoituksesta puuttuu turvakieltotieto"},
	{"open notices had no readable turvakielto flag", "avoimista ilmoituksista puuttui turvakieltotieto"},
	{
		"A flag that is missing counts as set: people's data is kept out of the tasks of these notices.",
		"Puuttuva tieto tulkitaan turvakielloksi: henkilöiden tietoja ei viedä näiden ilmoitusten tehtäviin.",
	},
	{
		"Ask whoever runs that Tampuuri to have the interface deliver the flags. starter customers list counts them.",
		"Pyydä Tampuurin ylläpitoa huolehtimaan, että rajapinta antaa tiedon. starter doctor kertoo, montako niitä on.",
	},
	{"time entries of 1 notice were changed after sending", "1 ilmoituksen tuntikirjauksia on muutettu lähetyksen jälkeen"},
	{"time entries of %d notices were changed after sending", "%d ilmoituksen tuntikirjauksia on muutettu lähetyksen jälkeen"},
	{"time entries differed from what was sent", "tuntikirjaukset poikkesivat lähetetyistä"},
	{
		"A notice that is Valmis takes no more toimenpiteet: somebody has to correct them in Tampuuri by hand.",
		"Valmis-tilassa oleva ilmoitus ei ota enää toimenpiteitä vastaan: ne on korjattava Tampuurissa käsin.",
	},
	{
		"starter notice list --reason %s names them; the note on each Hillava task says what to correct.",
		"starter notice list --reason %s näyttää ilmoitukset; kunkin tehtävän muistiinpano Hillavassa kertoo, mitä korjataan.",
	},
	{"1 changed task of Hillava cannot be read", "1 Hillavan muuttunutta tehtävää ei voi lukea"},
	{"%d changed tasks of Hillava cannot be read", "%d Hillavan muuttunutta tehtävää ei voi lukea"},
	{"changed tasks of Hillava could not be read", "Hillavan muuttuneita tehtäviä ei voinut lukea"},
	{
		"Reconciliation passes them over and asks again each time; an event of theirs arrives by webhook only.",
		"Täsmäytys ohittaa ne ja kysyy joka kerta uudelleen; niiden kuittaukset tulevat sillä välin vain webhookina.",
	},
	{
		"Tell whoever runs Hillava that its answer breaks the contract. The newest run of Reconcile in the Temporal Web UI has their ids in its\nresult; starter doctor checks the rest of Hillava.",
		"Kerro Hillavan ylläpidolle, että sen vastaus ei ole sovitun mukainen. Tehtävien numerot ovat Temporalin käyttöliittymässä uusimman\nReconcile-ajon tuloksessa; starter doctor tarkistaa muun Hillavan.",
	},
	{"1 notice waits for a person: %s", "1 ilmoitus odottaa käsittelijää: %s"},
	{"%d notices wait for a person: %s", "%d ilmoitusta odottaa käsittelijää: %s"},
	{"notices waited for a person: %s", "ilmoituksia odotti käsittelijää: %s"},
	{
		"starter notice list --reason %s names them; once the cause is mended, starter notice resend --reason %s lets them go again.\nTemporal Web UI: WorkflowType = \"Notice\" AND AttentionReason = \"%s\"",
		"starter notice list --reason %s näyttää ilmoitukset; kun syy on korjattu, starter notice resend --reason %s vie niitä eteenpäin.\nTemporalin käyttöliittymä: WorkflowType = \"Notice\" AND AttentionReason = \"%s\"",
	},
	{"resolved: %s", "korjaantunut: %s"},
	{"partly resolved: %s", "osittain korjaantunut: %s"},
	{"Over: %s", "Ohi: %s"},
	{"Left: %s", "Jäljellä: %s"},
	{"Nothing is left of it.", "Asia on kunnossa."},
	{"%s and %d more", "%s ja %d muuta"},
	{"daily summary: %d new, %d Valmis, %d waiting for a person", "päivän yhteenveto: %d uutta, %d Valmis, %d odottaa käsittelijää"},
	{"From %s to %s:\n- new notices: %d\n- Valmis: %d", "%s – %s:\n- uusia ilmoituksia: %d\n- Valmis: %d"},
	{
		"Now:\n- Tehty, and not Laskutettu yet: %d\n- customers not polled: %d\n- waiting for a person: %d%s",
		"Nyt:\n- Tehty, ei vielä Laskutettu: %d\n- asiakkaita, joiden ilmoituksia ei saada haettua: %d\n- odottaa käsittelijää: %d%s",
	},
	{"starter notice list and starter customers list name them.", "starter notice list ja starter customers list näyttävät, mitkä."},

	// Hillava.
	{"set HILLAVA_URL and HILLAVA_TOKEN (or HILLAVA_TOKEN_FILE) as for the worker", "anna HILLAVA_URL ja HILLAVA_TOKEN (tai HILLAVA_TOKEN_FILE) kuten workerille"},
	{"Hillava is not reached", "Hillavaan ei saada yhteyttä"},
	{"HILLAVA_TOKEN (or the file that HILLAVA_TOKEN_FILE names)", "HILLAVA_TOKEN (tai tiedosto, jonka HILLAVA_TOKEN_FILE nimeää)"},
	{"customers: %d, of type %s", "asiakkaita: %d, asiakastyyppi %s"},
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
	{"transitions: %d", "siirtymiä: %d"},
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
	{"its id there cannot be read", "sen tunnus Hillavassa ei ole luettavissa"},
	{"tell whoever runs Hillava", "kerro Hillavan ylläpidolle"},
	{"make the customer anew with one; it can be set only at creation", "luo asiakas uudelleen ja anna Tunniste; sen voi antaa vain luotaessa"},
	{"customers.yaml has none, so it is not polled", "asiakasta ei ole tiedostossa customers.yaml, joten sen ilmoituksia ei haeta"},
	{"starter customers open %s adds one", "starter customers open %s lisää kohdan"},
	{"its notices go on under %s, whose entry names it in formerly", "sen ilmoitukset jatkuvat asiakkaalla %s, jonka kohta nimeää sen (formerly)"},
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
