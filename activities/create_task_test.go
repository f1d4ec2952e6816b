package activities

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/sandbox/fault"
	hillavastandin "tampuuri-hillava/sandbox/hillava"
)

// created are the requests to create a task.
// A task that was deleted is not made again while Hillava knows the key: a life must not wait on the first answer's task.
func TestATaskThatWasDeletedIsNotTakenFromAnOldAnswer(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	first := good(w, w.CreateTask, toCreate(w.ref(101)))
	w.must(w.hillava.DeleteTask(first.TaskID))
	w.pass(time.Hour)
	_, failure := run(w, w.CreateTask, toCreate(w.ref(101)))
	requireReason(t, runs.ReasonTaskGone, failure)

	w.hillava.ForgetKeys()
	again := good(w, w.CreateTask, toCreate(w.ref(101)))
	require.NotEqual(t, first.TaskID, again.TaskID)
}

func (w *world) created() int { return w.count("POST tasks") - w.count("POST tasks/") }

// payer makes a task one that this customer of Hillava pays for.
func payer(id string) func(*hillavastandin.Task) {
	return func(t *hillavastandin.Task) { t.BillingCustomerID = id }
}

// nowhere lets the look-up by external id find nothing, as one does that lags behind the create.
var nowhere = fault.Fault{Op: "find-task", Kind: fault.Answer, Body: `{"items":[],"total":0}`, Times: -1}

func TestATaskIsMadeOfANotice(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	w.entry().AcceptState = "Vastaanotettu"

	created := good(w, w.CreateTask, toCreate(w.ref(101)))

	require.False(t, created.Found)
	require.Equal(t, "Vastaanotettu", created.AcceptState)
	require.Equal(t, runs.StandingOpen, created.Snapshot.Standing)
	require.NotEmpty(t, created.Snapshot.Prints)
	made := w.task(created.TaskID)
	require.Equal(t, w.ref(101).ExternalID, made.ExternalID)
	require.Equal(t, "C-1", made.BillingCustomerID)
	require.Equal(t, "C-1", made.DeliveryCustomerID)
	require.Equal(t, "TT-1", made.TaskTypeID)
	require.Equal(t, "Esimerkkikatu 1", made.DeliveryAddress.Street)
}

// What the workflow knows already is not sent back to it: the prints are half of what a step's result would hold.
func TestOnlyASnapshotThatDiffersFromTheKnownOneComesBack(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	in := toCreate(w.ref(101))
	read := good(w, w.CreateTask, in).Snapshot

	in.Known = read.Digest()
	require.Zero(t, good(w, w.CreateTask, in).Snapshot)
	for field, print := range read.Prints {
		other := runs.Snapshot{Standing: read.Standing, Prints: maps.Clone(read.Prints)}
		other.Prints[field] = "0" + print[1:] + "x"
		in.Known = other.Digest()
		require.Equal(t, read, good(w, w.CreateTask, in).Snapshot, field)
	}
	in.Known = runs.Snapshot{Standing: runs.StandingTehty, Prints: read.Prints}.Digest()
	require.Equal(t, read, good(w, w.CreateTask, in).Snapshot)
}

func TestATaskThatIsThereIsFoundAndNotMadeAgain(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	first := good(w, w.CreateTask, toCreate(w.ref(101)))
	w.hillava.ForgetKeys()

	second := good(w, w.CreateTask, toCreate(w.ref(101)))

	require.True(t, second.Found)
	require.Equal(t, first.TaskID, second.TaskID)
	require.Equal(t, 1, w.created(), "looking comes before creating")
}

// The worst case: the look-up lags behind the create. Each attempt carries the same key, so there is one task.
func TestEveryAttemptToCreateCarriesTheSameKey(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	w.faults.Add(nowhere)
	w.faults.Add(fault.Fault{Op: "create-task", Kind: fault.ApplyThen500, Times: 2})
	for range 2 {
		_, failure := run(w, w.CreateTask, toCreate(w.ref(101)))
		requireRetryable(t, runs.FaultUnavailable, failure)
	}
	created := good(w, w.CreateTask, toCreate(w.ref(101)))
	require.Len(t, w.hillava.Tasks(), 1)
	require.Equal(t, w.hillava.Tasks()[0].ID, created.TaskID)
	require.Equal(t, 3, w.created())
}

