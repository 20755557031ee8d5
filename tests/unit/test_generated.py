# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is generated is what the declarations say; a dataplane has a word on every field, and the kernel keeps it."""

from __future__ import annotations

import importlib
import inspect
import re
import typing as t

import pytest
import yaml
from ansible_collections.pantheon.cnf.plugins.module_utils.family import Refused
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import everything
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.view import View
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import docs
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Field, Kind
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import KINDS, OPAQUE
from ansible_collections.pantheon.cnf.plugins.module_utils.state_module import argument_spec

from tests.tools import common, coverage_table, module_docs, packet_table

SUPPORT = common.LINUX.support()
TABLES = [(dataplane, kind) for dataplane in common.DATAPLANES for kind in sorted(dataplane.support())]
MODULES = [path.stem for path in module_docs.files()]


# -- drift ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", module_docs.files(), ids=lambda path: path.stem)
def test_the_options_of_state_modules_are_generated(path):
    assert path.read_text(encoding="utf-8") == module_docs.files()[path], "run tests/tools/module_docs.py"


def test_the_coverage_table_is_generated():
    assert coverage_table.PATH.read_text(encoding="utf-8") == coverage_table.guide(), "run tests/tools/coverage_table.py"


def test_the_table_of_packets_is_generated():
    for path, text in packet_table.files().items():
        assert path.read_text(encoding="utf-8") == text, "run tests/tools/packet_table.py"


def differences(option, documented, where):
    """How an option's documentation differs from its spec."""
    words = ("type", "elements", "choices", "required", "default")
    given = {word: option[word] for word in words if word in option}
    shown = {word: documented[word] for word in words if word in documented}
    if given != shown:
        yield f"{where}: {shown} is {given}"
    inside, below = option.get("options", {}), documented.get("suboptions", {})
    if list(inside) != list(below):
        yield f"{where}: has {list(below)} instead of {list(inside)}"
    for name in inside.keys() & below.keys():
        yield from differences(inside[name], below[name], f"{where}.{name}")


def test_every_area_of_the_kernel_has_a_module():
    assert set(MODULES) >= set(common.LINUX.modules)


@pytest.mark.parametrize("module", MODULES)
def test_documentation_equals_the_argument_spec_of_the_module(module, monkeypatch):
    plugin = importlib.import_module(f"ansible_collections.pantheon.cnf.plugins.modules.{module}")
    called = []
    monkeypatch.setattr(plugin, "run", lambda slots, place, connect: called.append(argument_spec(slots, place)))
    plugin.main()
    assert f"pantheon.cnf.{module}" in yaml.safe_load(plugin.DOCUMENTATION)["extends_documentation_fragment"]
    fragment = importlib.import_module(f"ansible_collections.pantheon.cnf.plugins.doc_fragments.{module}").ModuleDocFragment
    documented = yaml.safe_load(fragment.DOCUMENTATION)["options"]
    assert list(differences(called[0]["config"], documented["config"], "config")) == []


def test_differences_are_seen():
    option = {"type": "list", "elements": "dict", "options": {"a": {"type": "int"}, "b": {"type": "str", "choices": ["x"]}}}
    right = {"type": "list", "elements": "dict", "suboptions": {"a": {"type": "int"}, "b": {"type": "str", "choices": ["x"]}}}
    assert list(differences(option, right, "o")) == []
    assert list(differences(option, {**right, "suboptions": {"b": {"type": "str"}}}, "o")) == [
        "o: has ['b'] instead of ['a', 'b']",
        "o.b: {'type': 'str'} is {'type': 'str', 'choices': ['x']}",
    ]


# -- the support tables -----------------------------------------------------------------------------------------------


def test_every_family_is_composed():
    assert {type(family) for family in everything.families("")} >= set(common.LINUX.families())


@pytest.mark.parametrize("dataplane", common.DATAPLANES, ids=lambda each: each.name)
def test_kinds_are_realised_once_or_refused_as_a_whole(dataplane):
    realised = [kind for family in dataplane.families() for kind in family.kinds]
    assert sorted(realised) == sorted(dataplane.support())
    assert set(dataplane.support()) == set(dataplane.shown)
    assert set(coverage_table.REFUSED[dataplane.name]) == set(KINDS) - set(realised) - OPAQUE - set(coverage_table.MESH)


@pytest.mark.parametrize(("dataplane", "kind"), TABLES, ids=lambda each: each if isinstance(each, str) else each.name)
def test_every_field_has_a_word_and_no_word_is_stale(dataplane, kind):
    table = dataplane.support()[kind]
    paths = set(docs.paths(KINDS[kind].fields))
    assert [path for path in sorted(paths) if not common.said(table, path)] == []
    assert [path for path in table if path not in paths] == []
    assert [text for text in table.values() if not re.fullmatch(r"yes|(partial|refused): \S.*[^.]", text)] == []
    # Of what is refused as a whole no part is done.
    assert [path for path, text in table.items() if common.above(table, path).startswith("refused") and not text.startswith("refused")] == []


@pytest.mark.parametrize("dataplane", common.DATAPLANES, ids=lambda each: each.name)
def test_families_say_nothing_about_kinds_that_they_do_not_have(dataplane):
    assert [(family, kind) for family in dataplane.families() for kind in family.support if kind not in family.kinds] == []


# -- refusals ---------------------------------------------------------------------------------------------------------

