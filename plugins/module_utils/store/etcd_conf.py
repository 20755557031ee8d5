# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""etcd.conf of the Ligato agents (the file that ETCD_CONFIG names), read as it is."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import did_you_mean
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.yaml_text import load
from ansible_collections.pantheon.cnf.plugins.module_utils.store.etcd import Access, EtcdError

NANOSECOND = 1e-9
UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
DURATIONS = {"dial-timeout": 1.0, "operation-timeout": 3.0, "reconnect-interval": 2.0}
"""In the file nanoseconds, or text with a unit; here seconds, with the agents' defaults."""

SWITCHES = ("insecure-transport", "insecure-skip-tls-verify", "resync-after-reconnect", "allow-delayed-start", "expand-env-variables")
FILES = ("cert-file", "key-file", "ca-file")
OTHER = ("endpoints", "auto-compact", "session-ttl")
DEFAULT_ENDPOINT = "127.0.0.1:2379"


class AgentConf(t.NamedTuple):
    """How an agent reaches etcd, and what it does there. Times are in seconds."""

    access: Access
    delayed_start: bool
    resync_after_reconnect: bool
    expand_env: bool
    reconnect_interval: float
    session_ttl: int


def load_conf(path: str = "", environment: t.Optional[t.Mapping[str, str]] = None, **access: t.Any) -> AgentConf:
    """The file at C(path), else the one ETCD_CONFIG names, else defaults; C(access) goes over what it says.

    Raises for what cannot be read, a key that is not known, and a file without endpoints where the environment has none either.
    """
    environment = os.environ if environment is None else environment
    path = path or environment.get("ETCD_CONFIG", "")
    if not path:
        return parse_conf("", "", environment, **access)
    try:
        with open(path, encoding="utf-8") as file:
            return parse_conf(file.read(), path, environment, **access)
    except (OSError, UnicodeDecodeError) as error:
        raise EtcdError(f"etcd.conf {path}: {getattr(error, 'strerror', None) or 'is no text in UTF-8'}") from None


def parse_conf(text: str, source: str, environment: t.Optional[t.Mapping[str, str]] = None, **access: t.Any) -> AgentConf:
    """The same for the file's text. File names in it count from the working directory, as for the agents."""
    environment = {} if environment is None else environment
    where = f"etcd.conf {source}".rstrip()
    given = load(text, where) or {}
    if not isinstance(given, dict):
        raise EtcdError(f"{where}: is a mapping of settings")
    known = (*DURATIONS, *SWITCHES, *FILES, *OTHER)
    for name in given:
        if name not in known:
            raise EtcdError(f"{where}: unknown setting {name}{did_you_mean(str(name), known)}")
    switches = {name: _switch(given.get(name, False), f"{where}: {name}") for name in SWITCHES}
    times = {name: _seconds(given[name], f"{where}: {name}") if name in given else default for name, default in DURATIONS.items()}
    files = {name: _text(given.get(name, ""), f"{where}: {name}") for name in FILES}
    if switches["insecure-skip-tls-verify"] and not switches["insecure-transport"]:
        raise EtcdError(f"{where}: insecure-skip-tls-verify: a certificate is always verified here: give ca-file")
    secure = not switches["insecure-transport"] and any(files.values())
    options: t.Dict[str, t.Any] = {
        "endpoints": _endpoints(given.get("endpoints"), where, environment),
        "tls": secure,
        **({"ca": files["ca-file"], "cert": files["cert-file"], "key": files["key-file"]} if secure else {}),
        "dial_timeout": times["dial-timeout"],
        "timeout": times["operation-timeout"],
        **access,
    }
    expand = switches["expand-env-variables"] or environment.get("ETCD_EXPAND_ENV_VARS", "").lower() in ("1", "t", "true", "yes", "on")
    return AgentConf(
        Access(**options),
        switches["allow-delayed-start"],
        switches["resync-after-reconnect"],
        expand,
        times["reconnect-interval"],
        max(1, int(_number(given.get("session-ttl", 5), f"{where}: session-ttl"))),
    )


def _endpoints(given: t.Any, where: str, environment: t.Mapping[str, str]) -> t.Tuple[str, ...]:
    if given is not None:
        if not isinstance(given, list) or not all(isinstance(each, str) for each in given) or not given:
            raise EtcdError(f"{where}: endpoints is a list of host:port")
        return tuple(map(str, given))
    listed = environment.get("ETCD_ENDPOINTS") or environment.get("ETCDV3_ENDPOINTS") or DEFAULT_ENDPOINT
    return tuple(each.strip() for each in listed.split(",") if each.strip())


def _switch(value: t.Any, where: str) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("y", "yes", "on", "true", "n", "no", "off", "false"):
        return value.lower() in ("y", "yes", "on", "true")
    raise EtcdError(f"{where}: is neither true nor false")


def _text(value: t.Any, where: str) -> str:
    if value is not None and not isinstance(value, str):
        raise EtcdError(f"{where}: is not the name of a file")
    return str(value or "")


def _number(value: t.Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise EtcdError(f"{where}: is not a number of 0 or more")
    return float(value)


def _seconds(value: t.Any, where: str) -> float:
    if isinstance(value, str):
        unit = value.lstrip("0123456789.")
        try:
            return float(value.removesuffix(unit)) * UNITS[unit]
        except (KeyError, ValueError):
            raise EtcdError(f"{where}: {value!r} is no time: nanoseconds, or a number with ms, s, m or h") from None
    return _number(value, where) * NANOSECOND
