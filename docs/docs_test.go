// Package docs_test checks what the documents say against the code: links lead somewhere, and no setting, attention reason,
// alert's metric, command or check is missing where a reader looks for it.
package docs_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/speech"
)

const root = ".."

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, path))
	require.NoError(t, err)
	return string(content)
}

// documents lists the project's Markdown files, relative to its root.
func documents(t *testing.T) []string {
	t.Helper()
	var found []string
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && path != root || entry.Name() == "testdata") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".md") {
			found = append(found, path)
		}
		return nil
	}))
	require.NotEmpty(t, found)
	return found
}

var (
	codeBlock = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
	link      = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading   = regexp.MustCompile(`(?m)^#+ +(.+)$`)
)

func TestEveryRelativeLinkLeadsSomewhere(t *testing.T) {
	for _, document := range documents(t) {
		content, err := os.ReadFile(document)
		require.NoError(t, err)
		for _, match := range link.FindAllStringSubmatch(codeBlock.ReplaceAllString(string(content), ""), -1) {
			if strings.Contains(match[1], "://") || strings.HasPrefix(match[1], "mailto:") {
				continue
			}
			path, anchor, _ := strings.Cut(match[1], "#")
			target := document
			if path != "" {
				target = filepath.Join(filepath.Dir(document), path)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: the link %s leads nowhere", document, match[1])
			} else if anchor != "" && !slices.Contains(anchors(t, target), anchor) {
				t.Errorf("%s: %s has no heading #%s", document, target, anchor)
			}
		}
	}
}

// anchors are those of a document's headings, made as GitHub makes them.
func anchors(t *testing.T, document string) []string {
	t.Helper()
	content, err := os.ReadFile(document)
	require.NoError(t, err)
	var found []string
	for _, match := range heading.FindAllStringSubmatch(string(content), -1) {
		anchor := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(match[1]), "")
		found = append(found, strings.ReplaceAll(anchor, " ", "-"))
	}
	return found
}

func TestTheSettingsPageHasEveryVariable(t *testing.T) {
	page := read(t, "docs/settings.md")
	known := config.Variables()
	require.NotEmpty(t, known)
	for _, name := range known {
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("docs/settings.md lacks %s", name)
		}
	}
	for _, match := range regexp.MustCompile("`([A-Z]+(?:_[A-Z]+)+)`").FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(match[1], "TEMPORAL_") && !strings.HasPrefix(match[1], "OTEL_") && !strings.HasSuffix(match[1], "_PROXY") && !slices.Contains(known, match[1]) {
			t.Errorf("docs/settings.md names the variable %s, which no program reads", match[1])
		}
	}
}

// entryWith is a complete entry of customers.yaml with one value as a person would write it.
func entryWith(key, value string) string {
	keys := map[string]string{
		"tunniste": "esimerkki", "name": "Esimerkki", "start_date": "2026-02-01", "performer_ids": "[4711]", "consent.reference": "x", "consent.date": "2026-01-15",
		"consent.recorded_by": "x", "credentials.avain": "a", "credentials.asiakas": "a", "credentials.tili": "a", "credentials.kayttajatunnus": "a", "credentials.salasana": "a",
	}
	if key == "performer_ids" || key == "formerly" {
		value = "[" + value + "]"
	}
	keys[key] = value
	groups := map[string][]string{}
	for key, value := range keys {
		group, inner, nested := strings.Cut(key, ".")
		if !nested {
			group, inner = "", key
		}
		groups[group] = append(groups[group], inner+": "+value)
	}
	entry := "customers:\n  - " + strings.Join(groups[""], "\n    ")
	delete(groups, "")
	for group, lines := range groups {
		entry += "\n    " + group + ":\n      " + strings.Join(lines, "\n      ")
	}
	return entry + "\n"
}

