package notice_test

import (
	"fmt"
	"strings"
	"testing"

	"tampuuri-hillava/internal/notice"
)

func BenchmarkBuildTask(b *testing.B) {
	var people, phones strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&people, "Matti Meri%d/Aalto Nimi%s/", i, strings.Repeat("x", i%7))
		fmt.Fprintf(&phones, "040%07d,", i)
	}
	secret := notice.Person{Name: "Salainen Asukas", Phone: "+358 40 000 0666", Email: "salainen@example.com", Turvakielto: notice.TurvakieltoSet}
	hostile := notice.Person{Name: people.String(), Phone: phones.String(), Email: phones.String(), Turvakielto: notice.TurvakieltoSet}
	for name, n := range map[string]notice.Notice{
		"plain":   {ID: 1, Description: "Hana vuotaa, soita Salaiselle 040 000 0666.", Orderer: secret},
		"long":    {ID: 1, Description: strings.Repeat("Soita Salaiselle 040 000 0666. ", 600), Orderer: secret},
		"hostile": {ID: 1, Description: strings.Repeat("Matti Meri 0400000666 ", 1000), Orderer: hostile, Payer: hostile},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				notice.BuildTask(n, nil, plainOptions())
			}
		})
	}
}
