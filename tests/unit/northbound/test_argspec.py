# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Option specs made of declarations."""

from __future__ import annotations

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import interfaces, l3
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.argspec import SOUNDS_SECRET, options
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import Kind, number, string
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import KINDS, OPAQUE

ALL = [kind for kind in KINDS.values() if kind.id not in OPAQUE]


def every(spec):
    for name, option in spec.items():
        yield name, option
        yield from every(option.get("options", {}))


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.id)
def test_every_field_is_an_option_without_default(kind):
    spec = options(kind)
    assert list(spec) == list(kind.fields)
    for name, option in every(spec):
        assert "default" not in option and option["type"] in ("str", "int", "bool", "list", "dict")
        assert ("elements" in option) == (option["type"] == "list")
        assert "no_log" in option or not SOUNDS_SECRET.search(name)
        assert not any(choice.startswith(("UNDEFINED", "UNKNOWN")) for choice in option.get("choices", ()))


def test_types_choices_and_secrets():
    spec = options(interfaces.INTERFACE)
    assert spec["name"] == {"type": "str", "required": True}
    assert spec["ip_addresses"] == {"type": "list", "elements": "str"}
    assert spec["mtu"] == {"type": "int"}
    assert "required" not in spec["type"] and spec["type"]["choices"][0] == "SUB_INTERFACE"
    memif = spec["memif"]["options"]
    assert memif["secret"] == {"type": "str", "no_log": True} and "no_log" not in memif["socket_filename"]
    assert spec["wireguard"]["options"]["private_key"]["no_log"] is True
    assert options(KINDS["vpp.wg/peer"])["public_key"] == {"type": "str", "no_log": False}
    assert spec["bond"]["options"]["bonded_interfaces"]["options"]["name"]["required"] is True
    assert "required" not in spec["gre"]["options"]["src_addr"]


def test_the_union_of_two_kinds():
    spec = options([interfaces.LINUX_INTERFACE, interfaces.INTERFACE])
    assert set(spec) == set(interfaces.LINUX_INTERFACE.fields) | set(interfaces.INTERFACE.fields)
    assert {"VETH", "MEMIF"} <= set(spec["type"]["choices"]) and len(set(spec["type"]["choices"])) == len(spec["type"]["choices"])
    assert {"vpp_tap_if_name", "version"} <= set(spec["tap"]["options"])
    assert spec["name"]["required"] is True
    routes = options((l3.ROUTE, l3.LINUX_ROUTE))
    assert routes["dst_network"]["required"] is True and "required" not in routes["outgoing_interface"]
    assert "options" in options(interfaces.INTERFACE)["tap"] and "vpp_tap_if_name" not in options(interfaces.INTERFACE)["tap"]["options"]


def test_kinds_that_cannot_be_joined():
    with pytest.raises(ValueError, match="b/t.a: is int here and str in another kind"):
        options([Kind("a", "t", string("a")), Kind("b", "t", number("a"))])


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.id)
def test_ansible_takes_the_spec(kind):
    spec = {"config": {"type": "list", "elements": "dict", "options": options(kind)}}
    required = {name: "x" for name, option in spec["config"]["options"].items() if option.get("required") and option["type"] == "str"}
    required.update({name: [] for name, option in spec["config"]["options"].items() if option.get("required") and option["type"] == "list"})
    required.update({name: 1 for name, option in spec["config"]["options"].items() if option.get("required") and option["type"] == "int"})
    required.update({name: option["choices"][0] for name, option in spec["config"]["options"].items() if option.get("required") and option.get("choices")})
    validated = ArgumentSpecValidator(spec).validate({"config": [required]})
    assert not validated.error_messages
    assert ArgumentSpecValidator(spec).validate({"config": [{**required, "nosuch": 1}]}).error_messages
