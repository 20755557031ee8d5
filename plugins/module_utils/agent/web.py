# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an agent says over HTTP: whether it lives, whether it is ready, and Prometheus metrics."""

from __future__ import annotations

import http.server
import json
import socket
import socketserver
import threading
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError

ALIVE = ("/liveness", "/livez", "/healthz", "/health")
READY = ("/readiness", "/readyz")

Page = t.Callable[[], t.Tuple[bool, t.Mapping[str, t.Any]]]
"""Whether it is well, and what is said about it."""


Labels = t.Tuple[t.Tuple[str, str], ...]


class Metric(t.NamedTuple):
    """A metric: C(samples) by labels."""

    name: str
    kind: str
    help: str
    samples: t.Mapping[Labels, float]


def exposition(metrics: t.Iterable[Metric]) -> str:
    """As Prometheus reads it."""
    lines: t.List[str] = []
    for each in metrics:
        lines += [f"# HELP {each.name} {each.help}", f"# TYPE {each.name} {each.kind}"]
        for labels, value in each.samples.items():
            shown = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels)
            lines.append(f"{each.name}{'{' + shown + '}' if shown else ''} {value:.17g}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


class Server:
    """Serves until it is closed. Raises L(CnfError) when the address cannot be had."""

    def __init__(self, address: t.Tuple[str, int], alive: Page, ready: Page, metrics: t.Callable[[], t.Iterable[Metric]]) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            timeout = 10
            server_version, sys_version = "pantheon.cnf", ""

            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                if path == "/metrics":
                    self._answer(200, "text/plain; version=0.0.4; charset=utf-8", exposition(metrics()))
                elif path in ALIVE or path in READY:
                    well, told = (alive if path in ALIVE else ready)()
                    self._answer(200 if well else 503, "application/json", json.dumps(told) + "\n")
                else:
                    self._answer(404, "text/plain; charset=utf-8", f"there are {ALIVE[0]}, {READY[0]} and /metrics\n")

            do_HEAD = do_GET

            def _answer(self, code: int, kind: str, text: str) -> None:
                body = text.encode("utf-8", "backslashreplace")
                self.send_response(code)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, format: str, *args: t.Any) -> None:
                """Nobody wants to read that."""

        class Listener(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET

            def server_bind(self) -> None:  # without a look-up of our own name
                socketserver.TCPServer.server_bind(self)
                self.server_name, self.server_port = address

            def handle_error(self, request: t.Any, client_address: t.Any) -> None:
                """Who asks and does not wait for the answer is no news."""

        try:
            self._server = Listener(address, Handler)
        except OSError as error:
            raise CnfError(f"listen: {address[0]}:{address[1]}: {error.strerror or error}: give each agent an address of its own, or none") from None
        self.port = int(self._server.server_address[1])
        # It waits for connections without looking up; it ends with the process, or when the socket is closed.
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 3600}, name="http", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no longer."""
        self._server.server_close()
