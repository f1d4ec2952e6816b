package notice_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
)

// hostileNotices are notices that nobody wrote: as much as an answer may hold, of what is slow to search.
func hostileNotices() map[string]notice.Notice {
	var numbers, mails, words strings.Builder
	for i := range 3_000 {
		fmt.Fprintf(&numbers, "040 %07d ", i*7919%10_000_000)
		fmt.Fprintf(&mails, "a%d@a.fi, ", i)
		fmt.Fprintf(&words, "a%c%c ", 'a'+rune(i%26), 'a'+rune(i/26%26))
	}
	const million = 1_000_000
	letters, ones := strings.Repeat("a ", million), strings.Repeat("1", million)
	searched := strings.Repeat("a ", 19_999)
	secret := notice.Person{Name: "A A", Phone: "0401234567", Email: "a@a.a", Turvakielto: notice.TurvakieltoSet}
	with := func(change func(p *notice.Person)) notice.Person {
		p := secret
		change(&p)
		return p
	}
	most := strings.Repeat("a ", 24) + "b"
	return map[string]notice.Notice{
		"long text":                     {Description: letters, Additional: ones, Orderer: secret},
		"long title and place":          {Title: letters, Space: letters, Property: letters, Orderer: secret},
		"long unprotected orderer":      {Description: letters, Orderer: notice.Person{Name: letters, Phone: ones, Email: letters}, Payer: secret},
		"nobody protected":              {Description: letters, Orderer: notice.Person{Name: letters, Phone: numbers.String(), Email: mails.String()}},
		"many phones":                   {Description: searched, Orderer: with(func(p *notice.Person) { p.Phone = numbers.String() })},
		"many e-mails":                  {Description: searched, Orderer: with(func(p *notice.Person) { p.Email = mails.String() })},
		"many name words":               {Description: searched, Orderer: with(func(p *notice.Person) { p.Name = words.String() })},
		"a long contact":                {Description: searched, ContactName: letters, ContactPhone: ones, Orderer: secret},
		"as many phones as are looked":  {Description: strings.Repeat("0401234567", 3_999), Orderer: with(func(p *notice.Person) { p.Phone = numbers.String()[:999] })},
		"as many e-mails as are looked": {Description: searched, Orderer: with(func(p *notice.Person) { p.Email = mails.String()[:999] })},
		"as many words as are looked":   {Description: searched, Orderer: with(func(p *notice.Person) { p.Name = most })},
		"a text of many forms":          {Description: strings.Repeat("a?b M%C3%A4<b>x</b> =C3=A4 &auml; \\u00e4 Ã¤ u00e4 \u200b * ", 60), Orderer: with(func(p *notice.Person) { p.Phone, p.Email = numbers.String()[:999], mails.String()[:999] })},
		"words that begin alike":        {Description: strings.Repeat("a a b ", 6_000), Orderer: with(func(p *notice.Person) { p.Name = strings.Repeat("a/", 25) + "b" })},
	}
}

func TestAHostileNoticeIsMaskedInTime(t *testing.T) {
	for about, n := range hostileNotices() {
		t.Run(about, func(t *testing.T) {
			done := make(chan notice.Task, 1)
			go func() { done <- notice.BuildTask(n, fullProperty(), plainOptions()) }()
			select {
			case task := <-done:
				checkLimits(t, task)
			case <-time.After(2 * time.Minute): // some seconds, twenty with the race detector on a busy machine; without the limits hours
				t.Fatal("not masked in two minutes")
			}
		})
	}
}

func TestWhatIsTooLongToBeSearchedIsLeftOut(t *testing.T) {
	tooLong := strings.Repeat("Virtanen avaa. ", 3_000)
	task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
		n.Description, n.Payer = tooLong, notice.Person{Name: "Matti Virtanen", Turvakielto: notice.TurvakieltoSet}
	})
	require.Contains(t, task.Description, "Kuvaus: [poistettu]\nTila/huoneisto: A 12\n")
	for field, p := range map[string]notice.Person{
		"name": {Name: tooLong}, "words": {Name: strings.Repeat("Virtanen ", 51)}, "phone": {Phone: strings.Repeat("0401234567 ", 100)},
		"second phone": {Phone2: strings.Repeat("0401234567 ", 100)}, "e-mail": {Email: tooLong}, "street": {Street: tooLong}, "city": {City: tooLong},
	} {
		p.Turvakielto = notice.TurvakieltoSet
		task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) { n.Payer = p })
		require.Equal(t, "[poistettu]", task.AdditionalInfo[len("Lisätiedot: "):][:len("[poistettu]")], field)
		require.NotContains(t, allText(task), "Hana", field)
		require.NotContains(t, allText(task), "Testi Tilaaja", field)
		require.Equal(t, "Testipolku 4", task.DeliveryAddress.Street)
	}
}

func TestAnUnprotectedNoticeMayBeLong(t *testing.T) {
	long := strings.Repeat("Virtanen avaa. ", 3_000)
	task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) { n.Additional = long })
	require.True(t, strings.HasPrefix(task.AdditionalInfo, "Lisätiedot: Virtanen avaa. "))
}
