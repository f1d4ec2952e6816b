package tampuuri

import (
	"time"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/ledger"
)

// Names of the calls, for faults and the access log.
const (
	OpList       = "list"
	OpRead       = "read"
	OpHae        = "hae"
	OpTila       = "tila"
	OpToimenpide = "toimenpide"
	OpKohde      = "kohde"
	OpUnknown    = "unknown" // any other method or path; answered 404
)

// Headers names the five headers that select the customer.
type Headers struct {
	Avain, Asiakas, Tili, Kayttajatunnus, Salasana string
}

// DefaultHeaders are the names of the contract.
func DefaultHeaders() Headers {
	return Headers{
		Avain: "X-TampuuriAvain", Asiakas: "X-AsiakasNimi", Tili: "X-TilinNimi",
		Kayttajatunnus: "X-Kayttajatunnus", Salasana: "X-Salasana",
	}
}

// Options of a Server. The zero value works: ledger in memory, no faults, the machine's clock, default header names.
type Options struct {
	Ledger  *ledger.Ledger
	Faults  *fault.Plan
	Now     func() time.Time
	Headers Headers
}

// Account is one customer's Tampuuri: its five header values, and who we are in it.
type Account struct {
	Tunniste                                       string // name of the account at the stand-in and in the ledger
	Avain, Asiakas, Tili, Kayttajatunnus, Salasana string
	OurPerformers                                  []int64 // TyonsuorittajaYritysId values whose notices this account may write to
}

// Property is a kohde in wire spelling. Empty texts go out as null.
type Property struct {
	ID               int64  `json:"Id"`
	Nimi             string `json:"Nimi"`
	Katuosoite       string `json:"Katuosoite"`
	Postinumero      string `json:"Postinumero"`
	Postitoimipaikka string `json:"Postitoimipaikka"`
}

// Toimenpide is a recorded work step in wire spelling.
type Toimenpide struct {
	ID         int64  `json:"Id"`
	Paivamaara string `json:"Paivamaara"` // YYYY-MM-DD
	Resurssi   string `json:"Resurssi"`
	Yhteenveto string `json:"Yhteenveto"`
}

// Notification is one time that participants were told of a state.
type Notification struct {
	Tila string `json:"Tila"`
	At   string `json:"At"` // as Muokattu: seven fractional digits, Helsinki offset
}

// Absent as a value of EditNotice removes the field from the notice, which is not the same as null on the wire.
var Absent = absent{}

type absent struct{}
