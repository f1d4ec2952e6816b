package telemetry

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheVersionIsThatOfTheBuild(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "v1.2.3"}, Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.time", Value: "2026-02-05T10:00:00Z"}, {Key: "vcs.modified", Value: "true"},
	}}
	require.Equal(t, "starter v1.2.3, commit abc of 2026-02-05T10:00:00Z, changed since, go1.26.8", versionOf("starter", info))
	require.Equal(t, "starter (devel), go1.26.8", versionOf("starter", &debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "(devel)"}}))
	require.Contains(t, Version("worker"), "worker ")
}
