"""What the solver's questions are about: every profile whose facts are all known, on every day of a range.

One variable for each fact that the rules read, bounded by what the catalogue says of it, and three for the day. A
profile that the solver finds comes out of here as facts, as frames hold them.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count, islice

import z3

from core.days import DayRange
from profiles.row_facts import RowFact
from profiles.value_limits import ValueLimits
from rules.closures import Value
from rules.solver_codes import industry_codes, region_codes
from rules.solver_logic import Term, both, chosen, either, no, whole_part
from rules.tree import Fact, InIndustry, Kind, Node, Text, Within, bare, canonical, walk
from rules.vocabulary import Vocabulary

_LONG_MONTHS = (1, 3, 5, 7, 8, 10, 12)
_FEBRUARY = 2
_BEFORE_MONTH = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
_ORDINARY_YEARS = ((1900, 2050), (1930, 2030))  # days in witnesses lie here where they can
_ORDINARY_NUMBERS = (2_030, 1_000)  # so do numbers, in the unit that people read; the first has room for years


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, by its parts: whole numbers or terms."""

    year: Term
    month: Term
    day: Term

    @property
    def place(self) -> Term:
        """Return a number that grows with the day."""
        return self.year * 372 + self.month * 31 + self.day

    @property
    def ordinal(self) -> Term:
        """Return the day's number, as Python counts them."""
        before = self.year - 1
        leaps = whole_part(before, 4) - whole_part(before, 100) + whole_part(before, 400)
        in_year: Term = _BEFORE_MONTH[-1]
        for month in range(11, 0, -1):
            in_year = chosen(self.month == month, _BEFORE_MONTH[month - 1], in_year)
        leap_day = chosen(both(self.month > _FEBRUARY, _is_leap(self.year)), 1, 0)
        return before * 365 + leaps + in_year + leap_day + self.day

    @property
    def is_a_day(self) -> Term:
        """Return the condition that there is such a day."""
        is_long = either(*(self.month == month for month in _LONG_MONTHS))
        february_last = chosen(_is_leap(self.year), 29, 28)
        last = chosen(is_long, 31, chosen(self.month == _FEBRUARY, february_last, 30))
        return both(
            self.year >= dt.MINYEAR,
            self.year <= dt.MAXYEAR,
            self.month >= 1,
            self.month <= len(_BEFORE_MONTH),
            self.day >= 1,
            self.day <= last,
        )

    @classmethod
    def of(cls, day: dt.date) -> "Moment":
        """Return a certain day."""
        return cls(day.year, day.month, day.day)


def _is_leap(year: Term) -> Term:
    return both(year % 4 == 0, either(no(year % 100 == 0), year % 400 == 0))


