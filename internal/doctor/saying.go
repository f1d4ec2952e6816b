package doctor

import (
	"strings"

	"tampuuri-hillava/internal/speech"
)

// said is what a row says.
type said = speech.Said

// say is for what a check has found and what to do, named for its name, quoted for what another package says.
var say, named, quoted = speech.Say, speech.Say, speech.Quote

// quotedError puts several problems on the one line that a check has.
func quotedError(err error) said { return quoted(strings.ReplaceAll(err.Error(), "\n", "; ")) }

func quotedAll(by string, sentences []string) said {
	var all []said
	for _, sentence := range sentences {
		all = append(all, quoted(sentence))
	}
	return speech.Join(by, all...)
}

// failure says why something could not be done.
func failure(err error) said { return say("%s", err.Error()) }
