"""The ledger as a night reads it: from a copy that an earlier night kept, and what changed since from the store.

The copy is a convenience. The run that kept it names its digest and its moment; where a file is gone or is another, or the
store was set back to before that run, everything is read from the store. Both ways give the same rows in the same order.
Of positions, a copy is read for those rows alone that a night looks at: years of settled ones stay on the disk.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property
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


@dataclass(frozen=True)
class LedgerRead:
    """Grants and positions as one moment shows them; `copy` still serves, None: a new one would serve better.

    `changed` are the positions that are another, or new, since the `copied` ones; where nothing is copied, all of them.
    """

    grants: pl.DataFrame
    changed: pl.DataFrame
    mark: LedgerMark
    copy: LedgerCopy | None = None
    copied: pl.LazyFrame | None = None

    @cached_property
    def written(self) -> pl.DataFrame:
        """Return for which periods there are obligations: `policy`, `period`; sorted."""
        names = ("policy", "period")
        return self._every.select(names).unique().collect(engine="streaming").sort(names)

    def positions_where(self, condition: pl.Expr | None) -> pl.DataFrame:
        """Return the positions for which a condition holds, or all: as `store.positions.read_positions`."""
        if condition is not None:
            return self._every.filter(condition).collect(engine="streaming").sort("obligation_id")
        return self.changed if self.copied is None else self.in_order.collect(engine="streaming")

    def subjects_where(self, condition: pl.Expr) -> pl.Series:
        """Return the subjects of positions for which a condition holds, by the ids under which they were written."""
        return (
            self._every.filter(condition)
            .select(pl.col("subject_id").unique())
            .collect(engine="streaming")["subject_id"]
        )

    @property
    def in_order(self) -> pl.LazyFrame:
        """Return all positions by id, however many, without having them in memory at once."""
        now = self.changed.lazy()
        return now if self.copied is None else self._unchanged.merge_sorted(now, "obligation_id")

    @property
    def _every(self) -> pl.LazyFrame:
        now = self.changed.lazy()
        return now if self.copied is None else pl.concat([self._unchanged, now])

    @property
    def _unchanged(self) -> pl.LazyFrame:
        assert self.copied is not None
        now = self.changed.lazy().select("obligation_id")
        return self.copied.join(now, on="obligation_id", how="anti", maintain_order="left")


def read_ledger(rx: Reading, folder: Path, noted: LedgerCopy | None) -> LedgerRead:
    """Return what the ledger holds of everyone: `store.grants.GRANTS`, and positions as `read_positions`, by id."""
    if noted is None or rx.mark is not None or not _is_kept(folder, noted):
        return LedgerRead(read_grants(rx), read_positions(rx), ledger_mark(rx))
    new_grants, new_positions = grants_changed_since(rx, noted.mark), positions_changed_since(rx, noted.mark)
    grants = _with_changes(pl.read_parquet(noted.file(folder, "grants")), new_grants, "grant_id")
    copied = pl.scan_parquet(noted.file(folder, "positions"))
    kept_count = int(copied.select(pl.len()).collect().item())
    is_fresh = new_grants.height * STALE_PART <= grants.height and new_positions.height * STALE_PART <= kept_count
    positions = new_positions.select(copied.collect_schema().names())
    return LedgerRead(grants, positions, ledger_mark(rx), noted if is_fresh else None, copied)


def _with_changes(copied: pl.DataFrame, changed: pl.DataFrame, key: str) -> pl.DataFrame:
    if changed.is_empty():
        return copied
    same = copied.join(changed.select(key), on=key, how="anti", maintain_order="left")
    return same.merge_sorted(changed.select(copied.columns), key)


def _is_kept(folder: Path, copy: LedgerCopy) -> bool:
    """Say whether the files of a copy are those that were kept."""
    try:
        return all(file_digest(copy.file(folder, name)) == copy.digests[name] for name in _KEYS)
    except (OSError, KeyError):
        return False


def keep_copy(read: LedgerRead, folder: Path) -> LedgerCopy | None:
    """Keep what was read for the nights to come, and no other copy but the one it was read by; the disk has it on return.

    Nulls: None where there is no room or no right to write. The next night then reads everything, as after one that was
           killed before it was published.
    """
    frames, digests = {"grants": read.grants.lazy(), "positions": read.in_order}, dict[str, str]()
    beside = {name: folder / f".{name}.writing" for name in frames}
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for name, frame in frames.items():
            frame.sink_parquet(beside[name], compression="lz4", statistics=False, maintain_order=True)
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
