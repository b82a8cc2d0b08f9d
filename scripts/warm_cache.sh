#!/usr/bin/env bash
# Reads the albums that were made last through the API, so that the cache has them before the first client asks.
#
#   scripts/warm_cache.sh [--count N] [--url URL] [--json]
#
#   --count N   how many albums (default 100)
#   --url URL   of the API (default: the lab's)
#   --json      nothing but the result as JSON on stdout
#
# Exits 1 when an album could not be read, 2 on wrong usage.
set -euo pipefail
# shellcheck source=scripts/lib/demo.sh
source "$(dirname "$0")/lib/demo.sh"

API_URL=${API_URL:-$(url_scheme)://127.0.0.1:$(setting API_PORT 3000)} exec node scripts/lib/warm_cache.mjs "$@"
