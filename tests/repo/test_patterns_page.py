"""docs/patterns.md: every pattern has its words, its example and its test, and each of them is there."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.repo.library_page import LIBRARY, families
from tests.repo.repository import ROOT

PAGE = ROOT / "docs" / "patterns.md"
BEYOND = ("time", "balances", "amounts", "outcome", "state", "subjects", "results")

Row = tuple[str, str, str, str, str]


def rows() -> Iterator[Row]:
    """Give the rows of both tables."""
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and cells[0] not in {"code", "about"}:
            first, pattern, carried, shown, held = cells
            yield first, pattern, carried, shown, held


ROWS = list(rows())


def test_every_pattern_has_a_row() -> None:
    """The twenty-two in their order, then what goes beyond, subject by subject."""
    abouts = [first for first, *_ in ROWS]

    assert abouts[:22] == [f"P{number}" for number in range(1, 23)]
    assert list(dict.fromkeys(abouts[22:])) == list(BEYOND)
    assert len({pattern for _, pattern, *_ in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_what_a_row_names_is_there(row: Row) -> None:
    """A shipped version or a file that shows it, and a test of that name that holds it."""
    _, _, carried, shown, held = row
    path, _, name = held.strip("`").partition("::")
    functions = {
        node.name for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))) if isinstance(node, ast.FunctionDef)
    }

    assert carried
    assert name in functions
    examples = re.findall(r"`([^`]+)`", shown)
    assert examples
    for example in examples:
        shipped = LIBRARY / "policies" / f"{example}.yaml"
        assert shipped.exists() or (example.startswith("tests/") and (ROOT / example).exists()), example


def test_shipped_examples_are_those_of_the_library() -> None:
    """A policy that shows one of the twenty-two says so in the library's own list of families."""
    shows = {entry.policy: set(entry.patterns) for family in families() for entry in family.policies}
    named = [
        (first, example.split("/")[0])
        for first, _, _, shown, _ in ROWS[:22]
        for example in re.findall(r"`([^`]+)`", shown)
    ]

    assert [(code, policy) for code, policy in named if code not in shows.get(policy, set())] == []
