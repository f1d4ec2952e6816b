package tampuuri

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
)

// decodeNotice reads one notice: only the fields that something is made of. Id, Tila and Muokattu are required. So is KohdeId
// by the contract, but a notice without it is read with PropertyID 0: the task is then made without an address, which loses
// less than the notice. A performer may be missing (0), but one that cannot be read is an error: the notice would silently be
// nobody's. Any other optional id or text that cannot be read is absent; a date says so, and see person.
func decodeNotice(raw []byte, withToimenpiteet bool) (notice.Notice, error) {
	o, err := peer.ParseObject(raw)
	if err != nil {
		return notice.Notice{}, err
	}
	n := notice.Notice{
		ID:           o.ID("Id"),
		GUID:         o.Verbatim("Guid"),
		ParentID:     o.ID("ParentId"),
		State:        notice.State(strings.TrimSpace(o.Text("Tila"))),
		Modified:     moment(o, "Muokattu").At,
		Created:      moment(o, "IlmoitusTehty"),
		Earliest:     moment(o, "SuoritusaikaAikaisintaan"),
		Latest:       moment(o, "SuoritusaikaViimeistään"),
		ReadyBy:      moment(o, "TyöValmisViimeistään"),
		FaultClass:   o.Text("Vikaluokka"),
		Urgency:      o.Text("Kiireellisyys"),
		PropertyID:   o.ID("KohdeId"),
		Property:     o.Text("Kiinteistö"),
		Space:        o.Text("Huoneisto"),
		Title:        o.Text("TyötehtävänOtsikko"),
		Description:  o.Text("TyötehtävänKuvaus"),
		Additional:   o.Text("TyötehtävänLisätiedot"),
		Access:       o.Text("Sisäänpääsy"),
		Pets:         o.Text("Kotieläimet"),
		ContactName:  o.Text("TyotehtavanYhteysHenkilo"),
		ContactPhone: o.Text("TyotehtavanYhteysHenkiloPuhelinnumero"),
		PerformerID:  o.ID("TyonsuorittajaYritysId"),
		Orderer:      person(o, "Tilaaja", "Tilaajan"),
		Reporter:     person(o, "Ilmoittaja", "Ilmoittajan"),
		Payer:        person(o, "Maksaja", "Maksajan"),
	}
	switch {
	case n.ID == 0:
		return notice.Notice{}, peer.FieldError("Id")
	case n.State == "":
		return notice.Notice{}, peer.FieldError("Tila")
	case n.Modified.IsZero():
		return notice.Notice{}, peer.FieldError("Muokattu")
	case o.Says("TyonsuorittajaYritysId") && o.Count("TyonsuorittajaYritysId") == nil:
		return notice.Notice{}, peer.FieldError("TyonsuorittajaYritysId")
	}
	if withToimenpiteet {
		n.Toimenpiteet, err = decodeToimenpiteet(o.List("Toimenpiteet"))
		n.NoToimenpiteet = err != nil
	}
	return n, nil
}

// person reads one role: the name under name, the rest under the genitive. What is only to be searched for is taken whatever
// its type, as a name that nobody could read would stay in the texts.
func person(o peer.Object, name, genitive string) notice.Person {
	text, flag := o.Text, turvakielto(o, genitive+"Turvakielto")
	if flag.Set() {
		text = o.Said
	}
	return notice.Person{
		ID:          o.ID(name + "Id"),
		Name:        text(name),
		Street:      text(genitive + "Katuosoite"),
		PostalCode:  text(genitive + "Postinumero"),
		City:        text(genitive + "Postitoimipaikka"),
		Phone:       text(genitive + "Puhelin"),
		Phone2:      text(genitive + "Puhelin2"),
		Email:       text(genitive + "Sähköposti"),
		Turvakielto: flag,
	}
}

