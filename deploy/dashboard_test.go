package deploy_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type dashboard struct {
	Templating struct {
		List []struct{ Name, Type, Query string } `json:"list"`
	} `json:"templating"`
	Panels []struct {
		ID         int    `json:"id"`
		Title      string `json:"title"`
		Datasource source `json:"datasource"`
		Targets    []struct {
			Datasource source `json:"datasource"`
			Expr       string `json:"expr"`
		} `json:"targets"`
		GridPos struct{ X, Y, W, H int } `json:"gridPos"`
	} `json:"panels"`
}

type source struct{ Type, UID string }

const dashboardFile = "deploy/grafana/dashboard.json"

func readDashboard(t *testing.T) (board dashboard, expressions []string) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(read(t, dashboardFile)), &board))
	for _, panel := range board.Panels {
		require.NotEmpty(t, panel.Targets, panel.Title)
		for _, target := range panel.Targets {
			expressions = append(expressions, target.Expr)
		}
	}
	require.NotEmpty(t, expressions)
	return board, expressions
}

// TestTheDashboardCanBeImportedAnywhere: whoever imports it chooses the data source, and every panel has a place of its own.
func TestTheDashboardCanBeImportedAnywhere(t *testing.T) {
	board, _ := readDashboard(t)
	require.Len(t, board.Templating.List, 1)
	require.Equal(t, "datasource prometheus", board.Templating.List[0].Type+" "+board.Templating.List[0].Query)
	chosen := source{"prometheus", "${" + board.Templating.List[0].Name + "}"}
	ids, taken := map[int]bool{}, map[[2]int]string{}
	for _, panel := range board.Panels {
		require.NotEmpty(t, panel.Title)
		require.Equal(t, chosen, panel.Datasource, panel.Title)
		for _, target := range panel.Targets {
			require.Equal(t, chosen, target.Datasource, panel.Title)
		}
		require.False(t, ids[panel.ID], panel.Title)
		ids[panel.ID] = true
		place := panel.GridPos
		require.LessOrEqual(t, place.X+place.W, 24, panel.Title)
		for x := range place.W {
			for y := range place.H {
				cell := [2]int{place.X + x, place.Y + y}
				require.Empty(t, taken[cell], "%s lies over it", panel.Title)
				taken[cell] = panel.Title
			}
		}
	}
}

// TestTheDashboardsExpressionsParse has promtool take them as rules, where there is one: a panel that says "none" when all
// is well would say it of an expression that is none, too.
func TestTheDashboardsExpressionsParse(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("SKIPPED: there is no promtool")
	}
	_, expressions := readDashboard(t)
	var rules strings.Builder
	rules.WriteString("groups: [{name: dashboard, rules: [\n")
	for i, expression := range expressions {
		fmt.Fprintf(&rules, "  {record: 'panel_%d', expr: %q},\n", i, expression)
	}
	rules.WriteString("]}]\n")
	file := filepath.Join(t.TempDir(), "rules.yml")
	require.NoError(t, os.WriteFile(file, []byte(rules.String()), 0o600))
	output, err := exec.CommandContext(t.Context(), promtool, "check", "rules", file).CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.Contains(t, string(output), fmt.Sprintf("%d rules found", len(expressions)))
}
