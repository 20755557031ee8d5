# Copyright: (c) 2026, the pantheon.cnf authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tests show what happens at each kind of bad input and each fault: an index, checked to name tests that exist."""

from __future__ import annotations

import ast
import functools
import pathlib

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]

KERNEL = "integration_kernel/"
STATE = f"{KERNEL}test_state_modules.py::"
PLAY = f"{KERNEL}test_playbooks.py::"
FAULTS = f"{KERNEL}test_faults.py::"
DOCUMENTS = "unit/northbound/test_documents.py::"
LINT = "unit/mesh/test_lint.py::"
RULES = "unit/northbound/test_rules.py::"
ENGINE = "unit/engine/test_converge.py::"
CONTROLLER = "controlplane/test_controller.py::"
CONTROLLER_FAULTS = "controlplane/test_controller_faults.py::"

INDEX = {
    "unknown module": [f"{DOCUMENTS}test_wrong_items", f"{PLAY}test_bad_documents_change_nothing", f"{FAULTS}test_bad_items_change_nothing"],
    "unknown type": [f"{DOCUMENTS}test_wrong_items", f"{PLAY}test_bad_documents_change_nothing", f"{FAULTS}test_bad_items_change_nothing"],
    "unknown field": [f"{DOCUMENTS}test_wrong_items", f"{PLAY}test_bad_documents_change_nothing", f"{FAULTS}test_bad_items_change_nothing"],
    "unknown enum": [f"{PLAY}test_bad_documents_change_nothing", f"{FAULTS}test_bad_items_change_nothing"],
    "wrong CIDR": [f"{STATE}test_bad_input_says_what_and_changes_nothing", f"{PLAY}test_bad_documents_change_nothing"],
    "host bits in a VPP route": [f"{STATE}test_bad_input_says_what_and_changes_nothing", f"{DOCUMENTS}test_wrong_items"],
    "pool end before start": [f"{STATE}test_bad_input_says_what_and_changes_nothing", f"{DOCUMENTS}test_wrong_items", f"{RULES}test_rule_5_is_the_pool_s_own"],
    "pool address twice": [f"{STATE}test_bad_input_says_what_and_changes_nothing", f"{RULES}test_nat_problems"],
    "unknown interface in NAT": [f"{STATE}test_bad_input_says_what_and_changes_nothing", f"{RULES}test_rule_2_interfaces_exist"],
    "in, out and output together": [f"{STATE}test_bad_input_says_what_and_changes_nothing", f"{DOCUMENTS}test_wrong_items"],
    "missing microservice": [f"{DOCUMENTS}test_a_missing_microservice", f"{PLAY}test_bad_documents_change_nothing"],
    "duplicate CNF names": [f"{FAULTS}test_one_cnf_twice_in_one_task", f"{LINT}test_two_documents_of_one_name", f"{LINT}test_two_namespaces_claim_a_cnf"],
    "YAML syntax error (file, line)": [f"{DOCUMENTS}test_errors_lead_to_the_line", f"{PLAY}test_bad_documents_change_nothing", f"{DOCUMENTS}test_wrong_items"],
    "a document of unknown kind (ignored with a notice)": [f"{DOCUMENTS}test_documents_of_other_kinds_are_noticed", f"{DOCUMENTS}test_the_2020_demo"],
    "an unreachable gateway": [f"{STATE}test_bad_input_says_what_and_changes_nothing", f"{KERNEL}test_routes.py::test_refusals_touch_nothing"],
    "interface name too long": [
        f"{STATE}test_bad_input_says_what_and_changes_nothing",
        f"{LINT}test_interface_names_that_are_too_long",
        f"{PLAY}test_bad_documents_change_nothing",
    ],
    "a namespace that vanishes in mid-apply": [
        f"{FAULTS}test_a_namespace_that_vanishes_in_mid_apply_is_named",
        f"{ENGINE}test_a_world_that_vanishes_in_mid_apply_is_reported",
    ],
    "nft missing": [f"{FAULTS}test_nft_missing_names_its_package"],
    "not root": [f"{FAULTS}test_not_root_says_become_and_changes_nothing"],
    "two runs at once on one CNF": [
        f"{FAULTS}test_killed_in_mid_apply_the_lock_is_free_and_the_next_run_converges",
        "unit/test_lock.py::test_the_message_names_the_owner_and_a_killed_owner_holds_nothing",
        "unit/test_lock.py::test_many_at_once_never_overlap",
    ],
    "a foreign route in the way": [
        f"{STATE}test_a_foreign_route_in_the_way_is_named_and_left",
        f"{KERNEL}test_routes.py::test_a_foreign_route_in_the_way_is_left",
    ],
    "a foreign interface in the way": [
        f"{STATE}test_a_foreign_interface_in_the_way_is_named_and_left",
        f"{KERNEL}test_joins.py::test_a_foreign_interface_is_never_taken_over",
        f"{KERNEL}test_l2.py::test_a_device_of_others_in_the_way_is_left",
    ],
    "a foreign table in the way": [f"{FAULTS}test_a_foreign_table_of_our_name_is_never_taken_over"],
    "a foreign namespace in the way": [
        f"{PLAY}test_a_foreign_namespace_is_never_taken_over",
        f"{KERNEL}test_sandbox.py::test_a_foreign_namespace_is_never_taken_over_nor_removed",
    ],
    "a live flow while NAT is removed": [
        f"{KERNEL}test_nat.py::test_no_packet_of_a_live_flow_leaves_untranslated_while_nat_comes_changes_and_goes",
        f"{KERNEL}test_nat.py::test_forwarding_goes_off_before_nat_goes_and_comes_on_after_it_is_there",
    ],
    "a process that will not start": [
        f"{KERNEL}test_sandbox.py::test_a_process_that_will_not_start_fails_with_its_log_and_all_is_undone",
        f"{KERNEL}test_sandbox.py::test_a_bad_change_leaves_the_old_process_running",
    ],
    "SIGINT in mid-apply": [
        f"{FAULTS}test_a_signal_in_mid_apply_is_undone",
        f"{FAULTS}test_a_second_signal_waits_for_the_undo",
        f"{FAULTS}test_an_interrupt_between_two_cnfs_takes_the_first_one_back",
        f"{ENGINE}test_an_interrupt_in_mid_apply_is_undone",
        f"{KERNEL}test_joins.py::test_an_interrupt_between_making_and_marking_leaves_nothing",
    ],
    "SIGKILL in mid-apply": [f"{FAULTS}test_killed_in_mid_apply_the_lock_is_free_and_the_next_run_converges"],
    "an operation is refused": [
        f"{FAULTS}test_when_the_second_cnf_fails_the_first_is_taken_back_unless_told_otherwise",
        f"{ENGINE}test_stop_leaves_what_was_done_and_says_so",
        f"{ENGINE}test_an_undo_that_fails_says_what_remains",
        f"{ENGINE}test_what_reads_back_otherwise_is_a_failure",
        "unit/engine/test_properties.py::test_a_failure_at_any_operation_is_undone_to_the_observed_start",
    ],
    "the second CNF of a task is wrong": [f"{FAULTS}test_what_is_wrong_with_the_second_cnf_leaves_the_first_alone"],
    "a mistyped selector": [f"{PLAY}test_a_mistyped_selector_is_found_before_anything_is_touched", f"{LINT}test_a_mistyped_destination_selector"],
    "secrets": [f"{FAULTS}test_secrets_are_in_no_log_difference_or_result", f"{FAULTS}test_secrets_are_not_in_what_a_module_logs"],
    "etcd away from the controller, emptied, set back": [
        f"{CONTROLLER_FAULTS}test_etcd_is_away_comes_back_and_was_emptied",
        f"{CONTROLLER_FAULTS}test_etcd_was_set_back_while_it_was_down",
    ],
    "the API server restarted under the controller": [f"{CONTROLLER_FAULTS}test_the_api_server_is_restarted"],
    "the CRD missing": [f"{CONTROLLER_FAULTS}test_the_crd_comes_later_and_goes"],
    "the controller killed between two keys": [f"{CONTROLLER_FAULTS}test_one_that_was_killed_between_two_keys_is_finished"],
    "two controllers": [f"{CONTROLLER_FAULTS}test_two_controllers_one_writes"],
    "a CNFConfiguration deleted while the controller is down": [
        f"{CONTROLLER_FAULTS}test_what_was_deleted_while_it_was_down_is_swept_and_nothing_else",
        f"{CONTROLLER}test_a_new_object_of_an_old_name_keeps_nothing_of_it",
    ],
    "a key written by somebody else under our prefix": [f"{CONTROLLER}test_a_key_that_somebody_else_wrote_is_never_touched"],
    "a bad item in a CNFConfiguration": [f"{CONTROLLER}test_a_bad_item_is_named_and_the_others_go_on"],
    "two CNFConfigurations with one key": [f"{CONTROLLER}test_two_that_want_one_key_are_both_told"],
    "one microservice from two namespaces": [f"{CONTROLLER}test_a_microservice_belongs_to_one_namespace"],
    "1,000 CNFConfigurations made and deleted at once": [f"{CONTROLLER_FAULTS}test_a_thousand_are_made_and_deleted_at_once"],
    "a CNFConfiguration of 400 KB": [f"{CONTROLLER}test_400_kilobytes"],
    "a right that the controller lacks": [f"{CONTROLLER_FAULTS}test_a_forbidden_verb_is_named", f"{CONTROLLER}test_its_account_may_do_no_more_than_it_does"],
    "a wrong password for etcd in the controller": [f"{CONTROLLER_FAULTS}test_a_wrong_password_is_told_without_it"],
    "the 24 rules of NAT": [f"{RULES}test_each_of_the_24_rules_is_checked_or_has_its_reason", f"{RULES}test_nat_problems", f"{RULES}test_nat_warnings"],
}
"""From what goes wrong to the tests that show what happens then."""


@functools.lru_cache
def named_in(path):
    """The names of the tests in a file, and those of the fixtures and functions that they call."""
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize("entry", INDEX)
def test_each_entry_names_tests_that_exist(entry):
    assert INDEX[entry]
    for each in INDEX[entry]:
        path, _colons, name = each.partition("::")
        assert name in named_in(path), each


def test_every_fault_test_is_in_the_index():
    named = {name for names in INDEX.values() for name in names}
    # No fault, but beside them: what goes well although it looks odd.
    apart = {
        "test_modules_in_sequence_leave_what_the_others_made",
        "test_overridden_with_nothing_leaves_what_is_foreign",
        "test_odd_input_that_is_right_is_taken_and_is_the_same_the_second_time",
        "test_check_mode_tells_what_the_chain_gets",
    }
    found = {name for name in named_in(f"{KERNEL}test_faults.py") if f"{FAULTS}{name}" not in named}
    assert found == apart
