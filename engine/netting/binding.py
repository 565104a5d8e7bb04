"""Which obligations of a night are bound together, and what is certain of each: bonds laid over dues and ledger.

Only policies that are in a bond are looked at; where a group has a single benefit of a subject, and nothing else binds
it, the obligation stands alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from core.days import FIRST_DAY, Period
from engine.decide import Decision
from engine.grace import Standing
from engine.named_days import NAMED
from engine.netting.bonds import Bond, bonds_of, span_key
from engine.netting.holders import holders_of
from engine.netting.sharing import HOLDERS, MEASURES, ROWS, shares_of
from engine.people import Present
from engine.units import UNIT_ID
from rules.netting_terms import relation_named

SHARES = ("obligation_id", "unit_key", "dated_on", "share_fen", "unit_least_fen", "unit_most_fen", "unit_is_waiting")


def bound_units(present: Present, decisions: Sequence[Decision], units: pl.DataFrame) -> pl.DataFrame:
    """Return the bound obligations of a night: `SHARES`; see `engine.netting.sharing.shares_of`.

    Shape: one row per unit of `engine.netting.comparison.Comparison.units` that is bound.
    """
    policies = sorted(
        {each for bond in bonds_of([decision.policy for decision in decisions]) for each in bond.policies}
    )
    rows = dated(units.filter(pl.col("policy").is_in(policies)), decisions).select(
        "obligation_id",
        "policy",
        "subject_id",
        "event",
        "period",
        "component",
        pl.col("rule_version").alias("version"),
        "at_least_fen",
        "at_most_fen",
        "is_waiting",
        dated_on="dated_on",
        committed_fen=pl.col("held_fen") - pl.col("case_open_fen") - pl.col("written_off_fen") - pl.col("kept_fen"),
    )
    return Binding.of(present, decisions, rows.cast(ROWS)).shares(rows.cast(ROWS)).select(*SHARES)


@dataclass(frozen=True)
class Binding:
    """What binds some obligations: bonds, for whom those over a relation hold, and what policies measure."""

    bonds: Sequence[Bond]
    holders: Mapping[str, pl.DataFrame]
    measures: pl.DataFrame

    @classmethod
    def of(cls, present: Present, decisions: Sequence[Decision], rows: pl.DataFrame) -> "Binding":
        """Return what binds the obligations of some decisions: `engine.netting.sharing.ROWS`."""
        bonds = bonds_of([decision.policy for decision in decisions])
        holders = {bond.name: _holders(present, bond, rows) for bond in bonds if bond.relation is not None}
        return cls(bonds, holders, measures_of(decisions, {bond.measure for bond in bonds}, rows))

    def shares(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the shares of all of the obligations, or of some, with what is committed as they say."""
        return shares_of(rows, self.bonds, self.holders, self.measures)


def dated(units: pl.DataFrame, decisions: Iterable[Decision]) -> pl.DataFrame:
    """Say how old each obligation is: by the day that its event is named by, else by its period.

    Adds: `dated_on`. Expects: `policy`, `event`, `period`.
    """
    named = pl.concat(
        [
            pl.DataFrame(schema={"policy": pl.String, "event": pl.String, NAMED: pl.Date}),
            *(
                decision.named_days.select(
                    pl.lit(decision.policy.policy).alias("policy"), pl.col("subject_id").alias("event"), NAMED
                )
                for decision in decisions
            ),
        ]
    )
    first = {name: Period.named(name).days.first for name in units["period"].unique()}
    return units.join(named, on=["policy", "event"], how="left", validate="m:1").with_columns(
        dated_on=pl.coalesce(NAMED, pl.col("period").replace_strict(first, return_dtype=pl.Date))
    )


def _holders(present: Present, bond: Bond, rows: pl.DataFrame) -> pl.DataFrame:
    """Return for whom the rows count that a relation binds."""
    night = present.night
    assert bond.relation is not None
    declared = relation_named(night.catalogue, bond.relation)
    assert declared is not None, "a rule that names no relation is not published"
    begun = min(night.days_asked(policy).first for policy in night.policies if policy.policy in bond.policies)
    concerned = rows.filter(pl.col("policy").is_in(list(bond.policies)))
    if concerned.is_empty():
        return HOLDERS.to_frame()
    days = {name: Period.named(name).days for name in concerned["period"].unique()}
    lasting = concerned.select(
        "obligation_id",
        subject_id=UNIT_ID,
        span=span_key(bond.span),
        first=pl.col("period").replace_strict({name: each.first for name, each in days.items()}, return_dtype=pl.Date),
        last=pl.col("period").replace_strict({name: each.last for name, each in days.items()}, return_dtype=pl.Date),
    ).with_columns(first=pl.when(pl.col("first") == FIRST_DAY).then(pl.lit(begun)).otherwise("first"))
    return holders_of(present, declared, lasting)


def measures_of(decisions: Sequence[Decision], names: Iterable[str], rows: pl.DataFrame) -> pl.DataFrame:
    """Return what policies measure for the periods of their obligations: `MEASURES`.

    Source: constants hold for every period of their version; other measures are asked like amounts. In grace the last
            known one goes on; while nothing is known of a period, it says nothing.
    """
    wanted = sorted(name for name in names if name)
    parts = [MEASURES.to_frame()]
    for decision in decisions:
        policy = decision.policy
        if not policy.has_measures:
            continue
        is_known = pl.col("standing") == str(Standing.KNOWN)
        parts.append(
            decision.measures.filter(
                pl.col("component").is_in(wanted) & (pl.col("standing") != str(Standing.HELD))
            ).select(
                pl.lit(policy.policy).alias("policy"),
                "subject_id",
                "event",
                "period",
                pl.col("component").alias("measure"),
                pl.col("at_least_fen").alias("measure_least_fen"),
                pl.when(is_known).then("at_most_fen").otherwise("at_least_fen").alias("measure_most_fen"),
            )
        )
        own = rows.filter(pl.col("policy") == policy.policy)
        for number, version in policy.versions.items():
            for name, fen in version.constant_measures.items():
                parts.append(
                    own.filter(pl.col("version") == number)
                    .unique(["subject_id", "event", "period"])
                    .select(
                        "policy",
                        "subject_id",
                        "event",
                        "period",
                        pl.lit(name).alias("measure"),
                        pl.lit(fen, dtype=pl.Int64).alias("measure_least_fen"),
                        pl.lit(fen, dtype=pl.Int64).alias("measure_most_fen"),
                    )
                )
    return pl.concat(parts)
