package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Words of the ledger. They are written out here on purpose: a checker that took them from the writer would agree with
// every mistake in them.
const (
	kindAccountAdded   = "account-added"
	kindNoticeCreated  = "notice-created"
	kindNoticeEdited   = "notice-edited"
	kindNoticeAssigned = "notice-assigned"
	kindNoticeDeleted  = "notice-deleted"
	kindStateSet       = "state-set"
	kindNotified       = "participants-notified"
	kindAdded          = "toimenpide-added"
	kindDeleted        = "toimenpide-deleted"

	kindCustomerSet      = "customer-set"
	kindCustomerRemoved  = "customer-removed"
	kindTaskCreated      = "task-created"
	kindTaskRefused      = "task-refused"
	kindTaskDeleted      = "task-deleted"
	kindNoteAdded        = "note-added"
	kindEventEmitted     = "event-emitted"
	kindEntryAdded       = "time-entry-added"
	kindEntryChanged     = "time-entry-changed"
	kindEntryRemoved     = "time-entry-removed"
	kindEntryApproved    = "time-entry-approved"
	kindWebhookAttempted = "webhook-attempted"

	viaAPI = "api"

	eventDone     = "task.done"
	eventInvoiced = "task.invoiced"

	stateTehty   = "Tehty"
	stateValmis  = "Valmis"
	statePeruttu = "Peruttu"

	typeTampuuriCustomers = "TAMPUURI_CUSTOMERS"
)

// withoutMeaning are kinds that no rule looks at.
var withoutMeaning = map[string]bool{
	"task-edited": true, "transition-run": true, "webhook-dropped": true, "webhook-given-up": true,
}

// line is one line of the ledger.
type line struct {
	Seq      int64     `json:"seq"`
	At       time.Time `json:"at"`
	Customer string    `json:"customer"`
	Kind     string    `json:"kind"`
	Detail   detail    `json:"detail"`
}

// detail has every field that some kind has.
type detail struct {
	OurPerformers []int64 `json:"ourPerformers"`

	NoticeID     int64  `json:"noticeId"`
	GUID         string `json:"guid"`
	State        string `json:"state"`
	PerformerID  int64  `json:"performerId"`
	Created      string `json:"created"`
	Modified     string `json:"modified"`
	From         word   `json:"from"`
	To           word   `json:"to"`
	Via          string `json:"via"`
	Notified     bool   `json:"notified"`
	ToimenpideID int64  `json:"toimenpideId"`

	CustomerID         string `json:"customerId"`
	CustomerType       string `json:"customerType"`
	IntegrationsActive bool   `json:"integrationsActive"`
	TaskID             string `json:"taskId"`
	ExternalID         string `json:"externalId"`
	BillingCustomerID  string `json:"billingCustomerId"`
	DeliveryCustomerID string `json:"deliveryCustomerId"`
	BillingReference   string `json:"billingReference"`
	IdempotencyKey     string `json:"idempotencyKey"`
	EventID            string `json:"eventId"`
	Type               string `json:"type"`
	Status             int    `json:"status"`
	NoteText           string `json:"text"`
	EntryID            string `json:"entryId"`
	Approved           bool   `json:"approved"`

	text
}

// text is what a toimenpide and the time entry it reports have in common.
type text struct {
	Date     string `json:"date"`
	Resource string `json:"resource"`
	Summary  string `json:"summary"`
}

// word is a state, or a performer id in decimal: from and to hold either.
type word string

// UnmarshalJSON takes a text or a number.
func (w *word) UnmarshalJSON(raw []byte) error {
	if strings.HasPrefix(string(raw), `"`) {
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		*w = word(s)
		return nil
	}
	*w = word(raw)
	return nil
}

// longestLine is more than a time entry's text can take.
const longestLine = 4 << 20

// read takes a whole ledger. A gap in the numbering means that lines are missing, and no conclusion would hold.
func read(from io.Reader) ([]line, error) {
	var lines []line
	scanner := bufio.NewScanner(from)
	scanner.Buffer(nil, longestLine)
	for scanner.Scan() {
		if len(strings.TrimSpace(scanner.Text())) == 0 {
			continue
		}
		var one line
		if err := json.Unmarshal(scanner.Bytes(), &one); err != nil {
			return nil, fmt.Errorf("line %d of the ledger: %w", len(lines)+1, err)
		}
		if one.Seq != int64(len(lines)+1) {
			return nil, fmt.Errorf("line %d of the ledger has seq %d: lines are missing or out of order", len(lines)+1, one.Seq)
		}
		lines = append(lines, one)
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	if len(lines) == 0 {
		return nil, errors.New("the ledger is empty: nothing can be said of it")
	}
	return lines, nil
}
