"""Whatever an author writes, or somebody sends: findings, and no traceback, no hang, no pile of memory."""

import tracemalloc
from collections.abc import Callable, Sequence
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.days import DayRange
from core.errors import RuleError
from core.findings import Finding
from core.yaml_text import DIGITS_MAX, PARTS_MAX, YamlFaultsError, parse_tree
from rules.checks import check_version
from rules.examples import run_examples
from rules.parsing import DEPTH_MAX, LENGTH_MAX, parse_expression
from rules.parsing import PARTS_MAX as EXPRESSION_PARTS_MAX
from rules.passages import Passage, Script
from rules.polars_expressions import condition
from rules.reading import parse_version
from rules.solver_terms import condition_term
from rules.solver_world import World
from rules.tree import All, Compare, Fact, Node, Number, Some
from rules.vocabulary import Vocabulary
from tests.rules.samples import CATALOGUE, DAY, VERSION, bind

WORDS = [
    "残疾等级", "家庭月收入", "出生日期", "and", "or", "not", "in", "(", ")", "[", "]", "{", "}", ",", "，", "。", "==", "≥", "<",
    "!=", "+", "-", "*", "/", "**", "%", "10万", "5%", "0.1", "1e9", '"', "'", "“", "”", "?", ":", 'd"2025-02-30"', "null",
    "day()", "full_years", "within", '"31"', "size_class", "for", ".", "..", "&", "|", "~", "$", "\\", "\x00", "\ud800", "\n",
    "\t", "𝟙", "inf", "nan", "true", "b'a'", 's"a"', 't"P1D"', "=~", "??", "&&",
]  # fmt: skip
YAML_BITS = [
    "a: 1\n", "- ", "  ", "{", "}", "[", "]", ":", "? ", "| ", "> ", "&x ", "*x", "!!python/object ", "---\n", "...\n", "#", '"', "'",
    "1e999999999", "9" * 60, "2025-02-30", "2025-01-01T99:00:00", "~", "\t", "\n", "%YAML 9.9\n", "<<: ", "\x00", "\ud800", "甲",
]  # fmt: skip


def passage(text: str) -> Passage:
    """Return an expression that stands nowhere."""
    return Passage(text, Script("rule", ""))


def refusal(read: Callable[[], object]) -> Sequence[Finding] | None:
    """Return the findings with which something is refused, or None where it is accepted."""
    try:
        read()
    except (RuleError, YamlFaultsError) as error:
        return error.findings
    return None


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=40).map(" ".join))
def test_any_expression(text: str) -> None:
    """Parsed, or one finding that says what is wrong."""
    found = refusal(lambda: parse_expression(passage(text)))

    assert found is None or len(found) == 1


@settings(deadline=None)
@given(st.lists(st.sampled_from(YAML_BITS) | st.text(max_size=6), max_size=30).map("".join))
def test_any_yaml(text: str) -> None:
    """Read as a plain tree, or refused with findings."""
    found = refusal(lambda: parse_tree(text, "file"))

    assert found is None or found


@settings(deadline=None, max_examples=60)
@given(st.integers(0, len(VERSION)), st.integers(0, 30), st.sampled_from([*WORDS, *YAML_BITS]) | st.text(max_size=8))
def test_any_version(place: int, length: int, put: str) -> None:
    """A rule file with any passage replaced is read, checked and run, or refused with findings."""
    text = VERSION[:place] + put + VERSION[place + length :]

    def read() -> None:
        version = parse_version(text, CATALOGUE, "file")
        check_version(version)
        run_examples(version)

    found = refusal(read)

    assert found is None or found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1" * (LENGTH_MAX + 1), f"more than {LENGTH_MAX:,} characters"),
        ("not " * (DEPTH_MAX + 2) + "true", f"nested deeper than {DEPTH_MAX} levels"),
        ("-" * 3_000 + "1", f"nested deeper than {DEPTH_MAX} levels"),
        ("1" + "+1" * (DEPTH_MAX + 2), f"nested deeper than {DEPTH_MAX} levels"),
        (f"a in [{'1,' * EXPRESSION_PARTS_MAX}1]", f"more than {EXPRESSION_PARTS_MAX:,} parts"),
    ],
)
def test_limits_of_an_expression(text: str, said: str) -> None:
    """Length, depth and number of parts, each with a message of its own; time is bounded by them."""
    with pytest.raises(RuleError, match=said):
        parse_expression(passage(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"a: [{'1,' * PARTS_MAX}1]", f"more than {PARTS_MAX:,} keys and values"),
        ("a: 1e999999999", f"more than {DIGITS_MAX} digits"),
        ("a: 1e-999999999", f"more than {DIGITS_MAX} digits"),
        (f"a: {'9' * 900_000}", f"more than {DIGITS_MAX} digits"),
        (f"a: 0.{'0' * 900_000}1", f"more than {DIGITS_MAX} digits"),
        ("a: " + "[" * 50_000, "nested deeper than 20 levels"),
        (f"a: {'b' * 1_000_001}", "larger than 1,000,000 bytes"),
        ("a: '\ud800'", "not UTF-8"),
    ],
)
def test_limits_of_yaml(text: str, said: str) -> None:
    """Bytes, depth, number of parts and digits, each with a message of its own, and little memory."""
    tracemalloc.start()
    try:
        with pytest.raises(YamlFaultsError) as raised:
            parse_tree(text, "file")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert said in str(raised.value.findings[0])
    assert peak < 50_000_000


def test_a_quoted_word_is_clipped() -> None:
    """What an author wrote stands in the message, but not all of a megabyte."""
    with pytest.raises(RuleError) as raised:
        parse_version(VERSION + f"{'x' * 500_000}: 1\n", CATALOGUE, "file")

    assert max(map(len, str(raised.value).splitlines())) < 1_200


def _terms(count: int) -> tuple[Node, ...]:
    level = bind("残疾等级")
    assert isinstance(level, Fact)
    return tuple(Compare("!=", level, Number(Fraction(number))) for number in range(count))


@pytest.mark.parametrize("of", [All, Some])
def test_two_thousand_terms_make_a_flat_expression(of: type[All | Some]) -> None:
    """Polars needs minutes for a chain of so many `&`; a flat one costs what its terms cost."""
    few, many = (condition(of(_terms(count))) for count in (20, 2_000))

    assert _depth(many) == _depth(few)
    holds = pl.LazyFrame({"level": [5, 2_001]}).select(many).collect().to_series().to_list()
    assert holds == ([False, True] if of is All else [True, True])


def test_two_thousand_terms_for_the_solver() -> None:
    """The solver's terms are as flat."""
    node = All(_terms(2_000))
    world = World([node], Vocabulary({}, {}, frozenset()), DayRange(DAY, DAY))

    assert len(condition_term(node, world).holds.children()) == 2_000


def _depth(expr: pl.Expr) -> int:
    """Return how deeply an expression is nested, by the brackets of its text."""
    depth = deepest = 0
    for sign in str(expr):
        depth += (sign in "([") - (sign in ")]")
        deepest = max(deepest, depth)
    return deepest
