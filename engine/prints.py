"""What a night knew of everybody's past, as 128 bits for each subject: kept for the night after it.

With them that night sees at once of whom a fact of a day that is over is another by now. Where they are gone, or speak of other
facts, it has to assemble once more what was known then; both ways name the same subjects.
"""

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import polars as pl

from core.durable import sync_file, sync_folder
from core.ids import file_digest

_PRINT = ("one", "other")
_SEEDS = (1, 2)


@dataclass(frozen=True, slots=True)
class Prints:
    """The prints of the subjects of one kind: `subject_id`, `one`, `other`; `of` says of which facts and days."""

    of: str
    rows: pl.DataFrame

    @classmethod
    def taken(cls, of: str, profiles: pl.DataFrame, through: dt.date) -> Self:
        """Return prints of profiles through a day."""
        last = pl.min_horizontal("through", pl.lit(through)).alias("through")
        own = profiles.filter(pl.col("day") <= through).with_columns(last)
        hashed = own.select("subject_id").with_columns(
            own.hash_rows(seed=seed).alias(name) for name, seed in zip(_PRINT, _SEEDS, strict=True)
        )
        rows = hashed.group_by("subject_id").agg(pl.col(*_PRINT).sum()).sort("subject_id")
        return cls(of, rows)

    def differing(self, other: "Prints") -> pl.Series:
        """Return the subjects with another print, or with none."""
        both = self.rows.join(other.rows, on="subject_id", how="full", coalesce=True, suffix="_now")
        differs = [pl.col(name).ne_missing(pl.col(f"{name}_now")) for name in _PRINT]
        return both.filter(pl.any_horizontal(differs))["subject_id"]


def keep_prints(prints: Mapping[str, Prints], folder: Path) -> dict[str, Any]:
    """Keep the prints of each kind in the place of all others; return how a manifest names them, nothing where it cannot be done."""
    files: dict[str, Path] = {}
    named: dict[str, Any] = {}
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for kind, own in prints.items():
            beside = folder / f".{kind}.writing"
            files[kind] = beside
            own.rows.write_parquet(beside, compression="lz4", statistics=False)
            sync_file(beside)
            named[kind] = {"of": own.of, "digest": file_digest(beside)}
        kept = {_file(folder, kind, named[kind]["digest"]) for kind in prints}
        for kind, beside in files.items():
            beside.replace(_file(folder, kind, named[kind]["digest"]))
        for path in folder.glob("*.prints"):
            if path not in kept:
                path.unlink(missing_ok=True)
        sync_folder(folder)
    except (OSError, pl.exceptions.PolarsError):
        for beside in files.values():
            with suppress(OSError):
                beside.unlink()
        return {}
    return named


def kept_prints(folder: Path, named: Mapping[str, Any]) -> dict[str, Prints]:
    """Return the prints that a manifest names, by kind; those that are gone, or are others, are left out."""
    found = {}
    for kind, own in named.items():
        path = _file(folder, kind, own["digest"])
        with suppress(OSError, pl.exceptions.PolarsError):
            if file_digest(path) == own["digest"]:
                found[kind] = Prints(own["of"], pl.read_parquet(path))
    return found


def _file(folder: Path, kind: str, digest: str) -> Path:
    return folder / f"{kind}-{digest[:16]}.prints"
