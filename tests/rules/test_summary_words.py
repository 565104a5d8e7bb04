"""What the summary tells people against what the rule pays: other figures are told, what a reader may make of them is not."""

import pytest

from rules.checks import check_version
from rules.codes import RuleCode
from tests.rules.samples import version

TITLE = "title: 重度残疾人护理补贴\n"
TARIFF = "  - when: 残疾等级 == 1\n    amount: level_1\n  - when: 残疾等级 in [2, 3]\n    amount: level_2\n"


def differs(summary: str, *changes: tuple[str, str]) -> list[str]:
    """Return what is said of the sample with a summary."""
    changed = version((TITLE, f"{TITLE}summary: {summary}\n"), *changes)
    return [each.message for each in check_version(changed) if each.code is RuleCode.WORDS_DIFFER]


@pytest.mark.parametrize(
    "summary",
    [
        "重度残疾人按等级发放。",
        "一级每人每月350元，其他每月180元。",
        "一级每年4,200元。",
        "一级每月350元（原文另有530元一档），全额100%由财政承担。",
        "【演示：参照530元】一级每月0.035万元。",
    ],
)
def test_what_a_reader_may_make_of_the_rule(summary: str) -> None:
    """By the month or the year, in 元 or 万元, or no figure at all; remarks in brackets are not the rule's."""
    assert differs(summary) == []


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        ("一级每月530元。", "the summary says `530元`, which is no figure of the rule"),
        ("一级每月350万元。", "the summary says `350万元`, which is no figure of the rule"),
        ("按35%补贴。", "the summary says `35%`, which is no figure of the rule"),
        ("一次性补贴350元。", "the summary says `一次性`, the terms say `period: month`"),
    ],
)
def test_what_the_rule_does_not_know(summary: str, said: str) -> None:
    """A figure that is nowhere, a unit, how often."""
    assert differs(summary) == [said]


def test_components_add_up() -> None:
    """350 for the one and 180 for the other are 530 together; two lines of one component are not."""
    both = "  - amount: level_1\n  - {amount: level_2, component: 交通}\n"

    assert differs("合计每月530元。", (TARIFF, both)) == []
    assert differs("合计每月530元。") != []


def test_what_is_left_of_a_share_and_rates_in_per_cent() -> None:
    """减免30% where 70% is paid."""
    shares = "  - amount: 家庭月收入 * 70%\n"
    parameters = "parameters: {level_1: 350, level_2: 180}\n"

    assert differs("减免30%。", (TARIFF, shares), (parameters, "")) == []
