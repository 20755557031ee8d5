# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kubernetes by the package kubernetes: many objects with one client, several at a time, every call with a deadline.

Objects are dicts as the API has them. What is applied is applied by the server (server-side apply). Errors say what was asked for,
why it was refused and what to do, never a token. Python 3.11 and newer.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import json
import os
import tempfile
import threading
import time
import typing as t
import urllib.parse

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.store import kubernetes_errors as errors
from ansible_collections.pantheon.cnf.plugins.module_utils.store.kubernetes_errors import (
    Absent,
    Asked,
    Expired,
    Forbidden,
    KubernetesError,
    MissingKind,
    TimedOut,
    Unreachable,
)

FIELD_MANAGER = "pantheon.cnf"
WORKERS = 4
"""Calls at a time: more of them only wait for each other in the server."""

PAGE = 500
SINGLY = 20
"""Up to so many objects of a namespace are read one by one, more with a list."""

PATIENCE = 60.0
"""Seconds that a server which has answered before may be away, as while it restarts."""

SERVERS = ("managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink")
"""What of the metadata is the server's own."""

FILES = ("ssl_ca_cert", "cert_file", "key_file")
"""What of a configuration of the package is the path of a file."""

_LOADING = threading.Lock()
"""What the package has read is known to all of a process."""

ACCESS: t.Dict[str, t.Dict[str, t.Any]] = {
    "kubeconfig": {"type": "path"},
    "context": {"type": "str"},
    "host": {"type": "str"},
    "api_key": {"type": "str", "no_log": True},
    "ca_cert": {"type": "path", "aliases": ["ssl_ca_cert"]},
    "client_cert": {"type": "path", "aliases": ["cert_file"]},
    "client_key": {"type": "path", "aliases": ["key_file"], "no_log": False},
    "validate_certs": {"type": "bool", "aliases": ["verify_ssl"]},
    "proxy": {"type": "str"},
}
"""Options that say how to get to the API server, named as those of kubernetes.core."""

ENVIRONMENT = {
    "kubeconfig": "K8S_AUTH_KUBECONFIG",
    "context": "K8S_AUTH_CONTEXT",
    "host": "K8S_AUTH_HOST",
    "api_key": "K8S_AUTH_API_KEY",
    "ca_cert": "K8S_AUTH_SSL_CA_CERT",
    "client_cert": "K8S_AUTH_CERT_FILE",
    "client_key": "K8S_AUTH_KEY_FILE",
    "validate_certs": "K8S_AUTH_VERIFY_SSL",
    "proxy": "K8S_AUTH_PROXY",
}
USUAL = "~/.kube/config"

Object = t.Dict[str, t.Any]
Done = t.TypeVar("Done")
Given = t.TypeVar("Given")


@dataclasses.dataclass(frozen=True)
class Access:
    """Where the API server is and how to get in; C(timeout) is per call. What is not given: see L(Cluster)."""

    kubeconfig: str = ""
    context: str = ""
    host: str = ""
    api_key: str = dataclasses.field(default="", repr=False)
    ca_cert: str = ""
    client_cert: str = ""
    client_key: str = ""
    validate_certs: t.Optional[bool] = None
    proxy: str = ""
    timeout: float = 10.0


def access(parameters: t.Mapping[str, t.Any], environment: t.Optional[t.Mapping[str, str]] = None) -> Access:
    """From a module's options, and for those that are not given from the environment."""
    environment = os.environ if environment is None else environment
    given: t.Dict[str, t.Any] = {}
    for name, variable in ENVIRONMENT.items():
        value = parameters.get(name)
        if value is None and environment.get(variable):
            value = environment[variable]
            if name == "validate_certs":
                value = value.strip().lower() not in ("0", "false", "no", "off", "n", "f")
        if value is not None:
            given[name] = value
    if parameters.get("timeout"):
        given["timeout"] = float(parameters["timeout"])
    return Access(**given)


