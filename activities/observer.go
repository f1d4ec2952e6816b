package activities

import "tampuuri-hillava/internal/runs"

// Observer is a stand-in until the real one is merged.
type Observer struct{}

// Note keeps a round's marks.
func (*Observer) Note(string, runs.Marks) {}
