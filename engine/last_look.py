"""What the last published night looked at, by its manifest and its folder, and what the ledger has had written since."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from core.ledger import LedgerMark
from engine.grace import Standing
from engine.prints import Prints, kept_prints
from store.opening import Reading
from store.runs import RunRecord
from store.touched import touched_since


@dataclass(frozen=True)
class LastLook:
    """A published night, as far as the next one can go on from what it found.

    `policies` is by what each was decided, as a digest; `prints` what it knew of everybody's past, by kind, as far as that is
    kept; `held` of whom nothing was certain in some period that had begun; `touched` whom the ledger has had anything written
    about since that night read it (`store.touched.TOUCHED`).
    """

    business_date: dt.date
    known_at: dt.datetime
    engine: str
    catalogue: str
    loads: frozenset[str]
    policies: Mapping[str, str]
    touched: pl.DataFrame
    held: pl.Series
    prints: Mapping[str, Prints]


def last_look(rx: Reading, runs: Path, copies: Path, latest: RunRecord | None) -> LastLook | None:
    """Return what a published night looked at; None where it does not say, or its folder is gone.

    `copies` is where it left what spares the next one time.
    """
    manifest: Mapping[str, Any] = (latest.manifest if latest else None) or {}
    mark, policies, inputs = (manifest.get(name) for name in ("ledger_mark", "policies", "inputs"))
    if latest is None or mark is None or policies is None or inputs is None:
        return None
    dues = runs / str(latest.folder) / "dues.parquet"
    if not dues.exists():
        return None
    begun = pl.col("period_first") <= latest.business_date  # of what lies ahead nothing may be certain yet of anybody
    held = pl.scan_parquet(dues).filter(begun & (pl.col("standing") == str(Standing.HELD))).select("subject_id")
    return LastLook(
        latest.business_date,
        latest.known_at,
        inputs["engine"],
        inputs["catalogue"],
        frozenset(name.split()[2] for name in inputs if name.startswith("load ")),
        policies,
        touched_since(rx, LedgerMark(mark["through"], tuple(mark["without"]))),
        held.collect(engine="streaming")["subject_id"].unique(),
        kept_prints(copies, manifest.get("prints", {})),
    )
