"""Where each part of a rule file stands, looked up only when there is a fault to report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from core.findings import Code, Finding, Place, Severity
from core.yaml_text import YamlFaultsError, parse_tree

Key = str | int


@dataclass(frozen=True)
class Script:
    """One rule file: the name its findings carry, its text, and the line on which each value begins, if known."""

    name: str
    text: str
    lines: Mapping[tuple[Key, ...], int] | None = field(default=None, repr=False, compare=False)

    @cached_property
    def _lines(self) -> Mapping[tuple[Key, ...], int]:
        if self.lines is not None:
            return self.lines
        try:
            return parse_tree(self.text, self.name).value_lines
        except YamlFaultsError:  # a passage by itself, not a file: its own lines are all there are
            return {}

    def place(self, *keys: Key, line: int = 0) -> Place:
        """Return where the value under these keys stands, or the nearest part that stands somewhere.

        Units: `line` counts from the value's first line.
        """
        known = keys
        while known and known not in self._lines:
            known = known[:-1]
        return Place(self.name, self._lines.get(known, 1) + (line if known == keys else 0))

    def passage(self, text: str, *keys: Key) -> "Passage":
        """Return the expression under these keys."""
        return Passage(text, self, keys)


@dataclass(frozen=True)
class Passage:
    """One expression of a rule file."""

    text: str
    script: Script
    keys: tuple[Key, ...] = ()

    def place(self, line: int = 0) -> Place:
        """Return the place of a line of the expression, counted from 0."""
        return self.script.place(*self.keys, line=line)


@dataclass(slots=True)
class Faults:
    """The findings of one file, as they are collected."""

    script: Script
    findings: list[Finding] = field(default_factory=list)

    def add(self, code: Code, message: str, *keys: Key, remedy: str | None = None, warn: bool = False) -> None:
        """Record a fault of the value under these keys."""
        severity = Severity.WARNING if warn else Severity.ERROR
        self.findings.append(Finding(code, self.script.place(*keys), message, remedy, severity))

    def add_line(self, code: Code, message: str, line: int, *, remedy: str) -> None:
        """Record a fault of a line of the file, counted from 0."""
        self.findings.append(Finding(code, Place(self.script.name, line + 1), message, remedy))
