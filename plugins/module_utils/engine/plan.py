# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is there and what shall be to operations in waves. Pure: no I/O, and nothing is known of any kind."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.changes import Changes, Here, PlanError, Waves
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import Dataplane, Key, Operation, Resource, Resources

Node = t.Tuple[str, Key]
"""(C("away") or C("make"), key): an object's delete, or its create or update. A recreate is both."""


class _Plan(Changes):
    def __init__(self, changes: Changes) -> None:
        super().__init__(changes.dataplane, changes.observed, changes.desired, changes.take_foreign, changes.recreate)
        self.make, self.away = dict(changes.make), set(changes.away)
        # An object that vanishes beside another one's operation, and the node of that operation.
        self.lost: t.Dict[Key, Node] = {}
        self.edges: t.Dict[Node, t.Set[Node]] = {}
        self._referring: t.Dict[Key, t.List[Key]] = {}

    def operation(self, node: Node) -> Operation:
        side, key = node
        if side == "away":
            return Operation("delete", key, self.observed[key], None)
        if self.make[key] == "update":
            return Operation("update", key, self.observed[key], self.desired[key])
        return Operation("create", key, None, self.desired[key])

    # -- what native calls destroy beside their object, and who has to step aside -----------------------------------

    def spread(self) -> None:
        referrers: t.Dict[Key, t.List[Key]] = {}
        if self.away:
            for key, have in self.observed.items():
                want = self.desired.get(key)
                for required in have.requires | want.requires if want is not None else have.requires:
                    referrers.setdefault(required, []).append(key)
        queue: t.List[t.Tuple[Node, Operation]] = [(("away", key), self.operation(("away", key))) for key in sorted(self.away)]
        queue += [(("make", key), self.operation(("make", key))) for key, verb in self.make.items() if verb == "update"]
        if not queue:
            return

        def stays(key: Key) -> bool:
            return key in self.observed and (key in self.desired or not self.observed[key].owned)

        observed, desired = Here(self.observed, stays), Here(self.desired, stays)
        while queue:
            node, operation = queue.pop()
            if node[0] == "away" and node[1] not in self.away:
                continue  # it vanishes with another one's operation by now (of two peers one delete is enough)
            for key in self.dataplane.destroys(operation, observed):
                if key not in (operation.key, node[1]) and key in self.observed and self.lost.get(key) != node:
                    self.lose(key, node, queue)
            for key in self.dataplane.destroys(operation, desired):
                if key != operation.key and key in self.make:  # made or changed too early, it would be destroyed again
                    self.edge(("make", key), node)
            if operation.verb == "delete":
                for key in referrers.get(operation.key, ()):
                    self.step_aside(key, operation.key, queue)

    def lose(self, key: Key, node: Node, queue: t.List[t.Tuple[Node, Operation]]) -> None:
        have, want = self.observed[key], self.desired.get(key)
        if not have.owned and not self.take_foreign and have.managed:
            raise PlanError(
                f"{self.label(node[1])} cannot be changed: {self.label(key)}, which is not ours, would vanish with it. "
                f"Remove that first, or {self.dataplane.claim(key)}",
                foreign=[list(key)],
            )
        if key in self.lost:
            self.edge(("make", key), node)
            return
        self.lost[key] = node
        self.away.discard(key)
        if want is not None and have.managed:
            self.make[key] = "create"
        queue.append((node, Operation("delete", key, have, None)))

    def step_aside(self, key: Key, target: Key, queue: t.List[t.Tuple[Node, Operation]]) -> None:
        """C(key) refers to C(target), which goes away: it has to go (and come back) or to move first."""
        if key in self.lost or key in self.away:
            return
        have, want = self.observed[key], self.desired.get(key)
        if want is None or target not in want.requires:
            return  # it moves away from the target by its own update, ordered in connect()
        if not have.owned and not self.take_foreign:
            raise PlanError(
                f"{self.label(target)} cannot go: {self.label(key)}, which is not ours, uses it. Remove that first, or {self.dataplane.claim(key)}",
                foreign=[list(key)],
            )
        if not have.managed:
            return
        self.make[key] = "create"
        self.away.add(key)
        queue.append((("away", key), self.operation(("away", key))))

    # -- the order ---------------------------------------------------------------------------------------------------

    def edge(self, node: Node, first: Node) -> None:
        if node != first:
            self.edges.setdefault(node, set()).add(first)

    def gone(self, key: Key) -> t.Optional[Node]:
        """The node after which the observed object is no longer there."""
        while key not in self.away:
            node = self.lost.get(key)
            if node is None or node[0] == "make" and node[1] not in self.away:
                return node
            key = node[1]  # which by now may itself vanish with another one, or be made anew
        return ("away", key)

    def connect(self) -> None:
        make, observed, desired = self.make, self.observed, self.desired
        holders: t.Dict[t.Any, Key] = {}
        claimed: t.Dict[t.Any, Key] = {}
        if any(desired[key].claims for key in make):
            for key, have in observed.items():
                for claim in have.claims:
                    holders[claim] = key
            for key, want in desired.items():
                for claim in want.claims:
                    if claimed.setdefault(claim, key) != key:
                        raise PlanError(f"{self.label(key)} and {self.label(claimed[claim])} both want {' '.join(claim)}", claim=list(claim))
        # Many objects share one set of requirements: it is looked at again only for the sake of its edges.
        apart: t.Dict[int, bool] = {}
        for key in make:
            want, node = desired[key], ("make", key)
            if want.requires and not apart.get(id(want.requires)):
                # Not isdisjoint(), which walks through its argument when that is a dict.
                apart[id(want.requires)] = not any(required in make for required in want.requires)
                self.require(key, want, node)
            gone = self.gone(key)
            if gone is not None:
                self.edge(node, gone)
            for claim in want.claims:
                self.release(claim, holders.get(claim), key, node)
        for key in self.away:
            self.referrers_first(key)
        for key, verb in make.items():
            if verb == "update":
                self.referrers_first(key, moved_only=True)

    def require(self, key: Key, want: Resource, node: Node) -> None:
        for required in want.requires:
            if required in self.make:
                self.edge(node, ("make", required))
            elif required not in self.desired and (required not in self.observed or required in self.away or required in self.lost):
                raise PlanError(
                    f"{self.label(key)} needs {self.label(required)}, which is neither there nor asked for",
                    missing=[list(required)],
                    needed_by=[list(key)],
                )

    def release(self, claim: t.Any, holder: t.Optional[Key], key: Key, node: Node) -> None:
        if holder is None or holder == key:
            return
        gone = self.gone(holder)
        if gone is not None:
            self.edge(node, gone)
        elif holder in self.make and claim not in self.desired[holder].claims:
            self.edge(node, ("make", holder))
        else:
            owner = "" if self.observed[holder].owned else ", which is not ours"
            raise PlanError(f"{self.label(key)} cannot have {' '.join(claim)}: {self.label(holder)}{owner} has it", claim=list(claim))

    def referrers_first(self, key: Key, moved_only: bool = False) -> None:
        """Those that refer to an object go, or move, before it does."""
        if not self._referring:
            for other in [*self.away, *self.lost, *(k for k, verb in self.make.items() if verb == "update")]:
                for required in self.observed[other].requires:
                    self._referring.setdefault(required, []).append(other)
        for other in self._referring.get(key, ()):
            gone = self.gone(other)
            if gone is not None:
                if not moved_only:
                    self.edge(("away", key), gone)
            elif not moved_only and key not in self.desired[other].requires:
                self.edge(("away", key), ("make", other))

    def waves(self) -> Waves:
        # In the order in which they were seen, not that of a set: two runs are to tell the same.
        away: t.List[Node] = [("away", key) for key in self.observed if key in self.away] if self.away else []
        nodes: t.List[Node] = away + [("make", key) for key in self.make]
        edges = self.edges
        if not edges:
            return [[self.operation(node) for node in nodes]] if nodes else []
        level: t.Dict[Node, int] = {}
        for start in nodes:
            stack = [start]
            path: t.Set[Node] = set()
            while stack:
                node = stack[-1]
                if node in level:
                    stack.pop()
                    path.discard(node)
                    continue
                path.add(node)
                first = edges.get(node, ())
                todo = [other for other in first if other not in level]
                loop = [other for other in todo if other in path]
                if loop:
                    raise _Cycle(self.cycle(node))
                if todo:
                    stack.append(todo[0])
                else:
                    level[node] = 1 + max((level[other] for other in first), default=-1)
                    stack.pop()
                    path.discard(node)
        result: Waves = [[] for _unused in range(1 + max(level.values()))]
        for node in nodes:
            result[level[node]].append(self.operation(node))
        return result

    def cycle(self, start: Node) -> t.List[Node]:
        """The nodes of one cycle through or below C(start)."""
        trail: t.List[Node] = []
        node, alive = start, self.alive()
        while node not in trail:
            trail.append(node)
            node = min(other for other in self.edges[node] if other in alive)
        return trail[trail.index(node) :]

    def alive(self) -> t.Set[Node]:
        """Nodes that lie on a cycle or need one: what is left when all that can be ordered is taken away."""
        needs = {node: set(first) for node, first in self.edges.items()}
        users: t.Dict[Node, t.List[Node]] = {}
        for node, first in needs.items():
            for other in first:
                users.setdefault(other, []).append(node)
        ready = [other for other in users if not needs.get(other)]
        while ready:
            done = ready.pop()
            for node in users.get(done, ()):
                needs[node].discard(done)
                if not needs[node]:
                    ready.append(node)
        return {node for node, first in needs.items() if first}


