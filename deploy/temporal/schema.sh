#!/bin/sh
# Brings both of Temporal's databases to the schema of this image's version. It can be run again at any time: what is
# there already is left as it is, and an upgrade of the images brings its own steps.
set -eu
SQL_PASSWORD=$(cat /run/secrets/postgres_password)
export SQL_PASSWORD

bring_up_to_date() { # database, folder of its schema
  temporal-sql-tool --database "$1" create-database
  temporal-sql-tool --database "$1" setup-schema -v 0.0
  temporal-sql-tool --database "$1" update-schema -d "/etc/temporal/schema/postgresql/v12/$2/versioned"
}

bring_up_to_date temporal temporal
bring_up_to_date temporal_visibility visibility
