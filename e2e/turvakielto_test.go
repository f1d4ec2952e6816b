package e2e

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/stack"
)

// TestEveryFormOfTurvakielto sends each form of the flag for each role on the wire, and looks at the task that Hillava
// got: a protected person is not in it, another one is.
func TestEveryFormOfTurvakielto(t *testing.T) {
	w := start(t, stack.Options{})
	left := func(fields map[string]any, key string) { delete(fields, key) }
	as := func(value any) func(map[string]any, string) {
		return func(fields map[string]any, key string) { fields[key] = value }
	}
	forms := []struct {
		name      string
		set       func(fields map[string]any, key string)
		protected bool
	}{
		{"true", as(true), true}, {"false", as(false), false}, {"1", as(1), true}, {"0", as(0), false},
		{"text Kyllä", as("Kyllä"), true}, {"text Ei", as("Ei"), false}, {"text Ja", as("Ja"), true}, {"text 0", as("0"), false},
		{"null", as(nil), true}, {"missing", left, true}, {"empty text", as(""), true}, {"unknown word", as("ehkä"), true},
		{"object", as(map[string]any{"arvo": false}), true}, {"new spelling", func(fields map[string]any, key string) {
			delete(fields, key)
			fields["On"+key] = false
		}, true},
	}
	roles := map[string]string{"Tilaaja": "Tilaajan", "Ilmoittaja": "Ilmoittajan", "Maksaja": "Maksajan"}
	type sent struct {
		id         int64
		role, form string
		name       string
		protected  bool
	}
	var all []sent
	for role, genitive := range roles {
		for i, form := range forms {
			fields := stack.ExampleNotice()
			name := fmt.Sprintf("Xanthippe%c Quadrilfo%s", 'a'+i, role)
			fields["Guid"], fields["TyonsuorittajaYritysId"] = uuid.NewString(), int64(4711)
			fields[role], fields[genitive+"Puhelin"] = name, fmt.Sprintf("+358 40 777 %04d", 1000+i)
			fields["TyötehtävänKuvaus"] = name + " ei ole kotona. Muuta: hana."
			form.set(fields, genitive+"Turvakielto")
			id, err := w.Tampuuri.AddNotice("esimerkki", fields)
			require.NoError(t, err)
			all = append(all, sent{id, role, form.name, name, form.protected})
		}
	}
	for _, one := range all {
		task, err := w.WaitTask(w.context(), "esimerkki", one.id)
		require.NoError(t, err)
		text, err := json.Marshal(task)
		require.NoError(t, err)
		if !one.protected {
			require.Contains(t, string(text), one.name, "%s %s", one.role, one.form)
			continue
		}
		// Of the phone as much as no random id has by chance.
		for _, word := range []string{one.name, "Xanthippe", "Quadrilfo", "40 777", "4077710"} {
			require.NotContains(t, string(text), word, "%s %s", one.role, one.form)
		}
		require.Contains(t, string(text), "Muuta: hana", "what is not about the person goes")
		require.Contains(t, string(text), "Testipolku", "the work site stays")
	}
	t.Logf("%d notices in %d forms of the flag", len(all), len(forms))
}
