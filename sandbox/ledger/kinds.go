package ledger

// The two systems whose effects are recorded.
const (
	Tampuuri = "tampuuri"
	Hillava  = "hillava"
)

// Kinds of Tampuuri effects. Key is the notice id in decimal (the Tunniste for AccountAdded); the comment names the
// fields of Detail.
const (
	AccountAdded         = "account-added"         // ourPerformers [id]
	NoticeCreated        = "notice-created"        // noticeId, guid, parentId, state, performerId, modified, created (IlmoitusTehty)
	NoticeEdited         = "notice-edited"         // noticeId, fields [name], modified
	NoticeAssigned       = "notice-assigned"       // noticeId, from, to (performer ids, 0 none), modified
	NoticeDeleted        = "notice-deleted"        // noticeId
	StateSet             = "state-set"             // noticeId, from, to, notified, via "api"|"hand", modified
	ParticipantsNotified = "participants-notified" // noticeId, state, via
	ToimenpideAdded      = "toimenpide-added"      // noticeId, toimenpideId, date, resource, summary, via, modified
	ToimenpideDeleted    = "toimenpide-deleted"    // noticeId, toimenpideId, modified
)

// Kinds of Hillava effects. Key is the task id (the customer id for CustomerSet).
const (
	CustomerSet       = "customer-set"        // customerId, externalId, customerType, integrationsActive
	CustomerRemoved   = "customer-removed"    // customerId, externalId
	TaskCreated       = "task-created"        // taskId, externalId, taskTypeId, billingCustomerId, deliveryCustomerId, billingReference, idempotencyKey, via
	TaskRefused       = "task-refused"        // a create whose external id was in use: taskId (of the existing one), externalId, idempotencyKey
	TaskEdited        = "task-edited"         // taskId, externalId, fields [name]
	TaskDeleted       = "task-deleted"        // taskId, externalId
	NoteAdded         = "note-added"          // taskId, externalId, noteId, idempotencyKey, text
	TransitionRun     = "transition-run"      // taskId, externalId, transition, from, to
	EventEmitted      = "event-emitted"       // taskId, externalId, eventId, type, occurredAt, transition
	TimeEntryAdded    = "time-entry-added"    // taskId, externalId, entryId, date, resourceId, resource, summary, hours, approved
	TimeEntryChanged  = "time-entry-changed"  // the same
	TimeEntryRemoved  = "time-entry-removed"  // the same, as it was
	TimeEntryApproved = "time-entry-approved" // the same
	WebhookAttempted  = "webhook-attempted"   // taskId, externalId, eventId, type, attempt, status (0 = no answer), failure
	WebhookDropped    = "webhook-dropped"     // taskId, externalId, eventId, type, reason
	WebhookGivenUp    = "webhook-given-up"    // taskId, externalId, eventId, type, attempts
)
