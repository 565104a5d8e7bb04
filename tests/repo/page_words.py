"""Writes the messages of the pages into their catalogue: `python -m tests.repo.page_words`, or `make words`.

Every Chinese text of a template is one, and every Chinese literal of the modules that make words for pages. What has an
English text keeps it; what stands on no page any more goes.
"""

import ast
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from core.languages import Language
from core.values import ValueType
from pages import payout_words
from pages.language.composed import ALONE, COMPOSED
from pages.language.implicit import DOCUMENTS
from pages.language.scripts import has_chinese
from pages.language.translating import DOMAIN, catalogue_of
from pages.notice_words import BECAUSE, KINDS
from pages.plan_words import CHANGE_WORDS, MOVE_WORDS
from pages.terminal.audit import EVENT_WORDS
from pages.terminal.budget import DECISION_WORDS, LEVEL_WORDS
from pages.terminal.data import FRESHNESS_WORDS, KEPT_BACK_WORDS
from pages.terminal.diff import KIND_WORDS, SECTION_WORDS
from pages.terminal.lifecycle import STATE_WORDS
from pages.terminal.notices import CATEGORIES, STATES
from pages.terminal.readiness import LANE_WORDS, OBSTACLE_WORDS, VERDICT_WORDS
from pages.terminal.roles import ROLE_WORDS
from pages.terminal.suspicions import SUSPICION_WORDS
from rules.entry_faults import EntryFault, EntryRemedy
from rules.form_edits import GROUPS
from rules.interview_conditions import signs_of
from tests.repo.repository import ROOT, name

TEMPLATES: Final = ROOT / "pages" / "templates"
MODULES: Final = (
    *sorted((ROOT / "pages" / "web").rglob("*.py")),
    *(
        ROOT / module
        for module in (
            "pages/language/amounts.py",
            "pages/plan_report.py",
            "pages/words.py",
            "engine/explaining/state_words.py",
            "engine/explaining/checkup.py",
            "engine/explaining/deadlines.py",
            "engine/grievances/words.py",
            "engine/overpayments/case_words.py",
            "engine/supervising/concerns.py",
            "engine/supervising/sheets.py",
        )
    ),
)
"""What makes words that pages show in the language of who reads."""

TABLES: Final[tuple[Mapping[Any, str | tuple[str, ...]], ...]] = (
    KINDS,
    BECAUSE,
    payout_words.STATE_WORDS,
    payout_words.ATTEMPT_WORDS,
    payout_words.FILE_WORDS,
    payout_words.VERDICT_WORDS,
    payout_words.BECAUSE_WORDS,
    ROLE_WORDS,
    FRESHNESS_WORDS,
    KEPT_BACK_WORDS,
    OBSTACLE_WORDS,
    VERDICT_WORDS,
    EVENT_WORDS,
    STATE_WORDS,
    STATES,
    CATEGORIES,
    LEVEL_WORDS,
    DECISION_WORDS,
    SUSPICION_WORDS,
    KIND_WORDS,
    SECTION_WORDS,
    CHANGE_WORDS,
    MOVE_WORDS,
    LANE_WORDS,
    GROUPS,
    {each: each.value for each in (*EntryFault, *EntryRemedy)},
    *(signs_of(each) for each in ValueType),
)
"""Tables that terminals and pages share; a page shows their Chinese, which stands first."""

_OPTIONS: Final = {"extensions": "pages.language.implicit.Implicit", "newstyle_gettext": "true", "encoding": "utf-8"}
_ENGLISH: Final = re.compile(r"\bplan$|(?<= )proved(?=：)|(?<=\S) [a-z][a-z ]*$")
Message = str | tuple[str, str]


def of_templates() -> Iterator[tuple[str, int, Message]]:
    """Return the messages of templates, each with its file and line."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        if path.relative_to(TEMPLATES).as_posix() in DOCUMENTS:
            continue
        source = io.BytesIO(path.read_bytes())
        for line, function, said, _ in babel_extract(source, ("_", "gettext", "ngettext"), (), _OPTIONS):
            texts = [said] if isinstance(said, str) else [each for each in said or () if each]
            if texts:  # a name or a value is said as it is when the page is made
                yield name(path), line, (texts[0], texts[1]) if function == "ngettext" else texts[0]


def of_modules() -> Iterator[tuple[str, int, Message]]:
    """Return the Chinese literals of modules, without what documents them and without parts of sentences with values."""
    for path in MODULES:
        tree = ast.parse(path.read_text("utf-8"))
        passed_over = {id(node) for parent in ast.walk(tree) for node in _no_messages(parent)}
        literals = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in passed_over]
        for node in sorted(literals, key=lambda each: (each.lineno, each.col_offset)):
            if isinstance(node.value, str) and has_chinese(node.value):
                yield name(path), node.lineno, node.value


def of_tables() -> Iterator[tuple[str, int, Message]]:
    """Return the words of tables, without what a terminal adds in English."""
    values = [value for table in TABLES for value in table.values()]
    for words in (each for value in values for each in ([value] if isinstance(value, str) else value)):
        said = _ENGLISH.sub("", words).strip()
        if has_chinese(said):
            yield "pages/", 0, said


def of_composed() -> Iterator[tuple[str, int, Message]]:
    """Return what stages put together, whose messages are listed where they are read back."""
    return (("pages/language/composed.py", 0, each) for each in (*COMPOSED, *ALONE))


def broken_sentences() -> Iterator[tuple[str, int]]:
    """Return where a module puts a Chinese sentence together by itself, so that no other language can."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.JoinedStr):
                continue
            if any(isinstance(part, ast.Constant) and has_chinese(str(part.value)) for part in node.values):
                yield name(path), node.lineno


def _no_messages(parent: ast.AST) -> Iterator[ast.AST]:
    """Return the literals that stand alone as statements, and those between the values of a sentence."""
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        if isinstance(node, ast.Constant) and isinstance(parent, ast.JoinedStr):
            yield node


def extracted() -> Catalog:
    """Return every message, in the order of files and lines, with the files it stands in."""
    catalogue = Catalog()
    for place, line, said in [*of_templates(), *of_modules(), *of_tables(), *of_composed()]:
        catalogue.add(said, locations=[(place, line)])
    return catalogue


def updated() -> Catalog:
    """Return the catalogue as it stands, with what is said today."""
    with catalogue_of(Language.ENGLISH).open("rb") as text:
        catalogue = read_po(text, locale="en", domain=DOMAIN)
    today = extracted()
    texts = {message.id: message.string for message in catalogue if message.id}
    renewed = Catalog(locale="en", domain=DOMAIN, header_comment=catalogue.header_comment, fuzzy=False)
    for message in today:
        if message.id:
            renewed.add(message.id, texts.get(message.id, ""), locations=message.locations)
    return renewed


def text_of(catalogue: Catalog) -> str:
    """Return a catalogue as it is kept: without the day on which, or the program by which it was written."""
    written = io.BytesIO()
    write_po(written, catalogue, width=0, omit_header=True, include_lineno=False)
    head = f'# {HEAD}\nmsgid ""\nmsgstr ""\n"Language: en\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    return head + f'"Plural-Forms: {catalogue.plural_forms}\\n"\n\n' + written.getvalue().decode()


HEAD: Final = "The English of the pages. `make words` keeps it; a message is its Chinese text as it stands."


def main() -> None:
    """Write the catalogue."""
    path = Path(catalogue_of(Language.ENGLISH))
    path.write_text(text_of(updated()), "utf-8")


if __name__ == "__main__":
    main()
