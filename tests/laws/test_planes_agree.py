"""Policies matched together are each what it is by itself: plain expressions, closures and planes say the same."""

import datetime as dt
from fractions import Fraction

import polars as pl
from hypothesis import assume, given, reject
from hypothesis import strategies as st
from polars import selectors as cs

from core.values import FactType, ValueType
from engine.planes import MET, NEAR, OUTCOMES, UNKNOWN, Matcher
from rules.closures import Value, closure
from rules.planes import Planes, Step
from rules.reference import NoAnswerError, reference
from rules.tree import Compare, ComparisonSign, Fact, Kind, Node, Number, OneOf, Text
from tests.laws.expressions import TYPES, as_written, conditions, days, known_facts, sizes
from tests.laws.test_rules_agree import People, frame, people, polars_condition, tree

NARROW = (pl.UInt8(), pl.Int8(), pl.UInt16(), pl.Int16(), pl.UInt32(), pl.Int32())
SIGNS: list[ComparisonSign] = ["==", "!=", "<", "<=", ">", ">="]
CODED = [code for code, fact_type in TYPES.items() if fact_type.dtype == pl.String]

texts = st.lists(st.lists(conditions(4) | sizes(), max_size=4), min_size=1, max_size=3)
few_texts = st.lists(st.lists(conditions(3), max_size=3), min_size=1, max_size=3)
ways = st.sampled_from([0, 2, 1_000])  # up to how many rows are asked one by one
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


def narrowed(profiles: pl.DataFrame) -> pl.DataFrame:
    """Return profiles whose whole numbers are held in the narrowest type that holds them, without a sign where none is needed."""
    held = []
    for column in profiles.select(cs.integer()):
        fits = [each for each in NARROW if column.cast(each, strict=False).cast(column.dtype).equals(column)]
        held.append(column.cast(fits[0]) if fits else column)
    return profiles.with_columns(held)


@given(
    texts,
    rows_of,
    st.sampled_from(["text", "categories", "values"]),
    st.sampled_from([0, 2, 1_000]),
    ways,
    st.booleans(),
)
def test_together_is_each_by_itself(
    criteria: list[list[str]], rows: People, how: str, few_rows: int, singly: int, is_narrow: bool
) -> None:
    """Whatever the rules, the facts, the way texts and numbers are held, and how few rows there are, also none."""
    policies, profiles = policies_of(criteria), frame(rows).collect()
    held = coded(narrowed(profiles) if is_narrow else profiles, how)

    together = Matcher.of(policies, few_rows=few_rows, singly=singly).match(held)

    assert together.equals(Matcher.of(policies, is_plain=True).match(profiles))
    assert together.equals(Matcher.of(policies, is_plain=True).match(held))
    assert together.null_count().sum_horizontal().sum() == 0
    for name, own in policies.items():
        said = [[closure(node)(held, day) for node in own] for held, day in rows]
        assert together[f"{MET}:{name}"].to_list() == [all(each) for each in said]
        assert together[f"{UNKNOWN}:{name}"].to_list() == [False not in each and None in each for each in said]
        assert together[f"{NEAR}:{name}"].to_list() == [each.count(False) == 1 and None not in each for each in said]


@given(few_texts, rows_of, st.integers(1, 5), ways)
def test_chunks_do_not_matter(criteria: list[list[str]], rows: People, size: int, singly: int) -> None:
    """One matcher asked of parts, one after the other, says what it says of the whole."""
    policies, profiles = policies_of(criteria), frame(rows).collect()
    matcher = Matcher.of(policies, few_rows=0, singly=singly)
    whole = matcher.match(profiles)

    parts = [matcher.match(profiles.slice(first, size)) for first in range(0, profiles.height, size)]

    assert pl.concat([whole.clear(), *parts]).equals(whole)


@given(few_texts, st.permutations(OUTCOMES), st.integers(1, 3), rows_of, ways)
def test_asking_for_less_gives_the_same(
    criteria: list[list[str]], outcomes: list[str], count: int, rows: People, singly: int
) -> None:
    """Whoever wants only who is met is told no less of it."""
    policies, profiles = policies_of(criteria), frame(rows).collect()
    matcher = Matcher.of(policies, singly=singly)

    some = matcher.match(profiles, outcomes[:count])

    assert some.columns == [f"{outcome}:{policy}" for policy in policies for outcome in outcomes[:count]]
    assert some.equals(matcher.match(profiles).select(some.columns))


@given(conditions(), known_facts, days, st.sampled_from(["text", "categories", "values"]), st.integers(0, 1))
def test_rule_engine_agrees_where_all_is_known(
    text: str, held: dict[str, Value], day: dt.date, how: str, singly: int
) -> None:
    """rule-engine's own evaluator is a second opinion on the planes too."""
    matcher = Matcher.of(policies_of([[text]]), few_rows=0, singly=singly)
    found = matcher.match(coded(frame([(held, day)]).collect(), how)).row(0, named=True)
    assume(not found[f"{UNKNOWN}:p0"])
    try:
        expected = reference(text, as_written(held), day)
    except NoAnswerError:
        reject()

    assert (found[f"{MET}:p0"], found[f"{NEAR}:p0"]) == (expected, not expected)


@given(
    st.lists(st.tuples(st.none() | st.sampled_from("abcdefg"), st.none() | st.integers(-130, 260)), max_size=5),
    st.data(),
)
def test_lists_and_bounds_of_every_size(rows: list[tuple[str | None, int | None]], data: st.DataObject) -> None:
    """Empty lists, long ones, bounds at and beyond what a column can hold: each as the expression by itself."""
    text, number = Fact("kind", FactType(ValueType.TEXT)), Fact("level", FactType(ValueType.INTEGER))
    listed = st.lists(st.sampled_from("abcdefgh"), max_size=8).map(
        lambda values: OneOf(text, tuple(Text(each) for each in values))
    )
    edges = st.sampled_from([-(2**31), -129, -128, -127, 0, 126, 127, 128, 255, 256, 2**31, 10**12, -(10**12)])
    bounded = st.builds(Compare, st.sampled_from(SIGNS), st.just(number), edges.map(lambda n: Number(Fraction(n))))
    policies = data.draw(st.dictionaries(st.sampled_from("xyz"), st.lists(listed | bounded, max_size=12), min_size=1))
    profiles = pl.DataFrame(rows, schema={"kind": pl.String, "level": pl.Int64}, orient="row").with_columns(
        day=pl.lit(dt.date(2025, 1, 1))
    )
    expected = Matcher.of(policies, is_plain=True).match(profiles)
    dictionary = pl.Enum(data.draw(st.permutations("abcdefgh")))

    wide = profiles.with_columns(pl.col("level").cast(pl.Int128))
    for held in (profiles, narrowed(profiles), wide, profiles.with_columns(pl.col("kind").cast(dictionary))):
        for singly in (0, 5):
            assert Matcher.of(policies, few_rows=0, singly=singly).match(held).equals(expected)


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
