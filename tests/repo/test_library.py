"""The policies that are shipped: each says which document it carries out, and how sure we are of it."""

from pathlib import Path

import pytest

from core.yaml_text import parse_tree
from tests.repo.repository import ROOT, files, name

OWN = [path for path in files() if name(path).startswith("rules/library/policies/") and path.suffix == ".yaml"]


def test_there_is_a_library() -> None:
    """Rules are data under rules/library."""
    assert (ROOT / "rules" / "library").is_dir()
    assert OWN != []


@pytest.mark.parametrize("path", [pytest.param(path, id=name(path)) for path in OWN])
def test_a_rule_names_its_source(path: Path) -> None:
    """Every basis says how certain it is; at least one was found in a source, which docs/sources.md lists."""
    version = parse_tree(path.read_text("utf-8"), path.name).tree
    listed = (ROOT / "docs/sources.md").read_text("utf-8")
    found = [basis.get("source") for basis in version["basis"] if basis["certainty"] == "S"]
    named = [basis["source"] for basis in version["basis"] if basis.get("source")]

    assert {basis["certainty"] for basis in version["basis"]} <= {"S", "K", "K-low", "I"}
    assert found
    assert None not in found, "certainty S names its source"
    assert [source for source in named if f"| `{source}` |" not in listed] == [], "list it in docs/sources.md"


@pytest.mark.parametrize("path", [pytest.param(path, id=name(path)) for path in OWN])
def test_a_rule_has_examples(path: Path) -> None:
    """A version without worked examples is not one; one of them has a fact missing."""
    version = parse_tree(path.read_text("utf-8"), path.name).tree
    outcomes = {example["expect"]["outcome"] for example in version["examples"]}

    assert {"met", "not_met", "unknown"} <= outcomes
