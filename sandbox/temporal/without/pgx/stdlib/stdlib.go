// Package stdlib stands in for the driver of PostgreSQL.
package stdlib

import (
	"context"
	"database/sql/driver"

	"github.com/jackc/pgx/v5"
)

type OptionOpenDB struct{}

func OptionAfterConnect(func(context.Context, *pgx.Conn) error) OptionOpenDB { return OptionOpenDB{} }
func GetConnector(pgx.ConnConfig, ...OptionOpenDB) driver.Connector          { return nil }
func GetDefaultDriver() driver.Driver                                        { return nil }
