"""The solver's terms say of every known profile what the plain-Python reader says."""

import datetime as dt
from fractions import Fraction
from typing import Any

import z3
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.days import DayRange
from rules.closures import Value, closure
from rules.solver_logic import Term, both
from rules.solver_terms import condition_term, number_term
from rules.solver_world import Moment, World
from rules.solving import Answer, Limits, Questions
from rules.tree import InIndustry, Kind, Node, Within, walk
from rules.vocabulary import Vocabulary
from tests.laws.expressions import conditions, days, known_facts, numbers
from tests.rules.samples import bind_if_right

ALL_DAYS = DayRange(dt.date(1900, 1, 1), dt.date(2099, 12, 31))

NOTHING_KNOWN = Vocabulary({}, {}, frozenset())
"""A catalogue that bounds no fact."""


def tree(text: str, kind: Kind) -> Node:
    """Return the tree of a random text; what the checks refuse is not asked about."""
    node = bind_if_right(text, kind)
    assume(node is not None)
    assert node is not None
    return node


def pinned(world: World, facts: dict[str, Value], day: dt.date, node: Node) -> Term:
    """Return the condition that a profile and a day are these."""
    terms: list[Any] = [_same(world.today, day)]
    for code, fact in world.facts.items():
        value = facts[code]
        match fact.kind:
            case Kind.TRUTH:
                terms.append(world.truth(code) == value)
            case Kind.NUMBER:
                terms.append(world.number(code) == value)
            case Kind.DATE:
                assert isinstance(value, dt.date)
                terms.append(_same(world.moment(code), value))
            case Kind.TEXT:
                texts = world._texts
                terms.append(world.text(code) == (texts.index(str(value)) if value in texts else len(texts)))
            case Kind.REGION | Kind.INDUSTRY:
                asked = [part for part in walk(node) if isinstance(part, Within | InIndustry)]
                like = [
                    each for each in world._codes[code] if _answers(asked, code, each) == _answers(asked, code, value)
                ]
                assert like, "one of the codes stands for every code"
                terms.append(world.one_of_codes(code, like[:1].__contains__))
    return both(*terms)


def _same(moment: Moment, day: dt.date) -> Term:
    return both(moment.year == day.year, moment.month == day.month, moment.day == day.day)


def _answers(asked: list[Any], code: str, value: Value) -> list[bool | None]:
    return [closure(each)({code: value}, dt.date.min) for each in asked]


@settings(deadline=None)
@given(conditions(), known_facts, days)
def test_a_condition_comes_out_the_same(text: str, facts: dict[str, Value], day: dt.date) -> None:
    """Where the closure says true the term holds, where it says false the term fails, else neither."""
    node = tree(text, Kind.TRUTH)
    world = World([node], NOTHING_KNOWN, ALL_DAYS)
    planes = condition_term(node, world)
    solver = z3.Solver(ctx=world.context)
    solver.add(world.bounds, pinned(world, facts, day, node))

    said = closure(node)(facts, day)

    wanted = {True: (True, False), False: (False, True), None: (False, False)}[said]
    assert solver.check() == z3.sat
    model = solver.model()
    assert tuple(_true(model, term) for term in (planes.holds, planes.fails)) == wanted
    assert world.is_exact


@settings(deadline=None)
@given(numbers(), known_facts, days)
def test_a_number_comes_out_the_same(text: str, facts: dict[str, Value], day: dt.date) -> None:
    """Exact, and unknown for a division by zero."""
    node = tree(text, Kind.NUMBER)
    world = World([node], NOTHING_KNOWN, ALL_DAYS)
    exact = number_term(node, world)
    solver = z3.Solver(ctx=world.context)
    solver.add(world.bounds, pinned(world, facts, day, node))
    assert solver.check() == z3.sat
    model = solver.model()

    said = closure(node)(facts, day)

    assert _true(model, exact.known) is (said is not None)
    if said is not None:
        assert Fraction(_whole(model, exact.numerator), _whole(model, exact.divisor)) == said


@settings(deadline=None, max_examples=25)
@given(conditions(4), st.lists(st.tuples(known_facts, days), min_size=3, max_size=3))
def test_what_is_proved_has_no_exception(text: str, rows: list[tuple[dict[str, Value], dt.date]]) -> None:
    """Nobody is found for whom a condition holds only if nobody's profile makes it true."""
    node = tree(text, Kind.TRUTH)
    questions = Questions({"it": node}, vocabulary=NOTHING_KNOWN, days=ALL_DAYS, limits=Limits(100_000))

    search = questions.find(["it"])

    if search.answer is Answer.NOBODY:
        assert not [row for row in rows if closure(node)(*row) is True]
    if search.witness is not None:
        assert closure(node)(search.witness.facts, search.witness.day) is True


def _true(model: Term, term: Term) -> bool:
    return term if isinstance(term, bool) else bool(z3.is_true(model.eval(term, model_completion=True)))


def _whole(model: Term, term: Term) -> int:
    return term if isinstance(term, int) else int(model.eval(term, model_completion=True).as_long())
