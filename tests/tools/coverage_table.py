# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The coverage table of the guides: kind by field by dataplane, from the declarations and the families' support tables.

coverage_table.py [--check]   (with the collection importable, as scripts/test has it)
"""

from __future__ import annotations

import pathlib
import re
import sys
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound import docs
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import KINDS, OPAQUE

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.tools import common

PATH = common.TREE / "docs/docsite/rst/guide_coverage.rst"

MESH = ("cnf.nsm/client", "cnf.nsm/endpoint")
"""Kinds that no dataplane realises: links are made of them."""

_DAEMON = "needs a daemon, which the kernel dataplane does not run"
_PUNT = "VPP's own packet path"
_SRV6 = "not done by the kernel dataplane"
_IPSEC = "IPsec is not done by the kernel dataplane"
_KERNEL = "an object of the Linux kernel"
_NOT_YET = "not done by the VPP dataplane"
REFUSED: t.Dict[str, t.Dict[str, str]] = {
    "linux": {
        "vpp.nat/nat44-vrf": "the kernel's NAT follows the route of a packet",
        "vpp.nat/nat44-vrf-route": "the kernel's NAT follows the route of a packet",
        "pantheon.nat/nat44-plugin": "VPP's own; the kernel's NAT is there without being enabled, and of the size of its connection tracking",
        "pantheon.nat/nat44-interface-pool": "not done by the kernel dataplane; give the addresses in a nat44-pool",
        "pantheon.nat/nat44-session-limit": "not done by the kernel dataplane; the kernel limits the connections of a whole namespace",
        "pantheon.nat/nat44-mss-clamp": "not done by the kernel dataplane",
        "linux.iptables/rulechain": "not done; ACLs are vpp.acls/acl",
        "netalloc/ip": "references to allocated addresses are not resolved by the kernel dataplane",
        "vpp/span": "mirroring is not done by the kernel dataplane",
        "vpp/ipscanneigh-global": "the kernel probes neighbours by itself",
        "vpp/dhcp-proxy": _DAEMON,
        "vpp/l3xconnect": "not done by the kernel dataplane",
        "vpp/teib": "not done by the kernel dataplane",
        "vpp/vrrp": _DAEMON,
        "vpp/ipredirect": _PUNT,
        "vpp/tohost": _PUNT,
        "vpp/exception": _PUNT,
        "vpp.abfs/abf": "not done by the kernel dataplane",
        "vpp.ipsec/spd": _IPSEC,
        "vpp.ipsec/sp": _IPSEC,
        "vpp.ipsec/sa": _IPSEC,
        "vpp.ipsec/tun-protect": _IPSEC,
        "vpp.ipfix/ipfix": _DAEMON,
        "vpp.ipfix/flowprobe-feature": _DAEMON,
        "vpp.ipfix/flowprobe-params": _DAEMON,
        "vpp.srv6/localsid": _SRV6,
        "vpp.srv6/policy": _SRV6,
        "vpp.srv6/steering": _SRV6,
        "vpp.srv6/srv6-global": _SRV6,
        "vpp.stn/rule": _PUNT,
        "vpp.wg/peer": "not done by the kernel dataplane",
        "vpp.dns/dnscache": _DAEMON,
    },
    "vpp": {
        "linux.interfaces/interface": _KERNEL,
        "linux.l3/route": _KERNEL,
        "linux.l3/arp": _KERNEL,
        "linux.iptables/rulechain": _KERNEL,
        "netalloc/ip": "references to allocated addresses are not resolved by the VPP dataplane",
        "vpp/span": _NOT_YET,
        "vpp/ipscanneigh-global": _NOT_YET,
        "vpp/dhcp-proxy": _NOT_YET,
        "vpp/l3xconnect": _NOT_YET,
        "vpp/teib": _NOT_YET,
        "vpp/vrrp": _NOT_YET,
        "vpp/ipredirect": _NOT_YET,
        "vpp/tohost": _NOT_YET,
        "vpp/exception": _NOT_YET,
        "vpp.abfs/abf": _NOT_YET,
        "vpp.ipsec/spd": _NOT_YET,
        "vpp.ipsec/sp": _NOT_YET,
        "vpp.ipsec/sa": _NOT_YET,
        "vpp.ipsec/tun-protect": _NOT_YET,
        "vpp.ipfix/ipfix": _NOT_YET,
        "vpp.ipfix/flowprobe-feature": _NOT_YET,
        "vpp.ipfix/flowprobe-params": _NOT_YET,
        "vpp.srv6/localsid": _NOT_YET,
        "vpp.srv6/policy": _NOT_YET,
        "vpp.srv6/steering": _NOT_YET,
        "vpp.srv6/srv6-global": _NOT_YET,
        "vpp.stn/rule": _NOT_YET,
        "vpp.wg/peer": _NOT_YET,
        "vpp.dns/dnscache": _NOT_YET,
    },
}
"""Kinds that a dataplane refuses as a whole, and why."""

HEAD = """\
..
  SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
  SPDX-License-Identifier: GPL-3.0-or-later

