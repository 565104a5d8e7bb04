"""What can be written and can hardly be meant."""

import pytest

from rules.checks import check_version
from tests.rules.samples import version

TERMS = "  period: month\n  pay: {calendar: monthly, day: 15}\n"
LINES = "  - when: 残疾等级 == 1\n    amount: level_1\n  - when: 残疾等级 in [2, 3]\n    amount: level_2\n"
TIERS = """  - {when: 家庭人数 < 2, amount: 10}
  - {when: 家庭人数 >= 2 and 家庭人数 < 3, amount: 20}
  - {when: 3 <= 家庭人数 and 家庭人数 < 4, amount: AMOUNT}
  - {when: 家庭人数 >= 4, amount: 40}
"""


def told(code: str, *changes: tuple[str, str]) -> list[str]:
    """Return what is said of the sample under one code."""
    return [each.message for each in check_version(version(*changes)) if each.code.value == code]


@pytest.mark.parametrize(
    ("effort", "is_one"),
    [
        ("steps: 0", True),
        ("visits: 2, documents: 4", True),
        ("steps: 5, visits: -1", False),
        ("", False),
    ],
)
def test_an_effort_counts_something(effort: str, *, is_one: bool) -> None:
    """None is a number, less than none is not; what is left out is not declared."""
    line = f"effort: {{{', '.join(filter(None, (effort, 'source: 原办事指南')))}}}\nexamples:"

    said = told("R304", ("examples:", line))

    assert said == (
        []
        if is_one
        else ["an effort counts what an application asks of a person: at least one number, none below zero"]
    )


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ("  period: once\n  pay: {calendar: daily, advance: true}\n", ["`period: once` has no coming periods that could be paid in advance"]),
        ("  period: quarter\n  duration: {months: 2}\n  pay: {calendar: daily}\n", ["a duration of 2 months is shorter than one period of 3 months"]),
        ("  period: quarter\n  duration: {months: 3}\n  pay: {calendar: daily, advance: true}\n", []),
    ],
)  # fmt: skip
def test_terms_that_come_to_nothing(terms: str, said: list[str]) -> None:
    """Coming periods of a single payment; fewer months than a period has."""
    assert told("R304", (TERMS, terms)) == said


@pytest.mark.parametrize(("share", "is_right"), [("20%", True), ("12.5%", True), ("六成", False), ("-5%", False)])
def test_what_a_guard_expects(share: str, is_right: bool) -> None:  # a table
    """A night reads it as a number: what is none is found before one runs."""
    guard = f"guard: {{amount_change: {share}}}\nexamples:\n"

    assert (told("R304", ("examples:\n", guard)) == []) == is_right


def test_budgets_have_years_of_the_version() -> None:
    """From the year of its first day, through that of its last."""
    budgets = "budget: [{year: 2024, amount: 1000万}, {year: 2025, amount: 1000万}, {year: 2026, amount: 1000万}]\n"
    ended = ("valid_from: 2025-07-01\n", "valid_from: 2025-07-01\nvalid_through: 2025-12-31\n")

    messages = told("R333", ended, ("examples:\n", f"{budgets}examples:\n"))

    assert [message.partition(":")[0] for message in messages] == ["a budget of 2024", "a budget of 2026"]


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (30, []),
        (20, []),
        (15, ["the amount falls from 20 to 15 yuan where those of the other tiers do not"]),
        (300, ["the amount falls from 300 to 40 yuan where those of the other tiers do not"]),
    ],
)
def test_one_tier_out_of_order(amount: int, said: list[str]) -> None:
    """10, 20, then less, where the last is 40; equal neighbours are no fall."""
    assert told("R334", (LINES, TIERS.replace("AMOUNT", str(amount)))) == said


def test_tiers_of_several_facts_have_no_order() -> None:
    """Nothing is said where lines ask for more than one fact, for values, or pay by a formula."""
    for before, after in (
        ("家庭人数 >= 4", "残疾等级 >= 4"),
        ("家庭人数 >= 4", "家庭人数 == 4"),
        ("40", "家庭月收入 / 9"),
    ):
        assert told("R334", (LINES, TIERS.replace("AMOUNT", "15").replace(before, after))) == []


def test_an_area_beside_the_versions_own() -> None:
    """A wider one, or a street of it, is its own; one that may be missed counts for nothing."""
    asked = 'when: within(户籍区划, "31")'

    assert told("R332", (asked, "when: 'within(户籍区划, \"310118001\")'")) == []
    assert told("R332", (asked, "when: 'not within(户籍区划, \"310117\")'")) == []
    assert told("R332", (asked, "when: '特困供养 and within(户籍区划, \"310117\")'")) == [
        "the version is for 310118, the criterion asks for 310117"
    ]
