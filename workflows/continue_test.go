package workflows

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// runUntilContinued plays a run that the server wants to end, and returns what it hands to the next one.
func (p *play) runUntilContinued(in noticeRun) noticeRun {
	p.t.Helper()
	p.ExecuteWorkflow(runs.TypeNotice, in)
	next := handedOn[noticeRun](p.t, p.GetWorkflowError(), runs.TypeNotice)
	require.NotNil(p.t, next.Carried)
	return next
}

// handedOn is what a run that ended with that error gives the next one of its type.
func handedOn[Run any](t require.TestingT, ended error, workflowType string) (next Run) {
	var continued *workflow.ContinueAsNewError
	require.ErrorAs(t, ended, &continued)
	require.Equal(t, workflowType, continued.WorkflowType.Name)
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(continued.Input, &next))
	return next
}

// requireWholeInJSON says that JSON drops nothing of what a run hands on: continue-as-new would forget it.
func requireWholeInJSON[Run any](t *testing.T, run Run) {
	t.Helper()
	payload, err := converter.GetDefaultDataConverter().ToPayload(run)
	require.NoError(t, err)
	var back Run
	require.NoError(t, converter.GetDefaultDataConverter().FromPayload(payload, &back))
	require.Equal(t, run, back)
}

// tooLongAt has the server suggest the end of the run so long after its start.
func (p *play) tooLongAt(after time.Duration) *play {
	p.RegisterDelayedCallback(func() { p.SetContinueAsNewSuggested(true) }, after)
	return p
}

func TestTheStateSurvivesItsJSONWhole(t *testing.T) {
	var full noticeState
	fill(t, reflect.ValueOf(&full).Elem(), "noticeState")
	requireWholeInJSON(t, noticeRun{NoticeInput: aRun.NoticeInput, Carried: &full})
}

// fill gives every field a value that is not its zero value, so that one which JSON leaves out is missed.
func fill(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Date(2026, 2, 3, 8, 0, 0, 0, time.UTC)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			require.True(t, field.IsExported(), "%s.%s is not exported, so JSON drops it", path, field.Name)
			fill(t, v.Field(i), path+"."+field.Name)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), path)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0), path+"[0]")
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key, path+" key")
		fill(t, value, path+" value")
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString(path)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	default:
		require.Fail(t, "a kind of field that this test does not know", "%s is a %s", path, v.Kind())
	}
}

func TestALifeGoesOnInTheNextRun(t *testing.T) {
	withPlan := &world{invoice: func(runs.InvoicedInput) (runs.InvoicedReport, error) {
		return runs.InvoicedReport{}, refused(runs.ReasonTampuuriRefused)
	}}
	first := newPlay(t, withPlan).at(time.Minute, runs.TyoValmis.Name(), event("e1")).at(time.Hour, runs.Laskutettu.Name(), event("e2")).
		at(2*time.Hour, runs.TyoValmis.Name(), event("e1")).tooLongAt(3 * time.Hour)
	next := first.runUntilContinued(aRun)
	before := first.status()
	require.Equal(t, runs.PhaseAttention, before.Phase)

	var previous []notice.Planned
	second := &world{plan: func(in runs.PlanInput) (runs.Plan, error) {
		previous = in.Previous
		return runs.Plan{Entries: in.Previous}, nil
	}}
	p := newPlay(t, second)
	var after runs.Status
	p.RegisterDelayedCallback(func() { after = p.status() }, time.Minute)
	p.at(time.Hour, runs.TyoValmis.Name(), event("e1")).at(2*time.Hour, runs.Laskutettu.Name(), event("e2")).at(3*time.Hour, runs.Resend.Name(), nil)
	p.ExecuteWorkflow(runs.TypeNotice, next)
	require.NoError(t, p.GetWorkflowError())

	require.Equal(t, before, after, "the query answers as before: phase, task, attention and the whole history")
	require.Equal(t, []string{"plan", "invoice"}, second.calls, "nothing is made or reported again")
	require.Len(t, previous, 1, "what may have been sent is not forgotten")
	status := p.status()
	require.Equal(t, runs.ReportedValmis, status.Reported)
	repeated := status.History[len(before.History) : len(before.History)+2]
	for _, entry := range repeated {
		require.Equal(t, runs.HappenedIgnored, entry.What)
		require.Contains(t, entry.Result, "was dealt with before", "events taken in the run before are known")
	}
}

