"""Which group a value falls into, at every border, and what the group is called."""

import datetime as dt

import polars as pl
import pytest

from core.values import ValueType
from engine.planning.bands import UNKNOWN, Bands
from profiles.catalogue import Attribute
from profiles.dimensions import Dimension

DAY = dt.date(2026, 2, 28)


def bands(value_type: ValueType, values: tuple[str, ...] = (), **how: object) -> Bands:
    """Return a dimension of one attribute."""
    attribute = Attribute(
        code="fact", label="事实", subject="person", type=value_type, values=values, sensitivity=1, unit="人"
    )
    return Bands(Dimension(code="d", label="维", subject="person", attribute="fact", **how), attribute)  # type: ignore[arg-type]  # fields by name


def label(each: Bands, value: object) -> str:
    """Return what the group of one value is called."""
    frame = pl.DataFrame({"fact": [value]}, schema={"fact": each.attribute.fact_type.dtype})
    return each.label(frame.select(each.group(pl.lit(DAY))).item())


@pytest.mark.parametrize(
    ("born", "words"),
    [
        pytest.param(dt.date(2008, 3, 1), "不满18岁", id="the-day-before-the-birthday"),
        pytest.param(dt.date(2008, 2, 28), "18至59岁", id="on-the-birthday"),
        pytest.param(dt.date(1966, 3, 1), "18至59岁", id="nearly-sixty"),
        pytest.param(dt.date(1966, 2, 28), "60岁以上", id="sixty"),
        pytest.param(None, UNKNOWN, id="no-birth-date-on-file"),
    ],
)
def test_ages(born: dt.date | None, words: str) -> None:
    """A band begins on the birthday."""
    assert label(bands(ValueType.DATE, years=(18, 60)), born) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "不满1人"), (1, "1至不满20人"), (19, "1至不满20人"), (20, "20人以上"), (None, UNKNOWN)],
)
def test_numbers(count: int | None, words: str) -> None:
    """A band begins at its limit."""
    assert label(bands(ValueType.INTEGER, bands=(1, 20)), count) == words


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("C3512", "C 制造业"),
        ("3512", "C 制造业"),
        ("63", "I 信息传输、软件和信息技术服务业"),
        ("A", "A 农、林、牧、渔业"),
        (None, UNKNOWN),
    ],
)
def test_industries(code: str | None, words: str) -> None:
    """With or without its letter."""
    assert label(bands(ValueType.INDUSTRY, section=True), code) == words


def test_regions() -> None:
    """Cut to so many digits; a code without a name stands for itself."""
    each = bands(ValueType.REGION, digits=6)

    assert [label(each, code) for code in ("310118003", "310118", "999999")] == ["青浦区", "青浦区", "999999"]


def test_values_stand_in_the_order_of_the_catalogue() -> None:
    """Large before small, as declared; the unknown last."""
    each = bands(ValueType.TEXT, values=("大型", "中型", "小型"))

    assert sorted([None, "小型", "大型", "中型"], key=each.order) == ["大型", "中型", "小型", None]


def test_truths_are_yes_and_no() -> None:
    """A fact that is true or false reads so."""
    assert [label(bands(ValueType.BOOL), value) for value in (True, False)] == ["是", "否"]
