"""A real case made unrecognisable: values coarsened so far that the version still says the same of it.

Days become the first of a decade, a year, a month; numbers keep one or two of their digits; areas and industries
their first digits. Each step is tried from the coarsest on, and the version itself is asked whether its answer stays.
"""

import calendar
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.errors import RuleError
from core.values import ValueType
from profiles.catalogue import Attribute
from rules.authoring_codes import AuthoringCode
from rules.bound import RuleVersion
from rules.closed import close_version
from rules.closures import Value
from rules.examples import Answer, answer_of
from rules.tree import Date, Fact, Node, Number, Text, Within, walk

_DIGITS_KEPT = (1, 2)
_REGION_LENGTHS = (6, 9)  # district, street
_INDUSTRY_DIGITS = (2, 3)
_OTHER = "其他"  # stands for a text that no condition of the rule names
_COARSE_UNITS = frozenset({"年", "月"})  # a year or a month of birth is no birthday
_TEN = 10
_HALF_YEAR = 7


@dataclass(frozen=True, slots=True)
class MaskedCase:
    """Facts that say no more of anybody than a rule asks, and what the version says of them.

    `coarsened` and `moved` are codes: what was made coarser, and what of it moved the amount, because the amount
    is computed from it.
    """

    day: dt.date
    facts: Mapping[str, Value]
    answer: Answer
    coarsened: tuple[str, ...]
    moved: tuple[str, ...]


def mask(version: RuleVersion, facts: Mapping[str, Value], day: dt.date) -> MaskedCase:
    """Return a case with its values coarsened; outcome, reasons and, where it can be, amounts stay.

    Fails: RuleError where the outcome turns on the exact value of a fact that identifies.
    """
    closed, own = close_version(version), _attributes(version)
    masked: dict[str, Value] = {code: facts.get(code) for code in own}
    answer = answer_of(closed, masked, day)
    constants = _constants(version)
    coarsened, moved = [], []
    for code, attribute in own.items():
        candidates = list(_coarser(masked[code], attribute, constants))
        answers = [answer_of(closed, masked | {code: each}, day) for each in candidates]
        place = next((place for place, each in enumerate(answers) if each == answer), None)
        if place is None:
            place = next((place for place, each in enumerate(answers) if _says_alike(each, answer)), None)
            if place is None:
                raise _cannot(version, attribute, day)
            moved.append(code)
        if candidates[place] != masked[code]:
            coarsened.append(code)
        masked[code], answer = candidates[place], answers[place]
    return MaskedCase(day, masked, answer, tuple(coarsened), tuple(moved))


def _attributes(version: RuleVersion) -> dict[str, Attribute]:
    """Return what a version reads, in the order of its text."""
    own = {each.code: each for each in version.vocabulary.own.values()}
    read = [part.code for node in _nodes(version) for part in walk(node) if isinstance(part, Fact)]
    return {code: own[code] for code in dict.fromkeys([*read, *sorted(version.attributes)])}


def _nodes(version: RuleVersion) -> list[Node]:
    lines = [line for lines in version.tariff.values() for line in lines]
    parts = [part for line in lines for part in (line.when, line.amount) if part is not None]
    return [criterion.node for criterion in version.criteria] + parts


def _says_alike(one: Answer, other: Answer) -> bool:
    """Say whether two answers differ in nothing but how much is due, and both know it or neither does."""
    exact = [[least == most for least, most in answer.due.values()] for answer in (one, other)]
    return one._replace(due={}) == other._replace(due={}) and exact[0] == exact[1]


def _cannot(version: RuleVersion, attribute: Attribute, day: dt.date) -> RuleError:
    message = f"the outcome on {day} turns on the exact `{attribute.label}`, which would identify somebody"
    remedy = "take another day with `--on`, or another case; or write the example by hand with a value that nobody has"
    return RuleError.one(AuthoringCode.CANNOT_MASK, version.script.name, message, remedy)


def _constants(version: RuleVersion) -> list[Node]:
    """Return the constants that a version's text names: they tell nothing of a person."""
    return [part for node in _nodes(version) for part in walk(node) if isinstance(part, Number | Date | Text | Within)]


def _coarser(value: Value, attribute: Attribute, constants: list[Node]) -> Iterator[Value]:
    """Give values that could stand for one, the coarsest first; only those that identify nobody."""
    match attribute.type, value:
        case _, None | bool():
            yield value
        case ValueType.DATE, dt.date():
            yield from _days(value)
            yield from (each.value for each in constants if isinstance(each, Date))
        case ((ValueType.INTEGER | ValueType.DECIMAL | ValueType.MONEY), int()):
            yield from [value] if attribute.unit in _COARSE_UNITS else _numbers(value)
            scaled = [each.value * attribute.fact_type.denominator for each in constants if isinstance(each, Number)]
            yield from (int(each) for each in scaled if each.denominator == 1)
        case ValueType.REGION, str():
            yield from (value[:length] for length in _REGION_LENGTHS)
            yield from (area for each in constants if isinstance(each, Within) for area in each.areas)
        case ValueType.INDUSTRY, str():
            letters = len(value) - len(value.lstrip("ABCDEFGHIJKLMNOPQRST"))
            yield from (value[: letters + digits] for digits in _INDUSTRY_DIGITS)
            yield value  # thousands share a class
        case _, _ if attribute.values:
            yield value
        case _:
            yield _OTHER
            yield from (each.value for each in constants if isinstance(each, Text))


def _days(day: dt.date) -> Iterator[dt.date]:
    yield dt.date(max(1, day.year - day.year % _TEN), 1, 1)
    yield dt.date(day.year, 1, 1)
    yield dt.date(day.year, _HALF_YEAR, 1)
    yield dt.date(day.year, 12, 31)
    yield day.replace(day=1)
    yield day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _numbers(number: int) -> Iterator[int]:
    size, sign = abs(number), -1 if number < 0 else 1
    for kept in _DIGITS_KEPT:
        unit = _TEN ** max(0, len(str(size)) - kept)
        nearest, down = (size + unit // 2) // unit * unit, size // unit * unit
        yield from (sign * each for each in (nearest, down, down + unit * (down != size)))
