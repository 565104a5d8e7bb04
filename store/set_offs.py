"""What is kept back from payments for claims (抵扣): items that are set off and not sent, and the same fen off the claims.

Which payments, and how much of each, is decided in `delivery.setting_off`. What is set off is had like what is paid:
the obligation has got it, and where it turns out not to be due it is claimed like any other money.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl
import sqlalchemy as sa

from core.ledger import ItemState, Obligation
from core.roles import NIGHT
from core.shares import ONE_PURSE, Purse, parts
from store.case_steps import CaseDeed, CaseRecord
from store.cases import chosen_for_set_off
from store.items import ITEM_MOVES, ITEMS, changed_in_between
from store.journal import SET_OFF
from store.ledger import POSTINGS, SEEN, LedgerChanges, write_ledger
from store.moved import Limit, Moved
from store.opening import Reading, Writing
from store.positions import read_obligations
from store.rows import insert_frame, read_frame
from store.states.cases import CaseAction
from store.states.funds import Account, PotAccount
from store.tables import GrantRow, ItemRow, ObligationRow, SetOff, table_of

_SET_OFF = table_of(SetOff)
_ITEM = table_of(ItemRow)
_OBLIGATION = table_of(ObligationRow)
_GRANT = table_of(GrantRow)

PARTS = pl.Schema(
    {
        "source_id": pl.String(),  # the open item that this is all or a part of
        "item_id": pl.String(),  # the same, where it is all of it
        "sequence": pl.Int64(),
        "obligation_id": pl.String(),
        "kind": pl.String(),
        "amount_fen": pl.Int64(),
        "case_id": pl.String(),  # for which it is kept back; null: this part is paid
    }
)
"""What becomes of open items of which something is kept back."""

SET_OFFS = pl.Schema(
    {
        "case_id": pl.String(),
        "item_id": pl.String(),
        "amount_fen": pl.Int64(),
        "pay_day": pl.Date(),
        "policy": pl.String(),  # of the payment, as the rest
        "subject_id": pl.String(),
        "period": pl.String(),
    }
)
"""What was kept back, one row an item."""


@dataclass(frozen=True, slots=True)
class KeptBack:
    """What is kept back of the payments of one policy and pay day, and out of which purses they would be paid.

    `first_fen` is what the same purses pay out on that day: what is kept back stands behind it in their shares.
    """

    policy: str
    pay_day: dt.date
    parts: pl.DataFrame = field(repr=False)  # `PARTS`
    purses: tuple[Purse, ...] = (ONE_PURSE,)
    first_fen: int = 0
    pays_on: bool = False


def keep_back(tx: Writing, kept: KeptBack, *, run_id: str | None) -> None:
    """Set off what is kept back: items split where they have to be, claims lowered, the money booked as paid and recovered.

    Fails: RefusedError where an item is no longer open, or a claim may no longer be set off, or not so much of it.
    """
    off = kept.parts.drop_nulls("case_id")
    cases = {case.case_id: case for case in chosen_for_set_off(tx, off["case_id"].unique().sort())}
    taken = dict(off.group_by("case_id").agg(pl.col("amount_fen").sum()).sort("case_id").iter_rows())
    if any(case_id not in cases or cases[case_id].amount_fen < fen for case_id, fen in taken.items()):
        raise changed_in_between()
    touched = [*kept.parts["obligation_id"], *(case.obligation_id for case in cases.values())]
    obligations = {each.obligation_id: each for each in read_obligations(tx, touched)}
    _refuse_moved(kept.parts, obligations)
    because = f"payment of {kept.pay_day}"
    claims = [(cases[case_id], obligations[cases[case_id].obligation_id], fen) for case_id, fen in taken.items()]
    changes = LedgerChanges(
        items=_new_items(kept.parts),
        item_moves=_moves(kept.parts),
        postings=pl.DataFrame(list(_postings(claims, because)), schema=POSTINGS, orient="row"),
        seen=pl.DataFrame(sorted((key, each.version) for key, each in obligations.items()), schema=SEEN, orient="row"),
    )
    deed = CaseDeed(CaseAction.KEPT_BACK, NIGHT, because, acted_on=kept.pay_day)
    write_ledger(tx, changes, run_id=None, deed=deed)
    tx.moved.extend(_money(kept, off))
    rows = off.select("item_id", "case_id", "amount_fen")
    insert_frame(
        tx,
        SetOff,
        rows.with_columns(
            pay_day=pl.lit(kept.pay_day), set_off_at=pl.lit(tx.now), run_id=pl.lit(run_id, dtype=pl.String)
        ),
    )


def _refuse_moved(found: pl.DataFrame, obligations: Mapping[str, Obligation]) -> None:
    """Refuse parts of items that are open no more, or numbers that others have taken by now."""
    for obligation_id, source_id, item_id, number in found.select(
        "obligation_id", "source_id", "item_id", "sequence"
    ).iter_rows():
        items = {item.item_id: item for item in obligations[obligation_id].items}
        is_open = source_id in items and items[source_id].state is ItemState.OPEN
        is_taken = item_id != source_id and number <= max(item.sequence for item in items.values())
        if not is_open or is_taken:
            raise changed_in_between()


def _new_items(found: pl.DataFrame) -> pl.DataFrame:
    """Return the parts that are items of their own."""
    state = pl.when(pl.col("case_id").is_null()).then(pl.lit(ItemState.OPEN.value))
    split = found.filter(pl.col("item_id") != pl.col("source_id"))
    return split.with_columns(state=state.otherwise(pl.lit(ItemState.SET_OFF.value))).select(ITEMS.names()).cast(ITEMS)


def _moves(found: pl.DataFrame) -> pl.DataFrame:
    """Return where the open items go: set off whole, or cancelled for their parts."""
    is_whole = pl.col("item_id") == pl.col("source_id")
    return (
        found.with_columns(
            target=pl.when(is_whole).then(pl.lit(ItemState.SET_OFF.value)).otherwise(pl.lit(ItemState.CANCELLED.value))
        )
        .unique("source_id", maintain_order=True)
        .select(
            item_id="source_id", obligation_id="obligation_id", source=pl.lit(ItemState.OPEN.value), target="target"
        )
        .cast(ITEM_MOVES)
    )


def _postings(
    claims: Sequence[tuple[CaseRecord, Obligation, int]], because: str
) -> Iterator[tuple[str, str, int, int, str]]:
    for case, own, fen in claims:
        if own.case_open_fen != case.amount_fen:
            raise changed_in_between()
        key = own.obligation_id
        yield key, Account.RECOVERED, own.recovered_fen, own.recovered_fen + fen, because
        yield key, Account.CASE, own.case_open_fen, own.case_open_fen - fen, because


def _money(kept: KeptBack, off: pl.DataFrame) -> Iterator[Moved]:
    """Give what the purses have paid with it: as if it had been sent, and come back at once."""
    weights = [purse.weight for purse in kept.purses]
    limit = Limit.EXTEND if kept.pays_on else Limit.KEEP
    reached_fen = kept.first_fen
    for obligation_id, amount_fen in off.select("obligation_id", "amount_fen").iter_rows():
        ends, starts = parts(reached_fen + amount_fen, weights), parts(reached_fen, weights)
        reached_fen += amount_fen
        for purse, end, start in zip(kept.purses, ends, starts, strict=True):
            pot = (kept.policy, kept.pay_day.year, purse.name)
            yield Moved(*pot, PotAccount.BUDGET, PotAccount.PAID, end - start, obligation_id, SET_OFF, limit)


def set_offs_for(rx: Reading, case_id: str) -> pl.DataFrame:
    """Return what was kept back for one case, by pay day: `SET_OFFS`."""
    return _set_offs(rx, _SET_OFF.c.case_id == case_id)


def set_offs_of(rx: Reading, subject_id: str, *, since: dt.date, through: dt.date) -> pl.DataFrame:
    """Return what was kept back from a subject's payments with a pay day from one day to another: `SET_OFFS`."""
    return _set_offs(rx, sa.and_(_GRANT.c.subject_id == subject_id, _SET_OFF.c.pay_day.between(since, through)))


def _set_offs(rx: Reading, which: sa.ColumnElement[bool]) -> pl.DataFrame:
    chosen = (
        sa.select(
            *(_SET_OFF.c[name] for name in ("case_id", "item_id", "amount_fen", "pay_day")),
            _GRANT.c.policy,
            _GRANT.c.subject_id,
            _OBLIGATION.c.period,
        )
        .join_from(_SET_OFF, _ITEM, _SET_OFF.c.item_id == _ITEM.c.item_id)
        .join(_OBLIGATION, _ITEM.c.obligation_id == _OBLIGATION.c.obligation_id)
        .join(_GRANT, _OBLIGATION.c.grant_id == _GRANT.c.grant_id)
        .where(which)
    )
    return read_frame(rx, chosen).select(SET_OFFS.names()).cast(SET_OFFS).sort("pay_day", "policy", "period", "item_id")
