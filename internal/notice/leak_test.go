package notice_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"tampuuri-hillava/internal/mask"
	"tampuuri-hillava/internal/notice"
)

// The leak checks are written apart from the code that masks: plain string searches over simplified texts.

// breaker is a word that stands for what we wrote ourselves, so that a name is not found across it.
const breaker = " ¤word¤ "

// ours is what the mapping itself writes into texts.
var ours = regexp.MustCompile(`(?m)^(Otsikko|Kuvaus|Tila/huoneisto|Kiinteistö|Tilaaja|Ilmoittaja|Lisätiedot|Sisäänpääsy|Kotieläimet): ?` +
	`|^Kohde-id: -?\d+$|^Huom: .*$|^Muutettu Tampuurissa .*$|^Tehtävää ei ole muutettu.*$|^Katso muutos.*$|^\w+ turvakielto: (on|ei)$` +
	`|TURVAKIELTO – katso Tampuuri|\[poistettu\]|… ?\(katkaistu\)|sama kuin tilaaja|\(tyhjä\)|Tampuuri-ilmoitus \d+`)

// simple is text in lower case without diacritics and invisible characters; what we wrote is the breaker.
func simple(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Mn, unicode.Mc, unicode.Me, unicode.Cf) || unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' && r != '\u0085' {
			return -1
		}
		return r
	}, norm.NFKD.String(text)))
}

// words are text's letters and digits in words, between spaces.
func words(text string) string {
	return " " + strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '¤'
	}), " ") + " "
}

// digits are text's digits; letters are kept as "x", so that two numbers with a word between stay two.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case unicode.IsLetter(r):
			return 'x'
		}
		return -1
	}, text)
}

// leaks tells what of a protected person is in the texts, "" when nothing; what is also in site is no leak.
func leaks(p notice.Person, site string, texts ...string) string {
	site = simple(site)
	siteWords := words(site) + words(regexp.MustCompile(`\pN+`).ReplaceAllString(site, " $0 ")) // a number glued to a word stays, too
	for _, text := range texts {
		text = simple(ours.ReplaceAllString(text, breaker))
		name := words(simple(p.Name))
		if strings.TrimSpace(name) != "" && !nobody(p) && strings.Contains(words(text), name) && !strings.Contains(siteWords, name) {
			return fmt.Sprintf("the name %q in %q", name, text)
		}
		for _, field := range []string{p.Phone, p.Phone2} {
			if number := nationalDigits(field); number != "" && strings.Contains(digits(text), number) && !strings.Contains(digits(site), number) {
				return fmt.Sprintf("the phone %q in %q", number, text)
			}
		}
		email := strings.TrimSpace(simple(p.Email))
		isOne := strings.Count(email, "@") == 1 && !strings.ContainsAny(email, " ,;|<>()\n\r\t\u0085\u2028\u2029")
		if isOne && len(email) > 4 && strings.Contains(text, email) && !strings.Contains(site, email) {
			return fmt.Sprintf("the e-mail %q in %q", email, text)
		}
		if street := streetIn(p.Street, text, siteWords); street != "" {
			return fmt.Sprintf("the street %q in %q", street, text)
		}
	}
	return ""
}

// nobody tells whether the name is what offices write where they know none.
func nobody(p notice.Person) bool { return !mask.Person{Name: p.Name}.HasData() }

// bentStreets are the forms of the words that end a street's name.
var bentStreets = map[string]string{
	"tie":   "tie|tien|tiella|tielle|tielta|tieta|tiessa|tiesta|tiehen|tiet|teilla",
	"katu":  "katu|kadun|kadulla|kadulle|kadulta|katua|kadussa|kadut",
	"polku": "polku|polun|polulla|polulle|polulta|polkua|polussa|polut",
	"kuja":  "kuja|kujan|kujalla|kujalle|kujalta|kujaa|kujassa|kujat",
}

var plainStreet = regexp.MustCompile(`^(\pL{4,})(tie|katu|polku|kuja) (\d{1,3})\b`)

