# shellcheck shell=bash disable=SC2034 # others read the variables
# Where things are in Barman's repository. Read by the other programs of this folder.

repository=/var/lib/barman/lab
# Complete segments and histories of timelines, once Barman has filed them: wals/TTTTTTTTSSSSSSSS/NAME, wals/TTTTTTTT.history.
wals=$repository/wals
segment_bytes=$((1 << 24))
# What is being received. The newest segment of a timeline ends in .partial.
streaming=$repository/streaming
# The tables of app_db by the file that holds them: "FILE SCHEMA.TABLE", the newest last. A dropped table has its name only here.
relations=$repository/relations

# Barman's description of a base backup, NAME=VALUE lines.
description() { echo "$repository/meta/$1-backup.info"; }
# field BACKUP NAME: of that description.
field() { sed -n "s/^$2=//p" "$(description "$1")"; }

# position NAME: of a segment's first byte. position_of LSN: of a place in the log. As numbers.
position() { echo $(((16#${1:8:8} << 32) + (16#${1:16:8} << 24))); }
position_of() { echo $(((16#${1%/*} << 32) + 16#${1#*/})); }

# lineage TIMELINE: prints "TIMELINE LSN" for each timeline on the way to this one, in hexadecimal, and where the cluster left it; it itself at
# the end, without a place.
lineage() {
  local history timeline left
  if history=$(wal_file "$1.history"); then
    while read -r timeline left _; do
      [[ $timeline != [0-9]* ]] || printf '%08X %s\n' "$timeline" "$left"
    done <"$history"
  fi
  echo "$1"
}

# copy_of CLUSTER: where rclone finds the second copy (s3.yml). Each cluster has its own.
copy_of() { echo "s3:$BACKUP_S3_BUCKET/$1"; }
has_copy() { [[ -n ${BACKUP_S3_BUCKET:-} ]]; }

# The newest base backup that is complete; nothing where there is none.
newest_backup() { grep -lx 'status=DONE' /dev/null "$repository"/meta/*-backup.info 2>/dev/null | sort | sed -nE '$ s|.*/(.*)-backup.info|\1|p'; }

# wal_file NAME [partial]: prints where a segment or a history is; with `partial` also one that is not complete.
wal_file() {
  local file
  for file in "$wals/${1:0:16}/$1" "$wals/$1" "$streaming/$1" ${2:+"$streaming/$1.partial"}; do
    if [[ -f $file ]]; then
      echo "$file"
      return
    fi
  done
  return 1
}
