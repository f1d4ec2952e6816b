package config

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"tampuuri-hillava/internal/credential"
	"tampuuri-hillava/internal/notice"
)

// tunnistePattern is what every interface allows: it goes into workflow ids and search attributes.
var tunnistePattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// entryReading turns one entry of customers.yaml into a Customer and collects what is wrong with it.
type entryReading struct {
	folder    string // relative paths start here
	pollEvery time.Duration
	secrets   map[string]secretReading // nil while only the names of the files are wanted
	groups    []*group

	faults   []string  // stop this customer
	refusals []error   // refuse the file
	files    []string  // secret files that the entry names
	exposed  []Exposed // those that strangers may read
}

func (r *entryReading) fault(format string, args ...any) {
	r.faults = append(r.faults, fmt.Sprintf(format, args...))
}

func (r *entryReading) refuse(format string, args ...any) {
	r.refusals = append(r.refusals, fmt.Errorf(format, args...))
}

// refuseUnknown refuses the keys that nobody has asked for.
func (r *entryReading) refuseUnknown() {
	for _, g := range r.groups {
		for _, key := range slices.Sorted(maps.Keys(g.keys)) {
			if !g.asked[key] {
				r.refuse("line %d: unknown key %q; remove it, or correct its name", g.keys[key].Line, key)
			}
		}
	}
}

func (r *entryReading) entry(node *yaml.Node) Customer {
	line := node.Line
	switch node = follow(node); {
	case node.ShortTag() == "!!null":
		return Customer{Faults: []string{fmt.Sprintf("line %d: the entry is empty; remove its dash, or fill it in as customers.example.yaml shows", line)}}
	case node.Kind != yaml.MappingNode:
		return Customer{Faults: []string{fmt.Sprintf("line %d: the entry is %s where a group of keys belongs; write it as customers.example.yaml shows", line, kindOf(node))}}
	}
	customer := r.customer(r.group("", node), line)
	customer.Faults, customer.exposed = r.faults, r.exposed
	r.refuseUnknown()
	return customer
}

func (r *entryReading) customer(e *group, line int) Customer {
	// What cannot be read takes what harms no open notice: participants are told, billing waits.
	c := Customer{Notify: Notify{Tehty: true, Valmis: true}}
	switch readable := read(e, "tunniste", &c.Tunniste, text); {
	case c.Tunniste == "" && readable: // the line is all that tells one such entry from another
		r.fault("line %d: the entry has no tunniste; write the one that the customer has in Hillava", line)
	case c.Tunniste != "" && !ValidTunniste(c.Tunniste):
		r.fault("tunniste must be 1 to 64 of the characters A-Z a-z 0-9 . _ -; write it as the customer has it in Hillava")
	}
	needed(e, "name", &c.Name, trimmed, "write the customer's name as it is in Hillava")
	readEach(e, "confirmed_names", &c.ConfirmedNames, text)
	readEach(e, "formerly", &c.Formerly, tunniste)
	c.Consent = r.consent(e.group("consent"))
	needed(e, "start_date", &c.StartDate, day, "write the first day whose notices are imported, like 2026-02-01")
	switch readable := readEach(e, "performer_ids", &c.PerformerIDs, whole); {
	case !readable: // a notice whose performer the list lacks counts as taken from us, and would be withdrawn for a slip of the pen
		c.PerformerIDs = nil
	case len(c.PerformerIDs) == 0:
		r.fault("performer_ids is empty; list our TyonsuorittajaYritysId values in this Tampuuri")
	}
	slices.Sort(c.PerformerIDs)
	credentials := e.group("credentials")
	c.Credentials, c.inline = r.credentials(credentials), credentials.value("avain") != nil || credentials.value("salasana") != nil
	c.Poll = r.poll(e.group("poll"))
	c.Task = r.task(e.group("task"))
	notify := e.group("notify")
	read(notify, "tehty", &c.Notify.Tehty, flag)
	read(notify, "valmis", &c.Notify.Valmis, flag)
	if !read(e.group("time_entries"), "approved_only", &c.ApprovedOnly, flag) {
		c.ApprovedOnly = true
	}
	read(e.group("remind"), "uninvoiced_after", &c.RemindUninvoiced, parsed(period, "is not a time above zero; write it like 30d or 36h"))
	read(e, "accept_state", &c.AcceptState, oneOf(string(notice.Vastaanotettu))) // the others would close the notice
	c.Stopped = r.stopped(e.group("stopped"), c.Tunniste)
	return c
}

// needed is read for what may not be missing or empty.
func needed[T comparable](g *group, key string, target *T, as form[T], advice string) {
	var none T
	if read(g, key, target, as) && *target == none {
		g.reading.fault("%s%s is missing; %s", g.path, key, advice)
	}
}

var (
	trimmed  = parsed(func(written string) (string, error) { return strings.TrimSpace(written), nil }, "")
	tunniste = parsed(func(written string) (string, error) {
		if !ValidTunniste(written) {
			return "", errors.New("not valid")
		}
		return written, nil
	}, "takes a Tunniste, 1 to 64 of the characters A-Z a-z 0-9 . _ -; correct it")

	// day is that day's midnight in Helsinki.
	day = parsed(func(written string) (time.Time, error) {
		return time.ParseInLocation(time.DateOnly, written, helsinki)
	}, "is not a day; write it like 2026-02-01")
)

