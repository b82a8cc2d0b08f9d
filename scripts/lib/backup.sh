# shellcheck shell=bash
# `scripts/lab backup`: a repository of base backups and WAL (infra/backup). What is asked of it is in libs/backup.

lab_backup() {
  case ${1:-} in
    on | off)
      no_more_arguments "${@:2}"
      "backup_$1"
      ;;
    rebuild) backup_rebuild "${@:2}" ;;
    *) backup_tool "$@" ;;
  esac
}

# backup_tool ARGUMENT…: hands over to the TypeScript tool with the lab's ports and passwords in its environment.
backup_tool() {
  # shellcheck source=/dev/null
  source scripts/lib/packages.sh
  install_npm_packages >&2
  export_environment
  node --import tsx apps/lab/src/backup.ts "$@"
}

backup_on() {
  running_member >/dev/null
  choose_images "$(setting LAB_IMAGES auto)"
  provide_images
  provide_base_image
  switch_profile backup on
  complete_env
  provide_backup
  provide_certificates
  step "Preparing the cluster" prepare_backup
  step "Starting the repository" compose up -d --no-build --no-deps backup
  step "Making the first base backup" wait_for_backup
  renew_apis
  say "✓ Backed up: every commit can be restored a moment later. Next: scripts/lab backup status. Back: scripts/lab backup off"
}

# The backups stay, for who switches this off by mistake would be sorry.
backup_off() {
  if is_on backup || is_there backup; then
    cluster leader >/dev/null 2>&1 || die "Nobody leads, so nobody can give up the slot of the repository. See: scripts/lab status"
    # What is written from now on is not in it.
    docker exec "$(container backup)" touch /var/lib/barman/lab/gap >/dev/null 2>&1 || true
    step "Stopping the repository" remove_services backup
    step "Giving up its slot" unprepare_backup
    switch_profile backup off
    choose_images "$(setting LAB_IMAGES auto)"
    provide_images
    renew_apis
  fi
  say "✓ No backup is made any more. Those there are: docker volume inspect $(setting LAB_NAME pg-ha-lab)_backup"
}

# The login, the slot that every member keeps, what incremental backups need, and the bound of the WAL that waits for the repository.
prepare_backup() {
  local leader
  leader=$(leader)
  edit_config slots.barman.type=physical
  edit_config postgresql.parameters.summarize_wal=on
  edit_config "postgresql.parameters.max_slot_wal_keep_size=$(setting BACKUP_WAL_KEEP 2GB)"
  BACKUP_PASSWORD=$(setting BACKUP_PASSWORD) docker exec -i -e BACKUP_PASSWORD -e PGOPTIONS="-c synchronous_commit=local -c log_statement=none -c log_min_duration_statement=-1 -c log_min_error_statement=panic -c pg_stat_statements.track=none" \
    "$(container "$leader")" psql -U postgres -d postgres -X -q -v ON_ERROR_STOP=1 <infra/backup/roles.sql
}

unprepare_backup() {
  edit_config slots.barman=null
  edit_config postgresql.parameters.summarize_wal=null
  edit_config postgresql.parameters.max_slot_wal_keep_size=null
}

# Volumes may be older than .env: without a repository nobody receives from its slot, and members would keep WAL for it.
forget_backup() {
  ! docker exec "$(container "$(leader)")" patronictl show-config | grep -q '^  barman:' || step "Giving up the slot of a repository that is off" unprepare_backup
}

wait_for_backup() {
  local deadline=$((SECONDS + 300))
  until docker exec "$(container backup)" bash -c '[[ ! -f /var/lib/barman/lab/gap ]] && grep -qx status=DONE /var/lib/barman/lab/meta/*-backup.info' 2>/dev/null; do
    ((SECONDS < deadline)) || { docker logs --tail 20 "$(container backup)" && return 1; }
    sleep 0.5
  done
}

provide_backup() {
  is_on backup || return 0
  step "Building the image of the repository" compose build backup
}

