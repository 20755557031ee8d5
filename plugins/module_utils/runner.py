# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only place that knows AnsibleModule: parameters in, results and failures out."""

from __future__ import annotations

import contextlib
import gc
import signal
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.converge import Outcome, converge
from ansible_collections.pantheon.cnf.plugins.module_utils.engine.model import CnfError, Dataplane, Resources
from ansible_collections.pantheon.cnf.plugins.module_utils.lock import locks

ON_FAILURE = {"type": "str", "choices": ["undo", "stop"], "default": "undo"}
WARNINGS = 20
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def module(argument_spec: t.Dict[str, t.Any], **options: t.Any) -> AnsibleModule:
    """An AnsibleModule of ours: check mode always."""
    return AnsibleModule(argument_spec=argument_spec, supports_check_mode=True, **options)


@contextlib.contextmanager
def failures(ansible: AnsibleModule) -> t.Iterator[None]:
    """Turn errors into C(fail_json), and the first interrupt into an error (later ones wait until the undo is done)."""

    def interrupt(number: int, _frame: t.Any) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt(signal.Signals(number).name)

    for each in SIGNALS:
        signal.signal(each, interrupt)
    # A run makes next to no circles, and ends soon; to look for them among 100,000 objects again and again takes a fifth of its time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    except CnfError as error:
        ansible.fail_json(msg=error.message, **error.context)
    except KeyboardInterrupt:
        ansible.fail_json(msg="interrupted before or after a change; nothing is half done")
    finally:
        if collecting:
            gc.enable()


def warn(ansible: AnsibleModule, warnings: t.Sequence[str]) -> None:
    """Show these with the result, the first of many."""
    more = [f"... and {len(warnings) - WARNINGS} more"] if len(warnings) > WARNINGS else []
    for each in [*warnings[:WARNINGS], *more]:
        ansible.warn(each)


def owner(ansible: AnsibleModule) -> str:
    """Who holds a lock: words for the message of the one who waits."""
    return f"module {ansible._name}"


def run_resources(
    ansible: AnsibleModule,
    cnfs: t.Iterable[t.Tuple[str, t.Optional[str]]],
    dataplane: Dataplane,
    desire: t.Callable[[Resources], Resources],
    show: t.Callable[[Resources], t.Any],
) -> t.Dict[str, t.Any]:
    """Converge native objects that are no northbound values (sandboxes, links); returns the result to exit with.

    C(cnfs) are locked, as L(locks) takes them. C(desire) says from what is there what shall be; C(show) makes C(before) and C(after)
    of resources.
    """
    with contextlib.ExitStack() as stack:
        if not ansible.check_mode:
            # An agent waits for what these make, and configures it.
            stack.enter_context(locks(cnfs, owner(ansible), beside_agent=True))
        observed = dataplane.observe()
        outcome = converge(
            dataplane,
            desire(observed),
            observed,
            check_mode=ansible.check_mode,
            on_failure=ansible.params.get("on_failure", "undo"),
        )
        return result(ansible, outcome, show(outcome.before), show(outcome.after))


def result(ansible: AnsibleModule, outcome: Outcome, before: t.Any, after: t.Any) -> t.Dict[str, t.Any]:
    """What every module that changes something native returns."""
    return {**change(ansible, outcome.changed, before, after), "commands": outcome.commands}


def change(ansible: AnsibleModule, changed: bool, before: t.Any, after: t.Any) -> t.Dict[str, t.Any]:
    """What every module that changes something returns."""
    shown: t.Dict[str, t.Any] = {"changed": changed, "before": before, "after": after}
    if ansible._diff:
        shown["diff"] = {"before": _document(before), "after": _document(after)}
    return shown


def _document(data: t.Any) -> t.Any:
    """Ansible shows the difference of two dicts; a list needs a name."""
    return data if isinstance(data, dict) else {"config": data}
