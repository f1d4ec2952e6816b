package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/telemetry/telemetrytest"
	"tampuuri-hillava/sandbox/stack"
)

// canaryRun is a world whose notices are full of markers, and what it has said so far.
type canaryRun struct {
	*world
	canaries
	own               *stack.Temporal
	database          string
	collector         *telemetrytest.Collector
	tampuuri, hillava *hostilePeer
	guids             map[string]string // of a notice by its name here
	leaks             map[string]string // everything in a notice, for peers that echo it
	ids               map[string]int64
	said              map[string][]byte // places to search, by name
	erased            string            // the notice that was erased
}

// TestNoPersonalDataWhereItNeedNotBe lives lives full of markers, with peers that echo them in every error, and then
// searches everything that the service writes and everything that Temporal keeps.
func TestNoPersonalDataWhereItNeedNotBe(t *testing.T) {
	t.Parallel()
	c := startCanaries(t)
	c.prepareNotices()
	c.liveThroughFaults()
	c.attackTheReceiver()
	c.runEveryCommand()
	require.Empty(t, c.tampuuri.unfired(), "every fault towards Tampuuri befell a call")
	require.Empty(t, c.hillava.unfired(), "every fault towards Hillava befell a call")
	c.requireMarkersTravelled()
	c.gather()
	c.report()
}

func startCanaries(t *testing.T) *canaryRun {
	t.Helper()
	folder := t.TempDir()
	database := filepath.Join(folder, "temporal.db")
	own, err := stack.StartTemporal(t.Context(), stack.TemporalOptions{
		Dir: folder, DB: database, OwnServer: true, LogLevel: "info", Progress: os.Stderr,
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = own.Close() })
	collector := telemetrytest.Start(t)
	debug := append(collecting(collector), "LOG_LEVEL=debug")
	w := start(t, stack.Options{
		Temporal: own, WithoutWorker: true, WorkerEnvironment: debug, ServeEnvironment: debug, ReconcileEvery: 2 * time.Second,
	})
	c := &canaryRun{
		world: w, own: own, database: database, collector: collector,
		tampuuri: newHostilePeer(t, w.TampuuriURL), hillava: newHostilePeer(t, w.HillavaURL),
		guids: map[string]string{}, leaks: map[string]string{}, ids: map[string]int64{}, said: map[string][]byte{},
	}
	w.Worker.Setenv("TAMPUURI_URL", c.tampuuri.URL)
	w.Worker.Setenv("HILLAVA_URL", c.hillava.URL)
	require.NoError(t, w.Worker.Start())
	require.NoError(t, w.Worker.WaitReady(c.context()))
	return c
}

// notice prepares a notice in which every personal field is a marker; protected roles are under turvakielto.
func (c *canaryRun) notice(name string, flags map[string]any) map[string]any {
	set := func(role string) bool { flag, given := flags[role]; return given && flag != false }
	word := func(field string) string { return c.word(name, field, false) }
	fields := stack.ExampleNotice()
	guid := uuid.NewString()
	c.guids[name] = guid
	maps.Copy(fields, map[string]any{
		"Guid": guid, "TyonsuorittajaYritysId": int64(4711), "Huoneisto": word("Huoneisto"), "KirjaajaNimi": word("KirjaajaNimi"),
		"TyotehtavanYhteysHenkilo": word("TyotehtavanYhteysHenkilo"), "TyonsuorittajaHenkiloNimi": word("TyonsuorittajaHenkiloNimi"),
		"TyotehtavanYhteysHenkiloPuhelinnumero": c.phoneNumber(name, "TyotehtavanYhteysHenkiloPuhelinnumero", false),
		"TyonsuorittajaYritysNimi":              "Huolto Oy", "TyonsuorittajaHenkiloId": int64(9),
	})
	for role, genitive := range map[string]string{"Tilaaja": "Tilaajan", "Ilmoittaja": "Ilmoittajan", "Maksaja": "Maksajan"} {
		maps.Copy(fields, c.person(name, role, genitive, set(role)))
		if flag, given := flags[role]; !given {
			fields[genitive+"Turvakielto"] = false
		} else if flag == missing {
			delete(fields, genitive+"Turvakielto")
		} else {
			fields[genitive+"Turvakielto"] = flag
		}
	}
	// Free texts repeat everybody: what is protected must be cut out of them, however it is written. A payer who is not
	// is left out: nothing else could bring one into a task.
	roles := map[string]string{"Tilaaja": "Tilaajan", "Ilmoittaja": "Ilmoittajan"}
	if set("Maksaja") {
		roles["Maksaja"] = "Maksajan"
	}
	for _, field := range []string{"TyötehtävänOtsikko", "TyötehtävänKuvaus", "TyötehtävänLisätiedot", "Sisäänpääsy", "Kotieläimet"} {
		fields[field] = word(field) + " " + people(fields, roles)
	}
	for role, genitive := range roles {
		if set(role) {
			fields["TyötehtävänKuvaus"] = fields["TyötehtävänKuvaus"].(string) + home(fields, genitive)
		}
	}
	c.leaks[name] = everything(fields)
	return fields
}

