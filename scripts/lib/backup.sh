# shellcheck shell=bash
# `scripts/lab backup`: a repository of base backups and WAL (infra/backup). What is asked of it is in libs/backup.

lab_backup() {
  case ${1:-} in
    on) backup_on "${@:2}" ;;
    off)
      no_more_arguments "${@:2}"
      backup_off
      ;;
    clone) backup_clone "${@:2}" ;;
    adopt) backup_adopt "${@:2}" ;;
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

# With BACKUP_S3_ENDPOINT the second copy goes to a store that is not the lab's.
has_own_store() { is_on s3 && [[ -z $(setting BACKUP_S3_ENDPOINT) ]]; }

# For `scripts/lab status`, which is about the cluster: what is wrong with its backup does not change its exit status.
backup_in_short() {
  echo "backup"
  (backup_tool status 2>&1 || true) | sed -nE '/^(restorable|last|WAL|kept|second|✗|backup:)/ s/^/  /p'
}

backup_on() {
  local copied=''
  if [[ ${1:-} == --s3 ]]; then
    copied=yes
    shift
  fi
  no_more_arguments "$@"
  running_member >/dev/null
  choose_images "$(setting LAB_IMAGES auto)"
  provide_images
  provide_base_image
  switch_profile backup on
  [[ -z $copied ]] || switch_profile s3 on
  complete_env
  provide_backup
  provide_certificates
  ! has_own_store || step "Starting an S3 store" compose up -d --no-build --no-deps s3
  step "Preparing the cluster" prepare_backup
  step "Starting the repository" compose up -d --no-build --no-deps backup
  ! is_on s3 || step "Reaching the S3 store" reach_store
  step "Making the first base backup" wait_for_backup
  renew_apis
  local wanted keep
  wanted=$(setting BACKUP_WAL_KEEP 2GB) keep=$(wal_keep "$wanted" "$(member_room)")
  [[ $keep == "$wanted" ]] || say "While the repository is away, each member keeps $keep of WAL for it and not $wanted (BACKUP_WAL_KEEP): a quarter of the room on the smallest disk."
  say "✓ Backed up: every commit can be restored a moment later. Next: scripts/lab backup status. Back: scripts/lab backup off"
}

# The backups stay, for who switches this off by mistake would be sorry.
backup_off() {
  if is_on backup || is_there backup; then
    cluster leader >/dev/null 2>&1 || die "Nobody leads, so nobody can give up the slot of the repository. See: scripts/lab status"
    # What is written from now on is not in it.
    docker exec "$(container backup)" touch /var/lib/barman/lab/gap >/dev/null 2>&1 || true
    step "Stopping the repository" remove_services backup s3
    step "Giving up its slot" unprepare_backup
    switch_profile backup off
    switch_profile s3 off
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
  edit_config slots.barman.type=physical postgresql.parameters.summarize_wal=on \
    "postgresql.parameters.max_slot_wal_keep_size=$(wal_keep "$(setting BACKUP_WAL_KEEP 2GB)" "$(member_room)")"
  BACKUP_PASSWORD=$(setting BACKUP_PASSWORD) docker exec -i -e BACKUP_PASSWORD -e PGOPTIONS="-c synchronous_commit=local -c log_statement=none -c log_min_duration_statement=-1 -c log_min_error_statement=panic -c pg_stat_statements.track=none" \
    "$(container "$leader")" psql -U postgres -d postgres -X -q -v ON_ERROR_STOP=1 <infra/backup/roles.sql
}

# wal_keep WANTED KILOBYTES: prints how much WAL members keep for the repository: WANTED, as PostgreSQL writes sizes, or a quarter of the room on
# their disks where that is less, for rows need room, too. Without KILOBYTES their room is not known.
wal_keep() {
  local number=${1%%[!0-9-]*} quarter=$((${2:-0} / 4096)) megabytes
  case $1 in
    *TB) megabytes=$((number << 20)) ;;
    *GB) megabytes=$((number << 10)) ;;
    *kB) megabytes=$((number >> 10)) ;;
    *) megabytes=$number ;;
  esac
  # -1 is no bound.
  if [[ -z ${2:-} ]] || ((megabytes >= 0 && megabytes <= quarter)); then echo "$1"; else echo "${quarter}MB"; fi
}

