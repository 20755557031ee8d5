# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent's settings: a file in YAML, and the environment, which goes over it as in pods."""

from __future__ import annotations

import dataclasses
import os
import re
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import did_you_mean
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.yaml_text import load
from ansible_collections.pantheon.cnf.plugins.module_utils.places.paths import api_socket
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import Access
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd_conf import AgentConf, load_conf

DATAPLANES = ("linux", "vpp")
LEVELS = ("debug", "info", "warning", "error")
HOST_SOCKET = "/run/vpp/api.sock"
RESYNC = {"linux": 300.0, "vpp": 30.0}
"""The kernel tells of changes, VPP does not."""

ENVIRONMENT = {
    "MICROSERVICE_LABEL": "microservice",
    "CNF_NAME": "cnf",
    "CNF_DATAPLANE": "dataplane",
    "CNF_NAMESPACE": "namespace",
    "CNF_VPP_SOCKET": "socket",
    "CNF_MEMIF_SUBSTITUTION": "memif_substitution",
    "CNF_LISTEN": "listen",
    "CNF_PAUSE_FILE": "pause_file",
    "CNF_LOG_LEVEL": "log_level",
    "ETCD_CONFIG": "etcd_conf",
}
WORDS: t.Dict[type, str] = {str: "text", bool: "true or false", float: "a number of seconds", list: "a list of host:port", dict: "a mapping"}
NAME = re.compile(r"[^\s\0-\x1f\x7f/]{1,64}")


class SettingsError(CnfError):
    """Settings that cannot be right."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """What an agent is to do. C(conf): how it reaches etcd. C(resync) and C(repair) are in seconds.

    C(resync): from one comparison of everything to the next. C(repair): between two comparisons because somebody changed something.
    C(ttl): until what a dead agent said is gone.
    """

    microservice: str
    conf: AgentConf
    cnf: str = ""
    dataplane: str = "linux"
    namespace: t.Optional[str] = None
    socket: str = ""
    api_dir: t.Optional[str] = None
    own_nat: bool = True
    memif_substitution: str = "none"
    expand_env_vars: bool = False
    listen: str = "127.0.0.1:9191"
    resync: float = 300.0
    repair: float = 5.0
    ttl: float = 15.0
    pause_file: str = ""
    state_folder: str = "/run/pantheon.cnf.agent"
    log_level: str = "info"

    @property
    def address(self) -> t.Optional[t.Tuple[str, int]]:
        """Where to listen, None for nowhere."""
        return address_of(self.listen)


COMMON: t.Dict[str, type] = {"etcd_conf": str, "etcd": dict}
"""Settings that say how to reach etcd, which agent and controller have in common."""
GIVEN = {t.Optional[str]: str, t.Tuple[str, ...]: list, t.Sequence[str]: list}
"""How a file has what fields of other types are."""


def fields_of(declared: t.Any, *others: str) -> t.Dict[str, type]:
    """What a file may say of a dataclass: its fields but for C(others), which come from elsewhere."""
    hints = t.get_type_hints(declared)
    return {each.name: GIVEN.get(hints[each.name], hints[each.name]) for each in dataclasses.fields(declared) if each.name not in others}


ETCD = fields_of(Access)
OPTIONS = {**COMMON, **fields_of(Settings, "conf")}


def read(path: str = "", environment: t.Optional[t.Mapping[str, str]] = None) -> Settings:
    """The settings of a file (without a path none) under the environment. Raises L(SettingsError) and what reading etcd.conf raises."""
    environment = os.environ if environment is None else environment
    where, given, conf = basics(path, OPTIONS, ENVIRONMENT, environment)
    expand = bool(given.pop("expand_env_vars", False)) or conf.expand_env
    if not given.get("microservice"):
        raise SettingsError(f"{where}: microservice is missing: the label in the keys (or MICROSERVICE_LABEL)")
    given.setdefault("cnf", given["microservice"])
    given.setdefault("dataplane", "linux")
    choice(given, "dataplane", DATAPLANES, where)
    choice(given, "memif_substitution", ("none", "veth"), where)
    for name in ("microservice", "cnf"):
        if not NAME.fullmatch(given[name]) or given[name] in (".", ".."):
            raise SettingsError(f"{where}: {name}: {given[name]!r} is no name: 1 to 64 characters, no blank and no slash")
    given.setdefault("resync", RESYNC[given["dataplane"]])
    if given["dataplane"] == "linux" and given.get("socket"):
        raise SettingsError(f"{where}: socket: a socket is that of a VPP, and the dataplane is linux")
    if given["dataplane"] == "vpp":
        given.setdefault("socket", api_socket(given["namespace"]) if given.get("namespace") else HOST_SOCKET)
    return Settings(conf=conf, expand_env_vars=expand, **given)


def basics(
    path: str, options: t.Mapping[str, type], variables: t.Mapping[str, str], environment: t.Mapping[str, str]
) -> t.Tuple[str, t.Dict[str, t.Any], AgentConf]:
    """What agent and controller have in common: where settings come from, those that are given, without etcd's, and how to reach etcd."""
    where = path or "settings"
    given = typed(given_in(path), options, where)
    given.update((name, environment[variable]) for variable, name in variables.items() if environment.get(variable))
    if "CNF_LISTEN" in environment:  # empty: nowhere
        given["listen"] = environment["CNF_LISTEN"]
    choice(given, "log_level", LEVELS, where)
    address_of(given.get("listen", ""), where)
    access = typed(given.pop("etcd", None) or {}, ETCD, f"{where}: etcd")
    if "endpoints" in access:
        access["endpoints"] = tuple(map(str, access["endpoints"]))
    # Endpoints that are given here need none in the environment, nor the other way round.
    conf = load_conf(given.pop("etcd_conf", ""), environment, **access)
    conf.access.check()
    return where, given, conf


def address_of(listen: str, where: str = "settings") -> t.Optional[t.Tuple[str, int]]:
    """Host and port; None for nowhere."""
    if not listen:
        return None
    if not re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^:\s]*):\d{1,5}", listen):
        raise SettingsError(f"{where}: listen: {listen} is not host:port")
    host, _colon, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


def given_in(path: str) -> t.Any:
    """What a file of settings says; without a path nothing."""
    if not path:
        return {}
    try:
        with open(path, encoding="utf-8") as file:
            return load(file.read(), path) or {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"settings {path}: {getattr(error, 'strerror', None) or 'is no text in UTF-8'}") from None


def typed(given: t.Any, options: t.Mapping[str, type], where: str) -> t.Dict[str, t.Any]:
    """Settings of which each is known and of its type."""
    if not isinstance(given, dict):
        raise SettingsError(f"{where}: is a mapping of settings")
    found: t.Dict[str, t.Any] = {}
    for name, value in given.items():
        if name not in options:
            raise SettingsError(f"{where}: unknown setting {name}{did_you_mean(str(name), options)}")
        wanted = options[name]
        if value is None:
            continue
        right = isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0 if wanted is float else isinstance(value, wanted)
        if not right:
            raise SettingsError(f"{where}: {name}: is not {WORDS[wanted]}")
        found[str(name)] = float(value) if wanted is float else value
    return found


def choice(given: t.Mapping[str, t.Any], name: str, choices: t.Collection[str], where: str) -> None:
    """Raise when a setting is none of its choices."""
    value = given.get(name)
    if value is not None and value not in choices:
        raise SettingsError(f"{where}: {name}: {value} is none of {', '.join(choices)}{did_you_mean(value, choices)}")
