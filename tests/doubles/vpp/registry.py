# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who handles which message; which areas keep state."""

from __future__ import annotations

import importlib
import pkgutil
import typing as t

Handler = t.Callable[[t.Any, t.Dict[str, t.Any]], t.Any]
HANDLERS: t.Dict[str, Handler] = {}
AREAS: t.Dict[str, t.Callable[[t.Any], t.Any]] = {}
CORE = {"__main__", "catalogue", "registry", "server", "state"}


def handles(*messages: str) -> t.Callable[[Handler], Handler]:
    """The function answers these messages."""

    def keep(handler: Handler) -> Handler:
        for message in messages:
            # An import that failed half-way is tried again, and must fail for its own reason.
            if HANDLERS.get(message, handler).__module__ != handler.__module__:
                raise ValueError(f"{message} is handled in {HANDLERS[message].__module__} and in {handler.__module__}")
            HANDLERS[message] = handler
        return handler

    return keep


def area(name: str) -> t.Callable[[t.Any], t.Any]:
    """The class keeps an area's state, as an attribute of this name of C(State)."""

    def keep(made: t.Any) -> t.Any:
        if AREAS.get(name, made).__module__ != made.__module__:
            raise ValueError(f"there are two areas {name}")
        AREAS[name] = made
        return made

    return keep


def load() -> None:
    """Import all areas."""
    package = importlib.import_module("tests.doubles.vpp")
    for each in pkgutil.iter_modules(package.__path__):
        if each.name not in CORE:
            importlib.import_module(f"{package.__name__}.{each.name}")
