"""Going over to a new key: it is added, everything in the database is sealed anew, and what still needs an old one is told."""

import os
from dataclasses import dataclass

from core.errors import RunError
from core.findings import Place
from core.keys import KEYS_VARIABLE, with_new_key
from core.roles import Role
from core.settings import SettingsCode
from delivery.private_files import write_private
from engine.authority import authorised
from engine.deployment import Deployment
from profiles.raw_files import SEALED_SUFFIX, head_of
from store.audit import record
from store.vault_rotation import count_sealed, rotate_vault


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A sealing key: whether it seals now, and how many values and delivered files only it opens."""

    name: str
    is_current: bool
    value_count: int
    file_count: int


def key_uses(deployment: Deployment) -> tuple[KeyUse, ...]:
    """Return the sealing keys, oldest first; one that is not current and opens nothing may be destroyed."""
    heads = deployment.seals.heads()
    with deployment.store.reading() as rx:
        values = count_sealed(rx, heads)
    files = [head_of(path) for path in sorted(deployment.workspace.inbox.rglob(f"*{SEALED_SUFFIX}"))]
    keys = deployment.workspace.keys()
    return tuple(
        KeyUse(
            name,
            name == keys.current,
            sum(values[head] for head, own in heads.items() if own == name),
            sum(file.startswith(head) for head, own in heads.items() if own == name for file in files),
        )
        for name in keys.names
    )


def new_key(deployment: Deployment, *, by: str) -> str:
    """Add a sealing key to the workspace's file of keys, and return its name.

    Fails: RefusedError where `by` is no operator. RunError where the keys stand in the environment, or the file cannot be
           written.
    """
    authorised(deployment, by, Role.OPERATOR)
    path = deployment.workspace.key_file
    if KEYS_VARIABLE in os.environ:
        message = f"the keys stand in {KEYS_VARIABLE}, not in a file"
        raise RunError.one(
            SettingsCode.KEYS_UNREADABLE, KEYS_VARIABLE, message, "add a line such as `k2 …` where it is set"
        )
    try:
        text, name = with_new_key(path.read_text("utf-8"), path.name)
        write_private(path, text.encode())
    except OSError as fault:
        message = f"the file of keys cannot be written: {(fault.strerror or 'unknown reason').lower()}"
        raise RunError.one(
            SettingsCode.KEYS_UNREADABLE, Place(path.name), message, "give the right to write there"
        ) from None
    with deployment.store.writing() as tx:
        record(tx, "key.added", by=by, about=name, said={})
    return name


def go_over(deployment: Deployment, *, by: str) -> int:
    """Seal everything in the database with the current key; return how many values changed.

    Fails: RefusedError where `by` is no operator; RunError where a value does not open: nothing is changed then.
    """
    authorised(deployment, by, Role.OPERATOR)
    with deployment.store.writing() as tx:
        return rotate_vault(tx, deployment.seals, by=by)
