#!/bin/sh
# The first process of the exporter of PostgreSQL, which asks every member. The password of `monitor`, which reads statistics and no rows, goes
# into a file, for the configuration cannot take it from the environment.
set -eu
umask 077

options='sslmode: disable'
if [ -d /tls ]; then
  options='sslmode: verify-full, sslrootcert: /tls/ca.crt'
fi
cat >/tmp/exporter.yml <<YML
auth_modules:
  lab:
    type: userpass
    userpass: { username: monitor, password: '$MONITOR_PASSWORD' }
    options: { $options }
YML
unset MONITOR_PASSWORD

exec postgres_exporter --config.file=/tmp/exporter.yml
