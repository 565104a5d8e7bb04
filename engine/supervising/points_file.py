"""The points of the supervision as they are written: data over the facts of the catalogue and the policies."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.errors import RunError
from core.findings import Finding, nearest_help
from core.strict_yaml import Written, parse_yaml, read_text
from core.workspace import Workspace
from engine.library import SHIPPED
from engine.supervising.codes import SupervisionCode
from profiles.catalogue import Catalogue
from rules.binding import Binder
from rules.passages import Script
from rules.tree import Kind, Node
from rules.vocabulary import Vocabulary

FILE = "points.yaml"
MONTHS_MOST = 120  # longer than any statute lets money be claimed back


class Wrong(StrEnum):
    """What a point says is wrong."""

    UNDESERVED = "undeserved"  # 不应享而享
    UNSERVED = "unserved"  # 应享未享
    RECORD = "record"  # a list and the facts do not agree


class WrittenPoint(Written):
    """One point, as written."""

    id: str
    label: str
    finding: str
    subject: str
    when: str
    paid: str | None = None
    unpaid: str | None = None
    over: int = 12


class WrittenPoints(Written):
    """The file."""

    points: tuple[WrittenPoint, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One point with its condition bound to the catalogue."""

    written: WrittenPoint
    wrong: Wrong
    when: Node


def read_points(workspace: Workspace, catalogue: Catalogue) -> tuple[Point, ...]:
    """Return the points of a workspace, or those that are shipped where it has no file of its own.

    Fails: RunError with every fault and its line.
    """
    own = workspace.supervision / FILE
    return parse_points(own if own.exists() else SHIPPED / "supervision" / FILE, catalogue)


def parse_points(path: Path, catalogue: Catalogue) -> tuple[Point, ...]:
    """Return the points of one file; as `read_points`."""
    text = read_text(path, error=RunError, name=path.name)
    written = parse_yaml(text, WrittenPoints, error=RunError, name=path.name)
    script = Script(path.name, text)
    findings, points, seen = list[Finding](), list[Point](), set[str]()
    for place, each in enumerate(written.points):
        faults = list(_misfits(each, place, script, catalogue, seen))
        seen.add(each.id)
        if faults:
            findings += faults
            continue
        binder = Binder(Vocabulary.of(catalogue, each.subject, ()), {})
        node = binder.bind(script.passage(each.when, "points", place, "when"), Kind.TRUTH)
        findings += binder.findings
        if node is not None:
            points.append(Point(each, Wrong(each.finding), node))
    if findings:
        raise RunError(findings)
    return tuple(points)


def _misfits(each: WrittenPoint, place: int, script: Script, catalogue: Catalogue, seen: set[str]) -> Iterator[Finding]:
    def fault(key: str, message: str, remedy: str | None) -> Finding:
        return Finding(SupervisionCode.BAD_POINT, script.place("points", place, key), message, remedy)

    if each.id in seen:
        yield fault("id", f"two points are called `{each.id}`", "give one of them another name")
    if each.finding not in set(Wrong):
        yield fault("finding", f"`{each.finding}` is no finding", nearest_help(each.finding, set(Wrong), "finding"))
    if each.subject not in catalogue.kinds:
        remedy = nearest_help(each.subject, catalogue.kinds, "kind")
        yield fault("subject", f"unknown kind of subject `{each.subject}`", remedy)
    if each.paid is not None and each.unpaid is not None:
        yield fault("unpaid", "a point is about what was paid or about what was not", "take one of the two out")
    if not 1 <= each.over <= MONTHS_MOST:
        yield fault("over", f"expected 1 to {MONTHS_MOST} months, found {each.over}", "write how many months back")
