"""Runs a version's worked examples: each alone in plain Python, and among two strangers in Polars.

Both readers must give the same; an example that they tell apart is a defect of ours, not of the author's.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple

import polars as pl

from core.findings import Finding, nearest_help
from core.money import FEN_PER_YUAN
from core.values import FactType, ValueType
from rules.binding import Binder
from rules.bound import RuleVersion
from rules.closed import ClosedVersion, close_version
from rules.closures import Value
from rules.codes import RuleCode
from rules.comparisons import constant_text
from rules.compiled import compile_version
from rules.operands import MistakeError, constant_number
from rules.passages import Faults, Key
from rules.polars_expressions import DAY
from rules.tariff import Range
from rules.tree import Kind
from rules.version import Example, Number
from rules.vocabulary import Vocabulary
from rules.written_facts import stored_value

Outcome = Literal["met", "not_met", "unknown"]
OUTCOMES: dict[bool | None, Outcome] = {True: "met", False: "not_met", None: "unknown"}
_DUE_WITHOUT: dict[Outcome, Range] = {"not_met": (0, 0), "unknown": (0, None)}
_MEND = "the document decides which is mended, the rule or the example"
_NO_NAMES = Vocabulary({}, {}, frozenset())


class Answer(NamedTuple):
    """What a version says about one example; amounts are what is due, in fen."""

    outcome: Outcome
    due: dict[str, Range]
    failing: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One example, its facts as a frame holds them."""

    index: int
    written: Example
    facts: dict[str, Value]


def run_examples(version: RuleVersion) -> list[Finding]:
    """Return what is wrong with the examples, and where they come out otherwise than expected."""
    faults = Faults(version.script)
    cases = [case for index in range(len(version.written.examples)) if (case := _case(version, index, faults))]
    closed = close_version(version)
    alone = [answer_of(closed, case.facts, case.written.day) for case in cases]
    assert _among_strangers(version, cases) == alone, "the readers of one tree disagree"
    for case, answer in zip(cases, alone, strict=True):
        _compare(version, case, answer, faults)
    return faults.findings


def _case(version: RuleVersion, index: int, faults: Faults) -> Case | None:
    """Return an example with its facts bound, or None where one of them is wrong."""
    written = version.written.examples[index]
    facts: dict[str, Value] = {}
    before = len(faults.findings)
    for word, value in written.facts.items():
        keys: tuple[Key, ...] = ("examples", index, "facts", word)
        attribute = version.vocabulary.attribute(word)
        if attribute is None:
            remedy = nearest_help(word, version.vocabulary.own, "fact")
            faults.add(RuleCode.UNKNOWN_FACT, f"unknown fact `{word}`", *keys, remedy=remedy)
        elif attribute.code in facts:
            message = f"`{word}` is given twice: `{attribute.code}` and `{attribute.label}` are one fact"
            faults.add(RuleCode.FACT_TWICE, message, *keys, remedy="keep one of them")
        else:
            try:
                facts[attribute.code] = stored_value(word, value, attribute.fact_type)
            except MistakeError as mistake:
                faults.add(mistake.code, mistake.message, *keys, remedy=mistake.remedy)
    return Case(index, written, facts) if len(faults.findings) == before else None


def answer_of(closed: ClosedVersion, facts: Mapping[str, Value], day: dt.date) -> Answer:
    """Return what a version says about facts, as frames hold them, on a day."""
    outcome = OUTCOMES[closed.outcome(facts, day)]
    due = {name: _DUE_WITHOUT.get(outcome, amount) for name, amount in closed.amounts(facts, day).items()}
    return Answer(outcome, due, closed.failing(facts, day), closed.missing(facts, day))


def _among_strangers(version: RuleVersion, cases: list[Case]) -> list[Answer]:
    """Return the answers where everyone stands between somebody unknown and somebody ordinary."""
    compiled = compile_version(version)
    types = {code: version.vocabulary.own[code].fact_type for code in sorted(version.attributes)}
    unknown = dict.fromkeys(types)
    ordinary = {code: _ordinary(fact_type) for code, fact_type in types.items()}
    rows = [
        [*(facts.get(code) for code in types), case.written.day]
        for case in cases
        for facts in (unknown, case.facts, ordinary)
    ]
    schema = {code: fact_type.dtype for code, fact_type in types.items()} | {DAY: pl.Date()}
    told = pl.LazyFrame(rows, schema=schema, orient="row").select(
        pl.col(DAY),
        outcome=compiled.outcome,
        failing=compiled.failing,
        missing=compiled.missing,
        at_least=pl.struct([of.at_least.alias(name) for name, of in compiled.amounts.items()] or [pl.lit(0)]),
        at_most=pl.struct([of.at_most.alias(name) for name, of in compiled.amounts.items()] or [pl.lit(0)]),
    )
    answers = []
    for row in told.collect()[1::3].iter_rows(named=True):
        outcome = OUTCOMES[row["outcome"]]
        ranges = {name: (row["at_least"][name], row["at_most"][name]) for name in compiled.amounts}
        due = {name: _DUE_WITHOUT.get(outcome, amount) for name, amount in ranges.items()}
        answers.append(Answer(outcome, due, tuple(row["failing"]), tuple(row["missing"])))
    return answers


