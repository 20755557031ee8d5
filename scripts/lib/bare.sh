#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run by scripts/testhost bare in mount and process namespaces of its own: DISK TREE COMMAND...
# The test host's system on this machine's kernel, at full speed. What is written goes to memory and is gone afterwards.

set -euo pipefail

disk="$1" tree="$2"
shift 2

work=/mnt
mount -t tmpfs -o mode=755 tmpfs "$work"
mkdir "$work/lower" "$work/upper" "$work/work" "$work/root"
mount -o loop,ro "$disk" "$work/lower"
mount -t overlay -o "lowerdir=$work/lower,upperdir=$work/upper,workdir=$work/work" overlay "$work/root"
root="$work/root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
cp -L --remove-destination /etc/resolv.conf "$root/etc/resolv.conf"
if [ -f /etc/pip.conf ]; then cp -L /etc/pip.conf "$root/etc/pip.conf"; fi
# Packages are installed without starting their services: there is no init.
printf '%s\n' '#!/bin/sh' 'exit 101' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"

mkdir "$root/root/clone"
git -C "$tree" ls-files -co --exclude-standard -z | (cd "$tree" && xargs -0 ls -d 2>/dev/null) | tar -C "$tree" -T - -cf - | tar -C "$root/root/clone" -xf -

# Nothing of this user's environment but the way to the package registries.
environment=(HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8)
for name in http_proxy https_proxy no_proxy PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_TRUSTED_HOST PIP_CERT; do
    if [ -n "${!name:-}" ]; then environment+=("$name=${!name}"); fi
done
# shellcheck disable=SC2016 # for the shell inside
env -i "${environment[@]}" chroot "$root" /bin/bash -c 'cd /root/clone && exec "$@"' - "$@" </dev/null
