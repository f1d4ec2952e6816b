package config

import (
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"tampuuri-hillava/internal/notice"
)

// tunnistePattern is what every interface allows: it goes into schedule ids and search attributes.
var tunnistePattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// entryReading turns one written entry into a Customer and collects what is wrong with it.
type entryReading struct {
	entry  writtenEntry
	folder string   // relative paths start here
	faults []string // with those that the decoder found
	files  []string // secret files that the entry names
}

func (r *entryReading) fault(format string, args ...any) {
	r.faults = append(r.faults, fmt.Sprintf(format, args...))
}

func (r *entryReading) customer(defaults CustomerDefaults) Customer {
	e := r.entry
	customer := Customer{
		Tunniste:       e.Tunniste,
		Name:           strings.TrimSpace(e.Name),
		ConfirmedNames: e.ConfirmedNames,
		PerformerIDs:   r.performers(),
		// A value that cannot be read takes what harms no open notice: participants are told, billing waits.
		Notify:       Notify{Tehty: e.Notify.Tehty.or(true, true), Valmis: e.Notify.Valmis.or(true, true)},
		ApprovedOnly: e.TimeEntries.ApprovedOnly.or(false, true),
		inline:       e.Credentials.Avain != "" || e.Credentials.Salasana != "",
	}
	switch {
	case e.Tunniste == "": // the line is all that tells one such entry from another
		r.fault("line %d: the entry has no tunniste; write the one that the customer has in Hillava", e.line)
	case !ValidTunniste(e.Tunniste):
		r.fault("tunniste must be 1 to 64 of the characters A-Z a-z 0-9 . _ -; write it as the customer has it in Hillava")
	}
	if customer.Name == "" {
		r.fault("name is missing; write the customer's name as it is in Hillava")
	}
	customer.Consent = r.consent()
	customer.StartDate = r.date("start_date", e.StartDate, "write the first day whose notices are imported, like 2026-02-01")
	customer.Credentials = r.credentials()
	customer.Poll = r.poll(defaults)
	customer.Task = r.task()
	switch e.AcceptState {
	case "", string(notice.Vastaanotettu):
		customer.AcceptState = e.AcceptState
	default:
		r.fault("accept_state must be empty or %s; the other states that can be set would close the notice", notice.Vastaanotettu)
	}
	customer.Faults = r.faults
	if e.unreadable != "" {
		customer.Faults = []string{e.unreadable} // the rest only follows from it
	}
	return customer
}

// consent: all three parts, or the written consent counts as not recorded.
func (r *entryReading) consent() Consent {
	written := r.entry.Consent
	consent := Consent{Reference: strings.TrimSpace(written.Reference), RecordedBy: strings.TrimSpace(written.RecordedBy)}
	if consent.Reference == "" && consent.RecordedBy == "" && written.Date == "" {
		r.fault("no written consent is recorded; get it, and fill in consent: reference, date and recorded_by")
		return consent
	}
	if consent.Reference == "" {
		r.fault("consent.reference is missing; write which document the consent is in")
	}
	consent.Date = r.date("consent.date", written.Date, "write the day of the consent, like 2026-01-15")
	if consent.RecordedBy == "" {
		r.fault("consent.recorded_by is missing; write who recorded the consent")
	}
	return consent
}

// date reads a day as its midnight in Helsinki.
func (r *entryReading) date(key, text, advice string) time.Time {
	if text == "" {
		r.fault("%s is missing; %s", key, advice)
		return time.Time{}
	}
	day, err := time.ParseInLocation(time.DateOnly, text, helsinki)
	if err != nil {
		r.fault("%s is not a day; %s", key, advice)
		return time.Time{}
	}
	return day
}