TEXTS = {
    "": "x",
    "address": "10.0.0.9",
    "ipv4": "10.0.0.9",
    "cidr": "10.0.0.9/24",
    "prefix": "10.0.0.0/24",
    "network": "10.0.0.0/24",
    "mac": "02:00:00:00:00:09",
    "station": "02:00:00:00:00:09",
    "wireguard key": "A" * 42 + "A=",
    "ifname": "eth9",
    "tag": "x",
}
NEEDED: t.Dict[str, t.Dict[str, t.Any]] = {
    "vpp/interfaces": {"type": "SOFTWARE_LOOPBACK"},
    "linux.interfaces/interface": {"type": "DUMMY"},
    "vpp.l2/fib": {"outgoing_interface": "eth9"},
    "vpp.nat/dnat44.id_mappings": {"ip_address": "10.0.0.8"},
    "vpp.nat/dnat44.st_mappings": {"external_ip": "10.0.0.8", "local_ips": [{"local_ip": "10.0.0.7"}]},
}
"""What a value of a kind, or a message in it, needs beside its required fields."""


def scalar(field: Field) -> t.Any:
    """A value that is not the default."""
    if field.enum:
        return next(name for name in field.choices if name != field.default)
    return {"str": TEXTS.get(field.check), "bool": True}.get(field.type, 8)


def least(fields: t.Mapping[str, Field], words: t.Sequence[str], where: str) -> t.Dict[str, t.Any]:
    """Data with what is required, and with the field that the words lead to."""
    data = dict(NEEDED.get(where, {}))
    for name, field in fields.items():
        wanted = bool(words) and words[0] == name
        if wanted or field.required and name not in data:
            value = least(field.fields, words[1:] if wanted else (), f"{where}.{name}") if field.fields else scalar(field)
            if value == {} and words == [name]:
                value = least(field.fields, [next(iter(field.fields))], f"{where}.{name}")
            data[name] = [value] if field.many else value
    return data


def example(kind: Kind, path: str) -> t.Dict[str, t.Any]:
    """The smallest data of a kind with that field set."""
    words = path.split(".")
    data = least(kind.fields, words, kind.id)
    for type, member in kind.link.items():
        if member == words[0]:
            data["type"] = type
    return data


def family_of(kind: str) -> t.Any:
    made = next(family for family in common.LINUX.families() if kind in family.kinds)
    return made("cnf") if inspect.signature(made).parameters else made()


def lower(kind: Kind, data: t.Mapping[str, t.Any]) -> None:
    list(family_of(kind.id).lower([kind.value(data)], View({}, "cnf", memif_substitute=True, offline=True)))


REFUSED = [(kind, path) for kind, table in sorted(SUPPORT.items()) for path, text in table.items() if text.startswith("refused: ")]


@pytest.mark.parametrize(("kind", "path"), REFUSED)
def test_a_refused_field_is_refused_by_name(kind, path):
    data = example(KINDS[kind], path)
    assert KINDS[kind].problems(data) == [], "the refusal would not be the dataplane's"
    with pytest.raises(Refused) as error:
        lower(KINDS[kind], data)
    field = error.value.context["field"]
    if field == "type":
        assert path.partition(".")[0] in KINDS[kind].link.values() and data["type"] in str(error.value)
    else:
        # The message that it is in, when all of that is refused.
        assert field == path or path.startswith(f"{field}.") and SUPPORT[kind][field].startswith("refused: ")
        assert field in str(error.value)


def test_a_memif_is_refused_unless_a_link_may_stand_for_it():
    memif = KINDS["vpp/interfaces"].value({"name": "x", "type": "MEMIF"})
    with pytest.raises(Refused, match="type MEMIF .* memif_substitution"):
        list(family_of(memif.kind).lower([memif], View({}, "cnf", offline=True)))


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("vpp/interfaces", {"name": "x", "type": "DPDK"}),
        ("vpp/interfaces", {"name": "x", "type": "SUB_INTERFACE", "sub": {"parent_name": "p", "sub_id": 5, "tag_rw_option": "PUSH1"}}),
        ("vpp/interfaces", {"name": "x", "type": "GRE_TUNNEL", "gre": {"tunnel_type": "L3", "src_addr": "::1", "dst_addr": "::2"}}),
        ("vpp/interfaces", {"name": "x", "type": "GRE_TUNNEL", "gre": {"tunnel_type": "L3", "src_addr": "1.0.0.1", "dst_addr": "1.0.0.2", "session_id": 1}}),
        ("vpp/interfaces", {"name": "x", "type": "IPIP_TUNNEL", "ipip": {"src_addr": "::1", "dst_addr": "::2"}}),
        ("vpp/interfaces", {"name": "x", "type": "BOND_INTERFACE", "bond": {"mode": "XOR", "lb": "RR"}}),
        ("vpp/interfaces", {"name": "x", "type": "SOFTWARE_LOOPBACK", "ip_addresses": ["alloc:net"]}),
        ("linux.interfaces/interface", {"name": "x", "type": "DUMMY", "link_only": True, "ip_addresses": ["10.0.0.1/24"]}),
        ("linux.interfaces/interface", {"name": "x", "type": "VETH", "veth": {"peer_if_name": "y", "rx_checksum_offloading": "CHKSM_OFFLOAD_DISABLED"}}),
    ],
)
def test_what_a_field_does_in_part_is_refused_in_its_other_part(kind, data):
    assert KINDS[kind].problems(data) == []
    with pytest.raises(Refused) as error:
        lower(KINDS[kind], data)
    field = error.value.context["field"]
    assert SUPPORT[kind][field].startswith("partial: ") and field in str(error.value)
