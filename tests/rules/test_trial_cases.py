"""Cases for a new version try everything it compares, and somebody meets it."""

import datetime as dt

import pytest

from rules.closures import Value
from rules.trial_cases import TrialCase, first_cases, trial_cases
from tests.engine.authoring.guides import SHIPPED_VERSIONS
from tests.rules.samples import DAY, version


def by_name(*changes: tuple[str, str]) -> dict[str, TrialCase]:
    """Return the cases of the sample version with some texts replaced."""
    return {case.name: case for case in trial_cases(version(*changes), DAY)}


def tried(code: str, condition: str) -> dict[Value, str]:
    """Return the outcome for each value of a fact that is tried, for a version with one more criterion."""
    changed = version(("criteria:\n", f"criteria:\n  - {{id: x, label: x, when: '{condition}'}}\n"))
    return {case.facts[code]: case.answer.outcome for case in reversed(trial_cases(changed, DAY))}


@pytest.mark.parametrize(
    ("code", "condition", "below", "at", "above", "outcomes"),
    [
        ("income_month", "家庭月收入 <= 1510", 150_900, 151_000, 151_100, ("met", "met", "not_met")),
        ("income_month", "1510 > 家庭月收入", 150_900, 151_000, 151_100, ("met", "not_met", "not_met")),
        ("household_size", "家庭人数 >= 3", 2, 3, 4, ("not_met", "met", "met")),
        ("rate", "费率 < 0.005", 49, 50, 51, ("met", "not_met", "not_met")),
        ("issued_on", '发证日期 >= d"2025-01-01"', dt.date(2024, 12, 31), dt.date(2025, 1, 1), dt.date(2025, 1, 2),
         ("not_met", "met", "met")),
        ("born_on", "full_years(出生日期) >= 65", dt.date(1960, 8, 2), dt.date(1960, 8, 1), dt.date(1959, 8, 1),
         ("not_met", "met", "met")),
        ("born_on", "full_years_by_month(出生日期) >= 65", dt.date(1960, 9, 1), dt.date(1960, 8, 1), dt.date(1959, 8, 1),
         ("not_met", "met", "met")),
        ("issued_on", "full_months(发证日期) < 6", dt.date(2025, 2, 2), dt.date(2025, 2, 1), dt.date(2025, 1, 1),
         ("met", "not_met", "not_met")),
    ],
)  # fmt: skip
def test_a_threshold_is_tried_below_at_and_above(
    code: str, condition: str, below: Value, at: Value, above: Value, outcomes: tuple[str, str, str]
) -> None:
    """One step beside it: a yuan, a whole, a decimal's last place, a day."""
    found = tried(code, condition)

    assert (found[below], found[at], found[above]) == outcomes
    assert found[None] == "unknown"


def test_ways_conditions_and_lines_are_tried() -> None:
    """The trap of this policy is among them: level 3 with a category that nobody knows."""
    cases = by_name()

    assert cases["符合全部条件"].answer.outcome == "met"
    assert cases["残疾等级为2"].answer.due == {"main": (18_000, 18_000)}
    assert cases["不符合：本市户籍"].answer.failing == ("resident",)
    trap = cases["残疾等级为3，且残疾类别为“智力”或“精神”，残疾类别未知"]
    assert (trap.facts["level"], trap.answer.outcome, trap.answer.missing) == (3, "unknown", ("category",))


def test_no_case_stands_twice() -> None:
    """One name, one set of facts."""
    cases = trial_cases(version(), DAY)

    assert len({tuple(case.facts.items()) for case in cases}) == len(cases)


def test_conditions_that_contradict_each_other() -> None:
    """Nobody meets them: there is nothing to begin from, and that is said rather than hidden."""
    assert by_name(("criteria:\n", "criteria:\n  - {id: x, label: x, when: 残疾等级 > 3}\n")) == {}


@pytest.mark.parametrize("key", sorted(SHIPPED_VERSIONS), ids=str)
def test_somebody_meets_every_shipped_version(key: tuple[str, int]) -> None:
    """Real conditions, with relations between facts, are found a case for; each fact that matters is missed once."""
    shipped = SHIPPED_VERSIONS[key]

    cases = first_cases(shipped)

    assert cases[0].answer.outcome == "met"
    assert {code for case in cases for code, value in case.facts.items() if value is None} >= shipped.attributes
    assert {failing for case in cases for failing in case.answer.failing} == {each.id for each in shipped.criteria}
