# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Key and port of a WireGuard device. They go over generic netlink, which is rare enough for pyroute2."""

from __future__ import annotations

import base64
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError


def clamped(key: str) -> str:
    """A private key as the kernel keeps and tells it (RFC 7748, section 5)."""
    raw = bytearray(base64.b64decode(key))
    raw[0] &= 248
    raw[31] = raw[31] & 127 | 64
    return base64.b64encode(raw).decode()


def _client() -> t.Any:
    try:
        from pyroute2 import WireGuard
    except ImportError as error:
        raise CnfError("a WireGuard interface needs pyroute2 0.7.2 or newer on the target (Debian's python3-pyroute2)") from error
    return WireGuard()


def read(host: t.Any, ifname: str) -> t.Dict[str, t.Any]:
    """C(private_key) (base64) and C(port) of a device."""
    with host.inside():
        client = _client()
    try:
        message = client.info(ifname)[0]
        key = message.get_attr("WGDEVICE_A_PRIVATE_KEY") or b""
        return {
            "private_key": key.decode() if isinstance(key, bytes) else str(key),
            "port": message.get_attr("WGDEVICE_A_LISTEN_PORT") or 0,
        }
    finally:
        client.close()


def write(host: t.Any, ifname: str, info: t.Mapping[str, t.Any]) -> t.Optional[str]:
    """None, or why the kernel refused. The message never holds the key."""
    with host.inside():
        client = _client()
    try:
        client.set(ifname, private_key=info["private_key"], listen_port=info["port"])
    except Exception as error:  # pyroute2's errors differ from release to release
        return f"setting key and port: {type(error).__name__} {getattr(error, 'code', '')}".rstrip()
    finally:
        client.close()
    return None
