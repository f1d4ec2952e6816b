package runs

import (
	"cmp"
	"slices"
)

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
	FaultNothingNew         = "nothing-new"          // no fault: a round of Customer or Notify without news, whose next attempt is the next round
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

// reasonRow says of a reason what a person can do about it, and whether it comes from how the notice stands in Tampuuri: then
// it is over when the notice is ours again.
type reasonRow struct {
	reason        string
	aboutStanding bool
	answered      bool     // that Tampuuri said so to a write; the others were seen when the notice was read
	standing      Standing // the one that has just this reason, where one has
	advice        string
}

var reasons = []reasonRow{
	{reason: ReasonTampuuriRefused, advice: "Tampuuri refuses the request; the refusal names the fields if Tampuuri did. Correct the notice or our settings, then resend."},
	{reason: ReasonHillavaRefused, advice: "Hillava refuses the request; the refusal names the fields if Hillava did. Correct the set-up (starter doctor shows it), then resend."},
	{reason: ReasonStateConflict, aboutStanding: true, answered: true, advice: "Tampuuri does not allow this state from the one the notice has. Look at the notice there, then resend or dismiss."},
	{reason: ReasonNotOurs, aboutStanding: true, answered: true, advice: "Tampuuri says that we are not the notice's performer. Have it assigned to us, then resend; or dismiss."},
	{reason: ReasonCancelled, aboutStanding: true, standing: StandingCancelled, advice: "The notice was cancelled in Tampuuri although work had begun. Agree with the customer, then resend (it is ours again) or dismiss."},
	{reason: ReasonReassigned, aboutStanding: true, standing: StandingReassigned, advice: "The notice was given to another company although work had begun. Agree with the customer, then resend (it is ours again) or dismiss."},
	{reason: ReasonGone, aboutStanding: true, standing: StandingGone, advice: "Tampuuri has no such notice any more although work had begun. Agree with the customer, then dismiss."},
	{reason: ReasonClosedByHand, aboutStanding: true, advice: "The notice was set to Valmis in Tampuuri by hand, and it takes no toimenpiteet any more. Add the unsent time entries there by hand or have it reopened and resend; else dismiss."},
	{reason: ReasonForeignTask, advice: "A Hillava task with this external id belongs to another customer. Clear it up in Hillava, then resend."},
	{reason: ReasonTwoTasks, advice: "Hillava has more than one task with this external id. Remove the superfluous one, then resend."},
	{reason: ReasonTaskGone, advice: "Hillava has no such task any more. Restore it and resend, or dismiss."},
	{reason: ReasonUnreadable, advice: "A peer's answer lacks what its contract promises, or is of another record. Tell whoever runs that system; resend when it is mended."},
	{reason: ReasonTaskType, advice: "Hillava has not exactly one task type TAMPUURI_TASK that does without a target. Run starter doctor, mend it, then resend."},
	{reason: ReasonTurvakielto, advice: "Turvakielto was set after the task was made. Remove the person's data from the task in Hillava, then resend to acknowledge."},
	{reason: ReasonEdited, advice: "The notice was edited in Tampuuri although work had begun. Read the note on the Hillava task, tell whoever does the work, then resend to acknowledge. Nothing waits for it."},
	{reason: ReasonChangedAfterSending, advice: "Time entries were changed after they had been sent, and a notice that is Valmis takes no more. The note on the Hillava task says what to correct in Tampuuri by hand."},
	{reason: ReasonWorkedWithdrawn, aboutStanding: true, advice: "Work was reported in Hillava while the notice is not ours in Tampuuri. Agree with the customer, then resend (it is ours again) or dismiss."},
}

// rowOf is empty for a reason that is not in the table.
func rowOf(reason string) (row reasonRow) {
	if at := slices.IndexFunc(reasons, func(r reasonRow) bool { return r.reason == reason }); at >= 0 {
		row = reasons[at]
	}
	return row
}

// Advice says what a person can do about an attention reason.
func Advice(reason string) string {
	return cmp.Or(rowOf(reason).advice, "See the failed activity in the Temporal Web UI; mend what it names, then resend.")
}

// ReasonOfStanding is the Reason for which a notice with that standing waits; empty when it is ours and not closed for good.
func ReasonOfStanding(standing Standing) string {
	for _, row := range reasons {
		if row.standing == standing && standing != "" {
			return row.reason
		}
	}
	return ""
}

// AboutStanding tells the reasons that come from how the notice stands in Tampuuri.
func AboutStanding(reason string) bool { return rowOf(reason).aboutStanding }

// SeenInTampuuri tells those of them that a look at the notice gave, so that another look can end them.
func SeenInTampuuri(reason string) bool {
	row := rowOf(reason)
	return row.aboutStanding && !row.answered
}

// Reasons lists every reason for which a notice may wait.
func Reasons() (all []string) {
	for _, row := range reasons {
		all = append(all, row.reason)
	}
	return append(all, ReasonUnexpected)
}
