"""Whatever changes our database says so in the audit chain, or is a part of something that does."""

import ast

from tests.repo.repository import modules, name, tree

_OF_A_NIGHT = "a part of `night.published`, which names the manifest of all of it"
_OF_A_CASE = "a part of a case's step"
_OF_A_LETTER = "a machine's step with a letter: its attempts are rows of their own, and nobody decides"

_BY_A_DEED = "a part of a deed with batches, files or inquiries, which `engine.paying` records"
_LOOKS = "changes nothing that is kept: it has rows located, aside and for its own transaction"
_BY_A_PERSON = "a part of what somebody does with a grant or a question, which `engine.lanes` records"

PARTS = {
    "store/approvals.py": dict.fromkeys(("approve_batch", "reject_batch", "lapse_approvals"), _BY_A_DEED),
    "store/attempts.py": dict.fromkeys(
        ("claim_notices", "begin_attempts", "end_attempts", "let_go", "end_lapsed"), _OF_A_LETTER
    ),
    "store/audit.py": {"record": "is what records"},
    "store/bad_contacts.py": {"mark_bad": _OF_A_LETTER},
    "store/bank_lines.py": {
        "attempts_with": _LOOKS,
        **dict.fromkeys(("keep_bank_file", "move_attempts", "settle_files", "fail_lines", "reopen_items"), _BY_A_DEED),
    },
    "store/batch_steps.py": dict.fromkeys(
        (
            "lock_attempts",
            "move_batch",
            "move_lines",
            "take_batch",
            "take_lines",
            "take_obligations",
            "release_lines",
        ),
        _BY_A_DEED,
    ),
    "store/case_instalments.py": {"add_plan": _OF_A_CASE},
    "store/case_reliefs.py": {"add_relief": _OF_A_CASE},
    "store/cases.py": {"follow_cases": "takes steps with each case"},
    "store/catalogues.py": {"keep_catalogue": _OF_A_NIGHT},
    "store/changing.py": dict.fromkeys(("run_many", "touch_all"), "a statement"),
    "store/closed_accounts.py": {"mark_closed": _BY_A_DEED, "mark_right": _BY_A_PERSON},
    "store/errands.py": dict.fromkeys(
        ("take_errand", "hand_over", "keep_errand"), "an errand's asking and its end are recorded"
    ),
    "store/fallbacks.py": {"keep_fallbacks": _OF_A_NIGHT},
    "store/freezing.py": dict.fromkeys(("add_batch", "leave_batches"), _OF_A_NIGHT),
    "store/grants.py": {
        **dict.fromkeys(("add_grants", "move_grants", "redate_grants"), _OF_A_NIGHT),
        **dict.fromkeys(("apply_acts", "record_act", "record_acts"), _BY_A_PERSON),
    },
    "store/grievances.py": {"set_holding": "a part of a step with the grievance"},
    "store/inbox.py": dict.fromkeys(("mark_read", "archive"), "a subject reads what is theirs"),
    "store/inquiries.py": dict.fromkeys(("mark_unknown", "state_found", "confirm_found"), _BY_A_DEED),
    "store/items.py": dict.fromkeys(("add_items", "move_items"), _OF_A_NIGHT),
    "store/ledger.py": {"write_ledger": _OF_A_NIGHT},
    "store/line_funds.py": dict.fromkeys(
        ("keep_purses", "reserve", "release", "send", "answer", "forgo"), "the journal has every entry of it"
    ),
    "store/money_waits.py": {"keep_waits": _OF_A_NIGHT},
    "store/notice_moves.py": dict.fromkeys(("defer_waiting", "expire_unconfirmed", "resolve_doubt"), _OF_A_LETTER),
    "store/outbox.py": {"add_notices": _OF_A_NIGHT, "move_notices": _OF_A_LETTER},
    "store/located.py": {"located": _LOOKS},
    "store/past.py": dict.fromkeys(
        ("next_revision", "keep_replaced", "replace_rows"), "its caller's; keeps what a change replaces"
    ),
    "store/payouts.py": dict.fromkeys(
        (
            "instruct_batch",
            "carry_lines",
            "move_file",
            "follow_files",
            "cancel_batch",
            "stop_batch",
            "resume_batch",
            "drop_lines",
        ),
        _BY_A_DEED,
    ),
    "store/portal_answers.py": {"keep_answer": "a part of a deed, which is recorded"},
    "store/portals.py": {"hear_call": "a part of a reading or a deed, which is recorded"},
    "store/questions.py": {
        **dict.fromkeys(("add_questions", "settle_questions"), _OF_A_NIGHT),
        "answer_question": _BY_A_PERSON,
    },
    "store/receipts.py": dict.fromkeys(("keep_receipts", "settle_receipts"), _OF_A_LETTER),
    "store/receivables.py": {"follow_obligations": _OF_A_CASE},
    "store/paid_after_all.py": {"refuse_unproved": _LOOKS, "hold_as_paid": _BY_A_DEED},
    "store/reconciling.py": dict.fromkeys(("resolve_exception", "reconcile_batch"), _BY_A_DEED),
    "store/rows.py": dict.fromkeys(("insert_frame", "insert_rows", "insert_new", "set_aside"), "a statement"),
    "store/runs.py": dict.fromkeys(
        ("claim_run", "expire_lease", "keep_run", "enter_state"), "holds a run; what comes of it is recorded"
    ),
    "store/sealed_notes.py": {
        "keep_note": _OF_A_CASE,
        "open_note": "records the reading",
        "rotate_notes": "a part of `vault.rotated`",
    },
    "store/sessions.py": {
        "mark_seen": "says that somebody is still there, and decides nothing",
        "rotate_sessions": "a part of `vault.rotated`",
    },
    "store/set_offs.py": {"keep_back": "a part of a night; each case says so by its step"},
    "store/suspensions.py": {"refuse_unseen": "only locks"},
    "store/suspicions.py": dict.fromkeys(("keep_holders", "keep_suspicions"), _OF_A_NIGHT),
}
"""Functions that leave it to others to say so, and who does."""

