"""Grants and the dated acts on them: one grant per policy, subject and event for ever."""

from collections.abc import Sequence

import polars as pl
import sqlalchemy as sa

from core.ledger import Act, Cause, Grant, GrantState
from store.codes import StoreCode
from store.faults import refused
from store.opening import Reading, Writing
from store.past import as_seen, keep_replaced, next_revision
from store.rows import insert_frame, insert_rows, is_among, read_frame, read_matching, touch_all
from store.tables import ActRow, GrantRow, table_of

_GRANT = table_of(GrantRow)
_ACT = table_of(ActRow)

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
        .values(state=sa.bindparam("target"), changed_at=tx.now)
    )
    rows = [
        {"key": key, "source": GrantState(source), "target": GrantState(target)}
        for key, source, target in moves.select(GRANT_MOVES.names()).iter_rows()
    ]
    if not touch_all(tx, change, rows):
        raise refused(StoreCode.CHANGED, "grants", "a grant was changed in between", "run the command again")


def record_act(tx: Writing, act: Act) -> None:
    """Write a person's dated act on a grant; the act itself moves no state."""
    count = sa.select(sa.func.count()).where(_ACT.c.grant_id == act.grant_id)
    row = {
        "grant_id": act.grant_id,
        "number": int(tx.connection.scalar(count) or 0) + 1,
        "kind": act.kind,
        "acted_on": act.acted_on,
        "recorded_at": act.recorded_at,
        "acted_by": act.by,
        "revision": next_revision(tx),
    }
    insert_rows(tx, ActRow, [row])


def read_grants(rx: Reading, *, policy: str | None = None, subjects: Sequence[str] | None = None) -> pl.DataFrame:
    """Return all grants, or those of one policy, or of some subjects, by id.

    Shape: the columns of `GRANTS`.
    """
    grant = as_seen(rx, GrantRow)
    chosen = sa.select(*(grant.c[name] for name in GRANTS.names()))
    if policy is not None:
        chosen = chosen.where(grant.c.policy == policy)
    if subjects is None:
        return read_frame(rx, chosen).sort("grant_id")
    wanted = pl.Series(sorted(set(subjects)), dtype=pl.String)
    return read_matching(rx, chosen, grant.c.subject_id, wanted).sort("grant_id")


def grant_of(rx: Reading, grant_id: str) -> Grant | None:
    """Return the grant with an id, or None."""
    chosen = sa.select(*(_GRANT.c[name] for name in GRANTS.names())).where(_GRANT.c.grant_id == grant_id)
    row = rx.connection.execute(chosen).one_or_none()
    if row is None:
        return None
    said = row._asdict()
    return Grant(**{**said, "cause": None if said["cause"] is None else Cause(said["cause"])})


def read_acts(rx: Reading, *, grants: Sequence[str] | None = None) -> tuple[Act, ...]:
    """Return all acts, or those on some grants, by grant, in the order they were recorded."""
    act = as_seen(rx, ActRow)
    chosen = sa.select(act).order_by(act.c.grant_id, act.c.number)
    if grants is not None:
        chosen = chosen.where(is_among(rx, act.c.grant_id, set(grants)))
    return tuple(
        Act(row.grant_id, row.kind, row.acted_on, row.recorded_at, row.acted_by)
        for row in rx.connection.execute(chosen)
    )
