"""A night's frames → its report: counts and money per policy, and which facts are missing."""

from collections.abc import Mapping

import polars as pl

from core.ledger import GrantState, ItemState
from engine.decide import Decision
from engine.grace import Standing
from engine.netting.comparison import Comparison
from engine.night import Night
from engine.report import MissingFact, PolicyTally
from profiles.catalogue import Attribute, Catalogue, Relation

MISSING_SHOWN_MAX = 5  # per policy; the run's frames hold the rest


OWN = "免申即享"  # what is decided here, no department delivers


def tally(night: Night, decision: Decision, states: pl.DataFrame, comparison: Comparison) -> PolicyTally:
    """Return the counts and the money of one policy."""
    policy = decision.policy
    outcomes = dict(decision.outcomes.group_by("outcome").len().iter_rows())
    entered = states.filter(pl.col("before").ne_missing(pl.col("state")))
    units = comparison.units.filter(pl.col("policy") == policy.policy)
    own = units["obligation_id"].implode()
    changes = comparison.ledger_changes
    opened = changes.items.filter(pl.col("obligation_id").is_in(own))
    cancelled = _cancelled(comparison, units)
    cases = changes.postings.filter((pl.col("account") == "case") & pl.col("obligation_id").is_in(own))
    date = pl.lit(night.business_date)
    waits = pl.col("standing").is_in([str(Standing.HELD), str(Standing.SUSPENDED)])
    held = decision.dues.filter(waits & (pl.col("period_first") <= date))
    return PolicyTally(
        policy=policy.policy,
        title=policy.current.written.title,
        lane=policy.current.written.lane.value,
        version=policy.version_on_date,
        is_suspended=policy.is_suspended,
        met_count=outcomes.get("met", 0),
        not_met_count=outcomes.get("not_met", 0),
        unknown_count=outcomes.get("unknown", 0),
        near_miss_count=int(decision.outcomes["near_miss"].sum()),
        new_count=entered.filter(pl.col("before").is_null()).height,
        ended_count=entered.filter((pl.col("state") == GrantState.ENDED) & pl.col("before").is_not_null()).height,
        changed_count=units.filter(_is_changed()).select("grant_id").n_unique(),
        held_count=held.height,
        due_fen=int(states["due_fen"].sum()),
        opened_count=opened.height,
        opened_fen=int(opened["amount_fen"].sum()),
        cancelled_count=len(cancelled),
        cancelled_fen=sum(cancelled),
        case_count=cases.filter(pl.col("after_fen") > pl.col("before_fen")).height,
        case_fen=int((cases["after_fen"] - cases["before_fen"]).sum()),
        missing=_missing(night.catalogue, decision),
    )


def _is_changed() -> pl.Expr:
    least = pl.col("at_least_fen")
    return (
        pl.col("is_new").not_() & (least != pl.col("due_at_least_fen")) & (least > 0) & (pl.col("due_at_least_fen") > 0)
    )


def _cancelled(comparison: Comparison, units: pl.DataFrame) -> list[int]:
    """Return the amounts of the items that the night cancels."""
    touched = pl.Series(list(comparison.touched), dtype=pl.String)
    own = set(touched.filter(touched.is_in(units["obligation_id"].implode())))
    own |= set(touched.filter(touched.is_in(units["former"].explode().implode())))
    moved = comparison.ledger_changes.item_moves.filter(pl.col("target") == ItemState.CANCELLED)
    amounts: Mapping[str, int] = {
        item.item_id: item.amount_fen
        for key, obligation in comparison.touched.items()
        if key in own
        for item in obligation.items
    }
    return [amounts[item_id] for item_id in moved["item_id"] if item_id in amounts]


def _missing(catalogue: Catalogue, decision: Decision) -> tuple[MissingFact, ...]:
    """Return the facts that keep most outcomes unknown, and who owes them."""
    unknown = decision.outcomes.filter(pl.col("outcome") == "unknown").select(pl.col("missing").explode()).drop_nulls()
    counts = unknown.group_by("missing").len().sort(["len", "missing"], descending=[True, False])
    return tuple(
        MissingFact(
            code, catalogue.what_is_missing(code).label, owner_of(catalogue, catalogue.what_is_missing(code)), count
        )
        for code, count in counts.head(MISSING_SHOWN_MAX).iter_rows()
    )


def owner_of(catalogue: Catalogue, attribute: Attribute | Relation) -> str:
    """Return the department that owes an attribute: of its first source, or of the relation it goes by."""
    if isinstance(attribute, Relation):
        return catalogue.resources[catalogue.resources_of(attribute)[0]].owner
    if attribute.outcome_of is not None:
        return OWN
    if attribute.sources:
        return catalogue.resources[attribute.sources[0].resource].owner
    assert attribute.via is not None
    return owner_of(catalogue, catalogue.relations[attribute.via.relation])