class World:
    """The variables for some rules, and what bounds them.

    `is_exact` turns false where a part of a rule has no terms: then a free variable stands for it, what is proved
    still holds, and what is found may be impossible.
    """

    def __init__(self, nodes: Iterable[Node], vocabulary: Vocabulary, days: DayRange) -> None:
        self.context = z3.Context()
        self.days = days
        self.is_exact = True
        self._vocabulary = vocabulary
        parts = [part for node in nodes for part in walk(node)]
        self.facts: Mapping[str, Fact] = {part.code: part for part in parts if isinstance(part, Fact)}
        texts = {part.value for part in parts if isinstance(part, Text)}
        texts |= {value for fact in self.facts.values() for value in fact.type.values}
        self._texts = tuple(sorted(texts))
        self._codes: dict[str, tuple[str, ...]] = {}
        for code, fact in self.facts.items():
            if fact.kind is Kind.REGION:
                self._codes[code] = region_codes(p for p in parts if isinstance(p, Within) and bare(p.region) == fact)
            elif fact.kind is Kind.INDUSTRY:
                asked = (p for p in parts if isinstance(p, InIndustry) and bare(p.industry) == fact)
                self._codes[code] = industry_codes(asked)

    @cached_property
    def today(self) -> Moment:
        """Return the day asked about."""
        return self._moment("day()")

    def number(self, code: str) -> Term:
        """Return a numeric fact, as frames hold it."""
        return z3.Int(code, self.context)

    def truth(self, code: str) -> Term:
        """Return a fact that is true or false."""
        return z3.Bool(code, self.context)

    def moment(self, code: str) -> Moment:
        """Return a fact that is a day."""
        return self._moment(code)

    def text(self, code: str) -> Term:
        """Return a text fact, by the number of the text."""
        return z3.Int(code, self.context)

    def text_number(self, text: str) -> int:
        """Return the number of a text that the rules mention."""
        return self._texts.index(text)

    def one_of_codes(self, code: str, has: Callable[[str], bool]) -> Term:
        """Return the condition that a region or an industry is a code of some kind."""
        index = z3.Int(code, self.context)
        return either(*(index == number for number, each in enumerate(self._codes[code]) if has(each)))

    def free_truth(self, node: Node) -> Term:
        """Return a variable for a condition that has no terms."""
        self.is_exact = False
        return z3.Bool(canonical(node), self.context)

    def free_number(self, node: Node) -> Term:
        """Return a variable for a number that has no terms."""
        self.is_exact = False
        return z3.Int(canonical(node), self.context)

    def free_moment(self, node: Node) -> Moment:
        """Return the variables of a day that has no terms."""
        self.is_exact = False
        return self._moment(canonical(node))

    @property
    def bounds(self) -> Term:
        """Return what holds of every profile on every day."""
        of_facts = [self._bounds(fact) for fact in self.facts.values()]
        first, last = Moment.of(self.days.first), Moment.of(self.days.last)
        within = both(self.today.place >= first.place, self.today.place <= last.place)
        return both(*of_facts, self.today.is_a_day, within)

    @property
    def coherence(self) -> Term:
        """Return what holds of profiles whose facts fit each other: those drawn from one row are there together.

        It makes witnesses possible people. No criterion is called needless for it: documents state their conditions
        one by one, and some are waived one by one.
        """
        return both(*(self._hangs_on_row(fact) for fact in self.facts.values()))

    @property
    def preferences(self) -> list[Term]:
        """Return what makes a profile easy to read, the first day first; nothing of it has to hold."""
        first = Moment.of(self.days.first)
        ordinary = [each for fact in self.facts.values() for each in self._ordinary(fact)]
        return [self.today.place == first.place, *ordinary]

    def profile(self, model: Term) -> tuple[dict[str, Value], dt.date]:
        """Return the facts and the day that the solver found."""
        return {code: self._value(fact, model) for code, fact in self.facts.items()}, _day(self.today, model)

    def _moment(self, name: str) -> Moment:
        return Moment(*(z3.Int(f"{name} {part}", self.context) for part in ("year", "month", "day")))

    def _bounds(self, fact: Fact) -> Term:
        match fact.kind:
            case Kind.TRUTH:
                return True
            case Kind.NUMBER:
                most = fact.type.magnitude_max
                number = self.number(fact.code)
                in_range = both(number >= -most, number <= most)
                return both(in_range, self._within(number, self._vocabulary.limits(fact.code)))
            case Kind.DATE:
                return self.moment(fact.code).is_a_day
            case Kind.TEXT if fact.type.values:
                return either(*(self.text(fact.code) == self.text_number(value) for value in fact.type.values))
            case Kind.TEXT:
                number = self.text(fact.code)
                return both(number >= 0, number < len(self._texts) + len(self.facts))  # enough that all may differ
            case Kind.REGION | Kind.INDUSTRY:
                index = z3.Int(fact.code, self.context)
                return both(index >= 0, index < len(self._codes[fact.code]))

    def _within(self, number: Term, limits: ValueLimits) -> Term:
        least = True if limits.least is None else number >= limits.least
        return both(least, True if limits.most is None else number <= limits.most)

    def _hangs_on_row(self, fact: Fact) -> Term:
        """Return what a fact is where its row is there, and where it is not."""
        hangs = self._vocabulary.row(fact.code)
        if hangs is None:
            return True
        is_there = z3.Bool(hangs.row, self.context)
        return both(
            either(no(is_there), self._of_row(fact, hangs)),
            either(is_there, self._is_absent(fact, hangs)),
        )

    def _of_row(self, fact: Fact, hangs: RowFact) -> Term:
        match fact.kind:
            case Kind.TRUTH if hangs.is_presence:
                return self.truth(fact.code)
            case Kind.NUMBER:
                return self._within(self.number(fact.code), hangs.limits)
            case Kind.TEXT if hangs.values:
                known = [value for value in hangs.values if value in self._texts]
                return either(*(self.text(fact.code) == self.text_number(value) for value in known))
            case _:
                return True

    def _is_absent(self, fact: Fact, hangs: RowFact) -> Term:
        match fact.kind, hangs.absent:
            case _, None:
                return False  # it would be unknown
            case Kind.TRUTH, bool() as absent:
                return self.truth(fact.code) == absent
            case Kind.NUMBER, int() as absent:
                return self.number(fact.code) == absent
            case Kind.TEXT, str() as absent if absent in self._texts:
                return self.text(fact.code) == self.text_number(absent)
            case _:
                return True

    def _ordinary(self, fact: Fact) -> list[Term]:
        match fact.kind:
            case Kind.NUMBER:
                number = self.number(fact.code)
                return [both(number >= 0, number <= most * fact.type.denominator) for most in _ORDINARY_NUMBERS]
            case Kind.DATE:
                year = self.moment(fact.code).year
                return [both(year >= first, year <= last) for first, last in _ORDINARY_YEARS]
            case Kind.TRUTH:
                return [no(self.truth(fact.code))]
            case Kind.TEXT | Kind.REGION | Kind.INDUSTRY:
                number = z3.Int(fact.code, self.context)
                return [number <= 1, number == 0]  # codes that stand today come before retired ones

    def _value(self, fact: Fact, model: Term) -> Value:
        match fact.kind:
            case Kind.TRUTH:
                return bool(z3.is_true(model.eval(self.truth(fact.code), model_completion=True)))
            case Kind.DATE:
                return _day(self.moment(fact.code), model)
            case Kind.TEXT:
                return self._text(_whole(self.text(fact.code), model))
            case Kind.REGION | Kind.INDUSTRY:
                return self._codes[fact.code][_whole(z3.Int(fact.code, self.context), model)]
            case Kind.NUMBER:
                return _whole(self.number(fact.code), model)

    def _text(self, number: int) -> str:
        """Return a text by its number; beyond those that rules mention, some other."""
        if number < len(self._texts):
            return self._texts[number]
        others = (word for index in count(1) if (word := f"其他{index}") not in self._texts)
        return next(islice(others, number - len(self._texts), None))


def _day(moment: Moment, model: Term) -> dt.date:
    year, month, day = (_whole(part, model) for part in (moment.year, moment.month, moment.day))
    return dt.date(year, month, day)


def _whole(number: Term, model: Term) -> int:
    return int(model.eval(number, model_completion=True).as_long())
