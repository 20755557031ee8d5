# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sandbox's VPP: a supervised process that is watched by its pid and by its API."""

from __future__ import annotations

import grp
import os
import re
import shutil
import time
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.places.paths import api_socket, vpp_folder
from ansible_collections.pantheon.cnf.plugins.module_utils.places.vpp_options import VppLeft, prefix
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import startup
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Dump, Reply
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.client import Client

COMMANDS = "startup.cli"
ANSWER, PATIENCE = 15.0, 3.0
"""Seconds for an answer of the API (one that is only busy must not be taken for dead), and for a VPP that was just started to be there."""
SOCKETS = ("api.sock", "cli.sock")
NOISE = r"vnet_feature_arc_init|vat_plugin_register|: (#\d+ |     from /|Code: )"
"""Lines of its log that say nothing about what went wrong: absent plugins of our own choice, backtraces."""


def find(options: t.Mapping[str, t.Any]) -> str:
    """The program: as the options say, else below E(VPP_PREFIX), else in the PATH."""
    if options.get("binary"):
        looked = [options["binary"]]
    elif options.get("prefix") or os.environ.get("VPP_PREFIX"):
        base = options.get("prefix") or os.environ["VPP_PREFIX"]
        looked = [f"{base}/bin/vpp", f"{base}/usr/bin/vpp"]
    else:
        found = shutil.which("vpp", path=os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/bin", "/usr/local/bin")))
        if found:
            return found
        raise CnfError("no VPP here: no program vpp in the PATH. Install it (the role pantheon.cnf.vpp does), or set vpp.binary, vpp.prefix or VPP_PREFIX")
    for path in looked:
        if os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    raise CnfError(f"no VPP here: {' and '.join(looked)} {'is no program' if len(looked) == 1 else 'are no programs'}")


class VppProcess(VppLeft):
    """The option C(vpp) of a sandbox."""

    def wanted(self, cnf: str, namespace: str, options: t.Mapping[str, t.Any]) -> t.Optional[t.Dict[str, t.Any]]:
        """A process whose script is the startup configuration."""
        if not options["enabled"]:
            return None
        try:
            access = _access(options)
            commands = startup.commands(options["startup_commands"])
            script = startup.render(options, vpp_folder(namespace), prefix(namespace), f"{vpp_folder(namespace)}/{COMMANDS}" if commands else "")
            binary = find(options)
        except CnfError as error:
            error.message = f"sandbox {cnf}: VPP: {error.message}"
            raise
        return {
            "command": (binary, "-c", "{script}"),
            "script": script,
            "environment": (),
            "files": ((COMMANDS, commands),) if commands else (),
            "running": True,
            "inside": True,
            "access": access,
            "ready": _Ready(namespace, bool(commands), access).condition(options["timeout"]),
        }

    def observe(self, namespace: str, attributes: t.Dict[str, t.Any]) -> None:
        """It does its work when its API answers."""
        if not attributes["running"]:
            return
        access = _access_of(namespace)
        commands = any(name == COMMANDS for name, _text in attributes["files"])
        attributes.update(running=_answers(namespace), access=access, ready=_Ready(namespace, commands, access).condition(20))

    def give_access(self, namespace: str, access: t.Any) -> None:
        """Mode and group of the sockets. In this order nobody has more meanwhile than before or after."""
        for name in SOCKETS:
            path = f"{vpp_folder(namespace)}/{name}"
            os.chmod(path, 0o700)
            group = access["socket_group"]
            os.chown(path, -1, int(group) if group.isdigit() else grp.getgrnam(group).gr_gid)
            os.chmod(path, int(access["socket_mode"], 8))


def _answers(namespace: str) -> bool:
    """Whether its API does; one that an interrupted run has just started is given its time."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            _tag_of_local0(namespace)
            return True
        except CnfError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.05)


def _access_of(namespace: str) -> t.Optional[t.Dict[str, str]]:
    try:
        found = os.stat(api_socket(namespace))
    except OSError:
        return None
    try:
        group = grp.getgrgid(found.st_gid).gr_name
    except KeyError:
        group = str(found.st_gid)
    return {"socket_mode": f"{found.st_mode & 0o7777:04o}", "socket_group": group}


def _access(options: t.Mapping[str, t.Any]) -> t.Dict[str, str]:
    mode = options["socket_mode"]
    if not re.fullmatch(r"0?[0-7]{3}", mode):
        raise CnfError(f"socket_mode {mode!r}: three octal digits, such as 0770 (in quotes)")
    group = options["socket_group"]
    try:
        grp.getgrnam(group)
    except KeyError as error:
        raise CnfError(f"socket_group {group}: there is no such group") from error
    return {"socket_mode": f"{int(mode, 8):04o}", "socket_group": group}


def _tag_of_local0(namespace: str) -> str:
    with Client(api_socket(namespace), timeout=ANSWER) as client:
        (found,) = client.exchange([Dump("sw_interface_dump", {"sw_if_index": 0xFFFFFFFF, "name_filter_valid": True, "name_filter": "local0"})])
    if isinstance(found, CnfError):
        raise found
    return next((str(each["tag"]) for each in t.cast(t.List[Reply], found) if each["interface_name"] == "local0"), "")


class _Ready:
    """What to wait for: the API answers, and the startup commands are done."""

    def __init__(self, namespace: str, commands: bool, access: t.Optional[t.Mapping[str, str]]) -> None:
        self.namespace, self.commands, self.access = namespace, commands, access
        self.said = ""

    def condition(self, timeout: float) -> t.Dict[str, t.Any]:
        """For L(processes.await_ready)."""
        return {"check": self.check, "awaited": self.awaited, "timeout": timeout, "noise": NOISE}

    def check(self) -> bool:
        try:
            tag = _tag_of_local0(self.namespace)
        except CnfError as error:
            self.said = f"its API does not answer ({error.message})"
            return False
        self.said = "its startup commands are not done (after the first one that fails no other is run)"
        if self.commands and tag != startup.STARTED:
            time.sleep(0.1)
            return False
        if self.access:
            VppProcess().give_access(self.namespace, self.access)
        return True

    def awaited(self) -> str:
        return self.said
