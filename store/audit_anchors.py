"""Anchors: one line that says how far the audit chain went and by which hash, kept where we cannot reach it.

    mianshen-audit 1234 5f0c…e1 2026-11-28T05:00:00.000000Z 示例区

A file may hold many, one a line; empty lines and lines that begin with `#` count for nothing. With one of them nobody
can cut entries off, or write the chain anew up to it, without being found.
"""

import datetime as dt
import re
from collections.abc import Iterable
from pathlib import Path

from core.errors import RunError
from core.findings import Finding, Place
from store.audit_chain import Anchor, Link, instant_text
from store.codes import AuditCode

MARK = "mianshen-audit"
SIZE_MAX = 1 << 20  # some seven thousand anchors: one a day for twenty years
_HASH = re.compile(r"[0-9a-f]{64}")
_LINE = re.compile(rf"{MARK} (?P<sequence>[0-9]{{1,18}}) (?P<hash>[0-9a-f]{{64}})( .*)?")
_HELP = "give the hash of an entry, or a file with lines as `mianshen audit anchor` writes them"


def anchor_line(link: Link, at: dt.datetime, name: str) -> str:
    """Return the line that anchors a place in the chain of a workspace; without a line's end."""
    return f"{MARK} {link.sequence} {link.hash} {instant_text(at)} {' '.join(name.split())}"


def read_anchors(given: Iterable[str]) -> list[Anchor]:
    """Return the anchors that are given, each the hash of an entry or the name of a file.

    Fails: RunError, with every line that is none.
    """
    anchors: list[Anchor] = []
    findings: list[Finding] = []
    for word in given:
        if _HASH.fullmatch(word.lower()):
            anchors.append(Anchor(word.lower(), None, Place(word.lower()[:12])))
        else:
            _read_file(Path(word), anchors, findings)
    if findings:
        raise RunError(findings)
    return anchors


def _read_file(path: Path, anchors: list[Anchor], findings: list[Finding]) -> None:
    try:
        if path.stat().st_size > SIZE_MAX:
            findings.append(Finding(AuditCode.BAD_ANCHOR, Place(path.name), "the file is too large for anchors", _HELP))
            return
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError, ValueError):
        message = "this is neither the hash of an entry nor a file of anchors that can be read"
        findings.append(Finding(AuditCode.BAD_ANCHOR, Place(path.name), message, _HELP))
        return
    count = len(anchors)
    for number, line in enumerate(lines, start=1):
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        found = _LINE.fullmatch(bare)
        if found is None:
            findings.append(Finding(AuditCode.BAD_ANCHOR, Place(path.name, number), "this line is no anchor", _HELP))
            continue
        anchors.append(Anchor(found["hash"], int(found["sequence"]), Place(path.name, number)))
    if len(anchors) == count and not findings:
        findings.append(Finding(AuditCode.BAD_ANCHOR, Place(path.name), "no line of the file is an anchor", _HELP))
