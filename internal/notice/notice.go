// Package notice holds the project's own vocabulary - notices, people, properties, time entries, tasks - and every rule
// of how a Tampuuri notice becomes a Hillava task and how Hillava's time entries become toimenpiteet. It is pure: no
// HTTP, no Temporal, no clock, no environment.
package notice

import "time"

// State is a notice's state in Tampuuri (wire field Tila, never to be confused with Huoneisto / Tila, the space).
// Other words than the constants occur; all of them are open states.
type State string

// The states that mean something to us.
const (
	Tehty         State = "Tehty"         // the work has been done
	Valmis        State = "Valmis"        // done and invoiced; takes no toimenpiteet any more
	Peruttu       State = "Peruttu"       // cancelled; takes nothing any more
	Vastaanotettu State = "Vastaanotettu" // accepted by the performer
)

// Closed tells whether the notice is closed in Tampuuri: Tehty, Valmis or Peruttu. Every other state is open.
func (s State) Closed() bool {
	return s == Tehty || s == Valmis || s == Peruttu
}

// Person is the orderer, reporter or payer of a notice: a resident or a company. Every field may be empty.
type Person struct {
	ID         int64 // party id in that Tampuuri; 0 = unknown
	Name       string
	Street     string
	PostalCode string
	City       string
	Phone      string
	Phone2     string
	Email      string

	Turvakielto Turvakielto // as Tampuuri gave it; see ParseTurvakielto
}

// Notice is one Tampuuri notice (ilmoitus) in our words. A zero field was missing or null in Tampuuri.
type Notice struct {
	ID       int64
	GUID     string // as Tampuuri sent it; see ExternalID
	ParentID int64  // the notice from which this one was chained; 0 = none
	State    State
	Modified time.Time

	Created  Moment // IlmoitusTehty
	Earliest Moment // SuoritusaikaAikaisintaan
	Latest   Moment // SuoritusaikaViimeistään
	ReadyBy  Moment // TyöValmisViimeistään

	FaultClass string // Vikaluokka
	Urgency    string // Kiireellisyys

	PropertyID int64  // KohdeId
	Property   string // Kiinteistö
	Space      string // Huoneisto

	Title       string // TyötehtävänOtsikko
	Description string // TyötehtävänKuvaus
	Additional  string // TyötehtävänLisätiedot
	Access      string // Sisäänpääsy
	Pets        string // Kotieläimet

	ContactName  string // TyotehtavanYhteysHenkilo; sent only where ExtraContact is on
	ContactPhone string // TyotehtavanYhteysHenkiloPuhelinnumero; the same

	PerformerID int64 // TyonsuorittajaYritysId; the assignment by which a notice is ours

	Orderer  Person // Tilaaja
	Reporter Person // Ilmoittaja
	Payer    Person // Maksaja

	Toimenpiteet []Toimenpide // only when the notice was read alone
	// NoToimenpiteet says that the answer had no such list at all, so that what has been sent cannot be told.
	NoToimenpiteet bool
}

// Made is when the notice was made, as far as it says: IlmoitusTehty, else Muokattu. It is what a start date is compared with.
func (n Notice) Made() time.Time {
	if n.Created.IsZero() {
		return n.Modified
	}
	return n.Created.At
}

// Position is where the notice stands in Tampuuri's list, which is ordered by Muokattu, then Id.
func (n Notice) Position() (id int64, modified time.Time) { return n.ID, n.Modified }

// dates are the notice's dates by the names that Keyer.Fields gives them.
func (n Notice) dates() map[string]Moment {
	return map[string]Moment{"created": n.Created, "earliest": n.Earliest, "latest": n.Latest, "readyBy": n.ReadyBy}
}

// Toimenpide is one piece of work reported on a notice in Tampuuri.
type Toimenpide struct {
	Date     string // YYYY-MM-DD
	Resource string // who or what did the work
	Summary  string // summary to the customer, at most 8000 UTF-16 code units
}

// Property is a Tampuuri property (kohde): the work site.
type Property struct {
	ID         int64
	Name       string
	Street     string
	PostalCode string
	City       string
}

// TimeEntry is one time entry of a Hillava task.
type TimeEntry struct {
	ID       string
	Date     string // YYYY-MM-DD
	Resource string // the resource's name
	Summary  string // customerSummary
	Approved bool
}

// Address is a delivery address in Hillava's two-row form.
type Address struct {
	Street     string
	Street2    string
	PostalCode string
	City       string
}

// Task is what we ask Hillava to create. It has no target (kohde), as that is never set.
type Task struct {
	ExternalID         string
	TaskTypeID         string
	Title              string
	Description        string
	AdditionalInfo     string
	Start              Moment
	End                Moment // zero = no end
	WorkloadHours      float64
	DeliveryCustomerID string
	BillingCustomerID  string
	DeliveryAddress    *Address // nil = none known
	BillingReference   string
}
