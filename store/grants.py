"""Grants and the dated acts on them: one grant per policy, subject and event for ever.

Two writers move a grant: a night, many at once, and `apply_act`; both go by `core.grant_steps`.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

from core.grant_steps import GRANT_STEPS, ONCE_ACTIVE
from core.ledger import Act, ActKind, Cause, Grant, GrantState, LedgerMark
from core.remits import WHOLE, Remit
from store.changing import touch_all
from store.codes import StoreCode, StoreInvariantError
from store.faults import refused
from store.of_some import OfSome
from store.opening import Reading, Writing
from store.past import as_seen, changed_since, keep_replaced, next_revision
from store.rows import in_order, insert_frame, insert_rows, is_among, read_frame, read_many, read_matching
from store.tables import ActRow, GrantRow, Run, table_of

_GRANT = table_of(GrantRow)
_ACT = table_of(ActRow)
_RUN = table_of(Run)
_ACT_FIELDS = tuple(name for name in Act.__dataclass_fields__ if name != "by")

GRANTS = pl.Schema(
    {
        "grant_id": pl.String(),
        "policy": pl.String(),
        "subject_id": pl.String(),
        "event": pl.String(),
        "state": pl.String(),
        "discovered_on": pl.Date(),
        "cause": pl.String(),  # of `core.ledger.Cause`; null: the rule tells none apart, or only time has passed
    }
)
"""New grants, as `add_grants` takes them and `read_grants` gives them."""

GRANT_DAYS = pl.Schema({"grant_id": pl.String(), "discovered_on": pl.Date(), "cause": pl.String()})
"""Grants whose day of discovery, or what made the past payable, is known otherwise by now."""

GRANT_MOVES = pl.Schema({"grant_id": pl.String(), "source": pl.String(), "target": pl.String()})
"""Grants that go from one state to another."""


def add_grants(tx: Writing, grants: pl.DataFrame, *, run_id: str | None) -> None:
    """Write new grants; `run_id` is None where a person opened them.

    Shape: the columns of `GRANTS`.
    """
    now = pl.lit(tx.now)
    insert_frame(
        tx,
        GrantRow,
        grants.select(GRANTS.names()).with_columns(
            opened_at=now,
            changed_at=now,
            came_from=pl.lit(None, dtype=pl.String),
            run_id=pl.lit(run_id, dtype=pl.String),
            revision=pl.lit(next_revision(tx)),
        ),
    )


def move_grants(tx: Writing, moves: pl.DataFrame) -> None:
    """Move grants from the state they were read in to another.

    Shape: the columns of `GRANT_MOVES`.
    Fails: RefusedError where one of them is in another state by now.
    """
    keep_replaced(tx, GrantRow, moves["grant_id"])
    change = (
        sa.update(_GRANT)
        .where(_GRANT.c.grant_id == sa.bindparam("key"), _GRANT.c.state == sa.bindparam("source"))
        .values(state=sa.bindparam("target"), came_from=sa.bindparam("source"), changed_at=tx.now)
    )
    if not touch_all(tx, change, moves.select("source", "target", key="grant_id")):
        raise refused(StoreCode.CHANGED, "grants", "a grant was changed in between", "run the command again")


def redate_grants(tx: Writing, days: pl.DataFrame) -> None:
    """Write since when grants could be known, and why, as it is known now.

    Shape: the columns of `GRANT_DAYS`.
    """
    keep_replaced(tx, GrantRow, days["grant_id"])
    change = (
        sa.update(_GRANT)
        .where(_GRANT.c.grant_id == sa.bindparam("key"))
        .values(discovered_on=sa.bindparam("found_on"), cause=sa.bindparam("because"))
    )
    rows = days.select(key="grant_id", found_on="discovered_on", because="cause")
    if not touch_all(tx, change, rows):
        raise StoreInvariantError("no grant whose day is to be written")


def leads_to(kind: ActKind, state: GrantState) -> GrantState | None:
    """Return where an act leads from a state, or None where it may not be done there.

    A grant becomes active by a night alone, which knows whether anything is due; until then it stays where it is.
    """
    target = GRANT_STEPS[kind].get(state)
    return state if target is GrantState.ACTIVE else target


def apply_acts(tx: Writing, acts: Sequence[Act]) -> dict[str, GrantState]:
    """Write acts of one kind or several, one for each grant, and move the grants by them; return where each stands.

    Fails: StoreInvariantError where one may not be done in the state that its grant is in; nothing is written.
    """
    ids = pl.Series(sorted({act.grant_id for act in acts}), dtype=pl.String)
    assert len(ids) == len(acts), "a grant is acted on once"
    states = dict(read_matching(tx, sa.select(_GRANT.c.grant_id, _GRANT.c.state), _GRANT.c.grant_id, ids).iter_rows())
    after, moves = dict[str, GrantState](), list[tuple[str, str, str]]()
    for act in acts:
        state = GrantState(states[act.grant_id]) if act.grant_id in states else None
        target = None if state is None else leads_to(act.kind, state)
        if state is None or target is None:
            raise StoreInvariantError(f"no grant on which `{act.kind}` may be done now")
        after[act.grant_id] = target
        if target is not state:
            assert target not in ONCE_ACTIVE or state in ONCE_ACTIVE
            moves.append((act.grant_id, state.value, target.value))
    record_acts(tx, acts)
    move_grants(tx, pl.DataFrame(moves, schema=GRANT_MOVES, orient="row"))
    return after


def record_act(tx: Writing, act: Act) -> None:
    """Write a dated act on a grant; the act itself moves no state."""
    record_acts(tx, [act])


def record_acts(tx: Writing, acts: Sequence[Act]) -> None:
    """Write dated acts, in this order."""
    if not acts:
        return
    counts = sa.select(_ACT.c.grant_id, sa.func.max(_ACT.c.number).label("number")).group_by(_ACT.c.grant_id)
    known = read_matching(tx, counts, _ACT.c.grant_id, pl.Series(sorted({act.grant_id for act in acts})))
    numbers, revision = Counter(dict(known.iter_rows())), next_revision(tx)
    rows = []
    for act in acts:
        numbers[act.grant_id] += 1
        own = {name: getattr(act, name) for name in _ACT_FIELDS}
        rows.append({**own, "number": numbers[act.grant_id], "acted_by": act.by, "revision": revision})
    insert_rows(tx, ActRow, rows)


def read_grants(rx: Reading, *, policy: str | None = None, subjects: Sequence[str] | None = None) -> pl.DataFrame:
    """Return all grants, or those of one policy, or of some subjects, by id.

    Shape: the columns of `GRANTS`.
    """
    grant = as_seen(rx, GrantRow)
    chosen = sa.select(*(grant.c[name] for name in GRANTS.names()))
    if policy is not None:
        chosen = chosen.where(grant.c.policy == policy)
    if subjects is None:
        return read_many(rx, chosen).sort("grant_id")
    wanted = pl.Series(sorted(set(subjects)), dtype=pl.String)
    return in_order(read_matching(rx, chosen, grant.c.subject_id, wanted), "grant_id")


def grants_changed_since(rx: Reading, mark: LedgerMark) -> pl.DataFrame:
    """Return the grants that a mark does not show as they are now, new ones among them: as `read_grants`."""
    ids = read_frame(rx, changed_since(GrantRow, mark, "grant_id"))["grant_id"]
    chosen = sa.select(*(_GRANT.c[name] for name in GRANTS.names()))
    return read_matching(rx, chosen, _GRANT.c.grant_id, ids).sort("grant_id")


def opened_since(rx: Reading, policy: str, known_at: dt.datetime | None) -> pl.Series:
    """Return the grants of a policy that nights opened which knew more than one did; None: all that nights opened."""
    grant = as_seen(rx, GrantRow)
    chosen = sa.select(grant.c.grant_id).join(_RUN, _RUN.c.run_id == grant.c.run_id).where(grant.c.policy == policy)
    if known_at is not None:
        chosen = chosen.where(_RUN.c.known_at > known_at)
    return read_frame(rx, chosen)["grant_id"].sort()


def grants_held(rx: Reading, subjects: Iterable[str]) -> list[Grant]:
    """Return the grants of some subjects as they stand, by id."""
    return sorted((_grant(row._asdict()) for row in _HELD.rows(rx, subjects)), key=lambda each: each.grant_id)


_HELD = OfSome(lambda among: sa.select(*(_GRANT.c[name] for name in GRANTS.names())).where(among(_GRANT.c.subject_id)))


def count_grants(rx: Reading, *, policy: str | None = None, remit: Remit = WHOLE) -> pl.DataFrame:
    """Return how many grants of a remit stand where, by policy and state: `policy`, `state`, `count`."""
    names = (_GRANT.c.policy, _GRANT.c.state)
    chosen = sa.select(*names, sa.func.count().label("count")).group_by(*names).order_by(*names)
    if remit.policies is not None:
        chosen = chosen.where(_GRANT.c.policy.in_(sorted(remit.policies)))
    return read_frame(rx, chosen if policy is None else chosen.where(_GRANT.c.policy == policy))


def grant_of(rx: Reading, grant_id: str) -> Grant | None:
    """Return the grant with an id, or None."""
    chosen = sa.select(*(_GRANT.c[name] for name in GRANTS.names())).where(_GRANT.c.grant_id == grant_id)
    row = rx.connection.execute(chosen).one_or_none()
    if row is None:
        return None
    return _grant(row._asdict())


def grants_of(rows: pl.DataFrame) -> list[Grant]:
    """Return the rows of `GRANTS` as records, for those few that somebody does something to."""
    return [_grant(row) for row in rows.select(GRANTS.names()).iter_rows(named=True)]


def _grant(row: Mapping[str, Any]) -> Grant:
    cause = None if row["cause"] is None else Cause(row["cause"])
    return Grant(**{**row, "state": GrantState(row["state"]), "cause": cause})


def acts_on(rx: Reading, grants: Iterable[str]) -> tuple[Act, ...]:
    """Return the acts on some grants as they stand, by grant, in the order they were recorded."""
    return tuple(map(_act, _ACTS.rows(rx, grants)))


_ACTS = OfSome(lambda among: sa.select(*_ACT.c).where(among(_ACT.c.grant_id)).order_by(_ACT.c.grant_id, _ACT.c.number))


def read_acts(rx: Reading, *, grants: Sequence[str] | None = None) -> tuple[Act, ...]:
    """Return all acts, or those on some grants, by grant, in the order they were recorded."""
    act = as_seen(rx, ActRow)
    chosen = sa.select(act).order_by(act.c.grant_id, act.c.number)
    if grants is not None:
        chosen = chosen.where(is_among(rx, act.c.grant_id, set(grants)))
    return tuple(map(_act, rx.connection.execute(chosen)))


def _act(row: Any) -> Act:  # noqa: ANN401  # a row of SQLAlchemy's or of a prepared select
    return Act(by=row.acted_by, **{name: getattr(row, name) for name in _ACT_FIELDS})
