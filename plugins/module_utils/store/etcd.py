# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""etcd by the package etcd3: what is read has a revision, what is written compares revisions, every call has a deadline.

Keys are texts, values bytes. Errors say what was done where and why it failed, never a password. Python 3.11 and newer.
"""

from __future__ import annotations

import dataclasses
import os
import queue
import threading
import typing as t
import warnings

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.store import wire

MOST = 128
"""Operations, and comparisons, that etcd takes in a transaction unless told otherwise."""

PAGE = 1000
OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.enable_http_proxy", 0),
    ("grpc.use_local_subchannel_pool", 1),  # a new client does not wait because an old one has failed
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 2000),
    ("grpc.keepalive_time_ms", 10000),
    ("grpc.keepalive_timeout_ms", 5000),
)


class EtcdError(CnfError):
    """etcd, or the way to it, refused."""


class Unreachable(EtcdError):
    """No endpoint answered. C(maybe): a write may have been done all the same."""

    maybe = False


class Refused(EtcdError):
    """Wrong user or password, or no permission."""


class Compacted(EtcdError):
    """The revision asked for is no longer there: read again. C(revision): the oldest that is."""

    revision = 0


class LeaseGone(EtcdError):
    """The lease has run out, and what was written under it is gone."""


class StoreLost(EtcdError):
    """The store is not the one it was: emptied, or set back. That is no order to delete anything."""


@dataclasses.dataclass(frozen=True)
class Access:
    """Where etcd is and how to get in. With C(ca), C(cert), C(key), C(tls) or C(https://) it is TLS.

    C(plain_password): send the password where there is no TLS. C(dial_timeout) is per endpoint, C(timeout) per call.
    """

    endpoints: t.Sequence[str] = ("127.0.0.1:2379",)
    ca: str = ""
    cert: str = ""
    key: str = ""
    tls: bool = False
    user: str = ""
    password: str = dataclasses.field(default="", repr=False)
    plain_password: bool = False
    dial_timeout: float = 5.0
    timeout: float = 10.0

    @property
    def secure(self) -> bool:
        """Whether it is TLS."""
        return bool(self.tls or self.ca or self.cert or self.key or any(each.startswith("https://") for each in self.endpoints))

    @property
    def addresses(self) -> t.List[str]:
        """The endpoints as host:port."""
        return [_address(each) for each in self.endpoints]

    def check(self) -> None:
        """Raise for what cannot be right."""
        if not self.endpoints:
            raise EtcdError("etcd: no endpoint is given")
        for each in self.endpoints:
            _address(each)
        if bool(self.cert) != bool(self.key):
            raise EtcdError(f"etcd: a client certificate needs certificate and key: the {'key' if self.cert else 'certificate'} is missing")
        if bool(self.user) != bool(self.password):
            raise EtcdError(f"etcd: {'password' if self.user else 'user'} is missing: they are given together")
        plain = [each for each in self.endpoints if each.startswith("http://")]
        if self.secure and plain:
            raise EtcdError(f"etcd: {plain[0]} is without TLS, the others or the options want TLS")
        if self.password and not self.secure and not self.plain_password:
            raise EtcdError(
                f"etcd {', '.join(self.addresses)}: without TLS everybody on the way can read the password of user {self.user}: "
                "use TLS (a CA), or allow it in so many words (plain_password)"
            )


def _address(endpoint: str) -> str:
    scheme, found, rest = endpoint.strip().partition("://")
    if found and scheme not in ("http", "https"):
        raise EtcdError(f"etcd: endpoint {endpoint}: {scheme}:// is none of http://, https:// or nothing")
    address = (rest if found else scheme).rstrip("/")
    _host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit() or not _host:
        raise EtcdError(f"etcd: endpoint {endpoint}: is not host:port")
    return address


class Entry(t.NamedTuple):
    """A key as it is stored: C(revision) is that of its last change, C(created) that of its first."""

    key: str
    value: bytes
    revision: int
    created: int
    lease: int


class Read(t.NamedTuple):
    """What was read, and the store's revision it was read at."""

    revision: int
    entries: t.List[Entry]


class Put(t.NamedTuple):
    """Write a key."""

    key: str
    value: bytes
    lease: int = 0


class Delete(t.NamedTuple):
    """Remove a key."""

    key: str


class Get(t.NamedTuple):
    """Read a key, or all from it up to before C(end)."""

    key: str
    end: str = ""


class At(t.NamedTuple):
    """True while the key's last change is that of C(revision); 0: while there is no such key."""

    key: str
    revision: int


class Holds(t.NamedTuple):
    """True while the key has this value."""

    key: str
    value: bytes


class Still(t.NamedTuple):
    """True while none of the keys from this one up to before C(end) was written after C(revision)."""

    key: str
    end: str
    revision: int


Operation = t.Union[Put, Delete, Get]
Compare = t.Union[At, Holds, Still]


class Committed(t.NamedTuple):
    """How a transaction ended: C(answers) has what each Get read."""

    succeeded: bool
    revision: int
    answers: t.List[t.List[Entry]]


class Event(t.NamedTuple):
    """A change: C(value) is None where the key was removed."""

    key: str
    value: t.Optional[bytes]
    revision: int


class Batch(t.NamedTuple):
    """Changes that came together, and the revision that is reached with them. Without any: only the revision."""

    revision: int
    events: t.List[Event]


def after_prefix(prefix: str) -> str:
    """Where keys with this prefix end."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def library() -> t.Any:
    """What etcd3 has of etcd's protocol. Its generated code wants protobuf's implementation in Python, in this process only."""
    before = os.environ.get("PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION")
    os.environ["PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"] = "python"
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # each descriptor of the generated code is one
            import etcd3.etcdrpc
    except ImportError as error:
        raise EtcdError(f"etcd needs the Python package etcd3 where this runs: {error}. Install it with what requirements-controlplane.txt lists") from None
    except TypeError as error:
        raise EtcdError(f"the package etcd3 cannot be used: protobuf was imported before, in another implementation ({str(error).partition('.')[0]})") from None
    finally:
        if before is None:
            del os.environ["PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"]
        else:
            os.environ["PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"] = before
    return etcd3.etcdrpc


class _Client:
    """A connection to one endpoint, logged in."""

    def __init__(self, rpc: t.Any, access: Access, address: str, files: t.Tuple[t.Optional[bytes], ...]) -> None:
        import grpc

        self.address, self.rpc, self.access = address, rpc, access
        if access.secure:
            self.channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(*files), options=OPTIONS)
        else:
            self.channel = grpc.insecure_channel(address, options=OPTIONS)
        self.metadata: t.Tuple[t.Tuple[str, str], ...] = ()
        self.stubs: t.Dict[str, t.Any] = {}

    def dial(self) -> bool:
        """Whether the connection stands; False when it was refused, and the next call says why."""
        import grpc

        decided, states = threading.Event(), grpc.ChannelConnectivity
        seen = []

        def changed(state: t.Any) -> None:
            if state in (states.READY, states.TRANSIENT_FAILURE, states.SHUTDOWN):
                seen.append(state)
                decided.set()

        self.channel.subscribe(changed, try_to_connect=True)
        found = decided.wait(self.access.dial_timeout)
        self.channel.unsubscribe(changed)
        if not found:
            raise TimeoutError(f"no connection in {self.access.dial_timeout:g} s")
        return seen[0] is states.READY

    def log_in(self) -> None:
        if self.access.user:
            request = self.rpc.AuthenticateRequest(name=self.access.user, password=self.access.password)
            answer = self.stub("Auth").Authenticate(request, timeout=self.access.timeout)
            self.metadata = (("token", answer.token),)

    def method(self, service: str, name: str) -> t.Any:
        """A call of etcd; those of KV take and give bytes as they are on the wire."""
        if service != "KV":
            return getattr(self.stub(service), name)
        if name not in self.stubs:
            self.stubs[name] = self.channel.unary_unary(f"/etcdserverpb.KV/{name}")
        return self.stubs[name]

    def stub(self, service: str) -> t.Any:
        if service not in self.stubs:
            self.stubs[service] = getattr(self.rpc, f"{service}Stub")(self.channel)
        return self.stubs[service]

    def close(self) -> None:
        self.channel.close()


class EtcdStore:
    """etcd, at the first of the endpoints that answers, then the next. C(requests) counts the calls made.

    May be used by several threads. To be closed, or used as a context manager.
    """

    def __init__(self, access: Access) -> None:
        access.check()
        self.access = access
        self.requests = 0
        self._rpc = library()
        self._at = 0
        self._client: t.Optional[_Client] = None
        self._lock = threading.RLock()
        self._files = tuple(_file(path, what) for path, what in ((access.ca, "CA"), (access.key, "client key"), (access.cert, "client certificate")))

    def __enter__(self) -> EtcdStore:
        return self

    def __exit__(self, *_error: t.Any) -> None:
        self.close()

    def __str__(self) -> str:
        return f"etcd {', '.join(self.access.addresses)}"

    def close(self) -> None:
        """Drop the connection; the next call makes a new one."""
        with self._lock:
            client, self._client = self._client, None
        if client:
            client.close()

    def get(self, key: str) -> t.Tuple[int, t.Optional[Entry]]:
        """The store's revision, and the key when it is there."""
        found = self.range(key)
        return found.revision, found.entries[0] if found.entries else None

    def prefix(self, prefix: str, keys_only: bool = False, page: int = PAGE) -> Read:
        """All keys with a prefix, as they were at one revision."""
        try:
            return self.range(prefix, after_prefix(prefix), keys_only=keys_only, page=page)
        except Compacted:  # between two pages
            return self.range(prefix, after_prefix(prefix), keys_only=keys_only, page=page)

    def range(self, key: str, end: str = "", revision: int = 0, keys_only: bool = False, page: int = PAGE, most: int = 0) -> Read:
        """A key, or all from it up to before C(end) (C(most) of them), as they were at C(revision) (0: now)."""
        entries: t.List[Entry] = []
        while True:
            request = wire.reading(key, end, most or page, revision, keys_only)
            answer = wire.range_answer(self._call("KV", "Range", request, f"reading {key}", safe=True))
            entries += map(Entry._make, answer.entries)
            revision = revision or answer.revision
            if not answer.more or most:
                return Read(revision, entries)
            key = entries[-1].key + "\0"

    def commit(self, compares: t.Sequence[Compare], success: t.Sequence[Operation], failure: t.Sequence[Operation] = (), what: str = "") -> Committed:
        """One transaction: C(success) when all comparisons hold, else C(failure)."""
        if max(len(compares), len(success), len(failure)) > MOST:
            raise EtcdError(f"{self}: more than {MOST} operations in a transaction")
        request = wire.transaction(map(_compare, compares), map(_operation, success), map(_operation, failure))
        reads_only = all(isinstance(each, Get) for each in (*success, *failure))
        first = next((each.key for each in (*success, *failure)), "")
        answer = wire.txn_answer(self._call("KV", "Txn", request, what or f"{'reading' if reads_only else 'writing'} {first}", reads_only))
        return Committed(answer.succeeded, answer.revision, [[Entry._make(entry) for entry in each.entries] for each in answer.ranges])

    def put(self, key: str, value: bytes, lease: int = 0) -> int:
        """Write a key whatever is there; returns the revision."""
        return self.commit((), [Put(key, value, lease)]).revision

    def delete(self, key: str) -> int:
        """Remove a key whatever it holds; returns the revision."""
        return self.commit((), [Delete(key)]).revision

    def grant(self, ttl: int) -> int:
        """A lease of so many seconds; returns its id."""
        return int(self._call("Lease", "LeaseGrant", self._rpc.LeaseGrantRequest(TTL=ttl), "granting a lease", safe=True).ID)

    def keep(self, lease: int) -> int:
        """Let a lease begin anew; returns its seconds. Raises L(LeaseGone)."""
        requests = [self._rpc.LeaseKeepAliveRequest(ID=lease)]
        answer = self._call("Lease", "LeaseKeepAlive", requests, "keeping a lease alive", stream=True)
        if answer is None or answer.TTL <= 0:
            raise LeaseGone(f"{self}: lease {lease:x} has run out")
        return int(answer.TTL)

    def revoke(self, lease: int) -> None:
        """End a lease and remove what was written under it."""
        try:
            self._call("Lease", "LeaseRevoke", self._rpc.LeaseRevokeRequest(ID=lease), "revoking a lease")
        except LeaseGone:
            pass

    def watch(self, prefix: str, revision: int) -> Watch:
        """Changes of keys with a prefix, from a revision on (that of a read plus one).

        Raises L(StoreLost) when the store has not got that far: etcd would wait in silence for it to grow.
        """
        with self._lock:
            client = self._connected(f"watching {prefix}")
        return Watch(self, client, prefix, revision)

    def _connected(self, doing: str) -> _Client:
        """A client of the first endpoint that answers, beginning with the one that did last time."""
        tried: t.List[str] = []
        addresses = self.access.addresses
        if self._client:
            return self._client
        for step in range(len(addresses)):
            at = (self._at + step) % len(addresses)
            client = _Client(self._rpc, self.access, addresses[at], self._files)
            try:
                if not client.dial():
                    client.stub("Maintenance").Status(self._rpc.StatusRequest(), timeout=self.access.dial_timeout)
                client.log_in()
            except Exception as error:
                client.close()
                problem = _failure(error)
                if isinstance(problem, Refused):
                    raise self._error(problem, addresses[at], doing) from None
                tried.append(f"{addresses[at]}: {problem.message}")
                continue
            except BaseException:
                client.close()
                raise
            self._at, self._client = at, client
            return client
        raise Unreachable(f"etcd cannot be reached, {doing}: {'; '.join(tried)}", endpoints=addresses)

    def _call(self, service: str, method: str, request: t.Any, doing: str, safe: bool = False, stream: bool = False) -> t.Any:
        """Call, elsewhere when an endpoint fails. A write (not C(safe)) is not done again when it may have been done."""
        safe = safe or stream
        problem: EtcdError = Unreachable("")
        for attempt in range(len(self.access.endpoints) + 1):
            with self._lock:
                client = self._connected(doing)
                self.requests += 1
            try:
                function = client.method(service, method)
                if stream:
                    return next(iter(function(iter(request), timeout=self.access.timeout, metadata=client.metadata)), None)
                return function(request, timeout=self.access.timeout, metadata=client.metadata)
            except Exception as error:
                problem = _failure(error)
            again = _is_token(problem) and not attempt
            if isinstance(problem, Unreachable) or again:
                self._drop(client)
            if not again and not (isinstance(problem, Unreachable) and (safe or not problem.maybe)):
                break
        raise self._error(problem, client.address, doing)

    def _drop(self, client: _Client) -> None:
        """Go on at the next endpoint (unless another thread has done so)."""
        with self._lock:
            if self._client is client:
                self._client = None
                self._at = (self._at + 1) % len(self.access.endpoints)
        client.close()

    @staticmethod
    def _error(problem: EtcdError, address: str, doing: str) -> EtcdError:
        problem.message = f"etcd {address}, {doing}: {problem.message}"
        if isinstance(problem, Unreachable) and problem.maybe:
            problem.message += ". It may have been done all the same"
        problem.args = (problem.message,)
        return problem


class Watch:
    """Changes of a prefix as they come. To be closed, also from another thread, or used as a context manager."""

    def __init__(self, store: EtcdStore, client: _Client, prefix: str, revision: int) -> None:
        rpc = store._rpc
        self.prefix, self.revision = prefix, revision - 1
        self._store, self._address = store, client.address
        self._found: queue.Queue[t.Union[Batch, EtcdError]] = queue.Queue()
        self._requests: queue.Queue[t.Any] = queue.Queue()
        create = rpc.WatchCreateRequest(key=prefix.encode(), range_end=after_prefix(prefix).encode(), start_revision=revision, progress_notify=True)
        self._requests.put(rpc.WatchRequest(create_request=create))
        self._closed = False
        self._call = client.stub("Watch").Watch(iter(self._requests.get, None), metadata=client.metadata)
        self._made = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"watch {prefix}", daemon=True)
        self._thread.start()
        if not self._made.wait(store.access.timeout):
            self.close()
            raise Unreachable(f"etcd {client.address}, watching {prefix}: no answer in {store.access.timeout:g} s")

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_error: t.Any) -> None:
        self.close()

    def get(self, timeout: float) -> t.Optional[Batch]:
        """The next changes, None when there are none in C(timeout) seconds; raises when the watch has ended.

        L(Compacted): read again. L(StoreLost): it is another store. L(Unreachable): watch again from C(revision) + 1.
        """
        try:
            found = self._found.get(timeout=timeout)
        except queue.Empty:
            return None
        if isinstance(found, EtcdError):
            self._found.put(found)  # it stays ended
            raise found
        self.revision = max(self.revision, found.revision)
        return found

    def close(self) -> None:
        """End it; waits for its thread."""
        self._closed = True
        self._call.cancel()
        self._requests.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(5)
        self._found.put(EtcdError(f"watching {self.prefix}: closed"))

    def _run(self) -> None:
        problem: EtcdError = Unreachable("the connection has ended")
        try:
            for answer in self._call:
                if answer.created and answer.header.revision < self.revision:
                    problem = StoreLost(f"the store is at revision {answer.header.revision}, and was at {self.revision}: it was emptied or set back")
                    self._call.cancel()
                    break
                if answer.compact_revision:
                    problem = Compacted(f"revision {self.revision + 1} was compacted, the oldest is {answer.compact_revision}: read again")
                    problem.revision = answer.compact_revision
                    self._call.cancel()
                    break
                if answer.canceled:
                    problem = Refused(answer.cancel_reason or "it was cancelled")
                    break
                if answer.events or not answer.created:
                    self._found.put(Batch(answer.header.revision, [_event(each) for each in answer.events]))
                self._made.set()
        except Exception as error:
            problem = _failure(error)
        if not self._closed:
            self._found.put(self._store._error(problem, self._address, f"watching {self.prefix}"))
        self._requests.put(None)
        self._made.set()


