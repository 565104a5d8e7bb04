"""Random numbers that depend on nothing but the seed, the row and what they are drawn for.

Whole columns are drawn at once, and a row draws the same whatever the rows around it: the counter-based
generator splitmix64, as Polars expressions.
"""

import hashlib

import polars as pl

INDEX = "index"
"""The column, UInt64, that numbers the rows of a frame."""

_GOLDEN = 0x9E3779B97F4A7C15  # the constants of splitmix64 (Steele, Lea and Flood 2014)
_MIX_1 = 0xBF58476D1CE4E5B9
_MIX_2 = 0x94D049BB133111EB


class Draws:
    """Draws of one seed; each is named for what it decides, so that a new draw changes no other."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def below(self, bound: int, name: str) -> pl.Expr:
        """Return a whole number from 0 to `bound` - 1 for each row."""
        start = int.from_bytes(hashlib.sha256(f"{self._seed}\x1f{name}".encode()).digest()[:8])
        mixed = (pl.col(INDEX) + _word(start)) * _word(_GOLDEN)
        mixed = (mixed ^ (mixed // _word(1 << 30))) * _word(_MIX_1)
        mixed = (mixed ^ (mixed // _word(1 << 27))) * _word(_MIX_2)
        mixed = mixed ^ (mixed // _word(1 << 31))
        return (mixed % _word(bound)).cast(pl.Int64)

    def chance(self, per_mille: int, name: str) -> pl.Expr:
        """Return whether something holds that holds for so many in a thousand."""
        return self.below(1000, name) < per_mille

    def one_of(self, words: tuple[str, ...], name: str) -> pl.Expr:
        """Return one of some words; a word written twice comes twice as often."""
        return pick(self.below(len(words), name), words)


def pick(position: pl.Expr, words: tuple[str, ...]) -> pl.Expr:
    """Return the word at each position."""
    return pl.lit(pl.Series(words)).gather(position)


def rows(count: int) -> pl.DataFrame:
    """Return the numbered rows of a new frame."""
    return pl.select(pl.int_range(count, dtype=pl.UInt64).alias(INDEX))


def _word(number: int) -> pl.Expr:
    return pl.lit(number, dtype=pl.UInt64)
