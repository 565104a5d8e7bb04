"""Whose money the lines of batches are: reserved when a batch is frozen, and whatever becomes of it afterwards.

A line knows from which of its batch's fen on it is paid (`first_fen`), and with it what it takes of each purse; one that is
paid again keeps the place that it had in the batch which paid it first (`funded_by`), and so draws on what came back
of that batch's year. Nothing is written here: the moves are noted on the transaction, and posted before it commits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from core.shares import Purse, parts, parts_expr
from store.moved import Limit, Moved
from store.opening import Reading, Writing
from store.rows import insert_rows, read_matching
from store.states import PotAccount
from store.tables import Batch, BatchPurse, JournalEntry, table_of

_BATCH = table_of(Batch)
_PURSE = table_of(BatchPurse)
_ENTRY = table_of(JournalEntry)

PLACES = pl.Schema(
    {"item_id": pl.String(), "amount_fen": pl.Int64(), "funded_by": pl.String(), "first_fen": pl.Int64()}
)
"""Lines with their places; null: they were frozen before there were books, and none are kept of them."""


@dataclass(frozen=True, slots=True)
class Part:
    """What some lines take of one purse of the batch that funds them."""

    funded_by: str
    policy: str
    year: int
    purse: str
    amount_fen: int


def keep_purses(tx: Writing, batch_id: str, purses: Sequence[Purse], *, year: int) -> None:
    """Write down the purses of a new batch."""
    rows = [
        {
            "batch_id": batch_id,
            "place": place,
            "year": year,
            "name": purse.name,
            "level": purse.level,
            "account": purse.account,
            "project": purse.project,
            "weight": purse.weight,
        }
        for place, purse in enumerate(purses)
    ]
    insert_rows(tx, BatchPurse, rows)


def purses_of(rx: Reading, batch_id: str) -> tuple[Purse, ...]:
    """Return the purses of a batch in their order; none where it was frozen before there were books."""
    names = tuple(Purse.__dataclass_fields__)
    chosen = sa.select(*(_PURSE.c[name] for name in names)).where(_PURSE.c.batch_id == batch_id)
    return tuple(Purse(*row) for row in rx.connection.execute(chosen.order_by(_PURSE.c.place)))


def placed(lines: pl.DataFrame, before: pl.DataFrame, batch_id: str) -> pl.DataFrame:
    """Return the lines of a new batch with their places, by item.

    Shape:  `lines` has `item_id` and `amount_fen`; `before` has the places of those that came back: `PLACES`.
    Adds:   `funded_by`, `first_fen`.
    """
    old = before.select("item_id", "funded_by", "first_fen").drop_nulls()
    found = lines.sort("item_id").join(old, on="item_id", how="left", validate="1:1", maintain_order="left")
    fresh = pl.when(pl.col("funded_by").is_null()).then("amount_fen").otherwise(0)
    return found.with_columns(
        first_fen=pl.coalesce("first_fen", fresh.cum_sum() - fresh),
        funded_by=pl.col("funded_by").fill_null(batch_id),
    )


def parts_of(rx: Reading, lines: pl.DataFrame) -> list[Part]:
    """Return what lines take of each purse: `PLACES`, by the batch that funds them and its purses in order."""
    known = lines.drop_nulls("funded_by")
    funders = known["funded_by"].unique().sort()
    chosen = sa.select(
        _PURSE.c.batch_id, _PURSE.c.place, _PURSE.c.year, _PURSE.c.name, _PURSE.c.weight, _BATCH.c.policy
    )
    joined = chosen.join_from(_PURSE, _BATCH, _PURSE.c.batch_id == _BATCH.c.batch_id)
    purses = read_matching(rx, joined, _PURSE.c.batch_id, funders.rename("batch_id")).sort("batch_id", "place")
    found = []
    by_funder = known.partition_by("funded_by", as_dict=True)
    for (funder,), own in purses.partition_by("batch_id", as_dict=True, maintain_order=True).items():
        amounts = _sums(by_funder[funder,], own["weight"].to_list())
        for (policy, year, name), amount_fen in zip(
            own.select("policy", "year", "name").iter_rows(), amounts, strict=True
        ):
            found.append(Part(str(funder), policy, year, name, amount_fen))
    return found


def _sums(lines: pl.DataFrame, weights: Sequence[int]) -> tuple[int, ...]:
    if len(weights) == 1:
        return (int(lines["amount_fen"].sum()),)
    first = pl.col("first_fen")
    ends = zip(parts_expr(first + pl.col("amount_fen"), weights), parts_expr(first, weights), strict=True)
    return lines.select((end - start).sum().alias(f"{place}") for place, (end, start) in enumerate(ends)).row(0)


def reserve(tx: Writing, batch_id: str, lines: pl.DataFrame, *, pays_on: bool = False) -> None:
    """Set money aside for the lines of a batch: out of the budget, or out of what came back of those paid again.

    Expects: `keep_purses` came before. With `pays_on` the budget may be exceeded, for the rule says so.
    """
    for part in parts_of(tx, lines):
        if part.funded_by == batch_id:
            limit = Limit.EXTEND if pays_on else Limit.KEEP
            way, event = (PotAccount.BUDGET, PotAccount.RESERVED), "frozen"
        else:
            limit, way, event = Limit.KEEP, (PotAccount.RETURNED, PotAccount.RESERVED), "reissued"
        tx.moved.append(Moved(part.policy, part.year, part.purse, *way, part.amount_fen, batch_id, event, limit))


def release(tx: Writing, batch_id: str, lines: pl.DataFrame) -> None:
    """Give back what was set aside for lines that leave a batch before it goes out."""
    for part in parts_of(tx, lines):
        back = PotAccount.BUDGET if part.funded_by == batch_id else PotAccount.RETURNED
        _note(tx, batch_id, [part], (PotAccount.RESERVED, back), "released")


def send(tx: Writing, batch_id: str, lines: pl.DataFrame) -> None:
    """Put what was set aside for lines under way: they are instructed."""
    _note(tx, batch_id, parts_of(tx, lines), (PotAccount.RESERVED, PotAccount.IN_TRANSIT), "exported")


def settle(tx: Writing, batch_id: str, *, paid: pl.DataFrame, failed: pl.DataFrame) -> None:
    """Take lines that were under way as paid, or as come back."""
    _note(tx, batch_id, parts_of(tx, paid), (PotAccount.IN_TRANSIT, PotAccount.PAID), "paid")
    _note(tx, batch_id, parts_of(tx, failed), (PotAccount.IN_TRANSIT, PotAccount.RETURNED), "failed")


def return_late(tx: Writing, batch_id: str, lines: pl.DataFrame) -> None:
    """Take lines as come back that had been paid, in the year in whose books they were."""
    for part in parts_of(tx, lines):
        for year, amount_fen in _paid_in(tx, batch_id, part):
            way = (PotAccount.PAID, PotAccount.RETURNED)
            tx.moved.append(Moved(part.policy, year, part.purse, *way, amount_fen, batch_id, "returned"))


def forgo(tx: Writing, lines: pl.DataFrame) -> None:
    """Give up paying again what came back: it is budget once more, or surrendered where its year is closed.

    Shape: `PLACES` and `batch_id`, from which they came back.
    """
    for (batch_id,), own in lines.partition_by("batch_id", as_dict=True, maintain_order=True).items():
        _note(tx, str(batch_id), parts_of(tx, own), (PotAccount.RETURNED, PotAccount.BUDGET), "forgone")


def _note(tx: Writing, document: str, found: Sequence[Part], way: tuple[PotAccount, PotAccount], event: str) -> None:
    tx.moved.extend(Moved(part.policy, part.year, part.purse, *way, part.amount_fen, document, event) for part in found)


def _paid_in(rx: Reading, batch_id: str, part: Part) -> Iterator[tuple[int, int]]:
    """Give in which years an amount of a batch was paid, the last one first; a batch may be settled across two."""
    is_paid = _ENTRY.c.target == PotAccount.PAID
    net = sa.func.sum(sa.case((is_paid, _ENTRY.c.amount_fen), else_=-_ENTRY.c.amount_fen)).label("net_fen")
    chosen = (
        sa.select(_ENTRY.c.year, net)
        .where(
            _ENTRY.c.document == batch_id,
            _ENTRY.c.policy == part.policy,
            _ENTRY.c.purse == part.purse,
            sa.or_(is_paid, _ENTRY.c.source == PotAccount.PAID),
        )
        .group_by(_ENTRY.c.year)
        .order_by(_ENTRY.c.year.desc())
    )
    left_fen = part.amount_fen
    for year, net_fen in rx.connection.execute(chosen):
        taken_fen = min(left_fen, max(int(net_fen), 0))
        left_fen -= taken_fen
        if taken_fen:
            yield year, taken_fen
    if left_fen:  # returned before anybody said that it was paid
        yield part.year, left_fen


def parts_at(rx: Reading, funded_by: str, first_fen: int, amount_fen: int) -> list[Part]:
    """Return what some fen of a batch take of its purses, from one on."""
    chosen = (
        sa.select(_BATCH.c.policy, _PURSE.c.year, _PURSE.c.name, _PURSE.c.weight)
        .join_from(_PURSE, _BATCH, _PURSE.c.batch_id == _BATCH.c.batch_id)
        .where(_PURSE.c.batch_id == funded_by)
        .order_by(_PURSE.c.place)
    )
    purses = rx.connection.execute(chosen).all()
    weights = [purse.weight for purse in purses]
    if not weights:
        return []
    ends, starts = parts(first_fen + amount_fen, weights), parts(first_fen, weights)
    return [
        Part(funded_by, purse.policy, purse.year, purse.name, end - start)
        for purse, end, start in zip(purses, ends, starts, strict=True)
    ]
