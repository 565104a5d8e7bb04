"""What a criterion is called against what it asks: 满65周岁 with `> 65`, 18周岁 with 16, 未享受 with nothing denied.

The label is what the document says, and what people read; the condition is what decides. Chinese law counts the border in
with 以上, 以下, 届满, and out with 不满, 超过 (民法典 1259). Only what can be read without doubt is compared.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from rules.areas import districts
from rules.bound import BoundCriterion, RuleVersion
from rules.codes import RuleCode
from rules.comparisons import EQUALITIES
from rules.operands import constant_number
from rules.passages import Faults
from rules.spelling import spelt
from rules.thresholds import FLIPPED
from rules.tree import Compare, Date, Fact, Kind, Node, Within, bare, facts_of, walk
from rules.units import unit_of, yuan_in

_DIGITS = {word: value for value, word in enumerate("零一二三四五六七八九")} | {"两": 2}
_NUMBER = r"(?P<number>\d+(?:\.\d+)?|[一二三四五六七八九十百两]+)"
_UNIT = r"(?P<unit>周岁|岁|年|个月|月|天|日|%|％|人|户|次|亿元|千万元|百万元|万元|千元|元)"
_BORDER_IN = "不低于|不少于|不小于|低于|少于|小于|年满|已满|未满|不满|届满|达到|不足|满"
"""Words that part at the border so that the border is above: `>=`, or `<` for those below."""
_BORDER_OUT = "不超过|不高于|不大于|不多于|超过|高于|大于|多于"
"""Words that part at the border so that the border is below: `<=`, or `>` for those above."""

_BEFORE = re.compile(f"(?P<word>{_BORDER_IN}|{_BORDER_OUT}){_NUMBER}{_UNIT}")
_AFTER = re.compile(f"{_NUMBER}{_UNIT}(?P<word>及以上|以上|及以下|以下)")
_DAY = re.compile(r"(\d{4})年(?:(\d{1,2})月(\d{1,2})日)?")
_NEGATIONS = re.compile("未|没有|不得|不属于|不享受|非|无")
_AGES = {"周岁", "岁"}
_SAME_UNIT = {"周岁": "年", "岁": "年", "月": "个月", "日": "天", "％": "%"}
_SHARE = "%"
_PER_CENT = 100
_DISTRICT = 6


@dataclass(frozen=True, slots=True)
class Said:
    """A border that a label names: `words`, its number in its unit, and whether the border is above (None: unsure)."""

    words: str
    number: Fraction
    unit: str
    is_above: bool | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A border that a condition asks about: the comparison, its number in a unit, and whether the border is above."""

    node: Compare
    number: Fraction
    unit: str | None
    is_above: bool


def check_labels(version: RuleVersion, faults: Faults) -> None:
    """Record criteria whose label says another border, another day, or the opposite."""
    for index, criterion in enumerate(version.criteria):
        for message, remedy in dict.fromkeys(_mistakes(criterion)):
            faults.add(RuleCode.WORDS_DIFFER, message, "criteria", index, "label", remedy=remedy, warn=True)


def _mistakes(criterion: BoundCriterion) -> Iterator[tuple[str, str]]:
    remedy = "the document decides which is mended, the label or the condition"
    asked = list(_asked(criterion.node))
    for said in _said(criterion.label):
        if (other := _other_number(said, asked)) is not None:
            yield f"the label says `{said.words}`, the condition asks `{spelt(other.node)}`", remedy
        elif (other := _other_border(said, asked)) is not None:
            side = "meets" if _counts_in(said) else "does not meet"
            yield (
                f"by the label's `{said.words}` the border itself {side} it, by `{spelt(other.node)}` it is otherwise",
                remedy,
            )
    for day in _other_days(criterion):
        yield f"the label says {day}, which the condition does not name", remedy
    for name, areas in _other_areas(criterion):
        yield f"the label says {name}, the condition asks for {areas}", remedy
    node = bare(criterion.node)
    if isinstance(node, Fact) and not _NEGATIONS.search(node.label) and _names(_denied(criterion.label), node.label):
        yield (
            f"the label denies `{node.label}`, the condition asks for it",
            f"write `not {node.label}`, or mend the label",
        )


def _denied(label: str) -> str:
    """Return what a label denies, or nothing where it denies nothing."""
    found = _NEGATIONS.search(label)
    return label[found.end() :] if found else ""


def _names(words: str, label: str) -> bool:
    """Say whether words name a fact, perhaps at more length: 特困人员救助供养 is 特困供养."""
    rest = iter(words)
    return all(sign in rest for sign in label)


