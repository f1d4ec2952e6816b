package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// TestEveryFormOfTurvakielto sends each form of the flag for each role on the wire, and looks at the task that Hillava
// got: a protected person is not in it, another one is.
func TestEveryFormOfTurvakielto(t *testing.T) {
	t.Parallel()
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

// TestTurvakieltoThatIsSetAfterTheImport: for every role and every form that sets the flag, the office is told to remove
// the data, the notice waits for a person, and nothing new about the protected one comes along.
func TestTurvakieltoThatIsSetAfterTheImport(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	type late struct {
		id               int64
		guid, role, form string
		name, phone      string
	}
	roles := map[string]string{"Tilaaja": "Tilaajan", "Ilmoittaja": "Ilmoittajan", "Maksaja": "Maksajan"}
	forms := map[string]any{"true": true, "kyllä": "kyllä", "missing": tampuuri.Absent}
	var all []late
	for role, genitive := range roles {
		for form, value := range forms {
			fields := stack.ExampleNotice()
			one := late{role: role, form: form, guid: uuid.NewString(), name: fmt.Sprintf("Xanthippe Quadrilf%s%c", role, 'a'+len(all)), phone: fmt.Sprintf("+358 40 778 %04d", 1000+len(all))}
			fields["Guid"], fields["TyonsuorittajaYritysId"], fields[role] = one.guid, int64(4711), one.name
			var err error
			one.id, err = w.Tampuuri.AddNotice("esimerkki", fields)
			require.NoError(t, err)
			_, err = w.WaitWorkflow(w.context(), w.client, "esimerkki", one.id, "Running", "working")
			require.NoError(t, err)
			require.NoError(t, w.Tampuuri.EditNotice("esimerkki", one.id, map[string]any{
				genitive + "Turvakielto": value, genitive + "Puhelin": one.phone, "TyötehtävänKuvaus": "Uusi kuvaus. Soita " + one.name + ", " + one.phone,
			}))
			all = append(all, one)
		}
	}
	for _, one := range all {
		t.Run(one.role+" "+one.form, func(t *testing.T) {
			_, err := w.WaitWorkflow(w.context(), w.client, "esimerkki", one.id, "Running", "attention")
			require.NoError(t, err)
			require.Equal(t, "turvakielto-set", w.known("esimerkki", one.id).status().Attention.Reason)
			tasks, err := w.Tasks("esimerkki", one.id)
			require.NoError(t, err)
			require.Len(t, tasks, 1)
			require.Len(t, tasks[0].Notes, 1)
			note := tasks[0].Notes[0].Text
			require.Contains(t, note, "TURVAKIELTO asetettu Tampuurissa")
			require.Contains(t, note, "("+strings.ToLower(one.role)+")")
			require.Contains(t, note, "Poista heti")
			require.Contains(t, note, "Uusi kuvaus", "what is not about the person is told")
			for _, word := range []string{"Xanthippe", "Quadrilf", "40 778", "40778"} {
				require.NotContains(t, note, word)
			}
			w.starter("notice", "resend", one.guid)
			_, err = w.WaitWorkflow(w.context(), w.client, "esimerkki", one.id, "Running", "working")
			require.NoError(t, err, "a person has acknowledged it")
		})
	}
}
