"""Writes the tables of modules and of states in docs/flow.md from the code: `make docs`."""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.grant_steps import GRANT_TRANSITIONS
from core.ledger import ITEM_TRANSITIONS
from store.states.cases import CASE_TRANSITIONS
from store.states.grievances import GRIEVANCE_TRANSITIONS
from store.states.nights import RUN_TRANSITIONS
from store.states.notices import INBOX_TRANSITIONS, NOTICE_TRANSITIONS
from store.states.paying import ATTEMPT_TRANSITIONS, BATCH_TRANSITIONS, FILE_TRANSITIONS
from store.states.rules import ACTIVATION_TRANSITIONS, VERSION_TRANSITIONS
from tests.repo.repository import ROOT, modules, name, tree

PAGE = ROOT / "docs" / "flow.md"
TABLE = re.compile(r"(<!-- (modules|states) of (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
STATES: dict[str, Mapping[Any, frozenset[Any]]] = {
    "versions": VERSION_TRANSITIONS,
    "activations": ACTIVATION_TRANSITIONS,
    "grants": GRANT_TRANSITIONS,
    "items": ITEM_TRANSITIONS,
    "runs": RUN_TRANSITIONS,
    "batches": BATCH_TRANSITIONS,
    "attempts": ATTEMPT_TRANSITIONS,
    "files": FILE_TRANSITIONS,
    "notices": NOTICE_TRANSITIONS,
    "cases": CASE_TRANSITIONS,
    "grievances": GRIEVANCE_TRANSITIONS,
    "inbox": INBOX_TRANSITIONS,
}


def render(text: str) -> str:
    """Return the page with each table written anew; everything else stays."""
    return TABLE.sub(lambda found: f"{found[1]}\n{_table(found[2], found[3])}\n{found[4]}", text)


def _table(what: str, of: str) -> str:
    if what == "modules":
        return "| module | what it does |\n|---|---|\n" + "".join(_modules(of))
    return "| state | may become |\n|---|---|\n" + "".join(_states(STATES[of]))


def _modules(package: str) -> Iterator[str]:
    for path in modules():
        if name(path).startswith(f"{package}/") and path.stem != "__init__":
            yield f"| `{'.'.join(path.relative_to(ROOT).with_suffix('').parts)}` | {_first(path)} |\n"


def _states(transitions: Mapping[Any, frozenset[Any]]) -> Iterator[str]:
    for state, after in transitions.items():
        yield f"| `{state}` | {', '.join(f'`{to}`' for to in sorted(after)) or 'none'} |\n"


def _first(path: Path) -> str:
    """Return the first paragraph of a module's docstring, on one line."""
    paragraph = (ast.get_docstring(tree(path)) or "").split("\n\n")[0]
    return " ".join(paragraph.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text("utf-8")), "utf-8")
    sys.stdout.write(f"docs: wrote {PAGE.name}\n")
