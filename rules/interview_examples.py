"""Showing an officer what a draft makes of its trial cases, and asking whether the document means that."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from core.money import FEN_PER_YUAN
from core.yaml_editing import Item
from profiles.catalogue import Attribute
from rules.bound import RuleVersion
from rules.closures import Value
from rules.comparisons import constant_text
from rules.conversation import Ask, Talk, Tell, ask, choice
from rules.entry_faults import AnswerError
from rules.example_writing import OUTCOME_WORDS, example_item
from rules.examples import Answer
from rules.trial_cases import TrialCase, first_cases
from rules.written_facts import written_value


def confirmed_examples(version: RuleVersion) -> Talk[list[Item]]:
    """Show the trial cases of a draft and return them as examples, each expecting what the officer says it should be."""
    cases = first_cases(version)
    if not cases:
        yield Tell("没有找到同时符合全部条件的情形：条件可能互相矛盾。请检查后自己补写算例。", is_fault=True)
        return []
    yield Tell(_table(version, cases))
    wrong = yield from ask(
        Ask("以上结果都与文件一致吗", "一致直接回车；不一致的写序号，例如 3 5"), _numbers(len(cases))
    )
    items = []
    for number, case in enumerate(cases, start=1):
        answer = (yield from _should_be(number, case)) if number in wrong else case.answer
        items.append(example_item(version, case.name, case.day, case.facts, answer))
    if wrong:
        yield Tell("已按您的判断写入算例：检查时会报告规则与算例不一致，请按文件改正条件或标准。", is_fault=True)
    return items


def _should_be(number: int, case: TrialCase) -> Talk[Answer]:
    """Ask what the document makes of a case."""
    outcome = yield from choice(f"第{number}例（{case.name}）按文件应为", OUTCOME_WORDS)
    due = {}
    if outcome == "met":
        main = next(iter(case.answer.due), None)
        if main is not None:
            fen = yield from ask(Ask("应发金额", "元"), _fen)
            due = {main: (fen, fen)}
    return case.answer._replace(outcome=outcome, due=due, failing=(), missing=())  # type: ignore[arg-type]  # one of three


def _table(version: RuleVersion, cases: tuple[TrialCase, ...]) -> str:
    """Return the cases in words: the first in full, of the others what differs from it."""
    own = {each.code: each for each in version.vocabulary.own.values()}
    base = cases[0].facts
    lines = [f"\n算例：{cases[0].day} 当天，其余事实同第1例。"]
    for number, case in enumerate(cases, start=1):
        changed = {code: value for code, value in case.facts.items() if number == 1 or value != base[code]}
        facts = "，".join(f"{own[code].label} {_said(value, own[code])}" for code, value in changed.items())
        lines.append(f"{number:>3}. {case.name}（{facts}）：{_result(case.answer, own, version)}")
    return "\n".join(lines)


def _result(answer: Answer, own: Mapping[str, Attribute], version: RuleVersion) -> str:
    labels = {each.id: each.label for each in version.criteria}
    said = OUTCOME_WORDS[answer.outcome]
    if answer.outcome == "met" and answer.due:
        exact = [least for least, most in answer.due.values() if least == most]
        known = f"{constant_text(Fraction(sum(exact), FEN_PER_YUAN))} 元"
        return f"{said}，{known}" if len(exact) == len(answer.due) else f"{said}，金额待核"
    reasons = [labels[each] for each in answer.failing] or [own[each].label for each in answer.missing]
    return f"{said}（{'、'.join(reasons)}）" if reasons else said


def _said(value: Value, attribute: Attribute) -> str:
    match written_value(value, attribute.fact_type):
        case None:
            return "未知"
        case bool() as truth:
            return "是" if truth else "否"
        case other:
            return f"{other}{attribute.unit or ''}"


def _numbers(most: int) -> Callable[[str], frozenset[int]]:
    def read(line: str) -> frozenset[int]:
        parts = line.replace("，", " ").replace(",", " ").replace("、", " ").split()
        if not all(part.isascii() and part.isdecimal() and 1 <= int(part) <= most for part in parts):
            raise AnswerError(
                f"expected numbers from 1 to {most}, found `{line}`", "an empty line says that all are right"
            )
        return frozenset(map(int, parts))

    return read


def _fen(line: str) -> int:
    try:
        fen = Fraction(line.removesuffix("元").replace(",", "").strip()) * FEN_PER_YUAN
    except (ValueError, ZeroDivisionError):
        raise AnswerError(f"“{line}”不是金额", "写元，例如 350 或 350.50") from None
    if fen < 0 or fen.denominator != 1:
        raise AnswerError(f"“{line}”不是金额", "写元，例如 350 或 350.50")
    return int(fen)
