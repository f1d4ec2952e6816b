package activities

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/workflows"
)

// temporalFake is Temporal as far as starting, describing, listing and signalling goes.
type temporalFake struct {
	client.Client
	mutex     sync.Mutex
	runs      map[string]*runFake // the newest of each workflow id
	stale     map[string]runs.Phase
	schedules *schedulesFake
	down      error // answered to every call
}

type runFake struct {
	options  client.StartWorkflowOptions
	known    runs.Snapshot
	ref      runs.NoticeRef
	phase    runs.Phase
	status   enumspb.WorkflowExecutionStatus
	began    time.Time
	closed   time.Time
	result   *runs.NoticeResult // of a completed run
	signals  []string           // names with event id
	requests map[string]bool    // ids of signal requests: the server takes each once per run
}

func newTemporalFake() *temporalFake {
	return &temporalFake{runs: map[string]*runFake{}, stale: map[string]runs.Phase{}, schedules: &schedulesFake{all: map[string]*client.Schedule{}}}
}

type startedFake struct {
	client.WorkflowRun
	run *runFake
}

func (f startedFake) Get(_ context.Context, into any) error {
	result, ok := into.(*runs.NoticeResult)
	if f.run == nil || f.run.result == nil || !ok {
		return temporal.NewTimeoutError(enumspb.TIMEOUT_TYPE_START_TO_CLOSE, nil)
	}
	*result = *f.run.result
	return nil
}

// GetWorkflow gives a handle on the newest run.
func (f *temporalFake) GetWorkflow(_ context.Context, id, _ string) client.WorkflowRun {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return startedFake{run: f.runs[id]}
}

// ExecuteWorkflow refuses as the server does, and hides the refusal as the SDK does unless it is told not to.
func (f *temporalFake) ExecuteWorkflow(_ context.Context, o client.StartWorkflowOptions, _ any, args ...any) (client.WorkflowRun, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.down != nil {
		return nil, f.down
	}
	if before, ok := f.runs[o.ID]; ok {
		running := before.status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
		if running && o.WorkflowIDConflictPolicy != enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL {
			return startedFake{}, nil
		}
		if running || o.WorkflowIDReusePolicy == enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE {
			if o.WorkflowExecutionErrorWhenAlreadyStarted {
				return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("already started", "", "")
			}
			return startedFake{}, nil
		}
	}
	f.runs[o.ID] = &runFake{
		options: o, status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, phase: runs.PhaseImporting, requests: map[string]bool{},
		ref: o.Memo[runs.memoRef].(runs.NoticeRef), known: o.Memo[runs.memoSnapshot].(runs.Snapshot),
	}
	if input := args[0].(workflows.NoticeInput); input.NoticeRef != f.runs[o.ID].ref {
		return nil, errors.New("input and memo name different notices")
	}
	return startedFake{}, nil
}

func (r *runFake) info(phase runs.Phase) *workflowpb.WorkflowExecutionInfo {
	info := &workflowpb.WorkflowExecutionInfo{
		Status: r.status, ExecutionTime: timestamppb.New(r.began),
		Memo: &commonpb.Memo{Fields: map[string]*commonpb.Payload{
			runs.memoRef: payloadOf(r.ref), runs.memoSnapshot: payloadOf(r.known),
		}},
		SearchAttributes: &commonpb.SearchAttributes{IndexedFields: map[string]*commonpb.Payload{
			runs.AttributePhase.GetName(): payloadOf(phase),
		}},
	}
	if !r.closed.IsZero() {
		info.CloseTime = timestamppb.New(r.closed)
	}
	return info
}

func (f *temporalFake) DescribeWorkflowExecution(_ context.Context, id, _ string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	run, ok := f.runs[id]
	switch {
	case f.down != nil:
		return nil, f.down
	case !ok:
		return nil, serviceerror.NewNotFound("workflow not found")
	}
	return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: run.info(run.phase)}, nil
}

