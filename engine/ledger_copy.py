"""The ledger as a night reads it: from a copy that an earlier night kept, and what changed since from the store.

The copy is a convenience. The run that kept it names its digest and its moment; where a file is gone or is another, or the
store was set back to before that run, everything is read from the store. Both ways give the same rows in the same order.
Of positions, a copy is read for those rows alone that a night looks at: years of settled ones stay on the disk. It stands in
parts, each with the ids that follow those of the part before, so that a new copy is made of one after the other.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import pairwise
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

PART_ROWS = 500_000  # of a new copy; a part that grew to twice as many is parted

_NAMES = ("grants", "positions")


@dataclass(frozen=True, slots=True)
class LedgerCopy:
    """The files of a copy by their digests, in the order of their ids, and which moment of the ledger they show."""

    mark: LedgerMark
    digests: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, tree: Mapping[str, Any] | None) -> Self | None:
        """Return the copy that a run's manifest names, if any."""
        noted = (tree or {}).get("ledger_copy")
        if noted is None:
            return None
        digests = {
            name: (said,) if isinstance(said, str) else tuple(said) for name, said in noted["digests"].items()
        }  # a copy of an earlier version was one file
        return cls(LedgerMark(noted["mark"]["through"], tuple(noted["mark"]["without"])), digests)

    def as_tree(self) -> dict[str, Any]:
        """Return it as a manifest names it."""
        return {"mark": asdict(self.mark), "digests": {name: list(each) for name, each in self.digests.items()}}

    def files(self, folder: Path, name: str) -> list[Path]:
        """Return where the files of one of its frames stand."""
        return [_file(folder, name, digest) for digest in self.digests[name]]


def _file(folder: Path, name: str, digest: str) -> Path:
    return folder / f"{name}-{digest[:16]}.parquet"


@dataclass(frozen=True)
class LedgerRead:
    """Grants and positions as one moment shows them; `copy` still serves, None: a new one would serve better.

    `changed` are the positions that are another, or new, since those in the files of `parts`; where there are none, all of them.
    """

    grants: pl.DataFrame
    changed: pl.DataFrame
    mark: LedgerMark
    copy: LedgerCopy | None = None
    parts: tuple[Path, ...] = ()

    @cached_property
    def written(self) -> pl.DataFrame:
        """Return for which periods there are obligations: `policy`, `period`; sorted."""
        names = ("policy", "period")
        return self._every.select(names).unique().collect(engine="streaming").sort(names)

    def positions_where(self, condition: pl.Expr | None) -> pl.DataFrame:
        """Return the positions for which a condition holds, or all: as `store.positions.read_positions`."""
        if condition is not None:
            return self._every.filter(condition).collect(engine="streaming").sort("obligation_id")
        if not self.parts:
            return self.changed
        return pl.concat(_with_changes(pl.read_parquet(path), now, "obligation_id") for path, now in self.parts_now())

    def subjects_where(self, condition: pl.Expr) -> pl.Series:
        """Return the subjects of positions for which a condition holds, by the ids under which they were written."""
        return (
            self._every.filter(condition)
            .select(pl.col("subject_id").unique())
            .collect(engine="streaming")["subject_id"]
        )

    def parts_now(self) -> Iterator[tuple[Path, pl.DataFrame]]:
        """Give each part with what changed of it; what is new comes to the last part whose ids begin before its own."""
        if not self.parts:
            return
        ids, borders = self.changed["obligation_id"], [0]
        for path in self.parts[1:]:
            first = pl.read_parquet(path, columns=["obligation_id"], n_rows=1).item()
            borders.append(int(ids.search_sorted(first, side="left")))
        for path, (begin, end) in zip(self.parts, pairwise([*borders, self.changed.height]), strict=True):
            yield path, self.changed.slice(begin, end - begin)

    @property
    def _every(self) -> pl.LazyFrame:
        now = self.changed.lazy()
        if not self.parts:
            return now
        copied = pl.scan_parquet(list(self.parts))
        return pl.concat([copied.join(now.select("obligation_id"), on="obligation_id", how="anti"), now])


def _sliced(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Give a frame, or its slices where it has grown."""
    yield from (frame,) if frame.height < 2 * PART_ROWS else frame.iter_slices(PART_ROWS)


def read_ledger(rx: Reading, folder: Path, noted: LedgerCopy | None) -> LedgerRead:
    """Return what the ledger holds of everyone: `store.grants.GRANTS`, and positions as `read_positions`, by id."""
    if noted is None or rx.mark is not None or not _is_kept(folder, noted):
        return LedgerRead(read_grants(rx), read_positions(rx), ledger_mark(rx))
    new_grants, new_positions = grants_changed_since(rx, noted.mark), positions_changed_since(rx, noted.mark)
    grants = _with_changes(pl.read_parquet(noted.files(folder, "grants")), new_grants, "grant_id")
    parts = tuple(noted.files(folder, "positions"))
    copied = pl.scan_parquet(list(parts))
    kept_count = int(copied.select(pl.len()).collect().item())
    is_fresh = new_grants.height * STALE_PART <= grants.height and new_positions.height * STALE_PART <= kept_count
    changed = new_positions.select(copied.collect_schema().names())
    return LedgerRead(grants, changed, ledger_mark(rx), noted if is_fresh else None, parts)


def _with_changes(copied: pl.DataFrame, changed: pl.DataFrame, key: str) -> pl.DataFrame:
    if changed.is_empty():
        return copied
    same = copied.join(changed.select(key), on=key, how="anti", maintain_order="left")
    return same.merge_sorted(changed.select(copied.columns), key)


def _is_kept(folder: Path, copy: LedgerCopy) -> bool:
    """Say whether the files of a copy are those that were kept."""
    try:
        return all(
            file_digest(path) == digest
            for name in _NAMES
            for path, digest in zip(copy.files(folder, name), copy.digests[name], strict=True)
        )
    except (OSError, KeyError):
        return False


def keep_copy(read: LedgerRead, folder: Path) -> LedgerCopy | None:
    """Keep what was read for the nights to come, in the place of every other copy; the disk has it on return.

    Nulls: None where there is no room or no right to write. The next night then reads everything, as after one that was
           killed before it was published.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        kept = {"grants": (_put(read.grants, folder, "grants"),), "positions": tuple(_kept_parts(read, folder))}
        copy = LedgerCopy(read.mark, kept)
        own = {path for name in _NAMES for path in copy.files(folder, name)}
        for path in folder.glob("*.parquet"):
            if path not in own:
                path.unlink(missing_ok=True)
        sync_folder(folder)
    except (OSError, pl.exceptions.PolarsError):
        with suppress(OSError):
            _beside(folder).unlink()
        return None
    return copy


def _kept_parts(read: LedgerRead, folder: Path) -> Iterator[str]:
    """Put the parts of all positions in their place and give their digests; one in which nothing changed stays there."""
    if not read.parts:
        yield from (_put(part, folder, "positions") for part in _sliced(read.changed))
    for path, now in read.parts_now():
        if now.is_empty():
            yield file_digest(path)
        else:
            whole = _with_changes(pl.read_parquet(path), now, "obligation_id")
            yield from (_put(part, folder, "positions") for part in _sliced(whole))


def _put(frame: pl.DataFrame, folder: Path, name: str) -> str:
    """Write a file of a copy, put it in its place, and return its digest."""
    beside = _beside(folder)
    frame.write_parquet(beside, compression="lz4", statistics=False)
    sync_file(beside)
    digest = file_digest(beside)
    beside.replace(_file(folder, name, digest))
    return digest


def _beside(folder: Path) -> Path:
    return folder / ".writing"
