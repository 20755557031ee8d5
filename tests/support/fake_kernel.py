# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Links and addresses of rtnetlink in Python, for devices that the machine of the tests has no drivers for.

It reads the messages byte by byte as the kernel does, refuses what the kernel refuses, and answers dumps from what it was
told; tests/remote runs the same kinds on a real kernel.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import struct

from ansible_collections.pantheon.cnf.plugins.module_utils.linux import netlink as nl
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import Host

NEWLINK, DELLINK, GETLINK, NEWADDR, DELADDR, GETADDR = 16, 17, 18, 20, 21, 22
ADDRESS, IFNAME, MTU, LINK, MASTER, LINKINFO, IFALIAS = 1, 3, 4, 5, 10, 18, 20
IFINFO, IFADDR = struct.Struct("=BxHiII"), struct.Struct("=BBBBi")
UP = 1
BARE = ("gre", "ipip", "wireguard")  # devices without a MAC address
SIZES = {"gre": 1476, "gretap": 1462, "erspan": 1450, "ipip": 1480, "wireguard": 1420, "vrf": 65575}
# What the kernel tells in a dump also of what it was not told, by IFLA_INFO_DATA's numbers.
TOLD = {
    "bond": {1: b"\0", 14: b"\0", 21: b"\0"},
    "gre": {6: bytes(4), 7: bytes(4)},
    "gretap": {6: bytes(4), 7: bytes(4)},
    "erspan": {4: bytes(4), 5: bytes(4), 6: bytes(4), 7: bytes(4)},
    "ipip": {2: bytes(4), 3: bytes(4)},
}
LACP = b"\4"


def number(value):
    return struct.pack("=I", value)


class Refused(Exception):
    """The errno that the kernel answers."""


class Link:
    """One device: C(attributes) by number but LINKINFO, which is C(kind) and C(data)."""

    def __init__(self, index, kind, data, attributes):
        self.index, self.kind, self.data, self.attributes = index, kind, data, attributes
        self.up = False
        self.own = None  # the MAC address while it is that of a bond
        self.size = None  # and the MTU

    @property
    def name(self):
        return nl.string(self.attributes[IFNAME])

    @property
    def master(self):
        return struct.unpack("=I", self.attributes.get(MASTER, bytes(4)))[0]

    def payload(self):
        info = nl.attribute(1, self.kind.encode() + b"\0") if self.kind else b""
        if self.data:
            info += nl.nest(2, *(nl.attribute(at, raw) for at, raw in self.data.items()))
        if self.own is not None:
            info += nl.attribute(4, b"bond\0") + nl.nest(5, nl.attribute(4, self.own))
        head = IFINFO.pack(0, 772 if self.name == "lo" else 1, self.index, UP if self.up else 0, 0)
        linkinfo = nl.nest(LINKINFO, info) if info else b""
        return head + b"".join(nl.attribute(at, raw) for at, raw in self.attributes.items()) + linkinfo


