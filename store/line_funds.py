"""Whose money the lines of batches are: reserved when a batch is frozen, and whatever becomes of it afterwards.

A line knows from which of its batch's fen on it is paid (`first_fen`), and with it what it takes of each purse; one that is
paid again keeps the place that it had in the batch which paid it first (`funded_by`), and so draws on what came back
of that batch's year. Nothing is written here: the moves are noted on the transaction, and posted before it commits.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from core.shares import ONE_PURSE, Purse, parts, parts_expr
from store.moved import Limit, Moved
from store.opening import Reading, Writing
from store.rows import insert_rows, read_matching
from store.states.funds import PotAccount
from store.states.paying import CAME_BACK, IN_DOUBT, AttemptState
from store.tables import Batch, BatchPurse, JournalEntry, table_of

_BATCH = table_of(Batch)
_PURSE = table_of(BatchPurse)
_ENTRY = table_of(JournalEntry)

PLACES = pl.Schema(
    {"item_id": pl.String(), "amount_fen": pl.Int64(), "funded_by": pl.String(), "first_fen": pl.Int64()}
)
"""Lines with their places; null: they were frozen before there were books, and none are kept of them."""


@dataclass(frozen=True, slots=True)
class Funding:
    """Out of which purses a batch is paid, and whether beyond what they have left."""

    purses: tuple[Purse, ...] = (ONE_PURSE,)
    pays_on: bool = False


_BACK = (PotAccount.IN_TRANSIT, PotAccount.RETURNED)

MONEY_OF: Mapping[tuple[AttemptState, AttemptState], tuple[PotAccount, PotAccount]] = {
    **{(source, AttemptState.CONFIRMED_PAID): (PotAccount.IN_TRANSIT, PotAccount.PAID) for source in IN_DOUBT},
    **{(source, target): _BACK for source in IN_DOUBT for target in CAME_BACK},
    (AttemptState.CONFIRMED_PAID, AttemptState.RETURNED): (PotAccount.PAID, PotAccount.RETURNED),
    (AttemptState.RETURNED, AttemptState.CONFIRMED_PAID): (PotAccount.RETURNED, PotAccount.PAID),
}
"""From which account to which money goes with an attempt; by every other move it stays where it is."""

OUT_OF_ONE = Funding()
"""How a batch is paid of whose rule nobody knows more."""


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
    found = []
    for own, purses in _funded(rx, lines):
        amounts = _sums(own, purses["weight"].to_list())
        for (funder, policy, year, name), amount_fen in zip(
            purses.select("batch_id", "policy", "year", "name").iter_rows(), amounts, strict=True
        ):
            found.append(Part(funder, policy, year, name, amount_fen))
    return found


def _sums(lines: pl.DataFrame, weights: Sequence[int]) -> tuple[int, ...]:
    if len(weights) == 1:
        return (int(lines["amount_fen"].sum()),)
    first = pl.col("first_fen")
    ends = zip(parts_expr(first + pl.col("amount_fen"), weights), parts_expr(first, weights), strict=True)
    return lines.select((end - start).sum().alias(f"{place}") for place, (end, start) in enumerate(ends)).row(0)


def split_lines(rx: Reading, lines: pl.DataFrame) -> pl.DataFrame | None:
    """Return what each line takes of each purse, as a payment order says it; None where no rule names purses.

    Shape: `PLACES` and `reference` in; `reference`, `funding_line`, `account_code`, `amount_fen` out, by the purses in
           order, then as the lines stand. What a line takes nothing of is left out.
    """
    named = [_split(own, purses) for own, purses in _funded(rx, lines)]
    if all(frame["account_code"].is_null().all() and frame["funding_line"].n_unique() == 1 for frame in named):
        return None
    return pl.concat(named).with_columns(pl.col("account_code").fill_null(""))


def _split(lines: pl.DataFrame, purses: pl.DataFrame) -> pl.DataFrame:
    first, weights = pl.col("first_fen"), purses["weight"].to_list()
    ends, starts = parts_expr(first + pl.col("amount_fen"), weights), parts_expr(first, weights)
    parted = [
        lines.select(
            "reference", funding_line=pl.lit(name), account_code=pl.lit(code, pl.String), amount_fen=end - start
        )
        for name, code, end, start in zip(purses["name"], purses["account"], ends, starts, strict=True)
    ]
    return pl.concat(parted).filter(pl.col("amount_fen") > 0)


def _funded(rx: Reading, lines: pl.DataFrame) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Give the lines of each batch that funds some, with its purses in order."""
    known = lines.drop_nulls("funded_by")
    funders = known["funded_by"].unique().sort()
    chosen = sa.select(*(_PURSE.c[name] for name in ("batch_id", "place", "year", "name", "account", "weight")))
    joined = chosen.add_columns(_BATCH.c.policy).join_from(_PURSE, _BATCH, _PURSE.c.batch_id == _BATCH.c.batch_id)
    purses = read_matching(rx, joined, _PURSE.c.batch_id, funders.rename("batch_id")).sort("batch_id", "place")
    by_funder = known.partition_by("funded_by", as_dict=True, maintain_order=True)
    for (funder,), own in purses.partition_by("batch_id", as_dict=True, maintain_order=True).items():
        yield by_funder[funder,], own


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


def answer(tx: Writing, batch_id: str, lines: pl.DataFrame, way: tuple[PotAccount, PotAccount]) -> None:
    """Take lines as the bank said: paid, come back, or come back after they had been paid, in the year that paid them."""
    found = parts_of(tx, lines)
    if way[0] is not PotAccount.PAID:
        _note(tx, batch_id, found, way, way[1].value)
        return
    for part in found:
        for year, amount_fen in _paid_in(tx, batch_id, part):
            tx.moved.append(Moved(part.policy, year, part.purse, *way, amount_fen, batch_id, "returned_late"))


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
