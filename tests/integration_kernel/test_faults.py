# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults on the real thing: what is missing, forbidden, interrupted, killed, vanishes or belongs to others."""

from __future__ import annotations

import base64
import functools
import json
import multiprocessing
import os
import re
import shlex
import signal
import subprocess
import sys
import time

import pytest
import yaml
from ansible.module_utils import basic
from ansible_collections.pantheon.cnf.plugins.module_utils import config_module, lock
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.addresses import Addresses
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.nft import Nft
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.sysctls import Sysctls
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import parse_items
from ansible_collections.pantheon.cnf.plugins.plugin_utils.secrets import take_secrets

from ..support.modules import ModuleFailed, run_module
from ..support.namespaces import Namespace
from ..support.places import Places
from ..support.playbooks import ROOT, collections_path, play

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root for network namespaces")

NFT = "/usr/sbin/nft"
NOBODY = 65534
PAIR = [
    {"name": "left", "type": "VETH", "enabled": True, "ip_addresses": ["10.0.0.1/24"], "veth": {"peer_if_name": "right"}},
    {"name": "right", "type": "VETH", "enabled": True, "ip_addresses": ["10.0.1.1/24"], "veth": {"peer_if_name": "left"}},
]
NAT = {
    "nat44_interfaces": [{"name": "left", "nat_inside": True}, {"name": "right", "nat_outside": True}],
    "nat44_pools": [{"first_ip": "10.0.1.100", "last_ip": "10.0.1.105"}],
}
ACL = [
    {
        "name": "web",
        "rules": [{"action": "PERMIT", "ip_rule": {"ip": {"source_network": "10.0.0.0/24", "destination_network": "0.0.0.0/0"}}}],
        "interfaces": {"ingress": ["left"]},
    }
]
VALUES = [
    *({"kind": "linux.interfaces/interface", "data": each} for each in PAIR),
    {"kind": "vpp/route", "data": {"dst_network": "198.51.100.0/24", "next_hop_addr": "10.0.0.254", "outgoing_interface": "left"}},
    *({"kind": "vpp.nat/nat44-interface", "data": each} for each in NAT["nat44_interfaces"]),
    *({"kind": "vpp.nat/nat44-pool", "data": each} for each in NAT["nat44_pools"]),
]
"""Links, addresses, a route and NAT: waves before nft, the nft transaction, and a wave (forwarding) after it."""

WRAPPER = """
import json, sys
from tests.support.modules import ModuleFailed, run_module
given = json.loads(sys.argv[1])
try:
    result = run_module(given.pop("module"), **given)
except ModuleFailed as failed:
    result = failed.result
print(json.dumps(result))
"""


@pytest.fixture(name="namespace")
def _namespace():
    with Namespace("tflt") as namespace:
        yield namespace


