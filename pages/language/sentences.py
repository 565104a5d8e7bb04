"""Findings as an English page says them: whole sentences, days as the page writes them, departments by their English names.

A finding is made for a terminal: `ask 区民政局; until then …`. What stands between backticks is somebody's own word or a command,
and stays as it is; behind a department's English name stands its own, by which it is found on the page.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from core.findings import Finding
from pages.language.scripts import CHINESE
from pages.language.translating import Words

_QUOTED: Final = re.compile(r"(`[^`]*`)")
_DAY: Final = re.compile(r"(?<![\d-])\d{4}-\d{2}-\d{2}(?![\d-])")
_NAME: Final = re.compile(rf"{CHINESE}+")
_ENDS: Final = (".", "?", "!", ":", "…")


def as_sentences(findings: Iterable[Finding], words: Words) -> list[Finding]:
    """Return findings as an English page says them."""
    return [
        replace(each, message=_sentence(each.message, words), help=each.help and _sentence(each.help, words))
        for each in findings
    ]


def _sentence(text: str, words: Words) -> str:
    parts = _QUOTED.split(text)
    said = "".join(part if place % 2 else _read(part, words) for place, part in enumerate(parts)).strip()
    said = said[:1].upper() + said[1:]
    return said if said.endswith(_ENDS) else f"{said}."


def _read(part: str, words: Words) -> str:
    days = _DAY.sub(lambda found: _day(found[0], words), part)
    return _NAME.sub(lambda found: _department(found[0], words), days)


def _day(written: str, words: Words) -> str:
    """Return a day as the page writes it; what is none stays."""
    try:
        return words.day(dt.date.fromisoformat(written))
    except ValueError:
        return written


def _department(name: str, words: Words) -> str:
    """Return a department by its English name and its own; a name that has no English stays."""
    english = words.gettext(name)
    return name if english == name else f"the {english} ({name})"
