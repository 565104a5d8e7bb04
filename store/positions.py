"""What the ledger holds: one row per obligation for everyone, whole records for a few, items to be paid."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

from core.ledger import GONE_OUT, HAD, UNINSTRUCTED, Item, ItemKind, ItemState, LedgerMark, Obligation
from store.opening import Reading
from store.past import as_seen, changed_since
from store.rows import in_place, read_frame, read_many, read_matching
from store.states.paying import CAME_BACK
from store.tables import BatchItem, GrantRow, ItemRow, ObligationRow, PostingRow, table_of
from store.tables.base import as_indexed
from store.tables.money import WAITING_ITEMS
from store.tables.paying import ENDED

_GRANT = table_of(GrantRow)
_OBLIGATION = table_of(ObligationRow)
_ITEM = table_of(ItemRow)
_LINE = table_of(BatchItem)
_POSTING = table_of(PostingRow)

_OWN = [each for each in _OBLIGATION.c if each.name != "revision"]
_WAITING = frozenset({ItemState.OPEN, ItemState.ON_HOLD, ItemState.RETURNED})
_SUMMED = ("obligation_id", "state", "amount_fen", "sequence")
_SUMS: Mapping[str, Collection[ItemState]] = {
    "uninstructed_fen": UNINSTRUCTED,
    "payable_fen": (ItemState.OPEN, ItemState.IN_BATCH),
    "on_hold_fen": (ItemState.ON_HOLD,),
    "returned_fen": (ItemState.RETURNED,),
    "instructed_fen": GONE_OUT,
    "paid_fen": HAD,
}
_OFF_THE_DUE = ("recovered_fen", "case_open_fen", "written_off_fen", "kept_fen")
_JOINED_MAX = 20_000  # grants whose rows the databases find faster than all rows are read
_JOINED_PART = 2  # so do they of a policy that has at most one in so many
_NAMED = ("policy", "subject_id", "event")


def read_positions(rx: Reading, *, policy: str | None = None, subjects: Sequence[str] | None = None) -> pl.DataFrame:
    """Return one row per obligation: of everyone, of one policy, or of some subjects; by id.

    Adds:  `obligation_id`, `grant_id`, `policy`, `subject_id`, `event`, `period`, `component`; `due_at_least_fen`,
           `due_at_most_fen`, `due_is_open` as last written; `held_fen`, `committed_fen`, `uninstructed_fen`
           (of it `payable_fen`: open or in a batch, `on_hold_fen`, `returned_fen`), `instructed_fen` (paid or
           not), `paid_fen`; `recovered_fen`, `written_off_fen`, `kept_fen`, `case_open_fen`; `last_sequence`,
           `version`.
    Nulls: `due_at_most_fen` null is no limit; nothing else is null.
    """
    grant, obligation, item = as_seen(rx, GrantRow), as_seen(rx, ObligationRow), as_seen(rx, ItemRow)
    grants = sa.select(*(grant.c[name] for name in ("grant_id", *_NAMED)))
    if policy is not None:
        grants = grants.where(grant.c.policy == policy)
    if subjects is None:
        named = read_many(rx, grants)
    else:
        named = read_matching(rx, grants, grant.c.subject_id, pl.Series(sorted(set(subjects)), dtype=pl.String))
    obligations = sa.select(*(each for each in obligation.c if each.name != "revision"))
    items = sa.select(*(item.c[name] for name in _SUMMED))
    if policy is None and subjects is None:
        written, held = read_many(rx, obligations), read_many(rx, items)
    elif subjects is None and _is_small(rx, grant, named.height):
        own = obligation.c.grant_id.in_(grants.with_only_columns(grant.c.grant_id))
        by_item = sa.select(*obligations.selected_columns, *(item.c[name] for name in _SUMMED[1:]))
        both = by_item.join_from(obligation, item, item.c.obligation_id == obligation.c.obligation_id, isouter=True)
        rows = read_many(rx, both.where(in_place(rx, obligation, own)))
        written = rows.select(each.name for each in obligations.selected_columns).unique("obligation_id")
        held = rows.select(_SUMMED).drop_nulls("sequence")
    else:
        written = read_matching(rx, obligations, obligation.c.grant_id, named["grant_id"])
        held = read_matching(rx, items, item.c.obligation_id, written["obligation_id"])
    return _positions(written, named, held)


def positions_changed_since(rx: Reading, mark: LedgerMark) -> pl.DataFrame:
    """Return the positions that a mark does not show as they are now, new ones among them: as `read_positions`."""
    changed = [read_frame(rx, changed_since(model, mark, "obligation_id")) for model in (ObligationRow, ItemRow)]
    ids = pl.concat(changed)["obligation_id"].unique()
    written = read_matching(rx, sa.select(*_OWN), _OBLIGATION.c.obligation_id, ids)
    held = read_matching(rx, sa.select(*(_ITEM.c[name] for name in _SUMMED)), _ITEM.c.obligation_id, ids)
    grants = sa.select(*(_GRANT.c[name] for name in ("grant_id", *_NAMED)))
    return _positions(written, read_matching(rx, grants, _GRANT.c.grant_id, written["grant_id"].unique()), held)


def _positions(written: pl.DataFrame, named: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Return obligations with their grants' names and what their items come to: as `read_positions`."""
    # Joined and summed here: for a whole district the databases take longer over it than over reading their tables.
    rows = (
        written.join(named, on="grant_id", how="inner", validate="m:1")
        .join(_sums(held), on="obligation_id", how="left", validate="1:1")
        .with_columns(pl.col("held_fen", *_SUMS, "last_sequence").fill_null(0))
    )
    return rows.with_columns(
        held_fen=pl.col("held_fen") - pl.col("recovered_fen"),
        committed_fen=pl.col("held_fen") - pl.sum_horizontal(*_OFF_THE_DUE),
    ).sort("obligation_id")


