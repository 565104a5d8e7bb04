"""The readers of one tree agree, whatever the rule and whatever the facts."""

import datetime as dt
import re
from fractions import Fraction

import polars as pl
from hypothesis import assume, example, given, reject
from hypothesis import strategies as st

from rules.closures import Value, closure
from rules.matters import Asked, matter, missing_where, where_matters
from rules.polars_expressions import DAY, condition, ratio
from rules.ratios import Ratio, TooLargeError
from rules.reference import NoAnswerError, reference
from rules.tree import Kind, Node, canonical, facts_of
from rules.wording import opposite, wording
from tests.laws.expressions import (
    LABELS,
    TYPES,
    as_written,
    conditions,
    days,
    facts,
    known_facts,
    numbers,
    sizes,
    stored,
)
from tests.rules.samples import bind, bind_if_right

People = list[tuple[dict[str, Value], dt.date]]

people: st.SearchStrategy[People] = st.lists(st.tuples(facts, days), min_size=1, max_size=4)


def tree(text: str, kind: Kind) -> Node:
    """Return the tree of a random text; what the checks refuse is not asked about."""
    node = bind_if_right(text, kind)
    assume(node is not None)
    assert node is not None
    return node


def polars_condition(node: Node) -> pl.Expr:
    """Return the expression; what reading refuses as too large is not asked about."""
    try:
        return condition(node)
    except TooLargeError:
        reject()


def polars_number(node: Node) -> Ratio:
    """Return the ratio; what reading refuses as too large is not asked about."""
    try:
        return ratio(node)
    except TooLargeError:
        reject()


def frame(rows: People) -> pl.LazyFrame:
    """Return profiles as a frame."""
    schema = {code: fact_type.dtype for code, fact_type in TYPES.items()} | {DAY: pl.Date()}
    return pl.LazyFrame([[*(held[code] for code in TYPES), day] for held, day in rows], schema=schema, orient="row")


@given(conditions() | sizes(), people)
def test_polars_and_closures_agree_on_conditions(text: str, rows: People) -> None:
    """Nights and pages never tell a person different things."""
    node = tree(text, Kind.TRUTH)
    answers = frame(rows).select(pl.col(DAY), answer=polars_condition(node)).collect()["answer"].to_list()

    holds = closure(node)
    assert answers == [holds(held, day) for held, day in rows]


@given(numbers(), people)
def test_polars_and_closures_agree_on_numbers(text: str, rows: People) -> None:
    """Not a fen lies between them, at any size."""
    node = tree(text, Kind.NUMBER)
    number = polars_number(node)
    below = number.denominator if isinstance(number.denominator, int) else number.denominator.expr
    counted = frame(rows).select(pl.col(DAY), over=number.numerator.expr, under=below).collect()

    value = closure(node)
    exact = [None if over is None or under is None else Fraction(over, under) for _, over, under in counted.iter_rows()]
    assert exact == [value(held, day) for held, day in rows]


@given(conditions(), known_facts, days)
def test_rule_engine_agrees_where_all_is_known(text: str, held: dict[str, Value], day: dt.date) -> None:
    """rule-engine's own evaluator is a second opinion on the parser, the tree and its readers."""
    answer = closure(tree(text, Kind.TRUTH))(held, day)
    assume(answer is not None)
    try:
        expected = reference(text, as_written(held), day)
    except NoAnswerError:
        reject()

    assert answer == expected


@given(numbers(), known_facts, days)
def test_rule_engine_agrees_on_numbers(text: str, held: dict[str, Value], day: dt.date) -> None:
    """Where decimals are exact, they are the same numbers."""
    answer = closure(tree(text, Kind.NUMBER))(held, day)
    assume(answer is not None)
    try:
        expected = reference(text, as_written(held), day)
    except NoAnswerError:
        reject()

    assert answer == expected


@given(conditions(), facts, days, st.sampled_from(sorted(TYPES)))
def test_erasing_a_fact_only_moves_to_unknown(text: str, held: dict[str, Value], day: dt.date, code: str) -> None:
    """Nobody is turned away, or let in, because a fact went missing."""
    holds = closure(tree(text, Kind.TRUTH))
    before = holds(held, day)
    after = holds(held | {code: None}, day)

    assert after in {None, before}


@given(conditions() | sizes(), people)
def test_what_matters_is_the_same_for_all_readers(text: str, rows: People) -> None:
    """The list of missing facts is one list."""
    node = tree(text, Kind.TRUTH)
    polars_condition(node)
    asked = Asked()
    places = missing_where(where_matters(node, asked), asked)
    marked = (
        frame(rows).select(pl.col(DAY), **{code: asked.told(expr) for code, expr in places.items()}).collect().drop(DAY)
    )

    assert not any(marked.null_count().row(0))
    told = [{code for code, matters in row.items() if matters} for row in marked.iter_rows(named=True)]
    assert told == [matter(node, held, day) for held, day in rows]


@given(conditions(), facts, days, st.data())
def test_what_does_not_matter_cannot_change_the_result(
    text: str, held: dict[str, Value], day: dt.date, data: st.DataObject
) -> None:
    """A missing fact that is not named as missing gives the same result whatever it turns out to be."""
    node = tree(text, Kind.TRUTH)
    others = [code for code in sorted(facts_of(node)) if held[code] is None and code not in matter(node, held, day)]
    assume(others)
    code = data.draw(st.sampled_from(others))
    found = data.draw(stored(TYPES[code]))

    assert closure(node)(held | {code: found}, day) == closure(node)(held, day)


@given(conditions(), facts, days)
def test_known_results_miss_nothing(text: str, held: dict[str, Value], day: dt.date) -> None:
    """Who has an answer is not asked for more."""
    node = tree(text, Kind.TRUTH)
    assume(closure(node)(held, day) is not None)

    assert matter(node, held, day) == frozenset()


@given(conditions())
def test_wording_is_total(text: str) -> None:
    """Every condition can be said, and its opposite too."""
    node = tree(text, Kind.TRUTH)

    assert wording(node)
    assert opposite(node)


@given(conditions())
def test_labels_and_codes_make_one_tree(text: str) -> None:
    """Whether an author writes codes or labels shows nowhere after binding."""
    labelled, coded = text, text
    for code, label in LABELS.items():
        coded = re.sub(rf"\b{label}\b", code, coded)
        labelled = re.sub(rf"\b{code}\b", label, labelled)
    node = tree(coded, Kind.TRUTH)

    assert node == bind(labelled)
    assert canonical(node) == canonical(bind(labelled))


@given(st.integers(1, 10**6), st.integers(1, 10**6))
@example(189, 200)
def test_a_ratio_exactly_on_its_threshold_is_met(kept: int, before: int) -> None:
    """1 - 189/200 is 5.5 %, not a little more: no binary fraction is involved."""
    rate = 1 - Fraction(kept, before)
    text = f"1 - 残疾等级 / 家庭人数 <= {rate.numerator} / {rate.denominator}"
    holds = bind("1 - 残疾等级 / 家庭人数 <= 5.5%" if (kept, before) == (189, 200) else text)
    held = dict.fromkeys(TYPES) | {"level": kept, "household_size": before}
    more = held | {"level": kept - 1}
    day = dt.date(2025, 1, 1)

    answers = frame([(held, day), (more, day)]).select(answer=condition(holds)).collect()["answer"].to_list()

    assert answers == [True, False]
