package tampuuri

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"tampuuri-hillava/sandbox/strict"
)

const (
	mostRows = 100 // of one list page
	mostIDs  = 100 // of one hae
)

// page is the answer of list.
type page struct {
	Offset int              `json:"Offset"`
	Limit  int              `json:"Limit"`
	Total  int              `json:"Total"`
	Items  []map[string]any `json:"Items"`
}

// listQuery is the query of list.
type listQuery struct {
	performer     int64
	since         time.Time // zero: from the beginning
	offset, limit int
}

func readListQuery(rawQuery string) (listQuery, strict.Problems) {
	values, problems := strict.Query(rawQuery, "TyonsuorittajaYritysId", "MuokattuAlkaen", "Offset", "Limit")
	q := listQuery{limit: mostRows}
	if text, given := values["TyonsuorittajaYritysId"]; !given {
		problems.Add("TyonsuorittajaYritysId", "The parameter is required.")
	} else if id, ok := readID(text); !ok {
		problems.Add("TyonsuorittajaYritysId", "The value is no positive integer.")
	} else {
		q.performer = id
	}
	if text, given := values["MuokattuAlkaen"]; given {
		since, err := parseMoment(text)
		if err != nil {
			problems.Add("MuokattuAlkaen", "The value is "+err.Error()+".")
		}
		q.since = since
	}
	if text, given := values["Offset"]; given {
		offset, ok := readCount(text)
		if !ok {
			problems.Add("Offset", "The value is no integer from 0.")
		}
		q.offset = offset
	}
	if text, given := values["Limit"]; given {
		limit, ok := readCount(text)
		if !ok || limit < 1 || limit > mostRows {
			problems.Add("Limit", "The value is no integer from 1 to 100.")
		}
		q.limit = limit
	}
	return q, problems
}

// list answers one page of the notices of a performer, whatever their state.
func (s *Server) list(asked request) reply {
	q, problems := readListQuery(asked.query)
	if len(problems) > 0 {
		return invalid(problems)
	}
	found := page{Offset: q.offset, Limit: q.limit, Items: []map[string]any{}}
	for _, n := range asked.account.ordered() {
		if n.performer() != q.performer || n.modified.Before(q.since) {
			continue
		}
		if found.Total >= q.offset && len(found.Items) < q.limit {
			found.Items = append(found.Items, n.wire())
		}
		found.Total++
	}
	return reply{http.StatusOK, found}
}

// read answers one notice with its toimenpiteet, whoever its performer is.
func (s *Server) read(asked request) reply {
	n, refused := asked.notice()
	if n == nil {
		return refused
	}
	return reply{http.StatusOK, n.wireFull()}
}

// hae answers many notices in the order asked, each once.
func (s *Server) hae(asked request) reply {
	ids, refused, ok := asked.ids()
	if !ok {
		return refused
	}
	found, given := []map[string]any{}, map[int64]bool{}
	for _, id := range ids {
		if n := asked.account.notices[id]; n != nil && !given[id] {
			given[id] = true
			found = append(found, n.wire())
		}
	}
	return reply{http.StatusOK, found}
}

// ids reads the body of hae.
func (asked request) ids() ([]int64, reply, bool) {
	fields, refused, ok := asked.fields("IlmoitusIdt")
	if !ok {
		return nil, refused, false
	}
	var numbers []json.RawMessage // json.Number would take "101" for 101
	value := fields["IlmoitusIdt"]
	if value == nil || strict.IsNull(value) || json.Unmarshal(value, &numbers) != nil {
		return nil, invalidField("IlmoitusIdt", "The field is no list of integers."), false
	}
	if len(numbers) < 1 || len(numbers) > mostIDs {
		return nil, invalidField("IlmoitusIdt", "The list has not 1 to 100 ids."), false
	}
	ids := make([]int64, 0, len(numbers))
	for _, number := range numbers {
		id, ok := readID(string(number))
		if !ok {
			return nil, invalidField("IlmoitusIdt", "The list holds something other than ids."), false
		}
		ids = append(ids, id)
	}
	return ids, reply{}, true
}

// kohde answers one property.
func (s *Server) kohde(asked request) reply {
	if asked.query != "" {
		return invalidField("query", "The call has no parameters.")
	}
	id, ok := readID(asked.id)
	if !ok {
		return invalidField("KohdeId", "The id is no positive integer.")
	}
	property, known := asked.account.properties[id]
	if !known {
		return refuse(http.StatusNotFound, "The property does not exist.")
	}
	return reply{http.StatusOK, property.wire()}
}

func (p Property) wire() map[string]any {
	orNull := func(text string) any {
		if text == "" {
			return nil
		}
		return text
	}
	return map[string]any{
		"Id": p.ID, "Nimi": orNull(p.Nimi), "Katuosoite": orNull(p.Katuosoite), "Postinumero": orNull(p.Postinumero),
		"Postitoimipaikka": orNull(p.Postitoimipaikka),
	}
}

// notice finds the notice of the path; nil with the refusal when there is none.
func (asked request) notice() (*notice, reply) {
	if asked.query != "" {
		return nil, invalidField("query", "The call has no parameters.")
	}
	id, ok := readID(asked.id)
	if !ok {
		return nil, invalidField("Id", "The id is no positive integer.")
	}
	n := asked.account.notices[id]
	if n == nil {
		return nil, refuse(http.StatusNotFound, "The notice does not exist.")
	}
	return n, reply{}
}

var digits = regexp.MustCompile(`^(0|[1-9]\d*)$`)

// readID reads a positive integer without sign or leading zeros.
func readID(text string) (int64, bool) {
	if !digits.MatchString(text) {
		return 0, false
	}
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil && id > 0
}

// readCount reads an integer from 0.
func readCount(text string) (int, bool) {
	if !digits.MatchString(text) {
		return 0, false
	}
	count, err := strconv.Atoi(text)
	return count, err == nil
}
