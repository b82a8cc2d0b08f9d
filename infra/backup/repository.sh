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

# Names of base backups that are deleted here, and perhaps not yet in the second copy.
expired=$repository/expired

# Barman's description of a base backup, NAME=VALUE lines.
description() { echo "$repository/meta/$1-backup.info"; }
# field BACKUP NAME: of that description.
field() { sed -n "s/^$2=//p" "$(description "$1")"; }

# position NAME: of a segment's first byte. position_of LSN: of a place in the log. As numbers.
position() { echo $(((16#${1:8:8} << 32) + (16#${1:16:8} << 24))); }
position_of() { echo $(((16#${1%/*} << 32) + 16#${1#*/})); }

# lineage TIMELINE: prints a line "TIMELINE LSN" for each timeline that the cluster has left on its way to this one, with the place where it
# left it; and at last a line with this timeline alone. In hexadecimal, oldest first.
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
# list_copy FOLDER: the names in a folder of it; none where it is not there (3), and a failure where the store does not answer.
list_copy() {
  local status=0
  rclone lsf "$1" 2>/dev/null || status=$?
  ((status == 0 || status == 3)) || { echo "The S3 store does not answer." >&2 && return 1; }
}
has_copy() { [[ -n ${BACKUP_S3_BUCKET:-} ]]; }
# Somebody else's bucket is there, and the key may not be allowed to make one. The lab's own store begins without any.
[[ -z ${BACKUP_S3_ENDPOINT:-} ]] || export RCLONE_S3_NO_CHECK_BUCKET=true

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
