"""What the summary tells people against what the rule pays: 每月350元 where 35,000 stands, 60% where 60 stands.

Figures of money and per cent are looked for among the numbers of the rule, by the month and by the year, and added up over
components; how often is compared with the period. A summary may leave figures out; it may not bring others.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, product

from core.days import PeriodKind
from core.money import FEN_PER_YUAN
from rules.bound import RuleVersion
from rules.codes import RuleCode
from rules.operands import constant_number
from rules.passages import Faults
from rules.tree import Count, Fact, Kind, Node, Number, is_constant, parts, walk
from rules.units import yuan_in

_FIGURE = re.compile(r"(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)(?P<unit>%|％|亿元|千万元|百万元|万元|千元|元)")
_REMARK = re.compile(r"（[^（）]*）|【[^【】]*】")  # what is said beside: 原文50%至70%
_PER_CENT = 100
_MONTHS = 12
_ONE_OFF = frozenset({PeriodKind.ONCE, PeriodKind.EVENT})
_ADDED_MOST = 3  # amounts that a summary may give as one sum


def check_summary(version: RuleVersion, faults: Faults) -> None:
    """Record figures, and how often, that the summary brings and the rule does not know."""
    summary, period = version.written.summary, version.written.terms.period
    if summary is None:
        return
    known = set(_numbers(version))
    remedy = "people read the summary: the document decides which is mended"
    for found in _FIGURE.finditer(_REMARK.sub("", summary)):
        scale = Fraction(1, _PER_CENT) if found["unit"] in "%％" else yuan_in(found["unit"]) or 1
        if Fraction(found["number"].replace(",", "")) * scale not in known:
            message = f"the summary says `{found[0]}`, which is no figure of the rule"
            faults.add(RuleCode.WORDS_DIFFER, message, "summary", remedy=remedy, warn=True)
    if (("每月" in summary) and period in _ONE_OFF) or (("一次性" in summary) and period not in _ONE_OFF):
        words = "每月" if period in _ONE_OFF else "一次性"
        message = f"the summary says `{words}`, the terms say `period: {period}`"
        faults.add(RuleCode.WORDS_DIFFER, message, "summary", remedy=remedy, warn=True)


def _numbers(version: RuleVersion) -> Iterator[Fraction]:
    """Give every number that the rule knows, and what a reader may make of it."""
    nodes = [node for node, _ in version.conditions()]
    nodes += [line.amount for line in version.lines]
    nodes += [*version.measures.values(), *version.parameters.values()]
    found = {each for node in nodes for each in _constants(node)}
    found.add(Fraction(version.rounding.least_fen, FEN_PER_YUAN))
    in_per_cent = any(isinstance(part, Fact) and part.unit == "%" for node in nodes for part in walk(node))
    yield Fraction(1)  # all of it: 100%
    for number in found:
        yield from (number, number * _MONTHS, number / _MONTHS)
        if 0 < number < 1:
            yield 1 - number
        if in_per_cent:
            yield number / _PER_CENT
    yield from _sums(version)


def _sums(version: RuleVersion) -> Iterator[Fraction]:
    """Give sums of amounts that one subject may have: of several components, or one after the other as time passes."""
    amounts: dict[str, list[Fraction]] = {}
    for component, lines in version.tariff.items():
        is_by_time = any(isinstance(part, Count) for line in lines if line.when is not None for part in walk(line.when))
        for place, line in enumerate(lines):
            if (amount := constant_number(line.amount)) is not None:
                amounts.setdefault(f"{component} {place if is_by_time else ''}", []).append(amount)
    for count in range(2, _ADDED_MOST + 1):
        for chosen in combinations(amounts.values(), count):
            yield from (sum(each, Fraction(0)) for each in product(*chosen))


def _constants(node: Node) -> Iterator[Fraction]:
    """Give the constants inside a node, the largest parts first, each with the numbers that it is made of."""
    if node.kind is Kind.NUMBER and is_constant(node) and (value := constant_number(node)) is not None:
        yield value
    if not isinstance(node, Number):
        for part in parts(node):
            yield from _constants(part)
