# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the scripts share: sourced, never run. Needs TREE (the clone's root) set by who sources it.

export HOME="${HOME:-/root}"
# shellcheck disable=SC2034 # used by those who source this
CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/pantheon.cnf"

say() { printf '%s\n' "$*" >&2; }

die() {
    say "error: $*"
    exit 1
}

# packages NAME...: install those that are missing, with one apt run.
packages() {
    local missing=() name
    for name in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    [ "$(id -u)" = 0 ] || die "Debian packages are missing: ${missing[*]}. Install them as root: apt-get install ${missing[*]}"
    say "installing ${missing[*]}"
    local log
    log="$(mktemp)"
    if ! { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        die "apt-get install ${missing[*]} failed"
    fi
    rm -f "$log"
}

# python_command: print the Python of the controller, 3.11 or newer; $PYTHON overrides.
python_command() {
    local candidate
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            # In an activated environment that one's own Python, since the environment may be ours to make anew.
            "$candidate" -c 'import os, sys; print(os.path.realpath(sys._base_executable))'
            return 0
        fi
        [ "$candidate" = "${PYTHON:-}" ] && die "PYTHON=$PYTHON is no Python 3.11 or newer"
    done
    return 1
}

# need_python: as python_command, with what Debian leaves out of it (the venv module) installed first.
need_python() {
    local python
    python="$(python_command)" || { packages python3; python="$(python_command)"; } || die "no Python 3.11 or newer found"
    "$python" -c 'import ensurepip, venv' 2>/dev/null || packages python3-venv
    "$python" -c 'import ensurepip, venv' 2>/dev/null || die "$python cannot make a venv: install its venv package"
    printf '%s\n' "$python"
}

# virtualenv DIR PYTHON REQUIREMENTS...: a venv with exactly these, made again when they or the Python change.
virtualenv() {
    local directory="$1" python="$2" stamp
    shift 2
    stamp="$("$python" -c 'import sys; print(sys.executable, sys.version)') $(cat "$@" | sha256sum)"
    [ "$(cat "$directory/.stamp" 2>/dev/null)" = "$stamp" ] && [ -x "$directory/bin/python" ] && return 0
    say "making ${directory}"
    rm -rf "$directory"
    mkdir -p "$(dirname "$directory")"
    "$python" -m venv "$directory" || die "$python -m venv $directory failed"
    local arguments=() file
    for file in "$@"; do arguments+=(-r "$file"); done
    "$directory/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps "${arguments[@]}" </dev/null ||
        die "pip could not install the pinned requirements into $directory"
    printf '%s\n' "$stamp" >"$directory/.stamp"
}

# site_packages VENV: print where it keeps its packages.
site_packages() { "$1/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'; }

# collection VENV: build the collection and install it beside the venv's packages, where its ansible finds it unasked; only when a source changed.
collection() {
    local venv="$1" site stamp work
    site="$(site_packages "$venv")"
    # What an archive is made of; pictures and the like that runs leave in the clone are no reason to build.
    stamp="$(cd "$TREE" && find galaxy.yml README.md LICENSES changelogs docs extensions meta playbooks plugins roles \
        -name __pycache__ -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)"
    [ "$(cat "$venv/.collection" 2>/dev/null)" = "$stamp" ] && return 0
    say "building and installing the collection"
    work="$(mktemp -d)"
    if ! { "$venv/bin/ansible-galaxy" collection build "$TREE" --output-path "$work" &&
        ANSIBLE_COLLECTIONS_PATH="$site" "$venv/bin/ansible-galaxy" collection install "$work"/*.tar.gz --force --offline -p "$site"; } >"$work/log" 2>&1 </dev/null; then
        cat "$work/log" >&2
        rm -rf "$work"
        die "the collection could not be built or installed"
    fi
    rm -rf "$work"
    printf '%s\n' "$stamp" >"$venv/.collection"
}
