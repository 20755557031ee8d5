# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The node of scripts/cluster: a machine of namespaces, in which all of the cluster runs. Sourced after cluster.sh.
# shellcheck disable=SC2034,SC2154

NODE=node
POD_NETWORK=10.244.0.0/16
MACHINE=/run/cluster
# The API server with a node: it talks to its kubelet, by address.
NODE_FLAGS=(
    "--kubelet-client-certificate=$MACHINE/pki/admin.crt" "--kubelet-client-key=$MACHINE/pki/admin.key"
    "--kubelet-certificate-authority=$MACHINE/pki/ca.crt" --kubelet-preferred-address-types=InternalIP
)

NODE_PROGRAMS=(kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl)
NODE_PACKAGES=(containerd runc containernetworking-plugins busybox-static iproute2 nftables procps util-linux)

# need_node: what a node takes beside the programs; said before anything is started.
need_node() {
    [ "$(id -u)" = 0 ] || lacks "root, which a node needs"
    packages "${NODE_PACKAGES[@]}"
    local groups=/sys/fs/cgroup probe
    [ -e "$groups/cgroup.procs" ] || groups=/sys/fs/cgroup/pids
    probe="$groups/pantheon-cnf-$$"
    if ! { mkdir "$probe" && rmdir "$probe"; } 2>/dev/null; then lacks "cgroups that can be written to ($groups), which a node needs"; fi
    [ -r /dev/kmsg ] || lacks "/dev/kmsg, which kubelet needs"
    unshare --mount --net --pid --fork bash -c 'mount -t tmpfs probe /run && ip link add probe type bridge && ip link add one type veth peer name two &&
        nft "add table ip probe; add chain ip probe probe { type nat hook postrouting priority srcnat; }"' 2>/dev/null ||
        lacks "the right to make namespaces, or a kernel with bridges, veth and nftables in them, which a node needs"
}

has_node() { [ -s "$state/node.address" ]; }

# node_address: of the node, as its end of the link; the other end is the address before it.
node_address() { cat "$state/node.address"; }
gateway() { local address; address="$(node_address)"; printf '%s.%s' "${address%.*}" "$((${address##*.} - 1))"; }
link() { printf 'cnf-%s' "$(node_address | tr . - | cut -d- -f3,4)"; }

# choose_address: a network of four addresses that this machine does not have yet.
choose_address() {
    ! has_node || return 0
    local third fourth
    while :; do
        third=$((RANDOM % 250)) fourth=$((RANDOM % 63 * 4))
        [ -n "$(ip -4 route show root "10.213.$third.$fourth/30")" ] || break
    done
    printf '10.213.%s.%s\n' "$third" "$((fourth + 2))" >"$state/node.address"
}

start_machine() {
    if ! running machine; then
        # The parts of one that ended have ended with it.
        remove_cgroups || true
        ip link delete "$(link)" 2>/dev/null || true
        mkdir -p /var/lib/cni "$state/log"
        (cd / && exec setsid unshare --mount --propagation private --net --pid --fork --kill-child --mount-proc "$TREE/scripts/lib/cluster-machine.sh" "$state") \
            >>"$state/log/machine" 2>&1 </dev/null 9<&- &
        process "$!" >"$state/machine.pid" || true
        await machine machine_is_ready
    fi
    enter_machine
    if ! ip link show "$(link)" >/dev/null 2>&1; then
        ip link add "$(link)" type veth peer name eth0 netns "$(inner_pid machine)"
        ip address add "$(gateway)/30" dev "$(link)"
        ip link set "$(link)" up
        inside ip address add "$(node_address)/30" dev eth0
        inside ip link set eth0 up
        inside ip route add default via "$(gateway)"
        inside nft -f - <<NFT
table ip cluster {
    chain postrouting {
        type nat hook postrouting priority srcnat;
        ip saddr $POD_NETWORK oifname "eth0" masquerade
    }
}
NFT
    fi
}

