# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents as an action plugin is given them: paths and objects."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import Documents, load, load_objects


def given_documents(basedir: str, paths: t.Optional[t.Sequence[str]], objects: t.Optional[t.Sequence[t.Dict[str, t.Any]]]) -> Documents:
    """All of them. A relative path counts from where the user stands; what is not there may lie beside the playbook (C(basedir))."""
    here = os.getcwd()
    read = load([_path(path, here, basedir) for path in paths or ()], here)
    written = load_objects(objects or [])
    return Documents(
        [*read.configurations, *written.configurations],
        [*read.network_services, *written.network_services],
        [*read.notices, *written.notices],
    )


def _path(path: str, here: str, basedir: str) -> str:
    path = os.path.expanduser(path)
    beside = os.path.join(basedir, path)
    return beside if not os.path.exists(os.path.join(here, path)) and os.path.exists(beside) else os.path.join(here, path)
