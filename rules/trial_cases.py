"""Cases that try a version: one that meets it, each threshold below, at and above, each condition failing, each fact missing.

They are made from the version's own constants and need no population. What the version says of them is computed; whether
that is what the document means is for an officer to say.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from core.days import LAST_DAY, MONTHS_PER_YEAR, add_days, add_months
from core.values import FactType, ValueType
from rules.bound import RuleVersion
from rules.closed import close_version
from rules.closures import Facts, Value, closure
from rules.comparisons import constant_text
from rules.examples import Answer, answer_of
from rules.sizes import Measure, SizeClass
from rules.tree import (
    All,
    Compare,
    Count,
    Date,
    Day,
    Fact,
    InIndustry,
    Node,
    Not,
    Number,
    OneOf,
    Some,
    Text,
    Truth,
    Within,
    bare,
    facts_of,
    walk,
)
from rules.wording import wording

_LATER_MONTHS = (0, 1, 6, 12, 24, 36)
_TRIES_MAX = 5_000  # combinations of a condition's facts that are looked at
_ORDER = {"<", "<=", ">", ">="}
_ELSEWHERE = "110101"  # a region outside wherever a rule may look, unless that is Beijing
_ELSEWHERE_TOO = "440103"


@dataclass(frozen=True, slots=True)
class TrialCase:
    """One case with a name, and what the version says of it."""

    name: str
    day: dt.date
    facts: Mapping[str, Value]
    answer: Answer


def trial_cases(version: RuleVersion, day: dt.date) -> tuple[TrialCase, ...]:
    """Return cases that try every threshold, condition and fact of a version; none twice.

    Empty where no case was found that meets the version: then its conditions may contradict each other.
    """
    return _Trials(version, day).cases()


def first_cases(version: RuleVersion) -> tuple[TrialCase, ...]:
    """Return the cases of a version on its first day, or on the first of some later days on which somebody can meet it.

    A condition such as a year since a day within the version's own life is met by nobody before that year is over.
    """
    first, last = version.written.valid_from, version.written.valid_through or LAST_DAY
    days = (add_months(first, months) for months in _LATER_MONTHS)
    return next((cases for day in days if day <= last and (cases := trial_cases(version, day))), ())


class _Trials:
    """The making of one version's cases."""

    def __init__(self, version: RuleVersion, day: dt.date) -> None:
        self._version = version
        self._closed = close_version(version)
        self._day = day
        self._own = {each.code: each for each in version.vocabulary.own.values() if each.code in version.attributes}
        self._nodes = [criterion.node for criterion in version.criteria] + [
            part for lines in version.tariff.values() for line in lines for part in (line.when, line.amount) if part
        ]
        self._values = {code: self._candidates(code) for code in self._read_in_order()}

    def cases(self) -> tuple[TrialCase, ...]:
        """Return all cases, the one that meets the version first."""
        base = self._base()
        if base is None:
            return ()
        found: dict[tuple[Value, ...], TrialCase] = {}
        for name, facts in self._named(base):
            key = tuple(facts[code] for code in self._values)
            if key not in found:
                found[key] = TrialCase(name, self._day, facts, answer_of(self._closed, facts, self._day))
        return tuple(found.values())

    def _named(self, base: dict[str, Value]) -> Iterator[tuple[str, dict[str, Value]]]:
        yield "符合全部条件", base
        for node in self._nodes:
            for part in walk(node):
                if isinstance(part, Compare) and part.sign in _ORDER:
                    yield from self._around(part, base)
        yield from self._erased("", base, list(self._values))
        yield from self._of_branches(base)
        yield from self._of_lines(base)
        for criterion in self._version.criteria:
            failing = self._made(criterion.node, base, wanted=False)
            if failing is not None:
                yield f"不符合：{criterion.label}", failing

    def _of_lines(self, base: dict[str, Value]) -> Iterator[tuple[str, dict[str, Value]]]:
        """Give a case for each line of the tariff that somebody who meets the criteria may reach."""
        for lines in self._version.tariff.values():
            for place, line in enumerate(lines, start=1):
                before = tuple(Not(each.when) for each in lines[: place - 1] if each.when is not None)
                node = All((*before, line.when or Truth(value=True)))
                reached = self._made(node, base, wanted=True)
                if reached is not None and len(lines) > 1:
                    yield f"标准第{place}档", reached
                    yield from self._erased(f"标准第{place}档，", reached, sorted(facts_of(node)))

    def _of_branches(self, base: dict[str, Value]) -> Iterator[tuple[str, dict[str, Value]]]:
        """Give a case for each way in which a condition that has several may hold, also with its facts missing."""
        for way in (way for node in self._nodes for part in walk(node) for way in _ways(part)):
            made = self._made(way, base, wanted=True)
            if made is not None:
                name = wording(way)
                yield name, made
                yield from self._erased(f"{name}，", made, sorted(facts_of(way)))

    def _erased(self, name: str, facts: dict[str, Value], codes: list[str]) -> Iterator[tuple[str, dict[str, Value]]]:
        """Give a case with each of some facts missing."""
        for code in codes:
            yield f"{name}{self._own[code].label}未知", facts | {code: None}

    def _around(self, node: Compare, base: dict[str, Value]) -> Iterator[tuple[str, dict[str, Value]]]:
        """Give the cases just below, at and just above a threshold that one fact is compared with."""
        left, right = bare(node.left), bare(node.right)
        if isinstance(left, Number | Date):
            left, right = right, left
        match left, right:
            case Fact(), Number(value=bound):
                step = Fraction(1) if left.type.type is not ValueType.DECIMAL else Fraction(1, left.type.denominator)
                numbers = [(bound + step * side) * left.type.denominator for side in (-1, 0, 1)]
                values: list[Value] = [int(each) if each.denominator == 1 else None for each in numbers]
                said = f"{constant_text(bound)}{left.unit or ('元' if left.type.type is ValueType.MONEY else '')}"
                code, names = left.code, [f"{left.label}{side}{said}" for side in ("略低于", "恰为", "略高于")]
            case Fact(), Date(value=day):
                values = [add_days(day, side) for side in (-1, 0, 1)]
                code, names = (
                    left.code,
                    [f"{left.label}{said}" for said in (f"在{day}前一天", f"恰为{day}", f"在{day}后一天")],
                )
            case Count(), Number(value=bound) if bound.denominator == 1:
                values = [*_days_of_count(left, int(bound), self._day)]
                unit = "个月" if left.function == "full_months" else "年"
                since = f"自{left.since.label}起"
                names = [f"{since}未满{bound}{unit}", f"{since}刚满{bound}{unit}", f"{since}已满{bound + 1}{unit}"]
                code = left.since.code
            case _:
                return
        yield from (
            (name, base | {code: value}) for name, value in zip(names, values, strict=True) if value is not None
        )

    def _base(self) -> dict[str, Value] | None:
        """Return facts that meet every criterion, found one criterion after the other."""
        facts: dict[str, Value] = {code: values[0] for code, values in self._values.items()}
        for _ in self._version.criteria:
            open_nodes = [each.node for each in self._version.criteria if not self._holds(each.node, facts)]
            if not open_nodes:
                return facts
            better = self._made(open_nodes[0], facts, wanted=True)
            if better is None:
                return None
            facts = better
        return facts if all(self._holds(each.node, facts) for each in self._version.criteria) else None

    def _made(self, node: Node, facts: dict[str, Value], *, wanted: bool) -> dict[str, Value] | None:
        """Return facts changed as little as can be so that a condition holds, or does not, and the others stay."""
        codes = [code for code in self._values if code in facts_of(node)]
        before = [each.id for each in self._version.criteria if each.node != node and self._holds(each.node, facts)]
        best: tuple[int, dict[str, Value]] | None = None
        for number, values in enumerate(product(*(self._values[code] for code in codes))):
            if number >= _TRIES_MAX:
                break
            tried = facts | dict(zip(codes, values, strict=True))
            if closure(node)(tried, self._day) is not wanted:
                continue
            criteria = self._closed.criteria(tried, self._day)
            cost = sum(criteria[each] is not True for each in before) * len(codes) * 10
            cost += sum(tried[code] != facts[code] for code in codes)
            if best is None or cost < best[0]:
                best = cost, tried
        return None if best is None else best[1]

    def _holds(self, node: Node, facts: Facts) -> bool:
        return closure(node)(facts, self._day) is True

    def _read_in_order(self) -> list[str]:
        read = [part.code for node in self._nodes for part in walk(node) if isinstance(part, Fact)]
        return [code for code in dict.fromkeys([*read, *sorted(self._own)]) if code in self._own]

    def _candidates(self, code: str) -> list[Value]:
        """Return the values of a fact that could matter to the version, each once, plain ones first."""
        fact_type = self._own[code].fact_type
        found = [value for node in self._nodes for value in _values_in(node, code, fact_type, self._day)]
        return list(dict.fromkeys([*_plain(fact_type, self._day), *found]))


