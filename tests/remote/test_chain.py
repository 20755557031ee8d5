# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chain on a bare remote host, over ssh as a plain user with become. The tests are one story, in this order."""

from __future__ import annotations

import shlex

import pytest

from .plays import remote

PROVEN = "NAT44 of cnf-nat44: PROVEN"

TRACES = r"""
ls /run/netns 2>/dev/null
ls -d /run/pantheon.cnf* /run/lock/pantheon.cnf* 2>/dev/null
for name in $(ls /sys/class/net | grep -vE '^(gre|gretap|erspan|tunl|sit)0$|^bonding_masters$'); do  # those drivers make by themselves when they are loaded
    echo "$name" $(cd "/sys/class/net/$name" && cat address mtu flags ifalias)
done
cat /proc/net/route  # a bare host has no iproute2 yet
ip route show table all 2>/dev/null | grep -E 'proto (207|208|209|210)'
sysctl -n net.ipv4.ip_forward
for file in /proc/[0-9]*/environ; do grep -qas "PANTHEON_CNF[=]" "$file" && tr '\0' ' ' <"${file%environ}cmdline"; done
nft list ruleset 2>/dev/null
true
"""


def traces(host):
    """What a teardown has to take away: namespaces, files, links, routes, forwarding, processes, nftables rules."""
    return host.ssh(f"sudo sh -c {shlex.quote(TRACES)}")


@pytest.fixture(scope="module", name="chain")
def _chain(testhost, tmp_path_factory):
    """Play our playbooks there."""
    folder = tmp_path_factory.mktemp("chain")

    def run(name, *more, **options):
        return remote(testhost, folder, name, *more, **options)

    return run


@pytest.fixture(scope="module", name="bare")
def _bare(testhost):
    return traces(testhost)


@pytest.fixture(scope="module", name="deployed")
def _deployed(chain, bare, testhost):
    yield chain("deploy_nat44_chain")
    if traces(testhost) != bare:  # a test before the last one has failed
        chain("teardown_nat44_chain")


def test_the_chain_is_deployed_on_a_bare_host_and_proven(deployed):
    assert PROVEN in deployed.output
    assert deployed.recap["testhost"]["changed"] > 0
    assert len(deployed.modules) <= 10, deployed.modules


def test_it_lives_on_the_remote_host(deployed, testhost):
    assert testhost.ssh("ls /run/netns").split() == ["client", "cnf-nat44", "webserver"]


def test_repeated_it_changes_nothing(deployed, chain):
    again = chain("deploy_nat44_chain")
    assert again.changed == 0, again.output
    assert PROVEN in again.output
    assert len(again.modules) <= 7, again.modules


def test_after_a_reboot_the_same_playbook_converges(deployed, chain, testhost, bare):
    testhost.reboot()
    assert "cnf-nat44" not in testhost.ssh("ls /run/netns 2>/dev/null || true")
    again = chain("deploy_nat44_chain")
    assert again.changed > 0
    assert PROVEN in again.output
    assert chain("verify_nat44_chain").changed == 0


def test_torn_down_nothing_is_left(deployed, chain, testhost, bare):
    gone = chain("teardown_nat44_chain")
    assert gone.changed > 0
    assert traces(testhost) == bare
    assert chain("teardown_nat44_chain").changed == 0