class _Cycle(Exception):
    def __init__(self, nodes: t.List[Node]) -> None:
        super().__init__(nodes)
        self.nodes = nodes


def plan(dataplane: Dataplane, observed: Resources, desired: Resources, take_foreign: bool = False) -> Waves:
    """The operations that turn C(observed) into C(desired), in waves of independent ones.

    C(desired) is all that shall be there of what is ours: owned objects that it lacks are deleted, foreign ones are left
    alone. Raises L(PlanError) for an unmet or cyclic need, a claim that somebody holds and a foreign object in the way.
    """
    changes = Changes(dataplane, observed, desired, take_foreign)
    changes.classify()
    return ordered(changes)


def ordered(changes: Changes) -> Waves:
    """The waves of L(plan), of what is classified."""
    dataplane, observed, desired = changes.dataplane, changes.observed, changes.desired
    while True:
        work = _Plan(changes)
        work.spread()
        work.connect()
        try:
            return work.waves()
        except _Cycle as cycle:
            # An update that waits for itself in a circle (two objects swap a name) is broken up into delete and create.
            movable = [key for side, key in cycle.nodes if side == "make" and work.make[key] == "update" and desired[key].managed and observed[key].managed]
            if not movable:
                names = " -> ".join(dataplane.label(key) for _side, key in cycle.nodes)
                raise PlanError(f"these need each other in a circle: {names}", cycle=[list(key) for _side, key in cycle.nodes]) from None
            changes = Changes(dataplane, observed, desired, changes.take_foreign, {*changes.recreate, min(movable)})
            changes.classify()


def predict(observed: Resources, waves: Waves, dataplane: Dataplane) -> Resources:
    """What C(observe) would say after the operations."""
    result = dict(observed)
    for wave in waves:
        # The operations of a wave have nothing to do with one another: all of them find what was there before it.
        there = dict(result)
        for operation in wave:
            queue = [operation]
            while queue:
                current = queue.pop()
                for key in dataplane.destroys(current, there):
                    if key != current.key and key in result:
                        queue.append(Operation("delete", key, result.pop(key), None))
            if operation.after is None:
                result.pop(operation.key, None)
            else:
                result[operation.key] = operation.after
    return result
