# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to know of a VPP beside its configuration: version, plugins, counters."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import cli
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.session import Session
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.stats import Stats, StatsError, path_beside

PLUGIN = re.compile(r"\s*\d+\.\s+(\S+)_plugin\.so\s+(\S+)", re.MULTILINE)
DIRECTIONS = {"/if/rx": "rx", "/if/tx": "tx"}


def about(vpp: Session) -> t.Dict[str, t.Any]:
    """C(counters) by interface, with a reason instead where VPP does not share them. No message lists the plugins."""
    answer: t.Dict[str, t.Any] = {"version": vpp.client.version(), "pid": vpp.client.pid}
    answer["plugins"] = dict(sorted(PLUGIN.findall(cli.run(vpp, "show plugins"))))
    try:
        with Stats(path_beside(vpp.client.socket)) as stats:
            answer["counters"] = counters(stats.combined(*DIRECTIONS), vpp.known())
    except StatsError as error:
        answer["counters"] = {}
        answer["no_counters"] = error.message
    return answer


def counters(found: t.Mapping[str, t.Mapping[int, t.Tuple[int, int]]], names: t.Mapping[int, str]) -> t.Dict[str, t.Dict[str, int]]:
    """Packets and bytes by interface and direction."""
    result: t.Dict[str, t.Dict[str, int]] = {name: {} for name in sorted(names.values())}
    for path, direction in DIRECTIONS.items():
        for index, name in names.items():
            packets, octets = found.get(path, {}).get(index, (0, 0))
            result[name].update({f"{direction}_packets": packets, f"{direction}_bytes": octets})
    return result
