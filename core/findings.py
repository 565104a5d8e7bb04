"""What is wrong with something a person gave us: where, what, and what to do about it.

A finding is a value. A stage collects its findings and raises one error at its end
(`core.errors`), so that an author sees five faults in one go, not one per run.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

MESSAGE_MAX = 1_000  # characters that are printed of a message; it may quote what an author wrote
NEAREST_CUTOFF = 0.5  # below this, difflib's offers are words the author cannot have meant


class Code(StrEnum):
    """A stable name for one kind of fault; each stage has its own members."""


class Severity(StrEnum):
    """Whether the stage may go on."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a fault stands: a file (relative where it can be) and a 1-based line, or just a name."""

    path: str
    line: int | None = None

    def __str__(self) -> str:
        """Write it as editors do."""
        return self.path if self.line is None else f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: `message` starts in lower case, ends without a full stop, and names no value of a person.

    `count` says how many rows it stands for.
    """

    code: Code
    place: Place
    message: str
    help: str | None = None
    severity: Severity = Severity.ERROR
    count: int = 1

    def __str__(self) -> str:
        """Write place, severity, code, message, and the remedy on a line of its own."""
        line = f"{self.place}: {self.severity.value}[{self.code.value}]: {_clipped(self.message)}"
        return line if self.help is None else f"{line}\n  help: {_clipped(self.help)}"

    @property
    def is_error(self) -> bool:
        """Say whether the stage must stop."""
        return self.severity is Severity.ERROR


def _clipped(text: str) -> str:
    return text if len(text) <= MESSAGE_MAX else f"{text[:MESSAGE_MAX]}…"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that the author most likely meant, or None."""
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=NEAREST_CUTOFF)
    return close[0] if close else None


def nearest_help(word: str, known: Iterable[str], noun: str) -> str | None:
    """Return the help line that offers the nearest known word, or lists a few."""
    words = sorted(known)
    close = nearest(word, words)
    if close is not None:
        return f"the nearest {noun} is `{close}`"
    few = 12  # more would not be read
    if words and len(words) <= few:
        return f"known: {', '.join(f'`{each}`' for each in words)}"
    return None


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings in reading order: by file, by line, then by code."""
    return tuple(sorted(findings, key=lambda f: (f.place.path, f.place.line or 0, f.code.value, f.message)))