class Resource(t.NamedTuple):
    """A kind in an API version. C(plural) as its path has it; empty: the server is asked, for C(namespaced) too."""

    api_version: str
    kind: str
    plural: str = ""
    namespaced: bool = True

    @property
    def group(self) -> str:
        """Empty for the core."""
        return self.api_version.rpartition("/")[0]

    @property
    def root(self) -> str:
        """The path of the API version."""
        return f"/apis/{self.api_version}" if self.group else f"/api/{self.api_version}"

    @property
    def shown(self) -> str:
        """For messages."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


class Applied(t.NamedTuple):
    """What became of an object: C(before) is None where it was not there, C(after) where it is gone."""

    before: t.Optional[Object]
    after: t.Optional[Object]
    changed: bool


class Listed(t.NamedTuple):
    """What was listed, and the version to watch from."""

    version: str
    items: t.List[Object]


class Failures(KubernetesError):
    """Some of many objects could not be done. C(errors): by place in what was given; C(done): the results of the others."""

    errors: t.Dict[int, CnfError] = {}
    done: t.Dict[int, t.Any] = {}


def resource_of(given: t.Mapping[str, t.Any]) -> Resource:
    """The kind of an object."""
    api_version, kind = given.get("apiVersion"), given.get("kind")
    if not isinstance(api_version, str) or not isinstance(kind, str) or not api_version or not kind:
        raise KubernetesError("an object has to have apiVersion and kind")
    return Resource(api_version, kind)


def name_of(given: t.Mapping[str, t.Any]) -> t.Tuple[str, str]:
    """Namespace (C(default) where none is given) and name of an object."""
    metadata = given.get("metadata")
    found = metadata if isinstance(metadata, t.Mapping) else {}
    return str(found.get("namespace") or "default"), str(found.get("name") or "")


def content(given: t.Optional[t.Mapping[str, t.Any]]) -> t.Optional[Object]:
    """What of an object is not the server's own doing: without status, versions and who manages what."""
    if given is None:
        return None
    metadata = {name: value for name, value in (given.get("metadata") or {}).items() if name not in SERVERS}
    return {**{name: value for name, value in given.items() if name != "status"}, "metadata": metadata}


