# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One module for either dataplane."""

from __future__ import annotations

from ansible_collections.pantheon.cnf.plugins.plugin_utils.either_action import EitherAction


class ActionModule(EitherAction):
    """See the documentation of the module of the same name."""

    name = "packet_trace"
