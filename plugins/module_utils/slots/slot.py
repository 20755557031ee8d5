# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the values of a kind stand in a module's C(config), and the way between the two."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Value
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.kind import REDACTED, Kind

Data = t.Mapping[str, t.Any]


class Slot(t.NamedTuple):
    """One key of C(config): C(name) is Ligato's ConfigData name. C(many) says list or single dict.

    With several kinds, C(choose) tells from an entry's fields which one it is (None: it does not say).
    """

    name: str
    kinds: t.Tuple[Kind, ...]
    many: bool = True
    choose: t.Callable[[Data], t.Optional[Kind]] = lambda entry: None

    def value(self, entry: Data, there: t.Mapping[str, Value]) -> Value:
        """The entry as a (partial) value; an entry that does not say its kind is the one that is there."""
        kind = self.kinds[0] if len(self.kinds) == 1 else self.choose(entry)
        if kind is None:
            for kind in self.kinds:
                if kind.key(entry) in there:
                    break
            else:
                kind = self.kinds[0]
        unknown = sorted(name for name in entry if name not in kind.fields)
        if unknown:
            raise CnfError(f"{self.name}: {kind.key(entry)} is a {kind.id}, which has no field {', '.join(unknown)}")
        key = kind.key(entry)
        return Value(kind.id, key, _unredacted(entry, there[key].data) if key in there else entry)


def _unredacted(entry: Data, have: Data) -> t.Dict[str, t.Any]:
    """A secret as we show it stands for the one that is there, so that what was gathered can be fed back."""
    return {
        name: have.get(name, item) if item == REDACTED else _unredacted(item, have[name]) if isinstance(item, t.Mapping) and name in have else item
        for name, item in entry.items()
    }


def clean(config: t.Any) -> t.Any:
    """C(config) without the keys that the user did not give (Ansible fills them with None)."""
    if isinstance(config, t.Mapping):
        return {key: clean(item) for key, item in config.items() if item is not None}
    if isinstance(config, (list, tuple)):
        return [clean(item) for item in config]
    return config


def values(slots: t.Sequence[Slot], config: t.Any, there: t.Iterable[Value]) -> t.List[Value]:
    """The values of a cleaned C(config): a list for a module of one slot, else a dict by slot name."""
    have = {value.key: value for value in there}
    shaped = {slots[0].name: config} if len(slots) == 1 else config or {}
    result = []
    for slot in slots:
        given = shaped.get(slot.name)
        entries: t.List[t.Any] = [] if given is None else given if slot.many else [given]
        result += [slot.value(entry, have) for entry in entries]
    return result


def config(slots: t.Sequence[Slot], items: t.Iterable[Value]) -> t.Any:
    """The inverse of L(values): what C(gathered), C(before) and C(after) show, secrets replaced."""
    by_kind = {kind.id: (slot, kind) for slot in slots for kind in slot.kinds}
    result: t.Dict[str, t.Any] = {}
    for value in sorted(items, key=lambda one: one.key):
        slot, kind = by_kind[value.kind]
        data = kind.redact(value.data)
        if slot.many:
            result.setdefault(slot.name, []).append(data)
        else:
            result[slot.name] = data
    return result.get(slots[0].name, [] if slots[0].many else {}) if len(slots) == 1 else result