def _said(label: str) -> Iterator[Said]:
    for pattern in (_BEFORE, _AFTER):
        for found in pattern.finditer(label):
            unit, word = _SAME_UNIT.get(found["unit"], found["unit"]), found["word"]
            is_above: bool | None = word in _BORDER_IN.split("|") or word.endswith("以上")
            if word.endswith("以下") and found["unit"] in _AGES:
                is_above = None  # documents write 3周岁以下 and mean 未满
            yield Said(found[0], _number(found["number"]), unit, is_above)


def _number(words: str) -> Fraction:
    """Return a number as people write it: 65, 5.5, 十二, 二十."""
    if words[0].isdigit():
        return Fraction(words)
    hundreds, _, rest = words.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    value = _DIGITS.get(hundreds, 0) * 100 + _DIGITS.get(ones, 0)
    return Fraction(value + (_DIGITS.get(tens, 1) * 10 if ten else 0))


def _asked(condition: Node) -> Iterator[Asked]:
    for part in walk(condition):
        if isinstance(part, Compare) and part.sign not in EQUALITIES and part.left.kind is Kind.NUMBER:
            side, constant, sign = part.left, part.right, part.sign
            if not facts_of(side):
                side, constant, sign = part.right, part.left, FLIPPED[sign]
            number = constant_number(constant)
            if number is not None and facts_of(side):
                yield Asked(part, number, unit_of(side), sign in {">=", "<"})


def _as_said(asked: Asked, said: Said) -> Fraction | None:
    """Return what a comparison asks in the unit of a label, or None where they measure different things."""
    if said.unit == _SHARE:
        if asked.unit in {_SHARE, None}:
            return asked.number if asked.unit == _SHARE else asked.number * _PER_CENT
        return None
    of_label, of_fact = yuan_in(said.unit), yuan_in(asked.unit or "")
    if of_label is not None and of_fact is not None:
        return asked.number * of_fact / of_label
    return asked.number if asked.unit == said.unit else None


def _other_number(said: Said, asked: list[Asked]) -> Asked | None:
    """Return a comparison of what the label speaks of, where none asks for its number."""
    alike = [(each, number) for each in asked if (number := _as_said(each, said)) is not None]
    if said.unit == _SHARE:  # a ratio has no unit: without a percentage it may be anything
        alike = [(each, number) for each, number in alike if each.unit == _SHARE or _is_share(each)]
    is_named = any(number == said.number for _, number in alike)
    if is_named or not alike:
        return None
    return min(alike, key=lambda pair: abs(pair[1] - said.number))[0]


def _is_share(asked: Asked) -> bool:
    """Say whether a comparison is with a percentage, or with one whose sign was forgotten."""
    return any(
        getattr(bare(side), "written", "").endswith(_SHARE) or (facts_of(side) == frozenset() and asked.number > 1)
        for side in (asked.node.left, asked.node.right)
    )


def _other_border(said: Said, asked: list[Asked]) -> Asked | None:
    """Return a comparison with the label's number that puts the border on the other side."""
    same = [each for each in asked if _as_said(each, said) == said.number]
    if said.is_above is None or not same or any(each.is_above == said.is_above for each in same):
        return None
    return same[0]


def _counts_in(said: Said) -> bool:
    """Say whether the words take the border in: 满, 以上 and 不超过 do, 未满 and 超过 do not."""
    return not re.match("未满|不满|不足|低于|少于|小于|超过|高于|大于|多于", said.words)


def _other_days(criterion: BoundCriterion) -> Iterator[str]:
    """Give the days and years of a label that a condition with days does not name; `> 2022-12-31` begins 2023."""
    named = {day for part in walk(criterion.node) if isinstance(part, Compare) for day in _first_or_last(part)}
    for found in _DAY.finditer(criterion.label):
        year, month, day = (int(each or 0) for each in found.groups())
        if named and not any(
            each.year == year and (not day or (each.month, each.day) == (month, day)) for each in named
        ):
            yield found[0]


def _first_or_last(node: Compare) -> Iterator[dt.date]:
    """Give the day that a comparison is with, and the first or last day that counts by it."""
    side, sign = (node.right, node.sign) if isinstance(bare(node.right), Date) else (node.left, FLIPPED[node.sign])
    day = bare(side)
    if isinstance(day, Date) and dt.date.min < day.value < dt.date.max:
        yield day.value
        step = {">": 1, "<": -1}.get(sign, 0)
        yield day.value + dt.timedelta(step)


def _other_areas(criterion: BoundCriterion) -> Iterator[tuple[str, str]]:
    """Give the district that a label names where the condition asks for other areas, and these."""
    asked = [part for part in walk(criterion.node) if isinstance(part, Within)]
    named = [(code, name) for code, name in districts().items() if name in criterion.label] if asked else []
    beginnings = tuple(prefix for part in asked for prefix in part.prefixes if len(prefix) >= _DISTRICT)
    if named and not any(code.startswith(each) or each.startswith(code) for code, _ in named for each in beginnings):
        yield named[0][1], ", ".join(area for part in asked for area in part.areas)
