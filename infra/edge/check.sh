#!/usr/bin/env bash
# Whether this proxy may have the virtual IP: its HAProxy answers, and nobody has drained it (touch /run/drained). keepalived gives
# the address away otherwise.
[[ ! -e /run/drained ]] || exit 1
exec 3<>/dev/tcp/127.0.0.1/8404 || exit 1
printf 'GET /healthz HTTP/1.0\r\n\r\n' >&3
read -r -t 1 _ status _ <&3 && [[ $status == 200 ]]
