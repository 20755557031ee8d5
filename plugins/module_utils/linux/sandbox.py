# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sandboxes: network namespaces of ours (told by the alias of their C(lo)), with sysctls and supervised processes."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Dataplane, Key, Operation, Resource, Resources
from ansible_collections.pantheon.cnf.plugins.module_utils.linux import inventory, processes
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.host import CLONE_NEWNET, NETNS, Host, setns
from ansible_collections.pantheon.cnf.plugins.module_utils.linux.netlink import ACK, attribute, message

MS_BIND, MS_REC, MS_SHARED, MNT_DETACH = 0x1000, 0x4000, 1 << 20, 2
SAME = ("command", "script", "environment", "files", "running", "inside")
"""What has to be equal for a process to go on."""


class SandboxError(CnfError):
    """A sandbox cannot be as it is wanted."""


class Program:
    """A process that a sandbox has by an option of its own (its name), beside the list of processes: what is special about it."""

    def wanted(self, cnf: str, namespace: str, options: t.Mapping[str, t.Any]) -> t.Optional[t.Dict[str, t.Any]]:
        """The attributes of the process; None for none. Raises what is wrong with the options."""
        raise NotImplementedError

    def observe(self, namespace: str, attributes: t.Dict[str, t.Any]) -> None:
        """Add what is there to see of it: C(running) is False when it does not do its work (it is started anew then), C(access) is what
        can be changed while it runs, C(ready) how to wait for it should it have to come back."""

    def give_access(self, namespace: str, access: t.Any) -> None:
        """Change that."""

    def forget(self, namespace: str) -> None:
        """Remove what it leaves outside the sandbox's folder."""


Programs = t.Mapping[str, Program]


# -- namespaces -------------------------------------------------------------------------------------------------------


def alias_of(cnf: str) -> str:
    """The alias that marks a namespace as that of a CNF."""
    return f"{inventory.PRODUCT} {cnf} namespace"


def owner_of(namespace: str) -> t.Optional[str]:
    """The CNF whose sandbox the namespace is; None when it is none of ours."""
    with Host(namespace) as host:
        for each in inventory.interfaces(host):
            words = each.alias.split(" ")
            if each.host_if_name == "lo" and len(words) == 3 and words[0] == inventory.PRODUCT and words[2] == "namespace":
                return words[1]
    return None


def _libc(name: str, *arguments: t.Any) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments):
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


def _mount(source: str, target: str, flags: int) -> None:
    _libc("mount", source.encode(), target.encode(), b"none", ctypes.c_ulong(flags), None)


def make_namespace(name: str, cnf: str) -> None:
    """A new network namespace under the name, marked before anybody can see it. Forwards nothing, whatever the host's default is."""
    os.makedirs(NETNS, mode=0o755, exist_ok=True)
    try:
        _mount("", NETNS, MS_SHARED | MS_REC)
    except OSError:
        # As ip(8) does it, so that a later "ip netns" does not put its own mount over ours.
        _mount(NETNS, NETNS, MS_BIND | MS_REC)
        _mount("", NETNS, MS_SHARED | MS_REC)
    path = f"{NETNS}/{name}"
    os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o444))
    try:
        with open("/proc/thread-self/ns/net", "rb") as home:
            _libc("unshare", CLONE_NEWNET)
            try:
                with Host() as here:
                    up = struct.pack("=BxHiII", 0, 0, 1, 1, 1) + attribute(inventory.ALIAS, alias_of(cnf).encode())
                    if any(here.netlink.batch([message(inventory.NEWLINK, ACK, up)])):
                        raise CnfError(f"lo of the new namespace {name}: {here.netlink.errors}")
                    if here.sysctl_read("net.ipv4.ip_forward") != "0":
                        error = here.sysctl_write("net.ipv4.ip_forward", "0")
                        if error:
                            raise CnfError(f"the new namespace {name} would forward from the start: {error}")
                _mount("/proc/thread-self/ns/net", path, MS_BIND)
            finally:
                setns(home.fileno())
    except BaseException:
        os.unlink(path)
        raise