class Cluster:
    """An API server: that of the options, of the kubeconfig, or of the cluster that this runs in. C(requests) counts the calls made.

    May be used by several threads. To be used as a context manager, or closed.
    """

    def __init__(self, access: Access) -> None:
        self.access = access
        self.requests = 0
        with contextlib.ExitStack() as made:
            # What a kubeconfig has in it becomes files, which are ours alone.
            folder = tempfile.TemporaryDirectory(prefix="pantheon.cnf-")
            made.callback(folder.cleanup)
            self._configuration = _configuration(access, folder.name)
            self._in_memory = _taken_into_memory(folder.name, made)
            if not os.listdir(folder.name):
                folder.cleanup()
            for name in FILES:
                setattr(self._configuration, name, self._path(name))
            self._configuration.connection_pool_maxsize = WORKERS
            self._client = _client(self._configuration)
            self._made = made.pop_all()
        self._pool = self._client.rest_client.pool_manager
        self._host = str(self._configuration.host).rstrip("/")
        self._lock = threading.Lock()
        self._answered = False
        self._known: t.Dict[t.Tuple[str, str], Resource] = {}

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_error: t.Any) -> None:
        self.close()

    def __str__(self) -> str:
        return f"Kubernetes {self._host}"

    def close(self) -> None:
        """Drop all connections."""
        self._pool.clear()
        self._client.close()
        self._made.close()

    def connection(self) -> t.Dict[str, t.Any]:
        """The same way there for another client, in the words of kopf."""
        given = self._configuration
        scheme, _blank, token = self._headers("").get("authorization", "").rpartition(" ")
        return {
            "server": self._host,
            "ca_path": self._path("ssl_ca_cert"),
            "insecure": not given.verify_ssl,
            "certificate_path": self._path("cert_file"),
            "private_key_path": self._path("key_file"),
            "scheme": scheme or None,
            "token": token or None,
            "proxy_url": given.proxy,
        }

    def _path(self, name: str) -> t.Optional[str]:
        """Of one of L(FILES). The package sets those that it made again whenever it looks at a token."""
        given = getattr(self._configuration, name)
        return self._in_memory.get(given, given)

    def resolve(self, resource: Resource) -> Resource:
        """The same with its plural; raises L(MissingKind)."""
        if resource.plural:
            return resource
        key = (resource.api_version, resource.kind)
        with self._lock:
            known = self._known.get(key)
        if known is None:
            asked = Asked("read", f"the kinds of {resource.api_version}", resource.group)
            try:
                found = self._call(asked, "GET", resource.root)
            except (Absent, MissingKind):
                found = {}
            kinds = [each for each in found.get("resources") or () if each["kind"] == resource.kind and "/" not in each["name"]]
            if not kinds:
                raise _told(self, errors.missing(resource.kind, resource.group, resource.api_version), kind=resource.kind, api_version=resource.api_version)
            known = resource._replace(plural=kinds[0]["name"], namespaced=bool(kinds[0]["namespaced"]))
            with self._lock:
                self._known[key] = known
        return known

    def get(self, resource: Resource, namespace: str, name: str) -> t.Optional[Object]:
        """An object; None when it is not there."""
        resource = self.resolve(resource)
        try:
            return self._call(*self._at("get", "GET", resource, namespace, name))
        except Absent:
            return None

    def list(self, resource: Resource, namespace: t.Optional[str] = None, selector: str = "") -> t.List[Object]:
        """All objects of a kind (with these labels), of a namespace or of all."""
        return self.listed(resource, namespace, selector).items

    def listed(self, resource: Resource, namespace: t.Optional[str] = None, selector: str = "", fields: str = "") -> Listed:
        """L(list), with the version to watch from."""
        resource = self.resolve(resource)
        for _attempt in range(3):
            try:
                return self._listed(resource, namespace, selector, fields)
            except Expired:  # between two pages
                continue
        return self._listed(resource, namespace, selector, fields)

    def count(self, resource: Resource, namespace: t.Optional[str] = None) -> int:
        """How many objects of a kind there are, of a namespace or of all."""
        resource = self.resolve(resource)
        found = self._call(*self._at("list", "GET", resource, namespace), {"limit": "1"})
        return len(found.get("items") or ()) + int(found["metadata"].get("remainingItemCount") or 0)

    def apply(
        self,
        objects: t.Sequence[Object],
        field_manager: str = FIELD_MANAGER,
        dry_run: bool = False,
        force: bool = False,
        before: t.Optional[t.Sequence[t.Optional[Object]]] = None,
    ) -> t.List[Applied]:
        """Make the fields of objects be as given, by server-side apply; C(force): also those that another manager has set.

        C(before): the objects as they are, where that is known. Raises the error of the one that failed, L(Failures) when several did;
        the others are done.
        """
        known = self.current(objects) if before is None else before
        query = {"fieldManager": field_manager, "force": str(force).lower(), "fieldValidation": "Strict", **_dry(dry_run)}

        def one(given: t.Tuple[Object, t.Optional[Object]]) -> Applied:
            wanted, there = given
            resource, (namespace, name) = self.resolve(resource_of(wanted)), name_of(wanted)
            body = json.dumps(wanted, separators=(",", ":")).encode()
            after = self._call(*self._at("apply", "PATCH", resource, namespace, name), query, body, "application/apply-patch+yaml")
            return Applied(there, after, content(there) != content(after))

        return self._all(one, list(zip(objects, known)))

    def delete(self, objects: t.Sequence[Object], dry_run: bool = False, before: t.Optional[t.Sequence[t.Optional[Object]]] = None) -> t.List[Applied]:
        """Remove objects (apiVersion, kind, namespace and name are enough); what is not there is no error. Raises as L(apply)."""
        known = self.current(objects) if before is None else before
        query = {"propagationPolicy": "Background", **_dry(dry_run)}

        def one(given: t.Tuple[Object, t.Optional[Object]]) -> Applied:
            unwanted, there = given
            if there is None:
                return Applied(None, None, False)
            resource, (namespace, name) = self.resolve(resource_of(unwanted)), name_of(unwanted)
            with contextlib.suppress(Absent):
                self._call(*self._at("delete", "DELETE", resource, namespace, name), query)
            return Applied(there, None, True)

        return self._all(one, list(zip(objects, known)))

    def current(self, objects: t.Sequence[t.Mapping[str, t.Any]]) -> t.List[t.Optional[Object]]:
        """Objects as they are; None for one that is not there."""
        groups: t.Dict[t.Tuple[Resource, str], t.Set[str]] = {}
        for each in objects:
            namespace, name = name_of(each)
            groups.setdefault((self.resolve(resource_of(each)), namespace), set()).add(name)
        found: t.Dict[t.Tuple[Resource, str, str], t.Optional[Object]] = {}
        singly: t.List[t.Tuple[Resource, str, str]] = []
        for (resource, namespace), names in groups.items():
            if len(names) > SINGLY:
                try:
                    listed = self.list(resource, namespace)
                    found.update(((resource, namespace, item["metadata"]["name"]), item) for item in listed)
                    continue
                except Forbidden:  # to list; get may be allowed
                    pass
            singly += [(resource, namespace, name) for name in sorted(names)]
        found.update(zip(singly, self._all(lambda key: self.get(*key), singly)))
        return [found.get((self.resolve(resource_of(each)), *name_of(each))) for each in objects]

    def patch_status(self, resource: Resource, namespace: str, name: str, status: t.Mapping[str, t.Any], version: str = "", uid: str = "") -> Object:
        """Change these fields of an object's status (null removes one). With C(version) or C(uid) only while the object has it (L(Conflict))."""
        resource = self.resolve(resource)
        asked, method, path = self._at("patch", "PATCH", resource, namespace, name, "status")
        only = {field: value for field, value in (("resourceVersion", version), ("uid", uid)) if value}
        body = {**({"metadata": only} if only else {}), "status": status}
        return self._call(asked, method, path, {}, json.dumps(body).encode(), "application/merge-patch+json")

    def watch(
        self, resource: Resource, namespace: t.Optional[str], version: str, timeout: float, selector: str = "", fields: str = ""
    ) -> t.Iterator[t.Tuple[str, Object]]:
        """Changes from a version on, C(ADDED), C(MODIFIED) or C(DELETED) with the object, until C(timeout) seconds are over.

        Goes on where it was when the connection breaks. Raises L(Expired) when the version is too old.
        """
        resource = self.resolve(resource)
        deadline = time.monotonic() + timeout
        asked, _method, path = self._at("watch", "GET", resource, namespace)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return
            query = {"watch": "1", "resourceVersion": version, "allowWatchBookmarks": "true", "timeoutSeconds": str(max(1, int(left + 1)))}
            query.update(_selectors(selector, fields))
            for event in self._events(asked, path, query, deadline):
                kind, found = event.get("type"), event.get("object") or {}
                if kind == "ERROR":
                    raise errors.refusal(str(self), asked, int(found.get("code") or 0), json.dumps(found).encode())
                version = found["metadata"]["resourceVersion"]
                if kind != "BOOKMARK":
                    yield str(kind), found

    def wait(
        self, resource: Resource, namespace: str, names: t.Collection[str], until: t.Callable[[t.Optional[Object]], bool], timeout: float
    ) -> t.Dict[str, t.Optional[Object]]:
        """Wait until C(until) holds of each of these objects (it is given None for one that is not there), and return them.

        Raises L(TimedOut), which has seen them as they were at last.
        """
        resource = self.resolve(resource)
        deadline = time.monotonic() + timeout
        seen: t.Dict[str, t.Optional[Object]] = dict.fromkeys(names)
        fields = f"metadata.name={next(iter(seen))}" if len(seen) == 1 else ""
        while True:
            listed = self.listed(resource, namespace, fields=fields)
            there = {each["metadata"]["name"]: each for each in listed.items}
            seen = {name: there.get(name) for name in seen}
            left = {name for name, each in seen.items() if not until(each)}
            if not left:
                return seen
            try:
                for kind, found in self.watch(resource, namespace, listed.version, deadline - time.monotonic(), fields=fields):
                    name = found["metadata"]["name"]
                    if name not in seen:
                        continue
                    seen[name] = None if kind == "DELETED" else found
                    (left.discard if until(seen[name]) else left.add)(name)
                    if not left:
                        return seen
            except Expired:
                continue
            if time.monotonic() >= deadline:
                error = TimedOut(f"{self}: {len(left)} of {len(seen)} {resource.shown} are not as waited for in {timeout:g} s", names=sorted(left))
                error.seen = seen
                raise error

    def _listed(self, resource: Resource, namespace: t.Optional[str], selector: str, fields: str) -> Listed:
        items: t.List[Object] = []
        query = {"limit": str(PAGE), **_selectors(selector, fields)}
        while True:
            found = self._call(*self._at("list", "GET", resource, namespace), query)
            # A list does not say of what kind its items are.
            items += ({"apiVersion": resource.api_version, "kind": resource.kind, **each} for each in found.get("items") or ())
            more = found["metadata"].get("continue")
            if not more:
                return Listed(str(found["metadata"]["resourceVersion"]), items)
            query["continue"] = more

    def _at(self, verb: str, method: str, resource: Resource, namespace: t.Optional[str], name: str = "", part: str = "") -> t.Tuple[Asked, str, str]:
        """What is asked for, and how: method and path."""
        space = namespace if resource.namespaced and namespace else ""
        if name in (".", "..") or "/" in name + space or not name and verb not in ("list", "watch"):
            raise KubernetesError(f"{self}, {verb} {resource.shown}: {name!r} cannot be the name of an object")
        path = resource.root
        for each in (*(("namespaces", space) if space else ()), resource.plural, name, part):
            path += f"/{urllib.parse.quote(each, safe='')}" if each else ""
        return Asked(verb, resource.shown + (f"/{part}" if part else ""), resource.group, space, name), method, path

    def _all(self, one: t.Callable[[Given], Done], given: t.Sequence[Given]) -> t.List[Done]:
        """C(one) of each, some at a time. When the server cannot be reached the rest is left undone."""
        if not given:
            return []
        if len(given) == 1:
            return [one(given[0])]
        found: t.Dict[int, Done] = {}
        failed: t.Dict[int, CnfError] = {}
        with concurrent.futures.ThreadPoolExecutor(min(WORKERS, len(given)), "kubernetes") as pool:
            futures = {pool.submit(one, each): at for at, each in enumerate(given)}
            try:
                for future in concurrent.futures.as_completed(futures):
                    if future.cancelled():
                        continue
                    error = future.exception()
                    if error is None:
                        found[futures[future]] = future.result()
                    elif isinstance(error, CnfError):
                        failed[futures[future]] = error
                        if isinstance(error, (Unreachable, errors.Unauthorized)):
                            for each in futures:
                                each.cancel()
                    else:
                        raise error
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        if not failed:
            return [found[at] for at in range(len(given))]
        if len(failed) == 1 and len(given) == len(found) + 1:
            raise next(iter(failed.values()))
        in_order = [failed[at] for at in sorted(failed)]
        said = list(dict.fromkeys(each.message for each in in_order))
        more = f"\n... and {len(said) - 20} more" if len(said) > 20 else ""
        failures = Failures("\n".join(said[:20]) + more, **in_order[0].context)
        failures.errors, failures.done = failed, found
        raise failures

    def _headers(self, content_type: str) -> t.Dict[str, str]:
        with self._lock:  # a token that has expired is made anew here
            self.requests += 1
            settings = self._configuration.auth_settings()
        headers = {"Accept": "application/json", "User-Agent": FIELD_MANAGER, "Content-Type": content_type}
        headers.update({each["key"]: each["value"] for each in settings.values() if each["in"] == "header" and each["value"]})
        return headers

    def _call(
        self, asked: Asked, method: str, path: str, query: t.Optional[t.Mapping[str, str]] = None, body: bytes = b"", content_type: str = "application/json"
    ) -> Object:
        """Call, and again while a server that has answered before is away. All calls can be made twice: they say how it shall be."""
        begun, pause, maybe = time.monotonic(), 0.1, False
        url = f"{self._host}{path}{'?' + urllib.parse.urlencode(query) if query else ''}"
        while True:
            problem = self._once(asked, method, url, body, content_type)
            if not isinstance(problem, KubernetesError):
                self._answered = True
                return problem
            self._answered = self._answered or problem.code != 0
            maybe = maybe or isinstance(problem, Unreachable) and problem.maybe
            away = isinstance(problem, Unreachable) or errors.is_starting(problem.code, problem.message)
            # A server that starts has not yet read which kinds there are.
            away = away or maybe and isinstance(problem, MissingKind)
            if not away or not self._answered or time.monotonic() + pause > begun + max(PATIENCE, self.access.timeout):
                if isinstance(problem, Unreachable) and maybe and method != "GET":
                    problem.maybe = True
                    problem.message += ". It may have been done all the same"
                raise problem
            time.sleep(pause)
            pause = min(1.0, 2 * pause)

    def _once(self, asked: Asked, method: str, url: str, body: bytes, content_type: str) -> t.Union[Object, KubernetesError]:
        import urllib3

        seconds = self.access.timeout
        try:
            answer = self._pool.request(
                method, url, body=body or None, headers=self._headers(content_type), timeout=urllib3.Timeout(min(5.0, seconds), seconds), retries=False
            )
        except urllib3.exceptions.HTTPError as error:
            return self._unreachable(asked, error)
        except ValueError:  # its text has the token in it
            return KubernetesError(f"{self}, {asked}: the token has characters that no token has", **asked.context)
        if answer.status >= 300:
            return errors.refusal(str(self), asked, answer.status, answer.data)
        try:
            return dict(json.loads(answer.data))
        except ValueError:
            return KubernetesError(f"{self}, {asked}: this is no API server: it answers with {answer.data[:60]!r}")

    def _unreachable(self, asked: Asked, error: Exception) -> KubernetesError:
        import urllib3

        said = str(getattr(error, "reason", None) or error)
        text = said.rpartition(": ")[2] or type(error).__name__
        if "certificate verify failed" in said:
            text = f"its certificate does not hold: {text.partition(' (_ssl')[0]}. Give the CA that signed it (ca_cert)"
        if isinstance(error, (urllib3.exceptions.SSLError, urllib3.exceptions.LocationParseError, urllib3.exceptions.URLSchemeUnknown)):
            return KubernetesError(f"{self}, {asked}: {text}", **asked.context)
        if isinstance(error, urllib3.exceptions.ReadTimeoutError):
            text = f"no answer in {self.access.timeout:g} s"
        made = Unreachable(f"{self}, {asked}: it cannot be reached: {text}", **asked.context)
        made.maybe = not isinstance(error, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError))
        return made

    def _events(self, asked: Asked, path: str, query: t.Mapping[str, str], deadline: float) -> t.Iterator[t.Dict[str, t.Any]]:
        """The events of one connection; it ends when the server ends it, the connection breaks, or the deadline is reached."""
        import urllib3

        url = f"{self._host}{path}?{urllib.parse.urlencode(query)}"
        left = max(0.1, deadline - time.monotonic())
        try:
            answer = self._pool.request(
                "GET",
                url,
                headers=self._headers("application/json"),
                timeout=urllib3.Timeout(min(5.0, self.access.timeout), left),
                retries=False,
                preload_content=False,
            )
        except urllib3.exceptions.HTTPError as error:
            problem = self._unreachable(asked, error)
            if not isinstance(problem, Unreachable):
                raise problem from None
            time.sleep(min(0.5, left))
            return
        try:
            if answer.status >= 300:
                refused = errors.refusal(str(self), asked, answer.status, answer.read())
                if not errors.is_starting(refused.code, refused.message):
                    raise refused
                time.sleep(min(0.5, left))
                return
            rest = b""
            for chunk in answer.stream(None):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    if line.strip():
                        yield json.loads(line)
        except urllib3.exceptions.HTTPError:
            time.sleep(max(0.0, min(0.2, deadline - time.monotonic())))
        finally:
            answer.close()
            answer.release_conn()


