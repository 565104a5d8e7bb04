"""Texts as numbers: what each value of a text says of the conditions about it, found once and looked up for every row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Self

import polars as pl

from rules.polars_expressions import condition
from rules.tree import Compare, Fact, InIndustry, Kind, Node, OneOf, Text, Within, bare

LISTS = (Compare, OneOf)
"""Of conditions about one text, those that list the values for which they hold."""

TEXTS = frozenset({Kind.TEXT, Kind.REGION, Kind.INDUSTRY})

# What a step costs a row, in picoseconds on one thread: only which way is cheaper depends on them.
_EQUAL, _EQUAL_TEXT, _JOINED = 60, 1_000, 40
_NUMBERED, _LOOKED_UP, _BIT_READ = 12_700, 2_000, 110
_BITS = 8


@dataclass(frozen=True)
class Coding:
    """What the values of a text say: for which of them each condition, by number, holds, and for which it is known, if not for all.

    `enum`: the texts in the order of their numbers; the number after the last is that of unknown, and of every text that
    no condition mentions.
    """

    enum: pl.Enum
    holds: Mapping[int, Sequence[int]]
    known: Mapping[int, Sequence[int]]

    @classmethod
    def of(cls, code: str, enum: pl.Enum, leaves: Mapping[int, Node]) -> Self:
        """Ask conditions about one text of each of its values."""
        holds, known = dict[int, Sequence[int]](), dict[int, Sequence[int]]()
        lists = {number: sorted(listed(leaf)) for number, leaf in leaves.items() if isinstance(leaf, LISTS)}
        texts = sorted(frozenset[str]().union(*lists.values()))
        numbers = dict(
            zip(texts, pl.Series(texts, dtype=pl.String).cast(enum, strict=False).to_physical(), strict=True)
        )
        for number, leaf in leaves.items():
            if number in lists:
                holds[number] = [place for text in lists[number] if (place := numbers[text]) is not None]
            else:
                said = enum.categories.alias(code).to_frame().select(condition(leaf)).to_series()
                holds[number] = said.fill_null(value=False).arg_true().to_list()
                if said.null_count():
                    known[number] = said.is_not_null().arg_true().to_list()
        return cls(enum, holds, known)

    @property
    def dtype(self) -> pl.DataType:
        """Return the narrowest type that holds the numbers, that of unknown too."""
        return pl.UInt8() if self.count < 1 << 8 else pl.UInt16() if self.count < 1 << 16 else pl.UInt32()

    @cached_property
    def count(self) -> int:
        """Return how many values there are."""
        return len(self.enum.categories)

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
        numbers = known_everywhere(coded.to_physical().cast(self.dtype), self.count)
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
    def _bits(self) -> Sequence[Sequence[int]]:
        """Return for each bit the numbers of the values where it is set."""
        return [*self.holds.values(), *self.known.values()]

    @cached_property
    def _asked(self) -> list[int]:
        """Return the numbers of the values for which some bit is set, in order."""
        return sorted({place for bit in self._bits for place in bit})

    @cached_property
    def _masks(self) -> Sequence[pl.Series]:
        """Return eight bits for every value at a time, and none for unknown."""
        masks = [bytearray(self.count + 1) for _ in range(0, len(self._bits), _BITS)]
        for number, bit in enumerate(self._bits):
            for place in bit:
                masks[number // _BITS][place] |= 1 << number % _BITS
        return [pl.Series(list(mask), dtype=pl.UInt8) for mask in masks]

    def _cost(self, equal: int) -> int:
        return equal * len(self._asked) + _JOINED * sum(map(len, self._bits))

    def _compared(self, column: pl.Series) -> Iterator[pl.Series]:
        if column.dtype == pl.String:
            is_known, texts = column.is_not_null(), self.enum.categories.gather(self._asked).to_list()
            equal = {
                place: ((column == text) & is_known).slice(0) for place, text in zip(self._asked, texts, strict=True)
            }
        else:
            equal = {place: column == place for place in self._asked}
        for bit in self._bits:
            yield reduce(or_, [equal[place] for place in bit]) if bit else everywhere(len(column), value=False)

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
