# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How to get to an API server of Kubernetes, and what all that apply objects there have in common."""

    DOCUMENTATION = r"""
options:
  kubeconfig:
    description:
      - A kubeconfig on the target. By default E(K8S_AUTH_KUBECONFIG), E(KUBECONFIG) or C(~/.kube/config); when there is none of these and no
        O(host), the cluster that the target is a pod of.
    type: path
  context:
    description: The context of the kubeconfig. By default E(K8S_AUTH_CONTEXT), else the current one.
    type: str
  host:
    description: URL of the API server. By default E(K8S_AUTH_HOST), else that of the kubeconfig.
    type: str
  api_key:
    description:
      - A token to log in with, instead of what the kubeconfig has. By default E(K8S_AUTH_API_KEY).
    type: str
  ca_cert:
    description: File with the CA that signed the API server's certificate. By default E(K8S_AUTH_SSL_CA_CERT).
    type: path
    aliases: [ssl_ca_cert]
  client_cert:
    description: File with a client certificate. By default E(K8S_AUTH_CERT_FILE).
    type: path
    aliases: [cert_file]
  client_key:
    description: File with the key of O(client_cert). By default E(K8S_AUTH_KEY_FILE).
    type: path
    aliases: [key_file]
  validate_certs:
    description: Whether the API server's certificate is checked. By default E(K8S_AUTH_VERIFY_SSL), else as the kubeconfig says.
    type: bool
    aliases: [verify_ssl]
  proxy:
    description: URL of an HTTP proxy on the way. By default E(K8S_AUTH_PROXY).
    type: str
requirements:
  - Python 3.11 or newer, and kubernetes with what C(requirements-controlplane.txt) of this collection lists, where the module runs
"""

    APPLY = r"""
options:
  field_manager:
    description: The name under which the API server notes what this collection has set.
    type: str
    default: pantheon.cnf
  force_conflicts:
    description:
      - Take over fields that another field manager has set. Otherwise such a field is an error that names it and the manager.
    type: bool
    default: false
"""
