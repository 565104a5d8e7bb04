"""Overpayment cases: the rows a person works on, kept in step with the amounts posted on `case`."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import sqlalchemy as sa

from core.ids import derive_id
from core.roles import NIGHT
from store.case_steps import CaseDeed, CaseRecord, all_cases, take_case_step
from store.of_some import Among, OfSome
from store.opening import Reading, Writing
from store.rows import insert_rows, is_among, read_frame, read_matching
from store.states.cases import COLLECTED_CASE, LIVE_CASE, CaseAction, CaseState
from store.states.funds import Account
from store.tables import CaseStep, GrantRow, OverpaymentCase, table_of
from store.tables.base import as_indexed
from store.tables.cases import IS_LIVE

_CASE = table_of(OverpaymentCase)
_GRANT = table_of(GrantRow)
_STEP = table_of(CaseStep)
_PAID_BACK = frozenset({CaseAction.RECEIVED, CaseAction.KEPT_BACK})


def follow_cases(tx: Writing, postings: pl.DataFrame, *, run_id: str | None, deed: CaseDeed | None = None) -> None:
    """Open, change or close cases as postings say: from 0 one opens, to 0 it closes, else its amount changes.

    `deed` says what a person did; where there is none, a night found more or less overpaid.
    """
    if postings.is_empty():
        return
    moved: dict[str, dict[Account, tuple[int, int]]] = {}
    for key, account, before_fen, after_fen in postings.select(
        "obligation_id", "account", "before_fen", "after_fen"
    ).iter_rows():
        moved.setdefault(key, {})[Account(account)] = (before_fen, after_fen)
    live = _live(tx, moved)
    for key, case in sorted(live.items()):
        _follow(tx, case, moved[key], run_id, deed)
    opened = {key: own[Account.CASE][1] for key, own in moved.items() if Account.CASE in own and key not in live}
    _open(tx, opened, run_id)


def _live(rx: Reading, obligations: Collection[str]) -> dict[str, CaseRecord]:
    """Return the live case of each obligation that has one."""
    chosen = all_cases().where(as_indexed(IS_LIVE, of=_CASE.name), is_among(rx, _CASE.c.obligation_id, obligations))
    cases = (CaseRecord(**row._asdict()) for row in rx.connection.execute(chosen))
    return {case.obligation_id: case for case in cases}


def _follow(
    tx: Writing,
    case: CaseRecord,
    moved: Mapping[Account, tuple[int, int]],
    run_id: str | None,
    deed: CaseDeed | None,
) -> None:
    """Take the step that a case's amounts have come to."""
    sums = {
        "amount_fen": case.amount_fen + _more(moved, Account.CASE),
        "recovered_fen": max(0, case.recovered_fen + _more(moved, Account.RECOVERED)),
        "written_off_fen": max(0, case.written_off_fen + _more(moved, Account.WRITTEN_OFF)),
        "kept_fen": max(0, case.kept_fen + _more(moved, Account.KEPT)),
    }
    is_more = sums["amount_fen"] > case.amount_fen
    found = CaseDeed(CaseAction.RAISED if is_more else CaseAction.LOWERED, NIGHT)
    target = _closed_as(sums) if sums["amount_fen"] == 0 else _stands(case, sums["amount_fen"], deed)
    take_case_step(tx, case, deed or found, target, run_id=run_id, **sums)


def _more(moved: Mapping[Account, tuple[int, int]], account: Account) -> int:
    before_fen, after_fen = moved.get(account, (0, 0))
    return after_fen - before_fen


def _closed_as(sums: Mapping[str, int]) -> CaseState:
    """Return how a case ends of which nothing is outstanding any more."""
    is_given_up = sums["written_off_fen"] + sums["kept_fen"] > 0
    if sums["recovered_fen"]:
        return CaseState.PARTLY_RECOVERED if is_given_up else CaseState.RECOVERED
    if sums["written_off_fen"]:
        return CaseState.WRITTEN_OFF
    return CaseState.KEPT if sums["kept_fen"] else CaseState.WITHDRAWN


def _stands(case: CaseRecord, amount_fen: int, deed: CaseDeed | None) -> CaseState:
    """Return where a case stands of which something is outstanding.

    What nobody was told of is not collected: a case that grows beyond what was told begins anew, unless an objection
    is to be decided, of which the decision will not go beyond it either.
    """
    is_told = amount_fen <= (case.told_fen or 0)
    if deed is None and not is_told and case.state is not CaseState.APPEALED:
        return CaseState.OPENED
    is_collecting = deed is not None and deed.action in _PAID_BACK
    return CaseState.COLLECTING if is_collecting and case.state in COLLECTED_CASE else case.state


