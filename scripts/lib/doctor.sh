# shellcheck shell=bash
# `scripts/lab doctor`: names what is wrong with the lab and the command that mends it (libs/cluster/src/core/findings.mjs decides); --fix does it.

lab_doctor() {
  local format=text fix=false
  while (($#)); do
    case $1 in
      --fix) fix=true ;;
      --json) format=json ;;
      *) wrong_usage "unexpected argument '$1'" ;;
    esac
    shift
  done
  [[ $fix == false ]] || mend_all
  examine "$format"
}

examine() {
  LAYOUT=$layout APP_OWNER_PASSWORD=$(setting APP_OWNER_PASSWORD) APP_USER_PASSWORD=$(setting APP_USER_PASSWORD) \
    MONITOR_PASSWORD=$(setting MONITOR_PASSWORD) with_lab_names node libs/cluster/bin/doctor.mjs "$1"
}

# One fault can hide another, so doctor looks again after each round of fixes, three times at most.
mend_all() {
  local _ code subject found
  # Containers of an interrupted fix still hold the addresses of the members.
  docker rm -f "$(container etcd1-joining)" "$(container etcd2-joining)" "$(container etcd3-joining)" >/dev/null 2>&1 || true
  for _ in {1..3}; do
    found=$(examine fixes) || true
    [[ -n $found ]] || return 0
    while read -r code subject; do
      mend "$code" "$subject" >&2 </dev/null || say "✗ $subject could not be mended ($code)."
    done < <(without_repeated_up <<<"$found")
    cluster wait 60 whole api etcd serves || true
    find_members
  done
}

# One `scripts/lab up` mends several findings. It runs last, because it fails while something else is wrong.
without_repeated_up() {
  awk '/^(engine_silent|lab_down|container_missing|password_wrong|toolbox_missing) / { up = $0; next } { print } END { if (up) print up }'
}

mend() {
  say "… Mending $2 ($1)"
  case $1 in
    container_paused) docker unpause "$(container "$2")" ;;
    container_stopped) docker start "$(container "$2")" ;;
    etcd_member_lost) replace_etcd_member "$2" ;;
    patroni_paused) docker exec "$(container "$(running_member)")" patronictl resume --wait ;;
    replica_without_wal) scripts/lab reinit "$2" ;;
    haproxy_disagrees) for_each_proxy docker kill --signal USR2 ;;
    *) scripts/lab up ;;
  esac
}

# Replaces a lost etcd member. Data left in its volume belongs to no member of the etcd cluster. After an interruption the
# member is found lost again, and the fix starts over.
replace_etcd_member() {
  local name=$1 joining id helper volume
  joining=$(container "$name-joining")
  volume=$(setting LAB_NAME pg-ha-lab)_$name
  helper=$(healthy_etcd "$name") || return 1
  [[ $(docker inspect -f '{{.Config.Image}}' "$(container "$helper")") != pg-ha-lab/etcd ]] || compose_files+=(-f infra/debian/compose.yml)
  say "… Removing $name with its useless data (volume $volume): the other members have all of it"
  docker rm -f "$(container "$name")" >/dev/null 2>&1 || true
  docker volume rm -f "$volume" >/dev/null || return 1
  id=$(docker exec "$(container "$helper")" etcdctl member list | sed -n "s|^\([0-9a-f]*\), .*$(url_scheme)://$name:2380.*|\1|p")
  [[ -z $id ]] || etcd_tries "$helper" member remove "$id" || return 1
  etcd_tries "$helper" member add "$name" --peer-urls="$(url_scheme)://$name:2380" || return 1
  # etcd reads the initial cluster state only at its first start, so a temporary container makes the data of the member.
  compose run -d --rm --no-deps --use-aliases --name "$joining" -e ETCD_INITIAL_CLUSTER_STATE=existing "$name" >/dev/null || return 1
  etcd_tries "$name-joining" endpoint health || return 1
  docker stop "$joining" >/dev/null
  compose up -d --no-build --no-deps "$name" || return 1
  etcd_tries "$name" endpoint health
}

# healthy_etcd NAME: any other member that serves.
healthy_etcd() {
  local other
  for other in "${etcds[@]}"; do
    [[ $other == "$1" ]] || ! docker exec "$(container "$other")" etcdctl endpoint health >/dev/null 2>&1 || { echo "$other" && return; }
  done
  return 1
}

# etcd refuses to change its members for five seconds after one of them was away.
etcd_tries() {
  local _
  for _ in {1..20}; do
    docker exec "$(container "$1")" etcdctl "${@:2}" >/dev/null 2>&1 && return
    sleep 0.7
  done
  return 1
}
