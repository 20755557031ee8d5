# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The image of the agent and the controller for scripts/cluster, without a registry. Sourced after cluster-node.sh.
# shellcheck disable=SC2154

IMAGE=localhost/pantheon.cnf:latest
IMAGE_PACKAGES=(buildah debootstrap python3 python3-venv)
BASE_PACKAGES=ca-certificates,iproute2,nftables,python3,python3-venv

# buildah_here COMMAND...: with its storage in our folder, and no more rights than a sandbox gives.
buildah_here() { BUILDAH_ISOLATION=chroot buildah --storage-driver "$driver" --root "$home/images/$driver" --runroot "$home/images/run" "$@" </dev/null; }

# storage COMMAND...: of buildah, whose output is only of interest when it fails.
storage() { buildah_here "$@" >>"$home/images/log" 2>&1 || { tail -n 20 "$home/images/log" >&2; die "buildah $1 failed"; }; }

# need_base NAME: an image of this Debian's release with Python and nothing else, made once.
need_base() {
    local name="$1" root mirror proxy
    ! buildah_here inspect --type image "$name" >/dev/null 2>&1 || return 0
    say "making the image $name; once"
    storage rmi --all --force
    # shellcheck disable=SC2016 # apt's own variables
    mirror="$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | awk -v release="$release" '$2 == release && $3 == "main" {print $1; exit}')"
    [ -n "$mirror" ] || die "apt knows no mirror of $release: run apt-get update"
    eval "$(apt-config shell proxy Acquire::http::Proxy)"
    root="$home/images/root"
    rm -rf "$root"
    http_proxy="${proxy:-${http_proxy:-}}" debootstrap --variant=minbase --include="$BASE_PACKAGES" "$release" "$root" "$mirror" >>"$home/images/log" 2>&1 ||
        { tail -n 20 "$home/images/log" >&2; die "debootstrap failed"; }
    rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* "$root"/usr/share/locale/*
    storage from --name base scratch
    storage add --quiet base "$root" /
    storage commit --quiet --rm base "$name"
    rm -rf "$root"
}

# need_wheels DIRECTORY: of what the image's Python needs, made by this machine's Python of the same release.
need_wheels() {
    [ ! -d "$1" ] || return 0
    say "making wheels for the image; once for each change of the requirements"
    rm -rf "$home"/images/wheels-* "$home/images/python"
    virtualenv "$home/images/python" /usr/bin/python3 /dev/null
    mkdir -p "$1.new"
    grep -v '^ansible-core' requirements.txt >"$1.new/requirements.txt"
    "$home/images/python/bin/python" -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$1.new" \
        -r "$1.new/requirements.txt" -r requirements-controlplane.txt </dev/null || die "pip could not make the wheels"
    mv "$1.new" "$1"
}

# write_image ARCHIVE: what the Containerfile says.
write_image() {
    local wheels base driver=vfs
    ! overlay_works "$home/images" || driver=overlay
    base="localhost/base:$release-$(sha256sum <<<"$BASE_PACKAGES" | cut -c1-8)"
    packages "${IMAGE_PACKAGES[@]}"
    need_base "$base"
    wheels="$home/images/wheels-$(cat requirements.txt requirements-controlplane.txt | sha256sum | cut -c1-12)"
    need_wheels "$wheels"
    say "building $IMAGE"
    storage build --layers --tag "$IMAGE" --build-arg "BASE=$base" --build-arg PIP_NO_INDEX=1 --build-arg PIP_FIND_LINKS=/wheels \
        --volume "$wheels:/wheels:ro" --file Containerfile .
    rm -f "$1"
    storage push --quiet "$IMAGE" "docker-archive:$1:$IMAGE"
    # Layers of earlier ones.
    storage rmi --prune
}

# build_image: the file `archive` of now, written again when a source changed.
build_image() {
    local stamp release
    [ "$(id -u)" = 0 ] || lacks "root, to build the image"
    release="$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")"
    cd "$TREE" || exit
    mkdir -p "$home/images"
    stamp="$(find Containerfile requirements.txt requirements-controlplane.txt plugins/module_utils -name __pycache__ -prune -o -type f -print0 |
        LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12)"
    archive="$home/images/image-$stamp.tar"
    (
        flock 8
        [ ! -f "$archive" ] || exit 0
        write_image "$archive.new"
        rm -f "$home"/images/image-*.tar
        mv "$archive.new" "$archive"
    ) 8>"$home/images/lock"
}

# image: built, and imported into the node that runs.
image() {
    local started=$SECONDS archive
    build_image
    if [ ! -f "$state/kubeconfig" ] || ! has_node; then
        say "built $IMAGE: $archive (no node runs that it could be imported into: scripts/cluster up --node)"
        return 0
    fi
    enter_machine
    # Through a folder that the node has.
    cp "$archive" "$state/image.tar"
    control images import "$MACHINE/image.tar" >>"$state/log/images" 2>&1 || { tail -n 5 "$state/log/images" >&2; die "the image could not be imported"; }
    rm -f "$state/image.tar"
    say "imported $IMAGE after $((SECONDS - started)) s"
}