func TestAnExternalIDInUseIsTheTaskThatIsThere(t *testing.T) {
	for name, row := range map[string]struct {
		payer    string
		expected string // reason
	}{
		"ours":               {payer: "C-1"},
		"another customer's": {payer: "C-2", expected: runs.ReasonForeignTask},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.serve("toinen", 12)
			w.put(101)
			w.faults.Add(nowhere)
			var theirs string
			w.faults.Add(fault.Fault{Op: "create-task", Kind: fault.CallBefore, Call: func() { // somebody is faster by a moment
				theirs = w.addTask(101, payer(row.payer))
				w.press(theirs, "Työ valmis")
			}})
			created, failure := run(w, w.CreateTask, toCreate(w.ref(101)))
			require.Len(t, w.hillava.Tasks(), 1)
			if row.expected != "" {
				requireReason(t, row.expected, failure)
				return
			}
			require.Nil(t, failure)
			require.Equal(t, theirs, created.TaskID)
			require.True(t, created.Found)
			require.Len(t, created.Events, 1, "what was done on it meanwhile has reached nobody")
		})
	}
}

func TestAnAnswerToCreateThatCannotBeReadIsLookedAtAgain(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	w.front = func(call string, rw http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
		if call != "POST tasks" {
			serve(rw, r)
			return
		}
		serve(httptest.NewRecorder(), r) // it is made, and the answer says nothing of it
		rw.Header().Set("Content-Type", "application/json")
		_, _ = rw.Write([]byte(`{}`))
	}
	_, failure := run(w, w.CreateTask, toCreate(w.ref(101)))
	requireRetryable(t, runs.FaultOutcomeUnknown, failure)
	require.True(t, good(w, w.CreateTask, toCreate(w.ref(101))).Found)
	require.Len(t, w.hillava.Tasks(), 1)
}

func TestATaskThatIsNotPlainlyOursWaitsForAPerson(t *testing.T) {
	task := func(id, payer, externalID string) string {
		return `{"id":"` + id + `","externalId":"` + externalID + `","billingCustomerId":"` + payer + `","modifiedAt":"2026-03-01T00:00:00Z"}`
	}
	ours := refIn("esimerkki", 101).ExternalID
	answered := func(op, body string) func(*world) {
		return func(w *world) { w.faults.Add(fault.Fault{Op: op, Kind: fault.Answer, Body: body, Times: -1}) }
	}
	targetRequired := hillavastandin.DefaultTaskType()
	targetRequired.TargetRequired = true
	second := hillavastandin.DefaultTaskType()
	second.ID = "TT-2"
	for name, row := range map[string]struct {
		arrange  func(*world)
		expected string
	}{
		"another customer's task":                {func(w *world) { w.addTask(101, payer("C-2")) }, runs.ReasonForeignTask},
		"two tasks":                              {answered("find-task", `{"items":[`+task("T-8", "C-1", ours)+`,`+task("T-9", "C-1", ours)+`],"total":2}`), runs.ReasonTwoTasks},
		"the key's answer is another customer's": {answered("create-task", task("T-9", "C-2", ours)), runs.ReasonForeignTask},
		"no task type":                           {answered("task-types", `{"items":[],"total":0}`), runs.ReasonTaskType},
		"two task types":                         {func(w *world) { w.hillava.SetTaskType(second) }, runs.ReasonTaskType},
		"a task type that requires a target":     {func(w *world) { w.hillava.SetTaskType(targetRequired) }, runs.ReasonTaskType},
		"a conflict that names no task":          {func(w *world) { w.always("create-task", fault.Status409) }, runs.ReasonHillavaRefused},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.serve("toinen", 12)
			w.put(101)
			row.arrange(w)
			before := len(w.hillava.Tasks())
			_, failure := run(w, w.CreateTask, toCreate(w.ref(101)))
			requireReason(t, row.expected, failure)
			require.Len(t, w.hillava.Tasks(), before)
		})
	}
}

