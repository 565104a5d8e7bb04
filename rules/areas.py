"""Codes of regions and industries: what a rule's word covers, by the tables in `rules/library/codes`.

A fact may be coarser than the rule asks ("the whole city" against one district, "manufacturing" against one
class of it); then nobody can tell, and the answer is unknown.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from core.errors import RuleError
from core.strict_yaml import Written, read_yaml
from rules.tree import InIndustry, Node, Within

CODES = Path(__file__).parent / "library" / "codes"

_REGION_LENGTHS = (2, 4, 6, 9, 12)  # province, city, district, street, village: GB/T 2260 and its statistical extension
_DISTRICT = 6
_DIVISION = 2
_CLASS = re.compile(r"(?P<letter>[A-T])?(?P<digits>\d{2,4})?")


class RetiredRegion(Written):
    """A code that was withdrawn, in which year, and the area that it belongs to today."""

    code: str
    name: str
    retired_in: int
    successor: str


class RegionTable(Written):
    """What is known of regions."""

    retired: tuple[RetiredRegion, ...]
    names: dict[str, str]


class Section(Written):
    """One letter of the industry classification, with its first and last division."""

    name: str
    first: int
    last: int


class IndustryTable(Written):
    """What is known of industries."""

    sections: dict[str, Section]


@cache
def region_table() -> RegionTable:
    """Return the shipped table of regions."""
    return read_yaml(CODES / "regions.yaml", RegionTable, error=RuleError)


@cache
def industry_table() -> IndustryTable:
    """Return the shipped table of industries."""
    return read_yaml(CODES / "industries.yaml", IndustryTable, error=RuleError)


@cache
def districts() -> Mapping[str, str]:
    """Return the districts and counties by their codes, with their names."""
    return {code: name for code, name in region_table().names.items() if len(code) == _DISTRICT}


class BadCodeError(ValueError):
    """A code in a rule that is none; the message and the remedy go into the author's finding."""

    def __init__(self, message: str, remedy: str) -> None:
        """Keep what is wrong and what to do."""
        super().__init__(message)
        self.message, self.remedy = message, remedy


def region_name(area: str) -> str | None:
    """Return the name of an area, if the table has it; that of a street or town with its district."""
    names, core = region_table().names, _significant(area)
    name = names.get(core)
    return f"{names.get(core[:_DISTRICT], '')}{name}" if name and len(core) > _DISTRICT else name


def within(region: Node, areas: tuple[str, ...]) -> Within:
    """Return the node that asks whether a region lies in one of some areas.

    Fails: `BadCodeError` for what is no code, or a retired one.
    """
    cores = [check_area(area) for area in areas]
    prefixes = {prefix for core in cores for prefix in (core, *_retired_into(core))}
    coarser = {spelt for prefix in prefixes for spelt in _larger_areas(prefix)}
    whole = {prefix for prefix in prefixes if not any(prefix != p and prefix.startswith(p) for p in prefixes)}
    open_codes = {code for code in coarser if not any(code.startswith(prefix) for prefix in whole)}
    return Within(region, areas, tuple(sorted(whole)), tuple(sorted(open_codes)))


def check_area(area: str) -> str:
    """Return a region code without its filling zeros.

    Fails: `BadCodeError` for what is no code, or a retired one.
    """
    if not area.isdecimal() or len(area) not in _REGION_LENGTHS:
        raise BadCodeError(f"`{area}` is not a region code", "write 2, 4, 6, 9 or 12 digits, such as 31 or 310118")
    for retired in region_table().retired:
        if area.startswith(retired.code):
            remedy = f"{retired.name} belongs to {retired.successor}; that code covers the old one"
            raise BadCodeError(f"the region code `{area}` is retired", remedy)
    return _significant(area)


def _significant(area: str) -> str:
    """Return a code without the zeros that stand for "the whole"."""
    for keep, zeros in ((9, "000"), (6, "000"), (4, "00"), (2, "00")):
        if len(area) == keep + len(zeros) and area.endswith(zeros):
            area = area[:keep]
    return area


def _retired_into(core: str) -> list[str]:
    return [retired.code for retired in region_table().retired if retired.successor.startswith(core)]


def _larger_areas(prefix: str) -> Iterable[str]:
    """Give every spelling of the areas that hold an area: bare, and filled up with zeros."""
    for length in _REGION_LENGTHS:
        if length < len(prefix):
            yield from (prefix[:length].ljust(filled, "0") for filled in _REGION_LENGTHS if filled >= length)


class _Span(NamedTuple):
    letter: str | None
    digits: str | None


def in_industry(industry: Node, classes: tuple[str, ...]) -> InIndustry:
    """Return the node that asks whether an industry code lies in one of some classes or ranges of classes.

    Fails: `BadCodeError` for what is no class.
    """
    prefixes = {prefix for written in classes for prefix in _prefixes(written)}
    whole = {prefix for prefix in prefixes if not any(prefix != p and prefix.startswith(p) for p in prefixes)}
    coarser = {prefix[:length] for prefix in whole for length in range(_DIVISION, len(prefix))}
    inside, partly = [], []
    for letter, section in industry_table().sections.items():
        divisions = [f"{number:02d}" for number in range(section.first, section.last + 1)]
        if all(division in whole for division in divisions):
            inside.append(letter)
        elif any(prefix[:_DIVISION] in divisions for prefix in whole):
            partly.append(letter)
    return InIndustry(industry, classes, tuple(sorted(whole)), tuple(sorted(coarser)), tuple(inside), tuple(partly))


def _prefixes(written: str) -> list[str]:
    ends = [_span(end, written) for end in re.split(r"\s*[-\u2013\u2014~至]\s*", written.strip().upper())]
    if len(ends) == 1:
        return _single(ends[0])
    first, last = ends[0], ends[-1]
    if len(ends) > len(("first", "last")) or any(end.digits and len(end.digits) > _DIVISION for end in ends):
        raise BadCodeError(f"`{written}` is not a range of divisions", "write two divisions, such as `C13-C43`")
    low, high = int(_single(first)[0]), int(_single(last)[-1])
    if low > high:
        raise BadCodeError(f"`{written}` ends before it begins", "write the smaller division first")
    return [f"{number:02d}" for number in range(low, high + 1)]


def _span(text: str, written: str) -> _Span:
    match = _CLASS.fullmatch(text)
    if not match or not text:
        remedy = "write a section, a division or a class, such as `C`, `C13`, `7010`, or a range `C13-C43`"
        raise BadCodeError(f"`{written}` is not an industry code", remedy)
    letter, digits = match["letter"], match["digits"]
    if letter and digits and not _holds(letter, digits):
        right = next((name for name in industry_table().sections if _holds(name, digits)), None)
        remedy = f"write `{right}{digits}`" if right else "look the class up in GB/T 4754"
        raise BadCodeError(f"`{text}`: division {digits[:_DIVISION]} is not in section {letter}", remedy)
    return _Span(letter, digits)


def _single(span: _Span) -> list[str]:
    if span.digits:
        return [span.digits]
    assert span.letter
    section = industry_table().sections[span.letter]
    return [f"{number:02d}" for number in range(section.first, section.last + 1)]


def _holds(letter: str, digits: str) -> bool:
    section = industry_table().sections[letter]
    return section.first <= int(digits[:_DIVISION]) <= section.last