def remove_namespace(name: str) -> None:
    """Remove the namespace with its links: explicitly, since the kernel clears a namespace up some time after it is gone."""
    path = f"{NETNS}/{name}"
    with contextlib.suppress(CnfError), Host(name) as host:
        veths = [each.number for each in inventory.interfaces(host) if each.kind == "veth"]
        host.netlink.batch([message(inventory.DELLINK, ACK, struct.pack("=BxHiII", 0, 0, index, 0, 0)) for index in veths])
    with contextlib.suppress(OSError):
        _libc("umount2", path.encode(), MNT_DETACH)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def ours() -> t.Dict[str, str]:
    """The CNF of each namespace that is ours, and of each folder that one left behind."""
    found = {}
    for name in os.listdir(NETNS) if os.path.isdir(NETNS) else ():
        try:
            cnf = owner_of(name)
        except CnfError:
            continue
        if cnf is not None:
            found[name] = cnf
    if os.path.isdir(processes.FOLDER):
        for name in os.listdir(processes.FOLDER):
            found.setdefault(name, name)
    return found


# -- the dataplane ----------------------------------------------------------------------------------------------------


class SandboxDataplane(Dataplane):
    """The sandboxes in these namespaces (C(places): CNF by namespace); of sysctls only those that are named."""

    def __init__(
        self, places: t.Mapping[str, str], sysctls: t.Mapping[str, t.Iterable[str]], programs: t.Optional[Programs] = None, watch: bool = True
    ) -> None:
        """C(watch): look whether programs do their work, which is nobody's matter when they shall go."""
        self.watch = watch
        self.places = dict(places)
        self.sysctls = {name: list(paths) for name, paths in sysctls.items()}
        self.programs = programs or {}

    def observe(self, classes: t.Optional[t.FrozenSet[str]] = None) -> Resources:
        """Namespaces, folders, processes, and the named sysctls."""
        result: t.List[Resource] = []
        marks = processes.marked()
        for name in self.places:
            result += self._place(name, marks)
        return {each.key: each for each in result}

    def _place(self, name: str, marks: t.Sequence[processes.Mark]) -> t.Iterator[Resource]:
        found = processes.observe(name, marks)
        for each, program in self.programs.items():
            if each in found and self.watch:
                program.observe(name, found[each])
        with Host(name) as host:
            cnf = owner_of(name) if host.exists else None
            if host.exists:
                yield Resource(("namespace", name), {"cnf": cnf, "programs": sorted(found.keys() & self.programs.keys())}, owned=cnf is not None)
            if cnf is not None:
                for path in self.sysctls.get(name, ()):
                    value = host.sysctl_read(path)
                    if value is not None:
                        yield sysctl(name, path, value)
        if os.path.isdir(os.path.join(processes.FOLDER, name)):
            yield Resource(("folder", name), {})
        for each, attributes in found.items():
            yield process(name, each, attributes)

    def transition(self, before: Resource, after: Resource) -> str:
        """A process goes on when it is what is wanted; a new one takes the place of any other. So it is with a namespace whose packets
        are somebody else's matter now, a program's or the kernel's: what the one before had there would be in its way."""
        if before.key[0] == "process":
            if any(before.attributes.get(each) != after.attributes.get(each) for each in SAME):
                return "recreate"
            return "same" if after.attributes.get("access") in (None, before.attributes.get("access")) else "update"
        if before.key[0] == "namespace":
            return "same" if before.attributes == after.attributes else "recreate"
        return super().transition(before, after)

    def destroys(self, operation: Operation, resources: Resources) -> t.Iterable[Key]:
        """The sysctls are the namespace's."""
        if operation.verb == "delete" and operation.key[0] == "namespace":
            return [key for key in resources if key[:2] == ("sysctl", operation.key[1])]
        return ()

    def commands(self, operation: Operation) -> t.List[str]:
        """In words of C(ip), C(sysctl) and the shell; without environments and scripts."""
        kind, name = operation.key[:2]
        gone = operation.verb == "delete"
        if kind == "namespace":
            return [f"ip netns delete {name}"] if gone else [f"ip netns add {name}", f"ip -n {name} link set lo up alias '{alias_of(self.places[name])}'"]
        if kind == "folder":
            return [f"rm -r {processes.FOLDER}/{name}"] if gone else [f"mkdir -p {processes.FOLDER}/{name}"]
        if kind == "sysctl":
            return [] if operation.after is None else [f"ip netns exec {name} sysctl -w {operation.key[2]}={operation.after.attributes['value']}"]
        if operation.verb == "update" and operation.after:
            return [f"set access of {operation.key[2]} in {name}: {operation.after.attributes['access']}"]
        if operation.after is None:
            pid = operation.before.attributes.get("pid") if operation.before else None
            return [f"kill {pid}"] if pid else [f"rm {processes.FOLDER}/{name}/{operation.key[2]}.*"]
        return [f"ip netns exec {name} {' '.join(operation.after.attributes['command'])} &"]

    def label(self, key: Key) -> str:
        """In a reader's words."""
        if key[0] == "namespace":
            return f"network namespace {key[1]}"
        return f"{key[0]} of sandbox {key[1]}" if key[0] == "folder" else f"{key[0]} {key[2]} of sandbox {key[1]}"

    def perform(self, wave: t.Sequence[Operation]) -> t.List[t.Optional[str]]:
        """Processes of a wave start together and are waited for together."""
        result: t.List[t.Optional[str]] = [None] * len(wave)
        started: t.List[t.Tuple[int, processes.Started]] = []
        for index, operation in enumerate(wave):
            try:
                begun = self._perform(operation)
                if isinstance(begun, processes.Started):
                    started.append((index, begun))
                else:
                    result[index] = begun
            except CnfError as error:
                result[index] = error.message
            except OSError as error:
                result[index] = f"{error.strerror or error}" + (" (this needs root: use become)" if error.errno in (1, 13) else "")
        for index, begun in started:
            result[index] = processes.await_ready(begun)
        return result

    def _perform(self, operation: Operation) -> t.Union[None, str, processes.Started]:
        kind, name = operation.key[:2]
        after = operation.after.attributes if operation.after else None
        if kind == "namespace":
            if after is None:
                remove_namespace(name)
            else:
                make_namespace(name, after["cnf"])
        elif kind == "folder":
            if after is None:
                processes.remove_folder(name)
            else:
                os.makedirs(os.path.join(processes.FOLDER, name), mode=0o755, exist_ok=True)
        elif kind == "sysctl" and after is not None:
            with Host(name) as host:
                return host.sysctl_write(operation.key[2], after["value"])
        elif kind == "process":
            program = self.programs.get(operation.key[2])
            if after is None:
                error = processes.stop(name, operation.key[2])
                if error is None:
                    processes.forget(name, operation.key[2])
                    if program:
                        program.forget(name)
                return error
            if operation.verb == "update" and program:
                program.give_access(name, after["access"])
                return None
            if not after["running"]:
                processes.store(name, operation.key[2], after)
                return None
            return processes.start(name, operation.key[2], after, Host(name).inside())
        return None


