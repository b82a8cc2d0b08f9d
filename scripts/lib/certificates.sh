# shellcheck shell=bash
# The lab's own certificate authority, for `scripts/lab secure`. The folder is closed to other users of this machine. Each container
# sees the part that is its own, where files may be read by everybody, for the user ids of images differ.
#
# Paths in $secure_folder, which is .lab/secure/LAB_NAME:
#   authority.pem      the authority's certificate and key, which signs
#   authorities.crt    the authorities that everybody trusts: one, or two during a change
#   NAME/ca.crt        the same, for the container NAME
#   NAME/tls.pem       its certificate and key, in one file so that both are replaced in one step
#   untold             there while running parts may not know of a new certificate

authority_days=3650
leaf_days=397
# `scripts/lab up` renews what runs out within this time.
renew_before_days=30

# The containers that have a certificate, and `standby`, the login of replication.
certified=(etcd1 etcd2 etcd3 patroni1 patroni2 patroni3 patroni4 haproxy edge1 edge2 pooler1 pooler2 pooler3 redis api1 api2 fencing backup observability standby)

# names_of NAME: what a certificate is valid for. Those behind a proxy that forwards TCP also have the proxy's names, for that is whom their
# clients believe to be connected to.
names_of() {
  local names="DNS:$1,DNS:localhost,IP:127.0.0.1"
  case $1 in
    patroni* | edge* | pooler*) names+=",DNS:haproxy,IP:$(setting LAB_NETWORK 10.213.17).30" ;;
    haproxy) names+=",IP:$(setting LAB_NETWORK 10.213.17).30" ;;
    # The services of a cluster on Kubernetes (infra/kubernetes/zalando), in their namespace.
    pg-ha) names+="$(printf ',DNS:%s,DNS:%s.pg-ha,DNS:%s.pg-ha.svc' pg-ha{,,} pg-ha-repl{,,} pg-ha-pooler{,,})" ;;
  esac
  echo "$names"
}

provide_certificates() {
  local name
  is_on secure || return 0
  need openssl
  mkdir -p "$secure_folder"
  chmod 700 "$secure_folder"
  [[ -f $secure_folder/authority.pem ]] || make_authority "$secure_folder/authority.pem"
  [[ -f $secure_folder/authorities.crt ]] || trust_authorities "$secure_folder/authority.pem"
  for name in "${certified[@]}"; do
    is_usable "$name" || make_leaf "$name"
    # Of a part that is newer than the authority.
    [[ -f $secure_folder/$name/ca.crt ]] || give_authorities "$name"
  done
  trust_lab
}

# Whether a certificate lasts, has the names it should have, and is one that everybody trusts.
is_usable() {
  local file=$secure_folder/$1/tls.pem
  [[ -f $file && $(<"$secure_folder/$1/names") == "$(names_of "$1")" ]] &&
    openssl x509 -in "$file" -noout -checkend $((renew_before_days * 86400)) >/dev/null &&
    openssl verify -CAfile "$secure_folder/authorities.crt" "$file" >/dev/null 2>&1
}

# make_authority FILE
make_authority() {
  local new=$secure_folder/authority.new
  openssl_quietly req -x509 -config <(request_configuration) -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 -days "$authority_days" \
    -subj "/CN=$(setting LAB_NAME pg-ha-lab) $(date -u +%Y-%m-%dT%H:%M:%SZ)" -keyout "$new.key" -out "$new.crt"
  (umask 077 && cat "$new.crt" "$new.key" >"$new")
  rm "$new.crt" "$new.key"
  mv "$new" "$1"
}

# The machine's own may leave out what makes a certificate that of an authority. Strict clients want its key usage, too.
request_configuration() {
  cat <<'END'
[req]
distinguished_name = name
x509_extensions = authority
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
END
}

# make_leaf NAME: a new key and a certificate. Only `standby` has a common name, which is the login it stands for.
make_leaf() {
  local name=$1 folder=$secure_folder/$1 subject=/
  [[ $name != standby ]] || subject=/CN=standby
  # A part that runs goes on with the old one until it is told.
  [[ ! -f $folder/tls.pem ]] || touch "$secure_folder/untold"
  mkdir -p "$folder"
  chmod 755 "$folder"
  openssl_quietly req -new -config <(request_configuration) -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 -subj "$subject" -keyout "$folder/new.key" -out "$folder/new.csr"
  openssl_quietly x509 -req -in "$folder/new.csr" -sha256 -days "$leaf_days" -set_serial "0x$(openssl rand -hex 16)" \
    -CA "$secure_folder/authority.pem" -CAkey "$secure_folder/authority.pem" -out "$folder/new.crt" -extfile <(
      echo "basicConstraints=critical,CA:FALSE"
      echo "keyUsage=critical,digitalSignature"
      echo "extendedKeyUsage=serverAuth,clientAuth"
      echo "authorityKeyIdentifier=keyid"
      echo "subjectAltName=critical,$(names_of "$name")"
    )
  cat "$folder/new.crt" "$folder/new.key" >"$folder/new.pem"
  rm "$folder/new.crt" "$folder/new.key" "$folder/new.csr"
  chmod 644 "$folder/new.pem"
  mv "$folder/new.pem" "$folder/tls.pem"
  names_of "$name" >"$folder/names"
}

# trust_authorities FILE…: from now on these, and no others.
trust_authorities() {
  local name file
  for file in "$@"; do openssl x509 -in "$file"; done >"$secure_folder/authorities.new"
  chmod 644 "$secure_folder/authorities.new"
  mv "$secure_folder/authorities.new" "$secure_folder/authorities.crt"
  for name in "${certified[@]}"; do
    mkdir -p "$secure_folder/$name"
    chmod 755 "$secure_folder/$name"
    give_authorities "$name"
  done
}

# give_authorities NAME: readable for everybody, whatever the umask.
give_authorities() {
  cp "$secure_folder/authorities.crt" "$secure_folder/$1/ca.new"
  chmod 644 "$secure_folder/$1/ca.new"
  mv "$secure_folder/$1/ca.new" "$secure_folder/$1/ca.crt"
}

openssl_quietly() { openssl "$@" 2>"$secure_folder/openssl.log" || die "openssl: $(tail -n 1 "$secure_folder/openssl.log")"; }