// consent: all three parts, or the written consent counts as not recorded.
func (r *entryReading) consent(written *group) Consent {
	if len(written.keys) == 0 && !written.misread {
		r.fault("no written consent is recorded; get it, and fill in consent: reference, date and recorded_by")
		written.misread = true // the rest only follows from it
	}
	var c Consent
	needed(written, "reference", &c.Reference, trimmed, "write which document the consent is in")
	needed(written, "date", &c.Date, day, "write the day of the consent, like 2026-01-15")
	needed(written, "recorded_by", &c.RecordedBy, trimmed, "write who recorded the consent")
	return c
}

// stopped: whatever stands there stops the customer, also what cannot be read.
func (r *entryReading) stopped(written *group, tunniste string) Stopped {
	var s Stopped
	if len(written.keys) == 0 {
		return s
	}
	const advice = "write when and by whom it was stopped as customers.example.yaml shows, or take stopped out"
	needed(written, "because", &s.Because, oneOf(StoppedOpening, StoppedClosed), advice)
	needed(written, "since", &s.Since, day, advice)
	needed(written, "by", &s.By, trimmed, advice)
	if s.Because != "" {
		r.fault("%s", s.fault(tunniste))
	}
	return s
}

func (r *entryReading) credentials(written *group) Credentials {
	if len(written.keys) == 0 && !written.misread {
		r.fault("no Tampuuri credentials; fill in credentials: avain, asiakas, tili, kayttajatunnus and salasana, each plain or as …_file")
		written.misread = true // the rest only follows from it
	}
	return Credentials{
		Avain: r.credential(written, "avain"), Asiakas: r.credential(written, "asiakas"), Tili: r.credential(written, "tili"),
		Kayttajatunnus: r.credential(written, "kayttajatunnus"), Salasana: r.credential(written, "salasana"),
	}
}

func (r *entryReading) credential(written *group, key string) Secret {
	var value, file string
	readable := read(written, key, &value, text)
	readable = read(written, key+"_file", &file, text) && readable
	if file != "" {
		if !filepath.IsAbs(file) {
			file = filepath.Join(r.folder, file)
		}
		r.files = append(r.files, file)
	}
	value = strings.TrimPrefix(value, byteOrderMark)
	reading := secretReading{secret: NewSecret(value), err: credential.Check(value)}
	switch {
	case !readable:
		return Secret{}
	case value != "" && file != "":
		r.fault("credentials.%s and %s_file are both set; keep one of them", key, key)
		return Secret{}
	case value == "" && file == "":
		r.fault("credentials.%s is missing; fill it in, or %s_file", key, key)
		return Secret{}
	case file != "":
		key, reading = key+"_file:", r.secrets[file]
	}
	if reading.exposed != nil {
		r.exposed = append(r.exposed, *reading.exposed)
	}
	if reading.err != nil {
		r.fault("credentials.%s %v", key, reading.err)
		return Secret{}
	}
	return reading.secret
}

func (r *entryReading) poll(written *group) Poll {
	poll, maxNew := Poll{Every: r.pollEvery}, int64(defaultMaxNew)
	read(written, "every", &poll.Every, parsed(duration, "is not a duration above zero; write it like 5m"))
	read(written, "hours", &poll.Hours, parsed(ParseHours, "%v"))
	read(written, "max_new", &maxNew, whole)
	poll.MaxNew = int(maxNew)
	return poll
}

func (r *entryReading) task(written *group) TaskSettings {
	task := TaskSettings{
		WorkloadHours: defaultWorkloadHours, StartFrom: notice.StartFromEarliest,
		BillingReference: notice.DefaultReferenceTemplate, Contacts: notice.ContactsDescription,
	}
	read(written, "workload_hours", &task.WorkloadHours, number)
	read(written, "start_from", &task.StartFrom, oneOf(notice.StartFromEarliest, notice.StartFromCreated))
	read(written, "billing_reference", &task.BillingReference, parsed(func(template string) (string, error) {
		return template, notice.ValidateReferenceTemplate(template)
	}, "cannot be used: %v"))
	if !read(written, "contacts", &task.Contacts, oneOf(notice.ContactsDescription, notice.ContactsAdditionalInfo, notice.ContactsNone)) {
		task.Contacts = notice.ContactsNone // no contact line is written where the customer may want none
	}
	readEach(written, "extras", &task.Extras, oneOf(notice.Extras()...))
	return task
}

// markDoubled stops every customer whose Tunniste stands twice. When their credentials differ, none can be told to be
// the right ones, and a write could reach the wrong Tampuuri: then neither entry keeps its own. For the same reason an
// entry keeps no formerly that stands elsewhere too.
func markDoubled(customers []Customer) {
	present, former := map[string][]Customer{}, map[string]int{}
	for _, c := range customers {
		present[c.Tunniste] = append(present[c.Tunniste], c)
		for _, one := range c.Formerly {
			former[one]++
		}
	}
	for i := range customers {
		c := &customers[i]
		if same := present[c.Tunniste]; c.Tunniste != "" && len(same) > 1 {
			c.Faults = append(c.Faults, fmt.Sprintf("tunniste %s stands on %d entries; keep one of them", c.Tunniste, len(same)))
			if slices.ContainsFunc(same, func(other Customer) bool { return !other.Credentials.same(same[0].Credentials) }) {
				c.Credentials = Credentials{}
			}
		}
		c.Formerly = slices.DeleteFunc(c.Formerly, func(one string) bool {
			elsewhere := former[one] > 1 || len(present[one]) > 0
			if elsewhere {
				c.Faults = append(c.Faults, fmt.Sprintf("formerly names %s, which stands elsewhere in the file too; keep it in one place", one))
			}
			return elsewhere
		})
	}
}
