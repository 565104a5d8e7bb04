"""Characters that a person cannot see or cannot tell from others: a rule reads otherwise than it looks.

A space without width splits a name, a mark of direction shows a text backwards, a radical of a dictionary or a letter of
another alphabet looks like the one that is meant.
"""

import re
import unicodedata

from rules.codes import RuleCode
from rules.passages import Faults

_FILLERS = "\u115f\u1160\u3164\uffa0"  # letters that show nothing
_SUSPECT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u0370-\u04ff\u0600-\u061c\u06dd\u070f\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2e80-\u2fdf\u3164\ue000-\ufaff\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)  # one look at the whole text; nearly no text holds any
_WORD = re.compile(r"[^\W\d_]+")
_LATIN, _LOOKALIKE = "LATIN", ("CYRILLIC", "GREEK")
_RADICALS = range(0x2E80, 0x2FE0)
_COMPATIBILITY = range(0xF900, 0xFB00)


def check_characters(text: str, faults: Faults) -> None:
    """Record each line with characters that do not show, or that look like others."""
    if not _SUSPECT.search(text):
        return
    for number, line in enumerate(text.split("\n")):
        for message, remedy in dict.fromkeys(
            _mistake(each) for each in line if _is_hidden(each) or _plain(each) != each
        ):
            faults.add_line(RuleCode.CHARACTER, message, number, remedy=remedy)
        for word in _WORD.findall(line):
            if (strange := _of_another_alphabet(word)) is not None:
                message = f"`{word}` mixes alphabets: {_named(strange)} looks like another letter"
                faults.add_line(RuleCode.CHARACTER, message, number, remedy="type the word again")


def _is_hidden(sign: str) -> bool:
    return sign in _FILLERS or (
        unicodedata.category(sign) in {"Cf", "Cc", "Co", "Zl", "Zp"} and sign not in "\t\r\ufeff"
    )


def _plain(sign: str) -> str:
    """Return the character that one is a copy of, in appearance and meaning."""
    return unicodedata.normalize("NFKC", sign) if ord(sign) in _RADICALS or ord(sign) in _COMPATIBILITY else sign


def _mistake(sign: str) -> tuple[str, str]:
    if _is_hidden(sign):
        return f"the line holds a character that does not show: {_named(sign)}", "delete it"
    return f"`{sign}` is not the character that it looks like: {_named(sign)}", f"write `{_plain(sign)}`"


def _named(sign: str) -> str:
    return f"U+{ord(sign):04X} {unicodedata.name(sign, '')}".rstrip()


def _of_another_alphabet(word: str) -> str | None:
    """Return a letter of an alphabet that looks like ours, in a word with ours."""
    alphabets = {sign: unicodedata.name(sign, "").partition(" ")[0] for sign in word}
    if _LATIN not in alphabets.values():
        return None
    return next((sign for sign, alphabet in alphabets.items() if alphabet in _LOOKALIKE), None)