# The room on the smallest disk of a member, in kilobytes: what is free, and what WAL takes of it already. Nothing where no member runs.
member_room() {
  local member
  for member in "${members[@]}"; do
    docker exec "$(container "$member")" bash -c 'cd /home/postgres/pgdata && { df -Pk . | sed 1d | tr -s " " | cut -d " " -f 4; du -sk pgroot/data/pg_wal; }' 2>/dev/null |
      awk '{ room += $1 } END { if (NR == 2) print room }'
  done | sort -n | head -n 1
}

unprepare_backup() {
  edit_config slots.barman=null postgresql.parameters.summarize_wal=null postgresql.parameters.max_slot_wal_keep_size=null
}

# Volumes may be older than .env: without a repository nobody receives from its slot, and members would keep WAL for it.
forget_backup() {
  ! docker exec "$(container "$(leader)")" patronictl show-config | grep -q '^  barman:' || step "Giving up the slot of a repository that is off" unprepare_backup
}

# A store that was started just now answers in a moment. Writing is tried, not only listing.
reach_store() {
  docker exec "$(container backup)" bash -c 'source /backup/repository.sh && for _ in {1..10}; do date | rclone rcat "$(copy_of reached)" && exit; sleep 1; done; exit 1' ||
    { echo "The store does not take what is sent to it. Look at BACKUP_S3_ENDPOINT, BACKUP_S3_BUCKET and its key in .env." && return 1; }
}

# A base backup that grows is waited for, an hour at most; one that does not, for five minutes.
wait_for_backup() {
  local size=0 now end=$((SECONDS + 3600)) deadline=$((SECONDS + 300))
  until docker exec "$(container backup)" bash -c '[[ ! -f /var/lib/barman/lab/gap ]] && grep -qx status=DONE /var/lib/barman/lab/meta/*-backup.info' 2>/dev/null; do
    now=$(docker exec "$(container backup)" du -s /var/lib/barman/lab/base 2>/dev/null | cut -f 1) || now=$size
    ((now <= size)) || size=$now deadline=$((SECONDS + 300))
    ((SECONDS < deadline && SECONDS < end)) || { docker logs --tail 20 "$(container backup)" && return 1; }
    sleep 0.5
  done
}

provide_backup() {
  is_on backup || return 0
  step "Building the image of the repository" compose build backup
  has_own_store || return 0
  if [[ $image_set == debian ]]; then
    step "Building an S3 store" compose build s3
  elif ! have_image "$(compose config --images s3)"; then
    step "Pulling an S3 store" compose pull --quiet s3
  fi
}