// streetIn finds a street in any form, without its number or with it; another house's number behind it is another address.
func streetIn(street, text, siteWords string) string {
	parts := plainStreet.FindStringSubmatch(simple(street))
	if parts == nil || strings.Contains(siteWords, " "+parts[1]+parts[2]+" ") {
		return ""
	}
	forms := regexp.MustCompile(` ` + parts[1] + `(?:` + bentStreets[parts[2]] + `) (?: (\d+))?`)
	for _, found := range forms.FindAllStringSubmatch(strings.ReplaceAll(words(text), " ", "  ")+" ", -1) {
		if found[1] == parts[3] || found[1] == "" || found[1][0] == '0' {
			return strings.TrimSpace(found[0])
		}
	}
	return ""
}

// nationalDigits is the number without country code and trunk zero; "" when the field is not plainly one number.
func nationalDigits(field string) string {
	field = strings.TrimSpace(field)
	if strings.ContainsFunc(field, func(r rune) bool { return !strings.ContainsRune("0123456789+-. ()", r) }) {
		return ""
	}
	all := digits(field)
	if strings.HasPrefix(field, "+358") {
		all = strings.TrimPrefix(all, "358")
	}
	all = strings.TrimLeft(all, "0")
	if len(all) < 7 || len(all) > 12 {
		return ""
	}
	return all
}

func FuzzNoMaskedValueIsInATask(f *testing.F) {
	f.Add("Salainen Asukas", "+358 40 000 0666", "salainen@example.com", "Soita Asukas Salainen", "040-0000666, salainen@example.com",
		"A 12", "Asunto Oy Testipolku 4", "Testi Tilaaja", "0400000001", uint8(1))
	f.Add("Asunto Oy Testipolku 4", "09 000 004", "t@example.com", "Asunto oy TESTIPOLKU 4", "(09)000004", "", "Asunto Oy Testipolku 4",
		"asunto oy testipolku 4", "09000004", uint8(2))
	f.Add("Li Bo", "112", "x", "bo li 112 x", "li\nbo", "Bo Li", "", "Li Bo jr", "112112", uint8(4))
	f.Add("Äijö\u200b Mäki", "0046 70 123 4567", "ä@b.fi", "A\u0308ijo\u0308 Ma\u0308ki", "070-1234567", "B", "C", "Mäki", "+46701234567", uint8(9))
	f.Add("Salainen Asukas", "040 1234567", "x@y.fi", "Piilotie 3 B 5", "Piilotie 3", "A 1", "As Oy Piilotie", "Muu", "09", uint8(1))
	f.Add("Matti Meri", "040 1234567", "x@y.fi", "Asuu Piilotiella, muutti Piilotielle", "Piilotie 3", "A 1", "As Oy Testi", "Muu", "09", uint8(67))
	f.Add("Asukas", "040 1234567", "x@y.fi", "asukas avaa Sal<b>akadun</b>", "Salakatu 7", "A 1", "As Oy Testi", "Asukas", "09", uint8(200))
	f.Add("4", "0000000", "@", "4 4", "0000000", "4", "4", "4", "4", uint8(255))
	f.Fuzz(func(t *testing.T, name, phone, email, text, more, space, property, otherName, otherPhone string, switches uint8) {
		secret := notice.Person{Name: name, Phone: phone, Phone2: otherPhone, Street: more, City: name, Email: email, Turvakielto: notice.TurvakieltoSet}
		if switches >= 64 { // the same number for two people makes them one, and then there is nobody to tell apart
			secret.Phone2 = ""
		}
		other := notice.Person{Name: otherName, Phone: otherPhone, Email: more}
		n := notice.Notice{
			ID: 987654321987, Title: text, Description: more, Additional: text + more, Access: more + " " + text, Pets: text,
			Space: space, Property: property, ContactName: otherName, ContactPhone: phone,
			Orderer: other, Reporter: other, Payer: other,
		}
		switch switches % 3 {
		case 0:
			n.Orderer = secret
		case 1:
			n.Reporter = secret
		default:
			n.Payer = secret
		}
		o := plainOptions()
		o.Contacts = []notice.Contacts{notice.ContactsDescription, notice.ContactsAdditionalInfo, notice.ContactsNone}[switches/3%3]
		var place *notice.Property
		if switches >= 128 {
			place = fullProperty()
		}
		task := notice.BuildTask(n, place, o)
		fields := keyer(t).Fields(n)
		var changed []string // but who is protected: a note of that quotes no texts, and here they are what is searched
		for field := range fields {
			if !notice.IsTurvakieltoField(field) && (field != "orderer" || switches%3 != 0) && (field != "reporter" || switches%3 != 1) {
				changed = append(changed, field)
			}
		}
		note := notice.ChangeNote(noteTime, n, changed, notice.WithDeparted(n, fields, fields, changed), o.Contacts)
		reference := strings.TrimPrefix(task.BillingReference, "987654321987")
		street2 := ""
		if task.DeliveryAddress != nil {
			street2 = task.DeliveryAddress.Street2
		}
		site := space + "\n" + property
		if place != nil {
			site += "\n" + place.Street
		}
		if leak := leaks(secret, site, task.Title, task.Description, task.AdditionalInfo, reference, street2, note); leak != "" {
			t.Fatalf("leaked: %s", leak)
		}
		if strings.TrimSpace(words(simple(name))) != "" && !nobody(secret) && o.Contacts == notice.ContactsDescription && switches%3 == 0 &&
			!strings.Contains(task.Description, "Tilaaja: "+masked) {
			t.Fatalf("no mark for the orderer in %q", task.Description)
		}
		checkLimits(t, task)
	})
}

