#!/usr/bin/env bash
# check.sh [PATH]: whether the HAProxy of this container answers 200. Without a path: whether it lives, and nobody has drained it
# (touch /run/drained).
path=${1:-/healthz}
[[ $path != /healthz || ! -e /run/drained ]] || exit 1
exec 3<>/dev/tcp/127.0.0.1/8405 || exit 1
printf 'GET %s HTTP/1.0\r\n\r\n' "$path" >&3
read -r -t 1 _ status _ <&3 && [[ $status == 200 ]]
