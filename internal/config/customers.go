package config

import (
	"slices"
	"time"

	"tampuuri-hillava/internal/notice"
)

// Customer is one entry of customers.yaml.
type Customer struct {
	Tunniste       string // = the external id (Tunniste) of the customer in Hillava
	Name           string // = its name there; confirms that the Tunniste selects the right one
	ConfirmedNames []string
	Formerly       []string // earlier Tunniste of the same customer, whose open notices go on under this one
	Consent        Consent
	StartDate      time.Time // Helsinki midnight; notices made before it are never imported
	PerformerIDs   []int64   // our TyonsuorittajaYritysId values in this Tampuuri
	Credentials    Credentials
	Poll           Poll
	Task           TaskSettings
	Notify         Notify
	AcceptState    string // "" or the state that is set in Tampuuri when the task has been made
	ApprovedOnly   bool   // laskutettu waits until every time entry is approved
	// RemindUninvoiced is how long after Tehty the office is reminded that Laskutettu is missing, and how often; 0: never.
	RemindUninvoiced time.Duration
	Stopped          Stopped

	inline  bool      // avain or salasana stands in customers.yaml itself, see ExposedCredentials
	exposed []Exposed // files of its credentials that strangers may read

	// Faults say why this customer is not polled, each with what to do, never with a secret. Its open notices are still
	// written back, so settings at fault hold their defaults, or what harms no open notice: no performer ids, no contact
	// lines, only approved time entries.
	Faults []string
}

// ValidTunniste reports whether a Tunniste has the contract's form. It goes into workflow ids, search attributes and
// queries; gRPC sends no other characters in its headers, so Temporal cannot even be asked about another one.
func ValidTunniste(tunniste string) bool { return tunnistePattern.MatchString(tunniste) }

// NameMatches reports whether a name from Hillava is this customer's, or one that a person has confirmed.
func (c Customer) NameMatches(name string) bool {
	return slices.ContainsFunc(append([]string{c.Name}, c.ConfirmedNames...), func(ours string) bool { return namesMatch(ours, name) })
}

// Consent is the customer's recorded written consent. Nothing is polled without all three.
type Consent struct {
	Reference  string
	Date       time.Time // Helsinki midnight
	RecordedBy string
}

// InForce reports whether the consent is recorded and its day has come.
func (c Consent) InForce(now time.Time) bool {
	return c.Reference != "" && c.RecordedBy != "" && !c.Date.IsZero() && !c.Date.After(now)
}

// Stopped says that a person keeps this customer's new notices out, by the file: while it is being opened, or for good.
type Stopped struct {
	Because string    // StoppedOpening or StoppedClosed; "" when it is not stopped so
	Since   time.Time // Helsinki midnight
	By      string    // an operator's user name
}

// The reasons of Stopped.
const (
	StoppedOpening = "opening" // its entry is complete, or about to be, and nobody has begun the import yet
	StoppedClosed  = "closed"  // it is served no more; the entry is there for its open notices
)

// fault is why a stopped customer is not polled. It goes to Temporal, so it has nothing of what a person wrote.
func (s Stopped) fault(tunniste string) string {
	if s.Because == StoppedOpening {
		return "it is being opened (stopped, in its entry); starter customers open " + tunniste + " goes on with it"
	}
	return "it was closed on " + s.Since.Format(time.DateOnly) + " (stopped, in its entry); starter customers close " + tunniste + " tells what is left of it"
}

// Unstopped is the customer as it would be without its Stopped.
func (c Customer) Unstopped() Customer {
	stop := c.Stopped.fault(c.Tunniste)
	c.Faults = slices.DeleteFunc(slices.Clone(c.Faults), func(fault string) bool { return c.Stopped.Because != "" && fault == stop })
	c.Stopped = Stopped{}
	return c
}

// at gives the customer as it is at that time: a consent of a later day stops it until then, without a change of the file.
func (c Customer) at(now time.Time) Customer {
	if c.Consent.Date.After(now) {
		c.Faults = append(slices.Clone(c.Faults), "consent is dated in the future; correct consent.date, or wait for that day")
	}
	return c
}

func allAt(customers []Customer, now time.Time) []Customer {
	all := slices.Clone(customers)
	for i := range all {
		all[i] = all[i].at(now)
	}
	return all
}

// Credentials are the five values that together select and open the customer's Tampuuri.
type Credentials struct{ Avain, Asiakas, Tili, Kayttajatunnus, Salasana Secret }

func (c Credentials) all() []Secret {
	return []Secret{c.Avain, c.Asiakas, c.Tili, c.Kayttajatunnus, c.Salasana}
}

// Complete reports whether all five are there.
func (c Credentials) Complete() bool { return !slices.ContainsFunc(c.all(), Secret.Empty) }

// same reports whether both open the same Tampuuri as the same user.
func (c Credentials) same(other Credentials) bool {
	return slices.EqualFunc(c.all(), other.all(), func(a, b Secret) bool { return a.Reveal() == b.Reveal() })
}

// Poll says when a customer's notices are fetched.
type Poll struct {
	Every  time.Duration
	Hours  Hours
	MaxNew int // most new tasks of one poll
}

// TaskSettings are the customer's choices in the field mapping.
type TaskSettings struct {
	WorkloadHours    float64
	StartFrom        notice.StartFrom
	BillingReference string // template, see notice.ValidateReferenceTemplate
	Contacts         notice.Contacts
	Extras           []notice.Extra // which lines follow Kotieläimet in Lisätieto
}

// Notify says for which state "Ilmoita osallisille" is asked.
type Notify struct{ Tehty, Valmis bool }

// The defaults of an entry, by docs/settings.md and customers.example.yaml.
const (
	defaultMaxNew        = 50
	defaultWorkloadHours = 1
)
