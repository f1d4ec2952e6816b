// Package report counts what has become of the notices of a month: how long they took, what was refused and how that
// ended. It holds ids and counts, and knows no worker: all of it stands in Temporal's list and histories.
package report
