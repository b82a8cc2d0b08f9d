# shellcheck shell=bash
# What tests and benchmarks need: npm packages, and the environment of a service that runs outside the lab.

# Compares the installed versions with the lock. File times would not do: npm writes the lock after node_modules.
packages_match_lock() {
  [[ -f node_modules/.package-lock.json ]] && node -e '
    const packages = (file) => JSON.parse(fs.readFileSync(file, "utf8")).packages;
    const installed = packages("node_modules/.package-lock.json");
    const matches = ([path, { version, optional }]) =>
      path === "" || (path in installed ? installed[path].version === version : optional);
    process.exit(Object.entries(packages("package-lock.json")).every(matches) ? 0 : 1);'
}

# A lock that was made with a mirror may lack the optional binaries of other platforms. npm ci refuses such a lock; npm install
# installs the same versions from it.
install_npm_packages() {
  packages_match_lock && return
  echo "Installing npm packages" >&2
  npm ci --no-audit --no-fund >/dev/null 2>&1 || npm install --no-save --no-audit --no-fund
}

# What the tests and the service inside them read; main reads the same names in a container.
export_environment() {
  local host=127.0.0.1
  # `scripts/lab up` may have made .env in the meantime.
  load_settings
  export LAB_NAME LAB_PREFIX LAB_SCOPE API_PORT API1_PORT API2_PORT PROMETHEUS_PORT HAPROXY_STATS_PORT HAPROXY_STATS_USER HAPROXY_STATS_PASSWORD
  export DB_PASSWORD DB_OWNER_PASSWORD LAB_SCHEME DB_WRITE_PORT DB_READ_PORT PG_POOLED_WRITE_PORT PG_POOLED_READ_PORT PATRONI_URLS CONSISTENCY_TOKEN_SECRET
  export REDIS_HOST=$host REDIS_PORT REDIS_PASSWORD
  # With Colima, OrbStack or a rootless engine only the client's context knows where the engine is.
  if [[ -z ${DOCKER_HOST:-} && $(docker context show 2>/dev/null || echo default) != default ]]; then
    DOCKER_HOST=$(docker context inspect -f '{{.Endpoints.docker.Host}}')
    export DOCKER_HOST
  fi
  LAB_NAME=$(setting LAB_NAME pg-ha-lab)
  LAB_PREFIX=$(setting LAB_PREFIX)
  LAB_SCOPE=$scope
  API_PORT=$(setting API_PORT 3000)
  API1_PORT=$(setting API1_PORT 3001)
  API2_PORT=$(setting API2_PORT 3002)
  PROMETHEUS_PORT=$(setting PROMETHEUS_PORT 9090)
  HAPROXY_STATS_PORT=$(setting HAPROXY_STATS_PORT 8404)
  HAPROXY_STATS_USER=$(setting HAPROXY_STATS_USER admin)
  HAPROXY_STATS_PASSWORD=$(setting HAPROXY_STATS_PASSWORD)
  DB_PASSWORD=$(setting APP_USER_PASSWORD)
  DB_OWNER_PASSWORD=$(setting APP_OWNER_PASSWORD)
  LAB_SCHEME=$(url_scheme)
  DB_WRITE_PORT=$(setting PG_WRITE_PORT 5000)
  DB_READ_PORT=$(setting PG_READ_PORT 5001)
  PG_POOLED_WRITE_PORT=$(setting PG_POOLED_WRITE_PORT 5010)
  PG_POOLED_READ_PORT=$(setting PG_POOLED_READ_PORT 5011)
  CONSISTENCY_TOKEN_SECRET=$(setting CONSISTENCY_TOKEN_SECRET)
  REDIS_PORT=$(setting REDIS_PORT 6379)
  REDIS_PASSWORD=$(setting REDIS_PASSWORD)
  # An empty one would hide that of .env from a second lab.
  if is_on secure; then
    PATRONI_PASSWORD=$(setting PATRONI_PASSWORD)
    export PATRONI_PASSWORD
  fi
  find_members
  PATRONI_URLS=$(rest_ports)
  PATRONI_URLS=$LAB_SCHEME://$host:${PATRONI_URLS//,/,$LAB_SCHEME://$host:}
}
