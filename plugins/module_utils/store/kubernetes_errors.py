# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an API server's refusals mean, in words: verb, resource and object, why, and what to do. Pure."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError

INSTALLS = {"pantheon.tech": "role pantheon.cnf.cnf_crd installs its CRD", "networkservicemesh.io": "Network Service Mesh brings its CRD"}
"""Where the kinds of a group come from."""

AWAY = (429, 502, 503, 504)
"""Answers of a server that is starting, stopping or busy: the same again may succeed."""

MANAGER = re.compile(r'conflict with "(.*?)"')
DENIED = re.compile(r'User "(.*?)" cannot (\w+) resource "(.*?)"')
RBAC_IS_NOT_READY = re.compile(r"RBAC: .*\bnot found")


class KubernetesError(CnfError):
    """The API server, or the way to it, refused. C(code) is its answer's, 0 where there was none."""

    code = 0


class Unreachable(KubernetesError):
    """Nobody answered. C(maybe): what was asked for may have been done all the same."""

    maybe = False


class Unauthorized(KubernetesError):
    """The server does not know who we are."""


class Forbidden(KubernetesError):
    """Who we are may not do this."""


class Absent(KubernetesError):
    """There is no such object, or no such namespace."""


class MissingKind(KubernetesError):
    """The cluster does not have this kind: its CRD is missing."""


class Conflict(KubernetesError):
    """Fields belong to another field manager (C(conflicts): manager and field of each), or somebody else was faster."""


class Invalid(KubernetesError):
    """The object is not what the server takes. C(problems): field and reason of each."""


class Expired(KubernetesError):
    """The version asked for is no longer there: list again."""


class TimedOut(KubernetesError):
    """What was waited for did not happen. C(seen): objects by name as they were at last."""

    seen: t.Dict[str, t.Any] = {}


class Asked(t.NamedTuple):
    """What was asked of the server, for messages. C(resource): plural and group."""

    verb: str
    resource: str
    group: str = ""
    namespace: str = ""
    name: str = ""

    def __str__(self) -> str:
        where = f" {self.namespace}/{self.name}" if self.namespace and self.name else f" {self.name}" if self.name else ""
        return f"{self.verb} {self.resource}{where}{f' in namespace {self.namespace}' if self.namespace and not self.name else ''}"

    @property
    def context(self) -> t.Dict[str, str]:
        """The same as data."""
        return {name: value for name, value in self._asdict().items() if value and name != "group"}


def is_starting(code: int, told: str) -> bool:
    """Whether a server says this only until it has read its own rules and kinds."""
    return code in AWAY or (code == 403 and bool(RBAC_IS_NOT_READY.search(told)))


def refusal(server: str, asked: Asked, code: int, body: bytes) -> KubernetesError:
    """The error for an answer."""
    status = _status(body)
    told = str(status.get("message") or body[:300].decode(errors="replace")).strip()
    details = status.get("details") if isinstance(status.get("details"), dict) else {}
    causes = [each for each in (details or {}).get("causes") or () if isinstance(each, dict)]
    made = _made(asked, code, told, str(status.get("reason") or ""), details or {}, causes)
    made.message = f"{server}, {asked}: {made.message}"
    made.args = (made.message,)
    made.code = code
    made.context = {**asked.context, **made.context}
    return made


def _status(body: bytes) -> t.Dict[str, t.Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _made(asked: Asked, code: int, told: str, reason: str, details: t.Mapping[str, t.Any], causes: t.Sequence[t.Mapping[str, t.Any]]) -> KubernetesError:
    if code == 401:
        return Unauthorized("it does not know who we are: the token or certificate is wrong, or no longer holds")
    if code == 403:
        return _forbidden(asked, told)
    if code == 404:
        return _absent(asked, told, details)
    if code == 409:
        return _conflict(told, reason, causes)
    if code == 410 or reason == "Expired":
        return Expired(f"{told}: list again")
    if code == 413 or "request is too large" in told:
        return Invalid(f"it is too large for the cluster: {told}", problems=[])
    if code in (400, 422):
        # The one without a field says only that there may be more.
        problems = [f"{each.get('field') or 'object'}: {each.get('message') or ''}" for each in causes if each.get("field") != "<nil>"]
        return Invalid("; ".join(problems[:20]) or told, problems=problems or [told])
    return KubernetesError(f"{told or 'no reason given'} (HTTP {code})")


def _forbidden(asked: Asked, told: str) -> KubernetesError:
    denied = DENIED.search(told)
    if not denied:
        return Forbidden(told)
    user, verb, resource = denied.groups()
    where = f" in namespace {asked.namespace}" if asked.namespace else ""
    full = f"{resource}.{asked.group}" if asked.group and "." not in resource else resource
    role = "Role" if asked.namespace else "ClusterRole"
    return Forbidden(f"user {user} may not {verb} {full}{where}: a {role} has to allow it the verb {verb} on {resource}", forbidden=verb)


def _absent(asked: Asked, told: str, details: t.Mapping[str, t.Any]) -> KubernetesError:
    if details.get("kind") == "namespaces" and asked.resource != "namespaces":
        return Absent(f"there is no namespace {asked.namespace}: make it first")
    if details.get("name"):
        return Absent("there is no such object")
    return missing(asked.resource, asked.group)


def missing(kind: str, group: str, api_version: str = "") -> MissingKind:
    """The error for a kind that the cluster does not have."""
    installs = f": {INSTALLS[group]}" if group in INSTALLS else ""
    return MissingKind(f"the cluster has no {kind}{f' of {api_version}' if api_version else ''}{installs or ': its CRD is not installed'}")


def _conflict(told: str, reason: str, causes: t.Sequence[t.Mapping[str, t.Any]]) -> KubernetesError:
    conflicts = []
    for each in causes:
        found = MANAGER.search(str(each.get("message") or ""))
        if each.get("reason") == "FieldManagerConflict" and found:
            conflicts.append({"manager": found.group(1), "field": str(each.get("field") or "")})
    if not conflicts:
        return Conflict(told or reason, conflicts=[])
    said = "; ".join(f"{each['field']} is {each['manager']}'s" for each in conflicts[:20])
    return Conflict(f"another field manager has set it: {said}. Take these fields over with force_conflicts, or leave them to it", conflicts=conflicts)
