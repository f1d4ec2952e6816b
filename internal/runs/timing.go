package runs

import "time"

// Timing is what the activity time-outs follow from. It may change between deployments: time-outs are not part of what
// a replay compares.
type Timing struct {
	HTTPTimeout time.Duration // of one request to a peer
}

// InFlightWindow is how long after its start a write may still take effect at the peer: as long as our client waits
// for the answer, and a margin for what is on its way. Looking for a write's effect earlier proves nothing.
func (t Timing) InFlightWindow() time.Duration {
	return t.HTTPTimeout + max(t.HTTPTimeout/2, leastMargin)
}

// leastMargin is the margin however short our own patience is set: it does not make a peer faster.
const leastMargin = 2 * time.Second

// LongestPause is between two attempts of a step that waits for a peer: 5 minutes at the default HTTP_TIMEOUT of 10 s. It
// follows from the time-out, so that a test with shortened times gets to the pauses that an outage of hours gets to.
func (t Timing) LongestPause() time.Duration { return min(30*t.HTTPTimeout, longestPause) }

// longestPause is the bound for any HTTP_TIMEOUT: who waits longer takes a peer that is back for one that is away.
const longestPause = 10 * time.Minute

// FirstPause is between the first attempt of a step and the second; each later one is twice as long.
func (t Timing) FirstPause() time.Duration { return max(t.HTTPTimeout/5, 200*time.Millisecond) }

// NoteKeyKept is for how long a note may be sent again under its key. Hillava keeps keys for a day at least, and this leaves a
// margin: sent after that, a note whose answer was lost might be on the task twice.
const NoteKeyKept = 20 * time.Hour

// Attempt is StartToClose of an activity that makes so many calls and whose last call may be a write. The window at
// the end keeps the next attempt from looking too early when this one's worker has been killed; see gateway.timeToWrite.
func (t Timing) Attempt(calls int) time.Duration {
	return time.Duration(calls)*t.HTTPTimeout + t.InFlightWindow() + attemptSlack
}

// attemptSlack is for what is neither our waiting for a peer nor the window: dispatch, mapping, a busy machine.
const attemptSlack = 2 * time.Second

// Round is how long one round over a list may take. It ends itself before that, and the next one goes on where it ended.
func (t Timing) Round() time.Duration { return max(30*t.HTTPTimeout, 30*time.Second) }

// Heartbeat is after how long without one a round's worker counts as dead.
func (t Timing) Heartbeat() time.Duration { return max(4*t.HTTPTimeout, 5*time.Second) }

// NotPolledAfter is how long a customer may be without a good poll, three of its intervals, before it is a person's
// business. Short intervals get three minutes: a restart takes longer than they do, and who looks, looks once a minute.
func NotPolledAfter(every time.Duration) time.Duration { return max(3*every, 3*time.Minute) }
