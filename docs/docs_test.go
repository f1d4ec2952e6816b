// Package docs_test checks what the documents say against the code: links lead somewhere, and no setting, attention reason,
// alert's metric or command is missing where a reader looks for it.
package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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

// TestTheReadmeHasEverySetting takes the variables from the sources of internal/config, the one place that reads them.
func TestTheReadmeHasEverySetting(t *testing.T) {
	_, configuration, found := strings.Cut(read(t, "README.md"), "\n## Configuration\n")
	require.True(t, found)
	configuration, _, _ = strings.Cut(configuration, "\n## ")
	files, err := filepath.Glob("../internal/config/*.go")
	require.NoError(t, err)
	var known []string
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, match := range regexp.MustCompile("`env:\"([A-Z0-9_]+)").FindAllSubmatch(source, -1) {
			known = append(known, string(match[1]))
		}
	}
	require.NotEmpty(t, known)
	for _, name := range known {
		if !strings.Contains(configuration, "`"+name+"`") {
			t.Errorf("README.md's configuration table lacks %s", name)
		}
	}
	for _, match := range regexp.MustCompile("`([A-Z]+(?:_[A-Z]+)+)`").FindAllStringSubmatch(configuration, -1) {
		if !strings.HasPrefix(match[1], "TEMPORAL_") && !slices.Contains(known, match[1]) {
			t.Errorf("README.md names the variable %s, which no program reads", match[1])
		}
	}
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
	metrics := regexp.MustCompile(`"(tampuuri_hillava_\w+)"`).FindAllStringSubmatch(read(t, "activities/observer_metrics.go"), -1)
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

// TestTheRunbookHasEveryCommand takes the operator's commands from the starter's table.
func TestTheRunbookHasEveryCommand(t *testing.T) {
	commands := regexp.MustCompile(`(?m)^\t\t"((?:customers|notice) [a-z]+|doctor)":`).FindAllStringSubmatch(read(t, "starter/main.go"), -1)
	require.NotEmpty(t, commands)
	runbook := read(t, "docs/operations.md")
	for _, command := range commands {
		if !strings.Contains(runbook, "starter "+command[1]) {
			t.Errorf("docs/operations.md lacks the command starter %s", command[1])
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