def _told(cluster: Cluster, error: MissingKind, **context: t.Any) -> MissingKind:
    return MissingKind(f"{cluster}: {error.message}", **context)


def _dry(dry_run: bool) -> t.Dict[str, str]:
    return {"dryRun": "All"} if dry_run else {}


def _selectors(selector: str, fields: str) -> t.Dict[str, str]:
    return {**({"labelSelector": selector} if selector else {}), **({"fieldSelector": fields} if fields else {})}


def _client(configuration: t.Any) -> t.Any:
    from kubernetes.client import ApiClient

    try:
        return ApiClient(configuration)
    except Exception as error:
        raise KubernetesError(f"Kubernetes: certificates or proxy cannot be used: {error}") from None


def _load(path: str, context: str, into: t.Any, folder: str) -> None:
    """Read a kubeconfig; certificates and keys that it has in it are put into C(folder), none of another client is used."""
    from kubernetes.config import kube_config

    shared: t.Dict[str, str] = getattr(kube_config, "_temp_files", {})
    with _LOADING:
        kept = dict(shared)
        shared.clear()
        try:
            kube_config.load_kube_config(path, context or None, into, persist_config=False, temp_file_path=folder)
        finally:
            shared.clear()
            shared.update(kept)


def _taken_into_memory(folder: str, until: contextlib.ExitStack) -> t.Dict[str, str]:
    """Move the files of a folder to where nothing stays behind, whatever ends the process; returns where each of them is.

    They stay in the folder when the system has no such files (they are Linux's) or lets us have none.
    """
    moved: t.Dict[str, str] = {}
    for name in os.listdir(folder) if hasattr(os, "memfd_create") else ():
        path = os.path.join(folder, name)
        try:
            held = until.enter_context(os.fdopen(os.memfd_create("pantheon.cnf"), "wb", buffering=0))
        except OSError:
            break
        with open(path, "rb") as given:
            held.write(given.read())
        os.unlink(path)
        moved[path] = f"/proc/self/fd/{held.fileno()}"
    return moved