def _file(path: str, what: str) -> t.Optional[bytes]:
    if not path:
        return None
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise EtcdError(f"etcd: {what} {path}: {error.strerror or error}") from None


def _compare(compare: Compare) -> bytes:
    if isinstance(compare, Still):
        return wire.still(*compare)
    return wire.holds(*compare) if isinstance(compare, Holds) else wire.at(*compare)


def _operation(operation: Operation) -> bytes:
    if isinstance(operation, Put):
        return wire.put(*operation)
    return wire.delete(*operation) if isinstance(operation, Delete) else wire.get(*operation)


def _event(event: t.Any) -> Event:
    # 0 is PUT: DELETE has no value, PUT may have an empty one
    return Event(event.kv.key.decode(errors="surrogateescape"), event.kv.value if event.type == 0 else None, event.kv.mod_revision)


def _is_token(problem: EtcdError) -> bool:
    return "invalid auth token" in problem.message or "auth store is old" in problem.message


def _failure(error: Exception) -> EtcdError:
    """What a call's error means, in words. A text of etcd has no secret in it."""
    import grpc

    if isinstance(error, EtcdError):
        return error
    if isinstance(error, TimeoutError):
        return Unreachable(str(error))
    if not isinstance(error, grpc.RpcError):
        if isinstance(error, ValueError):  # the channel was closed by another thread
            return Unreachable(str(error))
        raise error
    code, told = error.code(), str(error.details() or "").replace("etcdserver: ", "")
    codes = grpc.StatusCode
    made: EtcdError
    if code in (codes.UNAVAILABLE, codes.DEADLINE_EXCEEDED, codes.CANCELLED):
        made = Unreachable("no answer in time" if code is codes.DEADLINE_EXCEEDED else _reason(told))
        made.maybe = "failed to connect" not in told
    elif code is codes.OUT_OF_RANGE and "compacted" in told:
        made = Compacted(f"{told}: read again")
    elif code is codes.NOT_FOUND and "lease" in told:
        made = LeaseGone(told)
    elif code is codes.PERMISSION_DENIED:
        made = Refused("permission denied: the user's role does not allow it")
    elif "user name is empty" in told:
        made = Refused("it wants a user and a password")
    elif "authentication is not enabled" in told:
        made = Refused("it has no authentication switched on: leave user and password out")
    elif code is codes.UNAUTHENTICATED or "authentication failed" in told:
        made = Refused(told)
    else:
        made = EtcdError(f"{told or code.name}")
    return made


def _reason(told: str) -> str:
    """The part of gRPC's text that says something."""
    _cause, found, detail = told.rpartition("OPENSSL_internal:")
    if found:
        detail = detail.removesuffix(": OK")
        alert = detail.partition("_ALERT_")[2]
        if alert:
            return f"it does not take our certificate, or wants one: {alert.lower().replace('_', ' ')}"
        if "certificate" in detail.lower():
            return f"its certificate does not hold: {detail.removeprefix('CERTIFICATE_VERIFY_FAILED: ')}"
        return f"no TLS: {detail.lower().replace('_', ' ')}"
    reason = told.rpartition("; last error: ")[2].removeprefix("UNKNOWN: ").removeprefix("UNAVAILABLE: ") or "unavailable"
    return reason + (" (does it want TLS?)" if reason.endswith("Socket closed") else "")
