package mask

import (
	"slices"
	"strings"
)

// roleWords are what somebody is, and stand in a name field for a name that nobody wrote.
var roleWords = setOf(strings.Fields(`asukas asukkaat asukasedustaja vuokralainen vuokralaiset vuokranantaja omistaja omistajat osakas osakkaat
	osakkeenomistaja isannoitsija huoltomies kiinteistonhoitaja talonmies talkkari siivooja naapuri naapurit asiakas kayttaja
	yhteyshenkilo tilaaja ilmoittaja maksaja edustaja paivystaja sihteeri valvoja urakoitsija puheenjohtaja varapuheenjohtaja pj hallitus puoliso
	vaimo kuolinpesa edunvalvoja huoltaja tuntematon anonyymi nimeton boende hyresgast disponent okand`))

// services are roles of companies: beside a name they may be what it is the name of.
var services = setOf(strings.Fields(`huolto huoltoyhtio kiinteistohuolto isannointi isannointitoimisto siivous asiakaspalvelu paivystys toimisto`))

// fillers are no names where nothing but such words and roles is in a field.
var fillers = setOf(strings.Fields(`ei ole tiedossa tiedoteta tietoa ilmoitettu saatavilla saatavissa annettu nimea nimi puhelinta puhelin
	sahkopostia sahkoposti osoitetta osoite puuttuu tyhja vapaa kukaan joku uusi entinen nykyinen edellinen tuleva muu hallituksen jasen
	taloyhtion talon asunnon huoneiston kiinteiston yhtion asunto huoneisto tila liiketila toimitila varasto as hto
	na nn xx xxx xxxx null none unknown tbd ja tai`))

// perhapsNames are fillers that are somebody's name where they stand alone.
var perhapsNames = setOf(strings.Fields("ole na uusi muu tila vapaa ja jasen"))

// isPlaceholder tells whether a field holds no data: nothing but punctuation, or words that stand where data is missing.
func isPlaceholder(field string) bool { return saysNothing(plainKeys(keysOf(field))) }

// isNameless tells it of a name field, in which the number of a flat names nobody either: "Asukas A 12".
func isNameless(name string) bool {
	keys := plainKeys(keysOf(name))
	const mostDigits = 4 // with more of them it may be a phone
	if digits := len(digitsOf(name)); digits == 0 || digits > mostDigits {
		return saysNothing(keys)
	}
	var words []string
	for i, key := range keys {
		besideNumber := i > 0 && isNumber(keys[i-1]) || i+1 < len(keys) && isNumber(keys[i+1])
		if !isNumber(key) && !(len(key) == 1 && besideNumber) {
			words = append(words, key)
		}
	}
	return len(words) > 0 && saysNothing(words)
}

func saysNothing(keys []string) bool {
	isName := func(key string) bool { return !isIn(roleWords, key) && !isIn(services, key) && !isIn(fillers, key) }
	isLong := func(key string) bool { return len(key) > 1 }
	switch {
	case len(keys) == 0:
		return true
	case len(keys) == 1 && perhapsNames[keys[0]]:
		return false
	case !slices.ContainsFunc(keys, isLong): // "N.N.", "n/a"
		return fillers[strings.Join(keys, "")]
	}
	return !slices.ContainsFunc(keys, isName)
}

// withoutRole are the words of a name without what somebody is, written before the name, or after it in small letters or where
// the name is whole: "Asukas Virtanen", "Virtanen asukas", but "Salainen Asukas".
func withoutRole(words []token) []token {
	isRole := func(t token) bool { return isIn(roleWords, t.plain) }
	isPartOf := func(t token) bool { return isRole(t) || isIn(fillers, t.plain) }
	start := 0
	for i, t := range words {
		if !isPartOf(t) {
			break
		}
		if isRole(t) {
			start = i + 1
		}
	}
	words = words[start:]
	const wholeName = 2
	isSmall := func(t token) bool {
		return !t.capital && slices.ContainsFunc(words, func(other token) bool { return other.capital })
	}
	end := len(words)
	for end > 1 && isPartOf(words[end-1]) && (end < len(words) || isRole(words[end-1])) && (end > wholeName || isSmall(words[end-1])) {
		end--
	}
	return words[:end]
}
