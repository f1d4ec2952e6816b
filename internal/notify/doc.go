// Package notify tells people what is wrong: which causes there are (causes.go), what is said of them (message.go), through
// which channels (channel.go), and the round that does it (round.go). Messages hold ids, counts and closed words only, and
// nothing that this package returns or logs holds a channel's address, as that is where its password or token stands.
package notify
