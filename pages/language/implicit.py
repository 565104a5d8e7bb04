"""Makes every Chinese text of a template a message, as it stands: nobody marks anything, so nobody can forget to.

`<h2>{{ found | length }} 项政策</h2>` is read as `<h2>{{ gettext("%(found)s 项政策", found=found | length) }}</h2>`. A message ends
at a tag, a statement or the end of its line; a sentence that goes round a tag stands in `{% trans %}`, which is left as it is.
What is written in a template is markup, and values in it are escaped; `_(…)` says words that come from elsewhere, and those are
escaped like any value.
Documents are left alone too: they are handed on as they are, in Chinese.
"""

import re
from collections.abc import Iterator
from typing import Final

from jinja2.ext import Extension

from pages.language.scripts import CHINESE

DOCUMENTS: Final = frozenset({"guide.html", "guide_sheet.html", "plan.html"})

_SAID: Final = r"\{\{.*?\}\}"
_STATEMENT: Final = r"\{%.*?%\}"
_OTHER: Final = r"\{(?![{%#])"
_PIECE: Final = re.compile(
    rf"(?P<trans>\{{% trans\b.*?\{{% endtrans %\}})|(?P<comment>\{{#.*?#\}})|(?P<statement>{_STATEMENT})|(?P<said>{_SAID})"
    rf"|(?P<tag><(?:[A-Za-z/!]|\{{\{{)(?:{_SAID}|{_STATEMENT}|[^>{{]|{_OTHER})*>)|(?P<line>\n)|(?P<text>[^<{{\n]+|.)",
    re.DOTALL,
)
_ATTRIBUTE: Final = re.compile(rf'(?<==")(?:{_SAID}|{_STATEMENT}|[^"{{]|{_OTHER})*(?=")', re.DOTALL)
_LITERAL: Final = re.compile(
    rf"(?P<before>(?:_|gettext)\()?(?P<quote>[\"'])(?P<words>[^\"']*{CHINESE}[^\"']*)(?P=quote)"
)
_STRING: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_NO_NAMES: Final = frozenset(
    {"if", "else", "not", "in", "is", "none", "true", "false", "and", "or", "format", "_", "gettext"}
)
_IS_CHINESE: Final = re.compile(CHINESE)


class Implicit(Extension):
    """Reads templates so; stands before Jinja's own extension for messages."""

    priority = 50

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002  # Jinja's own signature
        """Return a template with its messages."""
        return source if name in DOCUMENTS else with_messages(source)


def with_messages(source: str) -> str:
    """Return the source of a template in which every Chinese text is a message."""
    return "".join(_read(source))


def _read(source: str) -> Iterator[str]:
    run: list[re.Match[str]] = []
    for piece in _PIECE.finditer(source):
        if piece.lastgroup in {"text", "said"}:
            run.append(piece)
            continue
        yield _message(run)
        run = []
        yield _between(piece)
    yield _message(run)


def _between(piece: re.Match[str]) -> str:
    """Return what is no part of any message: a statement with its literals, a tag with its attributes, or as it stands."""
    if piece.lastgroup == "statement":
        return _with_literals(piece[0])
    if piece.lastgroup == "tag":
        return _ATTRIBUTE.sub(lambda value: with_messages(value[0]), piece[0])
    return piece[0]


def _message(run: list[re.Match[str]]) -> str:
    """Return texts and values that stand beside each other on a line: as one message, where there is Chinese in them."""
    whole = "".join(piece[0] for piece in run)
    if not any(piece.lastgroup == "text" and _IS_CHINESE.search(piece[0]) for piece in run):
        return "".join(_with_literals(piece[0]) if piece.lastgroup == "said" else piece[0] for piece in run)
    values: dict[str, str] = {}
    words = "".join(
        _place(piece[0], values) if piece.lastgroup == "said" else piece[0].replace("%", "%%") for piece in run
    )
    given = "".join(f", {name}={value}" for name, value in values.items())
    quoted = words.strip().replace("\\", "\\\\").replace('"', '\\"')
    before, after = whole[: len(whole) - len(whole.lstrip())], whole[len(whole.rstrip()) :]
    return f'{before}{{{{ gettext("{quoted}"{given}) }}}}{after}'


def _place(said: str, values: dict[str, str]) -> str:
    """Return where a value stands in its message, under the last name in it."""
    value = _with_literals(said[2:-2].strip())
    looked_at = _STRING.sub("", value).partition(" | ")[0].partition(" if ")[0]
    names = [name for name in _NAME.findall(looked_at) if name not in _NO_NAMES] or ["value"]
    name = stem = names[-1]
    number = 2
    while values.setdefault(name, value) != value:
        name, number = f"{stem}{number}", number + 1
    return f"%({name})s"


def _with_literals(code: str) -> str:
    """Return code in which every Chinese literal is a message."""
    return _LITERAL.sub(
        lambda found: (
            found[0] if found["before"] else f"gettext({found['quote']}{_escaped(found['words'])}{found['quote']})"
        ),
        code,
    )


def _escaped(words: str) -> str:
    return words.replace("%", "%%")
