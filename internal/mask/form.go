package mask

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// form is a text as a reader may come to see it: decoded, or without its markup. What is found in it is cut out of the
// text that was written, so that all the rest of that stays as it is.
type form struct {
	text []rune
	from []span // where each rune comes from
}

// The most that is searched of one text's forms. Nobody's text has more of them, and one that has is left out.
const (
	mostForms     = 256
	mostFormRunes = 20 * textLimit
)

// steps make one form into another, each only where there is something for it to do. Markup is left out in three ways: what parts
// a page's lines and cells becomes a space and the rest nothing, as browsers show it; and in case somebody's does it
// otherwise, all of it nothing, and all of it a space.
var steps = [][]decoder{
	{encodedWord, entity, escaped(percentEscapes), escaped(backslashEscapes), backslash, mojibake},
	{softBreak, escaped(equalsEscapes)}, // apart, as "tel=40%20123" looks like it
	{escaped(bareEscapes)},
	{dropping(isInvisible), composed},
	{dropping(isSoftHyphen)},
	{dropping(isEmphasis)},
	{markup(func(isBlock bool) bool { return isBlock })},
	{markup(func(bool) bool { return false })},
	{markup(func(bool) bool { return true })},
}

// decoder tells what the text at a place stands for, and how many runes of it; 0 where there is nothing for it.
type decoder func(text []rune) (plain string, length int)

// formsOf gives all forms of a text, in Clean's characters; complete is false where there are too many.
func formsOf(s string) (forms []form, complete bool) {
	written := form{text: []rune(s)}
	written.from = make([]span, len(written.text))
	for i := range written.text {
		written.from[i] = span{i, i + 1}
	}
	forms = []form{written}
	known := map[string]bool{s: true}
	runes := 0
	for i := 0; i < len(forms); i++ {
		for _, step := range steps {
			next, changed := forms[i].decode(step)
			if !changed || known[string(next.text)] {
				continue
			}
			known[string(next.text)] = true
			forms = append(forms, next)
			if runes += len(next.text); len(forms) > mostForms || runes > mostFormRunes {
				return nil, false
			}
		}
	}
	for i := range forms {
		forms[i] = forms[i].clean()
	}
	return forms, true
}

// textsOf are the forms of a field that is not overlong.
func textsOf(field string) []string {
	forms, _ := formsOf(field)
	var texts []string
	for _, f := range forms {
		texts = append(texts, strings.TrimSpace(string(f.text)))
	}
	return distinct(texts)
}

// source is the span of the written text from which a span of the form comes.
func (f form) source(s span) span {
	return span{f.from[s.start].start, f.from[s.end-1].end}
}

// decode applies the first decoder of a step that has something to do, at each place; changed tells whether any had.
func (f form) decode(step []decoder) (out form, changed bool) {
	for i := 0; i < len(f.text); {
		plain, length := "", 0
		for _, decode := range step {
			if plain, length = decode(f.text[i:]); length > 0 {
				break
			}
		}
		if length == 0 {
			if changed {
				out.add(f.text[i], f.from[i])
			}
			i++
			continue
		}
		if !changed {
			changed, out = true, form{text: slices.Clone(f.text[:i]), from: slices.Clone(f.from[:i])}
		}
		for _, r := range plain {
			out.add(r, span{f.from[i].start, f.from[i+length-1].end})
		}
		i += length
	}
	return out, changed
}

func (f *form) add(r rune, from span) {
	f.text, f.from = append(f.text, r), append(f.from, from)
}

// clean is the form in Clean's characters.
func (f form) clean() form {
	out := form{make([]rune, 0, len(f.text)), make([]span, 0, len(f.text))}
	for i := range f.text {
		r := cleanRune(f.text, i)
		switch {
		case r < 0:
			continue
		case r == lost:
			r = unicode.ReplacementChar
		case unicode.IsMark(r) && len(out.text) > 0:
			last := len(out.text) - 1
			if composed := []rune(norm.NFC.String(string([]rune{out.text[last], r}))); len(composed) == 1 {
				out.text[last], out.from[last].end = composed[0], f.from[i].end
				continue
			}
		}
		out.add(r, f.from[i])
	}
	return out
}

// isLoss tells what may stand for a letter that an encoding lost: signs that replace one, what the letters of seven bits, DOS
// and Macintosh become ("M{kinen", "M„kinen", "M‰kinen"), and letters of other languages ("Mõkinen", "Mдkinen").
func isLoss(r rune) bool {
	return strings.ContainsRune("?\uFFFD¿□{|}[]\\„”‚‰ˆΣ÷¤§#$^", r) ||
		r > unicode.MaxASCII && unicode.IsLetter(r) && !strings.ContainsRune("äöåÄÖÅ", r)
}

// withoutLosses are the form's readings in which what stands for a lost letter is one: "M?kinen"; where the two bytes of an ä
// are lost, "M??kinen"; and whatever number of signs stands for one letter.
func (f form) withoutLosses() []form {
	if !slices.ContainsFunc(f.text, isLoss) {
		return nil
	}
	var readings []form
	for _, bytes := range []int{1, 2, len(f.text)} {
		var out form
		found := false
		for i := 0; i < len(f.text); {
			end := i
			for end < len(f.text) && isLoss(f.text[end]) {
				end++
			}
			besideLetter := i > 0 && kindOf(f.text[i-1]) == letter || end < len(f.text) && kindOf(f.text[end]) == letter
			if end == i || !besideLetter {
				end = max(end, i+1)
				for ; i < end; i++ {
					out.add(f.text[i], f.from[i])
				}
				continue
			}
			found = found || bytes <= 2 && end-i >= bytes || end-i > 2
			for ; i < end; i += bytes {
				out.add(lost, span{f.from[i].start, f.from[min(i+bytes, end)-1].end})
			}
			i = end
		}
		if found {
			readings = append(readings, out)
		}
	}
	return readings
}
