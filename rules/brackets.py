"""`and` and `or` side by side without brackets: the language knows which of them binds, the reader of a document guesses."""

import re
from collections.abc import Iterator

from rules.bound import RuleVersion
from rules.codes import RuleCode
from rules.parsing import plain_text
from rules.passages import Faults, Key

_WORDS = re.compile(r"'[^']*'|\"[^\"]*\"|[()\[\],?:]|\b(?:and|or)\b")
_OPENS, _CLOSES, _PARTS = frozenset("(["), frozenset(")]"), frozenset(",?:")


def check_brackets(version: RuleVersion, faults: Faults) -> None:
    """Record each expression in which `and` and `or` join the same parts."""
    for text, keys in _expressions(version):
        if is_mixed(text):
            message = "`and` and `or` stand side by side: `and` joins first, and not everybody reads it so"
            remedy = "put what belongs together in brackets: `A or (B and C)`, or `(A or B) and C`"
            faults.add(RuleCode.MIXED, message, *keys, remedy=remedy)


def _expressions(version: RuleVersion) -> Iterator[tuple[str, tuple[Key, ...]]]:
    written = version.written
    for name, value in written.parameters.items():
        yield str(value), ("parameters", name)
    for index, criterion in enumerate(written.criteria):
        yield criterion.when, ("criteria", index, "when")
    for index, line in enumerate(written.tariff):
        yield line.when or "", ("tariff", index, "when")
        yield str(line.amount), ("tariff", index, "amount")


def is_mixed(text: str) -> bool:
    """Say whether `and` and `or` meet in an expression with no bracket between them.

    Expects: an expression that `rules.parsing` reads.
    """
    joined: list[set[str]] = [set()]  # by depth of brackets: which words join the parts there
    for found in _WORDS.finditer(plain_text(text)):
        word = found[0]
        if word in _OPENS:
            joined.append(set())
        elif word in _CLOSES:
            joined.pop()
        elif word in _PARTS:
            joined[-1].clear()
        elif word in {"and", "or"}:
            joined[-1].add(word)
            if len(joined[-1]) > 1:
                return True
    return False