// missing as a turvakielto flag leaves the field out.
const missing = "(missing)"

// people writes the people of a notice into a text as neighbours do: last name first, without spaces in phone numbers.
func people(fields map[string]any, roles map[string]string) string {
	var text strings.Builder
	for role, genitive := range roles {
		first, last, _ := strings.Cut(fields[role].(string), " ")
		phone := strings.ReplaceAll(strings.TrimPrefix(fields[genitive+"Puhelin"].(string), "+358 "), " ", "")
		fmt.Fprintf(&text, "Soita: %s %s, 0%s tai %s, %s. ", strings.ToUpper(last), first, phone, fields[genitive+"Puhelin2"], fields[genitive+"Sähköposti"])
	}
	return text.String()
}

// home writes where somebody lives as neighbours do: in a case, with the city, and without the number.
func home(fields map[string]any, genitive string) string {
	street := strings.TrimSuffix(fields[genitive+"Katuosoite"].(string), "katu 7 B 14")
	city := fmt.Sprintf("%s %s", fields[genitive+"Postinumero"], fields[genitive+"Postitoimipaikka"])
	return fmt.Sprintf("Asuu %skadulla 7 B 14, muutti %skadulle. %skatu, %s.", street, street, strings.ToUpper(street), city)
}

func (c *canaryRun) add(name string, fields map[string]any) {
	c.t.Helper()
	id, err := c.Tampuuri.AddNotice("esimerkki", fields)
	require.NoError(c.t, err)
	c.ids[name] = id
}

// prepareNotices arms the faults that befall imports, and adds the notices.
func (c *canaryRun) prepareNotices() {
	prepared := map[string]map[string]any{
		"plain": c.notice("plain", nil), "refused": c.notice("refused", nil), "edited": c.notice("edited", nil),
		"protected": c.notice("protected", map[string]any{"Tilaaja": true}),
		"others":    c.notice("others", map[string]any{"Ilmoittaja": "Kyllä", "Maksaja": missing}),
		"late":      c.notice("late", nil), "unreadable": c.notice("unreadable", nil),
	}
	for name, leak := range c.leaks { // Hillava does not know protected people, so it can echo the others' notices only
		create := to(http.MethodPost, "/tasks", c.guids[name])
		switch name {
		case "plain":
			c.hillava.arm("500 on create", create, leak, echoing(500))
			c.hillava.arm("HTML on create", create, leak, inHTML)
			c.hillava.arm("reason on create", create, leak, inTheReason)
			c.hillava.arm("no HTTP on create", create, leak, notHTTP)
			c.hillava.arm("hang on create", create, leak, hanging)
		case "refused":
			c.hillava.arm("422 on create", create, leak, echoing(422))
			c.hillava.arm("malformed create", create, leak, malformed)
			c.hillava.arm("redirect on create", create, leak, echoing(302))
		}
	}
	all := ""
	for _, leak := range c.leaks {
		all += leak
	}
	list := to(http.MethodGet, "/selaa", "")
	c.tampuuri.arm("cut-off list", list, all, cutOff)
	c.tampuuri.arm("malformed list", list, all, malformed)
	c.tampuuri.arm("400 on list", list, all, echoing(400))
	for name, fields := range prepared {
		c.add(name, fields)
	}
	read := to(http.MethodGet, fmt.Sprint("/", c.ids["unreadable"]), "")
	c.tampuuri.arm("malformed notice", read, all, malformed)
	c.tampuuri.arm("400 on the notice", read, all, echoing(400))
}

