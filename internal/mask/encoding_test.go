package mask_test

import (
	"fmt"
	"html"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"tampuuri-hillava/internal/mask"
)

// maki is somebody whose data has letters that encodings change.
var maki = mask.Person{
	Name: "Mäkinen Äijö", Phone: "040 123 4567", Email: "aijo.makinen@example.fi", Street: "Öljytie 3 B 5", PostalCode: "33100", City: "Tampere",
}

func TestDataIsCutOutOfEncodedTextsAndOfMarkup(t *testing.T) {
	for _, row := range []struct{ about, text, want string }{
		{"a phone in bold", "Soita 040 123<b> 4567</b> heti", "Soita [poistettu]</b> heti"},
		{"a phone with a line's tag in it", "040 123<br/>4567", "[poistettu]"},
		{"a name in two tags", "<span>Mäki</span><span>nen</span>", "<span>[poistettu]</span>"},
		{"a word that may break", "Mäki<wbr>nen avaa", "[poistettu] avaa"},
		{"a comment", "Mäki<!-- x > y -->nen", "[poistettu]"},
		{"cells of a table", "<td>Huolto</td><td>Mäkinen</td><td>Äijö</td>", "<td>Huolto</td><td>[poistettu]</td>"},
		{"paragraphs", "<p>Mäki<wbr>nen</p><p>avaa</p>", "<p>[poistettu]</p><p>avaa</p>"},
		{"an attribute", `<a href="tel:+358401234567">soita</a>`, `<a href="tel:[poistettu]">soita</a>`},
		{"emphasis within a word", "Mäki**nen** ja _Äi_jö", "[poistettu]** ja _[poistettu]"},
		{"forum codes", "Mäki[b]nen[/b]", "[poistettu][/b]"},
		{"a link", "https://kartta.example/?q=M%C3%A4kinen&tel=040%20123%204567", "https://kartta.example/?q=[poistettu]&tel=[poistettu]"},
		{"a link to the street", "https://kartta.example/haku/%C3%96ljytie%203%2C%20Tampere", "https://kartta.example/haku/[poistettu]%2C%20Tampere"},
		{"a link with pluses", "?q=%C3%96ljytie+3+B+5&p=33100+Tampere", "?q=[poistettu]&p=[poistettu]"},
		{"percent, Latin-1", "M%E4kinen", "[poistettu]"},
		{"percent of percent", "M%25C3%25A4kinen", "[poistettu]"},
		{"percent, JavaScript's", "M%u00E4kinen", "[poistettu]"},
		{"UTF-8 read as Latin-1", "MÃ¤kinen", "[poistettu]"},
		{"capitals read as Latin-1", "M\u00c3\u0084KINEN", "[poistettu]"},
		{"capitals read as Windows-1252", "MÃ„KINEN", "[poistettu]"},
		{"in lower case", "mã¤kinen", "[poistettu]"},
		{"twice", "MÃƒÂ¤kinen", "[poistettu]"},
		{"UTF-8 read as DOS", "M├ñkinen", "[poistettu]"},
		{"UTF-8 read as Macintosh", "M√§kinen", "[poistettu]"},
		{"quoted-printable", "M=C3=A4kinen", "[poistettu]"},
		{"quoted-printable, Latin-1", "M=E4kinen", "[poistettu]"},
		{"quoted-printable, over a line", "M=C3=A4ki=\r\nnen, tel=0401234567", "[poistettu], tel=[poistettu]"},
		{"an e-mail's header", "=?utf-8?Q?M=C3=A4kinen_=C3=84ij=C3=B6?=", "[poistettu]"},
		{"JSON", `{"nimi":"M\u00e4kinen","puh":"040\u00a01234567"}`, `{"nimi":"[poistettu]","puh":"[poistettu]"}`},
		{"JSON in JSON", `M\\u00e4kinen\\nÄij\\u00F6`, `[poistettu]`},
		{"JSON without its backslash", "Mu00e4kinen", "[poistettu]"},
		{"bytes of a program", `M\xc3\xa4kinen, M\303\244kinen`, "[poistettu], [poistettu]"},
		{"RTF", `M\'e4kinen`, "[poistettu]"},
		{"entities", "M&auml;kinen, M&#228;kinen, M&#xE4;kinen, M&AUML;KINEN, M&aumlkinen, M&#228kinen", "[poistettu], [poistettu], [poistettu], [poistettu], [poistettu], [poistettu]"},
		{"entities of entities", "M&amp;auml;kinen &amp;amp;lt;b&amp;amp;gt;", "[poistettu] &amp;amp;lt;b&amp;amp;gt;"},
		{"a tag in entities", "Mäki&lt;wbr&gt;nen", "[poistettu]"},
		{"digits in entities", "&#48;&#52;&#48; 1234567", "[poistettu]"},
		{"a lost letter", "M?kinen, M\uFFFDkinen, ?ij?n, M¿kinen, M□kinen", "[poistettu], [poistettu], [poistettu]"},
		{"both bytes of a letter lost", "M??kisell\uFFFD\uFFFD, ??ljytie 3", "[poistettu], [poistettu]"},
		{"letters of other code pages", "M{kinen, [ij|n ovi, M„kinen, MΣkinen", "[poistettu] ovi, [poistettu], [poistettu]"},
		{"letters of code pages that are another country's", "MŠkinen, M‰kinen, Mõkinen, Mðkinen, MÑkinen, Mдkinen, Mδkinen", "[poistettu], [poistettu], [poistettu], [poistettu], [poistettu], [poistettu], [poistettu]"},
		{"letters that were left out", "Mkinen, M\u0084kinen, M_kinen, M*kiselle", "[poistettu], [poistettu], [poistettu], [poistettu]"},
		{"other signs for lost letters", "M¤kinen, M§kinen, M#kinen, M$kinen, M^kinen", "[poistettu], [poistettu], [poistettu], [poistettu], [poistettu]"},
		{"dots that stand apart, as in a PDF", "M¨akinen ja Ma¨kinen, ¨Aij¨on, M¨ akinen", "[poistettu] ja [poistettu], M¨ akinen"},
		{"letters that stand apart", "M ä k i n e n avaa, M.ä.k.i.n.e.n ja Ä-i-j-ö, A 3 B", "[poistettu] avaa, [poistettu] ja [poistettu], A 3 B"},
		{"an encoded word", "=?utf-8?B?TcOka2luZW4=?= avaa, =?iso-8859-1?q?M=E4kinen?=", "[poistettu] avaa, [poistettu]"},
		{"character data", "<![CDATA[Mäki]]>nen", "<![CDATA[[poistettu]"},
		{"invisible characters", "Mäki\u200bnen, 040\u00ad123\u206045\ufeff67, Mäki\u3164nen", "[poistettu], [poistettu], [poistettu]"},
		{"without dots", "Makinen, Maekinen, Oljytie 3", "[poistettu], [poistettu], [poistettu]"},
		{"what is nobody's stays as it is written", "<b>Hana</b> vuotaa &amp; tippuu 50%, l&auml;hti? *heti*", "<b>Hana</b> vuotaa &amp; tippuu 50%, l&auml;hti? *heti*"},
	} {
		t.Run(row.about, func(t *testing.T) {
			require.Equal(t, row.want, mask.New(nil, maki).Text(row.text))
		})
	}
}

