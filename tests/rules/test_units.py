"""Units of the catalogue against each other and against thresholds."""

import pytest

from core.yaml_text import LINE_KEY
from profiles.catalogue import Catalogue
from rules.checks import check_version
from rules.codes import RuleCode
from rules.reading import parse_version
from tests.rules.samples import CATALOGUE, attribute, version_text

MORE = [
    attribute("turnover", "产值", "decimal", scale=2, unit="万元"),
    attribute("share", "研发占比", "decimal", scale=2, unit="%"),
    attribute("age", "企业年龄", "integer", unit="岁"),
    attribute("score", "得分", "integer"),
]
WITH_UNITS = Catalogue.model_validate(
    CATALOGUE.model_dump() | {"attributes": CATALOGUE.attributes | {each.code: each for each in MORE}, LINE_KEY: 1}
)


def said(when: str, amount: str = "level_1") -> list[tuple[str, str | None]]:
    """Return message and remedy of what is wrong with units in a criterion and an amount."""
    text = version_text(
        ('within(户籍区划, "31")', when),
        ("    when: ", "    when: >-\n      "),
        ("amount: level_1", f"amount: {amount}"),
    )
    findings = check_version(parse_version(text, WITH_UNITS, "rule.yaml"))
    return [(each.message, each.help) for each in findings if each.code is RuleCode.WRONG_UNIT]


@pytest.mark.parametrize(
    ("when", "message", "remedy"),
    [
        (
            "家庭月收入 >= 产值",
            "`家庭月收入` is in 元 and `产值` in 万元",
            "bring both to one unit: 1 元 is 0.0001 万元",
        ),
        (
            "家庭月收入 >= 家庭人数",
            "`家庭月收入` is in 元 and `家庭人数` in 人",
            "compare, or add, what has the same unit",
        ),
        (
            "家庭月收入 + 产值 >= 5",
            "`家庭月收入` is in 元 and `产值` in 万元",
            "bring both to one unit: 1 元 is 0.0001 万元",
        ),
        (
            "产值 >= 10万",
            "`产值` is held in 万元, and 10万 万元 are not 10万 元",
            "write 10 for 10万 元, or 100000 if 10万 万元 are meant",
        ),
        ("研发占比 >= 5%", "`研发占比` is held in %, so that 5% of it is 0.05 %", "write 5"),
        ("day() - 出生日期 > full_months(发证日期)", None, "compare, or add, what has the same unit"),
    ],
)
def test_units_that_do_not_fit(when: str, message: str | None, remedy: str) -> None:
    """The finding names both units, and what to write."""
    found = said(when)

    assert [each[1] for each in found] == [remedy]
    assert message in {None, found[0][0]}


@pytest.mark.parametrize(
    "when",
    [
        "家庭月收入 / 家庭人数 <= 1500",
        "家庭月收入 * 0.0001 >= 产值",
        "产值 >= 2000",
        "研发占比 >= 5",
        "企业年龄 >= full_years(发证日期)",
        "得分 >= 家庭人数",
        "费率 >= 5%",
        "家庭月收入 >= 10万",
    ],
)
def test_units_that_fit_or_cannot_be_known(when: str) -> None:
    """A product or a quotient may carry any unit, and synonyms are one unit: silence."""
    assert said(when) == []


def test_an_amount_in_another_unit() -> None:
    """Amounts are yuan."""
    assert said("产值 >= 1", "产值") == [
        ("the amount is in 万元: amounts are in yuan", "multiply it, so that it is in 元")
    ]
    assert said("产值 >= 1", "产值 * 10000") == []
