# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""meta/runtime.yml and galaxy.yml agree with what the collection holds."""

from __future__ import annotations

import pathlib
import re

import pytest
import yaml

TREE = pathlib.Path(__file__).resolve().parents[2]
RUNTIME = yaml.safe_load((TREE / "meta/runtime.yml").read_text())
MODULES = {path.stem for path in (TREE / "plugins/modules").glob("*.py")}


def group(name):
    return [each for each in RUNTIME["action_groups"][name] if isinstance(each, str)]


def documentation(module):
    text = (TREE / f"plugins/modules/{module}.py").read_text()
    return yaml.safe_load(re.search(r'^DOCUMENTATION = r"""(.*?)^"""', text, re.M | re.S).group(1))


def test_group_cnf_is_every_module_and_nothing_else():
    assert group("cnf") == sorted(MODULES)


def test_group_linux_is_every_module_with_the_common_options_of_the_kernel_dataplane():
    assert group("linux") == sorted(module for module in MODULES if "pantheon.cnf.linux" in documentation(module).get("extends_documentation_fragment", []))


def test_group_vpp_is_every_module_with_the_common_options_of_the_vpp_dataplane():
    assert group("vpp") == sorted(module for module in MODULES if "pantheon.cnf.vpp" in documentation(module).get("extends_documentation_fragment", []))


def test_there_is_no_other_group():
    assert set(RUNTIME["action_groups"]) == {"cnf", "linux", "vpp"}


def test_requires_ansible_is_the_oldest_core_that_is_pinned():
    pins = re.findall(r"^ansible-core==(\d+\.\d+)\S*", (TREE / "requirements.txt").read_text(), re.M)
    oldest = min(pins, key=lambda each: [int(part) for part in each.split(".")])
    assert RUNTIME["requires_ansible"] == f">={oldest}.0"


def test_every_action_plugin_stands_beside_a_module_of_its_name():
    assert {path.stem for path in (TREE / "plugins/action").glob("*.py")} <= MODULES


@pytest.mark.parametrize("module", sorted(MODULES))
def test_version_added_is_a_version_that_is_or_will_be(module):
    added = [int(part) for part in documentation(module)["version_added"].split(".")]
    assert added <= [int(part) for part in yaml.safe_load((TREE / "galaxy.yml").read_text())["version"].split(".")]


def test_every_guide_is_in_the_table_of_contents():
    sections = yaml.safe_load((TREE / "docs/docsite/extra-docs.yml").read_text())["sections"]
    listed = [name for section in sections for name in section["toctree"]]
    assert sorted(listed) == sorted(path.stem for path in (TREE / "docs/docsite/rst").glob("*.rst"))


def test_every_role_documents_its_variables_and_prefixes_them():
    roles = sorted(path for path in (TREE / "roles").iterdir() if path.is_dir())
    assert roles
    for role in roles:
        options = yaml.safe_load((role / "meta/argument_specs.yml").read_text())["argument_specs"]["main"].get("options", {})
        assert [name for name in options if not name.startswith(f"{role.name}_")] == [], role.name
        assert (role / "README.md").exists() and (role / "meta/main.yml").exists(), role.name


def test_roles_and_playbooks_are_in_the_changelog():
    fragments = yaml.safe_load((TREE / "changelogs/fragments/roles.yml").read_text())
    assert [each["name"] for each in fragments["add object.role"]] == sorted(path.name for path in (TREE / "roles").iterdir() if path.is_dir())
    assert [each["name"] for each in fragments["add object.playbook"]] == sorted(path.stem for path in (TREE / "playbooks").glob("*.yml"))