def _ways(node: Node) -> tuple[Node, ...]:
    """Return the conditions of which any one makes a node true."""
    match node:
        case Some(operands=operands):
            return operands
        case OneOf(value=value, options=options) if isinstance(bare(value), SizeClass):
            return tuple(OneOf(value, (option,)) for option in options)  # what a row leaves open has no `==`
        case OneOf(value=value, options=options):
            return tuple(Compare("==", value, option) for option in options)
        case _:
            return ()


def _values_in(node: Node, code: str, fact_type: FactType, day: dt.date) -> Iterator[Value]:
    """Give the values that a tree compares a fact with, and those beside them."""
    for part in walk(node):
        if code not in facts_of(part):
            continue
        match part:
            case Compare(left=left, right=right):
                for side in (bare(left), bare(right)):
                    yield from _beside(side, bare(right) if side is bare(left) else bare(left), fact_type, day)
            case OneOf(value=value, options=options) if isinstance(bare(value), Fact):
                yield from (_stored(bare(option), fact_type) for option in options)
            case Measure(value=value, bounds=bounds) if isinstance(bare(value), Fact):
                yield int(max(bounds) * fact_type.denominator)  # a large enterprise; plain figures are a small one's
            case Within(areas=areas):
                yield from areas
                yield from (each for each in (_ELSEWHERE, _ELSEWHERE_TOO) if not each.startswith(tuple(areas)))
            case InIndustry(prefixes=prefixes):
                yield from prefixes[:1]
                yield from (each for each in ("01", "96") if not each.startswith(prefixes))
            case _:
                continue


