"""What binds the money of several obligations together: exclusion groups, money that counts as paid, ceilings.

A bond holds for a subject, or for all who share the other end of a relation, over a span. Which obligations it binds is
said here, row by row; what it makes of their dues is for `engine.netting.sharing`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import polars as pl

from engine.netting.groups import Mode
from engine.night import NightPolicy
from rules.bound import PAID, ceiling
from rules.netting_terms import PER_VERSION
from rules.version import Exclusion

Span = Literal["period", "year", "lifetime", "event"]
Kind = Literal["group", "paid", "cap"]

_YEAR = 4  # characters of a period's name


@dataclass(frozen=True, slots=True)
class Bond:
    """One group, one policy's money that counts as paid, or one pool under a ceiling.

    `policies` stand in the order of priority, else of their codes. `relation` is None where it holds for each subject
    by itself. `measure` names the amount that counts as paid, or the ceiling. A ceiling may be one per rule version.
    """

    name: str
    kind: Kind
    policies: tuple[str, ...]
    span: Span
    relation: str | None = None
    mode: Mode | Literal["apart"] = "highest"
    count: int = 1  # of winners beside each other; of mode `apart`, months between them
    measure: str = ""
    is_per_version: bool = False


def bonds_of(policies: Sequence[NightPolicy]) -> list[Bond]:
    """Return the bonds of a night in the order in which they count: groups, money that counts as paid, ceilings.

    A group of one policy binds only where its subjects share a relation; benefits that may be stacked are not bound.
    Expects: policies that name one group or pool agree on it, as `rules.netting_terms.check_together` finds; where they
             do not, the first by code has its way.
    """
    cash = [policy for policy in sorted(policies, key=lambda each: each.policy) if policy.pays]
    return [*_groups(cash), *_paid(cash), *_caps(cash)]


def _groups(policies: Iterable[NightPolicy]) -> Iterable[Bond]:
    members: dict[str, list[tuple[int, str]]] = {}
    terms: dict[str, Exclusion] = {}
    for policy in policies:
        for exclusion in policy.current.written.excludes:
            if exclusion.mode != "stack":
                first = terms.setdefault(exclusion.group, exclusion)
                rank = exclusion.priority if exclusion.priority is not None else 0
                members.setdefault(first.group, []).append((rank, policy.policy))
    for group, own in sorted(members.items()):
        said = terms[group]
        if len(own) > 1 or said.per is not None or said.mode == "apart":
            yield Bond(
                name=f"group {group}",
                kind="group",
                policies=tuple(policy for _, policy in sorted(own)),
                span=said.span,
                relation=said.per,
                mode=cast('Mode | Literal["apart"]', said.mode),
                count=said.at_most or said.months or 1,
            )


def _paid(policies: Iterable[NightPolicy]) -> Iterable[Bond]:
    for policy in policies:
        paid = policy.terms.counts_as_paid
        if paid is not None:
            yield Bond(f"paid {policy.policy}", "paid", (policy.policy,), paid.span, measure=PAID)


def _caps(policies: Iterable[NightPolicy]) -> Iterable[Bond]:
    pools: dict[str, Bond] = {}
    for policy in policies:
        for cap in policy.current.written.caps:
            relation = None if cap.per in {"subject", PER_VERSION} else cap.per
            known = pools.get(cap.pool)
            pools[cap.pool] = Bond(
                name=f"pool {cap.pool}",
                kind="cap",
                policies=(*known.policies, policy.policy) if known else (policy.policy,),
                span=known.span if known else cap.span,
                relation=known.relation if known else relation,
                measure=ceiling(cap.pool),
                is_per_version=known.is_per_version if known else cap.per == PER_VERSION,
            )
    return pools.values()


def bound_key(bond: Bond) -> pl.Expr:
    """Return what a row is bound with: for whom and over which span; null where it is not bound.

    Expects: `policy`, `holder`, `event`, `period`, `version` in the frame; a row whose version is unknown owes nothing,
             and no ceiling of a version is its own.
    """
    parts = [pl.lit(bond.name), pl.col("holder"), span_key(bond.span)]
    if bond.is_per_version:
        parts.append(pl.col("version").cast(pl.String))
    return pl.when(pl.col("policy").is_in(list(bond.policies))).then(pl.concat_str(parts, separator="\x1f"))


def span_key(span: Span) -> pl.Expr:
    """Return over what a row is bound, as a text."""
    match span:
        case "period":
            return pl.concat_str("period", "event", separator="\x1e")
        case "year":
            return pl.col("period").str.slice(0, _YEAR)
        case "lifetime":
            return pl.lit("lifetime")
        case "event":
            return pl.col("event")


def rank_of(bond: Bond) -> pl.Expr:
    """Return the place of a row's policy in a bond."""
    places: Mapping[str, int] = {policy: place for place, policy in enumerate(bond.policies)}
    return pl.col("policy").replace_strict(places, default=len(places), return_dtype=pl.Int32)
