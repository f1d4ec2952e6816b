package notice

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// cutMark shows a reader that a text has been cut for length.
const cutMark = "… (katkaistu)"

// shorten cuts s to at most limit characters (runes), cutMark at its end included; no limit is less than that mark's length.
// It cuts between words, unless that would cost half of the text: half a word can be another one, even a name that was not
// there to be cut out.
func shorten(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	keep := limit - utf8.RuneCountInString(cutMark)
	runes := []rune(s)
	end := keep
	for end > keep/2 && isLetter(runes[end-1]) && isLetter(runes[end]) {
		end--
	}
	if end <= keep/2 {
		end = keep
	}
	return strings.TrimRightFunc(string(runes[:end]), unicode.IsSpace) + cutMark
}

func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }

// line is one labelled line of a description; its text may have line breaks.
type line struct {
	label string // with its colon; "" = none
	text  string
}

func (l line) String() string {
	if l.label == "" {
		return l.text
	}
	return l.label + " " + l.text
}

// joinLines joins the lines that have a text. When the whole is over limit characters (runes), the longest texts are
// cut first, with a mark, so that short lines (a phone, our own remarks) outlive long ones.
func joinLines(lines []line, limit int) string {
	var kept []line
	length := -1 // no line break before the first
	for _, l := range lines {
		if l.text != "" {
			kept = append(kept, l)
			length += utf8.RuneCountInString(l.String()) + 1
		}
	}
	cut := make([]bool, len(kept))
	for length > limit {
		longest, size := -1, 0
		for i, l := range kept {
			if n := utf8.RuneCountInString(l.text); !cut[i] && n > size {
				longest, size = i, n
			}
		}
		if longest < 0 {
			break
		}
		room := max(size-(length-limit), utf8.RuneCountInString(cutMark))
		kept[longest].text = shorten(kept[longest].text, room)
		cut[longest] = true
		length -= size - utf8.RuneCountInString(kept[longest].text)
	}
	texts := make([]string, len(kept))
	for i, l := range kept {
		texts[i] = l.String()
	}
	return shorten(strings.Join(texts, "\n"), limit)
}
