# shellcheck shell=bash
# `scripts/lab scale`: a fourth member, which HAProxy, health and the API find by themselves, and back.

lab_scale() {
  case ${1:-} in
    4) scale_up "${@:2}" ;;
    3)
      no_more_arguments "${@:2}"
      scale_down
      ;;
    *) wrong_usage "scale takes 3 or 4" ;;
  esac
}

# A new member is made from the repository of backups where there is one, and from the leader when that fails. With `--from backup` the command
# fails then, too.
scale_up() {
  local from=''
  if [[ ${1:-} == --from ]]; then
    from=${2:-}
    [[ $from == backup ]] || wrong_usage "--from takes backup"
    shift 2
    is_on backup || die "There is no backup to make a member from. First: scripts/lab backup on"
    ! is_scaled || die "There are four members. First: scripts/lab scale 3"
  fi
  no_more_arguments "$@"
  if ! is_scaled; then
    cluster wait 3 whole answering managed || die "A member is added to a healthy cluster only. See: scripts/lab status"
  fi
  choose_images "$(setting LAB_IMAGES auto)"
  provide_images
  step "Starting patroni4" compose --profile four up -d --no-build --no-deps patroni4
  find_members
  cluster wait 180 whole api proxied=patroni4 || die "patroni4 has not joined. Look: scripts/lab logs patroni4. Again: scripts/lab scale 4. Back: scripts/lab scale 3"
  [[ -z $from ]] || is_made_from_backup patroni4 ||
    die "patroni4 has joined, but it was copied from the leader. Why: docker logs $(container backup). Back: scripts/lab scale 3"
  cluster status
}

# Patroni says how it has made a replica, the last time.
is_made_from_backup() {
  [[ $(docker logs "$(container "$1")" 2>&1 | sed -n 's/.*replica has been created using //p' | tail -n 1) == from_backup ]]
}

# The data of patroni4 is removed, too: a copy that is no longer updated is of no use, and scaling up makes a new one in seconds.
scale_down() {
  if ! is_scaled; then
    say "✓ There are three members."
    return
  fi
  if [[ $(leader) == patroni4 ]]; then
    say "patroni4 leads: handing leadership over first."
    cluster wait 60 whole managed || die "Its successor must be streaming. See: scripts/lab status"
    lab_switchover
  fi
  step "Stopping patroni4" compose rm --stop --force patroni4
  members=(patroni1 patroni2 patroni3)
  # Its key would disappear with its lease, within ttl. Nobody who could renew it is left.
  etcd_tries "$(healthy_etcd none)" del "/service/$scope/members/patroni4" || die "etcd has no quorum. Again: scripts/lab scale 3"
  cluster wait 60 'member!=patroni4' whole || die "patroni4 is still listed. Again: scripts/lab scale 3"
  drop_slot patroni4
  docker volume rm "$(setting LAB_NAME pg-ha-lab)_patroni4" >/dev/null
  # HAProxy takes it for dead until its name has been away for ten seconds (`resolvers optional`).
  cluster wait 60 whole api retired=patroni4 || die "HAProxy still looks for patroni4: docker logs $(container haproxy)"
  cluster status
}

# Patroni keeps the slot of an absent member, and the WAL for it, for half an hour in case it comes back. patroni4 does not.
drop_slot() {
  local member has_slot="SELECT count(*) FROM pg_replication_slots WHERE slot_name = '$1'" deadline=$((SECONDS + 60))
  edit_config member_slots_ttl=0
  for member in "${members[@]}"; do
    until [[ $(docker exec "$(container "$member")" psql -U postgres -XAtqc "$has_slot") == 0 ]]; do
      ((SECONDS < deadline)) || { edit_config member_slots_ttl=null && die "The slot $1 is still there on $member."; }
      sleep 0.5
    done
  done
  edit_config member_slots_ttl=null
  say "✓ The slot $1 is gone from every member."
}
