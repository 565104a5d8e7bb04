from fractions import Fraction

import pytest

from rules.comparisons import constant_text
from tests.rules.samples import bind, faults


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "残疾证状态 == 1",
            "a text is never == a number: `残疾证状态 == 1`\n  help: `残疾证状态` is a text: write the value in quotation marks",
        ),
        (
            "残疾等级 == '1'",
            'a number is never == a text: `残疾等级 == "1"`\n  help: write the number without quotation marks: 1',
        ),
        ("残疾等级 >= '一'", 'a number is never >= a text: `残疾等级 >= "一"`'),
        ("发证日期 > '2025-07-01'", 'help: write the day as d"2025-07-01"'),
        ('学校 == d"2025-07-01"', 'help: write the text as "2025-07-01"'),
        ("残疾等级 == true", "help: write the value that it is compared with"),
        ("发证日期 == 残疾等级", "a day is never == a number"),
        ("残疾证状态 < '有效'", "a text has no order"),
        ("特困供养 < 工伤护理费", "a condition has no order"),
        ("残疾证状态 == '有校'", "`残疾证状态` is never `有校`\n  help: the nearest value is `有效`"),
        ("'有效 ' != 残疾证状态", "`残疾证状态` is never `有效 `"),
        ("残疾证状态 in ['有效', '过期']", "`残疾证状态` is never `过期`"),
        ("残疾证状态 == 残疾类别", "`残疾证状态` and `残疾类别` share no value"),
        ("残疾等级 == 1.5", "`残疾等级` is never exactly 1.5\n  help: compare with >= or <="),
        ("家庭月收入 == 1 / 3", "`家庭月收入` is never exactly 1/3"),
        ("full_years(出生日期) in [1, 2.5]", "`full_years(出生日期)` is never exactly 2.5"),
        ("残疾等级 == 10000亿 * 10", "`残疾等级` is never exactly 10000000000000"),
        (
            "户籍区划 == '310118'",
            'a region is not compared: `户籍区划`\n  help: ask where it lies: `within(户籍区划, "310118")`',
        ),
        ("行业代码 in ['7010']", "an industry code is not compared: `行业代码`"),
        ("特困供养 in [true]", "a condition needs no list: `特困供养`"),
        ("残疾等级 in []", "`残疾等级` is never in an empty list"),
        ("残疾等级 in [1, 家庭人数]", "a list holds constants, found `家庭人数`"),
        ("残疾等级 in [1, '2']", 'a number is never a text: `残疾等级 in ["2"]`'),
    ],
)
def test_what_can_never_be_true_is_an_error(text: str, message: str) -> None:
    """The author hears of it before anyone is turned away."""
    found = faults(text)

    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize(
    "text",
    [
        "残疾证状态 == 原残疾证状态",
        "残疾证状态 != '冻结'",
        "学校 == '甲'",
        "残疾等级 >= 1.5",
        "家庭月收入 == 0.01",
        "费率 == 0.0001",
        "残疾等级 in [1, 级 + 1]",
        "发证日期 in [d'2025-07-01', d'2025-08-01']",
        "特困供养 == 工伤护理费",
    ],
)
def test_what_may_be_true_is_bound(text: str) -> None:
    """Nothing is refused that someone could meet."""
    assert bind(text, 级=2) is not None


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(5), "5"),
        (Fraction(-1, 2), "-0.5"),
        (Fraction(1, 8), "0.125"),
        (Fraction(1, 3), "1/3"),
        (Fraction(0), "0"),
    ],
)
def test_constants_are_written_out(number: Fraction, text: str) -> None:
    """A number with an end is written with its digits, another as a fraction."""
    assert constant_text(number) == text
