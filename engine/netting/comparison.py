"""Dues × ledger → what to write: the difference of every netting unit of a night.

Most units stay as they are or only lack one item; those are found on frames (`engine.netting.screening`). The rest
are settled one by one (`engine.netting.difference`). A law says that both ways come to the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from core import ids
from core.ledger import Due, ItemState, Obligation
from engine.decide import Decision
from engine.grace import Standing
from engine.netting import screening
from engine.netting.binding import bound_units
from engine.netting.difference import settle
from engine.netting.settlement import CancelItem, Change, HoldItem, OpenItem, Posting, ReleaseItem, Settlement
from engine.netting.units import Claimed, Member, NettingUnit, merged_unit
from engine.people import GRANT_KEY, Present
from store import items, ledger
from store.opening import Reading
from store.positions import read_obligations

UNIT = ("policy", "subject_id", "event", "period", "component")
"""What one unit is for, outside of groups and caps: obligations of merged subjects share it."""

UNIT_ORDER = ("unit_key", "dated_on", "period", "event", "policy", "subject_id", "component")
"""How the members of a unit stand: oldest first."""


SETTLED = pl.Schema(
    {"grant_id": pl.String(), "period": pl.String(), "due_at_least_fen": pl.Int64(), "instructed_fen": pl.Int64()}
)
"""Positions that a night has not looked at."""


@dataclass(frozen=True)
class Comparison:
    """The units of a night and what settling them comes to.

    `units`: one row per unit with `UNIT`, `unit_key`, `obligation_id` (of the surviving grant), `grant_id`, the due,
    and what the ledger holds. `settlements`: the changes of units that need more than one new item. `settled`: of grants
    that have a new unit, the positions that the night did not look at, where it may be asked what came before.
    """

    units: pl.DataFrame
    new_items: pl.DataFrame
    settlements: tuple[Settlement, ...]
    touched: Mapping[str, Obligation]
    settled: pl.DataFrame

    @cached_property
    def ledger_changes(self) -> ledger.LedgerChanges:
        """Return what is to be written on obligations and items."""
        written = [change for settlement in self.settlements for change in settlement.changes]
        opened = pl.concat([self._screened_items(), _items(written)])
        return ledger.LedgerChanges(
            obligations=self._new_obligations(opened["obligation_id"]),
            dues=self._changed_dues(opened["obligation_id"]),
            items=opened,
            item_moves=_moves(written),
            postings=_postings(written),
            seen=self._seen(opened, written),
        )

    def _screened_items(self) -> pl.DataFrame:
        made = [ids.item_id(*row) for row in self.new_items.select("obligation_id", "sequence").iter_rows()]
        named = self.new_items.with_columns(pl.Series("item_id", made, dtype=pl.String))
        return named.select(*items.ITEMS.names()).cast(items.ITEMS)

    def _new_obligations(self, with_items: pl.Series) -> pl.DataFrame:
        new = self.units.filter(pl.col("is_new") & pl.col("obligation_id").is_in(with_items.implode()))
        return new.select(*ledger.OBLIGATIONS.names())

    def _changed_dues(self, with_items: pl.Series) -> pl.DataFrame:
        """Return the dues that differ from those written last, and those of new obligations."""
        is_written = pl.col("is_new").not_() | pl.col("obligation_id").is_in(with_items.implode())
        is_decided = pl.col("standing").ne_missing(str(Standing.SUSPENDED))  # else what was written last still stands
        differs = (
            pl.col("at_least_fen").ne_missing(pl.col("due_at_least_fen"))
            | pl.col("at_most_fen").ne_missing(pl.col("due_at_most_fen"))
            | pl.col("is_open").ne_missing(pl.col("due_is_open"))
        )
        return self.units.filter(is_written & is_decided & (differs | pl.col("is_new"))).select(*ledger.DUES.names())

    def _seen(self, opened: pl.DataFrame, written: Sequence[Change]) -> pl.DataFrame:
        known = self.units.filter(pl.col("is_new").not_()).select("obligation_id", "version")
        others = [(key, each.version) for key, each in sorted(self.touched.items()) if each.version > 0]
        every = pl.concat([known, pl.DataFrame(others, schema=ledger.SEEN, orient="row")]).unique("obligation_id")
        touched = pl.Series([_obligation_of(change) for change in written], dtype=pl.String)
        return every.filter(pl.col("obligation_id").is_in(pl.concat([opened["obligation_id"], touched]).implode()))


def compare(rx: Reading, present: Present, decisions: Sequence[Decision]) -> Comparison:
    """Return the difference between what is due and what is committed, unit by unit."""
    units = _units(present, decisions)
    bound = bound_units(present, decisions, units)
    alone = units.join(bound, on="obligation_id", how="anti").sort("unit_key")
    together = units.drop("unit_key").join(bound, on="obligation_id", how="inner", validate="1:1").sort(*UNIT_ORDER)
    screened = screening.screen(*_to_screen(alone))
    of_bound = screening.screen_together(_members_to_screen(together))
    alone_left = alone.filter(pl.col("unit_key").is_in(screened.to_settle.implode()))
    together_left = together.filter(pl.col("unit_key").is_in(of_bound.to_settle.implode()))
    known = {each.obligation_id: each for each in read_obligations(rx, _members(alone_left, together_left))}
    netted = [
        *(merged_unit(*_claimed(row, known)) for row in alone_left.iter_rows(named=True)),
        *(_shared(rows, known) for _, rows in together_left.group_by("unit_key", maintain_order=True)),
    ]
    settlements = [settle(unit) for unit in netted]
    new_items = pl.concat([screened.new_items, of_bound.new_items])
    keyed = pl.concat([alone.select("obligation_id", "unit_key"), together.select("obligation_id", "unit_key")])
    placed = units.drop("unit_key").join(keyed, on="obligation_id", how="left", validate="1:1", maintain_order="left")
    settled = _settled_before(present, placed)
    return Comparison(placed, new_items, tuple(each for each in settlements if each), known, settled)


def _settled_before(present: Present, units: pl.DataFrame) -> pl.DataFrame:
    """Return the positions, not looked at, of grants whose new units follow none that is looked at, or none paid: `SETTLED`."""
    night = present.night
    if not night.lookback.is_limited or night.ledger is None:
        return SETTLED.to_frame()
    begun = units.filter("is_new").group_by("grant_id").agg(first=pl.col("period").min())
    known = begun.join(night.grants, on="grant_id", how="semi")
    looked_at = known.join(night.positions.select("grant_id", "period", "instructed_fen"), on="grant_id", how="inner")
    followed = looked_at.filter(pl.col("period") < pl.col("first"))["grant_id"]
    paid = looked_at.filter(pl.col("instructed_fen") > 0)["grant_id"]
    lacking = known.filter(
        (pl.col("grant_id").is_in(followed.implode()) & pl.col("grant_id").is_in(paid.implode())).not_()
    )["grant_id"]
    if lacking.is_empty():
        return SETTLED.to_frame()
    rows = night.ledger.positions_where(pl.col("grant_id").is_in(lacking.implode()))
    return rows.join(night.positions, on="obligation_id", how="anti").select(SETTLED.names())


def _to_screen(units: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return units as `engine.netting.screening` reads them: what is due, and what is held."""
    dues = units.select(
        "unit_key",
        obligation_id=pl.when(pl.col("former_count") == 0).then("obligation_id"),
        at_least_fen="at_least_fen",
        at_most_fen="at_most_fen",
        is_waiting="is_waiting",
        is_period_over="is_period_over",
    )
    held = units.filter(pl.col("last_sequence") > 0).select(
        "unit_key",
        "held_fen",
        posted_fen=pl.col("case_open_fen") + pl.col("written_off_fen") + pl.col("kept_fen"),
        payable_fen="payable_fen",
        on_hold_fen="on_hold_fen",
        returned_fen="returned_fen",
        last_sequence="last_sequence",
    )
    return dues, held