// resends presses resend whenever the notice is in attention, until it is in the wanted phase.
func (c *canaryRun) resends(name, phase string) {
	c.t.Helper()
	workflowID := "notice-" + c.guids[name]
	err := stack.WaitFor(c.context(), name+" to be "+phase, func(ctx context.Context) error {
		found, err := stack.Describe(ctx, c.client, workflowID)
		if err != nil {
			return err
		}
		if found.Phase == "attention" {
			c.command("notice", "resend", c.guids[name]) // it may be closed by now, which the next look tells
		}
		if found.Phase != phase {
			return fmt.Errorf("it is in phase %s", found.Phase)
		}
		return nil
	})
	require.NoError(c.t, err, "%+v", c.known("esimerkki", c.ids[name]).status())
}

// liveThroughFaults drives every notice to its end.
func (c *canaryRun) liveThroughFaults() {
	for name := range c.guids {
		c.resends(name, "working")
		c.imported("esimerkki", c.ids[name]).addEntry("2026-02-03", c.word(name, "resource", false), c.word(name, "customerSummary", false))
	}
	c.editAndTakeAway()
	c.protectLate()
	plain, protected := fmt.Sprint(c.ids["plain"]), fmt.Sprint(c.ids["protected"])
	c.tampuuri.arm("400 on tila", to(http.MethodPost, "/tila", plain), c.leaks["plain"], echoing(400))
	c.tampuuri.arm("500 on tila", to(http.MethodPost, "/tila", protected), c.leaks["protected"], echoing(500))
	c.tampuuri.arm("409 on tila", to(http.MethodPost, "/tila", protected), c.leaks["protected"], echoing(409))
	c.tampuuri.arm("400 on toimenpide", to(http.MethodPost, "/lisaa", plain), c.leaks["plain"], echoing(400))
	c.tampuuri.arm("reason on toimenpide", to(http.MethodPost, "/lisaa", protected), c.leaks["protected"], inTheReason)
	for _, name := range []string{"plain", "protected", "others", "refused", "unreadable"} {
		n := c.imported("esimerkki", c.ids[name])
		n.press("Työ valmis")
		c.resends(name, "done")
		n.press("Laskutettu")
	}
	for _, name := range []string{"plain", "protected", "others", "refused", "unreadable"} {
		c.resends(name, "invoiced")
	}
}

// editAndTakeAway changes a notice's texts, gives it to another company and dismisses it.
func (c *canaryRun) editAndTakeAway() {
	id := c.ids["edited"]
	require.NoError(c.t, c.Tampuuri.EditNotice("esimerkki", id, map[string]any{
		"TyötehtävänOtsikko": c.word("edited", "new title", false), "Huoneisto": c.word("edited", "new space", false),
		"TilaajanPuhelin": c.phoneNumber("edited", "new phone", false),
	}))
	c.waitNotes("edited", 1)
	require.NoError(c.t, c.Tampuuri.Assign("esimerkki", id, 99))
	c.waitNotes("edited", 2)
	_, err := c.WaitWorkflow(c.context(), c.client, "esimerkki", id, "Running", "attention")
	require.NoError(c.t, err)
	c.command("notice", "dismiss", c.guids["edited"], "--yes", "--code", "not-ours", "--json")
	_, err = c.WaitWorkflow(c.context(), c.client, "esimerkki", id, "Completed", "dismissed")
	require.NoError(c.t, err)
}

// protectLate sets turvakielto after the import, together with new data of the person, which must go nowhere.
func (c *canaryRun) protectLate() {
	require.NoError(c.t, c.Tampuuri.EditNotice("esimerkki", c.ids["late"], map[string]any{
		"TilaajanTurvakielto": "kyllä", "TilaajanPuhelin": c.phoneNumber("late", "new phone", true),
		"TilaajanSähköposti": c.mail("late", "new e-mail", true), "TyötehtävänKuvaus": "Uusi numero: " + c.lastPhone(),
	}))
	c.waitNotes("late", 1)
	if _, err := c.WaitWorkflow(c.context(), c.client, "esimerkki", c.ids["late"], "Running", "attention"); err != nil {
		c.t.Errorf("turvakielto set after the import needs a person's attention: %v", err)
		return // what has leaked is still to be found
	}
	tasks, err := c.Tasks("esimerkki", c.ids["late"])
	require.NoError(c.t, err)
	require.Contains(c.t, tasks[0].Notes[0].Text, "TURVAKIELTO")
	c.resends("late", "working")
}

// lastPhone is the latest protected phone number, as the free text of the notice has it.
func (c *canaryRun) lastPhone() string {
	for i := len(c.all) - 1; i >= 0; i-- {
		if c.all[i].phone {
			return "0" + c.all[i].core
		}
	}
	return ""
}

