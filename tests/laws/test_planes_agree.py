"""Policies matched together are each what it is by itself: plain expressions, closures and planes say the same."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from engine.planes import MET, NEAR, OUTCOMES, UNKNOWN, Matcher
from rules.closures import closure
from rules.planes import Planes, Step
from rules.tree import Kind, Node
from tests.laws.expressions import TYPES, conditions, sizes
from tests.laws.test_rules_agree import People, frame, people, polars_condition, tree

CODED = [code for code, fact_type in TYPES.items() if fact_type.dtype == pl.String]

texts = st.lists(st.lists(conditions(4) | sizes(), max_size=4), min_size=1, max_size=3)
few_texts = st.lists(st.lists(conditions(3), max_size=3), min_size=1, max_size=3)
rows_of = st.lists(people, max_size=4).map(lambda parts: [row for part in parts for row in part])


def policies_of(criteria: list[list[str]]) -> dict[str, list[Node]]:
    """Return policies by name; what reading refuses is not asked about."""
    policies = {f"p{place}": [tree(text, Kind.TRUTH) for text in own] for place, own in enumerate(criteria)}
    for own in policies.values():
        for node in own:
            polars_condition(node)
    return policies


def coded(profiles: pl.DataFrame, how: str) -> pl.DataFrame:
    """Return profiles whose texts are held as texts, as categories, or as one of the values that are there."""
    match how:
        case "text":
            return profiles
        case "categories":
            return profiles.with_columns(pl.col(CODED).cast(pl.Categorical))
        case _:
            values = {code: profiles[code].drop_nulls().unique(maintain_order=True) for code in CODED}
            return profiles.with_columns(pl.col(code).cast(pl.Enum(own)) for code, own in values.items())


@given(texts, rows_of, st.sampled_from(["text", "categories", "values"]), st.sampled_from([0, 2, 1_000]))
def test_together_is_each_by_itself(criteria: list[list[str]], rows: People, how: str, few_rows: int) -> None:
    """Whatever the rules, the facts, the way texts are held, and how few rows there are, also none."""
    policies, profiles = policies_of(criteria), frame(rows).collect()

    together = Matcher.of(policies, few_rows=few_rows).match(coded(profiles, how))

    assert together.equals(Matcher.of(policies, is_plain=True).match(profiles))
    assert together.null_count().sum_horizontal().sum() == 0
    for name, own in policies.items():
        said = [[closure(node)(held, day) for node in own] for held, day in rows]
        assert together[f"{MET}:{name}"].to_list() == [all(each) for each in said]
        assert together[f"{UNKNOWN}:{name}"].to_list() == [False not in each and None in each for each in said]
        assert together[f"{NEAR}:{name}"].to_list() == [each.count(False) == 1 and None not in each for each in said]


@given(few_texts, rows_of, st.integers(1, 5))
def test_chunks_do_not_matter(criteria: list[list[str]], rows: People, size: int) -> None:
    """One matcher asked of parts, one after the other, says what it says of the whole."""
    policies, profiles = policies_of(criteria), frame(rows).collect()
    matcher = Matcher.of(policies, few_rows=0)
    whole = matcher.match(profiles)

    parts = [matcher.match(profiles.slice(first, size)) for first in range(0, profiles.height, size)]

    assert pl.concat([whole.clear(), *parts]).equals(whole)


@given(few_texts, st.permutations(OUTCOMES), st.integers(1, 3), rows_of)
def test_asking_for_less_gives_the_same(
    criteria: list[list[str]], outcomes: list[str], count: int, rows: People
) -> None:
    """Whoever wants only who is met is told no less of it."""
    policies, profiles = policies_of(criteria), frame(rows).collect()
    matcher = Matcher.of(policies)

    some = matcher.match(profiles, outcomes[:count])

    assert some.columns == [f"{outcome}:{policy}" for policy in policies for outcome in outcomes[:count]]
    assert some.equals(matcher.match(profiles).select(some.columns))


@given(conditions())
def test_a_condition_and_its_negation_are_the_same_planes(text: str) -> None:
    """Negation swaps true and false and adds nothing; planes are never made twice, and of smaller numbers alone."""
    planes = Planes()
    node, other = tree(text, Kind.TRUTH), tree(f"not ({text})", Kind.TRUTH)

    assert (planes.true(node), planes.false(node)) == (planes.false(other), planes.true(other))
    every = [planes[number] for number in range(len(planes))]
    assert len(set(every)) == len(every)
    assert all(
        max(each.parts, default=-1) < place
        for place, each in enumerate(every)
        if each.step not in {Step.TRUE, Step.FALSE}
    )
