"""Files of others stand as they came, and each is named with where it came from."""

import re
from hashlib import sha256

from tests.repo.repository import ROOT

VENDOR = ROOT / "pages" / "static" / "vendor"
LINE = re.compile(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", re.MULTILINE)


def test_every_file_of_others_is_named_with_its_digest() -> None:
    """None is there that is not named, none is named that is not there, and none was changed."""
    named = dict(LINE.findall((VENDOR / "VENDOR.md").read_text("utf-8")))
    there = {path.relative_to(VENDOR).as_posix(): path for path in VENDOR.rglob("*") if path.is_file()}
    del there["VENDOR.md"]

    assert {name: sha256(path.read_bytes()).hexdigest() for name, path in there.items()} == named
