# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents to items: CNFConfigurations parsed, NetworkServices as they are (L(mesh) reads those), others noticed.

A document tells where it comes from as C(file:line), so that an error leads there.
"""

from __future__ import annotations

import os
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.parse import Number, Pairs, load_json, parse
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.registry import did_you_mean, find
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.yaml_text import Text, load_all
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.yaml_text import load as load_yaml

SUFFIXES = (".yaml", ".yml", ".json")
CONFIGURATION = {"CNFConfiguration": ("pantheon.tech", ("v1",))}
SERVICE = {"NetworkService": ("networkservicemesh.io", ("v1", "v1alpha1"))}
ITEM_FIELDS = ("module", "type", "version", "name", "microservice", "data")
SPEC_FIELDS = ("microservice", "configItems")
MOST = 20


class DocumentError(CnfError):
    """Documents that cannot be used; C(problems) has every reason, the message the first 20."""


class Item(t.NamedTuple):
    """One desired value of a CNF (C(microservice)), and where it is written. C(name) is only told, never used."""

    module: str
    type: str
    version: str
    name: str
    microservice: str
    value: Value
    source: str


class Configuration(t.NamedTuple):
    """A CNFConfiguration, and as it is written."""

    name: str
    namespace: str
    source: str
    items: t.List[Item]
    raw: t.Dict[str, t.Any]


class NetworkServiceDocument(t.NamedTuple):
    """A NetworkService of either dialect, as written."""

    raw: t.Dict[str, t.Any]
    source: str


class Documents(t.NamedTuple):
    """What was read. C(notices) names the documents that were ignored, each with its kind and place."""

    configurations: t.List[Configuration]
    network_services: t.List[NetworkServiceDocument]
    notices: t.List[str]


def load(paths: t.Sequence[str], base: str) -> Documents:
    """Read files, and folders (their *.yaml, *.yml and *.json by name); relative paths count from C(base).

    Raises L(DocumentError) naming every wrong document and item at once.
    """
    problems: t.List[str] = []
    objects: t.List[t.Tuple[t.Any, str]] = []
    for path in _files(paths, base, problems):
        shown = os.path.relpath(path, base) if os.path.isabs(path) and path.startswith(os.path.join(base, "")) else path
        try:
            objects += _read(path, shown)
        except CnfError as error:
            problems.append(error.message)
    return _sorted_out(objects, problems)


def load_objects(objects: t.Sequence[t.Any], source: str = "object") -> Documents:
    """The same for documents given as data."""
    return _sorted_out([(each, f"{source} {at}") for at, each in enumerate(objects, 1)], [])


def parse_items(items: t.Sequence[t.Any], source: str) -> t.List[Value]:
    """The values of bare items (of one CNF). They may be incomplete, as what is to be deleted or merged is."""
    problems: t.List[str] = []
    values = []
    for at, item in enumerate(items, 1):
        parsed = _item(item, f"{source}, item {at}", "", problems, whole=False)
        if parsed is not None:
            values.append(parsed.value)
    _raise(problems)
    return values


def _raise(problems: t.List[str]) -> None:
    if problems:
        more = [f"... and {len(problems) - MOST} more"] if len(problems) > MOST else []
        raise DocumentError("\n".join(problems[:MOST] + more), problems=problems)


def _files(paths: t.Sequence[str], base: str, problems: t.List[str]) -> t.Iterator[str]:
    """The files meant, each once however often it is named."""
    seen: t.Set[str] = set()
    for given in paths:
        path = os.path.join(base, os.path.expanduser(given))
        found = [path]
        if os.path.isdir(path):
            found = [os.path.join(path, name) for name in sorted(os.listdir(path)) if name.endswith(SUFFIXES)]
            if not found:
                problems.append(f"{given}: the folder has no {', '.join('*' + suffix for suffix in SUFFIXES)}")
        for each in found:
            if os.path.realpath(each) not in seen:
                seen.add(os.path.realpath(each))
                yield each


def _read(path: str, shown: str) -> t.List[t.Tuple[t.Any, str]]:
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read()
    except OSError as error:
        raise DocumentError(f"{shown}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise DocumentError(f"{shown}: is not text in UTF-8 (byte {error.start})") from None
    if path.endswith(".json"):
        return [(_plain(load_json(text, shown), shown), f"{shown}:1")]
    return [(document.data, f"{shown}:{document.line}") for document in load_all(text, shown)]


def _plain(value: t.Any, shown: str) -> t.Any:
    """A JSON document as dicts; numbers stay as they are written."""
    if isinstance(value, Pairs):
        result: t.Dict[str, t.Any] = {}
        for name, each in value:
            if name in result:
                raise DocumentError(f"{shown}: key {name} is there twice in one mapping")
            result[name] = _plain(each, shown)
        return result
    return [_plain(each, shown) for each in value] if isinstance(value, list) else value


def _exact(value: t.Any) -> t.Any:
    """A copy of only Python's own types: nothing that says how it was written."""
    if isinstance(value, Number):
        return int(value) if value.lstrip("-").isdigit() else float(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, t.Mapping):
        return {_exact(name): _exact(each) for name, each in value.items()}
    return [_exact(each) for each in value] if isinstance(value, (list, tuple)) else value