def _open(tx: Writing, opened: Mapping[str, int], run_id: str | None) -> None:
    counts = read_matching(
        tx,
        sa.select(_CASE.c.obligation_id, sa.func.count().label("count")).group_by(_CASE.c.obligation_id),
        _CASE.c.obligation_id,
        pl.Series(sorted(opened), dtype=pl.String),
    )
    before: dict[str, int] = dict(counts.iter_rows())
    rows = []
    for obligation_id, amount_fen in sorted(opened.items()):
        number = before.get(obligation_id, 0) + 1
        rows.append(
            {
                "case_id": derive_id("c", obligation_id, str(number)),
                "obligation_id": obligation_id,
                "number": number,
                "amount_fen": amount_fen,
                "recovered_fen": 0,
                "written_off_fen": 0,
                "kept_fen": 0,
                "state": CaseState.OPENED,
                "moves": 0,
                "told_fen": None,
                "object_through": None,
                "opened_at": tx.now,
                "closed_at": None,
                "run_id": run_id,
            }
        )
    insert_rows(tx, OverpaymentCase, rows)


def case_records(
    rx: Reading, *, states: Collection[CaseState] = LIVE_CASE, policy: str | None = None
) -> tuple[CaseRecord, ...]:
    """Return cases in some states, of everyone or of one policy, as records, by id."""
    return tuple(CaseRecord(**row._asdict()) for row in rx.connection.execute(_chosen(states, policy)))


def chosen_for_set_off(rx: Reading, case_ids: Collection[str] | None = None) -> tuple[CaseRecord, ...]:
    """Return the cases that are set off from later payments, all or of some, by id.

    Source: their steps: it was decided, and since then nothing was agreed in its place, and the claim was always to be
            collected: not objected to, not raised beyond what was told.
    """
    later = _STEP.alias("later")
    is_over = sa.and_(
        later.c.case_id == _STEP.c.case_id,
        later.c.number > _STEP.c.number,
        sa.or_(later.c.target.not_in(sorted(COLLECTED_CASE)), later.c.action == CaseAction.PLANNED),
    )
    chosen = sa.exists().where(
        _STEP.c.case_id == _CASE.c.case_id,
        _STEP.c.action == CaseAction.SET_OFF,
        sa.not_(sa.exists(sa.select(later.c.number).where(is_over).correlate(_STEP))),
    )
    wanted = _chosen(COLLECTED_CASE, None).where(chosen.correlate(_CASE))
    if case_ids is not None:
        wanted = wanted.where(is_among(rx, _CASE.c.case_id, case_ids))
    return tuple(CaseRecord(**row._asdict()) for row in rx.connection.execute(wanted))


def read_cases(
    rx: Reading, *, states: Collection[CaseState] = LIVE_CASE, subjects: Sequence[str] | None = None
) -> pl.DataFrame:
    """Return cases in some states, of everyone or of some subjects, by id.

    Adds: the fields of `CaseRecord`.
    """
    chosen = _chosen(states, None)
    if subjects is None:
        return read_frame(rx, chosen)
    wanted = pl.Series(sorted(set(subjects)), dtype=pl.String)
    return read_matching(rx, chosen, chosen.selected_columns["subject_id"], wanted)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a live case claims back of a subject; `object_through` is the last day to object to it."""

    policy: str
    event: str
    amount_fen: int
    object_through: dt.date | None


def claims_on(rx: Reading, subjects: Iterable[str]) -> list[Claim]:
    """Return what live cases claim back of some subjects, by case."""
    return [Claim(*tuple(row)) for row in _CLAIMS.rows(rx, subjects)]


def _claims(among: Among) -> sa.Select[Any]:
    is_live = sa.or_(*(_CASE.c.state == state for state in sorted(LIVE_CASE)))
    named = all_cases().where(is_live, among(_GRANT.c.subject_id))
    wanted = (_GRANT.c.policy, _GRANT.c.event, _CASE.c.amount_fen, _CASE.c.object_through)
    return named.with_only_columns(*wanted).order_by(_CASE.c.case_id)


_CLAIMS = OfSome(_claims)


def _chosen(states: Collection[CaseState], policy: str | None) -> sa.Select[Any]:
    chosen = all_cases().where(_CASE.c.state.in_(sorted(states))).order_by(_CASE.c.case_id)
    return chosen if policy is None else chosen.where(chosen.selected_columns["policy"] == policy)
