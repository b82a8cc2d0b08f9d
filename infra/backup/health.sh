#!/usr/bin/env bash
# Healthy is a container that receives WAL.
exec pgrep -x pg_receivewal >/dev/null
