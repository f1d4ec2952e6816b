package peer

import "time"

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
