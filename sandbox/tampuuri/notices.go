package tampuuri

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// account is a customer's Tampuuri with what is in it.
type account struct {
	Account
	notices        map[int64]*notice
	properties     map[int64]Property
	latest         time.Time // the last Muokattu given; the next one is later
	lastNotice     int64     // highest notice id so far
	lastToimenpide int64
	came           int // how many notices so far, deleted ones too
}

// notice keeps the wire fields as they were given, in their own spelling; Muokattu among them.
type notice struct {
	id            int64
	place         int // in the order in which the account's notices came
	fields        map[string]any
	modified      time.Time
	toimenpiteet  []Toimenpide
	notifications []Notification
}

var spelling = strings.NewReplacer("ä", "a", "ö", "o", "å", "a")

// fold makes one name of all spellings of a field: TyöValmisViimeistään and TyoValmisViimeistaan are the same.
func fold(name string) string { return spelling.Replace(strings.ToLower(name)) }

// key is the spelling that this notice has for a field, or the given one when it has none.
func (n *notice) key(name string) string {
	if _, present := n.fields[name]; present {
		return name
	}
	for _, present := range slices.Sorted(maps.Keys(n.fields)) {
		if fold(present) == fold(name) {
			return present
		}
	}
	return name
}

func (n *notice) value(name string) any { return n.fields[n.key(name)] }

func (n *notice) set(name string, value any) { n.fields[n.key(name)] = value }

// setIfPresent changes a field only where the notice has it, so that none appears out of nowhere.
func (n *notice) setIfPresent(name string, value any) {
	if _, present := n.fields[n.key(name)]; present {
		n.set(name, value)
	}
}

func (n *notice) text(name string) string {
	text, _ := n.value(name).(string)
	return text
}

// number reads an integer field; 0 when it is absent, null or no integer.
func (n *notice) number(name string) int64 {
	value, ok := n.value(name).(json.Number)
	if !ok {
		return 0
	}
	number, err := value.Int64()
	if err != nil {
		return 0
	}
	return number
}

func (n *notice) state() string { return n.text("Tila") }

func (n *notice) performer() int64 { return n.number("TyonsuorittajaYritysId") }

// wire is the notice as list and hae give it.
func (n *notice) wire() map[string]any { return maps.Clone(n.fields) }

// wireFull is the notice as read gives it.
func (n *notice) wireFull() map[string]any {
	full := n.wire()
	full["Toimenpiteet"] = append([]Toimenpide{}, n.toimenpiteet...)
	return full
}

// touch moves Muokattu.
func (n *notice) touch(at time.Time) {
	n.modified = at
	n.set("Muokattu", wireMoment(at))
}

// raw copies fields as JSON has them, numbers as they were written. Names that start with _ are notes, not fields.
func raw(fields map[string]any) (map[string]any, error) {
	text, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("the fields are no JSON: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	copied := map[string]any{}
	if err := decoder.Decode(&copied); err != nil {
		return nil, fmt.Errorf("the fields are no JSON: %w", err)
	}
	maps.DeleteFunc(copied, func(name string, _ any) bool { return strings.HasPrefix(name, "_") })
	return copied, nil
}

// newNotice makes a notice of raw fields: an absent Id, Tila or Muokattu gets its value here.
func (a *account) newNotice(fields map[string]any, now func() time.Time) (*notice, error) {
	copied, err := raw(fields)
	if err != nil {
		return nil, err
	}
	n := &notice{fields: copied}
	if n.value("Id") == nil {
		n.set("Id", number(a.lastNotice+1))
	}
	if n.value("Tila") == nil {
		n.set("Tila", "Uusi")
	}
	var problems []error
	if n.id = n.number("Id"); n.id <= 0 {
		problems = append(problems, errors.New("Id is no positive integer"))
	}
	if a.notices[n.id] != nil {
		problems = append(problems, fmt.Errorf("the Id %d is in use", n.id))
	}
	if n.state() == "" {
		problems = append(problems, errors.New("Tila is no text"))
	}
	if n.number("KohdeId") <= 0 {
		problems = append(problems, errors.New("KohdeId is no positive integer; every notice has one"))
	}
	if n.value("Muokattu") == nil {
		n.touch(a.next(now))
	} else if n.modified, err = parseMoment(n.text("Muokattu")); err != nil {
		problems = append(problems, fmt.Errorf("Muokattu: %w", err))
	}
	return n, errors.Join(problems...)
}

// next is the moment of a change: now, but later than every Muokattu before, so that rows that change go to the end.
func (a *account) next(now func() time.Time) time.Time {
	at := now().Truncate(tick)
	if !at.After(a.latest) {
		at = a.latest.Truncate(tick).Add(tick)
	}
	return at
}

// keep makes a notice part of the account.
func (a *account) keep(n *notice) {
	a.came++
	n.place = a.came
	a.notices[n.id] = n
	a.lastNotice = max(a.lastNotice, n.id)
	a.seen(n.modified)
}

func (a *account) seen(at time.Time) {
	if at.After(a.latest) {
		a.latest = at
	}
}

// ours reports whether we perform the notice and so may write to it.
func (a *account) ours(n *notice) bool { return slices.Contains(a.OurPerformers, n.performer()) }

// ordered returns the notices by Muokattu, then Id.
func (a *account) ordered() []*notice {
	return slices.SortedFunc(maps.Values(a.notices), func(x, y *notice) int {
		return cmp.Or(x.modified.Compare(y.modified), cmp.Compare(x.id, y.id))
	})
}
