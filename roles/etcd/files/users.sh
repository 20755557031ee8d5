# shellcheck shell=sh
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# users.sh USER ETCDCTL...: root, and a user for the keys of agents and this collection. Passwords come by the environment.
set -eu
user="$1"
shift
# Once it asks for passwords, etcd lets only root do this.
if ! "$@" user list >/dev/null 2>&1; then
    export ETCDCTL_USER="root:$ROOT_PASSWORD"
fi
for each in root "$user"; do
    password="$USER_PASSWORD"
    [ "$each" != root ] || password="$ROOT_PASSWORD"
    what=add
    ! "$@" user get "$each" >/dev/null 2>&1 || what=passwd
    printf '%s\n' "$password" | "$@" user "$what" "$each" --interactive=false >/dev/null
done
"$@" user grant-role root root >/dev/null
"$@" role get pantheon.cnf >/dev/null 2>&1 || "$@" role add pantheon.cnf >/dev/null
for prefix in /vnf-agent/ /pantheon.cnf/; do
    "$@" role grant-permission pantheon.cnf --prefix=true readwrite "$prefix" >/dev/null
done
"$@" user grant-role "$user" pantheon.cnf >/dev/null
"$@" auth enable >/dev/null
