"""Marks what is Chinese on an English page, so that it is read aloud and shown as Chinese: what rules, departments and people say.

A text that is Chinese from end to end marks its element; else a `span` stands round the Chinese in it. Where no element may
stand, as in an option, the element around is marked. Templates close what they open, and values are escaped: `<` begins a tag.
"""

import re
from typing import Final

from pages.language.scripts import SAID_IN_CHINESE, has_chinese

LANG: Final = 'lang="zh-CN"'
_TOKEN: Final = re.compile(r"<[^>]*>|[^<]+|<")
_TAG: Final = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9]*)(?P<rest>[^>]*)>")
_VOID: Final = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
_TEXT_ALONE: Final = frozenset({"option", "textarea", "title", "text"})
"""Elements that hold no others; `title` and `text` are also those of a drawing."""

_SAYS: Final = re.compile(r'\s(?:value|placeholder|title|aria-label|label)="([^"]*)"')


def with_chinese_marked(page: str) -> str:
    """Return an English page on which what is Chinese says so."""
    parts: list[str] = []
    tokens = _TOKEN.findall(page)
    marks = _Open()
    for place, token in enumerate(tokens):
        if token.startswith("<"):
            parts.append(marks.tag(token))
        elif marks.is_chinese or not has_chinese(token):
            parts.append(token)
        elif marks.holds_text_alone or _is_whole(token, tokens, place):
            parts[-1] = marks.mark(parts[-1])
            parts.append(token)
        else:
            parts.append(SAID_IN_CHINESE.sub(lambda said: f"<span {LANG}>{said[0]}</span>", token))
    return "".join(parts)


class _Open:
    """The elements that are open, each with whether it is marked as Chinese."""

    def __init__(self) -> None:
        self._open: list[tuple[str, bool]] = []

    @property
    def is_chinese(self) -> bool:
        return bool(self._open) and self._open[-1][1]

    @property
    def holds_text_alone(self) -> bool:
        return bool(self._open) and self._open[-1][0] in _TEXT_ALONE

    def tag(self, tag: str) -> str:
        """Return a tag, marked where its own words are Chinese, and keep what it opens or closes."""
        found = _TAG.fullmatch(tag)
        if found is None:
            return tag
        name = found["name"].lower()
        if found["end"]:
            while self._open and self._open.pop()[0] != name:
                pass
            return tag
        if not self.is_chinese and name in _VOID and any(has_chinese(each) for each in _SAYS.findall(tag)):
            tag = _marked(tag)
        if name not in _VOID and not found["rest"].endswith("/"):
            self._open.append((name, self.is_chinese or LANG in tag))
        return tag

    def mark(self, tag: str) -> str:
        """Return the tag that opened the element in which we are, marked."""
        name, _ = self._open[-1]
        self._open[-1] = (name, True)
        return _marked(tag)


def _is_whole(token: str, tokens: list[str], place: int) -> bool:
    """Say whether a text is all that an element holds, and Chinese from end to end."""
    is_alone = 0 < place < len(tokens) - 1 and _opens(tokens[place - 1]) and tokens[place + 1].startswith("</")
    return is_alone and SAID_IN_CHINESE.fullmatch(token.strip()) is not None


def _opens(tag: str) -> bool:
    found = _TAG.fullmatch(tag)
    return found is not None and not found["end"] and found["name"].lower() not in _VOID


def _marked(tag: str) -> str:
    name = _TAG.fullmatch(tag)
    assert name is not None
    return tag if " lang=" in tag else f"<{name['name']} {LANG}{name['rest']}>"
