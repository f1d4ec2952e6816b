package notify

import (
	"fmt"
	"strings"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/speech"
)

// Message is what a person reads: one line that says what and how many, and why and which command mends it.
type Message struct{ Subject, Body speech.Said }

// say is for what internal/speech has the Finnish of.
var say = speech.Say

// text says of a kind what is wrong and what to do.
type text struct {
	head, was speech.Said // what is wrong, with its count; what was wrong, once it is over
	why, look speech.Said // look: commands
}

// counted is the sentence that fits a number.
func counted(total int, one, more speech.Said) speech.Said {
	if total == 1 {
		return one
	}
	return more
}

// textOf gives the text of a kind; those without one of their own are attention reasons.
func textOf(kind string, total int) text {
	switch kind {
	case KindCredentials:
		return text{
			counted(total, say("Tampuuri refuses the credentials of 1 customer"), say("Tampuuri refuses the credentials of %d customers", total)),
			say("Tampuuri refused credentials"),
			say("Nothing of these customers is read or written until they are renewed. Nothing is lost meanwhile."),
			say("Renew them in customers.yaml or its secret files; no restart is needed. starter customers list shows when they work."),
		}
	case KindToken:
		return text{
			say("Hillava refuses our token"), say("Hillava refused our token"),
			say("No task is read or written until it is renewed. Nothing is lost meanwhile."),
			say("Renew HILLAVA_TOKEN; one that is given as a file needs no restart. starter doctor shows whether it works."),
		}
	case KindNotPolled:
		return text{
			counted(total, say("1 customer is not polled"), say("%d customers are not polled", total)),
			say("customers were not polled"),
			say("No poll went through for three of the customer's intervals, or none ever did: its new notices do not arrive."),
			say("starter customers list says what the last poll failed with. A Tampuuri that is away comes back by itself."),
		}
	case KindUnflagged:
		return text{
			counted(total, say("1 open notice without a readable turvakielto flag"), say("%d open notices without a readable turvakielto flag", total)),
			say("open notices had no readable turvakielto flag"),
			say("A flag that is missing counts as set: people's data is kept out of the tasks of these notices."),
			say("Ask whoever runs that Tampuuri to have the interface deliver the flags. starter customers list counts them."),
		}
	case KindChanged:
		return text{
			counted(total, say("time entries of 1 notice were changed after sending"), say("time entries of %d notices were changed after sending", total)),
			say("time entries differed from what was sent"),
			say("A notice that is Valmis takes no more toimenpiteet: somebody has to correct them in Tampuuri by hand."),
			say("starter notice list --reason %s names them; the note on each Hillava task says what to correct.", kind),
		}
	case KindUnreadable:
		return text{
			counted(total, say("1 changed task of Hillava cannot be read"), say("%d changed tasks of Hillava cannot be read", total)),
			say("changed tasks of Hillava could not be read"),
			say("Reconciliation passes them over and asks again each time; an event of theirs arrives by webhook only."),
			say("Tell whoever runs Hillava that its answer breaks the contract. The newest run of Reconcile in the Temporal Web UI has their ids in its\nresult; starter doctor checks the rest of Hillava."),
		}
	default:
		return text{
			counted(total, say("1 notice waits for a person: %s", kind), say("%d notices wait for a person: %s", total, kind)),
			say("notices waited for a person: %s", kind),
			speech.Quote(runs.Advice(kind)),
			say("starter notice list --reason %s names them; once the cause is mended, starter notice resend --reason %s lets them go again.\nTemporal Web UI: WorkflowType = \"Notice\" AND AttentionReason = \"%s\"", kind, kind, kind),
		}
	}
}

// begin tells of a kind that is present.
func begin(kind string, present []runs.SeenCause) *Message {
	total, places := 0, make([]string, 0, len(present))
	for _, cause := range present {
		total += cause.Count
		places = append(places, place(cause.Cause, cause.Count))
	}
	t := textOf(kind, total)
	return &Message{Subject: t.head, Body: paragraphs(listed(places), t.why, t.look)}
}

// resolved tells what of a kind is over, and what is left.
func resolved(kind string, over []runs.ToldCause, present []runs.SeenCause) *Message {
	t := textOf(kind, len(over))
	where, left := make([]string, 0, len(over)), make([]string, 0, len(present))
	for _, cause := range over {
		where = append(where, place(cause.Cause, 0))
	}
	for _, cause := range present {
		left = append(left, place(cause.Cause, cause.Count))
	}
	gone := listed(where)
	if !gone.Empty() {
		gone = say("Over: %s", gone)
	}
	if len(left) == 0 {
		return &Message{Subject: say("resolved: %s", t.was), Body: paragraphs(gone, say("Nothing is left of it."))}
	}
	return &Message{Subject: say("partly resolved: %s", t.was), Body: paragraphs(gone, say("Left: %s", listed(left)), t.look)}
}

// place names a cause's customer with the count, where there are any.
func place(cause runs.Cause, count int) string {
	switch {
	case cause.Customer == "":
		return ""
	case count == 0:
		return cause.Customer
	default:
		return fmt.Sprintf("%s %d", cause.Customer, count)
	}
}

// mostPlaces are named in one message; a person looks the rest up.
const mostPlaces = 30

// listed is empty where no place has a name.
func listed(places []string) speech.Said {
	if len(places) > mostPlaces {
		return say("%s and %d more", strings.Join(places[:mostPlaces], ", "), len(places)-mostPlaces)
	}
	return speech.Quote(strings.Join(places, ", "))
}

func paragraphs(all ...speech.Said) speech.Said { return speech.Join("\n\n", all...) }
