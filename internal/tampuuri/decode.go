package tampuuri

import (
	"encoding/json"
	"strings"
	"time"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
)

// decodeNotice reads one notice: only the fields that something is made of. Id, Tila and Muokattu are required. So is KohdeId
// by the contract, but a notice without it is read with PropertyID 0: the task is then made without an address, which loses
// less than the notice. A performer may be missing (0), but one that cannot be read is an error: the notice would silently be
// nobody's. Any other optional id or text that cannot be read is absent; a date says so.
func decodeNotice(raw []byte, withToimenpiteet bool) (notice.Notice, error) {
	o, err := decodeObject(raw)
	if err != nil {
		return notice.Notice{}, err
	}
	n := notice.Notice{
		ID:           o.id("Id"),
		GUID:         o.verbatim("Guid"),
		ParentID:     o.id("ParentId"),
		State:        notice.State(strings.TrimSpace(o.text("Tila"))),
		Modified:     o.moment("Muokattu").At,
		Created:      o.moment("IlmoitusTehty"),
		Earliest:     o.moment("SuoritusaikaAikaisintaan"),
		Latest:       o.moment("SuoritusaikaViimeistään"),
		ReadyBy:      o.moment("TyöValmisViimeistään"),
		FaultClass:   o.text("Vikaluokka"),
		Urgency:      o.text("Kiireellisyys"),
		PropertyID:   o.id("KohdeId"),
		Property:     o.text("Kiinteistö"),
		Space:        o.text("Huoneisto"),
		Title:        o.text("TyötehtävänOtsikko"),
		Description:  o.text("TyötehtävänKuvaus"),
		Additional:   o.text("TyötehtävänLisätiedot"),
		Access:       o.text("Sisäänpääsy"),
		Pets:         o.text("Kotieläimet"),
		ContactName:  o.text("TyotehtavanYhteysHenkilo"),
		ContactPhone: o.text("TyotehtavanYhteysHenkiloPuhelinnumero"),
		PerformerID:  o.id("TyonsuorittajaYritysId"),
		Orderer:      person(o, "Tilaaja", "Tilaajan"),
		Reporter:     person(o, "Ilmoittaja", "Ilmoittajan"),
		Payer:        person(o, "Maksaja", "Maksajan"),
	}
	performer := o.get("TyonsuorittajaYritysId")
	switch {
	case n.ID == 0:
		return notice.Notice{}, fieldError("Id")
	case n.State == "":
		return notice.Notice{}, fieldError("Tila")
	case n.Modified.IsZero():
		return notice.Notice{}, fieldError("Muokattu")
	case performer != nil && !isBlank(performer) && o.count("TyonsuorittajaYritysId") == nil:
		return notice.Notice{}, fieldError("TyonsuorittajaYritysId")
	}
	if withToimenpiteet {
		n.Toimenpiteet, err = decodeToimenpiteet(o.list("Toimenpiteet"))
		n.NoToimenpiteet = err != nil
	}
	return n, nil
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
		date := o.moment("Paivamaara")
		if date.Unreadable {
			return nil, fieldError("Paivamaara")
		}
		for _, field := range []string{"Resurssi", "Yhteenveto"} {
			if value := o.get(field); value != nil && value[0] != '"' {
				return nil, fieldError(field)
			}
		}
		t := notice.Toimenpide{Resource: o.verbatim("Resurssi"), Summary: o.verbatim("Yhteenveto")}
		if !date.IsZero() { // people may leave it out of one that they add by hand
			t.Date = date.At.Format(time.DateOnly)
		}
		all = append(all, t)
	}
	return all, nil
}

// decodeRows reads a list of notices.
func decodeRows(raw []byte) (Page, error) {
	rows, err := decodeList(raw)
	if err != nil {
		return Page{}, err
	}
	page := Page{Total: len(rows)}
	for _, row := range rows {
		n, err := decodeNotice(row, false)
		if err == nil {
			page.Items = append(page.Items, n)
			continue
		}
		o, _ := decodeObject(row) // of what is no object, nothing is known
		page.Unreadable = append(page.Unreadable, peer.Unreadable[int64]{ID: o.id("Id"), Modified: o.moment("Muokattu").At})
	}
	return page, nil
}

// decodePage reads a page and checks that it is the one asked for: a server that
// ignores Offset would give its first page for ever.
func decodePage(raw []byte, offset int) (Page, error) {
	o, err := decodeObject(raw)
	if err != nil {
		return Page{}, err
	}
	if o.get("Offset") != nil {
		if got := o.count("Offset"); got == nil || int64(*got) != int64(offset) {
			return Page{}, fieldError("Offset")
		}
	}
	total := o.count("Total")
	items := o.get("Items")
	if total != nil && *total == 0 {
		items = o.list("Items")
	}
	page, err := decodeRows(items)
	if err != nil {
		return Page{}, fieldError("Items")
	}
	page.Total = peer.TotalOf(total, offset, page.Total)
	return page, nil
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
