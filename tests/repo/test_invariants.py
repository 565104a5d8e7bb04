"""Every invariant of money, notices, runs and data has a test that is named here by its number."""

import ast
from functools import cache

from tests.repo.repository import ROOT

NUMBERS = tuple(
    f"{letter}{number}"
    for letter, first, last in (
        ("M", 1, 11), ("F", 1, 9), ("A", 1, 4), ("L", 1, 3), ("R", 1, 5), ("N", 1, 6), ("S", 2, 6),
    )
    for number in range(first, last + 1)
)  # fmt: skip

INVARIANTS = {
    # Money. Those in `stored_money` are checked after every step of `tests/laws/test_money.py`, on both databases, and
    # after every kill, race and failed statement.
    "M1": "tests/laws/stored_money.py::m1_the_books_balance",
    "M2": "tests/store/test_posting.py::test_two_writers_share_what_is_left",
    "M3": "tests/laws/money_in_office.py::_m3_no_more_is_paid_than_due",
    "M4": "tests/laws/test_ledger.py::test_committed_lies_in_what_is_due",
    "M5": "tests/laws/stored_money.py::m5_one_live_attempt",
    "M6": "tests/laws/stored_money.py::m6_totals_agree",
    "M7": "tests/delivery/banking/test_payment_files.py::test_the_same_bytes_on_another_machine",
    "M8": "tests/laws/stored_money.py::m8_amounts_are_whole_fen",
    "M9": "tests/laws/test_paths_agree.py::test_which_nights_ran_does_not_matter",
    "M10": "tests/laws/test_ledger.py::test_overpaid_is_accounted_for",
    "M11": "tests/store/test_posting.py::test_a_closed_year_changes_no_more",
    # Attempts, files and what the bank says.
    "F1": "tests/laws/stored_money.py::f1_approved_on_the_hash_that_went_out",
    "F2": "tests/laws/stored_money.py::f2_nothing_goes_out_after_a_stop",
    "F3": "tests/store/test_bank_lines.py::test_order_splitting_and_repetition_do_not_matter",
    "F4": "tests/laws/stored_money.py::f4_every_line_has_a_verdict",
    "F5": "tests/laws/stored_money.py::f5_what_differs_pays_nothing",
    "F6": "tests/laws/test_money.py::inquire",
    "F7": "tests/laws/money_in_office.py::_f7_what_was_frozen_stays",
    "F8": "tests/laws/stored_money.py::f8_references_are_never_used_again",
    "F9": "tests/laws/stored_money.py::f9_a_return_moves_once",
    # Approvals and roles.
    "A1": "tests/laws/stored_money.py::a1_maker_approvers_and_releaser_are_apart",
    "A2": "tests/laws/money_in_office.py::approve",
    "A3": "tests/store/test_roles.py::test_a_role_counts_from_the_next_request_and_is_gone_with_it",
    "A4": "tests/laws/money_in_office.py::_a4_moves_are_those_of_the_table",
    # From rules to outcomes.
    "L1": "tests/engine/replaying/test_replay.py::test_everything_that_happened_since_does_not_matter",
    "L2": "tests/laws/test_sharing.py::test_groups_on_frames_are_as_the_plain_reference_says",
    "L3": "tests/laws/test_rules_agree.py::test_erasing_a_fact_only_moves_to_unknown",
    # Runs and time.
    "R1": "tests/commands/test_processes.py::test_two_runs_of_the_same_night_at_once",
    "R2": "tests/faults/test_faults.py::test_killed_at_any_instant_and_raced",
    "R3": "tests/store/test_runs.py::test_a_lost_run_is_taken_over_and_its_token_is_void",
    "R4": "tests/engine/test_run.py::test_after_days_down_there_is_one_night",
    "R5": "tests/store/test_districts_agree.py::test_a_district_comes_to_the_same_on_both",
    # Notices.
    "N1": "tests/laws/test_notices.py::test_n1_an_event_has_one_row_for_each_recipient_and_channel",
    "N2": "tests/laws/test_notices.py::test_n2_nobody_gets_a_message_twice",
    "N3": "tests/laws/test_notices.py::test_n3_what_is_declined_or_too_late_waits_and_what_is_mandatory_does_not",
    "N4": "tests/laws/test_notices.py::test_n4_every_message_ends_or_is_listed",
    "N5": "tests/laws/test_notices.py::test_n5_a_letter_is_whole_or_an_error",
    "N6": "tests/laws/test_notices.py::test_n6_receipts_never_move_a_message_backwards",
    # Data.
    "S2": "tests/store/test_audit_chain.py::test_any_entry_taken_out_put_in_or_exchanged_is_found",
    "S3": "tests/commands/test_canaries.py::test_nobody_shows_in_what_a_month_leaves_and_says",
    "S4": "tests/delivery/banking/test_payment_files.py::test_no_cell_of_a_workbook_is_a_formula",
    "S5": "tests/delivery/banking/test_statements.py::test_an_archive_that_would_unpack_without_end_is_refused",
    "S6": "tests/profiles/test_identity.py::test_a_moved_value_does_not_open",
}
"""The test that would fail first where an invariant does not hold; most have others beside it."""


def test_every_invariant_has_its_test() -> None:
    """None is missing, none is left over, and what is named is there and says in its first line what it is about."""
    assert tuple(INVARIANTS) == NUMBERS
    missing = [f"{number}: {place}" for number, place in INVARIANTS.items() if not _doc(*place.split("::"))]
    assert missing == [], "name a test that exists, or write it"


@cache
def _docs(path: str) -> dict[str, str]:
    functions = [
        each for each in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))) if isinstance(each, ast.FunctionDef)
    ]
    return {each.name: ast.get_docstring(each) or "" for each in functions}


def _doc(path: str, name: str) -> str:
    return _docs(path).get(name, "") if (ROOT / path).exists() else ""
