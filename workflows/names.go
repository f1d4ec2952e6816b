// Package workflows holds the deterministic part of the integration: the life of one notice, the polling of one
// customer, the synchronisation of the customer list, and the reconciliation of both systems. Nothing in here reads a
// clock, a network or the environment; activities do.
package workflows

import (
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
)

// TaskQueue is the one queue that workers serve and starters use.
const TaskQueue = "tampuuri-hillava"

// Registered workflow types. History keeps them for ever, so they are written out and never derived from Go names.
const (
	TypeNotice        = "Notice"
	TypePollCustomer  = "PollCustomer"
	TypeSyncCustomers = "SyncCustomers"
	TypeReconcile     = "Reconcile"
)

// TypeErasedNotice is the type of the mark that an erased notice leaves, and of its queue: no worker serves either.
const TypeErasedNotice = "ErasedNotice"

// Schedule ids. The poll schedules carry the customer's Tunniste; see PollScheduleID.
const (
	ScheduleSyncCustomers = "sync-customers"
	ScheduleReconcile     = "reconcile"
)

// Names of the signals and the query that a Notice workflow answers.
const (
	SignalTyoValmis     = "tyo-valmis"
	SignalLaskutettu    = "laskutettu"
	SignalNoticeChanged = "notice-changed"
	SignalResend        = "resend"
	SignalDismiss       = "dismiss"
	QueryStatus         = "status"
)

const (
	noticePrefix = "notice-"
	erasedPrefix = "erased-"
	pollPrefix   = "poll-"
)

// NoticeWorkflowID is the workflow id of the notice with that external id (ulkoinen tunniste). The external id is
// lowered, as Hillava may send it back in another case.
func NoticeWorkflowID(externalID string) string { return noticePrefix + strings.ToLower(externalID) }

// ErasedWorkflowID is the workflow id of the mark that an erased notice leaves.
func ErasedWorkflowID(externalID string) string { return erasedPrefix + strings.ToLower(externalID) }

// ExternalIDOf is the inverse of NoticeWorkflowID; ok is false for ids of other workflow types.
func ExternalIDOf(workflowID string) (externalID string, ok bool) {
	externalID, ok = strings.CutPrefix(workflowID, noticePrefix)
	return externalID, ok && externalID != ""
}

// PollScheduleID is the schedule that polls one customer; its Tunniste is unique among polled customers.
func PollScheduleID(tunniste string) string { return pollPrefix + tunniste }

// TunnisteOf is the inverse of PollScheduleID.
func TunnisteOf(scheduleID string) (tunniste string, ok bool) {
	tunniste, ok = strings.CutPrefix(scheduleID, pollPrefix)
	return tunniste, ok && tunniste != ""
}

// Search attributes of Notice workflows, all of type Keyword. They hold ids and closed sets of words only.
var (
	AttributeCustomer        = temporal.NewSearchAttributeKeyKeyword("TampuuriCustomer")
	AttributeNotice          = temporal.NewSearchAttributeKeyKeyword("TampuuriNotice")
	AttributeProperty        = temporal.NewSearchAttributeKeyKeyword("TampuuriProperty")
	AttributeTask            = temporal.NewSearchAttributeKeyKeyword("HillavaTask")
	AttributePhase           = temporal.NewSearchAttributeKeyKeyword("NoticePhase")
	AttributeAttentionReason = temporal.NewSearchAttributeKeyKeyword("AttentionReason")
)

// SearchAttributes lists every custom search attribute with its type, for the worker to register.
func SearchAttributes() map[string]enumspb.IndexedValueType {
	attributes := map[string]enumspb.IndexedValueType{}
	for _, key := range []temporal.SearchAttributeKeyKeyword{
		AttributeCustomer, AttributeNotice, AttributeProperty, AttributeTask, AttributePhase, AttributeAttentionReason,
	} {
		attributes[key.GetName()] = enumspb.INDEXED_VALUE_TYPE_KEYWORD
	}
	return attributes
}
