package notice_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
)

func TestLaskutusviiteIsTheCustomersTemplateCutWithoutLosingTheNumber(t *testing.T) {
	for _, row := range []struct{ about, template, orderer, want string }{
		{"default", "", "Testi Tilaaja", "48213 / Testi Tilaaja"},
		{"default without orderer", "", "", "48213"},
		{"cut", "", "Kiinteistöosakeyhtiö Pitkäniemen Vuokratalot", "48213 / Kiinteistöosakeyhtiö Pitkän"},
		{"number last", "{orderer} / {number}", "Kiinteistöosakeyhtiö Pitkäniemen Vuokratalot", "Kiinteistöosakeyhtiö Pitkän / 48213"},
		{"number last without orderer", "{orderer} / {number}", "", "48213"},
		{"identical for a collective invoice", "KOONTI 2026", "Testi Tilaaja", "KOONTI 2026"},
		{"customer, property, parent", "{customer}/{property}/{parent}", "x", "esimerkki/Asunto Oy Testipolk/48200"},
		{"the orderer is cut before the property", "{number} {property} {orderer}", "Testi Tilaaja", "48213 Asunto Oy Testipolku 4 Testi"},
		{"separators of an empty middle", "{customer} / {orderer} / {number}", "", "esimerkki / 48213"},
		{"parentheses of an empty end", "{number} ({orderer})", "", "48213"},
		{"parentheses of an empty middle", "{customer} ({orderer}) {number}", "", "esimerkki 48213"},
		{"parentheses around the rest", "{number} ({orderer}, {customer})", "", "48213, esimerkki"},
		{"a sign before the number stays", "#{number} {orderer}", "", "#48213"},
		{"nothing at all is the number", "{orderer}", "", "48213"},
		{"its own words stay", "Ilmoitus {number}, tilaaja {orderer}", "", "Ilmoitus 48213, tilaaja"},
		{"its own text of 28", "Huoltoyhtiön työtilaus {orderer} nro {number}", "Testi Tilaaja", "Huoltoyhtiön työtilaus Te nro 48213"},
		{"its own text before the number", "Kiinteistönhuoltoyhtiön kuukausilasku {number}", "", "Kiinteistönhuoltoyhtiön kuuka 48213"},
		{"its own text ends in digits", "Kiinteistönhuoltoyhtiön 2026-01-05 {number}", "", "Kiinteistönhuoltoyhtiön 2026- 48213"},
		{"its own text after the number", "{number} Kiinteistönhuoltoyhtiön kuukausilasku", "", "48213 Kiinteistönhuoltoyhtiön kuuka"},
		{"its own text on both sides", "Työtilaus {number}, kiinteistönhuoltoyhtiön kuukausilasku", "", "Työtilaus 48213, kiinteistönhuoltoy"},
		{"its own text too long for a collective invoice", "KOONTI kiinteistönhuoltoyhtiön kuukausilasku", "", "KOONTI kiinteistönhuoltoyhtiön kuuk"},
		{"its own text beside another value", "{customer}{number} kiinteistönhuoltoyhtiön kuukausilasku", "", "48213 kiinteistönhuoltoyhtiön kuuka"},
		{"the number so often that it fits once only", strings.Repeat("{number}", 8), "", "48213"},
		{"a name on two lines", "", "Testi\r\nTilaaja", "48213 / Testi Tilaaja"},
	} {
		t.Run(row.about, func(t *testing.T) {
			task := build(t, func(n *notice.Notice, o *notice.TaskOptions) {
				n.Orderer, n.ParentID, o.BillingReference = notice.Person{Name: row.orderer}, 48200, row.template
			})
			require.Equal(t, row.want, task.BillingReference)
			require.LessOrEqual(t, utf8.RuneCountInString(task.BillingReference), 35)
			require.NoError(t, notice.ValidateReferenceTemplate(row.template))
		})
	}
}

func TestAProtectedOrdererLeavesTheNumberAlone(t *testing.T) {
	for _, template := range []string{
		"", "{number} / {orderer}", "{orderer}", "{property}: {orderer}", "{number} / {property}", "{customer}-{number}", "KOONTI",
	} {
		task := build(t, func(n *notice.Notice, o *notice.TaskOptions) {
			n.Orderer.Turvakielto, o.BillingReference = notice.TurvakieltoSet, template
		})
		require.Equal(t, "48213", task.BillingReference, template)
	}
}

func TestTheNumberSurvivesATemplateThatNobodyChecked(t *testing.T) {
	for _, template := range []string{
		strings.Repeat("pitkä ", 20) + "{number}", strings.Repeat("{number}", 9), "{number}" + strings.Repeat("-", 99),
		strings.Repeat("{orderer}", 50) + "{number}", "{numero} {number}",
	} {
		task := build(t, func(_ *notice.Notice, o *notice.TaskOptions) { o.BillingReference = template })
		require.Contains(t, task.BillingReference, "48213", template)
		require.LessOrEqual(t, utf8.RuneCountInString(task.BillingReference), 35)
	}
}

func TestATemplateThatCannotWorkIsRefused(t *testing.T) {
	for template, problem := range map[string]string{
		"{numero} / {orderer}": "unknown placeholder {numero}",
		"{Number}":             "unknown placeholder {Number}",
		"{number":              "brace",
		"number}":              "brace",
		"{}":                   "unknown placeholder {}",
		"{number}\n{orderer}":  "control characters",
		"\xff":                 "invalid UTF-8",
	} {
		require.ErrorContains(t, notice.ValidateReferenceTemplate(template), problem, template)
	}
}
