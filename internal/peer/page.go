package peer

import (
	"encoding/json"
	"math"
	"time"
)

// Page is a list, or a part of one, as far as it could be read: a row that cannot be read hides none of the others.
type Page[Row any, ID comparable] struct {
	Items []Row
	// Unreadable are the rows that could not be read. Whoever takes a row that is not among Items for one that is gone, or
	// passes a mark over them, must look here first.
	Unreadable []Unreadable[ID]
	// Total is what the peer says; see TotalOf. It alone does not end a list: a full page may have another one behind it.
	Total int
}

// Unreadable is what could be read of such a row: its id and time of modification, each zero when not even that could be.
type Unreadable[ID comparable] struct {
	ID       ID
	Modified time.Time
}

// PageOf decodes the rows of a list at an offset, of which the peer says that total; position reads what it can of a row
// that decode refuses, of what is no object nothing.
func PageOf[Row any, ID comparable](
	rows []json.RawMessage, offset int, total *int64, decode func([]byte) (Row, error), position func(Object) Unreadable[ID],
) Page[Row, ID] {
	page := Page[Row, ID]{Total: TotalOf(total, offset, len(rows))}
	for _, row := range rows {
		if item, err := decode(row); err == nil {
			page.Items = append(page.Items, item)
			continue
		}
		o, _ := ParseObject(row)
		page.Unreadable = append(page.Unreadable, position(o))
	}
	return page
}

// NoTotal is the Total of a list that says none which can be meant: none at all, or fewer than the rows that came. Such a
// list ends with its first page without rows.
const NoTotal = math.MaxInt

// TotalOf gives the Total of a page with so many rows at an offset, from what its answer says.
func TotalOf(said *int64, offset, rows int) int {
	if said == nil || *said < 0 || rows > 0 && *said < int64(offset)+int64(rows) {
		return NoTotal
	}
	return int(*said)
}