func TestAWaitThatSpansTwoRuns(t *testing.T) {
	w := &world{create: func() (runs.CreatedTask, error) {
		return runs.CreatedTask{Snapshot: runs.Snapshot{Standing: runs.StandingReassigned}}, nil
	}}
	first := newPlay(t, w).tooLongAt(10 * 24 * time.Hour)
	next := first.runUntilContinued(aRun)
	until := *next.Carried.WithdrawnUntil

	p := newPlay(t, &world{})
	p.SetStartTime(until.Add(-19 * 24 * time.Hour))
	p.ExecuteWorkflow(runs.TypeNotice, next)
	require.NoError(t, p.GetWorkflowError())
	require.WithinDuration(t, until, p.Now(), time.Minute, "30 days in all, not from the start of the run")
	require.Equal(t, "withdrawn", p.status().ClosedBy)
}

// What comes in the very moment in which a run ends, together with something else that wakes the life, is in no channel
// if somebody has been handed it already. It must reach either run.
func TestWhatComesAsTheRunEndsIsNotLost(t *testing.T) {
	for name, signal := range map[string]string{"Työ valmis": runs.TyoValmis.Name(), "Laskutettu": runs.Laskutettu.Name(), "notice-changed": runs.NoticeChanged.Name()} {
		t.Run(name+", with the outcome of a step", func(t *testing.T) {
			w := &world{}
			p := newPlay(t, w)
			w.create = func() (runs.CreatedTask, error) {
				p.SetContinueAsNewSuggested(true)
				p.SignalWorkflowSkippingWorkflowTask(signal, event("e1")) // both in one workflow task
				return runs.CreatedTask{TaskID: "T-1", Snapshot: runs.Snapshot{Standing: runs.StandingOpen}}, nil
			}
			p.ExecuteWorkflow(runs.TypeNotice, aRun)
			require.Greater(t, len(w.calls), 1, "it is acted on before the run ends")
		})
	}
}

func TestNoRunEndsDuringAStep(t *testing.T) {
	attempts := 0
	w := &world{create: func() (runs.CreatedTask, error) {
		if attempts++; attempts < 5 {
			return runs.CreatedTask{}, errors.New("Hillava is away")
		}
		return runs.CreatedTask{TaskID: "T-1", Snapshot: runs.Snapshot{Standing: runs.StandingOpen}}, nil
	}}
	p := newPlay(t, w)
	p.SetContinueAsNewSuggested(true)
	p.at(time.Second, runs.TyoValmis.Name(), event("e1"))
	next := p.runUntilContinued(aRun)
	require.Equal(t, "T-1", next.Carried.TaskID)
	require.Equal(t, runs.ReportedTehty, next.Carried.Reported)
}

// Signals that change nothing lengthen a history too, so a run does not wait for one that does.
func TestATooLongRunEndsAtOnce(t *testing.T) {
	p := newPlay(t, &world{}).at(time.Minute, runs.TyoValmis.Name(), event("e1"))
	started := p.Now()
	p.tooLongAt(time.Hour).at(2*time.Hour, runs.Laskutettu.Name(), event("e2"))
	next := p.runUntilContinued(aRun)
	require.WithinDuration(t, started.Add(time.Hour), p.Now(), time.Minute)
	require.False(t, next.Carried.InvoiceRequested)
}

func TestAContinuedRunSaysWhichNoticeItIs(t *testing.T) {
	life := &noticeLife{
		Workflows: &Workflows{links: Links{Notice: "https://tampuuri.example/{id}"}}, NoticeRef: aNotice, continued: true,
		noticeState: &noticeState{Reported: runs.ReportedNone},
	}
	require.Contains(t, life.details(), "**48213 · esimerkki · importing**")
	require.Contains(t, life.details(), "Tampuuri notice [48213](https://tampuuri.example/48213)")
}

// TestEverySignalIsDescribed: a person who sends one from the Web UI is told what it does and what it takes.
func TestEverySignalIsDescribed(t *testing.T) {
	for _, signal := range noticeSignals {
		require.NotEmpty(t, signal.description, signal.name)
	}
}
