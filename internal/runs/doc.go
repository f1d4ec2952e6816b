// Package runs is all that Temporal keeps of ours, and the only way to it. What may never change, as histories and other
// programs hold it, is in names.go, payloads.go, customer.go, status.go and reasons.go: workflow types and ids, signals,
// updates, payloads, phases, words. Client starts, looks at, signals, updates, lists and erases; nobody else does.
//
// Nothing that goes through here holds a name, a phone, an address or free text of a notice: ids, counts, closed sets of
// words, times and keyed hashes only.
package runs