// TestTheSettingsPageSaysHowAValueMayBeWritten tries every example of its table.
func TestTheSettingsPageSaysHowAValueMayBeWritten(t *testing.T) {
	_, table, found := strings.Cut(read(t, "docs/settings.md"), "| value | keys | taken | a fault |\n|---|---|---|---|\n")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n\n")
	path := filepath.Join(t.TempDir(), "customers.yaml")
	quoted := regexp.MustCompile("`([^`]+)`")
	tried := 0
	for row := range strings.Lines(table) {
		cells := strings.Split(row, "|")
		require.Len(t, cells, 6, row)
		var keys []string
		for _, match := range quoted.FindAllStringSubmatch(cells[2], -1) {
			keys = append(keys, match[1])
		}
		switch strings.TrimSpace(cells[1]) {
		case "text":
			keys = []string{"name", "consent.reference", "consent.recorded_by", "credentials.tili", "credentials.salasana"}
		case "credential":
			keys = []string{"credentials.avain", "credentials.salasana"}
		}
		for column, good := range map[int]bool{3: true, 4: false} {
			for i, match := range quoted.FindAllStringSubmatch(cells[column], -1) {
				these := keys
				if strings.TrimSpace(cells[1]) == "one of a few" {
					these = keys[i : i+1]
				}
				for _, key := range these {
					require.NoError(t, os.WriteFile(path, []byte(entryWith(key, match[1])), 0o600))
					customers, err := config.LoadCustomers(path, 1)
					require.NoError(t, err, "%s: %s", key, match[1])
					require.Len(t, customers, 1)
					require.Equal(t, good, len(customers[0].Faults) == 0, "%s: %s: %v", key, match[1], customers[0].Faults)
					tried++
				}
			}
		}
	}
	require.Greater(t, tried, 100)
}

// TestTheRunbookHasEveryAttentionReason: whoever meets a reason at night finds it there.
func TestTheRunbookHasEveryAttentionReason(t *testing.T) {
	reasons := regexp.MustCompile(`Reason\w+\s*= "([a-z-]+)"`).FindAllStringSubmatch(read(t, "internal/runs/reasons.go"), -1)
	require.NotEmpty(t, reasons)
	runbook := read(t, "docs/operations.md")
	for _, reason := range reasons {
		if !strings.Contains(runbook, "`"+reason[1]+"`") {
			t.Errorf("docs/operations.md lacks the attention reason %s", reason[1])
		}
	}
}

// TestTheRunbookHasEveryMetricOfOurs takes the metrics from their declaration.
func TestTheRunbookHasEveryMetricOfOurs(t *testing.T) {
	metrics := regexp.MustCompile(`"(tampuuri_hillava_\w+)"`).FindAllStringSubmatch(read(t, "internal/figures/observer_metrics.go"), -1)
	require.NotEmpty(t, metrics)
	runbook := read(t, "docs/operations.md")
	for _, metric := range metrics {
		if !strings.Contains(runbook, metric[1]) {
			t.Errorf("docs/operations.md lacks the metric %s", metric[1])
		}
	}
}

// TestTheRunbookHasEveryAlert: whoever is told of one looks for its name.
func TestTheRunbookHasEveryAlert(t *testing.T) {
	alerts := regexp.MustCompile(`(?m)^ +- alert: (\w+)$`).FindAllStringSubmatch(read(t, "deploy/prometheus/rules.yml"), -1)
	require.NotEmpty(t, alerts)
	runbook := read(t, "docs/operations.md")
	for _, alert := range alerts {
		require.Contains(t, runbook, "\n### "+alert[1]+"\n", "docs/operations.md")
	}
	require.Equal(t, len(alerts), strings.Count(runbook[strings.Index(runbook, "\n## Alerts\n"):strings.Index(runbook, "\n## Customers and schedules\n")], "\n### "), "a section for each, and no other")
}

// TestTheRunbookHasEveryCommand takes the operator's commands from where the starter builds them.
func TestTheRunbookHasEveryCommand(t *testing.T) {
	runbook, found := read(t, "docs/operations.md"), map[string]int{}
	sources, err := filepath.Glob(filepath.Join(root, "starter", "*.go"))
	require.NoError(t, err)
	for _, source := range sources {
		group := ""
		for _, name := range []string{"notice", "customers"} {
			if strings.HasPrefix(filepath.Base(source), name) && !strings.HasSuffix(source, "_test.go") {
				group = name
			}
		}
		if group == "" {
			continue
		}
		content, err := os.ReadFile(source)
		require.NoError(t, err)
		for _, match := range regexp.MustCompile(`(?:Use: "|customerActCommand\(out, "|entryCommand\(")([a-z-]+)`).FindAllStringSubmatch(string(content), -1) {
			found[group]++
			if !strings.Contains(runbook, "starter "+group+" "+match[1]) {
				t.Errorf("docs/operations.md lacks the command starter %s %s", group, match[1])
			}
		}
	}
	require.Equal(t, map[string]int{"notice": 7, "customers": 8}, found)
	require.Contains(t, runbook, "starter doctor")
	require.Contains(t, runbook, "starter report")
}

