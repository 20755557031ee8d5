# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of VPP's binary API."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp import seen
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Answer, Call, Request
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.exchange import Exchange, Resolved
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.messages import Messages
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.transport import Transport

OLDEST = (24, 2)


class Client:
    """C(with Client(path) as client): connected within. C(timeout) is in seconds, for each answer.

    A reply is a dict: enums are numbers, addresses, prefixes and MAC addresses are text, unions are bytes. Requests take the same.
    What a request leaves out is zero, whatever VPP's descriptions have for a default; the number of elements of an array is counted.
    """

    def __init__(self, socket: str, api_dir: t.Optional[str] = None, timeout: float = 10) -> None:
        self.socket = socket
        self.api_dir = api_dir
        self.timeout = timeout
        self.transport: t.Optional[Transport] = None
        self.about: t.Mapping[str, t.Any] = {}
        self.release: t.Optional[t.Tuple[int, int]] = None
        self.pid = 0

    def __enter__(self) -> Client:
        self.open()
        return self

    def __exit__(self, *_exception: t.Any) -> None:
        self.close()

    def open(self) -> None:
        """Connect, and see that this is a VPP that we can work with."""
        self.transport = Transport(self.socket, self.timeout)
        self.messages = Messages(self.transport, self.api_dir, lambda: f"VPP {self.version()} at {self.socket}", lambda: self._ask("get_api_json")["json"])
        try:
            self.about = self._ask("show_version")
            # VPP's own number for itself is another one when it is in a container.
            self.pid = self.transport.peer or self._ask("control_ping")["vpe_pid"]
            release = re.match(r"(\d+)\.(\d+)", self.version())
            self.release = (int(release[1]), int(release[2])) if release else None
            if self.release and self.release < OLDEST:
                raise CnfError(f"VPP at {self.socket} is {self.version()}: 24.02 or newer is needed")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Goodbye; also when something went wrong."""
        transport, self.transport = self.transport, None
        if transport:
            transport.close()

    def version(self) -> str:
        """As VPP tells it: C(26.06-release)."""
        return str(self.about.get("version", "of unknown version"))

    def kernel_devices(self) -> t.Optional[t.Set[str]]:
        """The network devices of the namespace that VPP runs in; None when they cannot be seen."""
        return seen.devices(self._connected().peer)

    def lacks_folder(self, path: str) -> bool:
        """Whether there is seen to be no such folder where VPP is; not when nothing can be seen there."""
        return seen.lacks_folder(self._connected().peer, path)

    def offers(self, message: str) -> bool:
        """Whether this VPP has the message."""
        return message in self._connected().table

    def exchange(self, requests: t.Iterable[Request], resolved: t.Optional[Resolved] = None) -> t.List[t.Union[Answer, CnfError]]:
        """The answer or the error for each. Once VPP is gone that is L(errors.Gone) for all that have no answer yet; nothing is raised."""
        return Exchange(self._connected(), self.messages, requests, resolved).run()

    def _ask(self, message: str) -> t.Any:
        answer = self.exchange([Call(message)])[0]
        if isinstance(answer, CnfError):
            raise answer
        return answer

    def _connected(self) -> Transport:
        if self.transport is None:
            raise CnfError(f"not connected to VPP at {self.socket}")
        return self.transport
