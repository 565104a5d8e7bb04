"""What a version's examples leave untried."""

import pytest

from rules.checks import check_version
from rules.codes import RuleCode
from tests.rules.samples import version

RESIDENT = 'when: within(户籍区划, "31")'


def untried(when: str, *facts: str) -> list[tuple[str, str | None]]:
    """Return message and remedy of what examples with these facts leave untried in a criterion."""
    examples = "".join(
        f"  - {{name: 例{index}, day: 2025-08-01, facts: {{{each}}}, expect: {{outcome: met}}}}\n"
        for index, each in enumerate(facts)
    )
    findings = check_version(version((RESIDENT, f"when: '{when}'"), ("examples:\n", f"examples:\n{examples}")))
    return [(each.message, each.help) for each in findings if each.code is RuleCode.UNTRIED_THRESHOLD]


@pytest.mark.parametrize(
    ("when", "facts"),
    [
        ("家庭人数 >= 3", ["家庭人数: 2", "家庭人数: 3", "家庭人数: 9"]),
        ("家庭人数 < 3", ["家庭人数: 2", "家庭人数: 3", "家庭人数: 9"]),
        ("家庭人数 <= 3", ["家庭人数: 0", "家庭人数: 3", "家庭人数: 4"]),
        ("3 >= 家庭人数", ["家庭人数: 0", "家庭人数: 3", "家庭人数: 4"]),
        ("家庭月收入 < 2000", ["家庭月收入: 1999.99", "家庭月收入: 2000", "家庭月收入: 9000"]),
        ('出生日期 >= d"2020-01-01"', ["出生日期: 2019-12-31", "出生日期: 2020-01-01", "出生日期: 2022-01-01"]),
        ("full_years(出生日期) >= 18", ["出生日期: 2007-08-02", "出生日期: 2007-08-01"]),
        ("家庭人数 >= 残疾等级", ["家庭人数: 1, 残疾等级: 2", "家庭人数: 2, 残疾等级: 2", "家庭人数: 9, 残疾等级: 2"]),
    ],
)
def test_a_threshold_that_is_tried(when: str, facts: list[str]) -> None:
    """Just below, at and above; on the side where nothing changes anything will do."""
    assert untried(when, *facts) == []
    for index in range(len(facts)):
        assert len(untried(when, *facts[:index], *facts[index + 1 :])) == 1


def test_the_values_to_add() -> None:
    """One finding per threshold, with facts to put into examples."""
    first, second = untried("家庭人数 >= 3 and 家庭月收入 < 2000", "家庭人数: 3, 家庭月收入: 1999")

    assert first[0] == "no example lies just below or above the threshold `家庭人数 >= 3`"
    assert str(first[1]).startswith("add examples with 家庭人数: 2; 家庭人数: ")
    assert second[0] == "no example lies at or above the threshold `家庭月收入 < 2000`"
    assert str(second[1]).startswith("add examples with 家庭月收入: 2000; 家庭月收入: ")


def test_what_cannot_be_tried_is_not_asked_for() -> None:
    """A whole number is never at two and a half."""
    assert untried("家庭人数 >= 2.5", "家庭人数: 2", "家庭人数: 3") == []


def test_the_same_threshold_twice() -> None:
    """It is told once, where it stands first, whichever way round it is written."""
    assert len(untried("家庭人数 >= 3 or (残疾等级 == 1 and 家庭人数 < 3)")) == 1


def test_facts_that_no_example_misses() -> None:
    """All in one finding; a fact that an example expects to be missing counts."""
    findings = [each for each in check_version(version()) if each.code is RuleCode.NEVER_MISSING]
    assert [each.message for each in findings] == ["no example misses `户籍区划`, `残疾等级`, `残疾类别`"]

    erased = "facts: {户籍区划: null, 残疾等级: null}\n    expect: {outcome: unknown, missing: [户籍区划, 残疾类别]}"
    changed = version(('facts: {户籍区划: "310118", 残疾等级: 1}\n    expect: {outcome: met, amount: 350}', erased))
    assert not [each for each in check_version(changed) if each.code is RuleCode.NEVER_MISSING]
