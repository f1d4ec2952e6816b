package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"tampuuri-hillava/internal/nearest"
)

// Who sets a variable is told by how it begins. TAMPUURI_ and HILLAVA_ nobody else uses, so one that no program knows is
// misspelt, and its setting would silently not hold: it refuses the start. The others begin names of platforms too
// (WORKER_ID, WEBHOOK_URL): there only a near miss of ours refuses, and doctor warns of the rest.
var (
	oursAlone   = []string{"TAMPUURI_", "HILLAVA_"}
	oursPerhaps = []string{"WEBHOOK_", "FINGERPRINT_", "CUSTOMERS_", "POLL_", "SYNC_", "RECONCILE_", "WORKER_", "ALLOW_INSECURE_"}
)

const misspelt = 2 // letters left out, doubled, replaced or swapped

// longWord is from what length on a first word is so much ours that a slip may be in it too: SMTP_TIMEOUT is not one.
const longWord = len("ALLOW")

// kubernetesLink matches what Kubernetes sets in every container for a Service called worker, webhook and so on: as
// NAME=value, because a plain WEBHOOK_PORT=8088 is a person's mistake and WEBHOOK_PORT=tcp://10.0.0.1:8088 is not.
var kubernetesLink = regexp.MustCompile(`^[A-Z0-9_]+(_SERVICE_HOST|_SERVICE_PORT(_[A-Z0-9_]+)?|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)=|^[A-Z0-9_]+_PORT=(tcp|udp|sctp)://`)

// Variables lists the variables of all our programs, which often share one environment file.
func Variables() []string { return slices.Clone(variables()) }

var variables = sync.OnceValue(func() []string {
	known := slices.Concat(variablesOf(&Worker{}), variablesOf(&Serve{}))
	for _, secret := range secrets {
		known = append(known, secret+"_FILE")
	}
	slices.Sort(known)
	return slices.Compact(known)
})

// distance is how far a variable is from one of ours: what is at most misspelt away is hardly anything but a slip. _FILE
// where it does not belong, or lacking where it does, is one.
func distance(variable, ours string) int {
	if variable == ours+"_FILE" || variable+"_FILE" == ours {
		return 1
	}
	changes := nearest.Distance(variable, ours)
	if firstWord, _, _ := strings.Cut(ours, "_"); len(firstWord) < longWord && !strings.HasPrefix(variable, firstWord+"_") {
		return changes + misspelt
	}
	return changes
}

// unknownVariables gives, sorted by name, each variable that is not known although it must be ours, and the names of
// those that may be somebody else's.
func unknownVariables(environment map[string]string) (refused []error, doubtful []string) {
	known := variables()
	for _, variable := range slices.Sorted(maps.Keys(environment)) {
		if slices.Contains(known, variable) || kubernetesLink.MatchString(variable+"="+environment[variable]) {
			continue
		}
		starts := func(prefix string) bool { return strings.HasPrefix(variable, prefix) }
		closest := slices.MinFunc(known, func(a, b string) int { return distance(variable, a) - distance(variable, b) })
		switch far := distance(variable, closest); {
		case far <= misspelt:
			refused = append(refused, fmt.Errorf("%s: no program of ours knows this variable; did you mean %s?", variable, closest))
		case slices.ContainsFunc(oursAlone, starts):
			refused = append(refused, fmt.Errorf("%s: no program of ours knows this variable; remove it, or correct its name", variable))
		case slices.ContainsFunc(oursPerhaps, starts):
			doubtful = append(doubtful, variable)
		}
	}
	return refused, doubtful
}

// DoubtfulVariables names the variables of the environment that begin like ours, that no program of ours knows, and that
// may be somebody else's.
func DoubtfulVariables() []string {
	_, doubtful := unknownVariables(environment())
	return doubtful
}
