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

DATAPLANES: t.Dict[str, t.Dict[str, t.Mapping[str, str]]] = {"Linux kernel": common.support()}
"""Columns: by dataplane, the support table of each kind that it realises."""

MESH = ("cnf.nsm/client", "cnf.nsm/endpoint")
"""Kinds that no dataplane realises: links are made of them."""

_DAEMON = "needs a daemon, which the kernel dataplane does not run"
_PUNT = "VPP's own packet path"
_SRV6 = "not done by the kernel dataplane"
_IPSEC = "IPsec is not done by the kernel dataplane"
REFUSED = {
    "vpp.nat/nat44-vrf": "the kernel's NAT follows the route of a packet",
    "vpp.nat/nat44-vrf-route": "the kernel's NAT follows the route of a packet",
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
}
"""Kinds that the kernel dataplane refuses as a whole, and why."""

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


def rows(kind: str) -> t.Iterator[t.Tuple[str, ...]]:
    """Path, and each dataplane's word; without the fields in a message of which all dataplanes have one word."""
    tables = [supported.get(kind, {}) for supported in DATAPLANES.values()]
    for path in docs.paths(KINDS[kind].fields):
        words = [common.said(table, path) for table in tables]
        if words != [common.above(table, path) for table in tables]:
            yield (path, *words)


def section(kind: str) -> str:
    """The table of a kind."""
    lines = [kind, "-" * len(kind), "", escape(docs.texts(KINDS[kind])[""]), "", ".. list-table::", "   :header-rows: 1", "   :widths: 40 60", ""]
    for cells in (("Field", *DATAPLANES), *((f"``{path}``", *map(escape, words)) for path, *words in rows(kind))):
        lines += [f"   {'* -' if number == 0 else '  -'} {cell}" for number, cell in enumerate(cells)]
    return "\n".join(lines) + "\n"


def guide() -> str:
    """The whole page."""
    realised = [kind for kind in KINDS if any(kind in supported for supported in DATAPLANES.values())]
    refused = [kind for kind in KINDS if kind not in realised and kind not in OPAQUE and kind not in MESH]
    title = "Kinds that are refused"
    lines = [title, "-" * len(title), "", "An item of these kinds is valid, and an error on the Linux kernel.", ""]
    lines += [".. list-table::", "   :header-rows: 1", "   :widths: 40 60", "", "   * - Kind", "     - Why"]
    lines += [line for kind in refused for line in (f"   * - ``{kind}``", f"     - {escape(REFUSED[kind])}")]
    return "\n".join([HEAD, *map(section, realised), *lines]) + "\n"


if __name__ == "__main__":
    sys.exit(common.write({PATH: guide()}, "The coverage table of the guides."))
