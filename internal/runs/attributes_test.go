package runs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
)

// registry is a server's search attributes. Queries see a new one a look after it was registered.
type registry struct {
	types map[string]enumspb.IndexedValueType
	asked int // queries since the last registration
}

func keywords() map[string]enumspb.IndexedValueType {
	types := map[string]enumspb.IndexedValueType{}
	for _, name := range SearchAttributes() {
		types[name] = enumspb.INDEXED_VALUE_TYPE_KEYWORD
	}
	return types
}

// all is a registry in which everything is as it should be, but for the changes.
func all(change func(map[string]enumspb.IndexedValueType)) *registry {
	types := keywords()
	change(types)
	return &registry{types: types, asked: 1}
}

// count answers as a server does to the two questions that EnsureSearchAttributes asks.
func (r *registry) count(query string) (*workflowservice.CountWorkflowExecutionsResponse, error) {
	r.asked++
	for _, condition := range strings.Split(query, " AND ") {
		words := strings.Fields(condition)
		kind, ok := r.types[words[0]]
		switch {
		case !ok || r.asked == 1:
			return nil, serviceerror.NewInvalidArgument("invalid query: column name '" + words[0] + "' is not a valid search attribute")
		case words[1] != "IS" && kind != enumspb.INDEXED_VALUE_TYPE_KEYWORD:
			return nil, serviceerror.NewInvalidArgument("operator not supported: " + words[0] + " of type " + kind.String())
		}
	}
	return &workflowservice.CountWorkflowExecutionsResponse{}, nil
}

func (r *registry) register(types map[string]enumspb.IndexedValueType) error {
	for name, kind := range types {
		r.types[name] = kind
	}
	r.asked = 0
	return nil
}

func (r *registry) list() (map[string]enumspb.IndexedValueType, error) { return r.types, nil }

// open is a server that lets us do everything.
func (r *registry) open() *frontend {
	return &frontend{onCount: r.count, attributes: r.list, register: r.register}
}

// closed is a server whose operator service is for somebody else.
func (r *registry) closed(refusal error) *frontend {
	return &frontend{
		onCount:    r.count,
		attributes: func() (map[string]enumspb.IndexedValueType, error) { return nil, refusal },
		register:   func(map[string]enumspb.IndexedValueType) error { return refusal },
	}
}

var refusals = map[string]error{
	"denied":        serviceerror.NewPermissionDenied("no", ""),
	"unimplemented": serviceerror.NewUnimplemented("unknown service temporal.api.operatorservice.v1.OperatorService"),
}

func lacking(names ...string) func(map[string]enumspb.IndexedValueType) {
	return func(types map[string]enumspb.IndexedValueType) {
		for _, name := range names {
			delete(types, name)
		}
	}
}

func ofType(name string, kind enumspb.IndexedValueType) func(map[string]enumspb.IndexedValueType) {
	return func(types map[string]enumspb.IndexedValueType) { types[name] = kind }
}

func ensure(t *testing.T, f *frontend) error {
	t.Helper()
	return serve(t, f).EnsureSearchAttributes(t.Context(), slog.New(slog.DiscardHandler))
}

func TestMissingSearchAttributesAreRegisteredAndWaitedFor(t *testing.T) {
	registered := all(lacking("NoticePhase", "HillavaTask"))
	require.NoError(t, ensure(t, registered.open()))
	require.Equal(t, keywords(), registered.types)
	require.Equal(t, 2, registered.asked, "until queries take them")
}

func TestARegistrationThatABusyServerRefusedIsTriedAgain(t *testing.T) {
	registered := all(lacking("NoticePhase", "HillavaTask"))
	f, tries := registered.open(), 0
	f.register = func(types map[string]enumspb.IndexedValueType) error {
		if tries++; tries < 3 {
			return serviceerror.NewResourceExhausted(enumspb.RESOURCE_EXHAUSTED_CAUSE_RPS_LIMIT, "busy")
		}
		return registered.register(types)
	}
	require.NoError(t, ensure(t, f))
	require.Equal(t, keywords(), registered.types)
	require.Equal(t, 3, tries)
}

func TestTheOperatorServiceIsNotNeededWhereTheAttributesWork(t *testing.T) {
	for name, refusal := range refusals {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, ensure(t, all(lacking()).closed(refusal)))
		})
	}
}

func TestWhoMayNotRegisterIsToldBothCommandsWithAllNames(t *testing.T) {
	listed := func(refusal error) *frontend {
		f := all(lacking("NoticePhase", "HillavaTask")).closed(refusal)
		f.attributes = all(lacking("NoticePhase", "HillavaTask")).list
		return f
	}
	for name, refusal := range refusals {
		for kind, f := range map[string]*frontend{
			"may not list either": all(lacking("NoticePhase", "HillavaTask")).closed(refusal), "may list": listed(refusal),
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				err := ensure(t, f)
				require.ErrorContains(t, err, "temporal operator search-attribute create --namespace yritys --name HillavaTask --type Keyword --name NoticePhase --type Keyword\n")
				require.ErrorContains(t, err, "tcld namespace search-attributes add --namespace yritys --search-attribute HillavaTask=Keyword --search-attribute NoticePhase=Keyword")
				require.NotContains(t, err.Error(), "TampuuriCustomer", "it is there")
			})
		}
	}
}

