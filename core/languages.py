"""Findings in the language of whoever reads them: English as they are made, or Chinese by templates.

A finding is made in English, with the author's words in backticks; `core/chinese.yaml` has the same sentence in Chinese
for each code. A sentence without a template is shown in English, which is better than nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from functools import cache
from pathlib import Path

from core.findings import Finding
from core.yaml_text import LINE_KEY, parse_tree

TEMPLATES = Path(__file__).with_name("chinese.yaml")
VARIABLE = "MIANSHEN_LANG"

_PLACE = re.compile(r"\\\{(\d)\\\}")  # as `re.escape` writes `{0}`
_QUOTED = re.compile(r"`\{(\d)\}`")
_LINKS = {"; ": "；", " and ": "、", ", ": "、", " or ": "或"}
_LINK = re.compile(f"({'|'.join(_LINKS)})(?=(?:[^`]*`[^`]*`)*[^`]*$)")  # outside the author's words


class Language(StrEnum):
    """What a person reads."""

    ENGLISH = "en"
    CHINESE = "zh"


def language_of(environment: Mapping[str, str]) -> Language:
    """Return the language that an environment asks for: our own variable first, then the machine's locale."""
    for variable in (VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(variable):
            return Language.CHINESE if value.lower().startswith("zh") else Language.ENGLISH
    return Language.ENGLISH


def in_language(finding: Finding, language: Language) -> Finding:
    """Return a finding as it is shown in a language."""
    if language is Language.ENGLISH:
        return finding
    message = translated(finding.message, finding.code.value)
    remedy = None if finding.help is None else translated(finding.help, "help")
    return replace(finding, message=message or finding.message, help=remedy or finding.help)


def in_words(sentence: str, language: Language) -> str:
    """Return what a command says when it is done, as it is shown in a language."""
    return sentence if language is Language.ENGLISH else translated(sentence, "said") or sentence


def translated(sentence: str, section: str) -> str | None:
    """Return a sentence in Chinese by the templates of a section, or None where none fits."""
    for pattern, quoted, chinese in _templates(section):
        if match := pattern.fullmatch(sentence):
            places = {
                f"{{{name[1:]}}}": value if name in quoted else _word(value)
                for name, value in match.groupdict().items()
            }
            return re.sub(r"\{\d\}", lambda place, places=places: places[place[0]], chinese)  # type: ignore[misc]  # a lambda with its own default
    return None


def _word(words: str) -> str:
    """Return what stood in a place: a word of ours, or several, in Chinese; the author's own as they are."""
    parts = _LINK.split(words)
    each = [_LINKS.get(part) or _single(part) for part in parts]
    return "".join(part for part in each if part is not None) if None not in each else words


def _single(word: str) -> str | None:
    is_quoted = word.startswith("`") and word.endswith("`") and word.count("`") == len("``")
    return word if is_quoted else translated(word, "words")


@cache
def _templates(section: str) -> tuple[tuple[re.Pattern[str], frozenset[str], str], ...]:
    """Return the templates of a section, those with more words of their own first.

    With each the places that stand in backticks: what an author wrote there is no word of ours, whatever it is.
    """
    written = _written().get(section, {})
    ordered = sorted(written.items(), key=lambda pair: -len(re.sub(r"\{\d\}", "", pair[0])))
    return tuple(
        (_pattern(english), frozenset(f"p{place}" for place in _QUOTED.findall(english)), chinese)
        for english, chinese in ordered
    )


def _pattern(english: str) -> re.Pattern[str]:
    seen: set[str] = set()

    def place(match: re.Match[str]) -> str:
        name = f"p{match[1]}"
        if name in seen:
            return f"(?P={name})"
        seen.add(name)
        return f"(?P<{name}>.+?)"

    return re.compile(_PLACE.sub(place, re.escape(english)), re.DOTALL)


@cache
def _written() -> Mapping[str, Mapping[str, str]]:
    tree = parse_tree(TEMPLATES.read_text("utf-8"), TEMPLATES.name).tree
    return {
        section: {english: chinese for english, chinese in pairs.items() if english != LINE_KEY}
        for section, pairs in tree.items()
        if section != LINE_KEY
    }