# The whole cluster from the repository. The members stop first, so that nothing is acknowledged that will be lost, and nothing is destroyed before
# the past has been restored beside them. Interrupted, it can be run again.
backup_rebuild() {
  local to='' agreed='' restored json='' began=$SECONDS
  while (($#)); do
    case $1 in
      --to)
        to=${2:-}
        (($# == 1)) || shift
        ;;
      --yes) agreed=yes ;;
      --json) json=yes ;;
      --help | -h)
        echo "Usage: scripts/lab backup rebuild --to (latest|TIME|XID|LSN|RESTORE-POINT) [--yes] [--json]"
        echo "Replaces the data of all members by what the repository has. Without --yes it asks."
        return
        ;;
      *) no_more_arguments "$1" ;;
    esac
    shift
  done
  [[ -n $to ]] || wrong_usage "rebuild needs --to latest, or a moment"
  is_on backup || die "There is no backup to rebuild from."
  refuse_memory
  # What cannot be restored must not cost a stop of the cluster. Without data there is nothing to stop.
  ! has_data || (backup_tool plan --to "$to" >/dev/null) || die "Nothing was changed."
  [[ -n $agreed ]] || confirm "This stops ${members[*]} and replaces their data by what the repository has of '$to'. Until it is done, the service answers nothing." ||
    die "Nothing was changed. If all of that may go: scripts/lab backup rebuild --to $to --yes"
  choose_images "$(setting LAB_IMAGES auto)"
  provide_images
  etcd_answers || die "etcd has no quorum, and the new cluster needs one. See: scripts/lab doctor --fix"
  restored=$(setting LAB_PREFIX)restored-rebuild
  docker rm --force --volumes "$restored" >/dev/null 2>&1 || true
  step "Stopping the members" compose stop "${members[@]}"
  # Subshell: die inside must not end this script.
  (backup_tool restore --to "$to" --name rebuild >/dev/null) || {
    # Of its members' data some may be gone and some half copied.
    ! was_interrupted || die "An earlier rebuild was interrupted, so no member was started. Again, to another moment perhaps: scripts/lab backup rebuild --to latest"
    has_data || die "The members have no data. Again, to another moment perhaps: scripts/lab backup rebuild --to 2026-11-27T18:00:00Z"
    step "Starting the members again" compose start "${members[@]}"
    die "Nothing was changed."
  }
  docker exec "$(container backup)" touch /var/lib/barman/lab/gap /var/lib/barman/lab/rebuilding
  replace_data "$restored"
  docker exec "$(container backup)" rm /var/lib/barman/lab/rebuilding
  step "Preparing the cluster for its backup" prepare_backup
  cluster wait 600 whole api || die "The members are not whole. See: scripts/lab status"
  say "✓ Rebuilt after $((SECONDS - began)) s. The repository makes a new base backup."
  [[ -z $json ]] || printf '{"rebuiltSeconds":%d}\n' $((SECONDS - began))
}

# replace_data CONTAINER: the data of a restored server becomes that of the whole cluster.
replace_data() {
  step "Removing the members and their data" remove_member_data
  find_members
  step "Giving the restored data to patroni1" hand_over "$1"
  step "Making etcd forget the old members" forget_members
  step "Starting patroni1" compose up -d --no-build --no-deps patroni1
  cluster wait 300 leader || die "patroni1 does not lead. Look: scripts/lab logs patroni1. Again: scripts/lab backup rebuild --to latest"
  step "Starting the other members" compose up -d --no-build --no-deps "${members[@]}"
  step "Applying roles and passwords" apply_roles
}

# A lab beside this one with its data. It starts empty, as any second lab, and then gets a cluster from this lab's repository.
backup_clone() {
  local name='' to=latest restored json=''
  while (($#)); do
    case $1 in
      --to)
        to=${2:-}
        (($# == 1)) || shift
        ;;
      --json) json=yes ;;
      --help | -h)
        echo "Usage: scripts/lab backup clone NAME [--to (latest|TIME|XID|LSN|RESTORE-POINT)] [--json]"
        echo "Starts a second lab with the data of this one. Its commands: scripts/lab in NAME COMMAND. Away with it: scripts/lab in NAME down --volumes"
        return
        ;;
      -*) no_more_arguments "$1" ;;
      *)
        [[ -z $name ]] || no_more_arguments "$1"
        name=$1
        ;;
    esac
    shift
  done
  [[ $name =~ ^[a-z][a-z0-9]{0,15}$ ]] || wrong_usage "clone needs a name: up to 16 small letters and digits, a letter first"
  [[ -n $to ]] || wrong_usage "--to needs a moment"
  is_on backup || die "There is no backup to clone from. First: scripts/lab backup on"
  refuse_memory
  [[ -z ${LAB_CLONE:-} ]] || die "This is a clone. Clone the first lab."
  [[ ! -f $(clone_file "$name") ]] || die "There is a clone $name. Away with it: scripts/lab in $name down --volumes"
  restored=$(setting LAB_PREFIX)restored-clone
  docker rm --force --volumes "$restored" >/dev/null 2>&1 || true
  (backup_tool restore --to "$to" --name clone >/dev/null) || die "Nothing was changed."
  choose_images "$(setting LAB_IMAGES auto)"
  write_clone "$name"
  if ! scripts/lab in "$name" up --images "$image_set" >/dev/null || ! scripts/lab in "$name" backup adopt "$restored"; then
    die "The clone is not whole. Away with it: scripts/lab in $name down --volumes"
  fi
  say "✓ Cloned. Next: scripts/lab in $name status, scripts/lab in $name psql. Away with it: scripts/lab in $name down --volumes"
  [[ -z $json ]] || printf '{"name":"%s"}\n' "$name"
}

