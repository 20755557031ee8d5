# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How to get to etcd."""

    DOCUMENTATION = r"""
options:
  endpoints:
    description:
      - Where etcd is, as C(host:port) or C(https://host:port). The first that answers is used, and the next when it fails.
      - By default what O(etcd_conf) says, else C(127.0.0.1:2379).
    type: list
    elements: str
  etcd_conf:
    description: An C(etcd.conf) of the Ligato agents on the target. The other options go over what it says.
    type: path
  ca:
    description: File with the CA that signed etcd's certificate. With it, or with a certificate, the connection is TLS.
    type: path
  cert:
    description: File with a client certificate.
    type: path
  key:
    description: File with the key of O(cert).
    type: path
  user:
    description: User to log in as, with O(password).
    type: str
  password:
    description: Password of O(user). Only over TLS, unless O(plain_password).
    type: str
  plain_password:
    description: Send the password where there is no TLS, and everybody on the way can read it.
    type: bool
    default: false
requirements:
  - Python 3.11 or newer, and etcd3 0.12.0 with what C(requirements-controlplane.txt) of this collection lists, where the module runs
"""

    TAKE_OVER = r"""
options:
  take_over:
    description:
      - Make keys that are there, and that no configuration wrote, this configuration's own. Otherwise such a key is an error.
      - A key of another configuration is always an error.
    type: bool
    default: false
"""