# The whole cluster from the repository. The members stop first, so that nothing is acknowledged that will be lost, and nothing is destroyed before
# the past has been restored beside them. Interrupted, it can be run again.
backup_rebuild() {
  local to='' agreed='' restored began=$SECONDS
  while (($#)); do
    case $1 in
      --to)
        to=${2:-}
        (($# == 1)) || shift
        ;;
      --yes) agreed=yes ;;
      --help | -h)
        echo "Usage: scripts/lab backup rebuild --to (latest|TIME|XID|LSN|RESTORE-POINT) [--yes]"
        echo "Replaces the data of all members by what the repository has. Without --yes it asks."
        return
        ;;
      *) no_more_arguments "$1" ;;
    esac
    shift
  done
  [[ -n $to ]] || wrong_usage "rebuild needs --to latest, or a moment"
  is_on backup || die "There is no backup to rebuild from."
  [[ -n $agreed ]] || confirm "This stops ${members[*]} and replaces their data by what the repository has of '$to'. Until it is done, the service answers nothing." ||
    die "Nothing was changed. If all of that may go: scripts/lab backup rebuild --to $to --yes"
  choose_images "$(setting LAB_IMAGES auto)"
  provide_images
  etcd_answers || die "etcd has no quorum, and the new cluster needs one. See: scripts/lab doctor --fix"
  restored=$(setting LAB_PREFIX)restored-rebuild
  docker rm --force --volumes "$restored" >/dev/null 2>&1 || true
  step "Stopping the members" compose stop "${members[@]}"
  # In a program of its own, for it ends this one when it fails.
  (backup_tool restore --to "$to" --name rebuild >/dev/null) || {
    step "Starting the members again" compose start "${members[@]}"
    die "Nothing was changed."
  }
  step "Removing the members and their data" remove_member_data
  find_members
  step "Giving the restored data to patroni1" hand_over "$restored"
  step "Making etcd forget the old members" forget_members
  step "Starting patroni1" compose up -d --no-build --no-deps patroni1
  cluster wait 300 leader || die "patroni1 does not lead. Look: scripts/lab logs patroni1. Again: scripts/lab backup rebuild --to $to"
  step "Starting the other members" compose up -d --no-build --no-deps "${members[@]}"
  docker exec "$(container backup)" touch /var/lib/barman/lab/gap
  step "Applying roles and passwords" apply_roles
  step "Preparing the cluster for its backup" prepare_backup
  cluster wait 600 whole api || die "The members are not whole. See: scripts/lab status"
  say "✓ Rebuilt after $((SECONDS - began)) s. The repository makes a new base backup."
}

etcd_answers() { docker exec "$(container etcd1)" etcdctl endpoint health >/dev/null 2>&1; }

remove_member_data() {
  local member
  compose rm --stop --force "${members[@]}"
  for member in "${members[@]}"; do
    ! docker volume inspect "$(setting LAB_NAME pg-ha-lab)_$member" >/dev/null 2>&1 || docker volume rm "$(setting LAB_NAME pg-ha-lab)_$member"
  done
}

# hand_over CONTAINER: the data folder of a restored server becomes that of patroni1, which makes its postgres the owner at its start. The restored
# server did not wait for the disk; this does, for now it is the only copy.
hand_over() {
  docker stop --time 60 "$1"
  compose up --no-start --no-build --no-deps patroni1
  docker run --rm --label com.docker.compose.project= --user 0:0 --volumes-from "$1" --volumes-from "$(container patroni1)" --entrypoint bash pg-ha-lab/backup -c '
    mkdir -p /home/postgres/pgdata/pgroot && cp -pR /restored/data /home/postgres/pgdata/pgroot/ && sync'
  docker rm --force --volumes "$1"
}

# Not the configuration, and not the identity of the cluster: the restored data has it, and no empty member may make another cluster.
forget_members() {
  local key
  for key in failover failsafe history leader members/ status sync; do
    docker exec "$(container etcd1)" etcdctl del --prefix "/service/$scope/$key" || return 1
  done
}

# Servers that were restored beside the lab are on its network and would keep it. With their data, which can be restored again.
remove_restored() {
  local found
  found=$(docker ps -aq --filter "label=pg-ha-lab.restored=$(setting LAB_NAME pg-ha-lab)")
  # shellcheck disable=SC2086 # a word per container
  [[ -z $found ]] || docker rm --force --volumes $found >/dev/null
}