// A customer that was made anew is another one in Hillava, and what it had before is billed to the one that it was.
func TestATaskOfTheCustomerUnderItsFormerTunnisteIsOurs(t *testing.T) {
	for name, arrange := range map[string]func(*world){
		"found":              func(*world) {},
		"named by a refusal": func(w *world) { w.faults.Add(nowhere) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.serve("vanha", 4711)
			w.serve("toinen", 4712)
			w.settings.list = slices.Delete(w.settings.list, 1, 2)
			w.entry().Formerly = []string{"vanha"}
			w.put(101)
			ref := w.ref(101)
			ref.ExternalID = refIn("vanha", 101).ExternalID
			taskID := w.addTask(101, payer("C-2"), func(t *hillavastandin.Task) { t.ExternalID = ref.ExternalID })
			arrange(w)
			require.Equal(t, taskID, good(w, w.CreateTask, toCreate(ref)).TaskID)

			w.entry().Formerly = nil
			_, failure := run(w, w.CreateTask, toCreate(ref))
			requireReason(t, runs.ReasonForeignTask, failure)
		})
	}
}

// TestATaskTypeThatBecameWrongIsTheReasonAtOnce: it is remembered for a while, and what comes of it is refused meanwhile.
func TestATaskTypeThatBecameWrongIsTheReasonAtOnce(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	good(w, w.CreateTask, toCreate(w.ref(101)))
	wrong := hillavastandin.DefaultTaskType()
	wrong.TargetRequired = true
	w.hillava.SetTaskType(wrong)
	w.put(102)
	_, failure := run(w, w.CreateTask, toCreate(w.ref(102)))
	requireReason(t, runs.ReasonTaskType, failure)

	w.hillava.SetTaskType(hillavastandin.DefaultTaskType())
	good(w, w.CreateTask, toCreate(w.ref(102))) // mended, it is read again
	w.always("create-task", fault.Status422)
	w.put(103)
	_, failure = run(w, w.CreateTask, toCreate(w.ref(103)))
	requireReason(t, runs.ReasonHillavaRefused, failure)
}

func TestANoticeThatLeftUsBeforeItsTaskWasMadeGetsNone(t *testing.T) {
	for name, row := range map[string]struct {
		arrange  func(*world)
		expected runs.Standing
	}{
		"given to another": {func(w *world) { w.give(101, 9) }, runs.StandingReassigned},
		"cancelled":        {func(w *world) { w.state(101, notice.Peruttu) }, runs.StandingCancelled},
		"done by hand":     {func(w *world) { w.state(101, notice.Tehty) }, runs.StandingTehty},
		"closed by hand":   {func(w *world) { w.state(101, notice.Valmis) }, runs.StandingValmis},
		"deleted":          {func(w *world) { w.remove(101) }, runs.StandingGone},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(101)
			row.arrange(w)
			created := good(w, w.CreateTask, toCreate(w.ref(101)))
			require.Empty(t, created.TaskID)
			require.Equal(t, row.expected, created.Snapshot.Standing)
			require.Zero(t, w.created())
		})
	}
}

// The task was made, its answer was lost, and the notice was taken from us before the next look. Whoever reads the memo
// must still see a difference, or nobody would ever tell the task.
func TestATaskFoundForANoticeThatHasLeftUsIsKnownAsMadeOfAnOpenOne(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	first := good(w, w.CreateTask, toCreate(w.ref(101)))
	w.give(101, 9)
	w.entry().AcceptState = "Vastaanotettu"

	created := good(w, w.CreateTask, toCreate(w.ref(101)))

	require.Equal(t, first.TaskID, created.TaskID)
	require.Equal(t, runs.StandingOpen, created.Snapshot.Standing)
	require.Empty(t, created.AcceptState, "there is nothing to accept")
}

