# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small strict world that behaves as kernels do: it refuses what is out of order and destroys what hangs on a thing."""

from __future__ import annotations

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Dataplane, Resource


class World(Dataplane):
    """Classes: C(node) (has a name claim; children require parents), C(leaf) (dies with its node; a fragile one also when
    the node changes colour), C(user) (a node cannot go while a user refers to it). A change of C(shape) is a recreate."""

    def __init__(self, state=(), fail_at=None):
        self.state = dict(state)
        self.writes = 0
        self.fail_at = fail_at
        self.reads = 0

    def observe(self, classes=None):
        self.reads += 1
        return {key: have for key, have in self.state.items() if classes is None or key[0] in classes}

    def transition(self, before, after):
        if before.attributes == after.attributes and before.requires == after.requires:
            return "same"
        return "recreate" if before.attributes.get("shape") != after.attributes.get("shape") else "update"

    def destroys(self, operation, resources):
        if operation.key[0] == "twin" and operation.after is None:
            return [key for key, one in resources.items() if key == ("twin", operation.before.attributes["other"])]
        if operation.key[0] != "node":
            return ()
        if operation.after is None:
            return [key for key, one in resources.items() if key[0] == "leaf" and operation.key in one.requires]
        if operation.before is not None and operation.before.attributes.get("colour") != operation.after.attributes.get("colour"):
            return [key for key, one in resources.items() if key[0] == "leaf" and operation.key in one.requires and one.attributes.get("fragile")]
        return ()

    def perform(self, wave):
        return [self.one(operation) for operation in wave]

    def one(self, operation):
        self.writes += 1
        if self.fail_at is not None and self.writes == self.fail_at:
            return "told to fail"
        state, key = self.state, operation.key
        here = state.get(key)
        if here is not None and not here.owned:
            return f"{key} touched, but it is foreign"
        if operation.verb == "create" and here is not None:
            return f"{key} exists"
        if operation.verb != "create" and here is None:
            return f"{key} does not exist"
        if operation.verb == "delete" or operation.verb == "update":
            if operation.before is None or operation.before.attributes != here.attributes:
                return f"{key} is not as the plan believed"
        if operation.verb == "delete":
            users = [other for other, one in state.items() if other[0] != "leaf" and key in one.requires]
            if users:
                return f"{key} is used by {users}"
        else:
            missing = [need for need in operation.after.requires if need not in state]
            if missing:
                return f"{key} lacks {missing}"
            for other, one in state.items():
                if other != key and not one.claims.isdisjoint(operation.after.claims):
                    return f"{key} wants a claim of {other}"
        for lost in list(self.destroys(operation, state)):
            if not state[lost].owned:
                return f"{lost} destroyed, but it is foreign"
            del state[lost]
        if operation.verb == "delete":
            del state[key]
        else:
            state[key] = operation.after
        return None

    def commands(self, operation):
        return [f"{operation.verb} {' '.join(operation.key)}"]


class Broken(World):
    """A world whose reading fails, as a namespace that vanished."""

    def observe(self, classes=None):
        raise CnfError("the world is gone")


def node(name, colour="red", shape="round", ifname=None, parent=None, owned=True):
    """A node with its name claim."""
    return Resource(
        ("node", name),
        {"colour": colour, "shape": shape, "ifname": ifname or name},
        requires=frozenset([("node", parent)] if parent else []),
        claims=frozenset([("ifname", ifname or name)]),
        owned=owned,
    )


def leaf(name, on, fragile=False, size=1, owned=True):
    """A leaf on a node."""
    return Resource(("leaf", name), {"size": size, "fragile": fragile}, requires=frozenset([("node", on)]), owned=owned)


def user(name, of, size=1, owned=True, shape="round"):
    """A user of some nodes."""
    return Resource(("user", name), {"size": size, "of": tuple(of), "shape": shape}, requires=frozenset(("node", one) for one in of), owned=owned)


def twins(one, two, colour="red", shape="round"):
    """Two objects that are made by the first one's create and die together, as the ends of a veth pair."""
    return [
        Resource(("twin", one), {"other": two, "colour": colour, "shape": shape}),
        Resource(("twin", two), {"other": one, "colour": colour, "shape": shape}, requires=frozenset([("twin", one)])),
    ]


def world(*resources):
    """State of these resources."""
    return {one.key: one for one in resources}
