# shellcheck shell=bash disable=SC2034 # others read the variables
# Where things are in Barman's repository. Read by the other programs of this folder.

repository=/var/lib/barman/lab
# Complete segments and histories of timelines, once Barman has filed them: wals/TTTTTTTTSSSSSSSS/NAME, wals/TTTTTTTT.history.
wals=$repository/wals
# What is being received. The newest segment of a timeline ends in .partial.
streaming=$repository/streaming
# The tables of app_db by the file that holds them: "FILE SCHEMA.TABLE", the newest last. A dropped table has its name only here.
relations=$repository/relations

# Barman's description of a base backup, NAME=VALUE lines.
description() { echo "$repository/meta/$1-backup.info"; }
# field BACKUP NAME: of that description.
field() { sed -n "s/^$2=//p" "$(description "$1")"; }

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
