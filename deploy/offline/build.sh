#!/usr/bin/env bash
# Builds, where no image registry can be reached, what docker-compose.yml and the Dockerfile name, under those very names:
#   deploy/offline/build.sh [further images, like temporalio/server:1.31.4]
# From Debian packages and Go modules, with this machine's own settings for both; as root, on Debian, with Docker and the
# Go that go.mod names. The first run takes many minutes, as it compiles Temporal; one with nothing to do, a second.
# README.md beside it says what the imitations keep of the official images, and what not. An image of such a name that
# was pulled is left as it is.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# The admin-tools of 1.32 have the CLI 1.9; its modules are not complete without its repository since 1.6.
cli=v1.5.1
label=tampuuri-hillava.offline
alpine=tampuuri-hillava-offline/alpine:1
# The classic builder: the newer one is not there with every engine, and makes another thing of the same files.
export DOCKER_BUILDKIT=0 CGO_ENABLED=0 GOWORK=off

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

say() { echo "$(date +%T) $*"; }
low() { nice -n 15 "$@"; }

# --- Which images, and whether they are there ---------------------------------------------------------------------------

wanted() {
  awk '$1 == "image:" && $2 !~ /\$/ { print $2 }' "$root/docker-compose.yml"
  awk '$1 == "FROM" && $2 ~ /:/ { print $2 }' "$root/Dockerfile"
}

recipe() { # image: the function that builds it
  case $1 in
  "$alpine") echo alpine ;;
  temporalio/server:*) echo server ;;
  temporalio/admin-tools:*) echo admin_tools ;;
  temporalio/ui:*) echo ui ;;
  prom/prometheus:*) echo prometheus ;;
  prom/alertmanager:*) echo alertmanager ;;
  postgres:*) echo postgres ;;
  golang:*) echo golang ;;
  *) say "$1: cannot be built from Debian packages and Go modules" >&2; return 1 ;;
  esac
}

