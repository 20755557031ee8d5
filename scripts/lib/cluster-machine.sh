#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The first process of a node: cluster-machine.sh STATE, in mount, network and process namespaces of its own, which end with it. It gives
# the node's parts a machine of their own as far as they write to one, and then waits for the processes that they leave behind.

set -euo pipefail

state="$1"
mkdir -p "$state/machine"
mount -t tmpfs -o mode=755 cluster "$state/machine"
mkdir "$state/machine/cluster" "$state/machine/lock"
# A short path: those of sockets have 108 characters.
mount --bind "$state" "$state/machine/cluster"
# Without a note in /run, which is another one now.
mount --no-mtab --move "$state/machine" /run
for path in /var/log /var/lib/cni; do mount -t tmpfs -o mode=755 cluster "$path"; done

# kubelet sets these for the whole machine, unless they are so already: it sees that they are.
for pair in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
    file="/run/$(tr / . <<<"${pair%=*}")"
    printf '%s\n' "${pair#*=}" >"$file"
    [ ! -e "/proc/sys/${pair%=*}" ] || mount --bind "$file" "/proc/sys/${pair%=*}"
done
# Pods may ask to see what is mounted later.
mount --make-rshared /

ip link set lo up
printf '1\n' >/proc/sys/net/ipv4/ip_forward
: >/run/ready
while :; do
    sleep infinity &
    wait "$!" || true
done