def _members_to_screen(together: pl.DataFrame) -> pl.DataFrame:
    """Return bound obligations as `engine.netting.screening` reads them."""
    return together.select(
        "unit_key",
        "obligation_id",
        "share_fen",
        "unit_least_fen",
        "unit_most_fen",
        "unit_is_waiting",
        "is_period_over",
        "held_fen",
        "payable_fen",
        "on_hold_fen",
        "returned_fen",
        "last_sequence",
        posted_fen=pl.col("case_open_fen") + pl.col("written_off_fen") + pl.col("kept_fen"),
        is_merged=pl.col("former_count") > 0,
    )


def _shared(rows: pl.DataFrame, known: Mapping[str, Obligation]) -> NettingUnit:
    """Return the unit of obligations that a bond holds together, each with its share."""
    members = list[Member]()
    for row in rows.iter_rows(named=True):
        survivor, former = _claimed(row, known)
        members += [Member(each, 0) for each in former]  # what they hold is the survivor's
        members.append(survivor.member(row["share_fen"]))
    unit = rows.row(0, named=True)
    return NettingUnit(
        unit["unit_key"],
        tuple(members),
        Due(unit["unit_least_fen"], unit["unit_most_fen"], is_open=unit["unit_is_waiting"]),
        "hold" if unit["unit_is_waiting"] else "pay",
    )


