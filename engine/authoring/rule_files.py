"""Rule files of a workspace, written whole or not at all; what was published, and what is there, is never overwritten."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from core.durable import sync_folder
from core.errors import RefusedError, RuleError
from engine.deployment import Deployment
from rules.authoring_codes import AuthoringCode
from rules.bound import RuleVersion
from rules.interview import Interviewed, Setting
from rules.reading import parse_version, written_texts
from store.activations import published_versions

_BOM = b"\xef\xbb\xbf"


def file_of(deployment: Deployment, version: RuleVersion) -> Path:
    """Return the file in which a version of the workspace stands, as long as it may be edited.

    Fails: RefusedError where the version was published.
    """
    with deployment.store.reading() as rx:
        published = {each.version for each in published_versions(rx, version.policy)}
    if version.version in published:
        message = f"version {version.version} of `{version.policy}` is published, and its text stands for ever"
        remedy = "write the change as the next version"
        raise RefusedError.one(AuthoringCode.PUBLISHED, version.script.name, message, remedy)
    return deployment.workspace.root / version.script.name


def setting_of(deployment: Deployment) -> Setting:
    """Return what an interview about a new policy starts from; policies published before count as taken."""
    files = {policy for policy, _ in written_texts(deployment.workspace.policies)}
    with deployment.store.reading() as rx:
        published = {each.policy for each in published_versions(rx)}
    folders = {path.name for path in deployment.workspace.policies.iterdir()}
    return Setting(deployment.catalogue, deployment.workspace.settings.region, files | published | folders)


def put_policy(deployment: Deployment, made: Interviewed) -> tuple[RuleVersion, Path]:
    """Write the first version of a policy, and return it with its file.

    Fails: RefusedError where there is a file; RuleError where it cannot be written.
    """
    path = deployment.workspace.policies / made.policy / "1.yaml"
    version = parse_version(made.text, deployment.catalogue, path.relative_to(deployment.workspace.root).as_posix())
    put_new(path, made.text.encode())
    return version, path


def put_text(path: Path, text: str, *, before: str) -> None:
    """Put another text into a rule file in one step; a byte order mark stays.

    Fails: RefusedError where the file no longer has the text it had before.
    """
    data = path.read_bytes()
    if data.decode("utf-8-sig") != before:
        remedy = "somebody is editing it; save it there, then do this again"
        raise RefusedError.one(AuthoringCode.FILE_CHANGED, str(path), "the file changed meanwhile", remedy)
    aside = _beside(path, (_BOM if data.startswith(_BOM) else b"") + text.encode())
    aside.replace(path)
    sync_folder(path.parent)


def put_new(path: Path, data: bytes) -> None:
    """Put a new file in place in one step, with the folders that are missing.

    Fails: RefusedError where there is a file of that name; RuleError where it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = _beside(path, data)
        try:
            is_free = _link(aside, path)
        finally:
            aside.unlink()
        sync_folder(path.parent)
    except OSError as fault:
        message = f"the file cannot be written: {fault.strerror}"
        raise RuleError.one(AuthoringCode.NOT_WRITTEN, str(path), message, "choose another place") from None
    if not is_free:
        message, remedy = "the file is there already and is not overwritten", "move it away or choose another name"
        raise RefusedError.one(AuthoringCode.FILE_EXISTS, str(path), message, remedy)


def put_pages(pages: Mapping[Path, str]) -> list[Path]:
    """Put pages made from rule files in place, each in one step, over those made before.

    Fails: RuleError where one cannot be written.
    """
    for path, text in pages.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _beside(path, text.encode()).replace(path)
        except OSError as fault:
            message = f"the file cannot be written: {fault.strerror}"
            raise RuleError.one(AuthoringCode.NOT_WRITTEN, str(path), message, "choose another place") from None
    return list(pages)


def _link(aside: Path, path: Path) -> bool:
    """Give a file its name, and say whether the name was free."""
    try:
        os.link(aside, path)
    except FileExistsError:
        return False
    return True


def _beside(path: Path, data: bytes) -> Path:
    """Write a file beside another, synced, under a name of its own."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with aside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return aside
