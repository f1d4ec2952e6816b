package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tampuuri-hillava/activities"
	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
)

// noticeImport starts a notice that the poll leaves alone, such as one that was reopened in Tampuuri after Valmis.
func noticeImport(ctx context.Context, out output, args []string) error {
	flags := flagSet("notice import")
	asJSON := flags.Bool("json", false, "")
	by := byFlag(flags)
	positional, err := parse(flags, args, "tunniste", "Id")
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(positional[1], 10, 64)
	if err != nil || id <= 0 {
		return usageError{"Id is the notice's number in Tampuuri"}
	}
	if !config.ValidTunniste(positional[0]) {
		return usageError{"notice import takes a Tunniste, then the notice's number in Tampuuri"}
	}
	event := telemetry.AuditEvent{Who: *by, What: "notice.import", Customer: positional[0], Notice: numbered(positional[0], id), Result: "started"}
	t, err := openForAction(ctx, out, event)
	if err != nil {
		return err
	}
	defer t.close()
	externalID, err := importNotice(ctx, t, positional[0], id)
	if externalID != "" {
		event.Notice = externalID
	}
	auditAction(ctx, t.logger, event, err)
	if err != nil {
		return err
	}
	workflowID := runs.NoticeWorkflowID(externalID)
	if *asJSON {
		return out.json(acted{WorkflowID: workflowID, Signal: "import", By: *by})
	}
	if _, err := fmt.Fprintf(out.stdout, "%s: started\n", workflowID); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// importNotice starts the notice; its external id is given with an error too when that was refused or not answered.
func importNotice(ctx context.Context, t *tools, tunniste string, id int64) (externalID string, err error) {
	keyer, err := notice.NewKeyer([]byte(t.settings.FingerprintKey.Reveal()))
	if err != nil {
		return "", failedAs(wordSettings, fmt.Errorf("set FINGERPRINT_KEY (or FINGERPRINT_KEY_FILE) to the worker's: %w", err))
	}
	customer, err := importable(ctx, temporalRounds{t.temporal}, t.settings, tunniste)
	if err != nil {
		return "", err
	}
	client, err := openTampuuri(t.settings, customer)
	if err != nil {
		return "", failedAs(wordSettings, err)
	}
	defer client.Close()
	start, err := prepareImport(ctx, client, temporalNotices{t.temporal}, customer, id, keyer)
	if err != nil {
		return "", err
	}
	start.Link = runs.NoticeLink(t.settings.TampuuriLink, id)
	workflowID := runs.NoticeWorkflowID(start.Ref.ExternalID)
	switch err := runs.StartNotice(ctx, t.temporal, start); {
	case errors.Is(err, runs.ErrAlreadyStarted):
		return start.Ref.ExternalID, refused(fmt.Errorf("%s runs already; see starter notice show %s", workflowID, start.Ref.ExternalID))
	case err != nil:
		return start.Ref.ExternalID, unknown(fmt.Errorf("start %s: %w", workflowID, err))
	}
	return start.Ref.ExternalID, nil
}

// importable gives the customer's entry when its notices may be imported: what stops the poll stops this too, but for
// the pause of a poll, which is no reason not to import one notice by hand.
func importable(ctx context.Context, polls rounds, settings config.Tools, tunniste string) (config.Customer, error) {
	customers, err := config.LoadCustomers(settings.CustomersFile, settings.CustomerDefaults())
	if err != nil {
		return config.Customer{}, failedAs(wordCustomersFile, err)
	}
	at := slices.IndexFunc(customers, func(c config.Customer) bool { return c.Tunniste == tunniste })
	if at < 0 {
		return config.Customer{}, refused(fmt.Errorf("customers.yaml has no entry with tunniste %s; see starter customers list", tunniste))
	}
	if faults := customers[at].Faults; len(faults) > 0 {
		return config.Customer{}, refused(fmt.Errorf("customer %s may not be imported from: %s", tunniste, strings.Join(faults, "; ")))
	}
	var sync runs.SyncResult
	found, err := polls.last(ctx, runs.ScheduleSyncCustomers, &sync)
	if err != nil && !errors.Is(err, errNoSchedule) {
		return config.Customer{}, err
	}
	for _, state := range sync.Customers {
		if found && state.Tunniste == tunniste && state.Polled {
			return customers[at], nil
		}
	}
	return config.Customer{}, refused(fmt.Errorf("customer %s may not be imported from: %s", tunniste, whyNotPolled(ctx, polls, tunniste)))
}

// noticeReader is what import asks of Tampuuri.
type noticeReader interface {
	Notice(ctx context.Context, id int64) (notice.Notice, error)
}

// prepareImport reads the notice and says how to start it, or why not.
func prepareImport(ctx context.Context, from noticeReader, existing notices, customer config.Customer, id int64, keyer notice.Keyer) (runs.NoticeStart, error) {
	n, err := from.Notice(ctx, id)
	if err != nil {
		return runs.NoticeStart{}, notRead(customer.Tunniste, id, err)
	}
	made := n.Created.At
	if n.Created.IsZero() {
		made = n.Modified
	}
	switch {
	case !slices.Contains(customer.PerformerIDs, n.PerformerID):
		return runs.NoticeStart{}, refused(fmt.Errorf("notice %d is not ours: its performer is none of performer_ids; have it assigned to us in Tampuuri", id))
	case n.State.Closed():
		return runs.NoticeStart{}, refused(fmt.Errorf("notice %d is %s in Tampuuri; only an open one can be imported, have it reopened there", id, n.State))
	case made.Before(customer.StartDate):
		return runs.NoticeStart{}, refused(fmt.Errorf("notice %d was made before the customer's start date; such notices are dealt with in the old way", id))
	}
	start := runs.NoticeStart{
		Ref:        runs.NoticeRef{Customer: customer.Tunniste, NoticeID: id, ExternalID: notice.ExternalID(customer.Tunniste, id, n.GUID)},
		PropertyID: n.PropertyID,
		Known:      activities.KnownOf(n, customer, keyer),
		Again:      true, // a person asks for it, so an earlier life that has ended is no obstacle
	}
	description, err := existing.describe(ctx, runs.NoticeWorkflowID(start.Ref.ExternalID))
	if errors.Is(err, errNoNotice) {
		mark, err := existing.describe(ctx, runs.ErasedWorkflowID(start.Ref.ExternalID))
		if errors.Is(err, errNoNotice) {
			return start, nil
		}
		start.EventsAfter = runs.ReadErased(mark.GetWorkflowExecutionInfo()).DealtWith()
		return start, err
	}
	if err != nil {
		return runs.NoticeStart{}, err
	}
	before := runs.ReadLife(description.GetWorkflowExecutionInfo())
	start.EventsAfter = before.DealtWith()
	if before.Ref.Customer != start.Ref.Customer || before.Ref.NoticeID != id {
		return runs.NoticeStart{}, refused(fmt.Errorf("notice %d has the external id of another notice; tell whoever runs that Tampuuri, two notices must not share a Guid", id))
	}
	return start, nil
}

// notRead says what to do about a notice that Tampuuri did not give.
func notRead(tunniste string, id int64, err error) error {
	var e *peer.Error
	if errors.As(err, &e) && e.Kind == peer.KindStatus {
		switch e.Status {
		case http.StatusNotFound:
			return fmt.Errorf("Tampuuri has no notice %d of customer %s; check the number and the tunniste: %w", id, tunniste, err)
		case http.StatusUnauthorized, http.StatusForbidden: // a read answers whoever the performer is
			return fmt.Errorf("Tampuuri refuses the credentials of customer %s; mend them in customers.yaml: %w", tunniste, err)
		}
	}
	return fmt.Errorf("read notice %d of %s: %w", id, tunniste, err)
}
