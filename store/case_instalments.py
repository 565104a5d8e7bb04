"""Agreed instalments: what is to come back of a case by which day. A later plan takes the place of an earlier one."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from store.opening import Reading, Writing
from store.rows import insert_rows, is_among
from store.tables import CaseInstalment, table_of

_INSTALMENT = table_of(CaseInstalment)


@dataclass(frozen=True, slots=True)
class Instalment:
    """So much by such a day. Units: fen; `recovered_before_fen` is what had come back when it was agreed."""

    number: int
    due_on: dt.date
    amount_fen: int
    recovered_before_fen: int = 0


def add_plan(tx: Writing, case_id: str, plan: int, instalments: Iterable[Instalment]) -> None:
    """Keep a plan under the number of the step that agreed it."""
    rows = [
        {
            "case_id": case_id,
            "plan": plan,
            "number": each.number,
            "due_on": each.due_on,
            "amount_fen": each.amount_fen,
            "recovered_before_fen": each.recovered_before_fen,
        }
        for each in instalments
    ]
    insert_rows(tx, CaseInstalment, rows)


def plans_of(rx: Reading, cases: Collection[str]) -> dict[str, tuple[Instalment, ...]]:
    """Return the plan that counts of each of some cases that has one: the latest."""
    newest = (
        sa.select(_INSTALMENT.c.case_id, sa.func.max(_INSTALMENT.c.plan).label("plan"))
        .where(is_among(rx, _INSTALMENT.c.case_id, cases))
        .group_by(_INSTALMENT.c.case_id)
        .subquery()
    )
    own = sa.and_(_INSTALMENT.c.case_id == newest.c.case_id, _INSTALMENT.c.plan == newest.c.plan)
    columns = (_INSTALMENT.c[name] for name in ("number", "due_on", "amount_fen", "recovered_before_fen"))
    chosen = sa.select(_INSTALMENT.c.case_id, *columns).join(newest, own)
    found: dict[str, tuple[Instalment, ...]] = {}
    for case_id, *values in rx.connection.execute(chosen.order_by(_INSTALMENT.c.case_id, _INSTALMENT.c.number)):
        found[case_id] = (*found.get(case_id, ()), Instalment(*values))
    return found
