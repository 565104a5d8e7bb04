"""The one way to write on the ledger: everything one night or one act changes, at once or not at all.

Guards: the table of item transitions, the version of every obligation touched, the amounts posted before,
and below them the constraints of the tables. Reading stands in `store.positions` and `store.grants`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl
import sqlalchemy as sa

from core.ledger import ItemState
from store.batches import came_back
from store.case_steps import CaseDeed
from store.cases import follow_cases
from store.changing import run_many, touch_all
from store.codes import StoreInvariantError
from store.freezing import leave_batches
from store.grants import GRANT_DAYS, GRANT_MOVES, GRANTS, add_grants, move_grants, redate_grants
from store.items import ITEM_MOVES, ITEMS, add_items, changed_in_between, check_moves, move_items
from store.line_funds import forgo
from store.opening import Writing
from store.past import keep_replaced, next_revision
from store.receivables import follow_obligations
from store.rows import insert_frame
from store.states.funds import Account
from store.tables import ObligationRow, PostingRow, table_of

_OBLIGATION = table_of(ObligationRow)

OBLIGATIONS = pl.Schema(
    {"obligation_id": pl.String(), "grant_id": pl.String(), "period": pl.String(), "component": pl.String()}
)
"""New obligations."""

DUES = pl.Schema(
    {"obligation_id": pl.String(), "at_least_fen": pl.Int64(), "at_most_fen": pl.Int64(), "is_open": pl.Boolean()}
)
"""What is due on obligations by today's knowledge; `at_most_fen` null is no limit."""

POSTINGS = pl.Schema(
    {
        "obligation_id": pl.String(),
        "account": pl.String(),
        "before_fen": pl.Int64(),
        "after_fen": pl.Int64(),
        "because": pl.String(),
    }
)
"""Amounts that stand beside items and change."""

_PARAMETERS = {"due_at_least_fen": "least", "due_at_most_fen": "most", "due_is_open": "open"}
_DUE = {"least": "at_least_fen", "most": "at_most_fen", "open": "is_open"}
"""By which parameters statements take the columns of `DUES`."""

SEEN = pl.Schema({"obligation_id": pl.String(), "version": pl.Int64()})
"""The versions that obligations had when they were read."""

_WITHOUT_BATCH = frozenset({ItemState.OPEN, ItemState.ON_HOLD, ItemState.SET_OFF, ItemState.CANCELLED})
"""Where items go here; `store.batch_steps` and `store.payouts` take them to every other state."""

_SUM_OF = {
    Account.RECOVERED: _OBLIGATION.c.recovered_fen,
    Account.WRITTEN_OFF: _OBLIGATION.c.written_off_fen,
    Account.KEPT: _OBLIGATION.c.kept_fen,
    Account.CASE: _OBLIGATION.c.case_open_fen,
}


@dataclass(frozen=True, slots=True)
class LedgerChanges:
    """Everything to write at once; each frame has the columns of the schema of its name.

    `seen` holds the version of every obligation that gets items, moves or postings and is not new.
    """

    grants: pl.DataFrame = field(default_factory=GRANTS.to_frame)
    grant_moves: pl.DataFrame = field(default_factory=GRANT_MOVES.to_frame)
    grant_days: pl.DataFrame = field(default_factory=GRANT_DAYS.to_frame)
    obligations: pl.DataFrame = field(default_factory=OBLIGATIONS.to_frame)
    dues: pl.DataFrame = field(default_factory=DUES.to_frame)
    items: pl.DataFrame = field(default_factory=ITEMS.to_frame)
    item_moves: pl.DataFrame = field(default_factory=ITEM_MOVES.to_frame)
    postings: pl.DataFrame = field(default_factory=POSTINGS.to_frame)
    seen: pl.DataFrame = field(default_factory=SEEN.to_frame)


def write_ledger(tx: Writing, changes: LedgerChanges, *, run_id: str | None, deed: CaseDeed | None = None) -> None:
    """Write changes; `run_id` is None where a person made them, and `deed` is what that person did on a case.

    Expects: dues only where they differ from those written last.
    Fails:   RefusedError where somebody else wrote on the same obligations or grants in between;
             StoreInvariantError where a change does not fit the ledger.
    """
    add_grants(tx, changes.grants, run_id=run_id)
    move_grants(tx, changes.grant_moves)
    redate_grants(tx, changes.grant_days)
    _keep_touched(tx, changes)
    _add_obligations(tx, changes.obligations, changes.dues)
    versions = _write_touched(tx, changes)
    add_items(tx, changes.items, run_id=run_id)
    _leave_batches(tx, changes.item_moves)
    move_items(tx, changes.item_moves)
    cancelled = changes.item_moves.filter(pl.col("target") == ItemState.CANCELLED)["item_id"]
    if not cancelled.is_empty():
        forgo(tx, came_back(tx, cancelled))
    _post(tx, changes.postings, versions, run_id=run_id)
    follow_cases(tx, changes.postings, run_id=run_id, deed=deed)
    follow_obligations(tx, changes.postings)
    _write_dues(tx, changes.dues.join(versions, on="obligation_id", how="anti"))