def _sorted_out(objects: t.Iterable[t.Tuple[t.Any, str]], problems: t.List[str]) -> Documents:
    documents = Documents([], [], [])
    for each, source in objects:
        _sort_in(each, source, documents, problems)
    _raise(problems)
    return documents


def _sort_in(document: t.Any, source: str, into: Documents, problems: t.List[str]) -> None:
    if not isinstance(document, t.Mapping):
        problems.append(f"{source}: a document is a mapping with apiVersion and kind, not {_kind_of(document)}")
        return
    kind, api = document.get("kind"), document.get("apiVersion")
    if kind == "List" and api == "v1" and isinstance(document.get("items"), list):
        for at, each in enumerate(document["items"], 1):
            _sort_in(each, f"{source}, object {at}", into, problems)
        return
    if not isinstance(kind, str) or not isinstance(api, str):
        near = did_you_mean(next((str(name) for name in document if name not in ("metadata", "spec")), ""), ("kind", "apiVersion"))
        problems.append(f"{source}: has no {'apiVersion' if isinstance(kind, str) else 'kind'}{near}")
        return
    known = {**CONFIGURATION, **SERVICE}.get(kind)
    group, _slash, version = api.rpartition("/")
    if known is None or known[0] != group:
        hint = did_you_mean(kind, {**CONFIGURATION, **SERVICE}) if group in ("pantheon.tech", "networkservicemesh.io") else ""
        into.notices.append(f"{source}: ignored, a {kind} of {api} is not ours{hint}")
    elif version not in known[1]:
        problems.append(f"{source}: {kind} {api}: write {' or '.join(f'{group}/{each}' for each in known[1])}")
    elif kind in SERVICE:
        into.network_services.append(NetworkServiceDocument(_exact(document), source))
    else:
        _configuration(document, source, into, problems)


def _kind_of(value: t.Any) -> str:
    return "a list" if isinstance(value, list) else "nothing" if value is None else f"the text {str(value)[:40]!r}"


def _configuration(document: t.Mapping[str, t.Any], source: str, into: Documents, problems: t.List[str]) -> None:
    metadata, spec = document.get("metadata"), document.get("spec")
    name = metadata.get("name") if isinstance(metadata, t.Mapping) else None
    if not isinstance(name, str) or not name:
        problems.append(f"{source}: CNFConfiguration without metadata.name")
        return
    where = f"{source}: CNFConfiguration {name}"
    if not isinstance(spec, t.Mapping):
        problems.append(f"{where}: has no spec" + did_you_mean("spec", [str(key) for key in document]))
        return
    problems += [f"{where}: unknown field spec.{key}{did_you_mean(str(key), SPEC_FIELDS)}" for key in spec if key not in SPEC_FIELDS]
    items, microservice = spec.get("configItems") or [], spec.get("microservice") or ""
    if not isinstance(items, list):
        problems.append(f"{where}: spec.configItems is a list of items, not {_kind_of(items)}")
        return
    if not isinstance(microservice, str):
        problems.append(f"{where}: spec.microservice: {microservice!r} is not text: put it in quotes")
        return
    namespace = metadata.get("namespace") or "default" if isinstance(metadata, t.Mapping) else "default"
    parsed = (_item(item, f"{where}, item {at}", microservice, problems) for at, item in enumerate(items, 1))
    into.configurations.append(Configuration(str(name), str(namespace), source, [item for item in parsed if item is not None], _exact(document)))


def _item(item: t.Any, where: str, microservice: str, problems: t.List[str], whole: bool = True) -> t.Optional[Item]:
    """The item, or None with what is wrong told in C(problems). C(whole): of a document, so with a CNF and no field missing."""
    if not isinstance(item, t.Mapping):
        problems.append(f"{where}: is a mapping with module, type and data, not {_kind_of(item)}")
        return None
    wrong = [f"unknown field {name}{did_you_mean(str(name), ITEM_FIELDS)}" for name in item if name not in ITEM_FIELDS]
    words = {name: item.get(name) for name in ITEM_FIELDS[:-1]}
    wrong += [f"{name}: {value!r} is not text: put it in quotes" for name, value in words.items() if value is not None and not isinstance(value, str)]
    wrong += [f"{name} is missing" for name in ("module", "type", "data") if item.get(name) is None]
    microservice = item.get("microservice") or microservice
    if whole and not microservice:
        wrong.append("microservice is missing, here and in spec: nobody knows which CNF this is for")
    if wrong:
        problems += [f"{where}: {each}" for each in wrong]
        return None
    try:
        kind = find(item["module"], item["type"], item.get("version"))
        data = item["data"]
        if isinstance(data, str):
            data = load_yaml(data, f"{where} ({kind.id}), data", _first_line(data))
        parsed = parse(kind, {} if data is None else data, f"{where} ({kind.id})")
    except CnfError as error:
        problems += (
            [f"{where} ({item['module']}/{item['type']}): {each}" for each in error.context["problems"]]
            if "problems" in error.context
            else [error.message if error.message.startswith(where) else f"{where}: {error.message}"]
        )
        return None
    if whole:
        found = kind.problems(parsed)
        if found:
            problems += [f"{where} ({kind.id}): {each}" for each in found]
            return None
    return Item(kind.module, kind.type, kind.version, str(item.get("name") or ""), str(microservice), kind.value(parsed), where)


def _first_line(text: str) -> int:
    """Where the text begins in its file, when it comes from one."""
    return text.line if isinstance(text, Text) and text.line else 1
