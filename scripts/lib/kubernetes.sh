# shellcheck shell=bash
# `scripts/lab kubernetes`: the same service where PostgreSQL runs under an operator (infra/kubernetes). It uses the cluster that kubectl is
# set to, and touches nothing of the lab.

kubernetes_folder=infra/kubernetes
kubernetes_namespace=pg-ha
overlays=(zalando cloudnative-pg zalando-backup cloudnative-pg-backup observe/zalando observe/cloudnative-pg)

kubernetes_usage() {
  cat <<'END'
Usage: scripts/lab kubernetes COMMAND

  render OVERLAY        print what would be applied; asks no cluster
  validate              the tests of infra/kubernetes: schemas, names, policies; asks no cluster
  up OVERLAY [--yes] [--image REGISTRY/NAME:TAG]
                        apply an overlay to the cluster that kubectl is set to, make the secrets that are missing, and wait until the
                        service is ready. Says first what it will install where, and asks; with --yes it does not ask. Safe to repeat.
                        On kind the nodes get the image of this machine, so a new one is rolled out; elsewhere --image says where it is

OVERLAY is zalando or cloudnative-pg; zalando-backup or cloudnative-pg-backup, which also archive to a bucket; or observe/zalando or
observe/cloudnative-pg: monitors, alerts and dashboards for one that is up. From an empty cluster to a first failover: docs/kubernetes.md.
END
}

lab_kubernetes() {
  local command=${1:-}
  shift || true
  case $command in
    render) kubernetes_render "$@" ;;
    validate) no_more_arguments "$@" && scripts/test unit '^.*infra/kubernetes/' ;;
    up) kubernetes_up "$@" ;;
    --help | -h) kubernetes_usage ;;
    *) wrong_usage "kubernetes takes render, validate or up" ;;
  esac
}

kubernetes_render() {
  choose_overlay "$@"
  need kubectl
  kubectl kustomize "$kubernetes_folder/$overlay"
}

choose_overlay() {
  overlay=${1:-}
  no_more_arguments "${@:2}"
  [[ " ${overlays[*]} " == *" ${overlay:-none} "* ]] || wrong_usage "which overlay? One of: ${overlays[*]}"
}

