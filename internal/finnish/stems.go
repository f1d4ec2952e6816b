// Package finnish knows how Finnish bends nouns and names, as far as finding one in a text needs it. It is wider than the
// language: among the stems that it gives are some that no speaker would use.
package finnish

import "strings"

// Stems gives the stems to which case endings are added, the word itself first. The word is in lower case and without
// diacritics, and so are they. A word of three letters is its own stem: any other would be half of the language's.
func Stems(word string) []string {
	const shortest = 4
	runes := []rune(word)
	if len(runes) < shortest {
		return []string{word}
	}
	body, last := string(runes[:len(runes)-1]), runes[len(runes)-1]
	stems := []string{word}
	switch {
	case strings.HasSuffix(word, "nen"): // Virtanen: Virtase-n, Virtas-ta
		short := strings.TrimSuffix(word, "nen") + "s"
		stems = append(stems, short, short+"e")
	case last == 's':
		stems = append(stems, sStems(body)...)
	case strings.ContainsRune("aeiouy", last):
		stems = append(stems, vowelStems(body, string(last))...)
	default:
		stems = append(stems, consonantStems(body, last)...)
	}
	return stems
}

// sStems: Markus: Markukse-n, Markuks-ille, Asukas: Asukkaa-n, Asukka-ille, Hannes: Hannekse-n, Ruis: Rukii-n, Uusimies:
// Uusimiehe-n.
func sStems(body string) []string {
	stems := []string{body + "kse", body + "ks", body + "de"}
	if old, isMan := strings.CutSuffix(body, "mie"); isMan {
		stems = append(stems, old+"miehe", old+"mieh")
	}
	vowel := body[len(body)-1:]
	if !strings.Contains("aei", vowel) {
		return stems
	}
	stems = append(stems, body+vowel)
	for _, strong := range strengthen(body[:len(body)-1]) {
		stems = append(stems, strong+vowel+vowel, strong+vowel)
	}
	return stems
}

// vowelStems: Matti: Mati-n, Lahti: Lahde-n, Koski: Koske-n, Virve: Virvee-n, Meri: Mer-ta, Sade: Satee-n, Ranta:
// Ranno-ille, Ranto-jen, Heinälä: Heinäl-ille.
func vowelStems(body, last string) []string {
	var stems []string
	for _, b := range append(weaken(body, last), body) {
		stems = append(stems, b+last)
		switch last {
		case "i":
			stems = append(stems, b+"e")
		case "e":
			stems = append(stems, b+"ee")
		case "a":
			stems = append(stems, b+"o")
			const long = 5 // letters before the vowel; of shorter words too many others have these forms
			if len(b) >= long {
				stems = append(stems, b+"i")
			}
		}
	}
	switch last {
	case "i":
		stems = append(stems, body)
		stems = append(stems, siStems(body)...)
		if strings.HasSuffix(body, "iem") || strings.HasSuffix(body, "lum") { // Niemi: Nien-tä, Lumi: Lun-ta; but Sami: Sami-a
			stems = append(stems, strings.TrimSuffix(body, "m")+"n")
		}
	case "e":
		for _, strong := range strengthen(body) {
			stems = append(stems, strong+"ee")
		}
	}
	return stems
}

// siStems: Susi: Sude-n, Sute-na, Sut-ta; Länsi: Länne-n, Länte-en; Varsi: Varre-n.
func siStems(body string) []string {
	old, isSi := strings.CutSuffix(body, "s")
	if !isSi || old == "" {
		return nil
	}
	stems := []string{old + "de", old + "te", old + "t"}
	if before := old[len(old)-1:]; strings.Contains("nlr", before) {
		stems = append(stems, old+before+"e")
	}
	return stems
}

// consonantStems: Taival: Taipalee-n, Manner: Mantere-en, Kulkijatar: Kulkijattare-n, Ahven: Ahvene-lle, Sydän: Sydäme-n, Ydin:
// Ytime-n, Onneton: Onnettoma-n, Kevät: Kevää-n, Olut: Olue-n, Väsynyt: Väsynee-n.
func consonantStems(body string, last rune) []string {
	vowel := body[len(body)-1:]
	if !strings.Contains("aeiouy", vowel) {
		return nil
	}
	grades := append(strengthen(body[:len(body)-1]), body[:len(body)-1])
	var stems []string
	for _, grade := range grades {
		switch last {
		case 'l', 'r':
			stem := grade + vowel + string(last)
			stems = append(stems, stem, stem+"e", stem+"ee")
		case 'n':
			stems = append(stems, grade+vowel+"me", grade+vowel+"ma", grade+vowel+"mi")
		}
	}
	switch last {
	case 'n':
		stems = append(stems, body+"ne")
	case 't':
		stems = append(stems, body+vowel, body+"e")
		if old, isParticiple := strings.CutSuffix(body, "n"+vowel); isParticiple {
			stems = append(stems, old+"nee")
		}
	}
	return stems
}

// gradation pairs strong and weak grades of the consonants before the last vowel, longest first.
var gradation = [][2]string{
	{"kk", "k"}, {"pp", "p"}, {"tt", "t"}, {"nt", "nn"}, {"nk", "ng"}, {"mp", "mm"}, {"lt", "ll"}, {"rt", "rr"},
	{"t", "d"}, {"k", ""}, {"p", "v"},
}

// weakeningOfK is that of k before certain vowels only: Kurki: Kurje-n, Suku: Suvu-n, Poika: Poja-n.
var weakeningOfK = []struct{ strong, weak, vowels string }{
	{"rk", "rj", "ie"}, {"lk", "lj", "ie"}, {"hk", "hj", "ie"}, {"uk", "uv", "u"}, {"yk", "yv", "y"}, {"ik", "j", "a"},
}

// weaken gives the weak grades of what stands before the last vowel.
func weaken(body, vowel string) []string {
	var weak []string
	for _, special := range weakeningOfK {
		if old, has := strings.CutSuffix(body, special.strong); has && strings.Contains(special.vowels, vowel) {
			weak = append(weak, old+special.weak)
		}
	}
	for _, grade := range gradation {
		if old, has := strings.CutSuffix(body, grade[0]); has {
			return append(weak, old+grade[1])
		}
	}
	return weak
}

// strengthen gives the strong grades of what stands before the last vowel or its consonant.
func strengthen(body string) []string {
	var strong []string
	for _, grade := range gradation {
		if old, has := strings.CutSuffix(body, grade[1]); has && grade[1] != "" {
			strong = append(strong, old+grade[0])
		}
	}
	if old, has := strings.CutSuffix(body, "j"); has { // Hylje: Hylkee-n
		strong = append(strong, old+"k")
	}
	if body != "" && strings.Contains("aeiouy", body[len(body)-1:]) { // Rae: Rakee-n, Ruis: Rukii-n
		strong = append(strong, body+"k")
	}
	return strong
}
