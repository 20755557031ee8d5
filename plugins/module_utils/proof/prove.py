# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof itself: flows are sent through a chain and looked at on the way."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import socket
import time
import typing as t
from urllib.parse import urlsplit

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.proof.judge import first_sequences, judge
from ansible_collections.pantheon.cnf.plugins.module_utils.proof.model import Flow, Place, Request, Seen, Site, request_of, target
from ansible_collections.pantheon.cnf.plugins.module_utils.proof.tell import evidence, failed, reasons, text, unseen

_POOL = {"first_ip": {"type": "str", "required": True}, "last_ip": {"type": "str"}}
ARGUMENTS: t.Dict[str, t.Any] = {
    "chain": {"type": "dict"},
    "cnf": {"type": "str"},
    "client": {"type": "str"},
    "server": {"type": "str"},
    "namespaces": {"type": "dict"},
    "sockets": {"type": "dict"},
    "api_dir": {"type": "path"},
    "url": {"type": "str"},
    "body": {"type": "str"},
    "inside": {"type": "list", "elements": "str"},
    "outside": {"type": "list", "elements": "str"},
    "pools": {"type": "list", "elements": "dict", "options": _POOL},
    "inside_networks": {"type": "list", "elements": "str"},
    "timeout": {"type": "float", "default": 10},
    "fail": {"type": "bool", "default": True},
    "picture": {"type": "path"},
}
"""Options of the modules."""
TRIES = 5
"""How often flows are sent at most while the dataplane does not tell of all packets what they were (see L(Watch))."""
_TEMPORARY = (errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ETIMEDOUT, errno.ECONNRESET, errno.EAGAIN)
"""What a connection fails with while a chain is still warming up."""


def fetch(inside: t.Callable[[], t.ContextManager[t.Any]], url: str, timeout: float) -> Flow:
    """GET C(url) from the namespace that C(inside()) enters. The first packets of a cold chain may get lost: TCP sends them again."""
    import http.client

    server, path = target(url)
    begun, client, attempts, problem = time.monotonic(), None, 0, ""
    while True:
        left = begun + timeout - time.monotonic()
        if left <= 0:
            return Flow(url, client, server, 0, "", problem or f"no answer within {timeout:g} s", time.monotonic() - begun, attempts)
        with inside():
            stream = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        with stream:
            attempts += 1
            stream.settimeout(left)
            try:
                try:
                    stream.connect(server)
                finally:
                    client = stream.getsockname()[:2]
                connection = http.client.HTTPConnection(server[0], server[1])
                connection.sock = stream
                connection.request("GET", path, headers={"Connection": "close"})
                answer = connection.getresponse()
                body = answer.read(65536).decode(errors="replace")
                return Flow(url, client, server, answer.status, body, "", time.monotonic() - begun, attempts)
            except socket.timeout:
                problem = f"no answer within {timeout:g} s"
            except OSError as error:
                problem = error.strerror or str(error)
                if error.errno not in _TEMPORARY:
                    return Flow(url, client, server, 0, "", problem, time.monotonic() - begun, attempts)
            except http.client.HTTPException as error:
                return Flow(url, client, server, 0, "", f"not HTTP: {error!r}", time.monotonic() - begun, attempts)
        time.sleep(0.1)


def observe(request: Request, site: t.Callable[[Place], Site]) -> Seen:
    """Send the flows, and look at them at every place."""
    nat, client, server = site(request.nat), site(request.client), site(request.server)
    sides = {"inside": request.inside, "outside": request.outside}
    before = {one["name"]: one["packets"] for one in nat.interfaces()}
    with contextlib.ExitStack() as stack:
        watches = {request.nat.cnf: stack.enter_context(nat.watch(sides))}
        if not server.tells:
            watches[request.server.cnf] = stack.enter_context(server.arrivals(request.server_end))
        page = fetch(client.inside, request.url, request.timeout)
        whoami = None
        if server.tells:
            # A chain that did not carry the page is not asked a second time for as long.
            where = f"http://{urlsplit(request.url).netloc}/whoami"
            whoami = fetch(client.inside, where, request.timeout if page.status else 0.5)
        found = nat.sessions(page.client, page.server)
        packets = {side: each for watch in watches.values() for side, each in watch.packets().items()}
        dropped, lost = (sum(each) for each in zip(*((watch.missed(), watch.lost()) for watch in watches.values())))
        first = first_sequences(page, packets["inside"])
        traces = {cnf: way for cnf, way in ((cnf, watch.way(first)) for cnf, watch in watches.items()) if way}
    after = nat.interfaces()
    counters = {side: {one["name"]: one["packets"] - before.get(one["name"], 0) for one in after if one["name"] in names} for side, names in sides.items()}
    interfaces = {request.client.cnf: client.interfaces(), request.nat.cnf: after, request.server.cnf: server.interfaces()}
    return Seen(page, whoami, packets["inside"], packets["outside"], dropped, found, counters, interfaces, packets.get("server", ()), traces, lost)


def prove(parameters: t.Mapping[str, t.Any], enter: t.Callable[[Place], t.ContextManager[Site]]) -> t.Dict[str, t.Any]:
    """Send the flows through the chain on this host, and return what C(nat44_chain_proof) does. A missing chain is not proven, no error.

    C(enter) opens a place of whatever dataplane.
    """
    request = request_of(parameters)
    with contextlib.ExitStack() as stack:
        sites: t.Dict[Place, Site] = {}

        def site(place: Place) -> Site:
            if place not in sites:
                sites[place] = stack.enter_context(enter(place))
            return sites[place]

        try:
            if not request.inside_networks:
                known = {one["name"]: one["ip_addresses"] for one in site(request.nat).interfaces()}
                networks = [str(ipaddress.ip_interface(address).network) for name in request.inside for address in known.get(name, ())]
                request = request._replace(inside_networks=networks)
            for _again in range(TRIES):
                seen = observe(request, site)
                checks, found = judge(request, seen), evidence(request, seen)
                # What was hidden has to be so every time.
                if not seen.lost or all(check.proven for check in checks) or not all(check.proven for check in checks if check.name == "hidden"):
                    break
        except CnfError as error:
            checks, found = failed(error.message), unseen(request)
    proven = all(check.proven for check in checks)
    return {
        "changed": False,
        "proven": proven,
        "reasons": reasons(checks),
        "checks": [check._asdict() for check in checks],
        "evidence": found,
        "text": text(request, checks, found),
    }


def run(ansible: t.Any, enter: t.Callable[[Place], t.ContextManager[Site]]) -> None:
    """The whole of a module with L(ARGUMENTS)."""
    if ansible.check_mode:
        ansible.exit_json(changed=False, skipped=True, msg="check mode: no packet is sent, so nothing is proven")
    try:
        result = prove(ansible.params, enter)
    except CnfError as error:
        ansible.fail_json(msg=error.message, **error.context)
    if ansible.params["fail"] and not result["proven"]:
        ansible.fail_json(msg="not proven: " + "; ".join(result["reasons"]), **result)
    ansible.exit_json(**result)
