import datetime as dt

import pytest

from core.values import FactType, ValueType
from engine.explaining.fact_words import unit_of, value_words


@pytest.mark.parametrize(
    ("value", "fact_type", "words"),
    [
        (None, FactType(ValueType.MONEY), "未知"),
        (True, FactType(ValueType.BOOL), "是"),
        (False, FactType(ValueType.BOOL), "否"),
        (123_456, FactType(ValueType.MONEY), "1,234.56"),
        (1250, FactType(ValueType.DECIMAL, scale=2), "12.50"),
        (2025, FactType(ValueType.INTEGER), "2025"),
        ("有效", FactType(ValueType.TEXT), "有效"),
        (dt.date(2025, 7, 1), FactType(ValueType.DATE), "2025年7月1日"),
        ("310118", FactType(ValueType.REGION), "青浦区（310118）"),
        ("310118103", FactType(ValueType.REGION), "青浦区练塘镇（310118103）"),
        ("310000", FactType(ValueType.REGION), "上海市（310000）"),
        ("990000", FactType(ValueType.REGION), "990000"),
        ("3484", FactType(ValueType.INDUSTRY), "制造业（3484）"),
        ("C3484", FactType(ValueType.INDUSTRY), "制造业（C3484）"),
        ("I", FactType(ValueType.INDUSTRY), "信息传输、软件和信息技术服务业（I）"),
        ("Z9", FactType(ValueType.INDUSTRY), "Z9"),
        ("99", FactType(ValueType.INDUSTRY), "99"),
    ],
)
def test_values_as_people_read_them(value: str | int | dt.date | None, fact_type: FactType, words: str) -> None:
    """Yuan, 是 or 否, days, names beside codes; a code that nobody named stays a code."""
    assert value_words(value, fact_type) == words


def test_units() -> None:
    """A declared unit stands; money is in yuan; other values have none."""
    assert unit_of(FactType(ValueType.INTEGER), "人") == "人"
    assert unit_of(FactType(ValueType.MONEY), None) == "元"
    assert unit_of(FactType(ValueType.TEXT), None) == ""
