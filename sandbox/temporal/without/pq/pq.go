// Package pq stands in for the older client of PostgreSQL. The sandbox keeps its data in SQLite.
package pq

import (
	"database/sql/driver"
	"errors"
)

var errLeftOut = errors.New("this server is built without PostgreSQL")

type (
	Driver struct{}
	Error  struct{ Code, Message string }
)

// NewConnector fails.
func NewConnector(string) (driver.Connector, error) { return nil, errLeftOut }

func (*Driver) Open(string) (driver.Conn, error) { return nil, errLeftOut }
func (e *Error) Error() string                   { return e.Message }
