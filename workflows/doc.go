// Package workflows decides, and does nothing else: Notice is the life of one notice, Customer all that concerns one
// Tampuuri, SyncCustomers and Reconcile are scheduled rounds. What they need of the world they ask of activities by name
// (activities.go). Everything here is replayed from histories: testdata/replay has one of each path.
package workflows
