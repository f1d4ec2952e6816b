package notify

import (
	"cmp"
	"slices"
	"time"

	"tampuuri-hillava/internal/runs"
)

// Kinds of causes beside the attention reasons, which are a kind each.
const (
	KindCredentials = "credentials-refused"   // Tampuuri refuses a customer's
	KindToken       = "hillava-token-refused" // Hillava refuses ours
	KindNotPolled   = "not-polled"            // a customer without a good poll for three of its intervals
	KindUnflagged   = "turvakielto-not-told"  // open notices without a readable flag
	KindUnreadable  = "tasks-unreadable"      // changed tasks that reconciliation cannot read
	KindChanged     = runs.ReasonChangedAfterSending
)

// Look is what one look around has found.
type Look struct {
	Wrong map[runs.Cause]int // with its number of notices, customers or events
	// Unknown tells a cause of which the look could find out nothing: it stays as it was. Nil: none.
	Unknown func(runs.Cause) bool
}

// see brings what was seen before up to date. A cause that is gone stays until it has been so for the time of settle: one
// that comes back at once is neither over nor new.
func see(before []runs.SeenCause, look Look, now time.Time, settle time.Duration) []runs.SeenCause {
	var seen []runs.SeenCause
	known := map[runs.Cause]bool{}
	for _, cause := range before {
		known[cause.Cause] = true
		count, wrong := look.Wrong[cause.Cause]
		switch {
		case wrong:
			cause.Count, cause.Gone = count, nil
		case look.Unknown != nil && look.Unknown(cause.Cause):
		case cause.Gone == nil:
			cause.Gone = &now
		case now.Sub(*cause.Gone) >= settle:
			continue
		}
		seen = append(seen, cause)
	}
	for cause, count := range look.Wrong {
		if !known[cause] {
			seen = append(seen, runs.SeenCause{Cause: cause, Count: count, Since: now})
		}
	}
	slices.SortFunc(seen, func(x, y runs.SeenCause) int { return compare(x.Cause, y.Cause) })
	return seen
}

func compare(x, y runs.Cause) int {
	return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Customer, y.Customer))
}

// unsettled tells whether a cause has begun, or seems over, too short a time ago to be told of.
func unsettled(seen []runs.SeenCause, now time.Time, settle time.Duration) bool {
	return slices.ContainsFunc(seen, func(c runs.SeenCause) bool { return c.Gone != nil || now.Sub(c.Since) < settle })
}

// next is the next message for somebody who has been told that much, and what is told with it. All of one kind is one
// message: what has begun, or grown a lot, comes before what is over. Nil: there is nothing to tell.
func next(seen []runs.SeenCause, told []runs.ToldCause, now time.Time, settle time.Duration) (*Message, []runs.ToldCause) {
	counts := map[runs.Cause]int{}
	for _, cause := range told {
		counts[cause.Cause] = cause.Count
	}
	for _, cause := range seen {
		count, known := counts[cause.Cause]
		begun := !known && now.Sub(cause.Since) >= settle
		if cause.Gone == nil && (begun || known && cause.Count >= grown(cause.Kind, count)) {
			present := presentOf(cause.Kind, seen)
			return begin(cause.Kind, present), tell(told, present)
		}
	}
	for _, cause := range told {
		if !isSeen(seen, cause.Cause) {
			over, rest := partOver(cause.Kind, seen, told)
			return resolved(cause.Kind, over, presentOf(cause.Kind, seen)), rest
		}
	}
	return nil, told
}

// grown is the count at which a cause is told again: one notice that has waited for weeks must not hide hundreds, and one
// turvakielto no other, as each is somebody's data to be removed at once.
func grown(kind string, told int) int {
	if kind == runs.ReasonTurvakielto {
		return told + 1
	}
	return 2*told + 10
}

// lowered is what was told, with each turvakielto that is dealt with counted off: the next one is a further one.
func lowered(told []runs.ToldCause, seen []runs.SeenCause) []runs.ToldCause {
	told = slices.Clone(told)
	for i := range told {
		for _, cause := range seen {
			if cause.Cause == told[i].Cause && cause.Kind == runs.ReasonTurvakielto && cause.Gone == nil {
				told[i].Count = min(told[i].Count, cause.Count)
			}
		}
	}
	return told
}

func presentOf(kind string, seen []runs.SeenCause) (present []runs.SeenCause) {
	for _, cause := range seen {
		if cause.Kind == kind && cause.Gone == nil {
			present = append(present, cause)
		}
	}
	return present
}

func isSeen(seen []runs.SeenCause, cause runs.Cause) bool {
	return slices.ContainsFunc(seen, func(c runs.SeenCause) bool { return c.Cause == cause })
}

// tell adds what a message tells to what was told.
func tell(told []runs.ToldCause, present []runs.SeenCause) []runs.ToldCause {
	after := slices.DeleteFunc(slices.Clone(told), func(t runs.ToldCause) bool { return isSeen(present, t.Cause) })
	for _, cause := range present {
		after = append(after, runs.ToldCause{Cause: cause.Cause, Count: cause.Count})
	}
	slices.SortFunc(after, func(x, y runs.ToldCause) int { return compare(x.Cause, y.Cause) })
	return after
}

// partOver parts what was told into what of that kind is over and all the rest.
func partOver(kind string, seen []runs.SeenCause, told []runs.ToldCause) (over, rest []runs.ToldCause) {
	for _, cause := range told {
		if cause.Kind == kind && !isSeen(seen, cause.Cause) {
			over = append(over, cause)
		} else {
			rest = append(rest, cause)
		}
	}
	return over, rest
}
