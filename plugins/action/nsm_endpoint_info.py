# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Endpoints of a mesh and who gets which: the clients of documents are read here, on the controller; the module does the rest."""

from __future__ import annotations

import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.connections import CLIENT, Party
from ansible_collections.pantheon.cnf.plugins.module_utils.mesh.service import V1
from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import Documents
from ansible_collections.pantheon.cnf.plugins.module_utils.store.network_services import ENDPOINT_INFO
from ansible_collections.pantheon.cnf.plugins.plugin_utils.reading_action import ReadingAction


class ActionModule(ReadingAction):
    """See the documentation of the module of the same name."""

    ARGUMENTS = ENDPOINT_INFO

    def sent(self, given: t.Mapping[str, t.Any], documents: Documents) -> t.Dict[str, t.Any]:
        """The clients that are given, and those of the documents."""
        items = [item for configuration in documents.configurations for item in configuration.items if item.value.kind == CLIENT]
        parties = [Party(item.microservice, item.value, item.source) for item in items]
        read = [{"name": f"{party.cnf}/{party.item}", "labels": party.labels(V1), "network_service": party.service} for party in parties]
        return {"clients": [*({name: value for name, value in each.items() if value is not None} for each in given["clients"] or ()), *read]}
