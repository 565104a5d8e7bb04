"""Forms change what somebody changed in them, and nothing else in a version's text."""

from dataclasses import replace

import pytest

from core.errors import RuleError
from rules.bound import RuleVersion
from rules.entry_faults import AnswerError
from rules.examples import run_examples
from rules.form_edits import (
    Comparison,
    EnteredCriterion,
    EnteredExample,
    EnteredLine,
    group_text,
    key_of,
    shown_example,
    with_changed_example,
    with_criterion,
    with_example,
    with_values,
    without_criterion,
    without_example,
)
from rules.reading import parse_version
from rules.tables import tables_of
from rules.version import Example
from tests.engine.authoring.guides import CATALOGUE, NURSING, SHIPPED_VERSIONS
from tests.world import day

VERSIONS = [*SHIPPED_VERSIONS.values()]


def read(text: str) -> RuleVersion:
    return parse_version(text, CATALOGUE, "policies/x/1.yaml")


def entered(version: RuleVersion, index: int) -> EnteredCriterion:
    """Return a condition as its form shows it."""
    each = version.written.criteria[index]
    return EnteredCriterion(each.id, each.label, each.remedy or "", "all", (), each.when)


def lines(version: RuleVersion) -> list[EnteredLine]:
    """Return the tariff as its form shows it."""
    rows = tables_of(version.written).tariff
    return [EnteredLine(each.component, each.when or "", str(each.amount), each.article or "") for each in rows]


@pytest.mark.parametrize("version", VERSIONS, ids=lambda each: f"{each.policy}-{each.version}")
def test_a_form_that_is_saved_as_it_was_shown_changes_no_byte(version: RuleVersion) -> None:
    """Of any shipped version, whatever its author wrote around the values."""
    values = {name: str(value) for name, value in version.written.parameters.items()}

    assert with_values(version, values, lines(version)) == version.text
    for index in range(len(version.written.criteria)):
        assert with_criterion(version, entered(version, index)) == version.text


@pytest.mark.parametrize("version", VERSIONS, ids=lambda each: f"{each.policy}-{each.version}")
def test_a_condition_that_is_added_and_taken_away_leaves_the_text(version: RuleVersion) -> None:
    """What was added last goes without a trace."""
    first = version.written.criteria[0]
    more = EnteredCriterion("", "新条件", "", "all", (), first.when)

    longer = read(with_criterion(version, more))

    assert [each.label for each in longer.written.criteria][-1] == "新条件"
    assert without_criterion(longer, longer.written.criteria[-1].id) == version.text


def test_comparisons_become_the_expression_of_their_group() -> None:
    """All of them, any of them, none of them; each as the interview writes it."""
    rows = [Comparison("残疾等级", "<=", "2"), Comparison("户籍区划", "is", "31"), Comparison("特困供养", "not", "")]
    parts = ["残疾等级 <= 2", 'within(户籍区划, "31")', "not 特困供养"]

    assert group_text(NURSING, "all", rows) == " and ".join(parts)
    assert group_text(NURSING, "any", rows) == " or ".join(parts)
    assert group_text(NURSING, "none", rows[:2]) == f"not ({parts[0]} or {parts[1]})"
    for group in ("all", "any", "none"):
        made = with_criterion(NURSING, EnteredCriterion("", "一组", "", group, rows, ""))
        assert read(made).criteria[-1].label == "一组"


@pytest.mark.parametrize(
    "row",
    [
        Comparison("没有的要素", "is", ""),
        Comparison("特困供养", ">=", "1"),
        Comparison("户籍区划", "==", "31"),
        Comparison("残疾类别", "==", '视力" or "1" == "1'),
        Comparison("残疾等级", "<=", ""),
    ],
)
def test_a_comparison_that_does_not_fit_is_refused(row: Comparison) -> None:
    """A fact that is none, a sign of another type, a value that would end its quotes, no value at all."""
    with pytest.raises(AnswerError):
        group_text(NURSING, "all", [row])


def test_a_condition_without_content_is_refused() -> None:
    """Neither rows nor an expression."""
    with pytest.raises(AnswerError):
        with_criterion(NURSING, EnteredCriterion("", "空", "", "all", (), " "))


def test_a_remedy_comes_and_goes() -> None:
    """Whoever can do something about a condition is told what, and it is actionable then."""
    index = next(place for place, each in enumerate(NURSING.written.criteria) if not each.actionable)
    entry = entered(NURSING, index)

    told = read(with_criterion(NURSING, replace(entry, remedy="请到街道办理: 一次")))
    assert (told.written.criteria[index].remedy, told.written.criteria[index].actionable) == (
        "请到街道办理: 一次",
        True,
    )

    assert read(with_criterion(told, replace(entry, remedy=""))).written.criteria[index].remedy is None


