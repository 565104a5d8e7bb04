from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from rules.thresholds import APPLY, FLIPPED, OPPOSITE, crossings, whole_bound
from rules.tree import ComparisonSign

signs = st.sampled_from(list(APPLY))
bounds = st.fractions(-5, 5, max_denominator=4)
wholes = st.integers(-6, 6) | st.integers(-510, 510)


@given(signs, bounds, wholes, st.sampled_from([1, 3, 100]))
def test_a_whole_bound_says_the_same(sign: ComparisonSign, bound: Fraction, number: int, times: int) -> None:
    """Comparing with the whole bound is comparing with the bound, or with so many times the bound."""
    whole = whole_bound(sign, bound, times)

    expected = APPLY[sign](number, bound * times)
    assert expected == (sign == "!=" if whole is None else APPLY[sign](number, whole))


@given(signs, bounds, wholes)
def test_a_comparison_changes_only_where_it_crosses(sign: ComparisonSign, bound: Fraction, number: int) -> None:
    """Between crossings a growing number compares alike."""
    changes = APPLY[sign](number, bound) != APPLY[sign](number - 1, bound)

    assert changes == (number in crossings(sign, bound))


@given(signs, bounds, wholes)
def test_flipped_and_opposite(sign: ComparisonSign, bound: Fraction, number: int) -> None:
    """The flipped sign exchanges the sides, the opposite one denies."""
    assert APPLY[FLIPPED[sign]](bound, number) == APPLY[sign](number, bound)
    assert APPLY[OPPOSITE[sign]](number, bound) != APPLY[sign](number, bound)