func (c *canaryRun) waitNotes(name string, count int) {
	c.t.Helper()
	require.NoError(c.t, stack.WaitFor(c.context(), fmt.Sprintf("%d notes on the task of %s", count, name), func(context.Context) error {
		tasks, err := c.Tasks("esimerkki", c.ids[name])
		if err != nil {
			return err
		}
		if len(tasks) != 1 || len(tasks[0].Notes) < count {
			return fmt.Errorf("they are not there yet")
		}
		return nil
	}))
}

// eraseOne erases a closed notice, and sees that Temporal has forgotten it.
func (c *canaryRun) eraseOne(name string) {
	c.t.Helper()
	c.must("notice", "erase", "--yes", c.guids[name])
	_, err := stack.Describe(c.context(), c.client, "notice-"+c.guids[name])
	require.ErrorContains(c.t, err, "not found")
	c.erased = name
}

// kept are the external ids of the notices that are not erased.
func (c *canaryRun) kept() (guids []string) {
	for name, guid := range c.guids {
		if name != c.erased {
			guids = append(guids, guid)
		}
	}
	return guids
}

// must runs a command that has to succeed.
func (c *canaryRun) must(arguments ...string) {
	c.t.Helper()
	place := "starter " + strings.Join(arguments[:min(2, len(arguments))], " ")
	before := len(c.said[place])
	require.Zero(c.t, c.command(arguments...), "%s", c.said[place][before:])
}

// command runs a starter command through the hostile peers, at level debug, and keeps what it says.
func (c *canaryRun) command(arguments ...string) int {
	c.t.Helper()
	script := `. "$0" && export LOG_LEVEL=debug TAMPUURI_URL="$1" HILLAVA_URL="$2" && shift 2 && exec "$@"`
	full := append([]string{"-c", script, c.EnvironmentFile, c.tampuuri.URL, c.hillava.URL, c.Programs.Starter}, arguments...)
	run := exec.CommandContext(c.context(), "sh", full...)
	var said bytes.Buffer
	run.Stdout, run.Stderr = &said, &said
	err := run.Run()
	require.NotNil(c.t, run.ProcessState, "starter %v: %v", arguments, err)
	c.keep("starter "+strings.Join(arguments[:min(2, len(arguments))], " "), said.Bytes())
	return run.ProcessState.ExitCode()
}

func (c *canaryRun) keep(place string, content []byte) {
	c.said[place] = append(c.said[place], content...)
}

// runEveryCommand asks everything that an operator can ask.
func (c *canaryRun) runEveryCommand() {
	for _, arguments := range [][]string{
		{"customers", "list"}, {"customers", "list", "--json"}, {"customers", "sync"}, {"customers", "poll", "esimerkki"},
		{"customers", "pause", "toinen", "--reason", "holidays"}, {"customers", "resume", "toinen"},
		{"notice", "list"}, {"notice", "list", "--all", "--json"}, {"notice", "list", "--all", "-o", "wide"}, {"doctor"}, {"doctor", "--json"},
	} {
		c.command(arguments...)
	}
	for name, guid := range c.guids {
		c.must("notice", "show", guid)
		c.must("notice", "show", guid, "--json")
		c.command("notice", "resend", guid)
		c.tampuuri.arm("400 on import of "+name, to(http.MethodGet, fmt.Sprint("/", c.ids[name]), ""), c.leaks[name], echoing(400))
		c.command("notice", "import", "esimerkki", fmt.Sprint(c.ids[name]))
		c.command("notice", "import", "esimerkki", fmt.Sprint(c.ids[name]), "--json")
	}
}

// requireMarkersTravelled makes sure that the search can find something: what Hillava needs did arrive there.
func (c *canaryRun) requireMarkersTravelled() {
	var bodies bytes.Buffer
	for _, request := range append(c.hillava.requests(), c.tampuuri.requests()...) {
		bodies.Write(request.body)
	}
	for _, field := range []string{
		"Huoneisto", "Tilaaja first name", "IlmoittajanPuhelin", "TilaajanSähköposti", "TyötehtävänOtsikko", "TyötehtävänKuvaus",
		"TyötehtävänLisätiedot", "Sisäänpääsy", "Kotieläimet", "customerSummary", "resource",
	} {
		found := c.search("bodies", bodies.Bytes(), func(one canary) bool { return one.notice == "plain" && one.field == field })
		require.Len(c.t, found, 1, "%s of the notice without turvakielto is sent in a body", field)
	}
}

func asJSON(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return text
}
