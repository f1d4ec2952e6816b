package tampuuri

import (
	"net/http"
	"strconv"
	"strings"
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
//     DefaultHeaders), and header values are UTF-8;
//   - the shape of error bodies (knownFields in errors.go).

// route is one call: what it is called in errors, and where it goes. {Id} in
// the template is replaced by an integer, so nothing can leave its path segment.
type route struct {
	op       string
	method   string
	template string // below the base address
}

var (
	routeBrowse        = route{"list notices", http.MethodGet, "ilmoitukset/selaa"}                      // ASSUMED
	routeNotice        = route{"read notice", http.MethodGet, "ilmoitukset/{Id}"}                        // ASSUMED
	routeNotices       = route{"read notices", http.MethodPost, "ilmoitukset/hae"}                       // ASSUMED
	routeSetState      = route{"set state", http.MethodPost, "ilmoitukset/{Id}/tila"}                    // ASSUMED
	routeAddToimenpide = route{"add toimenpide", http.MethodPost, "ilmoitukset/{Id}/toimenpiteet/lisaa"} // ASSUMED
	routeProperty      = route{"read property", http.MethodGet, "kohdetiedot/kohteet/{Id}"}              // ASSUMED
)

func (r route) path(ids ...int64) string {
	path := r.template
	for _, id := range ids {
		path = strings.Replace(path, "{Id}", strconv.FormatInt(id, 10), 1)
	}
	return path
}

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
