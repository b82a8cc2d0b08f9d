#!/bin/sh
# What a member does before its own work: member.sh COMMAND… installs its certificates, adds patroni.yml to its configuration, and becomes
# COMMAND. Without a command it only installs the certificates: `scripts/lab secure rotate` calls it so.
set -eu

# Spilo's image unpacks itself at its first start, and before that has neither users nor Python. Done as its launch.sh does it.
if [ -f /a.tar.xz ]; then
  tar xpJf /a.tar.xz -C / >/dev/null
  rm /a.tar.xz
  ln -snf dash /bin/sh
fi

# PostgreSQL refuses a key that others may read. Each file is replaced in one step, for it may be read at any time.
install -d -o postgres -g postgres -m 0700 /run/tls
for file in /tls/ca.crt /tls/tls.pem /standby/tls.pem; do
  name=${file##*/}
  [ "$file" != /standby/tls.pem ] || name=standby.pem
  install -o postgres -g postgres -m 0600 "$file" "/run/tls/$name.new"
  mv "/run/tls/$name.new" "/run/tls/$name"
done
[ $# -gt 0 ] || exit 0

SPILO_CONFIGURATION=$(PYTHONPATH=/merge python3 /secure/overlay.py /secure/patroni.yml)
export SPILO_CONFIGURATION
exec "$@"
