"""What is asked to be given up of a case, and what others say of it: a hardship, what cannot be collected, what is kept."""

import datetime as dt
from dataclasses import asdict, dataclass, fields, replace

import sqlalchemy as sa

from store.audit import record
from store.codes import StoreCode
from store.faults import refused
from store.items import changed_in_between
from store.opening import Reading, Writing
from store.rows import insert_rows
from store.states.cases import ReliefKind, ReliefState
from store.tables import CaseRelief, CaseReliefVerdict, table_of

_RELIEF = table_of(CaseRelief)
_VERDICT = table_of(CaseReliefVerdict)


@dataclass(frozen=True, slots=True)
class ReliefVerdict:
    """What one person said of it."""

    said_by: str
    said_at: dt.datetime
    is_granted: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class Relief:
    """What somebody asks to be given up of a case. Units: fen."""

    case_id: str
    number: int
    kind: ReliefKind
    amount_fen: int
    reason: str
    basis: str
    state: ReliefState
    approvals_needed: int
    asked_at: dt.datetime
    asked_by: str
    verdicts: tuple[ReliefVerdict, ...] = ()

    @property
    def approvals_lacking(self) -> int:
        """Return how many people have still to grant it."""
        return self.approvals_needed - sum(each.is_granted for each in self.verdicts)


_ROW = tuple(each.name for each in fields(Relief) if each.name != "verdicts")


def reliefs_of(rx: Reading, case_id: str) -> tuple[Relief, ...]:
    """Return everything that was asked of a case, with its verdicts, in the order in which it was."""
    verdicts: dict[int, list[ReliefVerdict]] = {}
    columns = (_VERDICT.c[each.name] for each in fields(ReliefVerdict))
    said = sa.select(_VERDICT.c.number, *columns).where(_VERDICT.c.case_id == case_id)
    for number, *values in rx.connection.execute(said.order_by(_VERDICT.c.said_at, _VERDICT.c.said_by)):
        verdicts.setdefault(number, []).append(ReliefVerdict(*values))
    chosen = sa.select(*(_RELIEF.c[name] for name in _ROW)).where(_RELIEF.c.case_id == case_id)
    return tuple(
        Relief(**row._asdict() | {"verdicts": tuple(verdicts.get(row.number, ()))})
        for row in rx.connection.execute(chosen.order_by(_RELIEF.c.number))
    )


def asked_reliefs(rx: Reading) -> dict[str, Relief]:
    """Return what is asked and not decided yet, by case."""
    open_ones = sa.select(_RELIEF.c.case_id).where(_RELIEF.c.state == ReliefState.ASKED)
    cases = rx.connection.scalars(open_ones.order_by(_RELIEF.c.case_id)).all()
    return {case_id: reliefs_of(rx, case_id)[-1] for case_id in cases}


def add_relief(tx: Writing, relief: Relief) -> None:
    """Keep what is asked.

    Fails: RefusedError where something is asked of the case already.
    """
    try:
        with tx.connection.begin_nested():
            insert_rows(tx, CaseRelief, [{name: getattr(relief, name) for name in _ROW}])
    except sa.exc.IntegrityError:  # one is asked at a time
        raise changed_in_between() from None


def say_verdict(tx: Writing, relief: Relief, verdict: ReliefVerdict) -> Relief:
    """Keep what one person says; the last approval that is needed grants it, a single refusal refuses it.

    Fails: RefusedError where it is decided already, where who asked would grant it, or says it a second time.
    """
    place = relief.case_id
    if relief.state is not ReliefState.ASKED:
        remedy = f"look at `mianshen cases show {place}`"
        raise refused(StoreCode.WRONG_STATE, place, f"what was asked is `{relief.state}` already", remedy)
    if verdict.said_by == relief.asked_by or verdict.said_by in {each.said_by for each in relief.verdicts}:
        record(tx, "case.granted", by=verdict.said_by, about=place, said={"relief": relief.number})  # who tried is kept
        message = f"`{verdict.said_by}` asked for it or spoke already, and every approval is another person's"
        raise refused(StoreCode.OWN_APPROVAL, place, message, "have another officer approve it")
    after = (*relief.verdicts, verdict)
    is_granted = sum(each.is_granted for each in after) >= relief.approvals_needed
    state = ReliefState.GRANTED if is_granted else relief.state if verdict.is_granted else ReliefState.REFUSED
    insert_rows(tx, CaseReliefVerdict, [{"case_id": relief.case_id, "number": relief.number} | asdict(verdict)])
    own = sa.update(_RELIEF).where(
        _RELIEF.c.case_id == relief.case_id, _RELIEF.c.number == relief.number, _RELIEF.c.state == relief.state
    )
    if tx.connection.execute(own.values(state=state)).rowcount != 1:
        raise changed_in_between()
    return replace(relief, state=state, verdicts=after)
