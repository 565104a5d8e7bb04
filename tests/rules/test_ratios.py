from fractions import Fraction

import polars as pl
import pytest

from rules.ratios import NARROW_MAX, WIDE_MAX, Ratio, TooLargeError, Whole


def column(name: str, limit: int = 10**12, denominator: int = 1) -> Ratio:
    """Return a column as a ratio."""
    return Ratio(Whole(pl.col(name), limit), denominator)


FRAME = pl.LazyFrame({"a": [10**12, -7, None, 5], "b": [3, 0, 2, 5]}, schema={"a": pl.Int64, "b": pl.Int64})


def test_products_of_extremes_are_exact() -> None:
    """Three facts multiplied stay whole, in 128 bits."""
    cube = column("a") * column("a") * column("a")

    assert cube.numerator.is_wide
    assert FRAME.select(cube.numerator.expr).collect()["a"].to_list() == [10**36, -343, None, 125]


def test_what_fits_stays_narrow() -> None:
    """The common comparison of a column with a constant needs no wide numbers."""
    plan = FRAME.select(column("a", denominator=100).compare(">=", Ratio.of(Fraction(5)))).explain()

    assert "128" not in plan
    assert not (column("a") + Ratio.of(Fraction(1))).numerator.is_wide


def test_a_divisor_of_zero_is_null() -> None:
    """Zero is not computable, so nobody is judged by it."""
    quotient = column("a") / column("b")

    assert FRAME.select(x=quotient.compare(">", Ratio.of(Fraction(1)))).collect()["x"].to_list() == [
        True,
        None,
        None,
        False,
    ]


@pytest.mark.parametrize("sign", ["==", "!="])
def test_a_constant_beyond_the_column(sign: str) -> None:
    """A constant that no row can hold compares like any other."""
    beyond = Ratio.of(Fraction(10**30))
    same = FRAME.select(x=column("a").compare(sign, beyond)).collect()["x"].to_list()  # type: ignore[arg-type]

    assert same == [sign == "!=", sign == "!=", None, sign == "!="]


def test_beyond_128_bits_is_refused() -> None:
    """Overflow is found when the rule is read, not when it is run."""
    square = column("a") * column("a")
    with pytest.raises(TooLargeError):
        square * square
    with pytest.raises(TooLargeError):
        Ratio.of(Fraction(WIDE_MAX + 1))
    with pytest.raises(TooLargeError):
        Ratio.of(Fraction(1, WIDE_MAX + 1))


def test_constants_fold() -> None:
    """Sums of constants are constants."""
    two, third = Ratio.of(Fraction(2)), Ratio.of(Fraction(1, 3))

    assert (two + third).constant == Fraction(7, 3)
    assert (two - third).constant == Fraction(5, 3)
    assert (two * third).constant == Fraction(2, 3)
    assert (two / third).constant == 6
    assert FRAME.select(x=two.compare(">", third)).collect()["x"].to_list() == [True]
    assert Ratio.of(Fraction(NARROW_MAX + 1)).numerator.is_wide


@pytest.mark.parametrize(
    ("extreme", "of_both", "of_five"),
    [("min", [3, -7, None, 5], [5, -7, None, 5]), ("max", [10**12, 0, None, 5], [10**12, 5, None, 5])],
)
def test_an_extremum_is_unknown_with_either_side(
    extreme: str, of_both: list[int | None], of_five: list[int | None]
) -> None:
    """A missing figure is no limit that may be passed over, on whichever side it stands."""
    five = Ratio.of(Fraction(5))
    pairs = {
        "both": (column("a"), column("b")),
        "turned": (column("b"), column("a")),
        "five": (column("a"), five),
        "five_first": (five, column("a")),
        "parts": (column("a", denominator=3), column("b", denominator=3)),
    }
    read = FRAME.select(**{name: a.extremum(extreme, b).numerator.expr for name, (a, b) in pairs.items()}).collect()  # type: ignore[arg-type]

    assert read.to_dict(as_series=False) == {
        "both": of_both,
        "turned": of_both,
        "five": of_five,
        "five_first": of_five,
        "parts": of_both,
    }


@pytest.mark.parametrize(
    ("mode", "counted"),
    [("down", [10**12, 0, None, 5]), ("up", [10**12, 0, None, 5]), ("half_up", [10**12, 0, None, 5])],
)
def test_what_is_below_zero_counts_no_units(mode: str, counted: list[int | None]) -> None:
    """Nobody owes a benefit; an unknown amount stays unknown."""
    units = column("a").units_above_zero(mode, Fraction(1))  # type: ignore[arg-type]

    assert FRAME.select(x=units.expr).collect()["x"].to_list() == counted
