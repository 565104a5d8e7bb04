"""Tables out to officers and back: a version's workbook, the version that an edited one makes, a published text.

An import never touches the version that it came from: what changed becomes the next version, with everything else in the
file as it was, byte for byte.
"""

import datetime as dt
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import RefusedError, RuleError
from core.findings import Finding, Place
from core.yaml_editing import YamlEditing
from core.yaml_text import Path as YamlPath
from core.yaml_text import YamlFaultsError, parse_tree
from engine.authoring.rule_files import put_new
from engine.authoring.table_book import Origin, TableBook, origin_of, read_tables, render_tables
from engine.deployment import Deployment
from engine.lifecycle.publishing import chosen_versions, proof_findings
from rules.authoring_codes import AuthoringCode
from rules.bound import RuleVersion
from rules.codes import RuleCode
from rules.reading import parse_version
from rules.tables import TableChange, table_changes, tables_of, with_tables
from store.activations import published_versions

_BOOK, _TEXT = ".xlsx", ".yaml"


@dataclass(frozen=True, slots=True)
class ImportedTables:
    """What a workbook changed: the new version's file, None where nothing did, and what checks say of it."""

    before: RuleVersion
    path: Path | None
    version: int
    changes: tuple[TableChange, ...]
    diff: str
    findings: tuple[Finding, ...]


def export_version(deployment: Deployment, policy: str, version: int | None, to: Path) -> int:
    """Write a version's tables as a workbook, or a published version's text, as the name says; return its number.

    Fails: RuleError where there is no such version, or the name says neither; RefusedError where the file exists.
    """
    match to.suffix.lower():
        case ".xlsx":
            chosen = chosen_versions(deployment, policy, version)[-1]
            put_new(to, render_tables(chosen))
            return chosen.version
        case ".yaml" | ".yml":
            number, text = _published_text(deployment, policy, version)
            put_new(to, text.encode())
            return number
        case _:
            message = f"`{to.name}` says neither workbook nor text"
            remedy = f"end it in `{_BOOK}` for the tables, or in `{_TEXT}` for the published text"
            raise RuleError.one(AuthoringCode.UNKNOWN_FORM, "--to", message, remedy)


def import_tables(deployment: Deployment, path: Path, valid_from: dt.date | None) -> ImportedTables:
    """Make the next version of what an exported workbook came from, with its tables in place.

    `valid_from` is the new version's first day; None leaves it as it was. Nothing is written where nothing changed.
    Fails: RuleError where the workbook or what it says has faults, each with sheet and cell; RefusedError where
           the version it came from has changed since, or the new file is there already.
    """
    base = _base(deployment, path, origin_of(path))
    book = read_tables(path, tables_of(base.written))
    changes = table_changes(tables_of(base.written), book.tables)
    if not changes:
        return ImportedTables(base, None, base.version, (), "", ())
    number = _next_number(deployment, base.policy)
    text = _text(base, book, number, valid_from)
    file = (deployment.workspace.root / base.script.name).parent / f"{number}{_TEXT}"
    try:
        made = parse_version(text, deployment.catalogue, file.relative_to(deployment.workspace.root).as_posix())
    except RuleError as error:
        raise RuleError(_in_cells(error.findings, text, path, book.cells)) from None
    put_new(file, text.encode())
    diff = difflib.unified_diff(
        base.text.splitlines(), text.splitlines(), base.script.name, made.script.name, n=1, lineterm=""
    )
    return ImportedTables(base, file, number, changes, "\n".join(diff), tuple(proof_findings(made)))


def _published_text(deployment: Deployment, policy: str, version: int | None) -> tuple[int, str]:
    with deployment.store.reading() as rx:
        published = {each.version: each.text for each in published_versions(rx, policy)}
    number = max(published, default=0) if version is None else version
    if number not in published:
        known = ", ".join(map(str, published)) or "none"
        message = f"version {version} is not published" if version else "no version is published"
        raise RuleError.one(RuleCode.UNKNOWN_VERSION, policy, message, f"published: {known}")
    return number, published[number]


def _base(deployment: Deployment, path: Path, origin: Origin) -> RuleVersion:
    """Return the version that a workbook was made from, as long as it is still the same."""
    (base,) = chosen_versions(deployment, origin.policy, origin.version)
    if base.fingerprint != origin.fingerprint:
        message = f"version {origin.version} of `{origin.policy}` has changed since the workbook was made"
        remedy = "export it again and carry the changes over"
        raise RefusedError.one(AuthoringCode.BASE_CHANGED, path.name, message, remedy)
    return base


def _next_number(deployment: Deployment, policy: str) -> int:
    with deployment.store.reading() as rx:
        published = [each.version for each in published_versions(rx, policy)]
    return max([*published, *(each.version for each in chosen_versions(deployment, policy, None))]) + 1


def _text(base: RuleVersion, book: TableBook, number: int, valid_from: dt.date | None) -> str:
    editing = YamlEditing(base.text)
    with_tables(editing, tables_of(base.written), book.tables)
    editing.set(("version",), str(number))
    if valid_from is not None:
        editing.set(("valid_from",), str(valid_from))
    return editing.text()


def _in_cells(findings: Iterable[Finding], text: str, path: Path, cells: Mapping[YamlPath, str]) -> list[Finding]:
    """Say of faults in a text that was never written in which cells they stand."""
    try:
        lines = parse_tree(text, "").value_lines
    except YamlFaultsError:
        lines = {}
    by_line: dict[int | None, list[str]] = {}
    for keys, cell in cells.items():
        by_line.setdefault(lines.get(keys), []).append(cell)
    return [
        replace(each, place=Place(f"{path.name} {' '.join(by_line.get(each.place.line) or [each.place.path])}"))
        for each in findings
    ]