def sysctl(namespace: str, path: str, value: t.Any) -> Resource:
    """A sysctl of a sandbox."""
    text = str(int(value)) if isinstance(value, bool) else " ".join(str(value).split())
    return Resource(("sysctl", namespace, path), {"value": text}, requires=frozenset({("namespace", namespace)}))


def process(namespace: str, name: str, attributes: t.Mapping[str, t.Any], after: t.Iterable[Key] = ()) -> Resource:
    """A process of a sandbox; C(after) are sysctls that are set before it starts."""
    needs = {("namespace", namespace)} if attributes["inside"] else set()
    return Resource(("process", namespace, name), attributes, requires=frozenset({("folder", namespace), *needs, *after}))


# -- what is wanted ---------------------------------------------------------------------------------------------------


class Sandbox(t.NamedTuple):
    """A wanted sandbox; C(processes) None leaves those that are there. C(programs): attributes by name, None to end one; others stay."""

    cnf: str
    namespace: str
    sysctls: t.Dict[str, t.Any]
    processes: t.Optional[t.List[t.Mapping[str, t.Any]]]
    programs: t.Mapping[str, t.Optional[t.Mapping[str, t.Any]]] = {}


def wanted(given: t.Sequence[t.Mapping[str, t.Any]], programs: t.Optional[Programs] = None) -> t.List[Sandbox]:
    """Sandboxes from their options."""
    programs = programs or {}
    result: t.List[Sandbox] = []
    for one in given:
        cnf = processes.safe_name(one["name"], "sandbox name")
        namespace = processes.safe_name(one.get("namespace") or cnf, "namespace")
        if any(each.namespace == namespace for each in result):
            raise SandboxError(f"two sandboxes want network namespace {namespace}")
        sysctls = {path.replace("/", "."): value for path, value in (one.get("sysctls") or {}).items()}
        for path in sysctls:
            if not path.startswith("net.") or ".." in path:
                raise SandboxError(f"sandbox {cnf}: sysctl {path} is not of the network namespace (net.*), setting it would change the host")
        listed = one.get("processes")
        names = [processes.safe_name(each["name"], f"process of sandbox {cnf}") for each in listed or ()]
        if len(set(names)) != len(names):
            raise SandboxError(f"sandbox {cnf}: two processes have one name ({', '.join(names)})")
        for each in listed or ():
            if not each["command"]:
                raise SandboxError(f"sandbox {cnf}: process {each['name']} has an empty command")
            if each["name"] in programs:
                raise SandboxError(f"sandbox {cnf}: a process cannot be called {each['name']}: what runs under this name is made by the option {each['name']}")
        asked = {name: program.wanted(cnf, namespace, one[name]) for name, program in programs.items() if one.get(name) is not None}
        result.append(Sandbox(cnf, namespace, sysctls, listed, asked))
    return result


