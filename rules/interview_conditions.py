"""Asking for one condition: a fact by its name, a comparison that fits its type, a value it can have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.findings import nearest
from core.values import ValueType
from profiles.catalogue import Attribute
from rules.conversation import Ask, Talk, Tell, ask, choice
from rules.entry_faults import AnswerError, EntryFault, EntryRemedy
from rules.tree import Node
from rules.vocabulary import Vocabulary
from rules.wording import wording

_NUMBERS = {">=": "不低于", ">": "高于", "<=": "不高于", "<": "低于", "==": "为", "!=": "不为"}
_DAYS = {
    ">=": "不早于", "<=": "不晚于", "==": "为", "full_years": "已满周岁（年）", "not_full_years": "未满周岁（年）",
    "full_months": "已满月数", "full_years_by_month": "已满周岁，生日当月起算",
    "not_full_years_by_month": "未满周岁，生日当月起算",
}  # fmt: skip
_TEXTS = {"==": "为", "!=": "不为", "in": "为其中之一"}
_ELSEWHERE = {"is": "在", "not": "不在"}
_CLASSES = {"is": "属于", "not": "不属于"}
_TRUTHS = {"is": "是", "not": "否"}
_LISTED = 40  # attributes on one answer to `？`


@dataclass(frozen=True, slots=True)
class ConditionWords:
    """A condition as text and in words, and the fact that it was asked by; None for an expression."""

    when: str
    wording: str
    attribute: Attribute | None


def ask_condition(  # a question has this many parts
    text: str, vocabulary: Vocabulary, bind: Callable[[str], Node], *, is_optional: bool = True, hint: str = ""
) -> Talk[ConditionWords | None]:
    """Ask for a condition; None where an empty line ends the asking."""
    while True:
        line = (yield Ask(text, hint or "数据要素" + ("，没有了直接回车" if is_optional else ""))).strip()
        try:
            if not line and is_optional:
                return None
            if line in {"?", "？"}:
                yield Tell(_listing(vocabulary))
                continue
            if line.startswith(("=", "＝")):
                return _words(line[1:].strip(), bind, None)
            attribute = _attribute(line, vocabulary)
        except AnswerError as fault:
            yield Tell(str(fault), is_fault=True)
            continue
        found: ConditionWords = yield from _compared(attribute, bind)
        yield Tell(f"  即：{found.wording}")
        return found


def _compared(attribute: Attribute, bind: Callable[[str], Node]) -> Talk[ConditionWords]:
    signs = signs_of(attribute.type)
    match attribute.type:
        case ValueType.BOOL:
            sign = yield from choice("比较", signs, "is")
            return _words(comparison_text(attribute, sign, ""), bind, attribute)
        case ValueType.REGION | ValueType.INDUSTRY:
            sign = yield from choice("比较", signs, "is")
            return (yield from _valued(attribute, sign, Ask("代码", "多个用、分开"), bind))
        case _:
            sign = yield from choice("比较", signs)
            hint = "、".join(attribute.values) or {
                ValueType.MONEY: "元，可写 1510、25万", ValueType.DATE: "例如 2025-07-01", ValueType.DECIMAL: "可写 0.5、5%"
            }.get(attribute.type, attribute.unit or "")  # fmt: skip
            hint = "满几" if "full" in sign else f"{hint}；多个用、分开" if sign == "in" else hint
            return (yield from _valued(attribute, sign, Ask("值", hint), bind))


def _valued(attribute: Attribute, sign: str, question: Ask, bind: Callable[[str], Node]) -> Talk[ConditionWords]:
    return (yield from ask(question, lambda line: _words(comparison_text(attribute, sign, line), bind, attribute)))


def signs_of(value_type: ValueType) -> Mapping[str, str]:
    """Return the comparisons that fit a type, with the words that a person chooses them by."""
    match value_type:
        case ValueType.BOOL:
            return _TRUTHS
        case ValueType.REGION:
            return _ELSEWHERE
        case ValueType.INDUSTRY:
            return _CLASSES
        case ValueType.DATE:
            return _DAYS
        case ValueType.TEXT:
            return _TEXTS
        case ValueType.INTEGER | ValueType.DECIMAL | ValueType.MONEY:
            return _NUMBERS


def comparison_text(attribute: Attribute, sign: str, line: str) -> str:
    """Return one comparison of a fact as an author would write it; who binds it says whether the value fits.

    Fails: AnswerError where the comparison does not fit the fact's type, or where its value is missing or in quotes.
    """
    signs = signs_of(attribute.type)
    if sign not in signs:
        fitting = tuple(signs.values())
        raise AnswerError(EntryFault.NOT_COMPARED, EntryRemedy.COMPARE_BY, fact=attribute.label, signs=fitting)
    match attribute.type:
        case ValueType.BOOL:
            return attribute.label if sign == "is" else f"not {attribute.label}"
        case ValueType.REGION | ValueType.INDUSTRY:
            function = "within" if attribute.type is ValueType.REGION else "industry_in"
            codes = ", ".join(f'"{_bare(code)}"' for code in _several(line))
            call = f"{function}({attribute.label}, {codes})"
            return call if sign == "is" else f"not {call}"
        case _:
            return _expression(attribute, sign, line)


def _expression(attribute: Attribute, sign: str, line: str) -> str:
    """Return a comparison of a fact as an author would write it."""
    label = attribute.label
    if not line:
        raise AnswerError(EntryFault.EMPTY)
    match sign:
        case "full_years" | "full_months" | "full_years_by_month":
            return f"{sign}({label}) >= {line}"
        case "not_full_years" | "not_full_years_by_month":
            return f"{sign.removeprefix('not_')}({label}) < {line}"
        case "in":
            return f"{label} in [{', '.join(_value(attribute, each) for each in _several(line))}]"
        case _:
            return f"{label} {sign} {_value(attribute, line)}"


def _value(attribute: Attribute, line: str) -> str:
    if attribute.type is ValueType.TEXT:
        return f'"{_bare(line)}"'
    return f'd"{_bare(line)}"' if attribute.type is ValueType.DATE else line


def _several(line: str) -> list[str]:
    parts = line.replace("，", "、").replace(",", "、").split("、")
    if not any(part.strip() for part in parts):
        raise AnswerError(EntryFault.EMPTY)
    return [part.strip() for part in parts if part.strip()]


def _bare(line: str) -> str:
    """Return a word without the quotes that somebody put around it.

    Fails: AnswerError where quotes stand inside: an expression would end there.
    """
    word = line.strip().strip("\"'“”")
    if '"' in word or "\\" in word:
        raise AnswerError(EntryFault.QUOTED, EntryRemedy.VALUE_ALONE, value=word)
    return word


def _words(when: str, bind: Callable[[str], Node], attribute: Attribute | None) -> ConditionWords:
    return ConditionWords(when, wording(bind(when)), attribute)


def _attribute(line: str, vocabulary: Vocabulary) -> Attribute:
    attribute = vocabulary.attribute(line)
    if attribute is None:
        labels = {each.label for each in vocabulary.own.values()}
        close = nearest(line, {*labels, *(each.code for each in vocabulary.own.values())})
        inside = sorted(label for label in labels if line in label)[:5] if line else []
        near = "、".join(dict.fromkeys([*([close] if close else []), *inside]))
        message = f"没有名为“{line}”的数据要素" if line else "至少要有一个条件"
        raise AnswerError(message, f"最接近的是 {near}" if near else "写 ？ 列出全部；以 = 开头直接写算式")
    return attribute


def _listing(vocabulary: Vocabulary) -> str:
    labels = sorted({each.label for each in vocabulary.own.values()})
    lines = ["、".join(labels[start : start + _LISTED // 5]) for start in range(0, len(labels), _LISTED // 5)]
    return "\n".join(f"  {line}" for line in lines)
