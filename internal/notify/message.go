package notify

import (
	"fmt"
	"strings"

	"tampuuri-hillava/internal/runs"
)

// Message is what a person reads: one line that says what and how many, and why and which command mends it.
type Message struct{ Subject, Body string }

// text says of a kind what is wrong and what to do. %s of the heads is a count with its noun.
type text struct {
	one, many string // head for one and for more, with the count
	what      string // one word for it in "resolved"
	why       string
	look      string // commands
}

var texts = map[string]text{
	KindCredentials: {
		"Tampuuri refuses the credentials of %d customer", "Tampuuri refuses the credentials of %d customers", KindCredentials,
		"Nothing of these customers is read or written until they are renewed. Nothing is lost meanwhile.",
		"Renew them in customers.yaml or its secret files; no restart is needed. starter customers list shows when they work.",
	},
	KindToken: {
		"Hillava refuses our token", "Hillava refuses our token", KindToken,
		"No task is read or written until it is renewed. Nothing is lost meanwhile.",
		"Renew HILLAVA_TOKEN; one that is given as a file needs no restart. starter doctor shows whether it works.",
	},
	KindNotPolled: {
		"%d customer is not polled", "%d customers are not polled", KindNotPolled,
		"No poll went through for three of the customer's intervals, or none ever did: its new notices do not arrive.",
		"starter customers list says what the last poll failed with. A Tampuuri that is away comes back by itself.",
	},
	KindUnflagged: {
		"%d open notice without a readable turvakielto flag", "%d open notices without a readable turvakielto flag", KindUnflagged,
		"A flag that is missing counts as set: people's data is kept out of the tasks of these notices.",
		"Ask whoever runs that Tampuuri to have the interface deliver the flags. starter customers list counts them.",
	},
	KindChanged: {
		"time entries of %d notice were changed after sending", "time entries of %d notices were changed after sending", KindChanged,
		"A notice that is Valmis takes no more toimenpiteet: somebody has to correct them in Tampuuri by hand.",
		"starter notice list --reason " + KindChanged + " names them; the note on each Hillava task says what to correct.",
	},
	KindUnreadable: {
		"%d changed task of Hillava cannot be read", "%d changed tasks of Hillava cannot be read", KindUnreadable,
		"Reconciliation passes them over and asks again each time; an event of theirs arrives by webhook only.",
		"Tell whoever runs Hillava that its answer breaks the contract. The newest run of Reconcile in the Temporal Web UI has their ids in its\n" +
			"result; starter doctor checks the rest of Hillava.",
	},
}

// textOf gives the text of a kind; those without one of their own are attention reasons.
func textOf(kind string) text {
	if known, ok := texts[kind]; ok {
		return known
	}
	return text{
		"%d notice waits for a person: " + kind, "%d notices wait for a person: " + kind, kind, runs.Advice(kind),
		"starter notice list --reason " + kind + " names them; once the cause is mended, starter notice resend --reason " + kind + " lets them go again.\n" +
			"Temporal Web UI: WorkflowType = \"Notice\" AND AttentionReason = \"" + kind + "\"",
	}
}

// begin tells of a kind that is present.
func begin(kind string, present []runs.SeenCause) *Message {
	t, total, places := textOf(kind), 0, make([]string, 0, len(present))
	for _, cause := range present {
		total += cause.Count
		places = append(places, place(cause.Cause, cause.Count))
	}
	head := t.many
	if total == 1 {
		head = t.one
	}
	if strings.Contains(head, "%d") {
		head = fmt.Sprintf(head, total)
	}
	return &Message{Subject: head, Body: paragraphs(listed("", places), t.why, t.look)}
}

// resolved tells what of a kind is over, and what is left.
func resolved(kind string, over []runs.ToldCause, present []runs.SeenCause) *Message {
	t := textOf(kind)
	where, left := make([]string, 0, len(over)), make([]string, 0, len(present))
	for _, cause := range over {
		where = append(where, place(cause.Cause, 0))
	}
	for _, cause := range present {
		left = append(left, place(cause.Cause, cause.Count))
	}
	if len(left) == 0 {
		return &Message{Subject: "resolved: " + t.what, Body: paragraphs(listed("It is over: ", where), "Nothing is left of it.")}
	}
	return &Message{Subject: "partly resolved: " + t.what, Body: paragraphs(listed("It is over: ", where), listed("It is left: ", left), t.look)}
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

func listed(before string, places []string) string {
	rest := ""
	if len(places) > mostPlaces {
		rest = fmt.Sprintf(" and %d more", len(places)-mostPlaces)
		places = places[:mostPlaces]
	}
	joined := strings.Join(places, ", ")
	if joined == "" {
		return ""
	}
	return before + joined + rest
}

func paragraphs(all ...string) string {
	var some []string
	for _, one := range all {
		if one != "" {
			some = append(some, one)
		}
	}
	return strings.Join(some, "\n\n") + "\n"
}
