"""Names that a rule can write: codes and labels of the catalogue are identifiers of the expression language."""

import re
import unicodedata
from collections.abc import Iterator

from core.findings import Finding, Place
from profiles.codes import ProfileCode

RESERVED = frozenset({"and", "or", "not", "in", "if", "else", "for", "true", "false", "null", "nan", "inf"})
"""Words of the expression language."""

FUNCTIONS = frozenset(
    {
        "within",
        "industry_in",
        "full_years",
        "full_years_by_month",
        "full_months",
        "day",
        "min",
        "max",
        "round_down",
        "round_up",
        "round_half_up",
    }
)
"""Functions of the expression language."""

_FILE_NAME = re.compile(r"[\w-]+")


def check_name(word: str, noun: str, part: str, place: Place) -> Iterator[Finding]:
    """Say what keeps a word from being a name.

    Only attributes stand in rules; other names have to serve as file names.
    """
    if noun != "attribute":
        if part == "code" and not _FILE_NAME.fullmatch(word):
            message = f"the code `{word}` of this {noun} cannot be a file name"
            yield Finding(ProfileCode.BAD_NAME, place, message, "use letters, digits, `_` and `-`")
    elif unicodedata.normalize("NFKC", word) != word:
        help_line = f"write it as `{unicodedata.normalize('NFKC', word)}`"
        yield Finding(ProfileCode.BAD_NAME, place, f"the {part} `{word}` has full-width letters", help_line)
    elif word in RESERVED | FUNCTIONS:
        yield Finding(ProfileCode.BAD_NAME, place, f"the {part} `{word}` is a word of the rule language", "add a word")
    elif not word.isidentifier():
        help_line = "use letters, Chinese characters, digits and `_`, and do not begin with a digit"
        yield Finding(ProfileCode.BAD_NAME, place, f"the {part} `{word}` cannot stand in a rule", help_line)