def _configuration(given: Access, folder: str) -> t.Any:
    """The package's own, which knows kubeconfigs, their ways to log in, and pods."""
    try:
        import kubernetes.client
        import kubernetes.config
        import urllib3
    except ImportError as error:
        raise KubernetesError(
            f"Kubernetes needs the Python package kubernetes where this runs: {error}. Install it with what requirements-controlplane.txt lists"
        ) from None
    made = kubernetes.client.Configuration()
    path = given.kubeconfig or os.environ.get("KUBECONFIG", "")
    try:
        if given.kubeconfig or given.context or not given.host:
            if path or given.context or os.path.exists(os.path.expanduser(USUAL)):
                _load(os.path.expanduser(path or USUAL), given.context, made, folder)
            elif os.environ.get("KUBERNETES_SERVICE_HOST"):
                kubernetes.config.load_incluster_config(made)
            else:
                raise KubernetesError(
                    f"Kubernetes: nothing says which cluster: give kubeconfig or host, set KUBECONFIG or K8S_AUTH_KUBECONFIG, or have a {USUAL}"
                )
    except CnfError:
        raise
    except Exception as error:  # whatever a file has in it
        said = " ".join(str(error).split())[:300]
        raise KubernetesError(f"Kubernetes: kubeconfig {path or USUAL}{f', context {given.context}' if given.context else ''}: {said}") from None
    options = {"host": given.host, "ssl_ca_cert": given.ca_cert, "cert_file": given.client_cert, "key_file": given.client_key, "proxy": given.proxy}
    for name, value in options.items():
        if value:
            setattr(made, name, os.path.expanduser(value) if name in FILES else value)
    if given.api_key:
        made.api_key, made.refresh_api_key_hook = {"authorization": f"Bearer {given.api_key.strip()}"}, None
        if not given.client_cert:  # else the server would go by the kubeconfig's certificate
            made.cert_file = made.key_file = None
    if not str(made.host).startswith(("https://", "http://")):
        raise KubernetesError(f"Kubernetes: host {made.host}: is no URL, as https://{made.host}")
    if given.validate_certs is not None:
        made.verify_ssl = given.validate_certs
    if not made.verify_ssl:  # whoever asks for that knows it
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return made