def desire(state: str, sandboxes: t.Sequence[Sandbox], observed: Resources, programs: t.Container[str] = ()) -> Resources:
    """What shall be there; a namespace of somebody else is an error when it is in the way, and left alone when nothing shall be there."""
    if state == "absent":
        return {}
    goal: Resources = {}
    for one in sandboxes:
        have = observed.get(("namespace", one.namespace))
        if have is not None and have.attributes["cnf"] != one.cnf:
            whose = f"belongs to CNF {have.attributes['cnf']}" if have.owned else "is not ours (its lo has no mark of this collection)"
            raise SandboxError(f"network namespace {one.namespace} {whose}, so it is not taken over. Remove it, or set another namespace for sandbox {one.cnf}")
        settings = [sysctl(one.namespace, path, value) for path, value in one.sysctls.items()]
        goal.update((each.key, each) for each in settings)
        before = [setting.key for setting in settings]
        there = {key: each for key, each in observed.items() if key[:2] == ("process", one.namespace) and (one.processes is None or key[2] in programs)}
        made = [process(one.namespace, each["name"], attributes(each), before) for each in one.processes or ()]
        made += [process(one.namespace, name, each, before) for name, each in one.programs.items() if each is not None]
        there.update((each.key, each) for each in made)
        for name in [name for name, each in one.programs.items() if each is None]:
            there.pop(("process", one.namespace, name), None)
        goal["namespace", one.namespace] = Resource(
            ("namespace", one.namespace), {"cnf": one.cnf, "programs": sorted(key[2] for key in there if key[2] in programs)}
        )
        goal.update(there)
        if there:
            goal["folder", one.namespace] = Resource(("folder", one.namespace), {})
    return goal


def attributes(given: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    """A wanted process from its options."""
    return {
        "command": tuple(given["command"]),
        "script": given.get("script") or "",
        "environment": tuple(sorted((given.get("environment") or {}).items())),
        "files": (),
        "running": True,
        "inside": True,
        "ready": {name: value for name, value in (given.get("ready") or {}).items() if value is not None},
    }


def shown(resources: Resources) -> t.Dict[str, t.Any]:
    """Sandboxes for C(before) and C(after); environments stay untold, they hold secrets."""
    result: t.Dict[str, t.Dict[str, t.Any]] = {}
    for key, resource in sorted(resources.items()):
        if key[0] == "namespace" and not resource.owned:
            continue
        one = result.setdefault(key[1], {})
        if key[0] == "namespace":
            one["name"] = resource.attributes["cnf"]
        elif key[0] == "sysctl":
            one.setdefault("sysctls", {})[key[2]] = resource.attributes["value"]
        elif key[0] == "process":
            told = resource.attributes
            one.setdefault("processes", []).append(
                {
                    "name": key[2],
                    "command": list(told["command"]),
                    "digest": processes.digest(told),
                    "running": told["running"],
                    **({"pid": told["pid"]} if told.get("pid") else {}),
                }
            )
    return result


class Task(t.NamedTuple):
    """What a module run is about: the CNFs to lock, and the rest for C(runner.run_resources)."""

    names: t.List[str]
    dataplane: Dataplane
    desire: t.Callable[[Resources], Resources]
    show: t.Callable[[Resources], t.Any]


def task(parameters: t.Mapping[str, t.Any], programs: t.Optional[Programs] = None) -> Task:
    """The run that the parameters of C(cnf_sandbox) ask for. Without sandboxes it is about all that are ours."""
    given, state, programs = parameters["sandboxes"], parameters["state"], programs or {}
    # What shall go need not be possible.
    sandboxes = wanted(given or (), programs if state == "present" else None)
    places = ours() if given is None else {one.namespace: one.cnf for one in sandboxes}
    dataplane = SandboxDataplane(places, {one.namespace: one.sysctls for one in sandboxes}, programs, watch=state == "present")
    return Task(sorted(set(places.values())), dataplane, lambda observed: desire(state, sandboxes, observed, programs), shown)
