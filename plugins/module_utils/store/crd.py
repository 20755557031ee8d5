# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The custom resource CNFConfiguration, as data: what an API server checks of one, and what is told in its status.

Objects of 2020 stay valid: every field and required field is as it was. What is inside C(data) is a text here; the controller parses it.
"""

from __future__ import annotations

import typing as t

GROUP, VERSION = "pantheon.tech", "v1"
KIND, LIST_KIND = "CNFConfiguration", "CNFConfigurationList"
PLURAL, SINGULAR, SHORT = "cnfconfigurations", "cnfconfiguration", "cnfcfg"
API_VERSION = f"{GROUP}/{VERSION}"
CRD_NAME = f"{PLURAL}.{GROUP}"

ACCEPTED, DELIVERED, APPLIED = CONDITIONS = ("Accepted", "Delivered", "Applied")
"""Its items are sound and its keys are its own; they are in etcd; the agents have applied them."""

MOST_ITEMS = 10000
MOST_DATA = 1024 * 1024
WORD, SENTENCE = 253, 32768

Schema = t.Dict[str, t.Any]


def _text(description: str, most: int = WORD, **more: t.Any) -> Schema:
    return {"type": "string", "maxLength": most, "description": description, **more}


def _object(description: str, required: t.Sequence[str], properties: t.Mapping[str, Schema], **more: t.Any) -> Schema:
    schema: Schema = {"type": "object", "description": description, "properties": dict(properties), **more}
    return {**schema, "required": list(required)} if required else schema


LABEL: Schema = {"pattern": "^[^/]*$"}
"""A microservice is a part of a key in etcd."""

ITEM = _object(
    "A value of a CNF.",
    ("module", "type", "data"),
    {
        "module": _text("Where the type belongs to, as vpp.nat.", 63, pattern=r"^[a-z0-9]+(\.[a-z0-9]+)*$"),
        "type": _text("What it is, as nat44-interface.", 63),
        "version": _text("Version of the type; the usual one when it is not given.", 63),
        "name": _text("A name for people: the key in etcd follows from the data."),
        "microservice": _text("The CNF that the item is for, when it is not that of the spec.", **LABEL),
        "data": _text("The fields, as YAML or JSON.", MOST_DATA),
    },
    **{
        "x-kubernetes-validations": [
            {"rule": "self.module != 'cnf.nsm' || self.type in ['client', 'endpoint']", "message": "cnf.nsm has the types client and endpoint"}
        ]
    },
)

SPEC = _object(
    "What the CNFs shall have.",
    ("configItems",),
    {
        "microservice": _text("The CNF that the items are for: the label that its agent has.", **LABEL),
        "configItems": {
            "type": "array",
            "description": "The items. Their order does not matter.",
            "maxItems": MOST_ITEMS,
            "items": ITEM,
            "x-kubernetes-list-type": "atomic",
        },
    },
    **{
        "x-kubernetes-validations": [
            {
                "rule": "has(self.microservice) && self.microservice != '' || self.configItems.all(item, has(item.microservice) && item.microservice != '')",
                "message": "microservice is missing: in spec, or in every item",
            }
        ]
    },
)

CONDITION = _object(
    "Whether something is so, and why.",
    ("type", "status", "reason", "message", "lastTransitionTime"),
    {
        "type": _text(f"One of {', '.join(CONDITIONS)}.", 63),
        "status": {"type": "string", "enum": ["True", "False", "Unknown"]},
        "reason": _text("Why, in a word.", 63),
        "message": _text("Why, in a sentence.", SENTENCE),
        "lastTransitionTime": {"type": "string", "format": "date-time"},
        "observedGeneration": {"type": "integer", "format": "int64", "description": "The generation of the object that this is said of."},
    },
)

ITEM_STATUS = _object(
    "How an item is.",
    ("item",),
    {
        "item": {"type": "integer", "format": "int32", "description": "Its place in configItems, from 1."},
        "microservice": _text("The CNF."),
        "kind": _text("Module and type.", 127),
        "key": _text("The key in etcd, below that of the CNF.", 4096),
        "state": _text("What the agent says, or Rejected, Delivered.", 63),
        "message": _text("What is wrong, or what it waits for.", SENTENCE),
    },
)

STATUS = _object(
    "What became of it, told by the controller.",
    (),
    {
        "observedGeneration": {"type": "integer", "format": "int64"},
        "conditions": {"type": "array", "items": CONDITION, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]},
        "itemCount": {"type": "integer", "format": "int32"},
        "items": {
            "type": "array",
            "description": "Of each item how it is; when there are very many, only of those that are not as they should be.",
            "items": ITEM_STATUS,
            "x-kubernetes-list-type": "atomic",
        },
        "epoch": _text("The life of etcd that it was delivered to."),
        "revision": {"type": "integer", "format": "int64", "description": "The revision of etcd that agents have to reach."},
        "status": _text("Success or Failure of the delivery, as the controller of 2020 told it.", 63),
        "message": _text("What is wrong, as the controller of 2020 told it.", SENTENCE),
    },
)


def _condition(name: str, what: str = "status") -> str:
    return f'.status.conditions[?(@.type=="{name}")].{what}'


COLUMNS: t.List[t.Dict[str, t.Any]] = [
    {"name": "Microservice", "type": "string", "jsonPath": ".spec.microservice"},
    {"name": "Items", "type": "integer", "jsonPath": ".status.itemCount"},
    {"name": ACCEPTED, "type": "string", "jsonPath": _condition(ACCEPTED)},
    {"name": DELIVERED, "type": "string", "jsonPath": _condition(DELIVERED), "priority": 1},
    {"name": APPLIED, "type": "string", "jsonPath": _condition(APPLIED)},
    {"name": "Reason", "type": "string", "jsonPath": _condition(APPLIED, "reason")},
    {"name": "Message", "type": "string", "jsonPath": _condition(APPLIED, "message"), "priority": 1},
    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
]

CRD: t.Dict[str, t.Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": CRD_NAME},
    "spec": {
        "group": GROUP,
        "scope": "Namespaced",
        "names": {"kind": KIND, "listKind": LIST_KIND, "plural": PLURAL, "singular": SINGULAR, "shortNames": [SHORT], "categories": ["cnf"]},
        "versions": [
            {
                "name": VERSION,
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "additionalPrinterColumns": COLUMNS,
                "schema": {"openAPIV3Schema": _object("Items of CNFs.", ("spec",), {"spec": SPEC, "status": STATUS})},
            }
        ],
    },
}
