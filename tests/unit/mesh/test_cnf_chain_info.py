# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin through ansible-playbook, as a user runs it."""

from __future__ import annotations

import json
import pathlib

import pytest

from tests.support.playbooks import ROOT, play

OURS = ROOT / "playbooks" / "files" / "nat44_chain"


QUERY = "{links: links[*].name, changed: changed, warnings: warnings, notices: notices, errors: errors, nat: nat}"


@pytest.fixture
def run(tmp_path):
    """Run one task of this module: what a play can read of its result (None when it failed), and the whole run."""

    def one(options: dict, *arguments: str, check: bool = True, cwd: pathlib.Path = tmp_path, folder: pathlib.Path = tmp_path):
        kept = tmp_path / "kept.json"
        tasks = [
            {"name": "Resolve", "pantheon.cnf.cnf_chain_info": options, "register": "chain"},
            {"name": "Read", "ansible.builtin.set_fact": {"kept": "{{ chain | pantheon.cnf.query('" + QUERY + "') }}"}},
            {"name": "Keep", "ansible.builtin.debug": {"msg": "{{ lookup('pipe', 'cat > ' ~ path ~ ' <<END\n' ~ (kept | to_json) ~ '\nEND') }}"}},
        ]
        playbook = folder / "play.yml"
        playbook.write_text(json.dumps([{"hosts": "localhost", "connection": "local", "gather_facts": False, "vars": {"path": str(kept)}, "tasks": tasks}]))
        done = play(str(playbook), *arguments, tmp=tmp_path, cwd=cwd, check=check)
        return (json.loads(kept.read_text()) if kept.exists() else None), done

    return one


def words(text: str) -> str:
    """Output without the line breaks that a terminal's width made."""
    return " ".join(text.split())


def test_documents_without_any_module_run(run) -> None:
    kept, done = run({"documents": [str(OURS)]}, "--check")
    assert sorted(kept["links"]) == ["client.tap0--cnf-nat44.memif0", "cnf-nat44.memif1--webserver.memif0"]
    assert kept["changed"] is False and not kept["warnings"] and kept["errors"] == []
    assert kept["nat"]["cnf-nat44"]["outside_networks"] == ["10.10.2.0/24"]
    assert done.modules == []


def test_relative_paths_count_from_where_the_user_stands_then_from_the_playbook(run, tmp_path) -> None:
    away, beside = tmp_path / "away", tmp_path / "beside"
    for folder in (away, beside):
        folder.mkdir()
    (beside / "chain").symlink_to(OURS)
    kept, _done = run({"documents": ["chain"]}, cwd=away, folder=beside)
    assert len(kept["links"]) == 2
    (away / "chain").mkdir()
    (away / "chain" / "one.yml").write_text((OURS / "webserver.yml").read_text())
    kept, _done = run({"documents": ["chain"]}, cwd=away, folder=beside)
    assert kept["links"] == [] and any("endpoint 'nat44-chain' of CNF webserver" in warning for warning in kept["warnings"])


def test_objects_and_warnings(run) -> None:
    lonely = {
        "apiVersion": "pantheon.tech/v1",
        "kind": "CNFConfiguration",
        "metadata": {"name": "lonely"},
        "spec": {
            "microservice": "{{ 'lone' ~ 'ly' }}",
            "configItems": [{"module": "cnf.nsm", "type": "endpoint", "data": {"network_service": "ns", "interface_name_prefix": "memif"}}],
        },
    }
    kept, done = run({"objects": [lonely]})
    assert any("endpoint 'ns' of CNF lonely" in warning and "reached by nobody" in warning for warning in kept["warnings"])
    assert "[WARNING]" in done.output and "reached by nobody" in words(done.output)


def test_documents_of_other_kinds_are_ignored_with_one_line(run) -> None:
    others = [{"apiVersion": "v1", "kind": kind, "metadata": {"name": "x"}} for kind in ("Pod", "ConfigMap", "Service")]
    kept, done = run({"objects": others})
    assert [kind in notice for kind, notice in zip(("Pod", "ConfigMap", "Service"), kept["notices"])] == [True] * 3
    assert len(kept["warnings"]) == 1 and "Pod" in kept["warnings"][0] and "2 more" in kept["warnings"][0]
    assert done.output.count("[WARNING]") == 1


def mistyped(tmp_path) -> pathlib.Path:
    folder = tmp_path / "mistyped"
    folder.mkdir()
    for path in OURS.iterdir():
        (folder / path.name).write_text(path.read_text().replace("role: webserver", "role: webservr"))
    return folder


def test_lint_fails_the_task(run, tmp_path) -> None:
    kept, done = run({"documents": [str(mistyped(tmp_path))]}, check=False)
    assert kept is None and done.returncode
    output = words(done.output)
    assert "no endpoint has role=webservr" in output and "nearest is endpoint" in output and "webserver.yml" in output
    assert "Traceback" not in output


def test_unless_it_is_told_not_to(run, tmp_path) -> None:
    kept, _done = run({"documents": [str(mistyped(tmp_path))], "strict": False})
    assert any("no endpoint has role=webservr" in error for error in kept["errors"])
    assert set(kept["errors"]) <= set(kept["warnings"]) and len(kept["links"]) == 1


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("nat_inside: true", "nat_insid: true", ["cnf-nat44.yml", "nat_insid", "nat_inside"]),
        ("type: nat44-pool", "type: nat44-pol", ["cnf-nat44.yml", "nat44-pol", "nat44-pool"]),
        ("single_client: true", "single_client: [", ["cnf-nat44.yml"]),
        ("kind: CNFConfiguration", "kind: [CNFConfiguration", ["cnf-nat44.yml"]),
    ],
)
def test_what_cannot_be_read_is_one_clear_message(run, tmp_path, old, new, expected) -> None:
    path = tmp_path / "cnf-nat44.yml"
    text = (OURS / "cnf-nat44.yml").read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    kept, done = run({"documents": [str(path)], "strict": False}, check=False)
    assert kept is None and done.returncode
    assert all(word in done.output for word in expected) and "Traceback" not in done.output


def test_options_are_checked(run) -> None:
    _kept, done = run({"strict": True}, check=False)
    assert done.returncode and "one of the following is required: documents, objects" in done.output
    _kept, done = run({"documents": ["x"], "document": "y"}, check=False)
    assert done.returncode and "document" in done.output
    _kept, done = run({"documents": ["there-is-no-such-file.yml"]}, check=False)
    assert done.returncode and "there-is-no-such-file.yml" in done.output and "Traceback" not in done.output
