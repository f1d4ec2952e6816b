#!/usr/bin/env bash
# Does at the start of a container what the official image is known to do: as root it gives its folders to postgres and
# goes on as that user; with an empty PGDATA it runs initdb, then a temporary server that listens on the socket only (so
# that a check of the socket succeeds minutes before anybody can connect), makes the database, runs what is in
# /docker-entrypoint-initdb.d, stops that server, and only then becomes the one that listens on the network.
set -Eeo pipefail

[[ $1 != -* ]] || set -- postgres "$@"
[ "$1" = postgres ] || exec "$@"

from_file() { # variable, default: VARIABLE, or the content of the file that VARIABLE_FILE names
  local file=${1}_FILE value=${!1:-}
  [ -z "${!file:-}" ] || value=$(<"${!file}")
  export "$1=${value:-$2}"
}
from_file POSTGRES_PASSWORD ''
from_file POSTGRES_USER postgres
from_file POSTGRES_DB "$POSTGRES_USER"

mkdir -p "$PGDATA"
chmod 0700 "$PGDATA" || true
chmod 3775 /var/run/postgresql || true # refused where a tmpfs is mounted
if [ "$(id -u)" = 0 ]; then
  chown -R postgres: "$PGDATA" /var/run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
[ ! -s "$PGDATA/PG_VERSION" ] || exec "$@"

[ -n "$POSTGRES_PASSWORD" ] || { echo "Error: the database is new and POSTGRES_PASSWORD is not set" >&2; exit 1; }
eval "initdb --username=\"\$POSTGRES_USER\" --pwfile=<(printf '%s\n' \"\$POSTGRES_PASSWORD\") ${POSTGRES_INITDB_ARGS:-}"
printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption)}" >>"$PGDATA/pg_hba.conf"

export PGPASSWORD=$POSTGRES_PASSWORD
pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
run() { psql -v ON_ERROR_STOP=1 --no-psqlrc --username="$POSTGRES_USER" --dbname="$@"; }
[ "$POSTGRES_DB" = postgres ] || run postgres -c "CREATE DATABASE \"$POSTGRES_DB\""
for file in /docker-entrypoint-initdb.d/*; do
  case $file in
  *.sh) . "$file" ;;
  *.sql) run "$POSTGRES_DB" -f "$file" ;;
  esac
done
pg_ctl -D "$PGDATA" -m fast -w stop
unset PGPASSWORD
exec "$@"
