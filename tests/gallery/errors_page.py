"""Writes docs/errors.md from the gallery: `make docs`."""

import sys
from pathlib import Path

from core.findings import Code
from tests.gallery.cases import Case, every_code, read_cases

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"

HEAD = """\
# Error codes

Written from `tests/gallery` by `make docs`; each message below is the exact output for the smallest input that
brings it. A message says where, what, and what to do:

    place: error[CODE]: what is wrong
      help: what to do

No message shows a value of a person. `warning` instead of `error`: the command goes on.
"""

# The letter of a code says who can mend the fault.
OWNERS = {
    "Y": ("Files in general", "whoever wrote the file"),
    "P": ("Catalogue, delivered data, loads", "the data steward"),
    "R": ("Rules", "the policy officer"),
    "E": ("The workspace, its database, runs", "the operator"),
    "D": ("Notices and payments", "the paymaster"),
}


def render() -> str:
    """Return the page."""
    cases: dict[str, list[Case]] = {}
    for case in read_cases():
        cases.setdefault(case.code, []).append(case)
    parts = [HEAD]
    codes = every_code()
    for letter in sorted({code.value[0] for code in codes}, key=list(OWNERS).index):
        what, who = OWNERS[letter]
        parts.append(f"\n## {letter} · {what}\n\nMended by {who}.\n")
        parts.extend(_entry(code, cases.get(code.value, [])) for code in codes if code.value[0] == letter)
    return "".join(parts)


def _entry(code: Code, cases: list[Case]) -> str:
    heading = f"\n### {code.value} · {code.name.lower().replace('_', ' ')}\n"
    return heading + "".join(f"\n```text\n{case.expected.read_text('utf-8')}```\n" for case in cases)


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
    sys.stdout.write(f"docs: wrote {PAGE.name}\n")
