# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""VPPs for the tests of this folder."""

from tests.support.vpp import _live, double, live, make_double, vpp, vpp_descriptions

__all__ = ["_live", "double", "live", "make_double", "vpp", "vpp_descriptions"]
