package tampuuri

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
	"unicode/utf16"

	"tampuuri-hillava/sandbox/strict"
)

// States that the contract gives a meaning to. Every other text is an open state.
const (
	Vastaanotettu = "Vastaanotettu"
	Tehty         = "Tehty"
	Valmis        = "Valmis"
	Peruttu       = "Peruttu"
)

// longestSummary is the limit of Yhteenveto, counted as .NET counts characters (UTF-16 units).
const longestSummary = 8000

// fields reads a JSON body that may have the named fields and no others.
func (asked request) fields(known ...string) (map[string]json.RawMessage, reply, bool) {
	if !strict.IsJSON(asked.contentType) {
		return nil, refuse(http.StatusBadRequest, "The content type is not application/json in UTF-8."), false
	}
	if asked.query != "" {
		return nil, invalidField("query", "The call has no parameters."), false
	}
	fields, err := strict.Object(asked.body)
	if err != nil {
		return nil, invalidField("body", err.Error()), false
	}
	problems := strict.Problems{}
	for name := range fields {
		if !slices.Contains(known, name) {
			problems.Add(name, "The field is unknown.")
		}
	}
	if len(problems) > 0 {
		return nil, invalid(problems), false
	}
	return fields, reply{}, true
}

// tila sets a state. Setting the one that it already has is allowed and notifies participants again.
func (s *Server) tila(asked request) reply {
	fields, refused, ok := asked.fields("Tila", "IlmoitaOsallisille")
	if !ok {
		return refused
	}
	problems := strict.Problems{}
	state, isText := strict.Text(fields["Tila"])
	if !isText || !slices.Contains([]string{Vastaanotettu, Tehty, Valmis}, state) {
		problems.Add("Tila", "The state is not one that can be set.")
	}
	var notify bool // a missing IlmoitaOsallisille notifies nobody
	if value, given := fields["IlmoitaOsallisille"]; given && (strict.IsNull(value) || json.Unmarshal(value, &notify) != nil) {
		problems.Add("IlmoitaOsallisille", "The value is neither true nor false.")
	}
	if len(problems) > 0 {
		return invalid(problems)
	}
	n, refused := asked.writable()
	if n == nil {
		return refused
	}
	if n.state() == Peruttu || (state == Tehty && n.state() == Valmis) {
		return refuse(http.StatusConflict, "The notice cannot go to this state from the one it has.")
	}
	if err := s.setState(asked.account, n, state, notify, viaAPI); err != nil {
		return refuse(http.StatusInternalServerError, err.Error())
	}
	return reply{http.StatusOK, map[string]int64{"Id": n.id}}
}

// toimenpide adds one with every call.
func (s *Server) toimenpide(asked request) reply {
	fields, refused, ok := asked.fields("Paivamaara", "Resurssi", "Yhteenveto")
	if !ok {
		return refused
	}
	problems := strict.Problems{}
	text := func(name string) string {
		value, ok := strict.Text(fields[name])
		if !ok {
			problems.Add(name, "The field is required and is text.")
		}
		return value
	}
	t := Toimenpide{Paivamaara: text("Paivamaara"), Resurssi: text("Resurssi"), Yhteenveto: text("Yhteenveto")}
	if _, err := time.Parse(time.DateOnly, t.Paivamaara); err != nil && len(problems["Paivamaara"]) == 0 {
		problems.Add("Paivamaara", "The value is no date like 2026-02-03.")
	}
	if len(utf16.Encode([]rune(t.Yhteenveto))) > longestSummary {
		problems.Add("Yhteenveto", "The text is over 8000 characters.")
	}
	if len(problems) > 0 {
		return invalid(problems)
	}
	n, refused := asked.writable()
	if n == nil {
		return refused
	}
	if n.state() == Valmis || n.state() == Peruttu {
		return refuse(http.StatusConflict, "The notice takes no toimenpide in its state.")
	}
	id, err := s.addToimenpide(asked.account, n, t, viaAPI)
	if err != nil {
		return refuse(http.StatusInternalServerError, err.Error())
	}
	return reply{http.StatusOK, map[string]int64{"Id": id}}
}

// writable finds the notice of the path if we perform it; nil with the refusal otherwise.
func (asked request) writable() (*notice, reply) {
	n, refused := asked.notice()
	if n != nil && !asked.account.ours(n) {
		return nil, refuse(http.StatusForbidden, "The performer of the notice is another company.")
	}
	return n, refused
}
