# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run's connection to one VPP: scripts advanced side by side, their calls in common windows; names for VPP's numbers."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError
from ansible_collections.pantheon.cnf.plugins.module_utils.vpp.calls import Answer, Call, Dump, Index, Place, Refusal, Reply, Request, Shared, Work

NOWHERE = 0xFFFFFFFF
"""What VPP has for no index."""
PLAIN = frozenset({int, bool, str, bytes, float})
"""Values with nothing to look up in them."""
REQUESTS = frozenset({Call, Dump})

_Step = t.Tuple[int, t.Optional[t.Callable[[t.Any], t.Any]], t.Any]
"""A script by its place: how it goes on, and with what. Of one that is a call: that."""


class Session(Place):
    """C(client) is connected (L(client.Client)). C(indexes) and C(names) are filled by those who observe and by scripts."""

    def __init__(self, client: t.Any) -> None:
        self.client = client
        self.indexes: t.Dict[t.Tuple[str, str], int] = {}
        self.names: t.Dict[t.Tuple[str, int], str] = {}
        self.epoch = object()

    def offers(self, message: str) -> bool:
        """Whether this VPP has the message."""
        return bool(self.client.offers(message))

    def older(self, *release: int) -> bool:
        """Whether this VPP is older than a release; one that does not say which it is counts as new."""
        return self.client.release is not None and self.client.release < release

    def lacks_device(self, name: str) -> bool:
        """Whether the kernel is seen to have no such device where this VPP is."""
        devices = self.client.kernel_devices()
        return devices is not None and name not in devices

    def lacks_folder(self, path: str) -> bool:
        """Whether there is seen to be no such folder where this VPP is."""
        return bool(self.client.lacks_folder(path))

    def learn(self, name: str, index: int, of: str = "interface") -> None:
        """From now on L(Index) of this name is this number."""
        if self.indexes.get((of, name)) != index:
            self.epoch = object()
        self.indexes[of, name] = index
        self.names[of, index] = name

    def forget(self, name: str, of: str = "interface") -> None:
        """It is gone."""
        self.epoch = object()
        index = self.indexes.pop((of, name), None)
        if index is not None:
            self.names.pop((of, index), None)

    def clear(self, of: str) -> None:
        """Forget all of this sort: what is there is about to be read anew."""
        self.epoch = object()
        self.indexes = {key: index for key, index in self.indexes.items() if key[0] != of}
        self.names = {key: name for key, name in self.names.items() if key[0] != of}

    def name(self, index: int, of: str = "interface") -> t.Optional[str]:
        """The name of what VPP has under this number; None when that is not known."""
        return self.names.get((of, index))

    def known(self, of: str = "interface") -> t.Dict[int, str]:
        """All numbers of this sort with their names."""
        return {index: name for (sort, index), name in self.names.items() if sort == of}

    def call(self, message: str, **fields: t.Any) -> Reply:
        """One call now. Raises L(Refusal)."""
        return t.cast(Reply, self._checked(self.exchange([Call(message, fields)])[0]))

    def dump(self, message: str, **fields: t.Any) -> t.List[Reply]:
        """One dump now."""
        return t.cast(t.List[Reply], self._checked(self.exchange([Dump(message, fields)])[0]))

    def dumps(self, requests: t.Sequence[Dump]) -> t.List[t.List[Reply]]:
        """Many dumps in one go."""
        return [t.cast(t.List[Reply], self._checked(each)) for each in self.exchange(requests)]

    def exchange(self, requests: t.Iterable[Request]) -> t.List[t.Union[Answer, CnfError]]:
        """All of these in windows, in this order; an answer or the error for each (L(errors.Gone) once VPP is gone)."""
        return t.cast(t.List[t.Union[Answer, CnfError]], self.client.exchange(requests, self._resolved))

    def run(self, work: t.Iterable[Work]) -> t.List[t.Optional[str]]:
        """Advance all scripts side by side; for each None or why it failed."""
        scripts: t.List[Work] = []
        result: t.List[t.Optional[str]] = []

        def begun() -> t.Iterator[_Step]:
            for at, script in enumerate(work):
                scripts.append(script)
                result.append(None)
                yield (at, None, script) if isinstance(script, Call) else (at, script.send, None)

        turn: t.Iterable[_Step] = begun()
        while turn:
            waiting: t.List[t.Tuple[int, t.Any]] = []
            answers = iter(self.exchange(self._advanced(turn, waiting, result)))
            turn = further = []
            given: t.Any
            for at, wanted in waiting:
                if type(wanted) in REQUESTS:
                    given = next(answers)
                    failed = given if isinstance(given, CnfError) else None
                else:
                    given = [next(answers) for _each in wanted]
                    failed = next((each for each in given if isinstance(each, CnfError)), None)
                script = scripts[at]
                if isinstance(script, Call):
                    result[at] = failed.message if failed else None
                else:
                    further.append((at, script.send, given) if failed is None else (at, script.throw, failed))
        return result

    @staticmethod
    def _advanced(turn: t.Iterable[_Step], waiting: t.List[t.Tuple[int, t.Any]], result: t.List[t.Optional[str]]) -> t.Iterator[Request]:
        """What the scripts want next, each when there is room for it; the first ones are done while the last ones still think."""
        for at, step, given in turn:
            try:
                wanted = step(given) if step else given
            except StopIteration:
                continue
            except CnfError as error:
                result[at] = error.message
                continue
            waiting.append((at, wanted))
            if type(wanted) in REQUESTS:
                yield wanted
            else:
                yield from wanted

    def _resolved(self, fields: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
        """With numbers for L(Index)."""
        if PLAIN.issuperset(map(type, fields.values())):
            return fields
        found = fields
        for name, value in fields.items():
            if type(value) not in PLAIN:
                if found is fields:
                    found = dict(fields)
                found[name] = self._resolve(value)  # type: ignore[index]
        return found

    def _resolve(self, value: t.Any) -> t.Any:
        kind = type(value)
        if kind is Index:
            found = self.indexes.get((value.of, value.name))
            if found is None:
                raise CnfError(f"{value.of} {value.name} does not exist in VPP")
            return found
        if kind is dict:
            return self._resolved(value)
        if kind is Shared:
            if value.epoch is not self.epoch:
                value.found, value.epoch = Shared(self._resolve(each) for each in value), self.epoch
            return value.found
        return [self._resolve(each) for each in value] if kind in (list, tuple) else value

    @staticmethod
    def _checked(answer: t.Union[Answer, CnfError]) -> Answer:
        if isinstance(answer, CnfError):
            raise answer
        return answer


__all__ = ["NOWHERE", "Refusal", "Session"]
