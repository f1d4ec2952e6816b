// Package pgx stands in for the client of PostgreSQL. The sandbox keeps its data in SQLite.
package pgx

import "errors"

type (
	ConnConfig struct{}
	Conn       struct{}
	// TypeMap is pgtype.Map in the original.
	TypeMap struct{}
)

// ParseConfig fails, so that no other function here is ever reached.
func ParseConfig(string) (*ConnConfig, error) {
	return nil, errors.New("this server is built without PostgreSQL")
}

func (*Conn) TypeMap() *TypeMap                    { return nil }
func (*TypeMap) RegisterDefaultPgType(any, string) {}