// TestTheOfficesPageHasEveryCheckOfDoctor, in both languages, and no other.
func TestTheOfficesPageHasEveryCheckOfDoctor(t *testing.T) {
	_, table, found := strings.Cut(read(t, "docs/kayttoonotto.md"), "| rivi | englanniksi | mitä se tarkistaa |\n|---|---|---|\n")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n\n")
	known := map[string]bool{"TAMPUURI_TASK": true, "NOTIFY_URLS": true, "starter doctor --send-test": true, "-": true}
	for _, check := range speech.Checks() {
		for _, name := range []string{check.English, check.Finnish} {
			known[name] = true
			if !strings.Contains(table, "`"+name+"`") {
				t.Errorf("docs/kayttoonotto.md lacks doctor's row %s", name)
			}
		}
	}
	for _, match := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(table, -1) {
		require.True(t, known[match[1]], "docs/kayttoonotto.md: doctor has no row %s", match[1])
	}
}

// goSources are the production sources by their paths, relative to the root.
func goSources(t *testing.T) map[string]string {
	t.Helper()
	sources := map[string]string{}
	require.NoError(t, filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		sources[filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))] = string(source)
		return err
	}))
	return sources
}

// TestTheGlossarysNamesAreInTheCode: each name of its second column, or the last part of a qualified one.
func TestTheGlossarysNamesAreInTheCode(t *testing.T) {
	_, table, found := strings.Cut(read(t, "docs/glossary.md"), "|---|---|---|\n")
	require.True(t, found)
	code := strings.Join(slices.Collect(maps.Values(goSources(t))), "\n")
	checked := 0
	for row := range strings.Lines(table) {
		cells := strings.Split(row, "|")
		require.Len(t, cells, 5, row)
		for _, match := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[2], -1) {
			name := match[1][strings.LastIndex(match[1], ".")+1:]
			if !regexp.MustCompile(`(\b|")` + regexp.QuoteMeta(name)).MatchString(code) {
				t.Errorf("docs/glossary.md names %s, which is nowhere in the code", match[1])
			}
			checked++
		}
	}
	require.Greater(t, checked, 20)
}

// TestThePageOfAssumptionsHasEveryPlace where the code marks one. That what it names exists, others check.
func TestThePageOfAssumptionsHasEveryPlace(t *testing.T) {
	page, marked := read(t, "docs/assumptions.md"), 0
	for path, source := range goSources(t) {
		if strings.Contains(source, "ASSUMED") {
			marked++
			require.Contains(t, page, path, "docs/assumptions.md")
		}
	}
	require.Greater(t, marked, 2)
	contracts, err := filepath.Glob(filepath.Join(root, "api", "*.yaml"))
	require.NoError(t, err)
	for _, contract := range contracts {
		if strings.Contains(read(t, "api/"+filepath.Base(contract)), "x-assumed: true") {
			require.Contains(t, page, "api/"+filepath.Base(contract), "docs/assumptions.md")
		}
	}
}

// TestTheTestsThatAreNamedExist: a document that names a test as proof is no better than that test.
func TestTheTestsThatAreNamedExist(t *testing.T) {
	var sources strings.Builder
	require.NoError(t, filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		sources.Write(source)
		return err
	}))
	test := regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z]\w+`)
	require.True(t, test.MatchString(read(t, "docs/reliability.md")))
	for _, document := range documents(t) {
		content, err := os.ReadFile(document)
		require.NoError(t, err)
		for _, name := range test.FindAllString(string(content), -1) { // in a -run pattern it may be the beginning of one
			if !strings.Contains(sources.String(), "func "+name) {
				t.Errorf("%s names %s, which is no test", document, name)
			}
		}
	}
}

// TestTheFilesThatAreNamedExist: a reader who is sent to a file finds it, and finds there what is named beside it.
func TestTheFilesThatAreNamedExist(t *testing.T) {
	toBeMade := []string{"workflows/versions.go"} // by whoever first changes a workflow, see versioning.md
	named := regexp.MustCompile("`((?:[a-z0-9_.-]+/)+[A-Za-z0-9_.-]+\\.(?:go|ya?ml|sh|md))(?: ([A-Za-z]+))?`(?: ([a-z]+[A-Za-z]*|[A-Z][A-Za-z]+) \\|)?")
	found := 0
	for _, document := range documents(t) {
		content, err := os.ReadFile(document)
		require.NoError(t, err)
		for _, match := range named.FindAllStringSubmatch(string(content), -1) {
			if slices.Contains(toBeMade, match[1]) {
				continue
			}
			found++
			source, err := os.ReadFile(filepath.Join(root, match[1]))
			if err != nil {
				source, err = os.ReadFile(filepath.Join(filepath.Dir(document), match[1]))
			}
			if err != nil {
				t.Errorf("%s names the file %s, which is not there", document, match[1])
			} else if name := match[2] + match[3]; name != "" && !strings.Contains(string(source), name) {
				t.Errorf("%s says that %s has %s, which it has not", document, match[1], name)
			}
		}
	}
	require.Greater(t, found, 20)
}
