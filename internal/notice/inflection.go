package notice

import "strings"

// Finnish bends names: "Salainen Asukas" is in a text as "Salaiselle Asukkaalle", "Matti" as "Matin". These rules are
// wider than the language: a word too many cut from a protected person's notice is a lesser harm than a name left in.
// They work on folded words, in which ä is a and ö is o.

// caseEndings are the endings that may follow a stem, each also with a particle.
var caseEndings = func() map[string]bool {
	plain := strings.Fields(`n a ta ten tta ssa sta lla lta lle na ksi t s ja ia ita jen ien iden itten ille illa ilta issa
		ista ihin iksi ina in an en on un yn aan een iin oon uun yyn han hen hin hon hun hyn seen ni si nsa mme nne`)
	particles := []string{"", "kin", "kaan", "ko", "han", "nsa"}
	endings := map[string]bool{}
	for _, ending := range plain {
		for _, particle := range particles {
			endings[ending+particle] = true
		}
	}
	for _, particle := range particles {
		endings[particle] = true
	}
	return endings
}()

// longestEnding bounds the search for a stem, in bytes.
const longestEnding = 9

// stemsOf gives the stems to which case endings are added, the word itself first.
func stemsOf(word string) []string {
	stems := []string{word}
	runes := []rune(word)
	if len(runes) < 3 {
		return stems
	}
	body, last := string(runes[:len(runes)-1]), runes[len(runes)-1]
	switch {
	case strings.HasSuffix(word, "nen"): // Virtanen: Virtase-n, Virtas-ta
		short := strings.TrimSuffix(word, "nen") + "s"
		stems = append(stems, short, short+"e")
	case last == 's': // Markus: Markukse-n, Asukas: Asukkaa-n, Hannes: Hannekse-n
		stems = append(stems, body+"kse", body+"de")
		if vowel := body[len(body)-1:]; strings.Contains("aei", vowel) {
			stems = append(stems, body+vowel)
			for _, strong := range strengthen(body[:len(body)-1]) {
				stems = append(stems, strong+vowel+vowel)
			}
		}
	case strings.ContainsRune("aeiouy", last): // Matti: Mati-n, Lahti: Lahde-n, Koski: Koske-n
		bodies := append(weaken(body), body)
		for _, b := range bodies {
			stems = append(stems, b+string(last))
			if last == 'i' {
				stems = append(stems, b+"e")
			}
			if last == 'e' { // Virve: Virvee-n, Huhde: Huhtee-n
				stems = append(stems, b+"ee")
			}
		}
		if old, isOld := strings.CutSuffix(word, "si"); isOld { // Susi: Sude-n, Sute-na, Sut-ta
			stems = append(stems, old+"de", old+"te", old+"t")
		}
		if last == 'i' { // Meri: Mer-ta
			stems = append(stems, body)
		}
		if last == 'e' { // Sade: Satee-n
			for _, strong := range strengthen(body) {
				stems = append(stems, strong+"ee")
			}
		}
	}
	return stems
}

// gradation pairs strong and weak grades of the consonants before the last vowel, longest first.
var gradation = [][2]string{
	{"kk", "k"}, {"pp", "p"}, {"tt", "t"}, {"nt", "nn"}, {"nk", "ng"}, {"mp", "mm"}, {"lt", "ll"}, {"rt", "rr"},
	{"t", "d"}, {"k", ""}, {"p", "v"},
}

func weaken(body string) []string {
	for _, grade := range gradation {
		if strings.HasSuffix(body, grade[0]) {
			return []string{strings.TrimSuffix(body, grade[0]) + grade[1]}
		}
	}
	return nil
}

func strengthen(body string) []string {
	var strong []string
	for _, grade := range gradation {
		if grade[1] != "" && strings.HasSuffix(body, grade[1]) {
			strong = append(strong, strings.TrimSuffix(body, grade[1])+grade[0])
		}
	}
	return strong
}