.. Written by tests/tools/coverage_table.py; change the declarations or the families' support tables.

.. _ansible_collections.pantheon.cnf.docsite.guide_coverage:

Coverage
========

.. contents::
   :local:
   :depth: 1

Which dataplane does which field of which kind. ``yes`` is all of it; ``partial`` says what not, or how; what is ``refused`` is
an error that names the field before anything is touched. What is said of a group of fields holds for all fields in it, which
then have no rows of their own.

The kinds ``cnf.nsm/client`` and ``cnf.nsm/endpoint`` belong to no dataplane: ``cnf_chain_info`` resolves them to connections,
and ``cnf_link`` makes the links.
"""


def escape(text: str) -> str:
    """Text as reStructuredText takes it for itself."""
    return re.sub(r"([\\*`|])", r"\\\1", text)


def refusal(dataplane: common.Dataplane, kind: str) -> str:
    """Why a dataplane does not do a kind at all; nothing when it does."""
    return "" if kind in dataplane.support() else REFUSED[dataplane.name].get(kind, "not done")


def rows(kind: str, dataplanes: t.Sequence[common.Dataplane]) -> t.Iterator[t.Tuple[str, ...]]:
    """Path, and each dataplane's word; without the fields in a message of which all dataplanes have one word."""
    tables = [dataplane.support()[kind] for dataplane in dataplanes]
    for path in docs.paths(KINDS[kind].fields):
        words = [common.said(table, path) for table in tables]
        if words != [common.above(table, path) for table in tables]:
            yield (path, *words)


def table(*rows: t.Tuple[str, ...]) -> t.List[str]:
    """The lines of a table; the first row is its head."""
    widths = {2: "40 60", 3: "30 35 35"}[len(rows[0])]
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", ""]
    for row in rows:
        lines += [f"   {'* -' if number == 0 else '  -'} {cell}".rstrip() for number, cell in enumerate(row)]
    return lines


def section(kind: str) -> str:
    """What is said of a kind that a dataplane does."""
    done = [dataplane for dataplane in common.DATAPLANES if not refusal(dataplane, kind)]
    lines = [kind, "-" * len(kind), "", escape(docs.texts(KINDS[kind])[""])]
    lines += [f"Refused on {each.short}: {escape(refusal(each, kind))}." for each in common.DATAPLANES if each not in done]
    cells = [(f"``{path}``", *map(escape, words)) for path, *words in rows(kind, done)]
    return "\n".join([*lines, "", *table(("Field", *(each.title for each in done)), *cells)]) + "\n"


def guide() -> str:
    """The whole page."""
    known = [kind for kind in KINDS if kind not in OPAQUE and kind not in MESH]
    refused = [kind for kind in known if all(refusal(each, kind) for each in common.DATAPLANES)]
    title = "Kinds that are refused"
    lines = [title, "-" * len(title), "", "An item of these kinds is valid, and an error on either dataplane.", ""]
    cells = [(f"``{kind}``", *(escape(refusal(each, kind)) for each in common.DATAPLANES)) for kind in refused]
    lines += table(("Kind", *(each.title for each in common.DATAPLANES)), *cells)
    return "\n".join([HEAD, *(section(kind) for kind in known if kind not in refused), *lines]) + "\n"


if __name__ == "__main__":
    sys.exit(common.write({PATH: guide()}, "The coverage table of the guides."))