def _units(present: Present, decisions: Iterable[Decision]) -> pl.DataFrame:
    """Lay the dues of a night beside what the ledger holds; obligations without a due this night owe nothing."""
    dues = pl.concat([_dues_of(present, decision) for decision in decisions])
    decided = [decision.policy.policy for decision in decisions]
    positions = _by_unit(present, decided)
    joined = dues.join(positions, on=UNIT, how="full", coalesce=True, validate="1:1")
    survivors = present.grants.select(*GRANT_KEY, survivor_id="grant_id")
    filled = (
        joined.join(survivors, on=GRANT_KEY, how="left", validate="m:1")
        .with_columns(
            pl.col("at_least_fen", "held_fen", "payable_fen", "on_hold_fen", "returned_fen", "last_sequence").fill_null(
                0
            ),
            pl.col("case_open_fen", "written_off_fen", "kept_fen", "former_count").fill_null(0),
            pl.col("is_open", "is_waiting").fill_null(value=False),
            pl.col("is_period_over").fill_null(value=True),
            at_most_fen=pl.when(pl.col("grant_id").is_null()).then(pl.lit(0, dtype=pl.Int64)).otherwise("at_most_fen"),
            is_new=pl.col("known_id").is_null(),
        )
        .filter(pl.col("is_new").not_() | (pl.col("former_count") > 0) | (pl.col("at_least_fen") > 0))
    )
    named = filled.with_columns(pl.col("grant_id").fill_null(pl.col("survivor_id")))
    is_known = pl.col("known_id").is_not_null()
    new = named.filter(is_known.not_())
    made = [ids.obligation_id(*parts) for parts in new.select("grant_id", "period", "component").iter_rows()]
    keyed = pl.concat(
        [
            named.filter(is_known).with_columns(obligation_id="known_id"),
            new.with_columns(pl.Series("obligation_id", made, dtype=pl.String)),
        ]
    )
    return keyed.with_columns(unit_key="obligation_id").sort("unit_key")


def _dues_of(present: Present, decision: Decision) -> pl.DataFrame:
    """Return a policy's dues as units want them."""
    policy = decision.policy
    waiting = pl.Series(sorted(present.waiting), dtype=pl.String)
    waits_for_amount = pl.col("is_open") if policy.terms.partial == "hold" else pl.lit(False)
    return decision.dues.select(
        pl.lit(policy.policy).alias("policy"),
        "subject_id",
        "event",
        "period",
        "component",
        "grant_id",
        "at_least_fen",
        "at_most_fen",
        "is_open",
        "standing",
        (
            waits_for_amount
            | pl.col("grant_id").is_in(waiting.implode())
            | pl.col("version").is_in(sorted(policy.waiting)).fill_null(value=False)
        ).alias("is_waiting"),
        (pl.col("period_last") < present.night.business_date).alias("is_period_over"),
        pl.lit(policy.terms.overpaid).alias("overpaid"),
        rule_version="version",
    )