func TestAFieldThatIsEncodedItselfIsFoundInPlainTexts(t *testing.T) {
	for _, name := range []string{"M&auml;kinen", "MÃ¤kinen", "M=C3=A4kinen", `M\u00e4kinen`, "M%C3%A4kinen", "M?kinen", "M\uFFFDkinen", "<b>Mä</b>kinen"} {
		require.Equal(t, "[poistettu] avaa", cut(name, "Mäkinen avaa"), name)
	}
	require.True(t, mask.Same(mask.Person{Name: "Äijö Mäkinen"}, mask.Person{Name: "M&auml;kinen, &Auml;ij&ouml;"}))
	require.Equal(t, "[poistettu]", mask.New(nil, mask.Person{Street: "&Ouml;ljytie 3"}).Text("Öljytie 3"))
}

func TestATextWithTooManyFormsIsLeftOut(t *testing.T) {
	text := "Hana vuotaa &" + strings.Repeat("amp;", 300)
	require.Equal(t, mask.Mark, mask.New(nil, maki).Text(text))
}

// encodings are what becomes of letters on their way through programs.
var encodings = []struct {
	name   string
	encode func(s string) string
}{
	{"as it is", func(s string) string { return s }},
	{"entities", entities},
	{"decimal entities", eachRune(func(r rune) string { return fmt.Sprintf("&#%d;", r) })},
	{"hexadecimal entities", eachRune(func(r rune) string { return fmt.Sprintf("&#x%x;", r) })},
	{"percent", eachByte("%%%02X", nil)},
	{"percent, Latin-1", eachByte("%%%02x", charmap.Windows1252)},
	{"quoted-printable", eachByte("=%02X", nil)},
	{"quoted-printable, Latin-1", eachByte("=%02X", charmap.Windows1252)},
	{"bytes", eachByte(`\x%02x`, nil)},
	{"JSON", func(s string) string {
		return nonASCII(func(r rune) string { return fmt.Sprintf(`\u%04x`, r) })(strings.ReplaceAll(s, `\`, `\\`))
	}},
	{"mojibake, Windows-1252", misread(charmap.Windows1252)},
	{"mojibake, Latin-1", misread(charmap.ISO8859_1)},
	{"capitals", strings.ToUpper},
	{"decomposed", norm.NFD.String},
	{"zero-width spaces", between("\u200b")},
	{"soft hyphens", between("\u00ad")},
	{"a tag", inTheMiddle("<b class='x'>")},
	{"tags", inTheMiddle("</span><span>")},
	{"a break", inTheMiddle("<wbr>")},
	{"a comment", inTheMiddle("<!-- - -->")},
	{"a forum code", inTheMiddle("[b]")},
	{"emphasis", inTheMiddle("**")},
}

// losses are encodings that lose letters; what comes after them may not lose their traces.
var losses = []struct {
	name   string
	encode func(s string) string
}{
	{"lost letters", nonASCII(func(rune) string { return "?" })},
	{"lost bytes", nonASCII(func(rune) string { return "\uFFFD\uFFFD" })},
	{"no dots", func(s string) string { return strings.Map(func(r rune) rune { return ascii(r) }, s) }},
}

func eachRune(encode func(r rune) string) func(string) string {
	return func(s string) string {
		var out strings.Builder
		for _, r := range s {
			out.WriteString(encode(r))
		}
		return out.String()
	}
}

func nonASCII(encode func(r rune) string) func(string) string {
	return eachRune(func(r rune) string {
		if r <= unicode.MaxASCII {
			return string(r)
		}
		return encode(r)
	})
}

var entities = nonASCII(func(r rune) string {
	for _, name := range []string{"auml", "Auml", "ouml", "Ouml"} {
		if html.UnescapeString("&"+name+";") == string(r) {
			return "&" + name + ";"
		}
	}
	return string(r)
})

// eachByte writes all but ASCII letters and digits by the number of their bytes: in UTF-8, or in the code page where it has them.
func eachByte(format string, page *charmap.Charmap) func(string) string {
	return eachRune(func(r rune) string {
		if r <= unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return string(r)
		}
		bytes := []byte(string(r))
		if page != nil {
			if b, has := page.EncodeRune(r); has && b >= 'À' { // a letter: signs and letters together can be UTF-8
				bytes = []byte{b}
			}
		}
		out := ""
		for _, b := range bytes {
			out += fmt.Sprintf(format, b)
		}
		return out
	})
}

func misread(page *charmap.Charmap) func(string) string {
	return nonASCII(func(r rune) string {
		out := ""
		for _, b := range []byte(string(r)) {
			read := page.DecodeByte(b)
			if read == unicode.ReplacementChar {
				read = rune(b)
			}
			out += string(read)
		}
		return out
	})
}

func between(sign string) func(string) string {
	return func(s string) string { return strings.Join(strings.Split(s, ""), sign) }
}

func inTheMiddle(sign string) func(string) string {
	return func(s string) string {
		runes := []rune(s)
		return string(runes[:len(runes)/2]) + sign + string(runes[len(runes)/2:])
	}
}

func ascii(r rune) rune {
	for _, base := range norm.NFD.String(string(r)) {
		return base
	}
	return r
}

// words of maki's data, each of which has to go on its own.
var words = []string{"Mäkinen", "Äijölle", "0401234567", "Öljytie", "Öljytiellä"}

func TestNoWordStaysInAnyPairOfEncodings(t *testing.T) {
	redactor := mask.New(nil, maki)
	check := func(word, encoded string, how ...string) {
		t.Helper()
		if kept := redactor.Text("Avaa " + encoded + " heti"); strings.Contains(kept, encoded) {
			t.Errorf("%s stays in %v: %s", word, how, kept)
		}
	}
	for _, word := range words {
		for _, first := range append(losses, encodings...) {
			once := first.encode(word)
			check(word, once, first.name)
			for _, second := range encodings {
				if first.name == second.name && first.name == "a comment" {
					continue // a reader sees what stands after the inner one's end
				}
				check(word, second.encode(once), first.name, second.name)
			}
		}
		for _, loss := range losses[:2] {
			check(word, loss.encode(misread(charmap.Windows1252)(word)), "mojibake", loss.name)
		}
	}
}

// FuzzAnEncodedTextHidesNobody encodes a word of protected data by up to four encodings, between texts that may be anything.
func FuzzAnEncodedTextHidesNobody(f *testing.F) {
	f.Add("?q=", "&tel=", uint8(0), uint8(4), uint8(4), uint8(0), uint8(0))
	f.Add("<p>", "</p>", uint8(1), uint8(10), uint8(11), uint8(16), uint8(1))
	f.Add(`{"x":"`, `"}`, uint8(2), uint8(9), uint8(9), uint8(2), uint8(6))
	f.Add("=?utf-8?Q?", "?=", uint8(3), uint8(23), uint8(6), uint8(20), uint8(14))
	f.Add("&amp;amp;%25", "[b]<!--", uint8(4), uint8(24), uint8(19), uint8(21), uint8(3))
	redactor := mask.New(nil, maki)
	f.Fuzz(func(t *testing.T, before, after string, word, first, second, third, fourth uint8) {
		all := append(encodings, losses...)
		encoded, used := words[int(word)%len(words)], map[string]int{}
		for i, number := range []uint8{first, second, third, fourth} {
			next := all[int(number)%len(all)]
			if i > 0 { // what comes after may not lose the traces of what came before
				next = encodings[int(number)%len(encodings)]
			}
			if i > 0 && next.name == "capitals" {
				continue // the signs of mojibake have capitals of their own
			}
			used[next.name]++
			encoded = next.encode(encoded)
		}
		if used["a comment"] > 1 || used["soft hyphens"] > 1 {
			return // a reader sees what stands after the inner comment's end; and which hyphen is a letter of mojibake nobody can tell
		}
		if kept := redactor.Text(before + " avaa " + encoded + " heti " + after); strings.Contains(kept, mask.Clean(encoded)) {
			t.Fatalf("%q stays in %q", encoded, kept)
		}
	})
}

// What offices paste from their mail is read, and only what is the person's is cut out of it.
func TestAnEmailAsItIsPastedIsSearchedAndKept(t *testing.T) {
	const mail = `<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!-- p.MsoNormal {margin:0cm; font-size:11.0pt;} --></style></head>
<body lang="FI" link="#0563C1"><p class="MsoNormal">Hei,<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p>
<p>Keitti&ouml;n hana vuotaa &amp; l&auml;mp&ouml;patteri on kylm&auml;. Katso <a href="https://kartta.example/maps/Testipolku%204,%2000100%20Helsinki/@60.1,24.9?utm_source=mail&amp;id=3D12&amp;q=a_b">kartta</a>?</p>
<p>Terveisin,&#8203;<br>*Huolto* &ndash; p. 09&nbsp;123&nbsp;456, <a href="mailto:huolto_tiimi@example.fi">huolto_tiimi@example.fi</a></p>`
	redactor := mask.New(nil, maki)
	require.Equal(t, mail, redactor.Text(mail))
	require.Equal(t, mail+"\n<p>[poistettu]</p>", redactor.Text(mail+"\n<p>&Auml;ij&ouml; <b>M&auml;k</b>inen</p>"))
	long := strings.Repeat(mail+"\n", 15)
	require.Equal(t, mask.Clean(long), redactor.Text(long))
}
