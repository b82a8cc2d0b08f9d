#!/usr/bin/env bash
# Makes a replica from the repository of backups (infra/backup), so that the leader need only stream what came since. Patroni calls it with
# --datadir=FOLDER. Where it fails, as without a repository, Patroni copies the leader.
set -euo pipefail
umask 077

for argument in "$@"; do
  [[ $argument != --datadir=* ]] || data=${argument#*=}
done
# On the lab's own network: elsewhere somebody else may be called so.
address=$(getent hosts backup | sed 's/[[:space:]].*//') || true
[[ -n $address && " $(hostname -I)" == *" ${address%.*}."* ]] || { echo "No repository of backups: the leader is copied." && exit 1; }
scheme=http tls=()
# With `scripts/lab secure on`.
[[ ! -f /run/tls/ca.crt ]] || scheme=https tls=(--cacert /run/tls/ca.crt --cert /run/tls/standby.pem)

# Patroni names its password file, HOST:PORT:DATABASE:LOGIN:PASSWORD with \ before : and \. curl's configuration escapes quotes.
password=$(sed -nE 's/^((\\.|[^\\:])*:){4}//p' "$PGPASSFILE" | head -n 1 | sed -E 's/\\(.)/\1/g; s/["\\]/\\&/g')

mkdir -p "$data"
# Not on a command line, which everybody can read. Its archive takes a while to begin where it is put together from incremental backups.
curl --config - "${tls[@]}" --silent --show-error --fail --connect-timeout 5 --speed-limit 1 --speed-time 600 "$scheme://backup:8080/replica" <<<"user = \"standby:$password\"" |
  tar -x --no-same-owner -C "$data"
echo "Made from a base backup of the repository."