def _by_unit(present: Present, policies: Sequence[str]) -> pl.DataFrame:
    """Return what the ledger holds per unit; obligations of former ids are added up with the one that survives."""
    survivors = present.grants["grant_id"].implode()
    own = pl.col("is_own")
    sums = ("held_fen", "payable_fen", "on_hold_fen", "returned_fen", "case_open_fen", "written_off_fen", "kept_fen")
    of_own = ("due_at_least_fen", "due_at_most_fen", "due_is_open", "version")
    of_policies = present.positions.filter(pl.col("policy").is_in(policies))
    alone = of_policies.filter(present.is_of_merged.not_()).select(
        *UNIT,
        pl.col("obligation_id").alias("known_id"),
        pl.lit([], dtype=pl.List(pl.String)).alias("former"),
        pl.lit(0, dtype=pl.Int64).alias("former_count"),
        *of_own,
        *sums,
        "last_sequence",
    )
    marked = of_policies.filter(present.is_of_merged).with_columns(
        is_own=pl.col("grant_id").is_in(survivors)  # not in the groups: there the list would be copied for each
    )
    merged = marked.group_by(UNIT).agg(
        pl.col("obligation_id").filter(own).first().alias("known_id"),
        pl.col("obligation_id").filter(own.not_()).sort().alias("former"),
        own.not_().sum().cast(pl.Int64).alias("former_count"),
        *(pl.col(name).filter(own).first() for name in of_own),
        *(pl.col(name).sum() for name in sums),
        pl.col("last_sequence").max(),
    )
    return pl.concat([alone, merged])


def _members(*several: pl.DataFrame) -> list[str]:
    former = [units["former"].drop_nulls().explode().drop_nulls().to_list() for units in several]
    own = [units["known_id"].drop_nulls().to_list() for units in several]
    return [key for keys in (*own, *former) for key in keys]


def _claimed(row: Mapping[str, object], known: Mapping[str, Obligation]) -> tuple[Claimed, list[Obligation]]:
    """Return a unit's surviving obligation with its due, and those of former ids."""
    own = known.get(str(row["known_id"])) or Obligation(
        obligation_id=str(row["obligation_id"]),
        grant_id=str(row["grant_id"]),
        policy=str(row["policy"]),
        subject_id=str(row["subject_id"]),
        event=str(row["event"]),
        period=str(row["period"]),
        component=str(row["component"]),
    )
    at_least, at_most = row["at_least_fen"], row["at_most_fen"]
    assert isinstance(at_least, int)
    assert at_most is None or isinstance(at_most, int)
    waits = bool(row["is_waiting"])
    claimed = Claimed(
        own,
        Due(at_least, at_most, is_open=bool(row["is_open"])),
        is_period_over=bool(row["is_period_over"]),
        overpaid="keep" if row["overpaid"] == "keep" else "case",
        partial="hold" if waits else "pay",
        is_first_payment_on_hold=waits,
    )
    former = row["former"] or []
    assert isinstance(former, list)
    return claimed, [known[each] for each in former]


def _obligation_of(change: Change) -> str:
    return change.obligation_id if isinstance(change, Posting) else change.item.obligation_id


def _items(changes: Iterable[Change]) -> pl.DataFrame:
    rows = [
        (i.item_id, i.obligation_id, i.sequence, i.amount_fen, i.kind.value, i.state.value)
        for i in (change.item for change in changes if isinstance(change, OpenItem))
    ]
    return pl.DataFrame(rows, schema=items.ITEMS, orient="row")


_TARGET: Mapping[type[Change], ItemState] = {
    CancelItem: ItemState.CANCELLED,
    HoldItem: ItemState.ON_HOLD,
    ReleaseItem: ItemState.OPEN,
}


def _moves(changes: Iterable[Change]) -> pl.DataFrame:
    rows = [
        (change.item.item_id, change.item.obligation_id, change.item.state.value, _TARGET[type(change)].value)
        for change in changes
        if isinstance(change, CancelItem | HoldItem | ReleaseItem)
    ]
    return pl.DataFrame(rows, schema=items.ITEM_MOVES, orient="row")


def _postings(changes: Iterable[Change]) -> pl.DataFrame:
    rows = [
        (change.obligation_id, change.account.value, change.before_fen, change.after_fen, "night")
        for change in changes
        if isinstance(change, Posting)
    ]
    return pl.DataFrame(rows, schema=ledger.POSTINGS, orient="row")
