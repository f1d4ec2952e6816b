package config

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// ourPrefixes are those of our variables that nobody else is likely to use. A variable that starts like ours and is
// none of ours is most likely misspelt, and its setting would silently not hold.
var ourPrefixes = []string{
	"TAMPUURI_", "HILLAVA_", "WEBHOOK_", "FINGERPRINT_", "CUSTOMERS_", "POLL_", "SYNC_", "RECONCILE_", "WORKER_",
	"ALLOW_INSECURE_", "OPS_ADDR",
}

// sharedPrefixes begin variables of ours and of many others (HTTP_PROXY, LOG_FILE). Only what is so near to one of ours
// that it is hardly anything else counts as misspelt.
var sharedPrefixes = []string{"LOG_", "HTTP_", "OPS_"}

const misspelt = 2 // changes: a letter left out, doubled or replaced, or two swapped

// longName is from what length on a name is so much ours that a slip may be in its first word too.
const longName = len("HILLAVA_URL")

// kubernetesLink matches what Kubernetes sets in every container for a Service called worker, webhook and so on: as
// NAME=value, because a plain WEBHOOK_PORT=8088 is a person's mistake and WEBHOOK_PORT=tcp://10.0.0.1:8088 is not.
var kubernetesLink = regexp.MustCompile(`^[A-Z0-9_]+(_SERVICE_HOST|_SERVICE_PORT(_[A-Z0-9_]+)?|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)=|^[A-Z0-9_]+_PORT=(tcp|udp|sctp)://`)

// knownVariables lists the variables of all our programs: they often share one environment file.
func knownVariables() []string {
	var known []string
	for _, program := range []reflect.Type{
		reflect.TypeFor[workerEnvironment](), reflect.TypeFor[serveEnvironment](), reflect.TypeFor[toolsEnvironment](),
	} {
		for _, variable := range variablesOf(program) {
			known = append(known, variable)
		}
	}
	slices.Sort(known)
	return slices.Compact(known)
}

// variablesOf gives the variable of every field of an environment struct, by the field's name.
func variablesOf(program reflect.Type) map[string]string {
	variables := map[string]string{}
	for i := range program.NumField() {
		field := program.Field(i)
		if tag, ok := field.Tag.Lookup("env"); ok {
			variables[field.Name], _, _ = strings.Cut(tag, ",")
		} else if field.Type.Kind() == reflect.Struct {
			for name, variable := range variablesOf(field.Type) {
				variables[name] = variable
			}
		}
	}
	return variables
}

// likeOurs reports whether a variable is most likely meant for us.
func likeOurs(variable string, known []string) bool {
	starts := func(prefix string) bool { return strings.HasPrefix(variable, prefix) }
	if slices.ContainsFunc(ourPrefixes, starts) {
		return true
	}
	return slices.ContainsFunc(known, func(ours string) bool {
		return (slices.ContainsFunc(sharedPrefixes, starts) || len(ours) >= longName) && editDistance(variable, ours) <= misspelt
	})
}

// unknownVariables reports each variable that is like ours and not known, sorted by name.
func unknownVariables(variables map[string]string) []error {
	known := knownVariables()
	var unknown []string
	for variable, value := range variables {
		if !slices.Contains(known, variable) && likeOurs(variable, known) && !kubernetesLink.MatchString(variable+"="+value) {
			unknown = append(unknown, variable)
		}
	}
	slices.Sort(unknown)
	var found []error
	for _, variable := range unknown {
		advice := "remove it, or correct its name"
		if nearest, ok := nearestTo(variable, known); ok {
			advice = fmt.Sprintf("did you mean %s?", nearest)
		}
		found = append(found, fmt.Errorf("%s: no program of ours knows this variable; %s", variable, advice))
	}
	return found
}

// nearestTo finds the known name that needs the fewest changes, when they are few enough for a misspelling.
func nearestTo(name string, known []string) (string, bool) {
	best, distance := "", 4
	for _, candidate := range known {
		if d := editDistance(name, candidate); d < distance {
			best, distance = candidate, d
		}
	}
	if best != "" {
		return best, true
	}
	// A longer variant such as HILLAVA_TOKEN_PATH is most likely meant for the name that it starts with.
	for _, candidate := range known {
		if strings.HasPrefix(name, candidate+"_") && len(candidate) > len(best) {
			best = candidate
		}
	}
	return best, best != ""
}

// editDistance counts single-character insertions, deletions and replacements (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replaced := diagonal
			if a[i-1] != b[j-1] {
				replaced++
			}
			diagonal = row[j]
			row[j] = min(replaced, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
