"""The ledger as a night reads it: from a copy that an earlier night kept, and what changed since from the store.

The copy is a convenience. The run that kept it names its digest and its moment; where a file is gone or is another, or the
store was set back to before that run, everything is read from the store. Both ways give the same rows in the same order.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import polars as pl

from core.durable import sync_file, sync_folder
from core.ids import file_digest
from core.ledger import LedgerMark
from store.grants import grants_changed_since, read_grants
from store.opening import Reading
from store.past import ledger_mark
from store.positions import positions_changed_since, read_positions

STALE_PART = 20
"""A copy of which one row in so many has changed since is read no more often: the next night keeps a new one."""

_KEYS = {"grants": "grant_id", "positions": "obligation_id"}
_READ = {"grants": read_grants, "positions": read_positions}
_CHANGED = {"grants": grants_changed_since, "positions": positions_changed_since}


@dataclass(frozen=True, slots=True)
class LedgerCopy:
    """The files of a copy by their digests, and which moment of the ledger they show."""

    mark: LedgerMark
    digests: Mapping[str, str]

    @classmethod
    def of(cls, tree: Mapping[str, Any] | None) -> Self | None:
        """Return the copy that a run's manifest names, if any."""
        noted = (tree or {}).get("ledger_copy")
        if noted is None:
            return None
        return cls(LedgerMark(noted["mark"]["through"], tuple(noted["mark"]["without"])), noted["digests"])

    def as_tree(self) -> dict[str, Any]:
        """Return it as a manifest names it."""
        return {"mark": asdict(self.mark), "digests": dict(self.digests)}

    def file(self, folder: Path, name: str) -> Path:
        """Return where one of its files stands."""
        return folder / f"{name}-{self.digests[name][:16]}.parquet"


@dataclass(frozen=True, slots=True)
class LedgerRead:
    """Grants and positions as one moment shows them; `copy` still serves, None: a new one would serve better."""

    grants: pl.DataFrame
    positions: pl.DataFrame
    mark: LedgerMark
    copy: LedgerCopy | None = None


def read_ledger(rx: Reading, folder: Path, noted: LedgerCopy | None) -> LedgerRead:
    """Return what the ledger holds of everyone: `store.grants.GRANTS`, and positions as `read_positions`, by id."""
    copied = _frames(folder, noted) if noted is not None and rx.mark is None else None
    if noted is None or copied is None:
        return LedgerRead(read_grants(rx), read_positions(rx), ledger_mark(rx))
    changed = {name: read(rx, noted.mark) for name, read in _CHANGED.items()}
    whole = {name: _with_changes(frame, changed[name], _KEYS[name]) for name, frame in copied.items()}
    serves = all(changed[name].height * STALE_PART <= frame.height for name, frame in whole.items())
    return LedgerRead(whole["grants"], whole["positions"], ledger_mark(rx), noted if serves else None)


def _with_changes(copied: pl.DataFrame, changed: pl.DataFrame, key: str) -> pl.DataFrame:
    if changed.is_empty():
        return copied
    same = copied.join(changed.select(key), on=key, how="anti", maintain_order="left")
    return same.merge_sorted(changed.select(copied.columns), key)


def _frames(folder: Path, copy: LedgerCopy) -> dict[str, pl.DataFrame] | None:
    """Return the frames of a copy; None where a file is not the one that was kept."""
    try:
        if any(file_digest(copy.file(folder, name)) != copy.digests[name] for name in _KEYS):
            return None
        return {name: pl.read_parquet(copy.file(folder, name)) for name in _KEYS}
    except (OSError, KeyError, pl.exceptions.PolarsError):
        return None


def keep_copy(read: LedgerRead, folder: Path) -> LedgerCopy | None:
    """Keep what was read for the nights to come, in the place of every other copy; the disk has it on return.

    Nulls: None where there is no room or no right to write. The next night then reads everything, as after one that was
           killed before it was published.
    """
    frames, digests = {"grants": read.grants, "positions": read.positions}, dict[str, str]()
    beside = {name: folder / f".{name}.writing" for name in frames}
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for name, frame in frames.items():
            frame.write_parquet(beside[name], compression="lz4", statistics=False)
            sync_file(beside[name])
            digests[name] = file_digest(beside[name])
        copy = LedgerCopy(read.mark, digests)
        for name, path in beside.items():
            path.replace(copy.file(folder, name))
        _drop_others(folder, copy)
        sync_folder(folder)
    except (OSError, pl.exceptions.PolarsError):
        for path in beside.values():
            with suppress(OSError):
                path.unlink()
        return None
    return copy


def _drop_others(folder: Path, copy: LedgerCopy) -> None:
    own = {copy.file(folder, name) for name in _KEYS}
    for path in folder.glob("*.parquet"):
        if path not in own:
            path.unlink(missing_ok=True)
