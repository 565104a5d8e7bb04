"""Benefits of one exclusion group do not add up: which units of a night are compared together.

A group binds only where one subject has units of several of its policies in one span; elsewhere a unit stands
alone, as without the group.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast

import polars as pl

from engine.groups import Mode
from engine.night import NightPolicy

Span = Literal["period", "year", "lifetime"]


@dataclass(frozen=True, slots=True)
class Group:
    """What the rules of a group's policies say; `policies` in the order of their codes, or of priority."""

    name: str
    mode: Mode
    span: Span
    count: int
    policies: tuple[str, ...]


def groups_of(policies: Iterable[NightPolicy]) -> list[Group]:
    """Return the groups that several policies of a night share, by name; benefits that may be stacked are none.

    Expects: policies that name one group agree on its mode and span; `rules.checks` has made sure of it.
    """
    members: dict[str, list[tuple[NightPolicy, int]]] = {}
    for policy in policies:
        for place, exclusion in enumerate(policy.current.written.excludes):
            if exclusion.mode != "stack":
                members.setdefault(exclusion.group, []).append((policy, place))
    return [_group(name, own) for name, own in sorted(members.items()) if len(own) > 1]


def _group(name: str, members: list[tuple[NightPolicy, int]]) -> Group:
    policy, place = members[0]
    terms = policy.current.written.excludes[place]
    return Group(
        name,
        cast("Mode", terms.mode),
        terms.span,
        terms.at_most or 1,
        tuple(sorted(each.policy for each, _ in members)),
    )


def with_group_key(units: pl.DataFrame, groups: Iterable[Group]) -> pl.DataFrame:
    """Say which units are compared together.

    Adds: `group`, `span_key`; both null where a unit stands alone.
    """
    marked = units.with_columns(group=pl.lit(None, dtype=pl.String), span_key=pl.lit(None, dtype=pl.String))
    for group in groups:
        own = pl.col("policy").is_in(group.policies)
        several = pl.col("policy").n_unique().over("group", "subject_id", "span_key") > 1
        named = marked.with_columns(
            group=pl.when(own).then(pl.lit(group.name)).otherwise("group"),
            span_key=pl.when(own).then(_span_key(group.span)).otherwise("span_key"),
        )
        marked = named.with_columns(
            group=pl.when(own & several.not_()).then(None).otherwise("group"),
            span_key=pl.when(own & several.not_()).then(None).otherwise("span_key"),
        )
    return marked


def _span_key(span: Span) -> pl.Expr:
    match span:
        case "period":
            return pl.col("period")
        case "year":
            return pl.col("period").str.slice(0, 4)
        case "lifetime":
            return pl.lit("lifetime")