# backup_adopt CONTAINER: the data of a restored server becomes that of this lab. A command of its own, because `clone` runs in the environment of the
# first lab.
backup_adopt() {
  [[ -n ${LAB_CLONE:-} && -n ${1:-} ]] || wrong_usage "adopt is a part of clone"
  no_more_arguments "${@:2}"
  choose_images "$(setting LAB_IMAGES auto)"
  provide_images
  # Killed, for nothing of theirs is kept.
  step "Stopping the members" compose kill "${members[@]}"
  replace_data "$1"
  cluster wait 600 whole api || die "The members are not whole. See: scripts/lab in $LAB_CLONE status"
}

# A disk in memory is empty once no container uses it, and between the old members and the new ones none does.
refuse_memory() {
  [[ -z $(setting LAB_DISK_SIZE) ]] || die "The members' disks are in memory (LAB_DISK_SIZE), where restored data cannot be put."
}

etcd_answers() { docker exec "$(container etcd1)" etcdctl endpoint health >/dev/null 2>&1; }

# Whether a rebuild began to replace the members' data and did not end.
was_interrupted() { docker exec "$(container backup)" test -f /var/lib/barman/lab/rebuilding; }

has_data() { docker volume inspect "$(setting LAB_NAME pg-ha-lab)_patroni1" >/dev/null 2>&1; }

remove_member_data() {
  local member
  compose rm --stop --force "${members[@]}"
  for member in "${members[@]}"; do
    ! docker volume inspect "$(setting LAB_NAME pg-ha-lab)_$member" >/dev/null 2>&1 || docker volume rm "$(setting LAB_NAME pg-ha-lab)_$member"
  done
}

# hand_over CONTAINER: the data folder of a restored server becomes that of patroni1, which makes its postgres the owner at its start. The restored
# server did not wait for the disk; this does, for now it is the only copy. Half of it has a name under which nobody would start it.
hand_over() {
  docker stop --time 60 "$1"
  compose up --no-start --no-build --no-deps patroni1
  docker run --rm --label com.docker.compose.project= --user 0:0 --volumes-from "$1" --volumes-from "$(container patroni1)" --entrypoint bash pg-ha-lab/backup -c '
    cd /home/postgres/pgdata && mkdir -p pgroot && cp -pR /restored/data pgroot/half && sync && mv pgroot/half pgroot/data && sync' || return 1
  docker rm --force --volumes "$1"
}

# Not the configuration. The identity of the cluster becomes that of the restored data, so that no empty member makes another cluster.
forget_members() {
  local key identity
  for key in failover failsafe history leader members/ status sync; do
    docker exec "$(container etcd1)" etcdctl del --prefix "/service/$scope/$key" || return 1
  done
  identity=$(docker run --rm --label com.docker.compose.project= --user 0:0 --volumes-from "$(container patroni1)" --entrypoint pg_controldata pg-ha-lab/backup \
    /home/postgres/pgdata/pgroot/data | sed -n 's/^Database system identifier: *//p')
  [[ -n $identity ]] && docker exec "$(container etcd1)" etcdctl put "/service/$scope/initialize" "$identity"
}

# Servers that were restored beside the lab are on its network and would keep it. With their data, which can be restored again.
remove_restored() {
  local found
  found=$(docker ps -aq --filter "label=pg-ha-lab.restored=$(setting LAB_NAME pg-ha-lab)")
  # shellcheck disable=SC2086 # a word per container
  [[ -z $found ]] || docker rm --force --volumes $found >/dev/null
}
