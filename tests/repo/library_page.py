"""Writes the table of shipped policies in docs/library.md from their files: `make docs`."""

import re
import sys
from collections.abc import Iterator
from typing import Any

from core.errors import RuleError
from core.strict_yaml import Written, read_yaml
from core.yaml_text import parse_tree
from tests.repo.repository import ROOT

PAGE = ROOT / "docs" / "library.md"
LIBRARY = ROOT / "rules" / "library"
TABLE = re.compile(r"(<!-- policies -->\n).*?(<!-- end -->)", re.DOTALL)


class Entry(Written):
    """One shipped policy: whose figures it carries, and the patterns it shows."""

    policy: str
    city: str
    patterns: tuple[str, ...]


class Family(Written):
    """One family of real benefits."""

    code: str
    title: str
    policies: tuple[Entry, ...]


class Families(Written):
    """All of them."""

    families: tuple[Family, ...]


def families() -> tuple[Family, ...]:
    """Return the families as their file gives them."""
    return read_yaml(LIBRARY / "families.yaml", Families, error=RuleError).families


def versions(policy: str) -> list[dict[str, Any]]:
    """Return the files of a policy, by the day from which they are meant to stand."""
    found = [parse_tree(path.read_text("utf-8"), path.name).tree for path in (LIBRARY / "policies" / policy).iterdir()]
    return sorted(found, key=lambda each: (each["valid_from"], each["version"]))


def is_unverified(version: dict[str, Any]) -> bool:
    """Say whether a version shows its figures as unverified."""
    return "unverified" in (version.get("summary") or "")


def render(text: str) -> str:
    """Return the page with the table written anew; everything else stays."""
    return TABLE.sub(lambda found: f"{found[1]}\n{''.join(_table())}\n{found[2]}", text)


def _table() -> Iterator[str]:
    yield "| family | policy | figures of | patterns | versions | found where |\n|---|---|---|---|---|---|\n"
    for family in families():
        for entry in family.policies:
            of = versions(entry.policy)
            cells = [
                f"{family.code} {family.title}",
                f"`{entry.policy}` {of[-1]['title']}",
                entry.city,
                " ".join(entry.patterns),
                "<br>".join(_version(each) for each in of),
                " ".join(_sources(of)),
            ]
            yield f"| {' | '.join(cells)} |\n"


def _version(version: dict[str, Any]) -> str:
    days = f"{version['valid_from']} – {version.get('valid_through') or ''}".rstrip()
    return f"{version['version']}: {days}{' **unverified**' * is_unverified(version)}"


def _sources(of: list[dict[str, Any]]) -> list[str]:
    """Return the certainties and the sources of the basis, each once, as they come."""
    basis = [each for version in of for each in version["basis"]]
    return list(
        dict.fromkeys(
            f"{each['certainty']}:{each['source']}" if each.get("source") else each["certainty"] for each in basis
        )
    )


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text("utf-8")), "utf-8")
    sys.stdout.write(f"docs: wrote {PAGE.name}\n")
