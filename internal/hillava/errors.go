package hillava

import (
	"errors"

	"tampuuri-hillava/internal/peer"
)

// errNoToken says that there is no usable token to call Hillava with. Nothing was sent.
var errNoToken = errors.New("no usable token; check HILLAVA_TOKEN or the file of HILLAVA_TOKEN_FILE")

// Reasons that a call was not made.
var (
	errKey       = errors.New("the idempotency key is not 1 to 255 visible ASCII signs")
	errPage      = errors.New("the offset must not be below zero, the limit 1 to 100")
	errEmptyText = errors.New("the text is empty")
	errNewTask   = errors.New("external id, task type, both customers, a start and a workload above zero are needed")
)

// Ways in which an answer does not follow the contract. They name fields, never
// what is in them.
var (
	errTotal      = errors.New("total and the number of items differ")
	errDuplicate  = errors.New("an id is there twice")
	errEndless    = errors.New("the list does not come to an end")
	errNoProgress = errors.New("a page repeats the one before")
)

// knownFields are the names that may be repeated from an error body's details.
var knownFields = []string{
	"externalId", "taskTypeId", "targetId", "title", "description", "additionalInfo", "startDate", "endDate",
	"workloadHours", "deliveryCustomerId", "billingCustomerId", "deliveryAddress", "street", "street2", "postalCode",
	"city", "billingReference", "text", "customerType", "identifier", "modifiedSince", "offset", "limit",
}

// existingID takes the id of the task that has the external id already out of a
// 409, when it is usable as an id.
func existingID(body []byte, e *peer.Error) {
	if e.Status != 409 {
		return
	}
	if o, err := peer.ParseObject(body); err == nil && isID(o.String("existingId")) {
		e.ExistingID = o.String("existingId")
	}
}
