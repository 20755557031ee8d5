# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web server of a chain: says who it is (/show/version) and who asks (/whoami). Standard library only, Python 3.9+."""

from __future__ import annotations

import argparse
import ipaddress
import json
import platform
import signal
import socket
import sys
import typing as t
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VERSION = "0.1.0"


def plain(address: str) -> str:
    """An address as a user writes it: an IPv4 peer of an IPv6 socket is an IPv4 peer."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped or parsed)


class Handler(BaseHTTPRequestHandler):
    """GET and HEAD of the paths in C(paths)."""

    protocol_version = "HTTP/1.1"
    server_version = f"pantheon.cnf-webserver/{VERSION}"
    timeout = 30
    name = "webserver"

    def version(self) -> t.Tuple[str, str]:
        """Server and version, as a line of text."""
        return "text/plain; charset=utf-8", f"{self.name}: pantheon.cnf web server {VERSION} (Python {platform.python_version()}, {platform.system()})\n"

    def whoami(self) -> t.Tuple[str, str]:
        """Both ends of the connection as the server sees them."""
        mine = self.connection.getsockname()
        seen = {
            "address": plain(self.client_address[0]),
            "port": self.client_address[1],
            "server_name": self.name,
            "server_address": plain(mine[0]),
            "server_port": mine[1],
        }
        return "application/json", json.dumps(seen) + "\n"

    def index(self) -> t.Tuple[str, str]:
        """What there is to ask for."""
        return "text/plain; charset=utf-8", "\n".join(path for path in self.paths if path != "/") + "\n"

    paths: t.ClassVar[t.Dict[str, t.Callable[[Handler], t.Tuple[str, str]]]] = {"/": index, "/show/version": version, "/whoami": whoami}

    def do_GET(self) -> None:
        """Answer, or 404."""
        answer = self.paths.get(self.path.partition("?")[0])
        if answer is None:
            self.send_error(HTTPStatus.NOT_FOUND, explain=f"There is {', '.join(self.paths)}")
            return
        kind, text = answer(self)
        body = text.encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: t.Any) -> None:
        """One line a request, with the peer's port: a translation is told from another by it."""
        print(f"{plain(self.client_address[0])}:{self.client_address[1]} {format % args}", file=sys.stderr, flush=True)


class Server(ThreadingHTTPServer):
    """Both IP versions on one socket; IPv4 alone where the kernel has no IPv6."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: str, port: int, handler: t.Type[Handler]) -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        super().__init__((address, port), handler)

    def server_bind(self) -> None:
        """Like the parent's, without looking its own name up: a sandbox has no resolver to wait for."""
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])


def listen(address: t.Optional[str], port: int, handler: t.Type[Handler]) -> Server:
    """A server on C(address), or on all of them."""
    if address:
        return Server(address, port, handler)
    try:
        return Server("::", port, handler)
    except OSError as error:
        if error.errno in (97, 99):  # EAFNOSUPPORT, EADDRNOTAVAIL: no IPv6 here
            return Server("0.0.0.0", port, handler)
        raise


def main(arguments: t.Optional[t.Sequence[str]] = None) -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="webserver", help="what it calls itself")
    parser.add_argument("--address", help="address to listen on; all of both IP versions by default")
    parser.add_argument("--port", type=int, default=80)
    options = parser.parse_args(arguments)
    handler = type("NamedHandler", (Handler,), {"name": options.name})
    try:
        server = listen(options.address, options.port, handler)
    except OSError as error:
        sys.exit(f"cannot listen on {options.address or 'any address'}, port {options.port}: {error.strerror}")
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    print(f"{options.name} listens on {server.server_name} port {server.server_port}", file=sys.stderr, flush=True)
    with server:
        server.serve_forever()


if __name__ == "__main__":
    main()