class Kernel:
    """Stands where a L(netlink.Socket) does."""

    def __init__(self):
        self.numbers = itertools.count(2)
        self.macs = itertools.count(1)
        self.links = {1: Link(1, "", {}, {IFNAME: b"lo\0", MTU: number(65536), ADDRESS: bytes(6)})}
        self.addresses = {}
        self.secrets = {}
        self.errors = {}
        self.batches = []

    # -- the socket ---------------------------------------------------------------------------------------------------

    def dump(self, type, body, strict=False):
        if type == GETLINK:
            return iter([one.payload() for one in self.links.values()])
        assert type == GETADDR
        return iter([head + b"".join(nl.attribute(at, raw) for at, raw in found.items()) for head, found in self.addresses.values()])

    def batch(self, messages):
        self.batches.append(messages)
        self.errors = {}
        codes = []
        for at, message in enumerate(messages):
            length, type, flags, _number, _port = nl.HEADER.unpack_from(message)
            act = {NEWLINK: self._newlink, DELLINK: self._dellink, NEWADDR: self._newaddr, DELADDR: self._deladdr}[type]
            try:
                act(message[16:length], flags)
                codes.append(0)
            except Refused as refused:
                codes.append(refused.args[0])
                self.errors[at] = os.strerror(refused.args[0])
        return codes

    # -- links --------------------------------------------------------------------------------------------------------

    def by_name(self, name):
        return next((one for one in self.links.values() if one.name == name), None)

    def hardware(self, name, **more):
        """A device that is there without us."""
        return self._add(name, "", {}, {}, **more)

    def tuntap(self, name, mode):
        self._add(name, "tun", {3: b"\1" if mode == "tun" else b"\2"}, {})

    def _add(self, name, kind, data, attributes, parent=None):
        if not 1 <= len(name.encode()) <= 15:
            raise Refused(errno.ERANGE)
        if self.by_name(name):
            raise Refused(errno.EEXIST)
        index = next(self.numbers)
        default = bytes([2, 0xFF, 0, 0, *struct.pack(">H", next(self.macs))])
        mac = {} if kind in BARE or data.get(3) == b"\1" and kind == "tun" else {ADDRESS: parent.attributes[ADDRESS] if parent else default}
        size = number(SIZES.get(kind, 1500))
        self.links[index] = Link(index, kind, {**TOLD.get(kind, {}), **data}, {IFNAME: name.encode() + b"\0", MTU: size, **mac, **attributes})
        return self.links[index]

    def _newlink(self, body, flags):
        _family, _type, index, bits, change = IFINFO.unpack_from(body)
        told = nl.attributes(body, 16)
        if not flags & nl.CREATE:
            self._set(index, told, bits, change)
            return
        if not flags & nl.EXCL or IFALIAS in told:
            raise AssertionError("not as the kernel wants it")
        info = nl.attributes(told.pop(LINKINFO))
        kind, data = nl.string(info[1]), nl.attributes(info.get(2, b""))
        name = nl.string(told.pop(IFNAME))
        parent = self.links.get(struct.unpack("=I", told[LINK])[0]) if LINK in told else None
        if kind == "veth":
            other = nl.attributes(data.pop(1), 16)
            if self.by_name(nl.string(other[IFNAME])):
                raise Refused(errno.EEXIST)
        self._check(kind, data, parent)
        made = self._add(name, kind, data, told, parent if kind == "vlan" else None)
        if kind == "veth":
            peer = self._add(nl.string(other[IFNAME]), kind, {}, {})
            made.attributes[LINK], peer.attributes[LINK] = number(peer.index), number(made.index)

    @staticmethod
    def _check(kind, data, parent):
        if kind == "vlan" and parent is None or kind == "vrf" and data.get(1, bytes(4)) == bytes(4):
            raise Refused(errno.EINVAL)
        if kind == "bond" and 21 in data and data[1] != LACP:
            raise Refused(errno.EACCES)
        if kind == "erspan" and not data.get(2) == data.get(3) == b"\x30\0":
            raise Refused(errno.EINVAL)

    def _set(self, index, told, bits, change):
        link = self.links.get(index)
        if link is None:
            raise Refused(errno.ENODEV)
        told = dict(told)
        master = told.pop(MASTER, None)
        if ADDRESS in told and ADDRESS not in link.attributes:
            raise Refused(errno.EOPNOTSUPP)
        if ADDRESS in told and link.own is not None:
            raise Refused(errno.EBUSY)
        if IFNAME in told and nl.string(told[IFNAME]) != link.name:
            if self.by_name(nl.string(told[IFNAME])):
                raise Refused(errno.EEXIST)
            if link.up:
                raise Refused(errno.EBUSY)
        link.attributes.update({at: raw for at, raw in told.items() if raw != b"\0"})
        if link.kind == "bond" and MTU in told:
            for one in self.links.values():
                one.attributes.update({MTU: told[MTU]} if one.master == link.index else {})
        if told.get(IFALIAS) == b"\0":
            link.attributes.pop(IFALIAS, None)
        if master is not None:
            self._enslave(link, struct.unpack("=I", master)[0])
        if change & UP:
            self._flag(link, bool(bits & UP))

    def _flag(self, link, up):
        if link.up and not up:
            self._forget(lambda key: key[0] == link.index and len(key[1]) == 16)
        link.up = up

    def _enslave(self, link, index):
        old, new = self.links.get(link.master), self.links.get(index)
        if index and new is None:
            raise Refused(errno.EINVAL)
        if new and new.kind == "bond" and link.up:
            raise Refused(errno.EPERM)
        link.attributes.pop(MASTER, None)
        if link.up and any(one and one.kind == "vrf" for one in (old, new)):  # it is cycled
            self._flag(link, False)
            self._flag(link, True)
        if old and old.kind == "bond":
            link.attributes.update({ADDRESS: link.own, MTU: link.size})
            link.own = None
            self._flag(link, False)
        if new:
            link.attributes[MASTER] = number(index)
            if new.kind == "bond":
                link.own, link.size = link.attributes[ADDRESS], link.attributes[MTU]
                link.attributes.update({ADDRESS: new.attributes[ADDRESS], MTU: new.attributes[MTU]})
                link.up = True

    def _dellink(self, body, _flags):
        index = IFINFO.unpack_from(body)[2]
        if index not in self.links:
            raise Refused(errno.ENODEV)
        gone = {index}
        for one in self.links.values():
            if number(index) in (one.attributes.get(LINK), one.data.get(3) if one.kind == "vxlan" else None):
                gone.add(one.index)
        for one in self.links.values():
            if one.master in gone:
                self._enslave(one, 0)
        for each in gone:
            del self.links[each]
        self._forget(lambda key: key[0] in gone)

    # -- addresses ----------------------------------------------------------------------------------------------------

    def _forget(self, wanted):
        self.addresses = {key: one for key, one in self.addresses.items() if not wanted(key)}

    def _newaddr(self, body, _flags):
        family, length, flags, scope, index = IFADDR.unpack_from(body)
        found = nl.attributes(body, 8)
        key = index, found[2], length
        if index not in self.links:
            raise Refused(errno.ENODEV)
        if key in self.addresses:
            raise Refused(errno.EEXIST)
        second = family == 2 and any(_network(one) == _network(key) for one in self.addresses)
        self.addresses[key] = IFADDR.pack(family, length, 0x81 if second else 0x80, scope, index), found

    def _deladdr(self, body, _flags):
        _family, length, _bits, _scope, index = IFADDR.unpack_from(body)
        key = index, nl.attributes(body, 8)[2], length
        if key not in self.addresses:
            raise Refused(errno.EADDRNOTAVAIL)
        first = not self.addresses.pop(key)[0][2] & 1
        if first and len(key[1]) == 4:
            self._forget(lambda one: _network(one) == _network(key))


def _network(key):
    index, raw, length = key
    return index, len(raw), length, int.from_bytes(raw, "big") >> (8 * len(raw) - length)


class FakeHost:
    """A host whose kernel is a L(Kernel)."""

    namespace = None

    def __init__(self):
        self.netlink = Kernel()
        self.devices = []
        self.by_ifname = {}
        self.entered = 0

    @contextlib.contextmanager
    def inside(self):
        self.entered += 1
        yield

    explain = Host(None).explain

    def wireguard_read(self, _host, ifname):
        return dict(self.netlink.secrets.get(ifname, {"private_key": "", "port": 0}))

    def wireguard_write(self, _host, ifname, info):
        self.netlink.secrets[ifname] = {"private_key": info["private_key"], "port": info["port"]}

    def patch(self, monkeypatch, writer, wireguard):
        """Have what goes over no netlink socket go here too."""
        monkeypatch.setattr(writer, "_tuntap", lambda _host, name, mode: self.netlink.tuntap(name, mode))
        monkeypatch.setattr(wireguard, "read", self.wireguard_read)
        monkeypatch.setattr(wireguard, "write", self.wireguard_write)