func TestAnAttributeOfAnotherTypeRefusesTheStartAndIsNamed(t *testing.T) {
	for _, kind := range []enumspb.IndexedValueType{
		enumspb.INDEXED_VALUE_TYPE_TEXT, enumspb.INDEXED_VALUE_TYPE_KEYWORD_LIST, enumspb.INDEXED_VALUE_TYPE_INT,
	} {
		for name, f := range map[string]*frontend{
			"listed": all(ofType("NoticePhase", kind)).open(),
			"asked":  all(ofType("NoticePhase", kind)).closed(refusals["denied"]),
		} {
			t.Run(fmt.Sprint(kind, " ", name), func(t *testing.T) {
				err := ensure(t, f)
				require.ErrorContains(t, err, "search attribute NoticePhase is")
				require.ErrorContains(t, err, kind.String())
				require.ErrorContains(t, err, "temporal operator search-attribute remove --namespace yritys --name NoticePhase")
				require.ErrorContains(t, err, "tcld namespace search-attributes rename --namespace yritys --existing-name NoticePhase")
			})
		}
	}
}

func TestAStoreWithoutRoomForMoreAttributesIsToldAtOnce(t *testing.T) {
	f := all(lacking("NoticePhase")).open()
	f.register = func(map[string]enumspb.IndexedValueType) error {
		return serviceerror.NewInvalidArgument("cannot have more than 10 search attribute of type Keyword")
	}
	err := ensure(t, f)
	require.ErrorContains(t, err, "NoticePhase")
	require.ErrorContains(t, err, "cannot have more than 10")
}

func TestAnotherWorkerMayBeFasterInRegistering(t *testing.T) {
	registered := all(lacking("NoticePhase"))
	f := registered.open()
	f.register = func(types map[string]enumspb.IndexedValueType) error {
		_ = registered.register(types)
		return serviceerror.NewFailedPrecondition("somebody is at it")
	}
	var said bytes.Buffer
	require.NoError(t, serve(t, f).EnsureSearchAttributes(t.Context(), slog.New(slog.NewTextHandler(&said, nil))))
	require.Contains(t, said.String(), "somebody is at it")
}

func TestWhoMayNotAskAtAllIsNotToldToRegister(t *testing.T) {
	f := all(lacking()).closed(refusals["denied"])
	f.onCount = func(string) (*workflowservice.CountWorkflowExecutionsResponse, error) { return nil, refusals["denied"] }
	err := ensure(t, f)
	require.ErrorContains(t, err, "find out whether the search attributes of namespace yritys work: no")
	require.NotContains(t, err.Error(), "create")
}

func TestAStopWhileTheAttributesAreWaitedForIsNoFailureOfTheirs(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	f := all(lacking()).open()
	f.onCount = func(string) (*workflowservice.CountWorkflowExecutionsResponse, error) {
		stop()
		return nil, serviceerror.NewInvalidArgument("not yet")
	}
	require.ErrorIs(t, serve(t, f).EnsureSearchAttributes(ctx, slog.New(slog.DiscardHandler)), context.Canceled)
}

func TestAMissingNamespaceIsToldWithTheCommandThatMakesIt(t *testing.T) {
	f := all(lacking()).open()
	f.namespace = func() (*workflowservice.DescribeNamespaceResponse, error) {
		return nil, serviceerror.NewNamespaceNotFound("yritys")
	}
	err := ensure(t, f)
	require.ErrorContains(t, err, "temporal operator namespace create --namespace yritys --retention 90d")
	require.NotContains(t, err.Error(), "search-attribute")
	f.namespace = func() (*workflowservice.DescribeNamespaceResponse, error) { return nil, refusals["denied"] }
	require.NoError(t, ensure(t, f), "who may not describe it may be allowed to use it")
}

func TestOnlyWhatTemporalAnswersForEverIsPermanent(t *testing.T) {
	for _, row := range []struct {
		err       error
		permanent bool
	}{
		{serviceerror.NewInvalidArgument("invalid query"), true},
		{fmt.Errorf("list: %w", serviceerror.NewInvalidArgument("invalid query")), true},
		{serviceerror.NewUnimplemented("unknown method"), true},
		{serviceerror.NewUnavailable("away"), false},
		{serviceerror.NewDeadlineExceeded("slow"), false},
		{serviceerror.NewResourceExhausted(enumspb.RESOURCE_EXHAUSTED_CAUSE_RPS_LIMIT, "too many"), false},
		{serviceerror.NewPermissionDenied("the key has expired", ""), false},
		{serviceerror.NewNotFound("no such workflow"), false},
		{errors.New("connection refused"), false},
		{nil, false},
	} {
		require.Equal(t, row.permanent, Permanent(row.err), "%v", row.err)
	}
}
