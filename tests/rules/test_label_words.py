"""What a criterion is called against what it asks; only what can be read without doubt is compared."""

import pytest

from rules.checks import check_version
from rules.codes import RuleCode
from tests.rules.samples import version

CRITERION = 'label: 本市户籍\n    when: within(户籍区划, "31")'


def differs(label: str, when: str) -> list[str]:
    """Return what is said of a criterion with this label and this condition."""
    changed = version((CRITERION, f"label: {label}\n    when: '{when}'"))
    return [each.message for each in check_version(changed) if each.code is RuleCode.WORDS_DIFFER]


@pytest.mark.parametrize(
    ("label", "when"),
    [
        ("年满十八周岁", "full_years(出生日期) >= 18"),
        ("未满十八周岁", "not (full_years(出生日期) >= 18)"),
        ("年满一百周岁", "100 <= full_years(出生日期)"),
        ("二十人及以下的家庭", "家庭人数 <= 20"),
        ("十二人以上的家庭", "家庭人数 >= 12"),
        ("3周岁以下", "full_years(出生日期) < 3"),
        ("家庭月收入不超过1.5万元", "家庭月收入 <= 15000"),
        ("家庭月收入低于2000元", "家庭月收入 < 2000"),
        ("费率不高于5.5%", "费率 <= 5.5%"),
        ("领证未满两年", "full_years(发证日期) < 2"),
        ("2024年7月1日以后领证", '发证日期 > d"2024-06-30"'),
        ("2024年至2025年领证", '发证日期 >= d"2024-01-01" and 发证日期 < d"2026-01-01"'),
        ("2024年13月1日以后领证", "发证日期 > 出生日期"),
        ("青浦区户籍", 'within(户籍区划, "310118")'),
        ("青浦区夏阳街道户籍", 'within(户籍区划, "310118001")'),
        ("未享受特困供养", "not 特困供养"),
        ("享受特困供养", "特困供养"),
        ("三级以上", "残疾等级 >= 1"),
        ("一年内领证，家庭3人以上", "full_years(发证日期) < 1"),
    ],
)
def test_what_agrees_or_cannot_be_read(label: str, when: str) -> None:
    """Numbers in characters, units of money, a ratio as a percentage, a comparison turned round: nothing is said."""
    assert differs(label, when) == []


@pytest.mark.parametrize(
    ("label", "when", "said"),
    [
        ("年满十八周岁", "full_years(出生日期) > 18", "by the label's `年满十八周岁` the border itself meets it, by"),
        (
            "未满十八周岁",
            "full_years(出生日期) <= 18",
            "by the label's `未满十八周岁` the border itself does not meet it",
        ),
        ("不超过20人", "家庭人数 < 20", "by the label's `不超过20人` the border itself meets it, by `家庭人数 < 20`"),
        ("超过20人", "家庭人数 >= 20", "by the label's `超过20人` the border itself does not meet it"),
        ("年满二十五周岁", "full_years(出生日期) >= 52", "the label says `年满二十五周岁`, the condition asks"),
        ("家庭月收入不超过1.5万元", "家庭月收入 <= 150000", "the label says `不超过1.5万元`, the condition asks"),
        ("费率不高于5.5%", "费率 <= 5.5", "the label says `不高于5.5%`, the condition asks `费率 <= 5.5`"),
        ("2024年7月1日以后领证", '发证日期 >= d"2024-07-02"', "the label says 2024年7月1日, which the condition does"),
        ("2024年以后领证", 'd"2025-01-01" <= 发证日期', "the label says 2024年, which the condition does not name"),
        ("青浦区户籍", 'within(户籍区划, "310117")', "the label says 青浦区, the condition asks for 310117"),
        ("青浦区户籍", 'within(户籍区划, "31")', "the label says 青浦区, the condition asks for 31"),
        ("未享受特困人员供养", "特困供养", "the label denies `特困供养`, the condition asks for it"),
    ],
)
def test_what_differs(label: str, when: str, said: str) -> None:
    """民法典 1259: 以上, 以下, 届满 take the border in; 不满, 超过 leave it out."""
    (message,) = differs(label, when)

    assert message.startswith(said)
