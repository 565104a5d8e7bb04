"""What there is money for on a pay day: the purses of each policy, what they have left, and who comes first.

Where no purse has a limit, which is most of them, nobody is put in an order.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

import polars as pl

from core.days import DayRange, Period
from delivery.funds import RANKS, Funds
from delivery.payables import DuePayment
from engine.compute import Computed
from engine.night import NightPolicy
from profiles.answering import Knowledge
from profiles.attribute_timelines import attribute_timelines
from profiles.timeline import first_and_changes
from profiles.universe import Universe
from rules.funding import DISCOVERED, PERIOD
from rules.version import Pot
from store.batches import waiting_again
from store.journal import PotRecord, read_pots
from store.opening import Reading

_ID = ("subject_id", "event")


def with_funds(rx: Reading, computed: Computed, payments: Collection[DuePayment]) -> list[DuePayment]:
    """Return payments with what there is for them, as the books stand now.

    Expects: `subject_id` is still whom they are for.
    """
    if not payments:
        return []
    pots = {(pot.policy, pot.year, pot.purse): pot for pot in read_pots(rx)}
    policies = {policy.policy: policy for policy in computed.night.policies}
    again = waiting_again(rx)
    return [
        replace(payment, funds=_funds(computed, policies[payment.terms.policy], payment, pots, again))
        for payment in payments
    ]


def _funds(
    computed: Computed,
    policy: NightPolicy,
    payment: DuePayment,
    pots: Mapping[tuple[str, int, str], PotRecord],
    again: pl.Series,
) -> Funds:
    purses, term = policy.current.purses, policy.terms.pot or Pot()
    found = [pots.get((policy.policy, payment.pay_day.year, purse.name)) for purse in purses]
    left_fen = tuple(None if pot is None else pot.left_fen for pot in found)
    funds = Funds(purses, left_fen, term.at_end == "pay_on", again=again)
    if funds.is_enough_for(payment.payables):
        return funds
    return replace(funds, ranks=_ranks(computed, policy, term, payment.payables))


def _ranks(computed: Computed, policy: NightPolicy, term: Pot, payables: pl.DataFrame) -> pl.DataFrame:
    """Return the order in which items are paid: `RANKS`.

    Source: who was paid before comes first where the rule takes nobody on; then the words of the rule, one after the
            other; then the item's id, so that the same night gives the same order. Who is unknown comes last.
    """
    known = payables.join(_grants(computed), on="obligation_id", how="left", validate="m:1")
    keys = ["is_first"] if term.at_end == "stop_new" else []
    for place, word in enumerate(term.order):
        known = known.with_columns(_key(computed, policy, known, word).alias(f"key_{place}"))
        keys.append(f"key_{place}")
    in_order = known.sort(*keys, "item_id", nulls_last=True)
    return in_order.select("item_id", rank=pl.int_range(pl.len(), dtype=pl.Int64)).cast(RANKS)


def _key(computed: Computed, policy: NightPolicy, known: pl.DataFrame, word: str) -> pl.Series:
    """Return one number or day for each item, the smallest first."""
    if word == PERIOD:
        firsts = {name: Period.named(name).days.first for name in known["period"].unique()}
        return known["period"].replace_strict(firsts, return_dtype=pl.Date)
    if word == DISCOVERED:
        return known["discovered_on"]
    values = _values(computed, policy.current.order_by[word], known)
    return values.not_() if values.dtype == pl.Boolean else values  # true comes first


def _values(computed: Computed, code: str, known: pl.DataFrame) -> pl.Series:
    """Return what an attribute is on the business date for whom each item is for, as known at the night's instant."""
    night, ids = computed.night, dict(computed.present.ids)
    asked = known.select(unit_id=pl.when(pl.col("event") == "").then("subject_id").otherwise("event").replace(ids))
    universe = Universe.of_ids(asked["unit_id"].unique(), ids)
    today = DayRange(night.business_date, night.business_date)
    knowledge = Knowledge(night.catalogue, night.loads, ids, today)
    said = attribute_timelines(knowledge, [code], universe)[code].at(
        first_and_changes(universe.count, night.business_date, [])
    )
    values = universe.numbered.select(unit_id="subject_id").hstack(said.select("value"))
    return asked.join(values, on="unit_id", how="left", validate="m:1", maintain_order="left")["value"]


def _grants(computed: Computed) -> pl.DataFrame:
    """Return what an obligation's place in the order depends on: `obligation_id`, `event`, `discovered_on`."""
    own = ("obligation_id", "grant_id")
    units = computed.comparison.units.select(own)
    night = computed.night
    both = pl.concat([night.positions.select(own), night.unpaid.select(own), units]).unique("obligation_id")
    named = ("grant_id", "event", "discovered_on")
    grants = pl.concat([*(states.select(named) for states in computed.states.values()), night.grants.select(named)])
    return both.join(grants.unique("grant_id", keep="first"), on="grant_id", how="left", validate="m:1").drop(
        "grant_id"
    )