machine_is_ready() { enter_machine && inside test -e /run/ready; }

# inner_pid NAME: of the one process that NAME waits for.
inner_pid() { pgrep -P "$(pid "$1")"; }

# enter_machine: from now on `inside` and `launch` are in it.
enter_machine() { enter=(nsenter --target "$(inner_pid machine)" --mount --net --pid); }

# remove_cgroups: those of containers that were killed with their machine; the folder above only when nobody else has one there.
remove_cgroups() {
    local folders
    mapfile -t folders < <(find "$state"/containerd/io.containerd.grpc.v1.cri/{containers,sandboxes} -mindepth 1 -maxdepth 1 -printf '/k8s.io/%f\n' 2>/dev/null)
    [ ${#folders[@]} -gt 0 ] || return 0
    mapfile -t folders < <(find /sys/fs/cgroup -depth -type d -path '*/k8s.io/*' | grep -F -f <(printf '%s\n' "${folders[@]}"))
    [ ${#folders[@]} -eq 0 ] || rmdir "${folders[@]}" || return 1
    find /sys/fs/cgroup -depth -type d -name k8s.io -exec rmdir {} + 2>/dev/null || true
}

remove_machine() {
    if running machine; then
        kill -9 "$(pid machine)" 2>/dev/null || true
        while running machine; do sleep 0.05; done
    fi
    ip link delete "$(link)" 2>/dev/null || true
    # The processes of a namespace that ends are gone a moment later.
    local deadline=$((SECONDS + 5))
    until remove_cgroups 2>/dev/null || [ $SECONDS -ge $deadline ]; do sleep 0.1; done
    rmdir /var/lib/cni 2>/dev/null || true
}

node_certificates() {
    local name
    certificate kubelet-server "/CN=$NODE" "${LEAF[@]}" "subjectAltName=IP:$(node_address),DNS:$NODE"
    certificate kubelet "/O=system:nodes/CN=system:node:$NODE" "${LEAF[@]}"
    for name in kube-controller-manager kube-scheduler kube-proxy; do certificate "$name" "/CN=system:$name" "${LEAF[@]}"; done
    for name in kubelet kube-controller-manager kube-scheduler kube-proxy; do kubeconfig "$name" "$state/$name.kubeconfig"; done
}

# overlay_works FOLDER: whether its filesystem can be below an overlay.
overlay_works() {
    local where status=0
    where="$(mktemp -d "$1/overlay-XXXXXX")"
    mkdir "$where/lower" "$where/upper" "$where/work" "$where/merged"
    unshare --mount mount -t overlay -o "lowerdir=$where/lower,upperdir=$where/upper,workdir=$where/work" overlay "$where/merged" 2>/dev/null || status=1
    rm -rf "$where"
    return "$status"
}

configure_node() {
    local snapshotter=native
    ! overlay_works "$state" || snapshotter=overlayfs
    mkdir -p "$state/cni"
    cat >"$state/containerd.toml" <<TOML
version = 2
root = "$MACHINE/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[grpc]
address = "/run/containerd/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
path = "$MACHINE/opt"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "localhost/pause:1"
# Without CAP_SYS_RESOURCE nobody may lower it.
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "$snapshotter"
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "$MACHINE/cni"
TOML
    cat >"$state/cni/10-bridge.conflist" <<JSON
{"cniVersion": "0.4.0", "name": "pods", "plugins": [{"type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true, "ipam":
  {"type": "host-local", "ranges": [[{"subnet": "10.244.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}], "dataDir": "/run/cni"}}]}
JSON
    cat >"$state/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $MACHINE/pki/ca.crt}}
authorization: {mode: Webhook}
cgroupDriver: cgroupfs
cgroupRoot: /
cgroupsPerQOS: false
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
enforceNodeAllocatable: []
evictionHard: {memory.available: 10Mi, nodefs.available: 1%, imagefs.available: 1%}
failCgroupV1: false
failSwapOn: false
imageGCHighThresholdPercent: 100
podLogsDir: /var/log/pods
resolvConf: ""
shutdownGracePeriod: 0s
tlsCertFile: $MACHINE/pki/kubelet-server.crt
tlsPrivateKeyFile: $MACHINE/pki/kubelet-server.key
volumePluginDir: $MACHINE/kubelet/volume-plugins
YAML
    cat >"$state/kube-proxy.yaml" <<YAML
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: $MACHINE/kube-proxy.kubeconfig}
clusterCIDR: $POD_NETWORK
conntrack: {maxPerCore: 0, tcpCloseWaitTimeout: 0s, tcpEstablishedTimeout: 0s}
hostnameOverride: $NODE
mode: nftables
YAML
}

# control COMMAND...: of the node's containerd.
control() { inside ctr --address /run/containerd/containerd.sock --namespace k8s.io "$@"; }

containerd_answers() { control version >/dev/null 2>&1; }

# pause_image: what holds a pod's namespaces, made of one static program.
pause_image() {
    local work="$state/pause"
    [ -z "$(control images list --quiet name==localhost/pause:1)" ] || return 0
    mkdir -p "$work/root/bin"
    cp /bin/busybox "$work/root/bin/busybox"
    ln -sf busybox "$work/root/bin/sh"
    tar -C "$work/root" --owner=0 --group=0 -cf "$work/layer.tar" .
    cat >"$work/config.json" <<JSON
{"architecture": "$(dpkg --print-architecture)", "os": "linux", "config": {"Entrypoint": ["/bin/busybox", "sleep", "2147483647"]},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$(sha256sum "$work/layer.tar" | cut -d' ' -f1)"]}}
JSON
    printf '[{"Config": "config.json", "RepoTags": ["localhost/pause:1"], "Layers": ["layer.tar"]}]\n' >"$work/manifest.json"
    tar -C "$work" -cf "$work/image.tar" manifest.json config.json layer.tar
    control images import "$MACHINE/pause/image.tar" >>"$state/log/images" 2>&1 || { tail -n 5 "$state/log/images" >&2; die "the image of pods could not be imported"; }
    rm -rf "$work"
}

start_node() {
    configure_node
    node_certificates
    start kube-controller-manager "$(program kube-controller-manager)" "--kubeconfig=$MACHINE/kube-controller-manager.kubeconfig" --secure-port=0 \
        --leader-elect=false "--root-ca-file=$MACHINE/pki/ca.crt" "--service-account-private-key-file=$MACHINE/pki/service-accounts.key" \
        --use-service-account-credentials=true
    start kube-scheduler "$(program kube-scheduler)" "--kubeconfig=$MACHINE/kube-scheduler.kubeconfig" --secure-port=0 --leader-elect=false
    start containerd containerd --config "$MACHINE/containerd.toml"
    await containerd containerd_answers
    pause_image
    start kubelet "$(program kubelet)" "--config=$MACHINE/kubelet.yaml" "--kubeconfig=$MACHINE/kubelet.kubeconfig" "--hostname-override=$NODE" \
        "--node-ip=$(node_address)" "--root-dir=$MACHINE/kubelet" "--cert-dir=$MACHINE/pki"
    start kube-proxy "$(program kube-proxy)" "--config=$MACHINE/kube-proxy.yaml"
    await kubelet node_is_ready
}

node_is_ready() {
    local name
    # What ended meanwhile would be waited for in vain.
    for name in kube-controller-manager kube-scheduler containerd kube-proxy; do
        running "$name" || { tail -n 20 "$state/log/$name" >&2; die "$name ended by itself"; }
    done
    [ "$(client get node "$NODE" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null)" = True ] &&
        client get serviceaccount default -o name >/dev/null 2>&1
}

client() { KUBECACHEDIR="$state/kubectl-cache" "$state/kubectl" --kubeconfig "$state/kubeconfig" "$@" </dev/null; }
