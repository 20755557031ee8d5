# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a live VPP answered, kept: a second oracle beside the double, which only behaves as we believe VPP to behave."""

from __future__ import annotations

import contextlib
import json
import pathlib

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Call
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.client import Client

VECTORS = pathlib.Path(__file__).resolve().parents[1] / "vectors"


def _plain(value):
    """As JSON has it; octets are told apart from text."""
    if isinstance(value, (bytes, bytearray)):
        return {"octets": value.hex()}
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def _back(value):
    if isinstance(value, dict):
        return bytes.fromhex(value["octets"]) if set(value) == {"octets"} else {name: _back(each) for name, each in value.items()}
    return [_back(each) for each in value] if isinstance(value, list) else value


def _name(request):
    return json.dumps([request.message, _plain(request.fields)], sort_keys=True)


class Recorder(Client):
    """A client that keeps what was asked and answered, but for errors."""

    kept: dict = {}

    def exchange(self, requests, resolved=None):
        requests = list(requests)
        answers = super().exchange(requests, resolved)
        for request, answer in zip(requests, answers):
            if not isinstance(answer, CnfError):
                self.kept[_name(request)] = _plain(answer)
        return answers


class Replay:
    """A client without a VPP: it has the answers of a record, and no others."""

    def __init__(self, record):
        self.record = record
        self.about = record["about"]
        self.release = (26, 6)
        self.pid, self.socket = 1, "/nonexistent/api.sock"
        self.asked = set()

    def offers(self, message):
        return message in self.record["offers"]

    def version(self):
        return self.about["version"]

    def exchange(self, requests, _resolved=None):
        return [self._answer(each) for each in requests]

    def _answer(self, request):
        name = _name(request)
        self.asked.add(name)
        if name not in self.record["answers"]:
            kind = "call" if isinstance(request, Call) else "dump"
            raise AssertionError(f"the record has no answer to the {kind} {name}: tests/tools/vpp_record.py makes a new one")
        return _back(self.record["answers"][name])


def load(release):
    """The record of a release."""
    return json.loads((VECTORS / f"vpp-{release}-answers.json").read_text())


@contextlib.contextmanager
def kept_answers():
    """All answers that clients get meanwhile."""
    Recorder.kept = {}
    yield Recorder.kept
