"""Codes of regions and industries for the solver: from endlessly many, one for each way in which rules tell them apart.

Rules ask whether a code begins with something, or is one of a few coarser codes. So a code is known by the longest
of the mentioned beginnings that it has: one code for each beginning, one for none, and the coarser ones by themselves
stand for all.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import chain, product

from rules.areas import industry_table, region_table
from rules.tree import InIndustry, Within

_REGION_LENGTH = 6  # facts hold six digits or more
_FURTHER = (1, 2, 3)  # so many digits lead out of all longer beginnings that rules mention


def region_codes(asked: Iterable[Within]) -> tuple[str, ...]:
    """Return region codes that stand for all, for these questions."""
    every = list(asked)
    prefixes = {prefix for each in every for prefix in each.prefixes}
    coarser = {code for each in every for code in each.coarser if len(code) >= _REGION_LENGTH}
    known = [f"{name:0<6}" for name in sorted(region_table().names, key=lambda name: (-len(name), name))]
    found = [
        _typical(prefix, prefixes, coarser, chain(known, (f"{code:0<6}" for code in _below(prefix))))
        for prefix in ("", *sorted(prefixes))
    ]
    return tuple(dict.fromkeys([*(code for code in found if code), *sorted(coarser)]))


def industry_codes(asked: Iterable[InIndustry]) -> tuple[str, ...]:
    """Return industry codes that stand for all, for these questions; with their letter, and letters alone."""
    every = list(asked)
    prefixes = {prefix for each in every for prefix in each.prefixes}
    coarser = {code for each in every for code in each.coarser}
    letters = {letter for each in every for letter in (*each.sections, *each.sections_open)}
    divisions = [f"{each.first:02d}" for each in industry_table().sections.values()]
    found = [
        _typical(prefix, prefixes, coarser, chain(_below(prefix), divisions)) for prefix in ("", *sorted(prefixes))
    ]
    codes = [*(code for code in found if code), *sorted(coarser)]
    return tuple(dict.fromkeys([*map(_with_letter, codes), *sorted(letters)]))


def _below(prefix: str) -> Iterator[str]:
    """Give a beginning, unless it is empty, and codes below it."""
    if prefix:
        yield prefix
        for length in _FURTHER:
            yield from (prefix + "".join(digits) for digits in product("0123456789", repeat=length))


def _typical(prefix: str, prefixes: Collection[str], apart: Collection[str], codes: Iterable[str]) -> str | None:
    """Return a code that has this beginning and none that is longer, and is none of those apart, if there is one."""
    longer = tuple(each for each in prefixes if len(each) > len(prefix) and each.startswith(prefix))
    for code in codes:
        if code.startswith(prefix) and not code.startswith(longer) and code not in apart:
            return code
    return None


def _with_letter(code: str) -> str:
    division = int(code[:2])
    sections = industry_table().sections.items()
    return next((letter for letter, each in sections if each.first <= division <= each.last), "") + code