// decodeToimenpiteet reads the whole list or fails: a row left out would look
// like one that was never sent, and be sent again. Texts stay verbatim, as they
// are compared with what we sent.
func decodeToimenpiteet(raw json.RawMessage) ([]notice.Toimenpide, error) {
	rows, err := peer.ParseList(raw)
	if err != nil {
		return nil, peer.FieldError("Toimenpiteet")
	}
	var all []notice.Toimenpide
	for _, row := range rows {
		o, err := peer.ParseObject(row)
		if err != nil {
			return nil, peer.FieldError("Toimenpiteet")
		}
		date := moment(o, "Paivamaara")
		if date.Unreadable {
			return nil, peer.FieldError("Paivamaara")
		}
		for _, field := range []string{"Resurssi", "Yhteenveto"} {
			if value := o.Get(field); value != nil && value[0] != '"' {
				return nil, peer.FieldError(field)
			}
		}
		t := notice.Toimenpide{Resource: o.Verbatim("Resurssi"), Summary: o.Verbatim("Yhteenveto")}
		if !date.IsZero() { // people may leave it out of one that they add by hand
			t.Date = date.At.Format(time.DateOnly)
		}
		all = append(all, t)
	}
	return all, nil
}

// decodeRows reads a list of notices.
func decodeRows(raw []byte) (Page, error) {
	rows, err := peer.ParseList(raw)
	if err != nil {
		return Page{}, err
	}
	total := int64(len(rows))
	return pageOf(rows, 0, &total), nil
}

func pageOf(rows []json.RawMessage, offset int, total *int64) Page {
	decode := func(row []byte) (notice.Notice, error) { return decodeNotice(row, false) }
	return peer.PageOf(rows, offset, total, decode, func(o peer.Object) peer.Unreadable[int64] {
		return peer.Unreadable[int64]{ID: o.ID("Id"), Modified: moment(o, "Muokattu").At}
	})
}

// decodePage reads a page and checks that it is the one asked for: a server that
// ignores Offset would give its first page for ever.
func decodePage(raw []byte, offset int) (Page, error) {
	o, err := peer.ParseObject(raw)
	if err != nil {
		return Page{}, err
	}
	if got := o.Count("Offset"); o.Get("Offset") != nil && (got == nil || *got != int64(offset)) {
		return Page{}, peer.FieldError("Offset")
	}
	rows, total, err := o.Rows("Items", "Total")
	if err != nil {
		return Page{}, err
	}
	return pageOf(rows, offset, total), nil
}

// decodeWritten reads the answer of a write, {"Id":…}.
func decodeWritten(raw []byte) (int64, error) {
	o, err := peer.ParseObject(raw)
	if err != nil {
		return 0, err
	}
	id := o.ID("Id")
	if id == 0 {
		return 0, peer.FieldError("Id")
	}
	return id, nil
}

func decodeProperty(raw []byte) (notice.Property, error) {
	o, err := peer.ParseObject(raw)
	if err != nil {
		return notice.Property{}, err
	}
	p := notice.Property{
		ID: o.ID("Id"), Name: o.Text("Nimi"), Street: o.Text("Katuosoite"),
		PostalCode: o.Text("Postinumero"), City: o.Text("Postitoimipaikka"),
	}
	if p.ID == 0 {
		return notice.Property{}, peer.FieldError("Id")
	}
	return p, nil
}

// moment gives a date or time. What is missing, null or blank is absent.
func moment(o peer.Object, key string) notice.Moment {
	text := o.Verbatim(key)
	m, err := notice.ParseMoment(text)
	if err != nil || text == "" && o.Says(key) {
		return notice.Moment{Unreadable: true}
	}
	return m
}

// turvakielto reads the flag. Among several spellings the ones that are not null
// count, and one that is set, or else one that cannot be read, wins: the flag fails closed.
func turvakielto(o peer.Object, key string) notice.Turvakielto {
	values, present := o.Values(key)
	answer := notice.ParseTurvakielto(nil, present)
	for i, raw := range values {
		// As it is written: 1e-400 is not zero, but the nearest float64 is.
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		var value any
		_ = decoder.Decode(&value) // it stays nil, which is unknown
		switch read := notice.ParseTurvakielto(value, true); {
		case read == notice.TurvakieltoSet:
			return read
		case i == 0 || read == notice.TurvakieltoUnknown:
			answer = read
		}
	}
	return answer
}
