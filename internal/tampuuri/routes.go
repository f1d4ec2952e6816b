package tampuuri

import (
	"net/http"

	"tampuuri-hillava/internal/peer"
)

// What is ASSUMED about Tampuuri, in one place. Known from public material: the
// base address, the five headers, Finnish nouns with a verb last, the page
// envelope, {"Id":…} as the answer of a write, the spelling of the fields.
//
// ASSUMED:
//   - every path, method and body in the table below, and that listing is by
//     performer and time of modification;
//   - that "Ilmoita osallisille" travels with the state as IlmoitaOsallisille;
//   - that X-Kayttajatunnus is accepted for X-Käyttäjätunnus (types.go,
//     defaultHeaders), and header values are UTF-8;
//   - the shape of error bodies (knownFields in errors.go).

var (
	routeBrowse        = peer.Route{Op: "list notices", Method: http.MethodGet, Template: "ilmoitukset/selaa"}                      // ASSUMED
	routeNotice        = peer.Route{Op: "read notice", Method: http.MethodGet, Template: "ilmoitukset/{Id}"}                        // ASSUMED
	routeNotices       = peer.Route{Op: "read notices", Method: http.MethodPost, Template: "ilmoitukset/hae"}                       // ASSUMED
	routeSetState      = peer.Route{Op: "set state", Method: http.MethodPost, Template: "ilmoitukset/{Id}/tila"}                    // ASSUMED
	routeAddToimenpide = peer.Route{Op: "add toimenpide", Method: http.MethodPost, Template: "ilmoitukset/{Id}/toimenpiteet/lisaa"} // ASSUMED
	routeProperty      = peer.Route{Op: "read property", Method: http.MethodGet, Template: "kohdetiedot/kohteet/{Id}"}              // ASSUMED
)

// Bodies of the writes, in the ASCII spelling of Tampuuri's write model. ASSUMED.
type (
	readNotices struct {
		IDs []int64 `json:"IlmoitusIdt"`
	}
	setState struct {
		Tila               string
		IlmoitaOsallisille bool
	}
	addToimenpide struct {
		Paivamaara, Resurssi, Yhteenveto string
	}
)