// queries are the visibility queries that the activities make, without the customer, with what they find.
var (
	customerIn = regexp.MustCompile(` AND TampuuriCustomer = '([^']+)'`)
	queries    = map[string]func(enumspb.WorkflowExecutionStatus) bool{
		"WorkflowType = 'Notice' AND ExecutionStatus = 'Running'": func(s enumspb.WorkflowExecutionStatus) bool {
			return s == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
		},
		"WorkflowType = 'Notice' AND ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut')": func(s enumspb.WorkflowExecutionStatus) bool {
			return s != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING && s != enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
		},
	}
)

// ListWorkflow is visibility: what stale says of a run is what it was a while ago.
func (f *temporalFake) ListWorkflow(_ context.Context, request *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.down != nil {
		return nil, f.down
	}
	wanted, known := queries[customerIn.ReplaceAllString(request.GetQuery(), "")]
	if !known {
		return nil, serviceerror.NewInvalidArgument("another query")
	}
	customer := customerIn.FindStringSubmatch(request.GetQuery())
	page := &workflowservice.ListWorkflowExecutionsResponse{}
	for id, run := range f.runs {
		if customer != nil && customer[1] != run.ref.Customer {
			continue
		}
		if _, stale := f.stale[id]; stale || wanted(run.status) {
			info := run.info(run.phase)
			info.Execution = &commonpb.WorkflowExecution{WorkflowId: id}
			page.Executions = append(page.Executions, info)
		}
	}
	return page, nil
}

func (f *temporalFake) SignalWorkflow(ctx context.Context, id, _, signal string, arg any) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	run, ok := f.runs[id]
	switch {
	case f.down != nil:
		return f.down
	case !ok || run.status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING:
		return serviceerror.NewNotFound("workflow execution already completed")
	}
	request := requestIDOf(ctx)
	if request == "" {
		return errors.New("a signal without a request id is not deduplicated")
	}
	if run.requests[request] {
		return nil
	}
	run.requests[request] = true
	if event, ok := arg.(runs.EventSignal); ok {
		signal += " " + event.EventID + " " + event.OccurredAt
	}
	run.signals = append(run.signals, signal)
	return nil
}

var requestIDPattern = regexp.MustCompile(`requestIDKey, ([0-9a-f-]{36})\)$`)

// requestIDOf reads what temporalclient's interceptor would put into the request; only a context's text shows it here.
func requestIDOf(ctx context.Context) string {
	found := requestIDPattern.FindStringSubmatch(fmt.Sprint(ctx))
	if found == nil {
		return ""
	}
	return found[1]
}

func (f *temporalFake) ScheduleClient() client.ScheduleClient { return f.schedules }

// started lists the notices that have a workflow, by Id.
func (f *temporalFake) started() []int64 {
	ids := []int64{}
	for _, run := range f.runs {
		ids = append(ids, run.ref.NoticeID)
	}
	slices.Sort(ids)
	return ids
}

func payloadOf(value any) *commonpb.Payload {
	payload, err := converter.GetDefaultDataConverter().ToPayload(value)
	if err != nil {
		return nil
	}
	return payload
}

// scene is the activities among fakes, at a time that a test moves.
type scene struct {
	*Activities
	t         require.TestingT
	clock     time.Time
	peers     map[string]*tampuuriFake // by Tunniste
	hillava   *hillavaFake
	settings  *settingsFake
	temporal  *temporalFake
	log       *bytes.Buffer
	token     string          // Hillava's
	opened    int             // how often a Tampuuri client was made
	parent    context.Context // of every activity
	suite     testsuite.WorkflowTestSuite
	lastError error
}

var testTiming = runs.Timing{HTTPTimeout: 10 * time.Second}

