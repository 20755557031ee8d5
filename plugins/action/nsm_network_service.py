# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""NetworkServices into a cluster: their documents are read here, on the controller; the module of this name does the rest."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import Documents
from ansible_collections.pantheon.cnf.plugins.module_utils.store.network_services import ONE_OF, WRITE
from ansible_collections.pantheon.cnf.plugins.plugin_utils.reading_action import ReadingAction


class ActionModule(ReadingAction):
    """See the documentation of the module of the same name."""

    ARGUMENTS = WRITE
    ONE_OF = ONE_OF

    def sent(self, given: t.Mapping[str, t.Any], documents: Documents) -> t.Dict[str, t.Any]:
        """The NetworkServices, each with the place where it is written."""
        found = documents.network_services
        return {"objects": [one.raw for one in found], "sources": [one.source for one in found]}