// performers gives no list when any of it is at fault: a notice whose performer a list lacks counts as taken from us,
// and would be withdrawn for a slip of the pen.
func (r *entryReading) performers() []int64 {
	written := r.entry.PerformerIDs
	switch {
	case written != nil && written.misread: // the decoder's fault tells it
		return nil
	case written == nil || len(written.value) == 0:
		r.fault("performer_ids is empty; list our TyonsuorittajaYritysId values in this Tampuuri")
		return nil
	case slices.Min(written.value) <= 0:
		r.fault("performer_ids holds a number that is not above zero; correct it")
		return nil
	}
	ids := slices.Clone([]int64(written.value))
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (r *entryReading) credentials() Credentials {
	written := r.entry.Credentials
	if written == (writtenCredentials{}) {
		r.fault("no Tampuuri credentials; fill in credentials: avain, asiakas, tili, kayttajatunnus and salasana, each plain or as …_file")
		return Credentials{}
	}
	return Credentials{
		Avain:          r.credential("avain", written.Avain, written.AvainFile),
		Asiakas:        r.credential("asiakas", written.Asiakas, written.AsiakasFile),
		Tili:           r.credential("tili", written.Tili, written.TiliFile),
		Kayttajatunnus: r.credential("kayttajatunnus", written.Kayttajatunnus, written.KayttajatunnusFile),
		Salasana:       r.credential("salasana", written.Salasana, written.SalasanaFile),
	}
}

func (r *entryReading) credential(key, value, file string) Secret {
	if file != "" {
		if !filepath.IsAbs(file) {
			file = filepath.Join(r.folder, file)
		}
		r.files = append(r.files, file)
	}
	switch {
	case value != "" && file != "":
		r.fault("credentials.%s and %s_file are both set; keep one of them", key, key)
	case file != "":
		secret, err := readSecretFile(file)
		if err != nil {
			r.fault("credentials.%s_file: %v", key, err)
		}
		return sendable(r, key, secret)
	case value != "":
		return sendable(r, key, NewSecret(value))
	default:
		r.fault("credentials.%s is missing; fill it in, or %s_file", key, key)
	}
	return Secret{}
}

// sendable refuses what the client could not send.
func sendable(r *entryReading, key string, secret Secret) Secret {
	if !secret.sendable() {
		r.fault("credentials.%s has a line break or another control character in it; remove it", key)
		return Secret{}
	}
	return secret
}

func (r *entryReading) poll(defaults CustomerDefaults) Poll {
	written := r.entry.Poll
	poll := Poll{Every: defaults.PollEvery, MaxNew: defaultMaxNew}
	if written.Every != "" {
		every, err := time.ParseDuration(written.Every)
		if err != nil || every <= 0 {
			r.fault("poll.every is not a duration above zero; write it like 5m")
		} else {
			poll.Every = every
		}
	}
	hours, err := ParseHours(written.Hours)
	if err != nil {
		r.fault("poll.%v", err)
	}
	poll.Hours = hours
	if written.MaxNew != nil {
		if *written.MaxNew < 1 {
			r.fault("poll.max_new must be at least 1; it is the most new tasks of one poll")
		} else {
			poll.MaxNew = *written.MaxNew
		}
	}
	return poll
}

func (r *entryReading) task() TaskSettings {
	written := r.entry.Task
	task := TaskSettings{
		WorkloadHours:    defaultWorkloadHours,
		StartFrom:        notice.StartFromEarliest,
		BillingReference: notice.DefaultReferenceTemplate,
		Contacts:         notice.ContactsDescription,
	}
	if hours := written.WorkloadHours; hours != nil {
		if !(*hours > 0) || math.IsInf(*hours, 0) {
			r.fault("task.workload_hours must be above zero; Hillava makes no task without an estimate")
		} else {
			task.WorkloadHours = *hours
		}
	}
	switch from := notice.StartFrom(written.StartFrom); from {
	case "":
	case notice.StartFromEarliest, notice.StartFromCreated:
		task.StartFrom = from
	default:
		r.fault("task.start_from must be earliest or created")
	}
	if template := written.BillingReference; template != nil {
		if err := notice.ValidateReferenceTemplate(*template); err != nil {
			r.fault("task.billing_reference: %v", err)
		} else {
			task.BillingReference = *template
		}
	}
	// When it cannot be read, no contact line is written where the customer may want none.
	const misread = string(notice.ContactsNone)
	switch contacts := notice.Contacts(written.Contacts.or("", misread)); contacts {
	case "":
	case notice.ContactsDescription, notice.ContactsAdditionalInfo, notice.ContactsNone:
		task.Contacts = contacts
	default:
		task.Contacts = notice.ContactsNone
		r.fault("task.contacts must be description, additional_info or none")
	}
	return task
}

// markDoubled stops every customer whose Tunniste stands twice. When their credentials differ, none can be told to be
// the right ones, and a write could reach the wrong Tampuuri: then neither entry keeps its own.
func markDoubled(customers []Customer) {
	byTunniste := map[string][]int{}
	for i, customer := range customers {
		if customer.Tunniste != "" {
			byTunniste[customer.Tunniste] = append(byTunniste[customer.Tunniste], i)
		}
	}
	for tunniste, indexes := range byTunniste {
		if len(indexes) < 2 {
			continue
		}
		first, differ := customers[indexes[0]].Credentials, false
		for _, i := range indexes[1:] {
			differ = differ || !customers[i].Credentials.same(first)
		}
		for _, i := range indexes {
			customers[i].Faults = append(customers[i].Faults, fmt.Sprintf("tunniste %s stands on %d entries; keep one of them", tunniste, len(indexes)))
			if differ {
				customers[i].Credentials = Credentials{}
			}
		}
	}
}
