from fractions import Fraction

import polars as pl
import pytest

from rules.tariff import AMOUNT_MAX_FEN, BoundLine, ClosedLines, Range, Rounding, compile_lines
from tests.rules.samples import DAY, bind

CENT = Rounding("half_up", Fraction(1, 100))


def lines(*written: tuple[str | None, str]) -> tuple[BoundLine, ...]:
    """Return tariff lines."""
    return tuple(BoundLine(None if when is None else bind(when), bind(amount)) for when, amount in written)


@pytest.mark.parametrize(
    ("written", "facts", "amount", "missing"),
    [
        pytest.param([("残疾等级 == 1", "350"), ("残疾等级 in [2, 3]", "180")], {"level": 1}, (35000, 35000), set(), id="first"),
        pytest.param([("残疾等级 == 1", "350"), ("残疾等级 in [2, 3]", "180")], {"level": 3}, (18000, 18000), set(), id="second"),
        pytest.param([("残疾等级 == 1", "350"), ("残疾等级 in [2, 3]", "180")], {"level": 4}, (0, None), set(), id="no-line-applies"),
        pytest.param([("残疾等级 == 1", "350"), ("残疾等级 in [2, 3]", "180")], {}, (0, None), {"level"}, id="perhaps-no-line"),
        pytest.param([("残疾等级 == 1", "350"), (None, "180")], {}, (18000, 35000), {"level"}, id="one-of-two"),
        pytest.param([("残疾等级 == 1", "180"), (None, "180")], {}, (18000, 18000), set(), id="the-same-either-way"),
        pytest.param([(None, "家庭人数 * 100")], {}, (0, None), {"household_size"}, id="unknown-amount"),
        pytest.param([("残疾等级 == 1", "家庭人数"), (None, "5")], {"level": 2}, (500, 500), set(), id="unknown-elsewhere"),
        pytest.param([("残疾等级 == 1", "家庭人数"), (None, "5")], {}, (0, None), {"level", "household_size"}, id="both-unknown"),
        pytest.param([(None, "100 - 家庭月收入")], {"income_month": 20000}, (0, 0), set(), id="below-zero-is-zero"),
        pytest.param([(None, "家庭月收入 * 家庭人数")], {"income_month": 10**12, "household_size": 10**12}, (0, None), set(), id="absurd"),
        pytest.param([(None, "家庭月收入 / 家庭人数")], {"income_month": 100, "household_size": 0}, (0, None), set(), id="divided-by-zero"),
    ],
)  # fmt: skip
def test_the_first_line_that_applies(
    written: list[tuple[str | None, str]], facts: dict[str, int], amount: Range, missing: set[str]
) -> None:
    """An amount is a range where facts are missing, and never zero for want of a tariff."""
    closed = ClosedLines(lines(*written), CENT)
    amounts = compile_lines(lines(*written), CENT)
    schema = dict.fromkeys(["level", "household_size", "income_month"], pl.Int64)
    row = pl.LazyFrame([{name: facts.get(name) for name in schema}], schema=schema)

    assert closed.amount(facts, DAY) == amount
    assert closed.missing(facts, DAY) == missing
    assert row.select("level", a=amounts.at_least, b=amounts.at_most).collect().row(0)[1:] == amount


@pytest.mark.parametrize(
    ("mode", "unit", "yuan", "fen"),
    [
        ("half_up", "0.01", "0.005", 1),
        ("half_up", "0.01", "0.00499", 0),
        ("down", "0.01", "0.019", 1),
        ("up", "0.01", "0.011", 2),
        ("up", "10", "0.01", 1000),
        ("down", "1", "99.99", 9900),
        ("half_up", "100", "150", 20000),
    ],
)
def test_amounts_are_rounded_once(mode: str, unit: str, yuan: str, fen: int) -> None:
    """As the rule says, to a multiple of its unit; half up to the fen unless it says otherwise."""
    rounding = Rounding(mode, Fraction(unit))  # type: ignore[arg-type]

    assert rounding.fen(Fraction(yuan)) == fen
    assert pl.select(rounding.fen_expr(bind(yuan))).item() == fen


def test_the_largest_amount_is_still_known() -> None:
    """Beyond it a person has to look."""
    most = Fraction(AMOUNT_MAX_FEN, 100)

    assert CENT.fen(most) == AMOUNT_MAX_FEN
    assert CENT.fen(most + 1) is None
