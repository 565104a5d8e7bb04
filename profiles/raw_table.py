"""What every reader gives: a delivered table as text, in batches, with its header still as delivered.

A raw batch has the columns `row_number` (UInt32, 1 for the first row below the header), `is_whole` (Boolean: as
many cells as the header), and one String column per header cell, named by its position: `0`, `1`, … An empty cell
is null; rows without any value are left out, but counted.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Protocol

import polars as pl

BATCH_ROWS = 200_000  # a batch of twenty columns stays within some hundred megabytes
HEADER_ROWS = 10  # a table may have a title and notes above its header
DIGITS_LOST = "\ufffflost"  # stands for a cell whose last digits are gone, until its row is in quarantine


class RawTable(Protocol):
    """A delivered table that has been opened and checked as a whole."""

    @property
    def name(self) -> str:
        """What stands in messages."""

    @property
    def digest(self) -> str:
        """What tells whether the same was delivered before."""

    @property
    def header(self) -> tuple[str, ...]:
        """The words above the columns, as delivered."""

    def batches(self) -> Iterator[pl.DataFrame]:
        """Give the rows as raw batches, in the order of the table."""


def squeeze(word: str) -> str:
    """Return a header cell as it is compared: full-width letters and blanks do not matter."""
    return "".join(unicodedata.normalize("NFKC", word).split()).strip("\ufeff\u200b'\"")


def likely_header(rows: Sequence[Sequence[str]], names: Sequence[str]) -> int:
    """Return which of the first rows is the header: the one that holds most of the declared names."""
    wanted = {squeeze(name) for name in names}
    hits = [len(wanted & {squeeze(cell) for cell in row}) for row in rows[:HEADER_ROWS]]
    return max(range(len(hits)), key=lambda index: (hits[index], -index), default=0)


def without_empty_rows(batch: pl.DataFrame) -> pl.DataFrame:
    """Leave out the rows in which no cell holds anything."""
    cells = [column for column in batch.columns if column not in {"row_number", "is_whole"}]
    return batch.filter(pl.any_horizontal(pl.col(cells).is_not_null())) if cells else batch.clear()
