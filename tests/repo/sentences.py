"""The sentences that the code makes of faults, by code, so that a test can say which has no Chinese.

Read from the syntax trees: what stands in a call beside a code, as it is written or by the name that it was given in the same
function. Values stand in it as `VALUE`.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.findings import Code
from tests.gallery.cases import every_code
from tests.repo.repository import name

VALUE: Final = "Zz9"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One message or remedy, the codes that its function names beside it, and the module that it stands in."""

    words: str
    codes: frozenset[str]
    module: str


def sentences_of(path: Path) -> Iterator[Sentence]:
    """Return the sentences that a module makes of faults."""
    codes = {(type(code).__name__, code.name): code for code in every_code()}
    for function in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        named = _named(function)
        found: dict[str, set[str]] = {}
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            given = [*call.args, *(each.value for each in call.keywords)]
            beside = [code for each in given if (code := _code(each, codes)) is not None]
            for words in (words for each in given for words in _words(each, named) if beside and _is_sentence(words)):
                found.setdefault(words, set()).update(code.value for code in beside)
        yield from (Sentence(words, frozenset(own), name(path)) for words, own in found.items())


def _code(node: ast.expr, codes: Mapping[tuple[str, str], Code]) -> Code | None:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return codes.get((node.value.id, node.attr))
    return None


def _named(function: ast.AST) -> dict[str, list[str]]:
    """Return the texts that a function gives names to."""
    named: dict[str, list[str]] = {}
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        target, value = node.targets[0], node.value
        pairs = [(target, value)]
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = list(zip(target.elts, value.elts, strict=True))
        for one, text in pairs:
            if isinstance(one, ast.Name):
                named.setdefault(one.id, []).extend(_words(text, {}))
    return named


def _words(node: ast.expr, named: Mapping[str, list[str]]) -> list[str]:
    match node:
        case ast.Constant(value=str() as words):
            return [words]
        case ast.JoinedStr(values=parts):
            return ["".join(str(part.value) if isinstance(part, ast.Constant) else VALUE for part in parts)]
        case ast.IfExp(body=one, orelse=other):
            return [*_words(one, named), *_words(other, named)]
        case ast.BoolOp(values=several):
            return [words for each in several for words in _words(each, named)]
        case ast.Name(id=own):
            return named.get(own, [])
        case _:
            return []


def _is_sentence(words: str) -> bool:
    """Say whether words are more than a place or a name."""
    return " " in words.strip() and any(part.isalpha() and part.islower() for part in words.replace(VALUE, " ").split())
