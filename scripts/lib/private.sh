#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run by scripts/test in mount and process namespaces of its own: COMMAND...
# A /run without the network namespaces and sandboxes of others: a chain that is deployed on this machine and the tests do not see each
# other, though both have a client and a web server of that name. What is left, processes too, goes with the first process.
# OWN_NETWORK: the network namespace is its own as well.

set -euo pipefail

old="$(mktemp -d)"
mount --rbind /run "$old"
mount -t tmpfs -o mode=755 tmpfs /run
for path in "$old"/* "$old"/.[!.]*; do
    name="${path##*/}"
    case "$name" in netns | pantheon.cnf*) continue ;; esac
    if [ -L "$path" ]; then
        cp -P "$path" "/run/$name"
    elif [ -d "$path" ]; then
        mkdir -p "/run/$name"
        mount --rbind "$path" "/run/$name"
    elif [ -e "$path" ]; then
        : >"/run/$name"
        mount --bind "$path" "/run/$name"
    fi
done
umount -l "$old"
rmdir "$old"
if [ -n "${OWN_NETWORK:-}" ]; then
    ip link set lo up
    umount -l /sys
    mount -t sysfs sysfs /sys
fi
exec "$@"