func checkLimits(t *testing.T, task notice.Task) {
	for text, limit := range map[string]int{task.Title: 255, task.Description: 20_000, task.AdditionalInfo: 20_000, task.BillingReference: 35} {
		if utf8.RuneCountInString(text) > limit || !utf8.ValidString(text) {
			t.Fatalf("over %d characters or invalid: %q", limit, text)
		}
	}
	if task.Title == "" || task.BillingReference == "" || task.ExternalID == "" {
		t.Fatalf("an empty title, reference or id: %+v", task)
	}
}

func FuzzLengthsAndTemplates(f *testing.F) {
	f.Add("x", 30_000, "{number} / {orderer}", int64(1))
	f.Add("ä\u0308 ", 7_000, "{customer}{parent}({property})", int64(-9223372036854775808))
	f.Fuzz(func(t *testing.T, text string, times int, template string, id int64) {
		if len(text) == 0 || times < 0 || times > 60_000/len(text) {
			return
		}
		long := strings.Repeat(text, times)
		n := notice.Notice{ID: id, ParentID: id, Title: long, Description: long, Additional: long, Access: long, Pets: text, Space: long, Property: long}
		n.Orderer = notice.Person{Name: long, Phone: text, Email: long, Turvakielto: notice.Turvakielto(times % 3)}
		n.Reporter = notice.Person{Name: text, Phone: long, Street: long}
		o := plainOptions()
		o.BillingReference = template
		checkLimits(t, notice.BuildTask(n, nil, o))
		if notice.ValidateReferenceTemplate(template) == nil && strings.Contains(template, "{number}") && id >= 0 && id < 1e10 {
			if reference := notice.BuildTask(n, nil, o).BillingReference; !strings.Contains(reference, fmt.Sprint(id)) {
				t.Fatalf("the number %d is not in %q", id, reference)
			}
		}
	})
}

func FuzzParseTurvakielto(f *testing.F) {
	for _, seed := range []string{"Ei", "Kyllä", "", "0", "0x0", "nan", "1e-999", "-0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, flag string) {
		if notice.ParseTurvakielto(flag, false) != notice.TurvakieltoUnknown {
			t.Fatal("a missing flag counts as set")
		}
		if !notice.ParseTurvakielto(flag, true).Set() && strings.ContainsAny(flag, "123456789kK") {
			t.Fatalf("%q was read as no turvakielto", flag)
		}
	})
}
