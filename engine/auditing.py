"""What an auditor takes out of the audit chain: all of it as lines, or the anchor of where it stands."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import RunError
from core.roles import Role
from core.settings import SettingsCode
from engine.authority import authorised
from engine.deployment import Deployment
from store.audit import head, read_entries
from store.audit_anchors import anchor_line


def refuse_strangers(deployment: Deployment, by: str) -> None:
    """Check that who takes out the chain audits, where roles are required.

    Fails: RefusedError.
    """
    authorised(deployment, by, Role.AUDITOR)


def export_lines(deployment: Deployment, *, after: int = 0) -> Iterator[str]:
    """Give every entry after one as a line of JSON, with its end; `docs/audit.md` says how such lines are verified."""
    with deployment.store.reading() as rx:
        for entry in read_entries(rx, after=after):
            yield entry.as_line() + "\n"


def write_export(deployment: Deployment, path: Path, *, after: int = 0) -> None:
    """Write `export_lines` to a file, whole or not at all.

    Fails: RunError where the folder may not be written.
    """
    beside = path.with_name(f".{path.name}.writing")
    with _writable(path):
        try:
            with beside.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(export_lines(deployment, after=after))
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


def anchor_of(deployment: Deployment) -> str:
    """Return the line that anchors the chain as it stands."""
    with deployment.store.reading() as rx:
        return anchor_line(head(rx), rx.now, deployment.workspace.settings.name)


def keep_anchor(deployment: Deployment, path: Path) -> str:
    """Add the line of `anchor_of` to a file, and return it.

    Fails: RunError where the file may not be written.
    """
    line = anchor_of(deployment)
    with _writable(path), path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(line + "\n")
    return line


@contextmanager
def _writable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        message = f"the file cannot be written: {(fault.strerror or 'unknown reason').lower()}"
        raise RunError.one(SettingsCode.NO_ACCESS, path.name, message, "name a folder that may be written") from fault
