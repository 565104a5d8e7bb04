"""What forms change in a version's text: its tables, its conditions, its worked examples; every other byte stays.

What comes out is a text; whoever saves it reads it first, and says what does not fit.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.errors import RuleError
from core.findings import Finding, Place
from core.yaml_editing import YamlEditing, written_flow, written_scalar
from core.yaml_text import Path
from rules.authoring_codes import AuthoringCode
from rules.bound import RuleVersion
from rules.entry_faults import AnswerError, EntryFault, EntryRemedy
from rules.example_writing import appended
from rules.interview_conditions import comparison_text
from rules.operands import MistakeError
from rules.table_cells import GENERAL, CellError, entered
from rules.tables import MAIN, Tables, TariffRow, tables_of, with_tables
from rules.version import Example, Expectation, Number
from rules.written_facts import Written as Fact
from rules.written_facts import typed_value, written_value

_YES_OR_NO: Mapping[bool, str] = {True: "是", False: "否"}

GROUPS: Mapping[str, str] = {"all": "全部满足", "any": "满足其中任何一条", "none": "一条也不得满足"}
"""How the comparisons of one condition belong together."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One row of a condition: a fact by its label, a comparison, a value as it was typed."""

    label: str
    sign: str
    value: str


@dataclass(frozen=True, slots=True)
class EnteredCriterion:
    """A condition as a form gives it; `rows` in a group, or `when` as an expression where there are none."""

    id: str
    label: str
    remedy: str
    group: str
    rows: Sequence[Comparison]
    when: str


@dataclass(frozen=True, slots=True)
class EnteredLine:
    """A line of the tariff as a form gives it; without an amount it goes."""

    component: str
    when: str
    amount: str
    article: str


@dataclass(frozen=True, slots=True)
class EnteredExample:
    """A worked example as a form gives it: facts by label as they were typed, blank where unknown."""

    name: str
    day: dt.date
    facts: Mapping[str, str]
    outcome: str
    amount: str


def group_text(version: RuleVersion, group: str, rows: Iterable[Comparison]) -> str:
    """Return the comparisons of a group as one expression.

    Fails: AnswerError where a row names no fact, or a comparison that does not fit it.
    """
    parts = []
    for row in rows:
        attribute = version.vocabulary.attribute(row.label)
        if attribute is None:
            raise AnswerError(EntryFault.NO_FACT, EntryRemedy.CHOOSE, name=row.label)
        parts.append(comparison_text(attribute, row.sign, row.value))
    if group == "all":
        return " and ".join(parts)
    joined = " or ".join(parts)
    return joined if group == "any" else f"not ({joined})"


def with_criterion(version: RuleVersion, entry: EnteredCriterion) -> str:
    """Return the text with a condition changed, or added at the end where none has its id.

    Fails: AnswerError as `group_text`, or where nothing is compared.
    """
    when = group_text(version, entry.group, entry.rows) if entry.rows else entry.when.strip()
    if not when or not entry.label:
        raise AnswerError(EntryFault.NO_CONDITION)
    editing = YamlEditing(version.text)
    known = [each.id for each in version.written.criteria]
    wanted = {"label": written_scalar(entry.label), "when": written_scalar(when)}
    if entry.id not in known:
        item = {"id": written_scalar(entry.id or _free_id(known))} | wanted
        remedy = {"remedy": written_scalar(entry.remedy)} if entry.remedy else {"actionable": "false"}
        editing.insert(("criteria",), len(known), [item | remedy])
        return editing.text()
    index = known.index(entry.id)
    before = version.written.criteria[index]
    if before.label != entry.label:
        editing.set(("criteria", index, "label"), wanted["label"])
    if " ".join(before.when.split()) != " ".join(when.split()):
        editing.set(("criteria", index, "when"), wanted["when"])
    _change_remedy(editing, index, before.remedy, entry.remedy)
    return editing.text()


def _change_remedy(editing: YamlEditing, index: int, before: str | None, after: str) -> None:
    path = ("criteria", index, "remedy")
    if after == (before or ""):
        return
    if not after:
        editing.drop(path)
    elif before is not None:
        editing.set(path, written_scalar(after))
    else:
        editing.put(("criteria", index), {"remedy": written_scalar(after)})
        if editing.has(("criteria", index, "actionable")):
            editing.set(("criteria", index, "actionable"), "true")


def without_criterion(version: RuleVersion, name: str) -> str:
    """Return the text without a condition."""
    editing = YamlEditing(version.text)
    known = [each.id for each in version.written.criteria]
    editing.remove_all(("criteria",), [known.index(name)] if name in known else [])
    return editing.text()


def with_values(version: RuleVersion, parameters: Mapping[str, str], tariff: Sequence[EnteredLine]) -> str:
    """Return the text with other parameters and another tariff; a parameter without a value goes.

    Fails: RuleError with everything that is no value.
    """
    before, faults = tables_of(version.written), list[Finding]()

    def value(place: str, typed: str, was: Number | None) -> Number:
        try:
            return entered(typed, GENERAL, was)
        except CellError as fault:
            faults.append(Finding(AuthoringCode.TABLE_CELL, Place(place), fault.message, fault.remedy))
            return 0

    values = {
        name: value(f"参数 {name}", typed, before.parameters.get(name))
        for name, typed in parameters.items()
        if name.strip() and typed.strip()
    }
    rows = []
    for place, line in enumerate(tariff):
        was = before.tariff[place] if place < len(before.tariff) else None
        if line.amount.strip():
            amount = value(f"标准第 {place + 1} 行", line.amount, was.amount if was else None)
            instalment = was.instalment if was else None
            rows.append(TariffRow(line.component or MAIN, line.when or None, amount, instalment, line.article or None))
    if faults:
        raise RuleError(faults)
    editing = YamlEditing(version.text)
    with_tables(editing, before, Tables(values, tuple(rows)))
    return editing.text()


