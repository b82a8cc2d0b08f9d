# shellcheck shell=bash
# `scripts/lab up`: each step establishes one state, and does nothing when the lab is in it already.

layout=1

declare -A default_ports=(
  [API_PORT]=3000 [API1_PORT]=3001 [API2_PORT]=3002 [PG_WRITE_PORT]=5000 [PG_READ_PORT]=5001 [HAPROXY_STATS_PORT]=8404
  [PATRONI1_REST_PORT]=8008 [PATRONI2_REST_PORT]=8009 [PATRONI3_REST_PORT]=8010 [REDIS_PORT]=6379
)
declare -A pooler_ports=([PG_POOLED_WRITE_PORT]=5010 [PG_POOLED_READ_PORT]=5011)

lab_up() {
  local images began=$SECONDS
  images=$(setting LAB_IMAGES auto)
  if [[ ${1:-} == --images ]]; then
    images=${2:-}
    shift $(($# < 2 ? 1 : 2))
  fi
  no_more_arguments "$@"
  [[ $images =~ ^(auto|upstream|debian)$ ]] || wrong_usage "--images takes auto, upstream or debian"

  complete_env
  provide_engine
  find_members
  provide_compose
  choose_images "$images"
  provide_images
  provide_toolbox
  provide_edge
  provide_pooler
  provide_backup
  provide_observability
  provide_certificates
  check_layout
  APP_COMMIT=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
  export APP_COMMIT
  step "Building the API" build_api
  check_ports
  step "Starting containers" start_containers
  cluster wait 120 leader || explain_failure
  step "Applying roles and passwords" apply_roles
  if is_on backup; then step "Preparing the cluster for its backup" prepare_backup; else forget_backup; fi
  cluster wait 120 whole api || explain_failure
  ! is_on secure || [[ ! -f $secure_folder/untold ]] || renew_everybody "new certificates"
  # A restarted etcd member joins in seconds; the API may have logged in before the roles got their passwords.
  cluster wait 15 etcd serves || point_to_doctor
  greet $((SECONDS - began))
}

# Volumes of another layout would cause obscure failures later, so the lab does not start with them.
check_layout() {
  local volume found
  for volume in $(docker volume ls -q --filter "label=com.docker.compose.project=$(setting LAB_NAME pg-ha-lab)"); do
    found=$(docker volume inspect -f '{{index .Labels "pg-ha-lab.layout"}}' "$volume")
    [[ $found == "$layout" ]] ||
      die "Volume $volume has layout '${found:-none}', this version needs '$layout'. To start anew, losing its data: scripts/lab down --volumes"
  done
}

# Other users read these folders inside containers. A checkout made under umask 077 would hide the files from them.
readable_mounts=(haproxy patroni infra/start infra/docker-gate infra/edge infra/pooler infra/backup infra/observability infra/secure infra/debian/patroni)

start_containers() {
  # Changes only files that need it, because the checkout may belong to another user or be read-only.
  find "${readable_mounts[@]}" \( ! -perm -004 -o -type d ! -perm -001 \) -exec chmod a+rX {} +
  # Compose treats a paused container as a running one and would leave it paused.
  compose unpause 2>/dev/null || true
  renew_network
  for_each_proxy reload_if_changed haproxy/haproxy.cfg
  ! is_on edge || reload_if_changed infra/edge/forwarder/haproxy.cfg "$(container haproxy)"
  protect_etcd || return 1
  compose up -d --no-build --remove-orphans || explain_start
}

# The error of the engine names neither the other network nor the setting to change.
explain_start() {
  if grep -q 'Pool overlaps' "$step_log"; then
    say "Another network of this engine has addresses of $(setting LAB_NETWORK 10.213.17).0/24 (docker network ls). Set the first three numbers of others as LAB_NETWORK in .env."
  fi
  return 1
}

# Checked before the start: the error of the engine names no setting, and comes when half of the lab is running.
check_ports() {
  local containers published='' taken
  containers=$(docker ps -q --filter "label=com.docker.compose.project=$(setting LAB_NAME pg-ha-lab)")
  # shellcheck disable=SC2086 # a word per container
  [[ -z $containers ]] || published=$(docker inspect -f '{{range .NetworkSettings.Ports}}{{range .}} {{.HostPort}} {{end}}{{end}}' $containers)
  # shellcheck disable=SC2046 # a word per port
  taken=$(node scripts/lib/ports.mjs $(wanted_ports "$published"))
  [[ -z $taken ]] || die "Another program holds ${taken//$'\n'/, }. Set another number under that name in .env.$(airplay_hint "$taken")"
}

# wanted_ports PUBLISHED: NAME=PORT of each port that the lab publishes, and does not hold already. Called in a subshell, so that the ports of
# what is on are added for this one look only.
wanted_ports() {
  local name port
  if is_on pooler; then
    for name in "${!pooler_ports[@]}"; do default_ports[$name]=${pooler_ports[$name]}; done
  fi
  if is_on observability; then
    default_ports+=([PROMETHEUS_PORT]=9090 [ALERTMANAGER_PORT]=9093)
    ! has_grafana || default_ports[GRAFANA_PORT]=3010
  fi
  for name in "${!default_ports[@]}"; do
    port=$(setting "$name" "${default_ports[$name]}")
    [[ $1 == *" $port "* ]] || echo "$name=$port"
  done
}

airplay_hint() {
  [[ $(uname -s) != Darwin || $1 != *=[57]000* ]] || printf ' On macOS it may be AirPlay Receiver: System Settings, General, AirDrop & Handoff.'
}

# Compose does not change the addresses of an existing network, so containers and network are removed; the volumes stay.
renew_network() {
  local found
  found=$(docker network inspect -f '{{range .IPAM.Config}}{{.Subnet}}{{end}}' "$(setting LAB_NAME pg-ha-lab)_default" 2>/dev/null) || return 0
  [[ $found == "$(setting LAB_NETWORK 10.213.17).0/24" ]] || compose down
}

# reload_if_changed FILE CONTAINER: Compose recreates a container for a changed image or variable, but not for a changed configuration file.
# No HTTP request fails by a reload; SQL connections end 5 s later.
reload_if_changed() {
  local started
  started=$(docker inspect -f '{{if .State.Running}}{{.State.StartedAt}}{{end}}' "$2" 2>/dev/null) || return 0
  if [[ -n $started ]] && node -e 'process.exit(fs.statSync(process.argv[1]).mtimeMs > Date.parse(process.argv[2]) ? 0 : 1)' "$1" "$started"; then
    docker kill --signal USR2 "$2" >/dev/null
  fi
}

# Volumes may be older than .env (a fresh clone, a changed password). The leader's local socket needs no password,
# and once the roles have the new ones the standbys stream again by themselves.
apply_roles() {
  local name _
  for name in APP_OWNER_PASSWORD APP_USER_PASSWORD MONITOR_PASSWORD; do
    export "$name=$(setting "$name")"
  done
  # A leader that has just been elected may still be promoting.
  for _ in {1..15}; do
    docker exec -e APP_OWNER_PASSWORD -e APP_USER_PASSWORD -e MONITOR_PASSWORD "$(container "$(leader)")" bash /lab/roles.sh && return
    sleep 1
  done
  return 1
}

explain_failure() {
  local service
  for service in $(compose config --services); do
    case $(docker inspect -f '{{.State.Status}} {{.State.Health.Status}}' "$(container "$service")" 2>&1) in
      "running healthy") ;;
      *)
        say "✗ $service is not healthy. Its last lines:"
        docker logs --tail 15 "$(container "$service")" 2>&1 | sed 's/^/    /' >&2
        ;;
    esac
  done
  die "The lab did not become healthy. Look: scripts/lab logs SERVICE. Try again: scripts/lab up. Start anew, losing its data: scripts/lab down --volumes"
}

point_to_doctor() {
  cluster status >&2
  die "The lab runs, but not as it should. To mend it: scripts/lab doctor --fix"
}

greet() {
  local api
  api=$(url_scheme)://127.0.0.1:$(setting API_PORT 3000)
  cluster status >&2
  cat <<END

The lab is up after $1 s.
  API       $api   documentation: $api/docs   each instance: :$(setting API1_PORT 3001), :$(setting API2_PORT 3002)
  Writes    127.0.0.1:$(setting PG_WRITE_PORT 5000)   scripts/lab psql write
  Reads     127.0.0.1:$(setting PG_READ_PORT 5001)   scripts/lab psql read
  HAProxy   $(url_scheme)://127.0.0.1:$(setting HAPROXY_STATS_PORT 8404)   user $(setting HAPROXY_STATS_USER admin), password: HAPROXY_STATS_PASSWORD in .env

Three things to try:
  docker exec -it $(container patroni1) patronictl list
  curl $api/cluster
  scripts/demo_auto_failover.sh

And then:
  scripts/lab chaos run leader-kill     the same under load, with a verdict and a report to open in a browser
  scripts/lab doctor                    when something looks wrong
  README.md                             the tour, the drills, the limits
END
}