func newScene(t require.TestingT) *scene {
	keyer, err := notice.NewKeyer([]byte(strings.Repeat("k", 32)))
	require.NoError(t, err)
	s := &scene{
		t: t, clock: helsinkiTime("2026-03-02 12:00"), peers: map[string]*tampuuriFake{}, hillava: newHillavaFake(),
		settings: &settingsFake{}, temporal: newTemporalFake(), log: &bytes.Buffer{}, parent: context.Background(),
	}
	s.customer("esimerkki", 4711)
	s.suite.SetLogger(silent{})
	s.Activities = New(Options{
		Hillava: s.hillava, HillavaToken: func() string { return s.token }, Customers: s.settings, Temporal: s.temporal, Keyer: keyer, Timing: testTiming,
		NewTampuuri: func(c config.Customer) (Tampuuri, error) {
			s.opened++
			return s.peers[c.Tunniste], nil
		},
		Rounds: runs.Rounds{Sync: 15 * time.Minute, Reconcile: 15 * time.Minute},
		Logger: slog.New(slog.NewTextHandler(s.log, nil)),
	})
	now := func() time.Time { return s.clock }
	s.now, s.offices.now, s.Activities.hillava.now, s.directory.now, s.taskTypes.now, s.properties.now = now, now, now, now, now, now
	return s
}

// customer adds a customer in good order, with its own Tampuuri.
func (s *scene) customer(tunniste string, performer int64) *config.Customer {
	s.peers[tunniste] = newTampuuriFake(performer)
	secret := config.NewSecret("salaisuus")
	s.settings.list = append(s.settings.list, config.Customer{
		Tunniste: tunniste, Name: "Esimerkki Isännöinti", StartDate: helsinkiTime("2026-02-01 00:00"), PerformerIDs: []int64{performer},
		Credentials: config.Credentials{Avain: secret, Asiakas: secret, Tili: secret, Kayttajatunnus: secret, Salasana: secret},
		Poll:        config.Poll{Every: 5 * time.Minute, MaxNew: 1000}, Notify: config.Notify{Tehty: true, Valmis: true},
		Task: config.TaskSettings{WorkloadHours: 1, StartFrom: "earliest", BillingReference: "{number}", Contacts: notice.ContactsDescription},
	})
	return &s.settings.list[len(s.settings.list)-1]
}

func (s *scene) tampuuri() *tampuuriFake { return s.peers["esimerkki"] }

// run makes one attempt of an activity, with its input, output and error as Temporal would hand them on.
func run[In, Out any](s *scene, activity func(context.Context, In) (Out, error), in In) (out Out, failure *temporal.ApplicationError) {
	environment := s.suite.NewTestActivityEnvironment()
	environment.SetWorkerOptions(worker.Options{BackgroundActivityContext: s.parent})
	environment.RegisterActivity(activity)
	value, err := environment.ExecuteActivity(activity, in)
	s.lastError = err
	if err != nil {
		require.ErrorAs(s.t, err, &failure)
		return out, failure
	}
	require.NoError(s.t, value.Get(&out))
	return out, nil
}

// good is run for an attempt that must succeed.
func good[In, Out any](s *scene, activity func(context.Context, In) (Out, error), in In) Out {
	if t, ok := s.t.(*testing.T); ok {
		t.Helper()
	}
	out, failure := run(s, activity, in)
	if failure != nil {
		require.NoError(s.t, failure)
	}
	return out
}

func (s *scene) ref(id int64) runs.NoticeRef {
	return runs.NoticeRef{Customer: "esimerkki", NoticeID: id, ExternalID: notice.ExternalID("esimerkki", id, "")}
}

// life is the workflow of a notice; nil when there is none.
func (s *scene) life(id int64) *runFake {
	return s.temporal.runs[runs.NoticeWorkflowID(s.ref(id).ExternalID)]
}

func helsinkiTime(text string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04", text, notice.Helsinki())
	if err != nil {
		return time.Time{}
	}
	return at
}

// silent is for the SDK's own log, which tests of failures would fill.
type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}