def _is_small(rx: Reading, grant: sa.FromClause, count: int) -> bool:
    """Say whether the rows of so many grants are found faster by the database than all rows are read."""
    every = 0 if count <= _JOINED_MAX else int(rx.connection.scalar(sa.select(sa.func.count()).select_from(grant)) or 0)
    return count <= max(_JOINED_MAX, every // _JOINED_PART)


def written_periods(rx: Reading, policies: Collection[str]) -> pl.DataFrame:
    """Return for which periods there are obligations of some policies: `policy`, `period`; sorted."""
    grant, obligation = as_seen(rx, GrantRow), as_seen(rx, ObligationRow)
    chosen = (
        sa.select(grant.c.policy, obligation.c.period)
        .join_from(grant, obligation, obligation.c.grant_id == grant.c.grant_id)
        .where(grant.c.policy.in_(sorted(policies)))
        .distinct()
    )
    return read_frame(rx, chosen).sort("policy", "period")


def _sums(items: pl.DataFrame) -> pl.DataFrame:
    """Return what the items of each obligation come to."""
    state = pl.col("state")
    counted = {
        "held_fen": state != ItemState.CANCELLED,
        **{name: state.is_in(sorted(states)) for name, states in _SUMS.items()},
    }
    # Each row's part of every sum first: a condition within the groups would be asked once for each of them.
    parts = {name: pl.when(counts).then("amount_fen").otherwise(0) for name, counts in counted.items()}
    rows = items.select("obligation_id", pl.col("sequence").alias("last_sequence"), **parts)
    return rows.group_by("obligation_id").agg(pl.col(*parts).sum(), pl.col("last_sequence").max())


def read_obligations(rx: Reading, obligation_ids: Sequence[str]) -> list[Obligation]:
    """Return whole obligations with their items, by id; ids that do not exist are left out."""
    wanted = pl.Series(sorted(set(obligation_ids)), dtype=pl.String)
    grant, obligation = as_seen(rx, GrantRow), as_seen(rx, ObligationRow)
    chosen = sa.select(*obligation.c, *(grant.c[name] for name in _NAMED))
    joined = chosen.join_from(obligation, grant, obligation.c.grant_id == grant.c.grant_id)
    rows = read_matching(rx, joined, obligation.c.obligation_id, wanted)
    items = _items_of(rx, wanted)
    names = [name for name in Obligation.__dataclass_fields__ if name != "items"]
    return [
        Obligation(**row, items=tuple(items[row["obligation_id"]]))
        for row in rows.select(names).sort("obligation_id").iter_rows(named=True)
    ]


def _items_of(rx: Reading, obligation_ids: pl.Series) -> defaultdict[str, list[Item]]:
    names = list(Item.__dataclass_fields__)
    item = as_seen(rx, ItemRow)
    chosen = sa.select(*(item.c[name] for name in names))
    rows = read_matching(rx, chosen, item.c.obligation_id, obligation_ids)
    found: defaultdict[str, list[Item]] = defaultdict(list)
    for row in rows.sort("obligation_id", "sequence").iter_rows(named=True):
        found[row["obligation_id"]].append(item_of(row))
    return found


def item_of(row: dict[str, Any]) -> Item:
    """Return the item in a row of a frame."""
    return Item(**row | {"kind": ItemKind(row["kind"]), "state": ItemState(row["state"])})


def written_in_run(rx: Reading, run_id: str) -> Mapping[str, pl.DataFrame]:
    """Return what a run wrote that is never edited: its `items`, by id, and its `postings`, by obligation.

    Adds: `item_id`, `obligation_id`, `sequence`, `amount_fen`, `kind`; `obligation_id`, `account`, `amount_fen`; and to
          both `policy`, `subject_id`, `period`, `component`.
    """
    named = (_GRANT.c.policy, _GRANT.c.subject_id, _OBLIGATION.c.period, _OBLIGATION.c.component)
    found = {}
    for name, table, columns in (
        ("items", _ITEM, ("item_id", "obligation_id", "sequence", "amount_fen", "kind")),
        ("postings", _POSTING, ("obligation_id", "account", "amount_fen")),
    ):
        chosen = (
            sa.select(*(table.c[each] for each in columns), *named)
            .join_from(table, _OBLIGATION, table.c.obligation_id == _OBLIGATION.c.obligation_id)
            .join(_GRANT, _OBLIGATION.c.grant_id == _GRANT.c.grant_id)
            .where(table.c.run_id == run_id)
        )
        found[name] = read_many(rx, chosen).sort(columns[:2])
    return found


def read_items(rx: Reading, *, states: Iterable[ItemState], policy: str | None = None) -> pl.DataFrame:
    """Return the items in some states, of everyone or of one policy, by id.

    Adds: `item_id`, `obligation_id`, `sequence`, `amount_fen`, `kind`, `state`, `opened_at`, `changed_at`, `run_id`;
          `grant_id`, `period`, `component`, `policy`, `subject_id`, `event`; `is_first`: nothing was ever
          instructed on its grant; `attempt`: which try to pay it would be, from 1; `is_reissue`: one before came back.
    """
    asked = frozenset(states)
    other = _ITEM.alias("other")
    its = _OBLIGATION.alias("its")
    went_out = (
        sa.select(its.c.grant_id)
        .join_from(other, its, other.c.obligation_id == its.c.obligation_id)
        .where(other.c.state.in_(sorted({*GONE_OUT, ItemState.RETURNED})))
        .distinct()
    )
    ended = as_indexed(ENDED, of=_LINE.name)
    before = (
        sa.select(sa.func.count()).where(_LINE.c.item_id == _ITEM.c.item_id, ended).correlate(_ITEM).scalar_subquery()
    )
    came_back = sa.exists().where(_LINE.c.item_id == _ITEM.c.item_id, ended, _LINE.c.state.in_(sorted(CAME_BACK)))
    chosen = (
        sa.select(
            *(each for each in _ITEM.c if each.name != "revision"),
            _OBLIGATION.c.grant_id,
            _OBLIGATION.c.period,
            _OBLIGATION.c.component,
            *(_GRANT.c[name] for name in _NAMED),
            (sa.type_coerce(before, sa.Integer) + 1).label("attempt"),
            sa.type_coerce(came_back.correlate(_ITEM), sa.Boolean).label("is_reissue"),
            sa.type_coerce(_OBLIGATION.c.grant_id.not_in(went_out), sa.Boolean).label("is_first"),
        )
        .join_from(_ITEM, _OBLIGATION, _ITEM.c.obligation_id == _OBLIGATION.c.obligation_id)
        .join(_GRANT, _OBLIGATION.c.grant_id == _GRANT.c.grant_id)
        .where(_ITEM.c.state.in_(asked))
    )
    if asked <= _WAITING:
        chosen = chosen.where(as_indexed(WAITING_ITEMS, of=_ITEM.name))
    if policy is not None:
        chosen = chosen.where(_GRANT.c.policy == policy)
    return read_many(rx, chosen).sort("item_id")


def has_reissues(rx: Reading) -> bool:
    """Say whether an open item waits that was tried before and came back."""
    chosen = (
        sa.select(_LINE.c.item_id)
        .join_from(_LINE, _ITEM, _LINE.c.item_id == _ITEM.c.item_id)
        .where(as_indexed(ENDED, of=_LINE.name), _LINE.c.state.in_(sorted(CAME_BACK)), _ITEM.c.state == ItemState.OPEN)
    )
    return rx.connection.execute(chosen.limit(1)).first() is not None
