"""How a table stands in a bank's file: head, headings, columns and trailer, each cell filled from a word.

One layout says both ways: what is written by it is read back by it (`delivery.banking.written`, `delivery.banking.read`).
"""

from collections.abc import Iterator
from typing import Annotated, Literal

import pydantic

from core.strict_yaml import Written

LINES_ON_A_SHEET = 1_000_000  # a sheet has 1,048,576 rows and no more (ECMA-376); head and trailer take some


class Field(Written):
    """One cell: filled from a word, or with a text that always stands there; with neither it is empty, and not read."""

    of: str | None = None
    text: str | None = None
    heading: str = ""
    width: Annotated[int, pydantic.Field(ge=1)] | None = None  # bytes as encoded; in a workbook signs
    letters: Literal["keep", "half", "full"] = "keep"  # letters, digits and signs of ASCII in one width
    too_long: Literal["refuse", "cut"] = "refuse"
    not_allowed: str = ""  # signs beside those that the form itself excludes
    align: Literal["left", "right"] = "left"  # where cells have a fixed width
    pad: Literal["space", "zero"] = "space"  # what fills the rest of it

    @property
    def constant(self) -> str:
        """Return what stands in a cell that no word fills."""
        return self.text or ""


Row = tuple[Field, ...]


class Layout(Written):
    """The form of one file; in a workbook `head` and `trailer` are rows of cells too.

    `fixed` is a text whose cells have their width in bytes, as encoded, and nothing between them.
    """

    form: Literal["text", "fixed", "xlsx"]
    encoding: Literal["gb18030", "gbk", "utf-8", "utf-8-sig"] = "gb18030"
    separator: str = "|"
    quoted: bool = False  # every cell between `"`, one inside doubled
    line_end: Literal["crlf", "lf"] = "crlf"
    amounts: Literal["fen", "yuan"]
    days: Literal["yyyymmdd", "yyyy-mm-dd", "yyyy/mm/dd"] = "yyyymmdd"
    sheet: str = "清单"
    headings: bool = False
    head: tuple[Row, ...] = ()
    columns: Row
    trailer: tuple[Row, ...] = ()

    @property
    def is_text(self) -> bool:
        """Say whether it is a text file; otherwise it is a workbook."""
        return self.form != "xlsx"

    @property
    def is_fixed(self) -> bool:
        """Say whether it is a text file whose cells have a fixed width."""
        return self.form == "fixed"

    @property
    def closing(self) -> tuple[Row, ...]:
        """Return the rows of the trailer that have anything in them: others are not there when the file is read."""
        return tuple(row for row in self.trailer if any(each.of or each.text for each in row))

    @property
    def codec(self) -> str:
        """Return the encoding of the words; a mark at the beginning is no part of them."""
        return "utf-8" if self.encoding == "utf-8-sig" else self.encoding

    @property
    def end_of_line(self) -> str:
        """Return what stands behind every line, the last one too."""
        return "\r\n" if self.line_end == "crlf" else "\n"

    @property
    def day_format(self) -> str:
        """Return how days are written, as Polars and Python spell it."""
        return self.days.replace("yyyy", "%Y").replace("mm", "%m").replace("dd", "%d")

    def frame_fields(self) -> Iterator[Field]:
        """Give the cells of head and trailer."""
        for row in (*self.head, *self.trailer):
            yield from row

    def frame_words(self) -> set[str]:
        """Return the words that head and trailer carry."""
        return {field.of for field in self.frame_fields() if field.of}

    def column_words(self) -> set[str]:
        """Return the words that columns carry."""
        return {field.of for field in self.columns if field.of}
