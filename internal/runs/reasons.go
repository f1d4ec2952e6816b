package runs

// Faults are the types of retryable errors, as the Web UI shows them on a pending activity, and the words for why a round
// failed. The types of the other errors are the Reasons: one of such a type is never retried and parks the notice in phase
// attention.
const (
	FaultUnavailable        = "peer-unavailable"     // no answer, or one that says "not now"
	FaultOutcomeUnknown     = "outcome-unknown"      // a write that may or may not have been applied: look after the in-flight window
	FaultNoTimeLeft         = "no-time-left"         // the attempt is too old to begin a write in it
	FaultCredentialsRefused = "credentials-refused"  // 401, or 403 on a read: the customer's gate is closed, one probe at a time
	FaultCustomerStopped    = "customer-stopped"     // the customer's settings are missing or faulty; see starter customers list
	FaultTemporal           = "temporal-unavailable" // Temporal itself did not answer
	FaultCustomersFile      = "customers-file"       // customers.yaml cannot be read; the last good one goes on being used
	FaultTimeout            = "timeout"              // a round took longer than it may
	FaultNothingNew         = "nothing-new"          // no fault: a customer's round without news, whose next attempt is the next round
)

// Reasons for which a notice waits in phase attention. They are the types of the non-retryable errors that activities
// return (internal/gateway) and the values of the search attribute AttentionReason.
const (
	ReasonTampuuriRefused = "tampuuri-refused"
	ReasonHillavaRefused  = "hillava-refused"
	ReasonStateConflict   = "state-conflict"
	ReasonNotOurs         = "not-ours"
	ReasonCancelled       = "cancelled-in-tampuuri"
	ReasonReassigned      = "given-to-another"
	ReasonGone            = "deleted-in-tampuuri"
	ReasonClosedByHand    = "closed-in-tampuuri"
	ReasonForeignTask     = "task-of-another-customer"
	ReasonTwoTasks        = "two-tasks"
	ReasonTaskGone        = "task-gone"
	ReasonUnreadable      = "unreadable-answer"
	ReasonTaskType        = "task-type"
	ReasonTurvakielto     = "turvakielto-set"
	ReasonEdited          = "edited-in-tampuuri"
	ReasonWorkedWithdrawn = "worked-while-withdrawn"
	// ReasonChangedAfterSending is of a closed notice: the lists show it, no workflow waits with it.
	ReasonChangedAfterSending = "changed-after-sending"
	ReasonUnexpected          = "unexpected"
)

var advice = map[string]string{
	ReasonTampuuriRefused:     "Tampuuri refuses the request. The failed activity names the fields it refused; correct the notice or our settings, then resend.",
	ReasonHillavaRefused:      "Hillava refuses the request. The failed activity names the fields it refused; correct the set-up (starter doctor shows it), then resend.",
	ReasonStateConflict:       "Tampuuri does not allow this state from the one the notice has. Look at the notice there, then resend or dismiss.",
	ReasonNotOurs:             "Tampuuri says that we are not the notice's performer. Have it assigned to us, then resend; or dismiss.",
	ReasonCancelled:           "The notice was cancelled in Tampuuri although work had begun. Agree with the customer, then resend (it is ours again) or dismiss.",
	ReasonReassigned:          "The notice was given to another company although work had begun. Agree with the customer, then resend (it is ours again) or dismiss.",
	ReasonGone:                "Tampuuri has no such notice any more although work had begun. Agree with the customer, then dismiss.",
	ReasonClosedByHand:        "The notice was set to Valmis in Tampuuri by hand, and it takes no toimenpiteet any more. Add the unsent time entries there by hand or have it reopened and resend; else dismiss.",
	ReasonForeignTask:         "A Hillava task with this external id belongs to another customer. Clear it up in Hillava, then resend.",
	ReasonTwoTasks:            "Hillava has more than one task with this external id. Remove the superfluous one, then resend.",
	ReasonTaskGone:            "Hillava has no such task any more. Restore it and resend, or dismiss.",
	ReasonUnreadable:          "A peer's answer lacks what its contract promises, or is of another record. Tell whoever runs that system; resend when it is mended.",
	ReasonTaskType:            "Hillava has not exactly one task type TAMPUURI_TASK that does without a target. Run starter doctor, mend it, then resend.",
	ReasonTurvakielto:         "Turvakielto was set after the task was made. Remove the person's data from the task in Hillava, then resend to acknowledge.",
	ReasonEdited:              "The notice was edited in Tampuuri although work had begun. Read the note on the Hillava task, tell whoever does the work, then resend to acknowledge. Nothing waits for it.",
	ReasonChangedAfterSending: "Time entries were changed after they had been sent, and a notice that is Valmis takes no more. The note on the Hillava task says what to correct in Tampuuri by hand.",
	ReasonWorkedWithdrawn:     "Work was reported in Hillava while the notice is not ours in Tampuuri. Agree with the customer, then resend (it is ours again) or dismiss.",
}

// Advice says what a person can do about an attention reason.
func Advice(reason string) string {
	if text, ok := advice[reason]; ok {
		return text
	}
	return "See the failed activity in the Temporal Web UI; mend what it names, then resend."
}

// ReasonOfStanding is the Reason for which a notice that stands like that in Tampuuri waits; empty when it is ours and not
// closed for good.
func ReasonOfStanding(standing Standing) string {
	switch standing {
	case StandingCancelled:
		return ReasonCancelled
	case StandingReassigned:
		return ReasonReassigned
	case StandingGone:
		return ReasonGone
	case StandingOpen, StandingTehty, StandingValmis:
		return ""
	default:
		return ""
	}
}

// AboutStanding tells the reasons that come from how the notice stands in Tampuuri; they are over when it is ours again.
func AboutStanding(reason string) bool {
	switch reason {
	case ReasonNotOurs, ReasonCancelled, ReasonReassigned, ReasonGone, ReasonClosedByHand, ReasonWorkedWithdrawn, ReasonStateConflict:
		return true
	default:
		return false
	}
}
