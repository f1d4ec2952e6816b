#!/bin/sh
# Makes the secret files of docker-compose.yml that are missing, with random content, in ./secrets or the folder given,
# and lets the containers' users read what is in it, whatever the umask was:
#   deploy/secrets.sh
# hillava_token is only a stand-in for the real one: write Hillava's API token into it. hillava_webhook_secret is what
# Hillava must be told, or is replaced by what Hillava gives. Run it again after adding files, as customers.yaml.
# The folder is for its owner alone. The files in it can be read by all, as the programs in the containers run as users
# of their own: there they are on read-only mounts.
set -eu
folder=${1:-secrets}
umask 022
mkdir -p "$folder/customers"
chmod 700 "$folder"

random() { head -c 32 /dev/urandom; }

make() { # file, content
  [ -s "$folder/$1" ] || { printf '%s' "$2" >"$folder/$1" && echo "made $folder/$1"; }
}

make postgres_password "$(random | od -An -tx1 | tr -d ' \n')"
make fingerprint_key "$(random | od -An -tx1 | tr -d ' \n')"
make hillava_token "$(random | od -An -tx1 | tr -d ' \n')"
make hillava_webhook_secret "whsec_$(random | base64 | tr -d '\n')"

# So too what is mounted from beside this script: a clone made with the umask 077 lets nobody else read it.
here=$(dirname "$0")
chmod -R a+rX "$folder"/* "$here/temporal" "$here/prometheus"
