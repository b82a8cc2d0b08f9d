#!/bin/sh
# The first process of Prometheus: writes its configuration for this lab, which with `scripts/lab secure on` asks by HTTPS, and starts it.
set -eu

scheme=http tls='{}'
if [ -d /tls ]; then
  scheme=https tls='{ ca_file: /tls/ca.crt, cert_file: /tls/tls.pem, key_file: /tls/tls.pem }'
fi
sed -e "s|&scheme http|\\&scheme $scheme|" -e "s|&tls {}|\\&tls $tls|" /observability/prometheus.yml >/tmp/prometheus.yml

# The oldest samples go first: with three members about two days are kept. `scripts/lab chaos run` writes which fault is on: it is outside of
# this network, and cannot be asked.
exec prometheus --web.enable-remote-write-receiver --config.file=/tmp/prometheus.yml --storage.tsdb.path=/prometheus --storage.tsdb.retention.size=512MB
