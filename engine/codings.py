"""Texts as numbers: what each value of a text says of the conditions about it, found once and looked up for every row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Self

import polars as pl

from rules.polars_expressions import condition
from rules.tree import Compare, Fact, InIndustry, Kind, Node, OneOf, Text, Within, bare

CODED = (pl.Enum, pl.Categorical)
TEXTS = frozenset({Kind.TEXT, Kind.REGION, Kind.INDUSTRY})

# What a step costs a row, in picoseconds on one thread: only which way is cheaper depends on them.
_EQUAL, _EQUAL_TEXT, _JOINED = 60, 1_000, 40
_NUMBERED, _LOOKED_UP, _BIT_READ = 12_700, 2_000, 110
_BITS = 8


@dataclass(frozen=True)
class Coding:
    """What the values of a text say: where each condition, by number, holds, and where it is known, if not everywhere.

    `values`: the texts in the order of their numbers; the number after the last is that of unknown, and of every text that
    no condition mentions.
    """

    values: pl.Series
    holds: Mapping[int, pl.Series]
    known: Mapping[int, pl.Series]

    @classmethod
    def of(cls, code: str, values: pl.Series, leaves: Mapping[int, Node]) -> Self:
        """Ask conditions about one text of each of its values."""
        holds, known = dict[int, pl.Series](), dict[int, pl.Series]()
        for number, leaf in leaves.items():
            if isinstance(leaf, Compare | OneOf):
                holds[number] = values.is_in(sorted(listed(leaf)))
            else:
                said = values.alias(code).to_frame().select(condition(leaf)).to_series()
                holds[number] = said.fill_null(value=False)
                if said.null_count():
                    known[number] = said.is_not_null()
        return cls(values, holds, known)

    @property
    def dtype(self) -> pl.DataType:
        """Return the narrowest type that holds the numbers, that of unknown too."""
        count = len(self.values)
        return pl.UInt8() if count < 1 << 8 else pl.UInt16() if count < 1 << 16 else pl.UInt32()

    @cached_property
    def enum(self) -> pl.Enum:
        """Return the texts as a type."""
        return pl.Enum(self.values)

    @cached_property
    def is_compared(self) -> bool:
        """Say whether comparing with the values for which something holds is cheaper than looking up."""
        return self._cost(_EQUAL) <= _LOOKED_UP * -(-len(self._bits) // _BITS) + _BIT_READ * len(self._bits)

    @cached_property
    def is_left_as_text(self) -> bool:
        """Say whether it is cheaper to compare texts themselves than to number them."""
        return self._cost(_EQUAL_TEXT) <= _NUMBERED

    def made_ready(self, code: str, dtype: pl.DataType) -> Iterator[pl.Expr]:
        """Give what is made of a column, once for every row: its texts themselves, their numbers, or what is looked up."""
        if dtype == pl.String and self.is_left_as_text:
            yield pl.col(code)
            return
        coded = pl.col(code) if isinstance(dtype, pl.Enum) else pl.col(code).cast(self.enum, strict=False)
        numbers = known_everywhere(coded.to_physical().cast(self.dtype), len(self.values))
        if self.is_compared:
            yield numbers
        else:
            for place, mask in enumerate(self._masks):
                yield pl.lit(mask).gather(numbers).alias(f"{place}:{code}")

    def answers(self, code: str, ready: Mapping[str, pl.Series]) -> dict[int, tuple[pl.Series, pl.Series | None]]:
        """Return where conditions hold, and where they are known if not wherever the text is."""
        bits = list(self._compared(ready[code]) if code in ready else self._looked_up(code, ready))
        known = dict(zip(self.known, bits[len(self.holds) :], strict=True))
        return {number: (holds, known.get(number)) for number, holds in zip(self.holds, bits, strict=False)}

    @cached_property
    def _bits(self) -> Sequence[pl.Series]:
        return [*self.holds.values(), *self.known.values()]

    @cached_property
    def _places(self) -> Sequence[Sequence[int]]:
        """Return for each bit the numbers of the values where it is set."""
        return [bit.arg_true().to_list() for bit in self._bits]

    @cached_property
    def _masks(self) -> Sequence[pl.Series]:
        """Return eight bits for every value at a time, and none for unknown."""
        weighed = [
            bit.cast(pl.UInt8).extend_constant(0, 1) * (1 << place % _BITS) for place, bit in enumerate(self._bits)
        ]
        return [reduce(or_, weighed[first : first + _BITS]) for first in range(0, len(weighed), _BITS)]

    def _cost(self, equal: int) -> int:
        return equal * len({each for places in self._places for each in places}) + _JOINED * sum(map(len, self._places))

    def _compared(self, column: pl.Series) -> Iterator[pl.Series]:
        asked = sorted({each for places in self._places for each in places})
        if column.dtype == pl.String:
            is_known, texts = column.is_not_null(), self.values.gather(asked).to_list()
            equal = {place: ((column == text) & is_known).slice(0) for place, text in zip(asked, texts, strict=True)}
        else:
            equal = {place: column == place for place in asked}
        for places in self._places:
            yield reduce(or_, [equal[each] for each in places]) if places else everywhere(len(column), value=False)

    def _looked_up(self, code: str, ready: Mapping[str, pl.Series]) -> Iterator[pl.Series]:
        for place in range(len(self._bits)):
            yield (ready[f"{place // _BITS}:{code}"] & (1 << place % _BITS)) != 0


def known_everywhere(column: pl.Expr, otherwise: object) -> pl.Expr:
    """Return a column with something in the place of unknown.

    The slice is of all rows: it lets go of the bits that say what is known, which double the work of each later step.
    """
    return column.fill_null(pl.lit(otherwise)).slice(0)


def everywhere(count: int, *, value: bool) -> pl.Series:
    """Return the same for so many rows."""
    return pl.Series([value]).new_from_index(0, count)


def text_of(leaf: Node) -> str | None:
    """Return the one text that a leaf is about, compared with constants alone; else None."""
    match leaf:
        case OneOf(value=value) | Within(region=value) | InIndustry(industry=value):
            fact = bare(value)
        case Compare(sign="==", left=value, right=right) if isinstance(bare(right), Text):
            fact = bare(value)
        case _:
            return None
    return fact.code if isinstance(fact, Fact) and fact.kind in TEXTS else None


def listed(leaf: Node) -> frozenset[str]:
    """Return the texts for which a leaf holds, of one that lists them."""
    options = leaf.options if isinstance(leaf, OneOf) else (leaf.right,) if isinstance(leaf, Compare) else ()
    return frozenset(option.value for option in map(bare, options) if isinstance(option, Text))
