# shellcheck shell=bash
# The commands that look at a running cluster or change it.

compose_files=(-f docker-compose.yml)

# In a fresh clone there is no .env. The example is enough there: looking at the lab or taking it down needs no real secret.
compose() {
  local file env_file=.env files=("${compose_files[@]}")
  [[ -f .env ]] || env_file=.env.example
  [[ -z $(setting LAB_DISK_SIZE) ]] || files+=(-f infra/small-disks/compose.yml)
  for file in $(profile_files); do files+=(-f "$file"); done
  if is_scaled; then set -- --profile four "$@"; fi
  if has_own_store; then set -- --profile s3 "$@"; fi
  if is_fenced; then
    choose_socket
    set -- --profile fencing "$@"
  fi
  # The name is given here because COMPOSE_PROJECT_NAME in the environment would otherwise select another lab.
  docker compose --project-name "$(setting LAB_NAME pg-ha-lab)" --env-file "$env_file" "${files[@]}" "$@"
}

leader() { cluster leader || die "The cluster has no leader. See: scripts/lab status"; }

# Any running node will do for patronictl and psql.
running_member() {
  local member
  for member in "${members[@]}"; do
    if [[ $(docker inspect -f '{{.State.Running}}{{.State.Paused}}' "$(container "$member")" 2>/dev/null) == truefalse ]]; then
      echo "$member"
      return
    fi
  done
  die "No Patroni container is running. Start the lab: scripts/lab up"
}

known_member() {
  [[ " ${members[*]} " == *" $1 "* ]] || wrong_usage "'$1' is not a member (${members[*]})"
}

no_more_arguments() { (($# == 0)) || wrong_usage "unexpected argument '$1'"; }

lab_down() {
  local volumes='' volume
  if [[ ${1:-} == --volumes ]]; then
    volumes=all
    shift
    # Volumes stay when the engine is stopped, and only a running engine can remove them.
    ! command -v dockerd >/dev/null || provide_engine
  fi
  no_more_arguments "$@"
  engine_answers || die "No Docker engine answers, so nothing of the lab is running."
  compose unpause >/dev/null 2>&1 || true
  remove_restored
  compose down --remove-orphans ${volumes:+--volumes}
  if [[ -n $volumes ]]; then
    # Compose knows only those of what is on now.
    for volume in $(docker volume ls -q --filter "label=com.docker.compose.project=$(setting LAB_NAME pg-ha-lab)"); do docker volume rm "$volume"; done
  fi
  # Those that start next read the files as they are.
  rm -f "$secure_folder/untold"
}

lab_status() {
  [[ ${1:-} != --json ]] || { shift && set -- json "$@"; }
  (($# == 0)) || [[ $* == json ]] || wrong_usage "unexpected argument '${*: -1}'"
  cluster status "$@" || return 1
  [[ $* != json ]] || return 0
  ! is_on edge || echo "two proxies, the virtual IP is on $(edge_holder || echo neither)"
  ! is_on backup || backup_in_short
}

lab_logs() { compose logs --tail 200 "$@"; }

lab_psql() {
  local port=5000 terminal=() member
  case ${1:-write} in
    write) ;;
    read) port=5001 ;;
    *) wrong_usage "psql takes write or read, not '$1'" ;;
  esac
  member=$(running_member)
  [[ ! -t 0 || ! -t 1 ]] || terminal=(-t)
  # `-e` without a value passes the password from environment to environment, so `ps` does not show it.
  PGPASSWORD=$(setting APP_USER_PASSWORD) exec docker exec -i "${terminal[@]}" -e PGPASSWORD -e PGCONNECT_TIMEOUT=5 "$(container "$member")" \
    psql -h haproxy -p "$port" -U app_user -d app_db "${@:2}"
}

lab_switchover() {
  local from to='' hand_over=(cluster switchover)
  from=$(leader)
  while (($#)); do
    case $1 in
      --to)
        known_member "${2:-}"
        [[ $2 != "$from" ]] || die "$2 is the leader already."
        to=$2
        shift
        ;;
      --pause) hand_over=(switchover_held) ;;
      *) no_more_arguments "$1" ;;
    esac
    shift
  done
  "${hand_over[@]}" "$from" ${to:+"$to"} || die "The leader is still $(leader). See: scripts/lab status"
  cluster wait 60 "${to:+leader=$to}" "leader!=$from" whole
}

# edit_config NAME=VALUE…: changes Patroni's dynamic configuration in etcd, all of it at once; the value null removes a setting.
edit_config() {
  local change changes=()
  for change in "$@"; do changes+=(-s "$change"); done
  docker exec "$(container "$(leader)")" patronictl edit-config --quiet --force "${changes[@]}" >/dev/null
}

# The instances of the API, whose environment is another one now. One at a time, so that one of them serves.
renew_apis() {
  local api
  for api in api1 api2; do
    step "Restarting $api" compose up -d --no-build --no-deps "$api"
    cluster wait 60 api || die "$api does not serve. Look: scripts/lab logs $api"
  done
}

lab_kill() {
  local target=${1:-}
  [[ -n $target ]] || wrong_usage "kill whom: leader, or a member"
  no_more_arguments "${@:2}"
  if [[ $target == leader ]]; then
    target=$(leader)
  else
    known_member "$target"
  fi
  docker kill --signal KILL "$(container "$target")" >/dev/null
  say "✓ $target is dead. Watch: scripts/lab status. Bring it back: scripts/lab start $target"
}

lab_start() {
  known_member "${1:-}"
  no_more_arguments "${@:2}"
  docker start "$(container "$1")" >/dev/null
  cluster wait 90 "member=$1"
}

lab_reinit() {
  known_member "${1:-}"
  no_more_arguments "${@:2}"
  [[ $(leader) != "$1" ]] || die "$1 is the leader, and its data is the truth. First: scripts/lab switchover"
  docker exec "$(container "$(running_member)")" patronictl reinit "$scope" "$1" --force --wait
  cluster wait 90 "member=$1"
}
