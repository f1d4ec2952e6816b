package containers

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	answers "tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
)

// panel is one of deploy/grafana's dashboard. One that is empty while all is well says so by its NoValue.
type panel struct {
	Title       string
	FieldConfig struct{ Defaults struct{ NoValue string } }
	Targets     []struct{ Expr string }
}

// panelsHaveData asks Prometheus for every expression of those panels; its error names all that are empty.
func (p *production) panelsHaveData(ctx context.Context, which func(panel) bool) error {
	text, err := os.ReadFile(filepath.Join(root, "deploy", "grafana", "dashboard.json"))
	if err != nil {
		return err
	}
	var board struct{ Panels []panel }
	if err := json.Unmarshal(text, &board); err != nil {
		return err
	}
	var empty []string
	for _, panel := range board.Panels {
		for _, target := range panel.Targets {
			var data struct{ Result []any }
			if err := p.prometheus(ctx, "query?query="+url.QueryEscape(target.Expr), &data); err != nil {
				return err
			}
			if len(data.Result) == 0 && which(panel) {
				empty = append(empty, panel.Title)
			}
		}
	}
	if len(empty) > 0 {
		return fmt.Errorf("no data for %q", empty)
	}
	return nil
}

// TestEveryPanelOfTheDashboardHasData: those too that show trouble, while there is some of each kind.
func TestEveryPanelOfTheDashboardHasData(t *testing.T) {
	inTheLongForm(t)
	p := installProduction(t)
	p.compose("up", "--detach", "--build")
	p.awaitHealthy()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	finish := p.traffic(ctx)

	fields := stack.ExampleNotice()
	fields["TyonsuorittajaYritysId"] = p.systems.Customers[0].Performers[0]
	delete(fields, "TilaajanTurvakielto")
	unflagged, err := p.systems.Tampuuri.AddNotice(tunniste, fields)
	require.NoError(t, err)
	task, err := p.systems.WaitTask(ctx, tunniste, unflagged)
	require.NoError(t, err)
	p.systems.Faults.Add(answers.Fault{System: "tampuuri", Customer: p.systems.Customers[1].Tunniste, Times: -1, Kind: answers.Status401})
	p.systems.Faults.Add(answers.Fault{System: "hillava", Op: hillava.OpCreateTask, Times: -1, Kind: answers.Status503})
	stopped("temporal")(p)()
	require.NoError(t, stack.WaitFor(ctx, "every panel to have data", func(ctx context.Context) error {
		return p.panelsHaveData(ctx, func(panel) bool { return true })
	}))

	p.systems.Faults.Clear()
	count, err := finish()
	require.NoError(t, err)
	require.NoError(t, (&notice{production: p, tunniste: tunniste, id: unflagged, task: task}).work())
	require.NoError(t, (&notice{production: p, tunniste: tunniste, id: unflagged, task: task}).invoice(ctx))
	t.Logf("%d notices", count)
	p.checkLedger()
}
