"""The steps of overpayment cases: the only way in which a case moves, from the state it was read in.

What a case is about in money is posted on its obligation; `store.cases` brings the two together.
"""

import datetime as dt
from dataclasses import dataclass, fields, replace
from typing import Any

import sqlalchemy as sa

from store.audit import record, words_digest
from store.audit_chain import JSON
from store.codes import StoreCode
from store.faults import refused
from store.items import changed_in_between
from store.opening import Reading, Writing
from store.rows import insert_rows
from store.states.cases import CASE_TRANSITIONS, LIVE_CASE, CaseAction, CaseState
from store.tables import CaseStep, GrantRow, ObligationRow, OverpaymentCase, table_of

_CASE = table_of(OverpaymentCase)
_STEP = table_of(CaseStep)
_OBLIGATION = table_of(ObligationRow)
_GRANT = table_of(GrantRow)

"""Who takes the steps that follow from a night."""


@dataclass(frozen=True, slots=True)
class CaseDeed:
    """What a person does on a case; `acted_on` is when it happened, where that is not now."""

    action: CaseAction
    by: str
    reason: str | None = None
    basis: str | None = None
    acted_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """An overpayment case as it stands. Units: fen; `amount_fen` is what is still outstanding.

    `told_fen` is the most that the subject was told of, `object_through` the last day to object to it.
    """

    case_id: str
    obligation_id: str
    number: int
    amount_fen: int
    recovered_fen: int
    written_off_fen: int
    kept_fen: int
    state: CaseState
    moves: int
    told_fen: int | None
    object_through: dt.date | None
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    run_id: str | None
    policy: str
    subject_id: str
    event: str
    period: str
    component: str

    @property
    def is_live(self) -> bool:
        """Say whether anything is outstanding."""
        return self.state in LIVE_CASE

    @property
    def claimed_fen(self) -> int:
        """Return what was overpaid under it: outstanding, recovered, written off and kept (M10)."""
        return self.amount_fen + self.recovered_fen + self.written_off_fen + self.kept_fen


@dataclass(frozen=True, slots=True)
class CaseStepTaken:
    """One step of a case; `amount_fen` is what was outstanding after it."""

    number: int
    action: CaseAction
    source: CaseState
    target: CaseState
    amount_fen: int
    taken_at: dt.datetime
    taken_by: str
    acted_on: dt.date | None
    reason: str | None
    basis: str | None
    run_id: str | None


NAMED = (_GRANT.c.policy, _GRANT.c.subject_id, _GRANT.c.event, _OBLIGATION.c.period, _OBLIGATION.c.component)
"""What an obligation is for, as rows of cases name it."""


def all_cases() -> sa.Select[Any]:
    """Return the select of all cases, each with what its obligation is for."""
    of_obligation = _CASE.c.obligation_id == _OBLIGATION.c.obligation_id
    joined = sa.select(*_CASE.c, *NAMED).join_from(_CASE, _OBLIGATION, of_obligation)
    return joined.join(_GRANT, _OBLIGATION.c.grant_id == _GRANT.c.grant_id)


def case_of(rx: Reading, case_id: str) -> CaseRecord:
    """Return one case.

    Fails: RefusedError where nothing goes by the id.
    """
    row = rx.connection.execute(all_cases().where(_CASE.c.case_id == case_id)).one_or_none()
    if row is None:
        remedy = "`mianshen cases list --all` shows every case"
        raise refused(StoreCode.UNKNOWN_NAME, "cases", f"no case is called `{case_id}`", remedy)
    return CaseRecord(**row._asdict())


def steps_of_case(rx: Reading, case_id: str) -> tuple[CaseStepTaken, ...]:
    """Return what was done on a case, in the order in which it was."""
    chosen = sa.select(*(_STEP.c[each.name] for each in fields(CaseStepTaken))).where(_STEP.c.case_id == case_id)
    return tuple(CaseStepTaken(*row) for row in rx.connection.execute(chosen.order_by(_STEP.c.number)))


def take_case_step(
    tx: Writing,
    case: CaseRecord,
    deed: CaseDeed,
    target: CaseState,
    *,
    run_id: str | None = None,
    **changes: int | bool | dt.date,
) -> CaseRecord:
    """Take one step with a case as it was read; `changes` are what else the case says from now on.

    Fails: RefusedError where the table of transitions does not allow it, or somebody else moved the case in between.
    """
    outstanding = changes.get("amount_fen", case.amount_fen)
    assert isinstance(outstanding, int)
    said: dict[str, JSON] = {
        "target": target.value,
        "outstanding_fen": outstanding,
        "reason": words_digest(deed.reason),
        "run_id": run_id,
    }
    record(tx, f"case.{deed.action}", by=deed.by, about=case.case_id, said=said)
    if target not in CASE_TRANSITIONS[case.state]:
        message = f"the case is `{case.state}` and may not become `{target}`"
        raise refused(StoreCode.WRONG_STATE, case.case_id, message, f"look at `mianshen cases show {case.case_id}`")
    closed_at = case.closed_at if target in LIVE_CASE or not case.is_live else tx.now
    after = replace(case, state=target, moves=case.moves + 1, closed_at=closed_at, **changes)  # type: ignore[arg-type]  # fields of the record, by name
    own = sa.update(_CASE).where(_CASE.c.case_id == case.case_id, _CASE.c.moves == case.moves)
    written = {each.name: getattr(after, each.name) for each in fields(CaseRecord) if each.name in _CASE.c}
    if tx.connection.execute(own.values(written)).rowcount != 1:
        raise changed_in_between()
    insert_rows(
        tx,
        CaseStep,
        [
            {
                "case_id": case.case_id,
                "number": after.moves,
                "action": deed.action,
                "source": case.state,
                "target": target,
                "amount_fen": after.amount_fen,
                "taken_at": tx.now,
                "taken_by": deed.by,
                "acted_on": deed.acted_on,
                "reason": deed.reason,
                "basis": deed.basis,
                "run_id": run_id,
            }
        ],
    )
    return after
