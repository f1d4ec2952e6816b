package runs

import (
	"regexp"
	"strings"

	"go.temporal.io/sdk/temporal"
)

// TaskQueue is the one queue that workers serve and starters use.
const TaskQueue = "tampuuri-hillava"

// Registered workflow types. History keeps them for ever, so they are written out and never derived from Go names.
const (
	TypeNotice        = "Notice"
	TypeCustomer      = "Customer"
	TypeSyncCustomers = "SyncCustomers"
	TypeReconcile     = "Reconcile"
	TypeNotify        = "Notify"
)

// Activities that are told apart from outside their workflow.
const (
	ActivityCustomerRound   = "CustomerRound" // its attempts are a customer's rounds
	ActivityNotifyRound     = "NotifyRound"   // and its are those of Notify
	ActivitySetState        = "SetState"
	ActivityReportInvoiced  = "ReportInvoiced"
	ActivityLookAtDismissed = "LookAtDismissed"
)

// typeErasedNotice is the type of the mark that an erased notice leaves, and of its queue: no worker serves either.
const typeErasedNotice = "ErasedNotice"

// Schedule ids.
const (
	ScheduleSyncCustomers = "sync-customers"
	ScheduleReconcile     = "reconcile"
)

// NotifyWorkflowID is the workflow id of the one run of Notify.
const NotifyWorkflowID = "notify"

// QueryStatus is the query that Notice (Status) and Customer (CustomerStatus) answer.
const QueryStatus = "status"

const (
	noticePrefix   = "notice-"
	erasedPrefix   = "erased-"
	customerPrefix = "customer-"
)

// NoticeWorkflowID is the workflow id of the notice with that external id (ulkoinen tunniste). The external id is
// lowered, as Hillava may send it back in another case.
func NoticeWorkflowID(externalID string) string { return noticePrefix + strings.ToLower(externalID) }

var externalIDForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`) // every name of ours is within that

// ValidExternalID tells whether an external id can be one of ours at all. Of another one Temporal cannot even be asked.
func ValidExternalID(id string) bool { return externalIDForm.MatchString(id) }

// ExternalIDOf is the inverse of NoticeWorkflowID.
func ExternalIDOf(workflowID string) string { return strings.TrimPrefix(workflowID, noticePrefix) }

// erasedWorkflowID is the workflow id of the mark that an erased notice leaves.
func erasedWorkflowID(externalID string) string { return erasedPrefix + strings.ToLower(externalID) }

// customerWorkflowID is the workflow id of the customer with that Tunniste.
func customerWorkflowID(tunniste string) string { return customerPrefix + tunniste }

// tunnisteOf is the inverse of customerWorkflowID.
func tunnisteOf(workflowID string) (tunniste string, ok bool) {
	tunniste, ok = strings.CutPrefix(workflowID, customerPrefix)
	return tunniste, ok && tunniste != ""
}

// Search attributes, all of type Keyword. They hold ids and closed sets of words only. Notice has all of them, Customer
// its AttributeCustomer.
var (
	AttributeCustomer        = temporal.NewSearchAttributeKeyKeyword("TampuuriCustomer")
	AttributeNotice          = temporal.NewSearchAttributeKeyKeyword("TampuuriNotice")
	AttributeProperty        = temporal.NewSearchAttributeKeyKeyword("TampuuriProperty")
	AttributeTask            = temporal.NewSearchAttributeKeyKeyword("HillavaTask")
	AttributePhase           = temporal.NewSearchAttributeKeyKeyword("NoticePhase")
	AttributeAttentionReason = temporal.NewSearchAttributeKeyKeyword("AttentionReason")
)
