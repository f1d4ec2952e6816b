package tampuuri

import (
	"encoding/json"
	"strings"
	"time"

	"tampuuri-hillava/internal/notice"
)

// decodeNotice reads one notice. Id, Tila and Muokattu are required. KohdeId is
// too by the contract, but a notice without it is read with PropertyID 0: the
// task is then made without an address, which loses less than the notice. An
// unreadable optional id, date or text is absent.
func decodeNotice(raw []byte, withToimenpiteet bool) (notice.Notice, error) {
	o, err := decodeObject(raw)
	if err != nil {
		return notice.Notice{}, err
	}
	n := notice.Notice{
		ID:                  o.id("Id"),
		GUID:                o.verbatim("Guid"),
		ParentID:            o.id("ParentId"),
		State:               notice.State(strings.TrimSpace(o.text("Tila"))),
		Modified:            o.moment("Muokattu").At,
		Created:             o.moment("IlmoitusTehty"),
		Earliest:            o.moment("SuoritusaikaAikaisintaan"),
		Latest:              o.moment("SuoritusaikaViimeistään"),
		ReadyBy:             o.moment("TyöValmisViimeistään"),
		FaultClass:          o.text("Vikaluokka"),
		Urgency:             o.text("Kiireellisyys"),
		PropertyID:          o.id("KohdeId"),
		Property:            o.text("Kiinteistö"),
		SpaceID:             o.id("HuoneistoId"),
		Space:               o.text("Huoneisto"),
		RegistrarID:         o.id("KirjaajaId"),
		RegistrarName:       o.text("KirjaajaNimi"),
		Title:               o.text("TyötehtävänOtsikko"),
		Description:         o.text("TyötehtävänKuvaus"),
		Additional:          o.text("TyötehtävänLisätiedot"),
		Access:              o.text("Sisäänpääsy"),
		Pets:                o.text("Kotieläimet"),
		ContactName:         o.text("TyotehtavanYhteysHenkilo"),
		ContactPhone:        o.text("TyotehtavanYhteysHenkiloPuhelinnumero"),
		PerformerID:         o.id("TyonsuorittajaYritysId"),
		PerformerName:       o.text("TyonsuorittajaYritysNimi"),
		PerformerPersonID:   o.id("TyonsuorittajaHenkiloId"),
		PerformerPersonName: o.text("TyonsuorittajaHenkiloNimi"),
		Orderer:             person(o, "Tilaaja", "Tilaajan"),
		Reporter:            person(o, "Ilmoittaja", "Ilmoittajan"),
		Payer:               person(o, "Maksaja", "Maksajan"),
	}
	switch {
	case n.ID == 0:
		return notice.Notice{}, fieldError("Id")
	case n.State == "":
		return notice.Notice{}, fieldError("Tila")
	case n.Modified.IsZero():
		return notice.Notice{}, fieldError("Muokattu")
	}
	if !withToimenpiteet {
		return n, nil
	}
	toimenpiteet := o.list("Toimenpiteet")
	if n.NoToimenpiteet = toimenpiteet == nil; n.NoToimenpiteet {
		return n, nil
	}
	n.Toimenpiteet, err = decodeToimenpiteet(toimenpiteet)
	return n, err
}

// person reads one role: the name under name, the rest under the genitive.
func person(o object, name, genitive string) notice.Person {
	return notice.Person{
		ID:          o.id(name + "Id"),
		Name:        o.text(name),
		Street:      o.text(genitive + "Katuosoite"),
		PostalCode:  o.text(genitive + "Postinumero"),
		City:        o.text(genitive + "Postitoimipaikka"),
		Phone:       o.text(genitive + "Puhelin"),
		Phone2:      o.text(genitive + "Puhelin2"),
		Email:       o.text(genitive + "Sähköposti"),
		Turvakielto: o.turvakielto(genitive + "Turvakielto"),
	}
}

// decodeToimenpiteet reads the whole list or fails: a row left out would look
// like one that was never sent, and be sent again. Texts stay verbatim, as they
// are compared with what we sent.
func decodeToimenpiteet(raw json.RawMessage) ([]notice.Toimenpide, error) {
	rows, err := decodeList(raw)
	if err != nil {
		return nil, fieldError("Toimenpiteet")
	}
	var all []notice.Toimenpide
	for _, row := range rows {
		o, err := decodeObject(row)
		if err != nil {
			return nil, fieldError("Toimenpiteet")
		}
		date, err := day(o.verbatim("Paivamaara"))
		if err != nil {
			return nil, fieldError("Paivamaara")
		}
		for _, field := range []string{"Resurssi", "Yhteenveto"} {
			if value := o.get(field); value != nil && value[0] != '"' {
				return nil, fieldError(field)
			}
		}
		all = append(all, notice.Toimenpide{
			ID: o.id("Id"), Date: date, Resource: o.verbatim("Resurssi"), Summary: o.verbatim("Yhteenveto"),
		})
	}
	return all, nil
}

// day gives a date or a time as YYYY-MM-DD in Helsinki, "" for none: people may
// leave the date out of a toimenpide that they add by hand.
func day(s string) (string, error) {
	m, err := notice.ParseMoment(s)
	switch {
	case err != nil || m.At.Year() > 9999: // the last evening of 9999 in UTC is a year later here
		return "", errDate
	case m.IsZero():
		return "", nil
	}
	return m.At.Format(time.DateOnly), nil
}

// decodeRows reads a list of notices; rows that cannot be read are given back by
// their Id, 0 when it is unknown.
func decodeRows(raw []byte) (good []notice.Notice, skipped []int64, err error) {
	rows, err := decodeList(raw)
	if err != nil {
		return nil, nil, err
	}
	for _, row := range rows {
		n, err := decodeNotice(row, false)
		if err == nil {
			good = append(good, n)
			continue
		}
		var id int64
		if o, err := decodeObject(row); err == nil {
			id = o.id("Id")
		}
		skipped = append(skipped, id)
	}
	return good, skipped, nil
}

// decodePage reads a page and checks that it is the one asked for: a server that
// ignores Offset would give its first page for ever.
func decodePage(raw []byte, offset int) (Page, error) {
	o, err := decodeObject(raw)
	if err != nil {
		return Page{}, err
	}
	total, ok := o.count("Total")
	if !ok {
		return Page{}, fieldError("Total")
	}
	if o.get("Offset") != nil {
		if got, ok := o.count("Offset"); !ok || got != int64(offset) {
			return Page{}, fieldError("Offset")
		}
	}
	items := o.get("Items")
	if total == 0 {
		items = o.list("Items")
	}
	good, skipped, err := decodeRows(items)
	if err != nil {
		return Page{}, fieldError("Items")
	}
	return Page{
		Offset: offset, Limit: int(o.id("Limit")), Total: int(total), Items: good, Skipped: skipped,
	}, nil
}

// decodeWritten reads the answer of a write, {"Id":…}.
func decodeWritten(raw []byte) (int64, error) {
	o, err := decodeObject(raw)
	if err != nil {
		return 0, err
	}
	id := o.id("Id")
	if id == 0 {
		return 0, fieldError("Id")
	}
	return id, nil
}

func decodeProperty(raw []byte) (notice.Property, error) {
	o, err := decodeObject(raw)
	if err != nil {
		return notice.Property{}, err
	}
	p := notice.Property{
		ID: o.id("Id"), Name: o.text("Nimi"), Street: o.text("Katuosoite"),
		PostalCode: o.text("Postinumero"), City: o.text("Postitoimipaikka"),
	}
	if p.ID == 0 {
		return notice.Property{}, fieldError("Id")
	}
	return p, nil
}
