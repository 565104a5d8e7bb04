"""What is wrong with rows, told to the data steward: one finding per column and fault, with a count, without values."""

from collections.abc import Iterator, Mapping

import polars as pl

from core.findings import Finding, Place, Severity
from profiles.codes import ProfileCode

ROWS_NAMED = 3  # enough to find the cause by hand

_WORDS: dict[ProfileCode, tuple[str, str]] = {
    ProfileCode.KEY_MISSING: ("`{column}` is empty", "nobody can tell whom they concern; ask the department"),
    ProfileCode.KEY_MALFORMED: ("`{column}` is not a number of its type", "compare the signs and the length"),
    ProfileCode.DIGITS_LOST: (
        "`{column}` is a long number that a spreadsheet has cut",
        "format the column as text before the numbers are entered, or deliver CSV",
    ),
    ProfileCode.VALUE_MISSING: ("`{column}` is empty", "declare it `optional`, or ask the department"),
    ProfileCode.VALUE_UNREADABLE: ("`{column}` cannot be read as its type", "compare the type with the file"),
    ProfileCode.VALUE_NOT_LISTED: ("`{column}` holds a value that is not declared", "add it to `values`, or ask"),
    ProfileCode.VALUE_OUT_OF_BOUNDS: ("`{column}` is out of bounds", "compare `at_least` and `at_most` with the file"),
    ProfileCode.DUPLICATE: ("the same row is told in different ways", "ask which holds, or declare a row key"),
    ProfileCode.REPEATED: ("equal to another row, counted once", "ask for each row once"),
    ProfileCode.DAY_AHEAD: ("`{column}` lies ahead", "an event cannot have happened yet; ask the department"),
    ProfileCode.ENDS_BEFORE_START: ("`{column}` lies before the first day", "ask the department"),
    ProfileCode.CELL_COUNT: ("more or fewer cells than the header", "look for line ends and separators inside cells"),
}


def row_findings(name: str, quarantine: pl.DataFrame) -> Iterator[Finding]:
    """Give one warning per fault and column.

    Expects: a quarantine frame.
    """
    groups = (
        quarantine.group_by("code", "column")
        .agg(pl.len().alias("count"), pl.col("row_number").sort().head(ROWS_NAMED).alias("rows"))
        .sort("code", "column")
    )
    for code, column, count, rows in groups.iter_rows():
        words, remedy = _WORDS[ProfileCode(code)]
        message = f"{row_words(count)}: {words.format(column=column)}"
        which = ", ".join(str(row) for row in rows)
        help_line = f"{remedy}; row{'s' if len(rows) > 1 else ''} {which}{' …' if count > len(rows) else ''}"
        yield Finding(ProfileCode(code), Place(name), message, help_line, Severity.WARNING, count)


def check_findings(name: str, odd_checks: Mapping[str, int], hidden_count: int) -> Iterator[Finding]:
    """Give warnings about rows that were accepted nevertheless."""
    for column, count in sorted(odd_checks.items()):
        message = f"{row_words(count)}: `{column}` does not agree with its check sign"
        help_line = "accepted, because lawful exceptions exist; have a sample compared"
        yield Finding(ProfileCode.CHECK_DIGIT, Place(name), message, help_line, Severity.WARNING, count)
    if hidden_count:
        message = f"{row_words(hidden_count, 'cell')}: a subject's number stood inside a text"
        help_line = "it was replaced by the subject's id; ask for the column without it"
        yield Finding(ProfileCode.NUMBER_HIDDEN, Place(name), message, help_line, Severity.WARNING, hidden_count)


def row_words(count: int, noun: str = "row") -> str:
    """Return a count as people write it: `1 row`, `1,226 rows`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