@pytest.fixture(name="nft")
def _nft(tmp_path, monkeypatch):
    """Let the first transaction of nft run a shell command before it; a function from that to the PATH that does it."""

    def spoil(command, times=1):
        program = tmp_path / "bin" / "nft"
        program.parent.mkdir()
        marks = shlex.quote(str(tmp_path / "mark"))
        program.write_text(
            f'#!/bin/sh\n[ "$1" = -f ] || exec {NFT} "$@"\nn=$(ls {marks}.* 2>/dev/null | wc -l)\n: > {marks}.$n\n'
            f'[ "$n" -lt {times} ] || exec {NFT} "$@"\n{command}\nexec {NFT} "$@"\n'
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
        return tmp_path / "mark.0"

    return spoil


def configurations(*namespaces, values=None):
    """Option of linux_config: all of L(VALUES) on each."""
    return [{"cnf": each.name, "namespace": each.name, "values": VALUES if values is None else values} for each in namespaces]


def spawn(module, prefix=(), **arguments):
    """The module as a process of its own, in a process group of its own."""
    path = os.pathsep.join([str(ROOT), collections_path(), *filter(None, sys.path)])
    return subprocess.Popen(
        [*prefix, sys.executable, "-c", WRAPPER, json.dumps({"module": module, **arguments})],
        env={**os.environ, "PYTHONPATH": path},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def answer(process):
    """The result of the process."""
    out, error = process.communicate(timeout=60)
    assert out.strip(), error
    return json.loads(out.strip().splitlines()[-1])


def wait_for(path, process):
    """Until the file is there."""
    deadline = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def steady(namespace):
    """What is in a namespace, without what the kernel adds for IPv6 in its own time."""
    return sorted(line for line in namespace.snapshot().splitlines() if "fe80:" not in line and "ff00::/8" not in line)


def shape(namespace):
    """The same without what differs when a device is made anew: numbers, and addresses by chance."""
    return sorted(re.sub(r"^\d+: |if\d+|link-netns \S+|link/ether \S+|valid_lft.*", "", line) for line in steady(namespace))


# -- interrupted and killed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whom", ["process", "group"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda each: each.name)
def test_a_signal_in_mid_apply_is_undone(number, whom, namespace, nft):
    mark = nft("exec sleep 60")
    before = steady(namespace)
    process = spawn("linux_config", configurations=configurations(namespace))
    wait_for(mark, process)
    assert "left" in namespace.ip("link show"), "it is not in mid-apply"
    (os.kill if whom == "process" else os.killpg)(process.pid, number)
    result = answer(process)
    assert result["failed"] and "interrupted" in result["msg"] and "as it was found" in result["msg"], result
    assert result["operations"]["undone"] and not result["operations"]["not_undone"]
    assert steady(namespace) == before


def test_a_second_signal_waits_for_the_undo(namespace, nft):
    mark = nft("exec sleep 60")
    before = steady(namespace)
    process = spawn("linux_config", configurations=configurations(namespace))
    wait_for(mark, process)
    for _each in range(20):
        process.send_signal(signal.SIGINT)
        time.sleep(0.01)
    assert "as it was found" in answer(process)["msg"]
    assert steady(namespace) == before


def test_killed_in_mid_apply_the_lock_is_free_and_the_next_run_converges(namespace, nft, monkeypatch):
    mark = nft("exec sleep 60")
    process = spawn("linux_config", configurations=configurations(namespace))
    wait_for(mark, process)
    monkeypatch.setattr(lock, "lock", functools.partial(lock.lock, timeout=0.3))
    before = steady(namespace)
    with pytest.raises(ModuleFailed, match=rf"changed by module pantheon.cnf.linux_config \(process {process.pid}, since .*Nothing was touched"):
        run_module("linux_config", configurations=configurations(namespace))
    assert run_module("linux_config", configurations=configurations(namespace), check=True)["changed"], "check mode waits for nobody"
    assert steady(namespace) == before
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    done = run_module("linux_config", configurations=configurations(namespace))
    assert done["changed"] and "nat_outer" in namespace.run("nft", "list", "ruleset")
    assert not run_module("linux_config", configurations=configurations(namespace))["changed"]
    with Namespace("tflt") as fresh:
        run_module("linux_config", configurations=[{**configurations(fresh)[0], "cnf": namespace.name}])
        assert shape(fresh) == shape(namespace)
    run_module("linux_config", configurations=configurations(namespace, values=[]), state="deleted")
    assert namespace.run("nft", "list", "ruleset") == "" and "left" not in namespace.ip("link show")


def test_an_interrupt_between_two_cnfs_takes_the_first_one_back(namespace, monkeypatch):
    with Namespace("tflt") as second:
        before = steady(namespace)
        reconcile, calls = config_module.reconcile, []

        def interrupted(*arguments, **options):
            calls.append(options["check_mode"])
            if calls == [True, True, False, False]:
                raise KeyboardInterrupt("SIGTERM")
            return reconcile(*arguments, **options)

        monkeypatch.setattr(config_module, "reconcile", interrupted)
        with pytest.raises(ModuleFailed, match="interrupted.*as it was found") as caught:
            run_module("linux_config", configurations=configurations(namespace, second))
        assert caught.value.result["operations"]["undone"]
        assert steady(namespace) == before


# -- one of two -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("on_failure", ["undo", "stop"])
def test_when_the_second_cnf_fails_the_first_is_taken_back_unless_told_otherwise(on_failure, namespace, nft):
    with Namespace("tflt") as second:
        nft(f'ip netns identify $$ | grep -qx {second.name} && {{ echo "no" >&2; exit 1; }}', times=2)
        before = steady(namespace), steady(second)
        with pytest.raises(ModuleFailed, match=rf"^CNF {second.name}: nftables section nat of table inet \w+: create failed") as caught:
            run_module("linux_config", configurations=configurations(namespace, second), on_failure=on_failure)
        result = caught.value.result
        if on_failure == "undo":
            assert (steady(namespace), steady(second)) == before
            assert "as it was found" in result["msg"] and not result["operations"]["not_undone"]
            assert any("ip link delete" in each for each in result["operations"]["undone"])
        else:
            assert "nat_outer" in namespace.run("nft", "list", "ruleset"), "the first one was taken back"
            assert "left" in second.ip("link show") and result["operations"]["undone"] == []
            assert "was left" in result["msg"]


def test_what_is_wrong_with_the_second_cnf_leaves_the_first_alone(namespace):
    with Namespace("tflt") as second:
        before = steady(namespace), steady(second)
        wrong = [{"kind": "vpp/route", "data": {"dst_network": "198.51.100.0/24", "next_hop_addr": "10.0.0.254", "outgoing_interface": "nothing"}}]
        given = [*configurations(namespace), *configurations(second, values=wrong)]
        for check in (False, True):
            with pytest.raises(ModuleFailed, match=rf"^CNF {second.name}: .*no interface nothing"):
                run_module("linux_config", configurations=given, check=check)
        assert (steady(namespace), steady(second)) == before


@pytest.mark.parametrize("check", [False, True])
def test_one_cnf_twice_in_one_task(check, namespace):
    before = steady(namespace)
    with pytest.raises(ModuleFailed, match=f"CNF {namespace.name} is there twice"):
        run_module("linux_config", configurations=configurations(namespace, namespace), check=check)
    assert steady(namespace) == before


# -- the namespace vanishes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", [Addresses, Sysctls], ids=lambda each: each.__name__)
def test_a_namespace_that_vanishes_in_mid_apply_is_named(family, monkeypatch):
    """Before a batch of netlink messages, and before a file is written."""
    with Namespace("tflt") as namespace:
        perform = family.perform

        def vanish(self, host, operations):
            subprocess.run(["ip", "netns", "del", namespace.name], check=True)
            return perform(self, host, operations)

        monkeypatch.setattr(family, "perform", vanish)
        try:
            with pytest.raises(ModuleFailed, match=rf"network namespace {namespace.name} (has vanished|does not exist)") as caught:
                run_module("linux_config", configurations=configurations(namespace))
            assert "Traceback" not in caught.value.result["msg"]
            assert not os.path.exists(f"/run/netns/{namespace.name}")
        finally:
            subprocess.run(["ip", "netns", "add", namespace.name], check=True)


# -- not installed, not allowed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", [False, True])
def test_nft_missing_names_its_package(check, namespace):
    """The module sees a /usr/sbin without nft in a mount namespace of its own."""
    run_module("linux_interfaces", cnf=namespace.name, namespace=namespace.name, config=PAIR)
    before = steady(namespace)
    without = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /usr/sbin && exec "$@"', "sh"]
    for module, given in (
        ("linux_nat44", {"cnf": namespace.name, "namespace": namespace.name, "config": NAT}),
        ("linux_config", {"configurations": configurations(namespace)}),
    ):
        result = answer(spawn(module, without, check=check, **given))
        assert result["failed"] and "nft is not installed" in result["msg"] and "package is nftables" in result["msg"], result
    assert steady(namespace) == before
    fine = answer(spawn("linux_routes", without, cnf=namespace.name, namespace=namespace.name, state="gathered"))
    assert fine["gathered"] == [], "what needs no nft works without it"


def as_nobody(queue, module, arguments):
    """In a child: run the module without any right."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    try:
        queue.put(run_module(module, **arguments))
    except ModuleFailed as failed:
        queue.put(failed.result)
    except BaseException as error:  # a traceback is what the test wants to know of
        queue.put({"traceback": repr(error)})


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(
    ("module", "where"),
    [
        *((module, where) for module in ("linux_config", "linux_interfaces", "linux_nat44", "linux_info") for where in ("namespace", "host")),
        ("cnf_sandbox", "host"),
        ("cnf_link", "namespace"),
        ("nat44_sessions_info", "namespace"),
    ],
)
def test_not_root_says_become_and_changes_nothing(module, where, check, namespace):
    place = {"cnf": namespace.name, "namespace": namespace.name if where == "namespace" else None}
    ends = [{"cnf": namespace.name, "interface": "tf0", "kind": "vpp/interfaces", "type": "MEMIF"}] * 2
    arguments = {
        "linux_config": {"configurations": [{"cnf": namespace.name, "values": VALUES, **({"namespace": namespace.name} if where == "namespace" else {})}]},
        "linux_interfaces": {**place, "config": [{"name": "tflt0", "type": "TAP", "tap": {}}]},
        "linux_nat44": {**place, "config": {"nat44_pools": NAT["nat44_pools"]}},
        "linux_info": place,
        "cnf_sandbox": {"sandboxes": [{"name": f"{namespace.name}-new"}]},
        "cnf_link": {"links": [{"ends": [ends[0], {**ends[1], "interface": "tf1"}]}]},
        "nat44_sessions_info": {"namespace": place["namespace"]},
    }[module]
    before = steady(namespace)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=as_nobody, args=(queue, module, {**arguments, "check": check}))
    child.start()
    result = queue.get(timeout=60)
    child.join()
    if check and module == "cnf_sandbox":
        assert result["changed"], "to look whether a sandbox is there, which is all that check mode does, needs no right"
    else:
        assert result.get("failed") and "become" in result["msg"], result
    assert steady(namespace) == before
    assert not os.path.exists(f"/run/netns/{namespace.name}-new") and not os.path.exists("/sys/class/net/tflt0")


# -- what belongs to others -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        [],
        ["add chain inet {} input {{ type filter hook input priority 0; policy drop; }}"],
        ["add chain inet {} nat_post {{ type nat hook postrouting priority srcnat; }}", "add rule inet {} nat_post masquerade"],
        ["add set inet {} acl_ingress {{ type ifname; }}"],
    ],
    ids=["empty", "other-chain", "chain-of-a-name-of-ours", "set-of-a-name-of-ours"],
)
def test_a_foreign_table_of_our_name_is_never_taken_over(content, namespace):
    task = functools.partial(run_module, cnf=namespace.name, namespace=namespace.name)
    task("linux_interfaces", config=PAIR)
    table = Nft(namespace.name).table
    namespace.run("nft", "-f", "-", stdin="\n".join(line.format(table) for line in ["add table inet {}", *content]) + "\n")
    before = steady(namespace)
    for check in (True, False):
        for module, config in (("linux_nat44", NAT), ("linux_acls", ACL)):
            with pytest.raises(ModuleFailed, match=f"{table}.*not ours"):
                task(module, config=config, check=check)
            assert not task(module, state="deleted", check=check)["changed"]
            assert not task(module, state="gathered")["gathered"]
        with pytest.raises(ModuleFailed, match=f"{table}.*not ours"):
            run_module("linux_config", configurations=configurations(namespace), check=check)
    assert steady(namespace) == before


def test_modules_in_sequence_leave_what_the_others_made(namespace):
    task = functools.partial(run_module, cnf=namespace.name, namespace=namespace.name)
    route = [{"dst_network": "198.51.100.0/24", "next_hop_addr": "10.0.0.254", "outgoing_interface": "left"}]
    arp = {"arps": [{"interface": "left", "ip_address": "10.0.0.9", "phys_address": "02:00:00:00:00:09", "static": True}]}
    steps = [("linux_interfaces", PAIR), ("linux_nat44", NAT), ("linux_acls", ACL), ("linux_routes", route), ("linux_neighbors", arp)]
    for module, config in steps:
        task(module, config=config, state="overridden")
    whole = shape(namespace)
    for module, config in steps:
        assert not task(module, config=config, state="overridden")["changed"], module
    for module, config in steps[1:]:
        task(module, state="deleted")
        for other, theirs in steps:
            assert other == module or not task(other, config=theirs, state="overridden", check=True)["changed"], (module, other)
        task(module, config=config)
    # An interface with an address more, and back: what hangs on it stays.
    task("linux_interfaces", config=[{**PAIR[0], "ip_addresses": ["10.0.0.1/24", "10.7.0.1/24"], "mtu": 1400}, PAIR[1]], state="overridden")
    task("linux_interfaces", config=PAIR, state="overridden")
    for module, config in steps:
        assert not task(module, config=config, state="overridden")["changed"], module
    assert shape(namespace) == whole


@pytest.mark.parametrize("check", [False, True])
def test_overridden_with_nothing_leaves_what_is_foreign(check, namespace):
    for words in ("link add br0 type bridge", "link set br0 up", "address add 192.0.2.1/24 dev br0", "route add 198.51.100.0/24 via 192.0.2.9"):
        namespace.ip(words)
    namespace.ip("neighbour add 192.0.2.7 lladdr 02:00:00:00:00:07 dev br0 nud permanent")
    namespace.run("nft", "add", "table", "inet", "theirs")
    before = steady(namespace)
    empty = {"linux_interfaces": [], "linux_routes": [], "linux_neighbors": {}, "linux_nat44": {}, "linux_acls": [], "linux_l2": {}, "linux_vrfs": []}
    for module, config in empty.items():
        done = run_module(module, cnf=namespace.name, namespace=namespace.name, config=config, state="overridden", check=check)
        assert not done["changed"], module
    assert not run_module("linux_config", configurations=configurations(namespace, values=[]), state="overridden", check=check)["changed"]
    assert steady(namespace) == before


# -- secrets ----------------------------------------------------------------------------------------------------------

KEY = base64.b64encode(b"0123456789abcdefghijklmnopqrstuv").decode()
SECRET = "do-not-tell-8431"
SECRET_ITEMS = {
    "memif": {"module": "vpp", "type": "interfaces", "data": {"name": "m0", "type": "MEMIF", "memif": {"id": 1, "secret": SECRET}}},
    "memif as text": {"module": "vpp", "type": "interfaces", "data": yaml.safe_dump({"name": "m0", "type": "MEMIF", "memif": {"secret": SECRET}})},
    "wireguard": {
        "module": "vpp",
        "type": "interfaces",
        "data": {"name": "wg0", "type": "WIREGUARD_TUNNEL", "wireguard": {"src_addr": "192.0.2.1", "private_key": KEY, "port": 51820}},
    },
    "wrong key": {
        "module": "vpp",
        "type": "interfaces",
        "data": {"name": "wg0", "type": "WIREGUARD_TUNNEL", "wireguard": {"src_addr": "192.0.2.1", "private_key": SECRET}},
    },
    "wrong type": {"module": "vpp", "type": "interfaces", "data": {"name": "m0", "type": "MEMIF", "memif": {"secret": [SECRET]}}},
    "wrong shape": {"module": "vpp", "type": "interfaces", "data": {"name": "m0", "type": "MEMIF", "memif": f"secret: {SECRET}"}},
    "wrong place": {"module": "vpp", "type": "interfaces", "data": {"name": "m0", "type": "MEMIF", "memif": {"secrets": SECRET}}},
}


def test_secrets_are_in_no_log_difference_or_result(tmp_path):
    """A whole play at -vvv --diff that registers and shows results: right items and wrong ones, in several states, and in check mode."""
    with Places() as places:
        place, peer = places.name("s"), places.name("p")
        ends = [{"cnf": each, "interface": "m0", "kind": "vpp/interfaces", "type": "MEMIF"} for each in (place, peer)]
        options = {"cnf": place, "namespace": place, "memif_substitution": "veth"}
        tasks = [
            {"pantheon.cnf.cnf_sandbox": {"sandboxes": [{"name": place}, {"name": peer}]}, "check_mode": False},
            {"pantheon.cnf.cnf_link": {"links": [{"ends": ends}]}, "check_mode": False},
        ]
        for name in SECRET_ITEMS:
            for state in ("merged", "rendered") if name in ("memif", "wireguard") else ("merged",):
                given = {**options, "items": [f"{{{{ secret_items['{name}'] }}}}"], "state": state}
                tasks += [{"pantheon.cnf.cnf_config": given, "register": "done", "ignore_errors": True}, {"ansible.builtin.debug": {"var": "done"}}]
        documents = {"apiVersion": "pantheon.tech/v1", "kind": "CNFConfiguration", "metadata": {"name": "s"}}
        documents["spec"] = {"microservice": place, "configItems": ["{{ secret_items.memif }}", "{{ secret_items.wireguard }}"]}
        tasks.append({"pantheon.cnf.cnf_chain_info": {"objects": [documents], "strict": False}, "register": "chain"})
        tasks.append({"ansible.builtin.assert": {"that": "secret_items.wireguard.data.wireguard.private_key in chain.cnfs | string", "quiet": True}})
        tasks.append({"pantheon.cnf.linux_info": {"cnf": place, "namespace": place}})
        (tmp_path / "play.yml").write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
        (tmp_path / "items.yml").write_text(yaml.safe_dump({"secret_items": SECRET_ITEMS}))
        output = "".join(play("play.yml", "-vvv", "--diff", "-e", "@items.yml", *check, tmp=tmp_path).output for check in ((), ("--check",)))
    assert output.count("linux_config") > 4 and "private_key" in output and "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" in output
    for each in (KEY, SECRET):
        assert each not in output, [line for line in output.splitlines() if each in line][:3]


@pytest.mark.parametrize("name", ["memif", "wireguard"])
def test_secrets_are_not_in_what_a_module_logs(name, namespace, monkeypatch):
    """What reaches the log of the target, which a machine without a syslog daemon does not keep."""
    lines, secrets = [], {}
    monkeypatch.setattr(basic, "has_journal", False)
    monkeypatch.setattr(basic.syslog, "syslog", lambda _priority, text: lines.append(text))
    (value,) = parse_items([SECRET_ITEMS[name]], "test")
    sent = [{"kind": value.kind, "data": take_secrets(value, secrets)}]
    options = {"configurations": configurations(namespace, values=sent), "secrets": secrets, "memif_substitution": "veth"}
    result = run_module("linux_config", check=True, **options)
    run_module("linux_interfaces", check=True, cnf=namespace.name, namespace=namespace.name, config=[SECRET_ITEMS["wireguard"]["data"]])
    log = "\n".join(lines)
    assert "Invoked with" in log and name in log.lower()
    assert secrets and result["changed"]
    for each in (KEY, SECRET):
        assert each not in log and each not in json.dumps(result)


# -- through real plays -----------------------------------------------------------------------------------------------

TAP = {"name": "t0", "type": "TAP", "tap": {"version": 2}}
BAD_ITEMS = {
    "unknown module": ({"module": "vpp.natt", "type": "nat44-pool", "data": {}}, "did you mean module vpp.nat, type nat44-pool"),
    "unknown type": ({"module": "vpp.nat", "type": "nat44-pol", "data": {}}, "did you mean nat44-pool?"),
    "unknown version": ({"module": "vpp.nat", "type": "nat44-pool", "version": "v9", "data": {}}, "write v2"),
    "unknown field": ({"module": "vpp.nat", "type": "nat44-pool", "data": {"frist_ip": "10.0.0.1"}}, "did you mean first_ip?"),
    "unknown enum": ({"module": "vpp", "type": "interfaces", "data": {"name": "a", "type": "TAPP"}}, "TAPP"),
    "enum number": ({"module": "vpp", "type": "interfaces", "data": {"name": "a", "type": 4711}}, "4711"),
    "wrong type": ({"module": "vpp", "type": "interfaces", "data": {**TAP, "enabled": "perhaps"}}, "enabled: 'perhaps' is neither true nor false"),
    "list for a text": ({"module": "vpp", "type": "interfaces", "data": {**TAP, "name": ["a"]}}, "name"),
    "text for a list": ({"module": "vpp", "type": "interfaces", "data": {**TAP, "ip_addresses": "10.0.0.1/24"}}, "ip_addresses"),
    "empty text in a list": ({"module": "vpp", "type": "interfaces", "data": {**TAP, "ip_addresses": [""]}}, "ip_addresses[0]: is empty"),
    "list for data": ({"module": "vpp", "type": "interfaces", "data": [1]}, "is not a mapping of fields"),
    "no data": ({"module": "vpp", "type": "interfaces", "data": None}, "data is missing"),
    "wrong YAML": ({"module": "vpp", "type": "interfaces", "data": "name: a: b"}, "data:1:8: "),
    "field twice": ({"module": "vpp", "type": "interfaces", "data": "name: a\nname: b"}, "key name is there twice"),
    "both spellings": ({"module": "vpp", "type": "interfaces", "data": {**TAP, "ip_addresses": [], "ipAddresses": ["10.0.0.1/24"]}}, "ip_addresses"),
    "name leads elsewhere": ({"module": "vpp", "type": "interfaces", "data": {**TAP, "name": ".."}}, "name: "),
    "blank in a name": ({"module": "vpp", "type": "interfaces", "data": {**TAP, "name": "a b"}}, "give it a host_if_name"),
    "pattern in a name": ({"module": "vpp", "type": "interfaces", "data": {**TAP, "name": "tap%d"}}, "give it a host_if_name"),
    "name of all": ({"module": "vpp", "type": "interfaces", "data": {**TAP, "name": "all"}}, "give it a host_if_name"),
    "NUL in a name": ({"module": "vpp", "type": "interfaces", "data": {**TAP, "name": "a\0b"}}, "give it a host_if_name"),
    "on itself": ({"module": "vpp", "type": "interfaces", "data": {"name": "v", "type": "SUB_INTERFACE", "sub": {"parent_name": "v", "sub_id": 5}}}, "itself"),
    "memif": ({"module": "vpp", "type": "interfaces", "data": {"name": "m", "type": "MEMIF", "memif": {"id": 1}}}, "memif_substitution"),
    "not for the kernel": ({"module": "vpp.nat", "type": "nat44-vrf", "data": {"src_vrf_id": 1}}, "not supported|no type"),
    "a report": ({"module": "govppmux", "type": "stats", "data": {}}, "is a report"),
}
GOOD_ITEMS = {
    "camelCase, numbers of enums, quoted numbers": [
        {
            "module": "vpp",
            "type": "interfaces",
            "data": {"name": "t1", "type": 5, "enabled": True, "mtu": "1400", "ipAddresses": ["10.1.0.1/24"], "tap": {"version": "2"}},
        }
    ],
    "nulls": [{"module": "vpp", "type": "interfaces", "data": {"name": "t2", "type": "TAP", "mtu": None, "ip_addresses": None, "tap": {"version": 2}}}],
    "the same twice": [{"module": "vpp", "type": "interfaces", "data": {**TAP, "name": "t3"}}] * 2,
    "names as they come": [
        {"module": "vpp", "type": "interfaces", "data": {"name": name, "type": "TAP", "tap": {"version": 2, "host_if_name": f"odd{number}"}}}
        for number, name in enumerate(("a  b ", "GigabitEthernet0/8/0", 'quo"te', "ünï cöde", "-x"))
    ],
    "a kernel name as it comes": [{"module": "vpp", "type": "interfaces", "data": {**TAP, "name": "ünïcode-4"}}],
}
ODD_PLACES = {
    "CNF with a blank": ({"cnf": "my cnf"}, "no blank"),
    "CNF without a name": ({"cnf": ""}, "no blank"),
    "CNF with a very long name": ({"cnf": "c" * 300}, "1 to 64 characters|File name too long"),
    "namespace that leads elsewhere": ({"namespace": "../../proc/self/ns/net"}, "is no name of a network namespace"),
    "namespace with a slash": ({"namespace": "a/b"}, "is no name of a network namespace"),
    "namespace without a name": ({"namespace": ""}, "is no name of a network namespace"),
    "no such namespace": ({"namespace": "tflt-no-such"}, "tflt-no-such does not exist"),
    "a path to something else": ({"namespace": "/etc/passwd"}, "/etc/passwd"),
}


def run_items(namespace, tmp_path, tasks, *arguments):
    """The results of cnf_config for each (options), in one play; they come out by a file."""
    steps = []
    for number, given in enumerate(tasks):
        options = {"cnf": namespace.name, "namespace": namespace.name, **given}
        steps.append({"pantheon.cnf.cnf_config": options, "register": f"result_{number}", "ignore_errors": True})
    every = "[" + ", ".join(f"result_{number}" for number in range(len(tasks))) + "]"
    steps.append({"ansible.builtin.copy": {"content": f"{{{{ {every} | to_json }}}}", "dest": str(tmp_path / "results.json")}, "check_mode": False})
    (tmp_path / "play.yml").write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": steps}]))
    done = play("play.yml", *arguments, tmp=tmp_path)
    assert "Traceback" not in done.output
    return json.loads((tmp_path / "results.json").read_text())


@pytest.mark.parametrize("check", [False, True])
def test_bad_items_change_nothing(check, namespace, tmp_path):
    before = steady(namespace)
    given = [{"items": [{"module": "vpp", "type": "interfaces", "data": {**TAP, "name": "beside"}}, item]} for item, _says in BAD_ITEMS.values()]
    given += [{"items": [{"module": "vpp", "type": "interfaces", "data": TAP}], **place} for place, _says in ODD_PLACES.values()]
    results = run_items(namespace, tmp_path, given, *(["--check"] if check else []))
    for name, result, (_given, says) in zip([*BAD_ITEMS, *ODD_PLACES], results, [*BAD_ITEMS.values(), *ODD_PLACES.values()]):
        if check and name == "no such namespace":
            assert result["changed"], "an earlier task of the play would have made it"
            continue
        assert result["failed"] and re.search(says.replace("[0]", r"\[0\]"), result["msg"]), (name, result)
        assert "Traceback" not in str(result) and "<locals>" not in str(result), (name, result)
    assert steady(namespace) == before


def test_odd_input_that_is_right_is_taken_and_is_the_same_the_second_time(namespace, tmp_path):
    results = run_items(namespace, tmp_path, [{"items": items} for items in GOOD_ITEMS.values() for _twice in range(2)])
    for name, first, second in zip(GOOD_ITEMS, results[::2], results[1::2]):
        assert not first.get("failed") and first["changed"], (name, first)
        assert not second.get("failed") and not second["changed"] and second["after"] == first["after"], (name, second)
    assert "mtu 1400" in namespace.ip("link show t1") and "10.1.0.1/24" in namespace.ip("address show t1")
    (after,) = results[-1]["after"].values()
    names = {item["data"]["name"] for item in after}
    assert names == {item["data"]["name"] for items in GOOD_ITEMS.values() for item in items}
    gone = run_module("linux_config", configurations=configurations(namespace, values=[]), state="deleted")
    assert gone["changed"] and namespace.ip("link show").count("tap") == 0


def test_check_mode_tells_what_the_chain_gets(tmp_path):
    """What cnf_config predicts, with nothing there yet and with everything but its own part there, is what it does."""
    folder = tmp_path / "documents"
    folder.mkdir()
    with Places() as places:
        for path in (ROOT / "playbooks" / "files" / "nat44_chain").glob("*.yml"):
            text = path.read_text()
            for name in ("client", "cnf-nat44", "webserver"):
                text = text.replace(f"microservice: {name}", f"microservice: {places.name(name)}")
            (folder / path.name).write_text(text)
        config = {
            "configurations": "{{ chain | pantheon.cnf.query('cnfs[].{cnf: name, namespace: name, items: items}') }}",
            "state": "overridden",
            "memif_substitution": "veth",
        }
        tasks = [
            {"pantheon.cnf.cnf_chain_info": {"documents": [str(folder)]}, "register": "chain"},
            {"pantheon.cnf.cnf_config": config, "check_mode": True, "register": "fresh"},
            {"pantheon.cnf.cnf_sandbox": {"sandboxes": "{{ chain | pantheon.cnf.query('cnfs[].{name: name}') }}"}},
            {"pantheon.cnf.cnf_link": {"links": "{{ chain.links }}"}},
            {"pantheon.cnf.cnf_config": config, "check_mode": True, "register": "predicted"},
            {"pantheon.cnf.cnf_config": config, "register": "real"},
            {"pantheon.cnf.cnf_config": config, "register": "again"},
            {"pantheon.cnf.cnf_config": {**config, "state": "deleted"}, "check_mode": True, "register": "predicted_end"},
            {"pantheon.cnf.cnf_config": {**config, "state": "deleted"}, "register": "end"},
        ]
        names = ("fresh", "predicted", "real", "again", "predicted_end", "end")
        shown = "{{ {" + ", ".join(f"'{name}': {name}" for name in names) + "} | to_json }}"
        tasks.append({"ansible.builtin.copy": {"content": shown, "dest": str(tmp_path / "results.json")}})
        (tmp_path / "play.yml").write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
        play("play.yml", tmp=tmp_path)
    results = json.loads((tmp_path / "results.json").read_text())
    for one, other in (("predicted", "real"), ("predicted_end", "end")):
        for what in ("changed", "commands", "before", "after"):
            assert results[one][what] == results[other][what], (one, what)
    assert results["real"]["changed"] and not results["again"]["changed"] and results["again"]["after"] == results["real"]["after"]
    # With nothing there yet the devices are imagined, so what is told of them may be in other words: not what comes on them.
    assert results["fresh"]["changed"] and set(results["fresh"]["after"]) == set(results["real"]["after"])
    for cnf, items in results["real"]["after"].items():
        assert results["fresh"]["after"][cnf] == items
