# shellcheck shell=bash
# .env: made, completed and read here. Values never reach the screen or a command line.

secrets=(SUPERUSER_PASSWORD REPLICATION_PASSWORD APP_OWNER_PASSWORD APP_USER_PASSWORD MONITOR_PASSWORD
  HAPROXY_STATS_PASSWORD CONSISTENCY_TOKEN_SECRET REDIS_PASSWORD)
secrets_of_secure=(ETCD_ROOT_PASSWORD ETCD_PASSWORD PATRONI_PASSWORD)

# The settings of .env, read once, by the rules of Compose.
declare -A settings=()
load_settings() {
  local lines line
  settings=()
  [[ -f .env ]] || return 0
  lines=$(node scripts/lib/env.mjs .env) || exit 1
  while IFS= read -r line; do
    [[ -z $line ]] || settings[${line%%=*}]=${line#*=}
  done <<<"$lines"
}
load_settings

# setting NAME [DEFAULT]: the environment goes before .env, as in Compose, also when the variable is empty.
setting() {
  local value=${settings[$1]:-}
  [[ ! -v $1 ]] || value=${!1}
  printf '%s' "${value:-${2:-}}"
}

# The cluster's name, under which Patroni keeps its keys in etcd.
scope=$(setting LAB_SCOPE pg-ha)

container() { printf '%s' "$(setting LAB_PREFIX)$1"; }

# Letters and digits only: Spilo escapes anything else, and Compose expands `$`.
random_secret() { node -p 'require("crypto").randomBytes(24).toString("hex")'; }

# Adds the secrets that .env lacks.
complete_env() {
  local name added=() needed=("${secrets[@]}")
  ! is_on secure || needed+=("${secrets_of_secure[@]}")
  ! is_on backup || needed+=(BACKUP_PASSWORD)
  ! is_on observability || needed+=(GRAFANA_PASSWORD)
  [[ -f .env ]] || (umask 077 && echo '# Made by scripts/lab; .env.example explains the names. Never commit it.' >.env)
  # An editor may have dropped the last newline.
  [[ -z $(tail -c 1 .env) ]] || echo >>.env
  for name in "${needed[@]}"; do
    if [[ -z ${settings[$name]:-}${!name:-} ]]; then
      printf '%s=%s\n' "$name" "$(random_secret)" >>.env
      added+=("$name")
    fi
  done
  ((${#added[@]} == 0)) && return
  load_settings
  chmod 600 .env
  say "✓ Random secrets written to .env: ${added[*]}"
}

# write_setting NAME VALUE: replaces its line in .env, or adds one. A variable of the environment would hide what is written.
write_setting() {
  [[ ! -v $1 || ${!1} == "$2" ]] || die "$1 is set in the environment, which goes before .env. Unset it, or set it to '$2'."
  (umask 077 && awk -v name="$1" -v value="$2" '
    $0 ~ "^[[:space:]]*(export[[:space:]]+)?" name "[[:space:]]*[=:]" { if (!done++) print name "=" value; next }
    { print }
    END { if (!done) print name "=" value }' .env >.env.new)
  mv .env.new .env
  load_settings
}
