#!/bin/sh
# Starts Patroni as Spilo does: configuration written once, then a supervisor that restarts a killed Patroni.
set -eu

# Only once, like Spilo: a restarted container keeps what it was created with.
if [ ! -f /run/postgres.yml ]; then
  /opt/patroni/configure.py /run/postgres.yml.new
  chown postgres: /run/postgres.yml.new
  mv /run/postgres.yml.new /run/postgres.yml
fi
install -d -o postgres -g postgres -m 0700 "$PGROOT"
# A volume written by the other image set belongs to another user id.
chown -R postgres: /home/postgres

# On SIGTERM runsv passes it on to Patroni, which stops PostgreSQL cleanly, and ends with it.
exec tini -- runsv /opt/patroni/service