def _beside(side: Node, other: Node, fact_type: FactType, day: dt.date) -> Iterator[Value]:
    match side, other:
        case Number(value=bound), Count() as count if bound.denominator == 1:
            yield from _days_of_count(count, int(bound), day)
        case Number(value=bound), _:
            stored = bound * fact_type.denominator
            unit = fact_type.denominator if fact_type.type is ValueType.MONEY else 1
            if fact_type.is_numeric:
                yield from (int(stored) + unit * step for step in (0, 1, -1, 10, -10))
        case Date(value=value), _:
            yield from (add_days(value, step) for step in (0, 1, -1))
        case Day(), _ if fact_type.type is ValueType.DATE:
            yield from (add_days(day, step) for step in (0, 1, -1))
        case Text(value=value), _:
            yield value
        case _:
            return


def _days_of_count(count: Count, bound: int, day: dt.date) -> tuple[dt.date, dt.date, dt.date]:
    """Return the days from which a count just does not reach a bound, just reaches it, and is one more."""
    per = 1 if count.function == "full_months" else MONTHS_PER_YEAR
    reached = add_months(day, -bound * per)
    if count.function == "full_years_by_month":
        return add_months(reached.replace(day=1), 1), reached, add_months(reached, -per)
    return add_days(reached, 1), reached, add_months(reached, -per)


def _stored(option: Node, fact_type: FactType) -> Value:
    match option:
        case Number(value=value):
            return int(value * fact_type.denominator)
        case Text(value=text):
            return text
        case Date(value=day):
            return day
        case _:
            raise AssertionError(option)


def _plain(fact_type: FactType, day: dt.date) -> list[Value]:
    """Return ordinary values of a type."""
    match fact_type.type:
        case ValueType.BOOL:
            return [False, True]
        case ValueType.DATE:
            return [add_months(day, -MONTHS_PER_YEAR)]
        case ValueType.TEXT:
            return [*fact_type.values] or ["其他"]
        case ValueType.REGION:
            return ["310118"]
        case ValueType.INDUSTRY:
            return ["C1311"]
        case ValueType.INTEGER | ValueType.DECIMAL | ValueType.MONEY:
            return [0, fact_type.denominator]
