# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""JMESPath for plays that assert on one value of a big result."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.pantheon.cnf.plugins.plugin_utils.plain import plain

DOCUMENTATION = r"""
name: query
short_description: Select from data by a JMESPath expression
version_added: 0.1.0
description:
  - Selects from data by an expression of JMESPath, see U(https://jmespath.org).
  - A mistake in the expression fails with its place. No other collection is needed.
author:
  - The pantheon.cnf authors (@pantheon-cnf)
requirements:
  - jmespath on the controller
positional: expression
options:
  _input:
    description: The data, normally a dictionary or a list.
    type: any
    required: true
  expression:
    description: The JMESPath expression. Text in it stands in single quotes, literals of JSON in backticks.
    type: str
    required: true
"""

EXAMPLES = r"""
---
- name: Resolve a chain
  pantheon.cnf.cnf_chain_info:
    documents: [chain/]
  register: chain

- name: The NAT has one inside interface
  ansible.builtin.assert:
    that: chain | pantheon.cnf.query('nat."cnf-nat44".inside') == ['memif0']
"""

RETURN = r"""
_value:
  description: What the expression selects. None when it selects nothing.
  type: any
"""


def query(data: t.Any, expression: str) -> t.Any:
    """What C(expression) selects from C(data)."""
    try:
        import jmespath
        from jmespath.exceptions import JMESPathError
    except ImportError as problem:
        raise AnsibleFilterError("pantheon.cnf.query needs the Python package jmespath on the controller: pip install jmespath") from problem
    if not isinstance(expression, str):
        raise AnsibleFilterError(f"pantheon.cnf.query: the expression has to be text, not {expression!r}")
    expression = plain(expression)
    try:
        compiled = jmespath.compile(expression)
    except JMESPathError as problem:
        raise AnsibleFilterError(f"pantheon.cnf.query: {expression!r} is no JMESPath expression: {problem}") from problem
    try:
        return compiled.search(plain(data))
    except JMESPathError as problem:
        raise AnsibleFilterError(f"pantheon.cnf.query: {expression!r} cannot be applied: {problem}") from problem


class FilterModule:
    """The filters of this file."""

    def filters(self) -> t.Dict[str, t.Callable[..., t.Any]]:
        """By name."""
        return {"query": query}