// Whoever finds a task finds its events. Those of a time that Temporal has forgotten belong to a life before.
func TestAFoundTaskComesWithItsEventsAndWhichOfThemAreOld(t *testing.T) {
	for name, row := range map[string]struct {
		first, second string
		secondIsOld   bool
	}{
		"a life of which only Laskutettu is to come": {"Työ valmis", "Laskutettu", false},
		"a life that ended before Temporal's memory": {"Laskutettu", "Työ valmis", true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(101)
			taskID := w.addTask(101)
			first := w.press(taskID, row.first)
			w.pass(w.Activities.Retention)
			second := w.press(taskID, row.second)
			w.pass(time.Hour)

			found := good(w, w.CreateTask, toCreate(w.ref(101))).Events
			require.Len(t, found, 2)
			require.Equal(t, runs.EventSignal{EventID: first.ID, OccurredAt: first.OccurredAt.UTC().Format(time.RFC3339)}, found[0].EventSignal)
			require.True(t, found[0].Old)
			require.Equal(t, runs.EventSignal{EventID: second.ID, OccurredAt: second.OccurredAt.UTC().Format(time.RFC3339)}, found[1].EventSignal)
			require.Equal(t, row.secondIsOld, found[1].Old)
		})
	}
}

func TestHowLongTemporalRemembersIsTheNamespacesOwnRetention(t *testing.T) {
	w := newWorld(t)
	w.Activities.Retention = 3 * 24 * time.Hour
	w.put(101)
	w.press(w.addTask(101), "Laskutettu")
	w.pass(w.Activities.Retention + time.Hour)
	require.True(t, good(w, w.CreateTask, toCreate(w.ref(101))).Events[0].Old)
}

func TestAMissingPropertyIsNoReasonNotToMakeTheTask(t *testing.T) {
	w := newWorld(t)
	w.put(101, fields{"KohdeId": 999})
	made := w.task(good(w, w.CreateTask, toCreate(w.ref(101))).TaskID)
	require.Nil(t, made.DeliveryAddress)
	require.Contains(t, made.AdditionalInfo, "katuosoitetta ei saatu")
}

func TestAPropertyIsReadOnceADay(t *testing.T) {
	w := newWorld(t)
	for id := range int64(3) {
		w.put(101 + id)
		good(w, w.CreateTask, toCreate(w.ref(101+id)))
	}
	require.Equal(t, 1, w.count("GET kohdetiedot/kohteet/7"))
	w.pass(25 * time.Hour)
	w.put(104)
	good(w, w.CreateTask, toCreate(w.ref(104)))
	require.Equal(t, 2, w.count("GET kohdetiedot/kohteet/7"))
}

// The list of the last sync is the one memory: a step that read Hillava's list itself would believe what a sync does not.
func TestACustomerThatTheLastSyncDidNotFindIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	found := w.temporal.synced
	w.temporal.synced = runs.SyncResult{}
	_, failure := run(w, w.CreateTask, toCreate(w.ref(101)))
	requireRetryable(t, runs.FaultCustomerStopped, failure)
	require.Zero(t, w.count("GET customers"))

	w.temporal.synced = found
	require.NotEmpty(t, good(w, w.CreateTask, toCreate(w.ref(101))).TaskID, "a newer sync is read")
}

func TestATaskIsFoundWhoseNoticeIsGoneMeanwhile(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	first := good(w, w.CreateTask, toCreate(w.ref(101))) // and the worker is killed before it can say so
	w.remove(101)
	second := good(w, w.CreateTask, toCreate(w.ref(101)))
	require.Equal(t, first.TaskID, second.TaskID)
	require.Equal(t, runs.StandingOpen, second.Snapshot.Standing, "so that the task is told of it")
}
