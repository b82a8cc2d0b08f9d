# shellcheck shell=bash
# `scripts/lab secure`: TLS and authentication between all parts (infra/secure).

lab_secure() {
  case ${1:-} in
    on | off) secure_switch "$@" ;;
    rotate) secure_rotate "${@:2}" ;;
    *) wrong_usage "secure takes on, off or rotate" ;;
  esac
}

# etcd and PostgreSQL keep in their data how they talk to each other, so the profile changes with a new lab only.
secure_switch() {
  local to=$1 erase=${2:-} volumes
  [[ -z $erase || $erase == --erase ]] || wrong_usage "unexpected argument '$erase'"
  no_more_arguments "${@:3}"
  if [[ $(is_on secure && echo on || echo off) == "$to" ]]; then
    # Perhaps interrupted before the new lab was there.
    [[ $to == off || -n $(running "${members[@]}") ]] || lab_up
    say "✓ secure is $to already."
    [[ $to == on || -n $(running "${members[@]}") ]] || say "The lab does not run. Start it: scripts/lab up"
    return
  fi
  # Before anything is erased.
  [[ $to == off ]] || need openssl
  [[ ! -v LAB_PROFILES ]] || die "LAB_PROFILES is set in the environment, which goes before .env. Unset it."
  complete_env
  volumes=$(docker volume ls -q --filter "label=com.docker.compose.project=$(setting LAB_NAME pg-ha-lab)")
  if [[ -n $volumes ]]; then
    [[ -n $erase ]] || confirm "This makes a new lab, and removes all data of this one." ||
      die "Nothing was changed. If all data of this lab may go: scripts/lab secure $to --erase"
    lab_down --volumes
  fi
  switch_profile secure "$to"
  if [[ $to == off ]]; then
    unset CURL_CA_BUNDLE
    NODE_EXTRA_CA_CERTS=${LAB_OTHER_AUTHORITIES:-}
  fi
  lab_up
}

# confirm QUESTION: a person at a terminal says yes.
confirm() {
  local answer
  [[ -t 0 && -t 2 ]] || return 1
  read -r -p "$1 Type yes to go on: " answer
  [[ $answer == yes ]]
}

# Everybody gets a new certificate while the lab works. With --authority the authority is a new one as well: first all trust both, then
# all get certificates of the new one, and at last nobody trusts the old one. While the old one is kept (retiring.pem) the change is not
# over: any rotation goes on with it.
secure_rotate() {
  local with_authority=false
  if [[ ${1:-} == --authority ]]; then
    with_authority=true
    shift
  fi
  no_more_arguments "$@"
  is_on secure || die "The profile is off. See: scripts/lab secure on"
  cluster wait 5 whole api etcd || die "Certificates are changed in a healthy lab only. See: scripts/lab status"
  [[ ! -f $secure_folder/retiring.pem ]] || with_authority=true
  if [[ $with_authority == true ]]; then
    # The same authority under both names: replace_authority was interrupted between its two moves.
    if [[ ! -f $secure_folder/retiring.pem ]] || cmp -s "$secure_folder/authority.pem" "$secure_folder/retiring.pem"; then
      replace_authority
    fi
    trust_authorities "$secure_folder/authority.pem" "$secure_folder/retiring.pem"
    trust_lab
    renew_everybody "the new authority beside the old one"
  fi
  make_leaves
  renew_everybody "new certificates"
  if [[ $with_authority == true ]]; then
    trust_authorities "$secure_folder/authority.pem"
    trust_lab
    renew_everybody "the new authority alone"
    rm "$secure_folder/retiring.pem"
  fi
  say "✓ Every part has a new certificate, valid for $leaf_days days."
}

replace_authority() {
  make_authority "$secure_folder/next.pem"
  cp -p "$secure_folder/authority.pem" "$secure_folder/retiring.new"
  # In this order, for an interruption must not lose the old one while it is the only one that is trusted.
  mv "$secure_folder/retiring.new" "$secure_folder/retiring.pem"
  mv "$secure_folder/next.pem" "$secure_folder/authority.pem"
}

make_leaves() {
  local name
  for name in "${certified[@]}"; do make_leaf "$name"; done
}

# Tells every part that its files are others. etcd reads its certificate at each handshake but its authorities at its start only, and the
# API reads at its start: those restart one after the other, when the others serve.
renew_everybody() {
  local name
  for name in "${etcds[@]}"; do
    step "etcd: $name takes $1" docker restart "$(container "$name")"
    cluster wait 30 etcd || die "$name has not come back. Look: scripts/lab logs $name"
  done
  for name in "${members[@]}"; do
    step "Patroni and PostgreSQL: $name takes $1" renew_member "$name"
  done
  step "Redis takes $1" renew_redis
  for name in $(running "${poolers[@]}"); do
    step "$name takes $1" renew_pooler "$name"
  done
  step "HAProxy takes $1" for_each_proxy docker kill --signal USR2
  ! is_on edge || step "The forwarder takes $1" docker kill --signal USR2 "$(container haproxy)"
  cluster wait 30 whole api || die "HAProxy does not serve. Look: scripts/lab logs haproxy"
  for name in $(running api1 api2 fencing backup); do
    step "$name takes $1" docker restart "$(container "$name")"
    cluster wait 60 api || die "$name does not serve. Look: scripts/lab logs $name"
  done
  rm -f "$secure_folder/untold"
}

# running SERVICE…: those that have a running container.
running() {
  local service
  for service in "$@"; do
    [[ $(docker inspect -f '{{.State.Running}}' "$(container "$service")" 2>/dev/null) != true ]] || echo "$service"
  done
}

renew_member() {
  docker exec "$(container "$1")" sh /secure/member.sh
  docker exec "$(container "$1")" patronictl reload "$scope" "$1" --force
}

renew_redis() {
  docker exec "$(container redis)" redis-cli --tls --cacert /tls/ca.crt --cert /tls/tls.pem --key /tls/tls.pem \
    CONFIG SET tls-ca-cert-file /tls/ca.crt tls-cert-file /tls/tls.pem tls-key-file /tls/tls.pem
}

renew_pooler() { docker exec "$(container "$1")" bash -c 'source /pooler/door.sh; for port in $write_port $read_port; do admin $port RELOAD || exit; done'; }

# Before Patroni starts: it would find out only once whether etcd wants a login.
protect_etcd() {
  is_on secure || return 0
  compose up -d --no-build "${etcds[@]}" || return 1
  etcd_tries etcd1 endpoint health || return 1
  ! etcd_as_root auth status | grep -q 'Status: true' || return 0
  etcd_new user get root || etcd_password "$(setting ETCD_ROOT_PASSWORD)" user add root
  etcd_new role get root || etcd_as_root role add root
  etcd_as_root user grant-role root root
  etcd_new role get patroni || etcd_as_root role add patroni || return 1
  etcd_as_root role grant-permission patroni --prefix=true readwrite /service/ || return 1
  etcd_new user get patroni || etcd_password "$(setting ETCD_PASSWORD)" user add patroni || return 1
  etcd_as_root user grant-role patroni patroni || return 1
  etcd_as_root auth enable
}

etcd_as_root() { docker exec "$(container etcd1)" etcdctl "$@"; }
etcd_new() { etcd_as_root "$@" >/dev/null 2>&1; }
# The password goes by standard input, for `ps` shows arguments.
etcd_password() { printf '%s\n' "$1" | docker exec -i "$(container etcd1)" etcdctl "${@:2}" --interactive=false; }
