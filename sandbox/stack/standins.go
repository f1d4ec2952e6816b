package stack

import "context"

// NewStandIns starts both stand-ins and the page, and neither Temporal nor programs of ours: those run elsewhere, as in
// docker-compose. They find customers.yaml and the secrets that both sides know in Options.Dir. Options.TemporalUI is for
// the page's links. Call Close in any case.
func NewStandIns(ctx context.Context, o Options) (*Stack, error) {
	s := prepare(o)
	s.Temporal = &Temporal{Source: FromEnvironment, UIURL: o.TemporalUI, Namespace: "default"}
	return s.run(ctx, s.makeFolder, s.openLedger, s.startStandIns, s.prepareCustomers, s.loadNotices, s.startPage)
}
