package telemetry

import "runtime/debug"

// Version is which build of a program this is.
func Version(program string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return program + ", built without build information"
	}
	return versionOf(program, info)
}

// versionOf names a build by its version, or by its commit where it has none.
func versionOf(program string, info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	text := program + " " + info.Main.Version
	if revision := settings["vcs.revision"]; revision != "" {
		text += ", commit " + revision + " of " + settings["vcs.time"]
	}
	if settings["vcs.modified"] == "true" {
		text += ", changed since"
	}
	return text + ", " + info.GoVersion
}
