"""The shipped policies made publishable for a demonstration: each unverified figure is marked, in the open, as not checked.

A version whose basis is only known (K) is an example and cannot be published as it is. An officer who takes one over
compares the figure with its original and writes so into a copy; a demonstration has nobody who could, and says that.
"""

import datetime as dt
import re
from pathlib import Path
from typing import Final

AGAINST: Final = "未经核对，仅供演示"
_TAG = re.compile(r"^(?P<head>(?P<indent> *)(?P<dash>- )?.*?certainty: *(?:K|K-low))(?P<tail>[,} ].*)?$", re.MULTILINE)


def mark_for_demonstration(folder: Path, *, by: str, on: dt.date) -> int:
    """Write into every policy file of a folder that its unverified figures may be shown; return how many there were."""
    count = 0
    for path in sorted(folder.rglob("*.yaml")):
        text, marked = marked_text(path.read_text("utf-8"), by=by, on=on)
        count += marked
        if marked:
            path.write_text(text, "utf-8")
    return count


def marked_text(text: str, *, by: str, on: dt.date) -> tuple[str, int]:
    """Return the text of a rule file with its unverified figures marked, and how many there were."""
    verified = f"verified: {{by: {by}, on: {on}, against: {AGAINST}}}"

    def marked(tag: re.Match[str]) -> str:
        if tag["tail"]:
            return f"{tag['head']}, {verified}{tag['tail']}"
        column = " " * len(tag["indent"] + (tag["dash"] or ""))
        return f"{tag['head']}\n{column}{verified}"

    return _TAG.subn(marked, text)
