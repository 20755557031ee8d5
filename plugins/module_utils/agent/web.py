# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health, readiness and metrics over HTTP, for whoever supervises and for Prometheus."""

from __future__ import annotations

import http.server
import threading
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError

Check = t.Callable[[], str]
"""What is wrong; empty when nothing is."""

Labels = t.Tuple[t.Tuple[str, str], ...]


class Metric(t.NamedTuple):
    """A number for Prometheus, or one for each set of labels. C(type): gauge or counter."""

    name: str
    type: str
    help: str
    values: t.Mapping[Labels, float]

    @classmethod
    def one(cls, name: str, type: str, help: str, value: float) -> Metric:
        """A single number."""
        return cls(name, type, help, {(): value})


def exposition(metrics: t.Iterable[Metric]) -> str:
    """Prometheus's text format."""
    lines = []
    for metric in metrics:
        lines += [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} {metric.type}"]
        for labels, value in metric.values.items():
            shown = ",".join(f'{name}="{_escaped(each)}"' for name, each in labels)
            lines.append(f"{metric.name}{{{shown}}} {value:g}" if shown else f"{metric.name} {value:.15g}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


class Web:
    """Serves C(/healthz), C(/readyz) and C(/metrics) at C(HOST:PORT) (port 0: any) until it is closed."""

    def __init__(self, listen: str, health: Check, ready: Check, metrics: t.Callable[[], t.Iterable[Metric]]) -> None:
        host, _colon, port = listen.rpartition(":")
        if not port.isdigit():
            raise CnfError(f"listen: {listen!r} is not host:port")
        checks = {"/healthz": health, "/health": health, "/liveness": health, "/readyz": ready, "/readiness": ready}

        class Handler(http.server.BaseHTTPRequestHandler):
            """Answers."""

            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                if path in checks:
                    wrong = checks[path]()
                    self._answer(503 if wrong else 200, (wrong or "ok") + "\n", "text/plain; charset=utf-8")
                elif path == "/metrics":
                    self._answer(200, exposition(metrics()), "text/plain; version=0.0.4; charset=utf-8")
                else:
                    self._answer(404, "/healthz, /readyz, /metrics\n", "text/plain; charset=utf-8")

            def _answer(self, code: int, text: str, content_type: str) -> None:
                body = text.encode()
                self.send_response(code)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: t.Any) -> None:
                """Nothing."""

        try:
            self._server = http.server.ThreadingHTTPServer((host.strip("[]"), int(port)), Handler)
        except OSError as error:
            raise CnfError(f"listen: {listen}: {error.strerror or error}") from None
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, name="web", daemon=True).start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
