"""Overpayment cases: the rows a person works on, kept in step with the amounts posted on `case`."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

from core.ids import derive_id
from store.opening import Reading, Writing
from store.rows import insert_rows, read_frame, read_matching, run_many
from store.states import Account, CaseState
from store.tables import GrantRow, ObligationRow, OverpaymentCase, table_of

_CASE = table_of(OverpaymentCase)
_OBLIGATION = table_of(ObligationRow)
_GRANT = table_of(GrantRow)


def follow_cases(tx: Writing, postings: pl.DataFrame, *, run_id: str | None) -> None:
    """Open, change or close cases as postings say: from 0 one opens, to 0 it closes, else its amount changes.

    A case that closes while money on it is recovered, written off or kept is settled; else it is withdrawn.
    """
    is_case = pl.col("account") == Account.CASE
    moved = postings.filter(is_case)
    decided = set(postings.filter(is_case.not_() & (pl.col("after_fen") > pl.col("before_fen")))["obligation_id"])
    _open(tx, moved.filter(pl.col("before_fen") == 0), run_id)
    kept = moved.filter(pl.col("before_fen") > 0)
    rows = [
        _closed(tx, key, decided) if after_fen == 0 else _changed(key, after_fen)
        for key, after_fen in kept.select("obligation_id", "after_fen").iter_rows()
    ]
    change = (
        sa.update(_CASE)
        .where(_CASE.c.obligation_id == sa.bindparam("key"), _CASE.c.state == CaseState.OPEN)
        .values(amount_fen=sa.bindparam("amount"), state=sa.bindparam("target"), closed_at=sa.bindparam("at"))
    )
    run_many(tx, change, rows)


def _open(tx: Writing, opened: pl.DataFrame, run_id: str | None) -> None:
    counts = read_matching(
        tx,
        sa.select(_CASE.c.obligation_id, sa.func.count().label("count")).group_by(_CASE.c.obligation_id),
        _CASE.c.obligation_id,
        opened["obligation_id"],
    )
    before: dict[str, int] = dict(counts.iter_rows())
    rows = []
    for obligation_id, amount_fen in opened.select("obligation_id", "after_fen").iter_rows():
        number = before.get(obligation_id, 0) + 1
        rows.append(
            {
                "case_id": derive_id("c", obligation_id, str(number)),
                "obligation_id": obligation_id,
                "number": number,
                "amount_fen": amount_fen,
                "state": CaseState.OPEN,
                "opened_at": tx.now,
                "closed_at": None,
                "run_id": run_id,
            }
        )
    insert_rows(tx, OverpaymentCase, rows)


def _closed(tx: Writing, obligation_id: str, decided: set[str]) -> Mapping[str, Any]:
    target = CaseState.SETTLED if obligation_id in decided else CaseState.WITHDRAWN
    return {"key": obligation_id, "amount": 0, "target": target, "at": tx.now}


def _changed(obligation_id: str, amount_fen: int) -> Mapping[str, Any]:
    return {"key": obligation_id, "amount": amount_fen, "target": CaseState.OPEN, "at": None}


def read_cases(
    rx: Reading, *, state: CaseState | None = CaseState.OPEN, subjects: Sequence[str] | None = None
) -> pl.DataFrame:
    """Return cases in a state (None: all), of everyone or of some subjects, by id.

    Adds: `case_id`, `obligation_id`, `number`, `amount_fen` (still to be decided), `state`, `opened_at`,
          `closed_at`, `run_id`; `policy`, `subject_id`, `event`, `period`, `component`.
    """
    chosen = (
        sa.select(
            *_CASE.c,
            _GRANT.c.policy,
            _GRANT.c.subject_id,
            _GRANT.c.event,
            _OBLIGATION.c.period,
            _OBLIGATION.c.component,
        )
        .join_from(_CASE, _OBLIGATION, _CASE.c.obligation_id == _OBLIGATION.c.obligation_id)
        .join(_GRANT, _OBLIGATION.c.grant_id == _GRANT.c.grant_id)
    )
    if state is not None:
        chosen = chosen.where(_CASE.c.state == state)
    if subjects is None:
        return read_frame(rx, chosen).sort("case_id")
    wanted = pl.Series(sorted(set(subjects)), dtype=pl.String)
    return read_matching(rx, chosen, _GRANT.c.subject_id, wanted).sort("case_id")
