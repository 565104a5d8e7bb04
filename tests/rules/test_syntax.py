from fractions import Fraction

import pytest

from rules.syntax import (
    Choice,
    Comparison,
    ListWord,
    Membership,
    Name,
    NumberWord,
    Syntax,
    TextWord,
    TruthWord,
    line_of,
)

ONE = NumberWord(Fraction(1), "1")


@pytest.mark.parametrize(
    ("syntax", "line"),
    [
        (Comparison("==", Name("甲", 2), ONE), 2),
        (Membership(Name("甲", 3), ListWord((ONE,))), 3),
        (Choice(Name("甲", 1), ONE, ONE), 1),
        (ListWord((Name("甲", 4),)), 4),
        (ListWord(()), 0),
        (TextWord("甲"), 0),
        (TruthWord(value=True), 0),
    ],
)
def test_a_part_stands_where_its_first_name_stands(syntax: Syntax, line: int) -> None:
    """Only names and calls know their line; what holds them takes it from them."""
    assert line_of(syntax) == line