def with_example(version: RuleVersion, entry: EnteredExample) -> str:
    """Return the text with a worked example added, as its author expects it to come out.

    Fails: RuleError with every fact that cannot have what was typed, or where the amount is none.
    """
    facts, amount = _entered(version, entry)
    item = {
        "name": written_scalar(entry.name),
        "day": str(entry.day),
        "facts": written_flow(facts),
        "expect": _expectation(entry.outcome, amount),
    }
    return appended(version.text, [item])


def with_changed_example(version: RuleVersion, name: str, entry: EnteredExample) -> str:
    """Return the text with a worked example changed where a form says otherwise; the rest of it stays as it is written.

    With another outcome, what else was expected of the former one goes: which conditions fail, which facts are missing.
    Fails: AnswerError where there is no such example, or another has the new name; RuleError as `with_example`.
    """
    known = [each.name for each in version.written.examples]
    if name not in known:
        raise AnswerError(EntryFault.NO_EXAMPLE, name=name)
    if entry.name != name and entry.name in known:
        raise AnswerError(EntryFault.EXAMPLE_TWICE, EntryRemedy.OTHER_NAME, name=entry.name)
    facts, amount = _entered(version, entry)
    editing, path = YamlEditing(version.text), ("examples", known.index(name))
    before = version.written.examples[known.index(name)]
    if entry.name != name:
        editing.set((*path, "name"), written_scalar(entry.name))
    if entry.day != before.day:
        editing.set((*path, "day"), str(entry.day))
    _change_facts(editing, (*path, "facts"), before.facts, {key_of(version, before, k) or k: facts[k] for k in facts})
    _change_expectation(editing, (*path, "expect"), before.expect, entry.outcome, amount)
    return editing.text()


def _change_facts(editing: YamlEditing, path: Path, before: Mapping[str, Fact], after: Mapping[str, Fact]) -> None:
    """Change the facts that are others; one that nobody knows is not begun."""
    for name, value in after.items():
        if name in before and value != before[name]:
            editing.set((*path, name), written_scalar(value))
    new = {name: written_scalar(value) for name, value in after.items() if name not in before and value is not None}
    editing.put(path, new)


def _change_expectation(
    editing: YamlEditing, path: Path, before: Expectation, outcome: str, amount: Number | None
) -> None:
    if outcome != before.outcome:
        editing.set(path, _expectation(outcome, amount))
    elif amount is None and before.amount is not None:
        editing.drop((*path, "amount"))
    elif amount is not None and before.amount is None:
        editing.put(path, {"amount": written_scalar(amount)})
    elif amount is not None and amount != before.amount:
        editing.set((*path, "amount"), written_scalar(amount))


def shown_example(version: RuleVersion, example: Example) -> EnteredExample:
    """Return what stands in the form of an example: every fact that the version reads, as a person types it."""
    own = {each.code: each.label for each in version.vocabulary.own.values()}
    facts = {}
    for label in sorted(own[code] for code in version.attributes):
        key = key_of(version, example, label)
        value = None if key is None else example.facts[key]
        facts[label] = "" if value is None else _YES_OR_NO[value] if isinstance(value, bool) else str(value)
    amount = "" if example.expect.amount is None else str(example.expect.amount)
    return EnteredExample(example.name, example.day, facts, example.expect.outcome, amount)


def key_of(version: RuleVersion, example: Example, label: str) -> str | None:
    """Return under which name an example has a fact, its label or its code; None where it says nothing of it."""
    attribute = version.vocabulary.attribute(label)
    names = (label,) if attribute is None else (attribute.label, attribute.code)
    return next((each for each in names if each in example.facts), None)


def _entered(version: RuleVersion, entry: EnteredExample) -> tuple[dict[str, Fact], Number | None]:
    """Return the facts by label, and the amount, as an author would write them.

    Fails: RuleError with everything that cannot be what was typed.
    """
    faults, facts = list[Finding](), dict[str, Fact]()
    for label, typed in entry.facts.items():
        attribute = version.vocabulary.attribute(label)
        assert attribute is not None  # the form names what the version reads
        try:
            value = typed_value(label, typed, attribute.fact_type) if typed.strip() else None
            facts[attribute.label] = None if value is None else written_value(value, attribute.fact_type)
        except MistakeError as mistake:
            faults.append(Finding(mistake.code, Place(label), mistake.message, mistake.remedy))
    amount = None
    if entry.amount.strip():
        try:
            amount = entered(entry.amount, GENERAL)
        except CellError as fault:
            faults.append(Finding(AuthoringCode.TABLE_CELL, Place("amount"), fault.message, fault.remedy))
    if faults:
        raise RuleError(faults)
    return facts, amount


def _expectation(outcome: str, amount: Number | None) -> str:
    return written_flow({"outcome": outcome} | ({} if amount is None else {"amount": amount}))


def without_example(version: RuleVersion, name: str) -> str:
    """Return the text without a worked example."""
    editing = YamlEditing(version.text)
    known = [each.name for each in version.written.examples]
    editing.remove_all(("examples",), [known.index(name)] if name in known else [])
    return editing.text()


def _free_id(known: Sequence[str]) -> str:
    return next(name for name in (f"condition_{number}" for number in range(1, len(known) + 2)) if name not in known)
