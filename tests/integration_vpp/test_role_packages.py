# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The packages of the role vpp: apt itself, a signed repository of empty packages with FD.io's names, a copy of this system. One story, in this order."""

from __future__ import annotations

import json
import os

import pytest

from ..support import apt
from ..support.playbooks import play

PACKAGES = ("libvppinfra", "vpp", "vpp-plugin-core")
OLD, NEW, NEWEST = "24.10-release", "25.10-release", "26.06-release"
WRITTEN = (
    "/etc/apt/sources.list.d/fdio.sources",
    "/etc/apt/keyrings/fdio.asc",
    "/etc/apt/preferences.d/pantheon-cnf-vpp",
    "/etc/sysctl.d/90-pantheon-cnf-vpp.conf",
)
# It would be this machine's kernel that is told.
SYSCTL = "printf '%s\\n' '#!/bin/sh' 'echo \"$@\" >>/var/log/sysctl' >/usr/sbin/sysctl"

pytestmark = pytest.mark.skipif(os.geteuid() != 0 or apt.missing() is not None, reason=f"needs root, on a Debian with {', '.join(apt.NEEDED)}")


@pytest.fixture(scope="module", name="repository")
def _repository(tmp_path_factory):
    with apt.repository(tmp_path_factory.mktemp("repository")) as repository:
        for version in (OLD, NEW, NEWEST):
            repository.add("libvppinfra", version)
            repository.add("vpp", version, f"libvppinfra (= {version})")
            repository.add("vpp-plugin-core", version, f"vpp (= {version})")
        repository.sign("first")
        yield repository


@pytest.fixture(scope="module", name="system")
def _system(tmp_path_factory):
    with apt.system(tmp_path_factory.mktemp("system")) as system:
        if system is None:
            pytest.skip("overlays cannot be mounted here")
        if not system.sh("/usr/bin/python3 -c 'import apt' && echo good").startswith("good"):
            pytest.skip("no python3-apt")
        system.run("sh", "-c", SYSCTL)
        yield system


@pytest.fixture(scope="module", name="role")
def _role(system, repository, tmp_path_factory):
    folder = tmp_path_factory.mktemp("role")
    playbook = folder / "play.yml"
    what = {"hosts": "localhost", "gather_facts": False, "environment": {"no_proxy": "127.0.0.1"}, "roles": ["pantheon.cnf.vpp"]}
    # A signature that is refused is not asked for again.
    playbook.write_text(json.dumps([{**what, "module_defaults": {"ansible.builtin.apt": {"update_cache_retries": 1}}}]))
    always = {
        "ansible_python_interpreter": str(system.python),
        "vpp_service_managed": False,
        "vpp_repository_url": repository.url,
        "vpp_repository_suite": apt.SUITE,
    }

    def run(*more, key="first", check=True, **variables):
        told = {**always, "vpp_repository_key_url": f"{repository.url}/{key}.asc", **variables}
        return play(str(playbook), "-e", json.dumps(told), *more, tmp=folder, check=check)

    return run


@pytest.fixture(name="versions")
def _versions(system):
    def installed():
        return dict(line.split() for line in system.sh(f"dpkg-query --show {' '.join(PACKAGES)}").splitlines() if "no packages" not in line)

    return installed


def all_of(version):
    return dict.fromkeys(PACKAGES, version)


def upgrades(system):
    """What an administrator's upgrade would install."""
    return [line for line in system.run("apt-get", "--simulate", "dist-upgrade").splitlines() if line.startswith("Inst ") and "vpp" in line]


def test_check_mode_changes_nothing(role, system, versions):
    told = role("--check", vpp_version=OLD)
    assert f"To be installed: vpp, vpp-plugin-core {OLD}, from http://127.0.0.1" in told.output and told.changed > 0
    assert versions() == {} and system.sh(f"ls {' '.join(WRITTEN)} /etc/vpp").count("No such file") == len(WRITTEN) + 1


def test_the_version_that_was_asked_for_is_installed_and_held(role, system, versions, repository):
    assert role(vpp_version=OLD).changed > 0
    assert versions() == all_of(OLD)
    assert f"URIs: {repository.url}\nSuites: {apt.SUITE}\nComponents: main\nSigned-By: {WRITTEN[1]}\n" in system.run("cat", WRITTEN[0])
    assert upgrades(system) == []
    assert "--load /etc/sysctl.d/90-pantheon-cnf-vpp.conf" in system.run("cat", "/var/log/sysctl"), "the pages of the package are given back"
    assert "vm.nr_hugepages = 0" in system.run("cat", WRITTEN[3])


def test_the_second_time_there_is_nothing_to_do(role):
    again = role(vpp_version=OLD)
    assert again.changed == 0, again.output


def test_another_version_replaces_it_up_and_down(role, system, versions):
    assert role(vpp_version=NEWEST).changed > 0
    assert versions() == all_of(NEWEST)
    assert role(vpp_version=NEW).changed > 0
    assert versions() == all_of(NEW) and upgrades(system) == []


def test_without_a_version_what_is_there_is_kept_and_no_longer_held(role, system, versions):
    assert role().changed == 1
    assert versions() == all_of(NEW)
    assert len(upgrades(system)) == len(PACKAGES)


def test_a_repository_with_the_signature_of_another_is_refused(role, versions, repository):
    repository.sign("second")
    refused = role(vpp_version=NEWEST, check=False)
    assert refused.returncode != 0 and "Install packages" in refused.output
    assert versions() == all_of(NEW)


def test_with_its_new_key_it_is_trusted_again(role, versions):
    assert role(vpp_version=NEWEST, key="second").changed > 0
    assert versions() == all_of(NEWEST)


def test_absent_it_leaves_the_packages_alone(role, system, versions):
    assert role(vpp_state="absent").changed > 0
    assert versions() == all_of(NEWEST)
    assert system.sh(f"ls {' '.join(WRITTEN)}").count("No such file") == len(WRITTEN)
    assert system.run("ls", "/etc/vpp").split() == ["startup.conf"]