# What an image is made of: its name with the version, our recipes, and the modules that go into it.
stamp() { # image
  local name
  name=$(recipe "$1")
  {
    echo "$1" "$(go env GOVERSION)" "$cli"
    declare -f build "$name"
    case $name in
    postgres) declare -f debian && cat "$here"/postgres* ;;
    *)
      declare -f alpine unpack on_alpine && cat "$here"/alpine/*
      case $name in
      golang) cat "$here"/golang* "$root/go.sum" "$root/Dockerfile" ;;
      prometheus | alertmanager) declare -f prometheus_like ;;
      server | admin_tools | ui) declare -f temporal mended_cli && cat "$root/sandbox/temporal/go.mod" ;;
      esac
      ;;
    esac
  } | sha256sum | cut -c1-16
}

there() { # image: whether it is there as it would be built now, or is not ours to build
  local found
  found=$(docker image inspect --format "{{index .Config.Labels \"$label\"}}" "$1" 2>/dev/null) || return 1
  [ -n "$found" ] || { say "$1: not built by this script, left as it is"; return 0; }
  [ "$found" = "$(stamp "$1")" ]
}

build() { # image, folder, further arguments
  local image=$1 folder=$2
  shift 2
  docker build --label "$label=$(stamp "$image")" --tag "$image" "$@" "$folder" >"$work/docker.log" 2>&1 || { cat "$work/docker.log"; return 1; }
  say "$image: built"
}

# --- Debian -------------------------------------------------------------------------------------------------------------

install_tools() {
  local lacking=()
  command -v mmdebstrap >/dev/null || lacking+=(mmdebstrap)
  [ ${#lacking[@]} -eq 0 ] || { apt-get -q update && apt-get -q install -y --no-install-recommends "${lacking[@]}"; } >"$work/apt.log" 2>&1 ||
    { cat "$work/apt.log"; return 1; }
}

# A Debian with some packages, from where this machine has its own.
debian() { # tar file, packages separated by commas, further arguments
  local tar=$1 packages=$2 sources=()
  shift 2
  install_tools
  # shellcheck disable=SC2016 # apt's variable
  mapfile -t sources < <(apt-get indextargets 'Origin: Debian' --format '$(SOURCESENTRY)' | sed 's/:[0-9]*$//' | sort -u)
  # shellcheck disable=SC1091
  low mmdebstrap --quiet --variant=apt --include="$packages" "$@" "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$tar" "${sources[@]}"
}

# The content of some packages, without installing them.
unpack() { # folder, packages
  local folder=$1
  shift
  mkdir -p "$work/debs" "$folder"
  (cd "$work/debs" && apt-get -q download "$@" >apt.log 2>&1) || { cat "$work/debs/apt.log"; return 1; }
  local deb
  for deb in "$work"/debs/*.deb; do dpkg-deb -x "$deb" "$folder"; done
  rm -rf "$work/debs"
}

alpine() {
  ! there "$alpine" || return 0
  local base=$work/alpine applet
  mkdir -p "$base"/rootfs/{bin,etc/ssl/certs,home,lib/apk,proc,root,sys,tmp,usr/bin,usr/local/bin,usr/sbin,usr/share,var}
  chmod 1777 "$base/rootfs/tmp"
  unpack "$base/debian" busybox-static bash-static ca-certificates tzdata
  cp "$base/debian/bin/busybox" "$base/rootfs/bin/"
  # Not those of the applets that Alpine's busybox does not have, nor those that are imitated.
  for applet in $("$base/debian/bin/busybox" --list | grep -vxE 'busybox|bash|nc|dpkg.*|rpm.*|getent'); do
    ln -s busybox "$base/rootfs/bin/$applet"
  done
  cp "$here"/alpine/{getent,nc,apk,addgroup,adduser} "$base/rootfs/usr/bin/"
  cp "$base/debian/bin/bash-static" "$base/rootfs/lib/apk/bash"
  cp -r "$base/debian/usr/share/zoneinfo" "$base/rootfs/usr/share/"
  cp /etc/ssl/certs/ca-certificates.crt "$base/rootfs/etc/ssl/certs/"
  printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'nobody:x:65534:65534:nobody:/:/bin/false' >"$base/rootfs/etc/passwd"
  printf '%s\n' 'root:x:0:' 'nobody:x:65534:' >"$base/rootfs/etc/group"
  rm -rf "$base/debian"
  cp "$here/alpine/Dockerfile" "$base/"
  build "$alpine" "$base"
}

# An official Dockerfile as the classic builder takes it, and on our base.
on_alpine() { sed -E -e "s#^FROM [^ ]+#FROM $alpine#" -e 's/ --chmod=[0-9]+//' "$@"; }

# --- Go -----------------------------------------------------------------------------------------------------------------

# Prints where a module's source is.
source_of() { # module@version
  (cd "$work" && go mod download -json "$1") | sed -n 's/.*"Dir": "\(.*\)",/\1/p'
}

tag_of() { # repository: the tag that it has in docker-compose.yml
  wanted | sed -n "s#^$1:##p" | head -n 1
}

# temporal SERVER PACKAGE FILE: compiled with that version of the server and the very modules of the sandbox's Temporal, which
# are in Go's cache where that has run; another version than the sandbox's has Temporal's own modules as it names them. What
# the CLI would raise stays, or the whole server would be compiled once more for it.
temporal() {
  local modules=$work/temporal-$1.mod own=()
  if [ ! -e "$modules" ]; then
    grep -qF "go.temporal.io/server v$1" "$root/sandbox/temporal/go.mod" || own=("$(source_of "go.temporal.io/server@v$1")/go.mod")
    [ -d "$work/cli" ] || mended_cli "$work/cli"
    cp "$root/sandbox/temporal/go.mod" "$modules"
    cp "$root/sandbox/temporal/go.sum" "${modules%.mod}.sum"
    go mod edit -replace="github.com/temporalio/cli=$work/cli" "$modules"
    # Those that the sandbox leaves out (sandbox/temporal/without) stay out, but for what speaks with Postgres.
    go mod edit -dropreplace=github.com/jackc/pgx/v5 -dropreplace=github.com/lib/pq "$modules"
    # shellcheck disable=SC2016 # the inner shell's
    awk '/ => \.\// { without[$1 == "replace" ? $2 : $1] } /^\t[^ ]+ v/ && (FNR == NR || /\tgo.temporal.io\//) && !/ => |go.temporal.io\/server |ui-server/ { version[$1] = $2 }
      END { for (m in version) if (!(m in without)) print "-replace=" m "=" m "@" version[m] }' \
      "$modules" "${own[@]}" | xargs sh -c 'exec go mod edit "$@" "$0"' "$modules"
    (cd "$root/sandbox/temporal" && go get -modfile="$modules" "go.temporal.io/server@v$1" \
      "github.com/temporalio/ui-server/v2@v$(tag_of temporalio/ui)" "github.com/temporalio/cli@$cli") 2>"$work/go.log" || { cat "$work/go.log"; return 1; }
  fi
  (cd "$root/sandbox/temporal" && low go build -mod=mod -modfile="$modules" -ldflags='-s -w' -o "$3" "$2")
}

# The CLI does not compile with this newer server in three places, none of which is used here: two in its server for
# development, one in what it shows of workers.
mended_cli() { # folder
  cp -r "$(source_of "github.com/temporalio/cli@$cli")" "$1"
  chmod -R u+w "$1"
  sed -i -e '/callbacks.AllowedAddresses/,/^\t}$/d' -e '/components\/callbacks"$/d' -e 's/dynamicconfig.Key(k)/dynamicconfig.MakeKey(k)/' "$1/temporalcli/devserver/server.go"
  sed -i -e '/info.GetProcessKey()/d' "$1/temporalcli/commands.worker.go"
}

# --- The images ---------------------------------------------------------------------------------------------------------

server() { # image
  local folder=$work/server-${1#*:} source
  alpine
  source=$(source_of "go.temporal.io/server@v${1#*:}")
  mkdir -p "$folder"
  cp -r "$source/docker/scripts" "$folder/"
  chmod -R u+w "$folder" && chmod 755 "$folder"/scripts/sh/*
  temporal "${1#*:}" go.temporal.io/server/cmd/server "$folder/build/amd64/temporal-server"
  on_alpine "$source/docker/targets/server.Dockerfile" >"$folder/Dockerfile"
  build "$1" "$folder" --build-arg TARGETARCH=amd64
}

# Without the tools for Cassandra and Elasticsearch and tdbg, which docker-compose.yml does not use.
admin_tools() { # image
  local folder=$work/admin-tools-${1#*:} source
  alpine
  source=$(source_of "go.temporal.io/server@v${1#*:}")
  mkdir -p "$folder/build/temporal"
  cp -r "$source/schema" "$folder/build/temporal/"
  chmod -R u+w "$folder"
  temporal "${1#*:}" go.temporal.io/server/cmd/tools/sql "$folder/build/amd64/temporal-sql-tool"
  temporal "$(tag_of temporalio/server)" github.com/temporalio/cli/cmd/temporal "$folder/build/amd64/temporal"
  on_alpine -e '/temporal-(cassandra|elasticsearch)-tool|\/tdbg/d' "$source/docker/targets/admin-tools.Dockerfile" >"$folder/Dockerfile"
  build "$1" "$folder" --build-arg TARGETARCH=amd64
}

ui() { # image
  local folder=$work/ui source
  alpine
  source=$(source_of "github.com/temporalio/ui-server/v2@v${1#*:}")
  mkdir -p "$folder"
  cp -r "$source"/{config,docker} "$folder/"
  chmod -R u+w "$folder" && chmod 755 "$folder"/docker/*.sh
  temporal "$(tag_of temporalio/server)" github.com/temporalio/ui-server/v2/cmd/server "$folder/ui-server"
  # Its last stage; dockerize is for old configurations only.
  sed '1,/ AS ui-server$/ { / AS ui-server$/!d }' "$source/Dockerfile" | on_alpine -e '/dockerize/d' -e 's#--from=server-builder [^ ]+#ui-server#' >"$folder/Dockerfile"
  build "$1" "$folder"
}

# v3.13.5 is the module v0.313.5, without its Web UI, which is no part of the module, and with no other service discovery
# than what is in the configuration.
prometheus() { # image
  local folder=$work/prometheus version module
  alpine
  IFS=. read -r -a version <<<"${1#*:v}"
  module=github.com/prometheus/prometheus@v0.$((version[0] * 100 + version[1])).${version[2]}
  prometheus_like "$1" "$folder" "$module" prometheus promtool
}

alertmanager() { # image
  alpine
  prometheus_like "$1" "$work/alertmanager" "github.com/prometheus/alertmanager@${1#*:}" alertmanager amtool
}

prometheus_like() { # image, folder, module, programs
  local image=$1 folder=$2 module=$3 source program
  shift 3
  source=$(source_of "$module")
  mkdir -p "$folder/modules"
  cp -r "$source/." "$folder/"
  chmod -R u+w "$folder"
  mkdir -p "$folder/.build/linux-amd64"
  [ ! -d "$folder/ui" ] || install -D /dev/null "$folder/ui/app/dist/index.html" # Alertmanager's pages are no part of its module
  for program; do
    (cd "$folder" && low go build -tags remove_all_sd -ldflags="-s -w -X github.com/prometheus/common/version.Version=${image#*:v}" \
      -o ".build/linux-amd64/$program" "./cmd/$program")
  done
  on_alpine "$source/Dockerfile" >"$folder/Dockerfile"
  build "$image" "$folder"
}

postgres() { # image
  local folder=$work/postgres major
  major=$(apt-cache depends postgresql | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p')
  mkdir -p "$folder"
  # shellcheck disable=SC2016 # $1 is mmdebstrap's
  debian "$folder/rootfs.tar" "postgresql-$major,locales,less,xz-utils,zstd" \
    --essential-hook='chroot "$1" groupadd -r postgres --gid=999' \
    --essential-hook='chroot "$1" useradd -r -g postgres --uid=999 --home-dir=/var/lib/postgresql --shell=/bin/bash postgres' \
    --essential-hook='mkdir -p "$1/etc/postgresql-common/createcluster.d" && echo "create_main_cluster = false" >"$1/etc/postgresql-common/createcluster.d/none.conf"' \
    --customize-hook='install -d -m 1777 -o 999 -g 999 "$1/var/lib/postgresql"'
  cp "$here/postgres.Dockerfile" "$folder/Dockerfile"
  cp "$here/postgres-entrypoint.sh" "$folder/docker-entrypoint.sh"
  build "$1" "$folder" --build-arg "MAJOR=$major"
}

golang() { # image
  local folder=$work/golang version
  alpine
  version=$(go env GOVERSION)
  [[ ${1#*:} == "${version#go}"* ]] || { say "$1: this machine has $version" >&2; return 1; }
  mkdir -p "$folder"
  cp -r "$(go env GOROOT)" "$folder/go"
  # The modules, and what they compile to with the flags of the Dockerfile: only our own code is left to be compiled.
  (
    cd "$root"
    export GOMODCACHE=$work/modules GOFLAGS=-modcacherw
    GOPROXY=file://$(GOMODCACHE='' go env GOMODCACHE)/cache/download,$(go env GOPROXY) GONOSUMDB='*' go mod download
    cp -r "$GOMODCACHE/cache/download" "$folder/modules"
    export GOCACHE=$folder/build-cache GOFLAGS
    GOFLAGS="-modcacherw $(sed -n 's/^ENV .*GOFLAGS="\(.*\)"$/\1/p' Dockerfile)"
    go list -deps -f '{{if not .Standard}}{{if ne .Module.Path "tampuuri-hillava"}}{{.ImportPath}}{{end}}{{end}}' ./worker ./starter ./sandbox/standins |
      xargs nice -n 15 go build
  )
  rm -rf "$folder/modules/sumdb"
  on_alpine "$here/golang.Dockerfile" >"$folder/Dockerfile"
  build "$1" "$folder"
}

for image in $({ wanted && printf '%s\n' "$@"; } | sort -u); do
  there "$image" || "$(recipe "$image")" "$image"
done
# What earlier runs of this script have built, and later ones replaced.
docker image prune --force --filter "label=$label" >/dev/null
say "All images that docker-compose.yml and the Dockerfile name are here."
