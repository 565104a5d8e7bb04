"""Worked examples as text: a case and what a version says of it, in the form of the file's own examples."""

import datetime as dt
from collections.abc import Iterable, Mapping
from fractions import Fraction

from core.money import FEN_PER_YUAN
from core.yaml_editing import Item, YamlEditing, written_flow, written_list, written_scalar
from rules.bound import RuleVersion
from rules.closures import Value
from rules.comparisons import constant_text
from rules.examples import Answer
from rules.written_facts import written_value

OUTCOME_WORDS = {"met": "符合", "not_met": "不符合", "unknown": "待核"}


def example_item(version: RuleVersion, name: str, day: dt.date, facts: Mapping[str, Value], answer: Answer) -> Item:
    """Return one example, expecting what the version says; facts go by label, as frames hold them."""
    own = {each.code: each for each in version.vocabulary.own.values()}
    written = {own[code].label: written_value(value, own[code].fact_type) for code, value in facts.items()}
    return {
        "name": written_scalar(name),
        "day": str(day),
        "facts": written_flow(written),
        "expect": _expectation(answer, {code: each.label for code, each in own.items()}),
    }


def free_name(version: RuleVersion, wanted: str, taken: Iterable[str] = ()) -> str:
    """Return a name that no example of the version has: the one wanted, or the same with a number."""
    names = {each.name for each in version.written.examples} | set(taken)
    numbered = (wanted if number == 1 else f"{wanted}（{number}）" for number in range(1, len(names) + 2))
    return next(name for name in numbered if name not in names)


def appended(text: str, items: Iterable[Item]) -> str:
    """Return the text of a version with examples added at the end of its list, every other byte as before."""
    editing = YamlEditing(text)
    editing.append("examples", tuple(items))
    return editing.text()


def as_block(items: Iterable[Item]) -> str:
    """Return examples as they stand in a file."""
    return appended("examples: []\n", items).removeprefix("examples:\n")


def _expectation(answer: Answer, labels: Mapping[str, str]) -> str:
    parts = [f"outcome: {answer.outcome}"]
    exact = {name: least for name, (least, most) in answer.due.items() if least == most}
    if answer.outcome == "met" and exact and len(exact) == len(answer.due):
        parts.append(f"amount: {_yuan(sum(exact.values()))}")
        if len(exact) > 1:
            parts.append(f"components: {{{', '.join(f'{written_scalar(k)}: {_yuan(v)}' for k, v in exact.items())}}}")
    if answer.failing:
        parts.append(f"failing: {written_list(answer.failing)}")
    if answer.missing:
        parts.append(f"missing: {written_list([labels[code] for code in answer.missing])}")
    return "{" + ", ".join(parts) + "}"


def _yuan(fen: int) -> str:
    return constant_text(Fraction(fen, FEN_PER_YUAN))
