"""A run's folder: its frames and report, written whole, and the manifest that binds inputs to outputs.

Opaque ids, codes and amounts only; nothing here names a person. The same night gives the same bytes.
"""

import io
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

import polars as pl

from core.durable import sync_file, sync_folder
from core.errors import RunError
from core.ids import bytes_digest, file_digest, lines_digest, text_digest
from core.product import engine_version
from core.settings import SettingsCode
from engine.decide import Decision
from engine.night import Night

LEDGER_SLICE_ROWS = 100_000  # bounds the memory of a digest over millions of rows


@dataclass(frozen=True, slots=True)
class Manifest:
    """What went in and what came out, by digest."""

    inputs: Mapping[str, str]
    outputs: Mapping[str, str]

    @property
    def digest(self) -> str:
        """Return one digest over everything."""
        return text_digest(json.dumps(self.as_tree(), sort_keys=True))

    def as_tree(self) -> dict[str, dict[str, str]]:
        """Return it as plain mappings."""
        return {"inputs": dict(self.inputs), "outputs": dict(self.outputs)}


def inputs_of(night: Night) -> dict[str, str]:
    """Return the digest of everything that a night's result depends on."""
    loads = {f"load {info.resource} {info.load_id}": info.digest for info in night.loads.infos}
    rules = {
        f"rule {policy.policy} {number}": version.fingerprint
        for policy in night.policies
        for number, version in policy.versions.items()
    }
    activations = [repr(activation) for policy in night.policies for activation in policy.activations]
    return {
        "business_date": night.business_date.isoformat(),
        "known_at": night.known_at.isoformat(),
        "engine": engine_version(),
        "catalogue": night.catalogue.fingerprint,
        "activations": text_digest(*activations),
        "merges": text_digest(*(repr(merge) for merge in night.loads.merges)),
        "ledger": _ledger_digest(night),
        **loads,
        **rules,
        **_rare_inputs(night),
    }


def _rare_inputs(night: Night) -> dict[str, str]:
    """Return what only some nights depend on.

    What stands in shadow, which versions wait for a sample's verdicts, from which night a resumed policy goes on, and how
    far back the night looks.
    """
    shadows = [repr(activation) for policy in night.shadow_policies for activation in policy.activations]
    texts = [version.fingerprint for policy in night.shadow_policies for version in policy.versions.values()]
    resumed = [f"{policy.policy} {policy.before}" for policy in night.policies if policy.before]
    waiting = [f"{policy.policy} {sorted(policy.waiting)}" for policy in night.policies if policy.waiting]
    return {
        **({"shadows": text_digest(*shadows, *texts)} if shadows else {}),
        **({"waiting": text_digest(*waiting)} if waiting else {}),
        **({"resumed": text_digest(*resumed)} if resumed else {}),
        **({"lookback": night.lookback.digest} if night.lookback.is_limited else {}),
    }


def _ledger_digest(night: Night) -> str:
    """Return one digest over what the night read of the ledger, and over the night before it."""
    frames = (night.grants, night.positions)
    rows = (part.write_csv() for frame in frames for part in frame.iter_slices(LEDGER_SLICE_ROWS))
    return lines_digest(chain([f"{night.after} {night.known_before}"], map(repr, night.acts), rows))


def frames_of(decisions: Sequence[Decision], units: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return what a run keeps: outcomes that are met, unknown or a near miss, all dues, and the units compared.

    What benefits are worth that pay nothing is kept beside, where there are any.
    """
    outcomes = [
        decision.outcomes.filter((pl.col("outcome") != "not_met") | pl.col("near_miss")).select(
            pl.lit(decision.policy.policy).alias("policy"), pl.all()
        )
        for decision in decisions
    ]
    dues = [decision.dues.select(pl.lit(decision.policy.policy).alias("policy"), pl.all()) for decision in decisions]
    accounted = pl.concat([_accounted(decision) for decision in decisions])
    return {
        **(
            {}
            if accounted.is_empty()
            else {"accounted": accounted.sort("policy", "grant_id", "component", "period_no")}
        ),
        "outcomes": pl.concat(outcomes).sort("policy", "subject_id"),
        "dues": pl.concat(dues).sort("policy", "grant_id", "component", "period_no"),
        "units": units.drop("former").sort("unit_key"),
    }


def _accounted(decision: Decision) -> pl.DataFrame:
    """Return what a benefit that pays nothing is worth: a tax credit, a waiver, a sum put off until `due_on`.

    Nulls: `due_on` null: it never falls due.
    """
    written = decision.policy.current.written
    deferred = written.terms.deferred
    due_on = (
        pl.lit(None, dtype=pl.Date) if deferred is None else pl.col("period_last").dt.offset_by(f"{deferred.months}mo")
    )
    return decision.accounted.select(
        pl.lit(written.policy).alias("policy"),
        pl.lit(written.benefit).alias("benefit"),
        pl.all(),
        due_on.alias("due_on"),
    )


def frame_digest(frame: pl.DataFrame) -> str:
    """Return the digest that the file of a frame would have."""
    buffer = io.BytesIO()
    _write(frame, buffer)
    return bytes_digest(buffer.getvalue())


def _write(frame: pl.DataFrame, to: Path | IO[bytes]) -> None:
    frame.write_parquet(to, compression="zstd", statistics=False)


def write_folder(runs: Path, name: str, frames: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """Write a run's frames beside their final place and move them there at once; return their digests.

    On return the disk has them: the run that names them may be committed.
    A folder of the same name is from an attempt that was killed before it was published, and gives way.
    Fails: RunError where the disk is full or may not be written; nothing then stands beside.
    """
    beside = runs / f".{name}.writing"
    shutil.rmtree(beside, ignore_errors=True)
    try:
        return _written(frames, beside, runs / name)
    except (OSError, pl.exceptions.PolarsError) as fault:
        shutil.rmtree(beside, ignore_errors=True)
        reason = fault.strerror if isinstance(fault, OSError) else None
        message = f"the night cannot be written: {(reason or 'the disk refuses it').lower()}"
        help_line = "make room or give the right to write, then run the night again; nothing of it was kept"
        raise RunError.one(SettingsCode.NO_ACCESS, runs.name, message, help_line) from None


def _written(frames: Mapping[str, pl.DataFrame], beside: Path, final: Path) -> dict[str, str]:
    beside.mkdir(parents=True)
    digests = {}
    for name, frame in frames.items():
        path = beside / f"{name}.parquet"
        _write(frame, path)
        sync_file(path)
        digests[path.name] = file_digest(path)
    sync_folder(beside)
    shutil.rmtree(final, ignore_errors=True)
    beside.replace(final)
    sync_folder(final.parent)
    return digests