def _ordinary(fact_type: FactType) -> Value:
    match fact_type.type:
        case ValueType.BOOL:
            return False
        case ValueType.DATE:
            return dt.date(2000, 2, 29)
        case ValueType.TEXT:
            return fact_type.values[0] if fact_type.values else "甲"
        case ValueType.REGION:
            return "310118001001"
        case ValueType.INDUSTRY:
            return "C1311"
        case ValueType.INTEGER | ValueType.DECIMAL | ValueType.MONEY:
            return 1


def _compare(version: RuleVersion, case: Case, answer: Answer, faults: Faults) -> None:
    """Record where an answer is not what the author expects."""
    expect, name = case.written.expect, case.written.name
    keys: tuple[Key, ...] = ("examples", case.index, "expect")
    if answer.outcome != expect.outcome:
        message = f"example `{name}`: expected {expect.outcome}, found {answer.outcome}"
        faults.add(RuleCode.WRONG_OUTCOME, message, *keys, "outcome", remedy=_reasons(version, answer))
        return
    if expect.amount is not None:
        _compare_amount(case, (*keys, "amount"), expect.amount, _total(answer.due), faults)
    for component, amount in expect.components.items():
        if component in answer.due:
            _compare_amount(case, (*keys, "components", component), amount, answer.due[component], faults)
        else:
            message = f"example `{name}`: no tariff line has the component `{component}`"
            remedy = nearest_help(component, answer.due, "component")
            faults.add(RuleCode.WRONG_AMOUNT, message, *keys, "components", component, remedy=remedy)
    if expect.failing is not None and set(expect.failing) != set(answer.failing):
        message = f"example `{name}`: expected failing {_list(expect.failing)}, found {_list(answer.failing)}"
        faults.add(RuleCode.WRONG_FAILING, message, *keys, "failing", remedy=_MEND)
    if expect.missing is not None:
        own = version.vocabulary.own
        expected = {own[word].code if word in own else word for word in expect.missing}
        if expected != set(answer.missing):
            found = [own[code].label for code in answer.missing]
            message = f"example `{name}`: expected missing {_list(expect.missing)}, found {_list(found)}"
            faults.add(RuleCode.WRONG_MISSING, message, *keys, "missing", remedy=_MEND)


def _compare_amount(  # the last four are one comparison
    case: Case, keys: tuple[Key, ...], written: Number, found: Range, faults: Faults
) -> None:
    binder = Binder(_NO_NAMES, {})
    node = binder.bind(faults.script.passage(str(written), *keys), Kind.NUMBER)
    faults.findings.extend(binder.findings)
    yuan = None if node is None else constant_number(node)
    if yuan is not None and not found[0] == found[1] == yuan * FEN_PER_YUAN:
        message = f"example `{case.written.name}`: expected {constant_text(yuan)} yuan, found {_range(found)}"
        faults.add(RuleCode.WRONG_AMOUNT, message, *keys, remedy=_MEND)


def _total(due: Mapping[str, Range]) -> Range:
    mosts = [most for _, most in due.values()]
    known = [most for most in mosts if most is not None]
    return sum(least for least, _ in due.values()), sum(known) if len(known) == len(mosts) else None


def _range(amount: Range) -> str:
    least, most = amount
    if most is None:
        return f"{_yuan(least)} or more"
    return _yuan(least) if least == most else f"{_yuan(least)} to {_yuan(most)}"


def _yuan(fen: int) -> str:
    return f"{constant_text(Fraction(fen, FEN_PER_YUAN))} yuan"


def _reasons(version: RuleVersion, answer: Answer) -> str | None:
    reasons = []
    if answer.failing:
        reasons.append(f"not met: {_list(answer.failing)}")
    if answer.missing:
        reasons.append(f"missing: {_list([version.vocabulary.own[code].label for code in answer.missing])}")
    return "; ".join(reasons) or None


def _list(words: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words) or "none"
