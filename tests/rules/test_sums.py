import pytest

from rules.tree import DaysBetween, Kind, Shifted
from tests.rules.samples import bind, faults


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 / (2 - 2)", "the divisor is always zero: `1 / (2 - 2)`"),
        ("残疾等级 + 特困供养", "expected a number, found a condition: `特困供养`"),
        ("学校 + '甲'", "expected a number, found a text: `学校`"),
        ("-特困供养", "expected a number, found a condition: `特困供养`"),
        ("发证日期 + 出生日期", "a day + a day has no meaning"),
        ("3 - 发证日期", "a number - a day has no meaning"),
        ("发证日期 * 2", "a day * a number has no meaning"),
        ("发证日期 + '3'", "a day + a text has no meaning"),
        ("发证日期 + 残疾等级", "a day is moved by a whole number of days that is the same for everyone"),
        ("发证日期 + 0.5", "found `0.5`"),
        ("发证日期 + 100万", "found `100万`"),
    ],
)
def test_sums_without_meaning_are_refused(text: str, message: str) -> None:
    """Each side's kind is checked."""
    found = faults(text)

    assert len(found) == 1
    assert message in found[0]


def test_days_are_subtracted_and_moved() -> None:
    """Days apart are a number, a day moved is a day."""
    assert isinstance(bind("day() - 发证日期"), DaysBetween)
    assert bind("day() - 发证日期").kind is Kind.NUMBER
    assert bind("发证日期 - 30") == bind("-30 + 发证日期")
    assert isinstance(bind("发证日期 + 等", 等=3), Shifted)
    assert bind("发证日期 + 1").kind is Kind.DATE
