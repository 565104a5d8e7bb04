"""What the documents promise is there."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from core.ledger import GrantState
from tests.repo.flow_page import PAGE as FLOW
from tests.repo.flow_page import render
from tests.repo.repository import PACKAGES, ROOT, documents, modules, name

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
QUOTED_FILE = re.compile(r"`([\w./-]+\.(?:py|md|toml|yaml|lock))`")
QUOTED_MODULE = re.compile(rf"`((?:{'|'.join(PACKAGES)})(?:\.\w+)+)`")


def commands(group: Any, words: tuple[str, ...] = ("mianshen",)) -> list[str]:  # noqa: ANN401  # typer's own click
    """Return every command of the command line, in full."""
    below = getattr(group, "commands", None)
    if below is None:
        return [" ".join(words)]
    return [line for word, command in below.items() for line in commands(command, (*words, word))]


def slug(heading: str) -> str:
    """Return the anchor that a heading gets."""
    kept = re.sub(r"[^\w\- ]", "", heading.replace("`", "").strip().lower())
    return kept.replace(" ", "-")


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_every_command_is_in_the_readme(readme: str) -> None:
    """Whoever reads the README has seen every command once, in one line."""
    import cli

    text = (ROOT / readme).read_text("utf-8")

    assert [line for line in commands(typer.main.get_command(cli.app)) if f"`{line}" not in text] == []


def test_links_resolve() -> None:
    """Every relative link leads to a file, and to a heading where it names one."""
    dead = []
    for page in documents():
        for target in LINK.findall(page.read_text("utf-8")):
            if "://" in target:
                continue
            file, _, anchor = target.partition("#")
            goal = (page.parent / file).resolve() if file else page
            headings = HEADING.findall(goal.read_text("utf-8")) if goal.suffix == ".md" and goal.is_file() else []
            if not goal.exists() or (anchor and anchor not in map(slug, headings)):
                dead.append(f"{name(page)}: {target}")

    assert dead == []


def test_files_named_in_documents_exist() -> None:
    """A document that names a file of the repository names one that is there."""
    pages = [page for page in documents() if page.name != "CHANGELOG.md"]
    gone = [
        f"{name(page)}: {word}"
        for page in pages
        for word in QUOTED_FILE.findall(page.read_text("utf-8"))
        if "/" in word and word.split("/")[0] in {*PACKAGES, "docs", "tests", ".ci"} and not (ROOT / word).exists()
    ]

    assert gone == []


def test_modules_named_in_documents_exist() -> None:
    """`engine.run` in a document is a module, or a name in one."""
    gone = [
        f"{name(page)}: {word}"
        for page in documents()
        for word in QUOTED_MODULE.findall(page.read_text("utf-8"))
        if not is_there(word)
    ]

    assert gone == []


def is_there(word: str) -> bool:
    """Say whether a dotted name is a module or something defined in one."""
    path = ROOT / word.replace(".", "/")
    if path.is_dir() or path.with_suffix(".py").is_file():
        return True
    module, _, inner = word.rpartition(".")
    file = Path(ROOT / module.replace(".", "/")).with_suffix(".py")
    return file.is_file() and re.search(rf"\b{inner}\b", file.read_text("utf-8")) is not None


def test_the_flow_shows_every_state_of_a_grant() -> None:
    """docs/flow.md says what each state of a grant means."""
    text = FLOW.read_text("utf-8")

    assert [state for state in GrantState if f"| `{state}` |" not in text] == []


def test_the_flow_shows_every_module_and_transition() -> None:
    """The tables of modules and of states are those of the code: `make docs`."""
    text = FLOW.read_text("utf-8")

    assert text == render(text)


def test_documents_named_in_modules_exist() -> None:
    """A docstring that points at a page points at one that a reader of this repository has."""
    gone = [
        f"{name(path)}: {word}"
        for path in modules()
        for word in re.findall(r"`([\w/-]+\.md)`", path.read_text("utf-8"))
        if not any((place / word).is_file() for place in (ROOT, ROOT / "docs", path.parent))
    ]

    assert gone == [], "name a page under docs/, or say it here"