_SAYS = {"record", "audit.record", "_say", "_record", "take_case_step"}


def writers() -> dict[str, dict[str, ast.FunctionDef]]:
    """Return the public functions of the store whose first argument is a transaction that may write, by module."""
    found = {name(path): _writers_in(tree(path)) for path in modules() if name(path).startswith("store/")}
    return {module: functions for module, functions in found.items() if functions}


def _writers_in(module: ast.Module) -> dict[str, ast.FunctionDef]:
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    return {node.name: node for node in functions if _writes(node)}


def _writes(node: ast.FunctionDef) -> bool:
    annotation = node.args.args[0].annotation if node.args.args else None
    return isinstance(annotation, ast.Name) and annotation.id == "Writing"


def says(node: ast.FunctionDef) -> bool:
    """Say whether a function calls what records."""
    return bool({ast.unparse(each.func) for each in ast.walk(node) if isinstance(each, ast.Call)} & _SAYS)


def test_whatever_changes_the_database_is_in_the_audit_chain() -> None:
    """Call `store.audit.record` where the change is made, or name in `PARTS` who does."""
    silent = [
        f"{module}:{function}"
        for module, functions in writers().items()
        for function, node in functions.items()
        if not says(node) and function not in PARTS.get(module, {})
    ]

    assert silent == [], "record it in the audit chain: `record(tx, event, by=…, about=…, said=…)`"


def test_nobody_is_named_who_records_or_is_gone() -> None:
    """An exception that is none any more hides the next one."""
    known = writers()
    stale = [
        f"{module}:{function}"
        for module, functions in PARTS.items()
        for function in functions
        if function not in known.get(module, {}) or (says(known[module][function]) and module != "store/audit.py")
    ]

    assert stale == []