kubernetes_up() {
  local yes=false arguments=() image=''
  while (($# > 0)); do
    case $1 in
      --yes) yes=true ;;
      --image)
        shift
        image=${1:-}
        [[ $image =~ ^[A-Za-z0-9._/:-]+:[A-Za-z0-9_.-]+$ && ${image##*:} != */* ]] || wrong_usage "--image takes REGISTRY/NAME:TAG"
        ;;
      *) arguments+=("$1") ;;
    esac
    shift
  done
  choose_overlay "${arguments[@]}"
  [[ -z $image || $overlay != observe/* ]] || wrong_usage "$overlay runs no image of the service"
  need kubectl
  demand_cluster
  demand_operator
  [[ $overlay == observe/* ]] || demand_image
  [[ $overlay != *-backup ]] || demand_store
  announce
  [[ $yes == true ]] || ask_whether_to_go_on
  if [[ $overlay == observe/* ]]; then
    kubectl apply -k "$kubernetes_folder/$overlay" >&2
    say "✓ Watched. What looks where, and what it shows: docs/kubernetes.md#alerts-and-dashboards"
    return
  fi
  [[ -n $image ]] || give_image_to_kind
  kubectl apply -f "$kubernetes_folder/base/namespace.yml" >&2
  provide_kubernetes_secrets
  # A Job cannot be changed, and this one may run again.
  in_namespace delete job prepare --ignore-not-found >&2
  overlay_with_image
  kubectl apply -k "$image_folder" >&2
  step "Waiting for PostgreSQL (the first time its image is pulled)" wait_for_postgres
  step "Waiting for the roles and the schema" in_namespace wait --for=condition=complete job/prepare --timeout=11m
  step "Waiting for the service" in_namespace rollout status deployment/api --timeout=5m
  say "✓ The service is ready in the namespace $kubernetes_namespace. To reach it: kubectl -n $kubernetes_namespace port-forward service/api 3000:80"
  say "  Break it, and be told what clients saw: docs/kubernetes.md"
}

in_namespace() { kubectl --namespace "$kubernetes_namespace" "$@"; }

demand_cluster() {
  context=$(kubectl config current-context 2>/dev/null) || die "kubectl is set to no cluster. A small one on this machine: kind create cluster"
  kubectl get --raw /readyz --request-timeout=10s >/dev/null 2>&1 || die "The cluster of the context '$context' does not answer."
}

# operator_of OVERLAY: the resource that its operator brings, and how to install it in its authors' words.
operator_of() {
  case $1 in
    observe/*) echo "servicemonitors.monitoring.coreos.com the Prometheus Operator: https://prometheus-operator.dev/docs/getting-started/installation/" ;;
    zalando*) echo "postgresqls.acid.zalan.do kubectl create -f https://raw.githubusercontent.com/zalando/postgres-operator/v2.0.1/manifests/postgresql.crd.yaml && kubectl apply -k 'github.com/zalando/postgres-operator/manifests?ref=v2.0.1'" ;;
    cloudnative-pg*) echo "clusters.postgresql.cnpg.io kubectl apply --server-side -f https://raw.githubusercontent.com/cloudnative-pg/cloudnative-pg/release-1.30/releases/cnpg-1.30.0.yaml" ;;
  esac
}

demand_operator() {
  local resource way
  read -r resource way <<<"$(operator_of "$overlay")"
  kubectl get crd "$resource" >/dev/null 2>&1 || die "The cluster of '$context' has no $resource: its operator is missing. Install it first: $way"
  [[ $overlay != cloudnative-pg-backup ]] || kubectl get crd objectstores.barmancloud.cnpg.io >/dev/null 2>&1 ||
    die "The cluster of '$context' has no Barman Cloud plugin. Install it first: https://cloudnative-pg.io/plugin-barman-cloud/docs/installation/"
}

announce() {
  say "Into the cluster of the context '$context', namespace $kubernetes_namespace:"
  kubectl kustomize "$kubernetes_folder/$overlay" | awk '/^kind:/ { kind = $2 } /^  name:/ { if (kind) print "  " kind " " $2; kind = "" }' >&2
  [[ $overlay == observe/* ]] || secrets_of "$overlay" | awk '{ print "  Secret " $1 " (where it is missing)" }' >&2
}

ask_whether_to_go_on() {
  local answer=''
  [[ -t 0 ]] || die "Not asked, for this is no terminal: nothing was changed. Say --yes."
  read -r -p "Go on? [y/N] " answer
  [[ $answer == [yY]* ]] || die "Nothing was changed."
}

# Nodes of kind see the images of this machine only when they are given to them. Elsewhere it is a registry that has them.
demand_image() {
  [[ -z $image ]] || return 0
  [[ $context == kind-* ]] || die "Nodes outside kind take the image of the service from a registry of yours. Say --image REGISTRY/NAME:TAG. How it gets there: infra/kubernetes/README.md, \"The image\""
  need docker kind
  have_image pg-ha-lab/api || die "There is no image of the service yet. scripts/lab up makes it."
}

# By its content, so that a new one makes new pods.
give_image_to_kind() {
  local id
  id=$(docker image inspect --format '{{.Id}}' pg-ha-lab/api)
  id=${id#sha256:}
  image=pg-ha-lab/api:${id:0:12}
  docker tag pg-ha-lab/api "$image"
  step "Giving the image of the service to the nodes" kind load docker-image "$image" --name "${context#kind-}"
}

# The overlay with this image. Kustomize takes no absolute path and no option for it.
overlay_with_image() {
  image_folder=.lab/kubernetes/overlay
  mkdir -p "$image_folder"
  cat >"$image_folder/kustomization.yml" <<END
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../../../$kubernetes_folder/$overlay]
images: [{ name: pg-ha-lab/api, newName: "${image%:*}", newTag: "${image##*:}" }]
END
}

# The bucket's keys are their owner's, and nobody can make them here.
demand_store() {
  in_namespace get secret backup-store >/dev/null 2>&1 || die "The keys of your bucket are missing. Put access-key-id=… and secret-access-key=… into a file, then:
  kubectl apply -f $kubernetes_folder/base/namespace.yml
  kubectl -n $kubernetes_namespace create secret generic backup-store --from-env-file=FILE"
}

# secrets_of OVERLAY: name, key, and what its value is, of those that are made here.
secrets_of() { awk -v overlay="$1" '!/^#/ && NF && ($1 == "both" || index(overlay, $1) == 1) { print $2, $3, $4 }' "$kubernetes_folder/secrets.txt"; }

provide_kubernetes_secrets() {
  local name key made
  while read -r name key made; do
    ! in_namespace get secret "$name" >/dev/null 2>&1 || continue
    case $made in
      random) make_secret Opaque "$name" "$key: $(random_secret)" ;;
      login:*) make_secret kubernetes.io/basic-auth "$name" "username: ${made#login:}, password: $(random_secret)" ;;
      certificate) make_certificate_secret "$name" ;;
    esac
    say "✓ Secret $name made"
  done < <(secrets_of "$overlay")
}

# make_secret TYPE NAME VALUES: through stdin, for everybody can read a command line.
make_secret() {
  in_namespace create -f - >/dev/null <<END
apiVersion: v1
kind: Secret
metadata: { name: $2 }
type: $1
stringData: { $3 }
END
}

make_certificate_secret() {
  local secure_folder=.lab/kubernetes name=$1
  need openssl
  mkdir -p "$secure_folder"
  chmod 700 "$secure_folder"
  [[ -f $secure_folder/authority.pem ]] || make_authority "$secure_folder/authority.pem"
  make_leaf "$kubernetes_namespace"
  openssl x509 -in "$secure_folder/authority.pem" -out "$secure_folder/ca.crt"
  openssl x509 -in "$secure_folder/$kubernetes_namespace/tls.pem" -out "$secure_folder/tls.crt"
  (umask 077 && openssl pkey -in "$secure_folder/$kubernetes_namespace/tls.pem" -out "$secure_folder/tls.key")
  in_namespace create secret generic "$name" --from-file="$secure_folder/tls.crt" --from-file="$secure_folder/tls.key" --from-file="$secure_folder/ca.crt" >/dev/null
  rm "$secure_folder/tls.key" "$secure_folder/$kubernetes_namespace/tls.pem"
}

wait_for_postgres() {
  case $overlay in
    zalando*) in_namespace wait --for=jsonpath='{.status.PostgresClusterStatus}'=Running postgresqls.acid.zalan.do/pg-ha --timeout=10m ;;
    cloudnative-pg*) in_namespace wait --for=condition=Ready clusters.postgresql.cnpg.io/pg-ha --timeout=10m ;;
  esac
}