def _keep_touched(tx: Writing, changes: LedgerChanges) -> None:
    """Keep what every obligation says that is not new and that gets a due, a posting, an item or a move."""
    touching = (changes.items, changes.item_moves, changes.postings, changes.dues)
    touched = pl.concat([frame.select("obligation_id") for frame in touching]).unique()
    old = touched.join(changes.obligations, on="obligation_id", how="anti")
    keep_replaced(tx, ObligationRow, old["obligation_id"].sort())


def _add_obligations(tx: Writing, obligations: pl.DataFrame, dues: pl.DataFrame) -> None:
    sums = {column.key: pl.lit(0, dtype=pl.Int64) for column in _SUM_OF.values()}
    due = dues.select(
        "obligation_id",
        due_at_least_fen="at_least_fen",
        due_at_most_fen="at_most_fen",
        due_is_open="is_open",
    )
    known = obligations.select(OBLIGATIONS.names()).join(due, on="obligation_id", how="left", validate="1:1")
    insert_frame(
        tx,
        ObligationRow,
        known.with_columns(
            # Nulls: an obligation written without a due owes nothing yet; only a given due may have no limit.
            due_at_most_fen=pl.when(pl.col("due_is_open").is_null()).then(0).otherwise("due_at_most_fen"),
            due_at_least_fen=pl.col("due_at_least_fen").fill_null(0),
            due_is_open=pl.col("due_is_open").fill_null(value=False),
            version=pl.lit(1, dtype=pl.Int64),
            revision=pl.lit(next_revision(tx)),
            **sums,
        ),
    )


def _write_touched(tx: Writing, changes: LedgerChanges) -> pl.DataFrame:
    """Raise the versions of all obligations touched, and write what is due on them; return all with their versions now.

    Both by one update: a database keeps a row that is changed twice three times.
    """
    touched = pl.concat(
        [frame.select("obligation_id") for frame in (changes.items, changes.item_moves, changes.postings)]
    ).unique()
    old = touched.join(changes.obligations, on="obligation_id", how="anti")
    seen = old.join(changes.seen, on="obligation_id", how="left", validate="1:1")
    if seen["version"].null_count():
        raise StoreInvariantError(f"{seen['version'].null_count()} obligations are written on without their version")
    due = {name: sa.bindparam(given, type_=_OBLIGATION.c[name].type) for name, given in _PARAMETERS.items()}
    is_due_kept = due["due_at_least_fen"].is_(None)
    change = (
        sa.update(_OBLIGATION)
        .where(_OBLIGATION.c.obligation_id == sa.bindparam("key"), _OBLIGATION.c.version == sa.bindparam("seen"))
        .values(
            version=_OBLIGATION.c.version + 1,
            **{name: sa.case((is_due_kept, _OBLIGATION.c[name]), else_=value) for name, value in due.items()},
        )
    )
    rows = seen.join(changes.dues, on="obligation_id", how="left", validate="1:1").sort("obligation_id")
    if not touch_all(tx, change, rows.select(key="obligation_id", seen="version", **_DUE)):
        raise changed_in_between()
    new = changes.obligations.select("obligation_id", version=pl.lit(1, dtype=pl.Int64))
    return pl.concat([seen.with_columns(pl.col("version") + 1), new])


def _leave_batches(tx: Writing, moves: pl.DataFrame) -> None:
    """Take items out of batches that have not gone out; their batches are frozen anew."""
    check_moves(moves)
    if not set(moves["target"]) <= _WITHOUT_BATCH:
        raise StoreInvariantError("an item is collected, instructed, paid or returned with its batch alone")
    leave_batches(tx, moves.filter(pl.col("source") == ItemState.IN_BATCH)["item_id"])


def _post(tx: Writing, postings: pl.DataFrame, versions: pl.DataFrame, *, run_id: str | None) -> None:
    for (account,), part in postings.group_by("account", maintain_order=True):
        column = _SUM_OF[Account(str(account))]
        change = (
            sa.update(_OBLIGATION)
            .where(_OBLIGATION.c.obligation_id == sa.bindparam("key"), column == sa.bindparam("before"))
            .values({column: sa.bindparam("after")})
        )
        if not touch_all(tx, change, part.select(key="obligation_id", before="before_fen", after="after_fen")):
            raise changed_in_between()
    insert_frame(
        tx,
        PostingRow,
        postings.join(versions, on="obligation_id", how="left", validate="m:1").select(
            "obligation_id",
            "version",
            "account",
            "because",
            amount_fen=pl.col("after_fen") - pl.col("before_fen"),
            posted_at=pl.lit(tx.now),
            run_id=pl.lit(run_id, dtype=pl.String),
        ),
    )


def _write_dues(tx: Writing, dues: pl.DataFrame) -> None:
    """Write what is due on obligations where nothing else changes; their versions stay."""
    change = (
        sa.update(_OBLIGATION)
        .where(_OBLIGATION.c.obligation_id == sa.bindparam("key"))
        .values(**{name: sa.bindparam(given) for name, given in _PARAMETERS.items()})
    )
    rows = dues.sort("obligation_id").select(key="obligation_id", **_DUE)
    if run_many(tx, change, rows) != rows.height:
        raise StoreInvariantError("a due was given for an obligation that does not exist")


def changes_of(parts: Iterable[LedgerChanges]) -> LedgerChanges:
    """Return several changes as one."""
    every = list(parts) or [LedgerChanges()]
    names = LedgerChanges.__dataclass_fields__
    return LedgerChanges(**{name: pl.concat([getattr(part, name) for part in every]) for name in names})
