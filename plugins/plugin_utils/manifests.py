# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""CNFConfigurations as an API server takes them: as written, but only what is the author's, with data as text."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.pantheon.cnf.plugins.module_utils.northbound.documents import ITEM_FIELDS, SPEC_FIELDS, Configuration, Item
from ansible_collections.pantheon.cnf.plugins.plugin_utils.secrets import has_secrets, take_secrets


def manifest(configuration: Configuration, secrets: t.Dict[str, str]) -> t.Dict[str, t.Any]:
    """The object. The data of an item that has a secret travels beside it, as a whole."""
    metadata, spec = configuration.raw["metadata"], configuration.raw["spec"]
    marks = {what: {str(name): str(value) for name, value in metadata[what].items()} for what in ("labels", "annotations") if metadata.get(what)}
    items = [_item(raw, item, secrets) for raw, item in zip(spec.get("configItems") or (), configuration.items)]
    return {
        "apiVersion": configuration.raw["apiVersion"],
        "kind": configuration.raw["kind"],
        "metadata": {"namespace": configuration.namespace, "name": configuration.name, **marks},
        "spec": {**{name: spec[name] for name in SPEC_FIELDS if spec.get(name) is not None}, "configItems": items},
    }


def _item(raw: t.Mapping[str, t.Any], item: Item, secrets: t.Dict[str, str]) -> t.Dict[str, t.Any]:
    # JSON is YAML, whoever reads it and whatever a text in it looks like.
    data = raw["data"] if isinstance(raw["data"], str) else json.dumps(raw["data"], indent=2)
    if has_secrets(item.value):
        take_secrets(item.value, secrets)  # each by itself too: nothing is shown that has one in it
        reference = f"secret:{len(secrets)}"
        secrets[reference] = data
        data = reference
    return {**{name: raw[name] for name in ITEM_FIELDS if raw.get(name) is not None}, "data": data}