def test_amounts_lines_and_parameters_change() -> None:
    """A line without an amount goes, a new one is added, and a parameter is another."""
    rows = lines(NURSING)
    values = {name: str(value) for name, value in NURSING.written.parameters.items()}
    name = next(iter(values))

    made = read(
        with_values(NURSING, values | {name: "1,234.50元"}, [*rows, EnteredLine("", "残疾等级 == 4", "5%", "")])
    )

    assert str(made.written.parameters[name]) == "1234.50"
    assert made.written.tariff[-1].amount == "5%"
    assert (
        len(read(with_values(NURSING, values, [replace(rows[0], amount=" "), *rows[1:]])).written.tariff)
        == len(rows) - 1
    )
    with pytest.raises(RuleError):
        with_values(NURSING, values | {name: "007"}, rows)


def test_an_example_is_kept_as_it_was_expected() -> None:
    """Facts are typed as people write them, a blank one is unknown; what it should come to is the officer's word."""
    own = {each.code: each for each in NURSING.vocabulary.own.values()}
    example = next(each for each in NURSING.written.examples if each.expect.outcome == "met")
    typed = {own[code].label: "" for code in NURSING.attributes}
    typed |= {
        name: "是" if value is True else "否" if value is False else str(value) for name, value in example.facts.items()
    }
    amount = str(example.expect.amount)

    made = read(with_example(NURSING, EnteredExample("新的: 一例", day("2025-08-01"), typed, "met", amount)))
    wrong = read(with_example(NURSING, EnteredExample("错的", day("2025-08-01"), typed, "not_met", "")))

    assert made.written.examples[-1].name == "新的: 一例"
    assert len(run_examples(made)) == len(run_examples(NURSING))
    assert len(run_examples(wrong)) > len(run_examples(NURSING))
    assert without_example(made, "新的: 一例") == NURSING.text


def test_a_fact_that_cannot_be_is_refused() -> None:
    """Each with its label."""
    entry = EnteredExample("x", day("2025-08-01"), {"特困供养": "也许", "残疾等级": "一级"}, "met", "")

    with pytest.raises(RuleError) as caught:
        with_example(NURSING, entry)

    assert {each.place.path for each in caught.value.findings} == {"特困供养", "残疾等级"}


def entry_of(example: Example) -> EnteredExample:
    """Return what stands in the form of an example."""
    return shown_example(NURSING, example)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda each: each.policy)
def test_an_example_s_form_that_is_sent_back_as_it_came_changes_not_a_byte(version: RuleVersion) -> None:
    """Of every example that is shipped: what its form shows is what the file says."""
    for example in version.written.examples:
        assert with_changed_example(version, example.name, shown_example(version, example)) == version.text


def test_an_example_is_changed_where_it_stands() -> None:
    """Name, day, one fact, one that was not named, and the amount; the others keep their bytes, and the order stays."""
    example = next(each for each in NURSING.written.examples if each.expect.outcome == "met")
    entry = entry_of(example)
    label = next(name for name, typed in entry.facts.items() if typed == "否")
    facts = {**entry.facts, label: ""}
    changed = replace(entry, name="改名: 一例", day=day("2025-09-02"), facts=facts, amount="1,234.50")

    made = read(with_changed_example(NURSING, example.name, changed))

    names = [each.name for each in NURSING.written.examples]
    place = names.index(example.name)
    found = made.written.examples[place]
    key = key_of(NURSING, example, label)
    assert key is not None
    assert (found.name, found.day, found.facts[key]) == ("改名: 一例", day("2025-09-02"), None)
    assert str(found.expect.amount) == "1234.50"
    assert {k: v for k, v in found.facts.items() if k != key} == {k: v for k, v in example.facts.items() if k != key}
    others = [*made.written.examples[:place], *made.written.examples[place + 1 :]]
    assert others == [each for each in NURSING.written.examples if each.name != example.name]


def test_another_outcome_forgets_what_else_was_expected() -> None:
    """Which conditions fail, and the amount, were of the former one."""
    example = next(each for each in NURSING.written.examples if each.expect.failing)
    made = read(with_changed_example(NURSING, example.name, replace(entry_of(example), outcome="unknown")))
    found = next(each for each in made.written.examples if each.name == example.name)

    assert (found.expect.outcome, found.expect.failing, found.expect.amount) == ("unknown", None, None)


def test_an_amount_is_taken_away_and_given() -> None:
    """Of an example that stays met; giving it back makes the same example."""
    example = next(each for each in NURSING.written.examples if each.expect.amount is not None)
    without = read(with_changed_example(NURSING, example.name, replace(entry_of(example), amount="")))
    assert next(each for each in without.written.examples if each.name == example.name).expect.amount is None
    again = read(with_changed_example(without, example.name, entry_of(example)))
    assert again.written.examples == NURSING.written.examples


def test_an_example_that_is_none_or_takes_another_s_name_is_refused() -> None:
    """A name stands for one case."""
    first, second = NURSING.written.examples[:2]
    for name, entry in (("没有的", entry_of(first)), (first.name, replace(entry_of(first), name=second.name))):
        with pytest.raises(AnswerError):
            with_changed_example(NURSING, name, entry)
    with pytest.raises(RuleError):
        with_changed_example(NURSING, first.name, replace(entry_of(first), amount="007"))
