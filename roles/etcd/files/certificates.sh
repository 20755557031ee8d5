# shellcheck shell=sh
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# certificates.sh FOLDER NAMES: a certificate authority, and certificates of it for a server with these names and for a client. Ten years.
set -eu
cd "$1"
umask 077
new() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key.new" && mv "$1.key.new" "$1.key"; }
new ca
openssl req -x509 -new -key ca.key -sha256 -days 3650 -subj "/CN=pantheon.cnf etcd" -out ca.crt
for name in server client; do
    new "$name"
    openssl req -new -key "$name.key" -subj "/CN=$name" -out "$name.csr"
    printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$2" >"$name.ext"
    openssl x509 -req -in "$name.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -sha256 -days 3650 -extfile "$name.ext" -out "$name.crt.new" 2>/dev/null
    rm "$name.csr" "$name.ext"
    mv "$name.crt.new" "$name.crt"
done
