package config

import "os"

// ColourWanted tells whether a terminal is to be written to in colour: NO_COLOR, whatever its value, says no, and so does a
// terminal without.
func ColourWanted() bool { return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" }
