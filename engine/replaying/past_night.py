"""A published night's inputs, found again: its record, the vocabulary it used, its loads, the ledger it read.

Comes before `engine.replaying.replay` computes anything. Reads only; opens no vault.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import polars as pl

from core.errors import RunError
from core.findings import Finding, Place, Severity, nearest_help
from core.ledger import LedgerMark
from core.loads import LoadInfo, Loads
from core.product import engine_version
from core.workspace import RUNS
from engine.codes import RunCode
from engine.deployment import Deployment
from engine.folder import Manifest, inputs_of
from engine.lookback import EVERYTHING, WHOLE, Lookback
from engine.looking_back import looking_back
from engine.night import JOB, Night, gather
from profiles.catalogue import Catalogue
from profiles.catalogue_reading import parse_catalogue
from store.catalogues import catalogue_files
from store.loads import read_loads
from store.opening import Reading
from store.runs import RunRecord, latest_published, run_of, run_with_id, runs_of
from store.states.nights import RunState

ENGINE = "engine"  # the input that may differ: a replay by another engine is still one

_KINDS: Mapping[str, str] = {
    "load": "the rows of load",
    "rule": "the text of rule version",
    "activations": "the activations",
    "shadows": "what stood in shadow",
    "waiting": "which versions waited for a sample's verdicts",
    "resumed": "from which nights resumed policies go on",
    "catalogue": "the catalogue",
    "merges": "the merged subjects",
    "ledger": "the ledger as the night read it",
    "lookback": "whose past the night looked at",
    "business_date": "the business date",
    "known_at": "the instant of knowledge",
}


@dataclass(frozen=True, slots=True)
class PublishedRun:
    """A night that was published: its record with what it says of itself."""

    record: RunRecord
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    mark: LedgerMark | None

    @classmethod
    def of(cls, record: RunRecord) -> Self:
        """Return what a record's manifest says."""
        manifest: Mapping[str, Any] = record.manifest or {}
        mark = manifest.get("ledger_mark")
        return cls(
            record,
            manifest.get("inputs", {}),
            manifest.get("outputs", {}),
            LedgerMark(mark["through"], tuple(mark["without"])) if mark else None,
        )

    @property
    def business_date(self) -> dt.date:
        """Return the day it speaks for."""
        return self.record.business_date

    @property
    def engine(self) -> str | None:
        """Return the version of the engine that computed it, if it says so."""
        return self.inputs.get(ENGINE)

    @property
    def place(self) -> Place:
        """Return how findings name it."""
        return Place(f"{JOB} {self.business_date}")

    def folder(self, runs: Path) -> Path:
        """Return where its frames were written."""
        return runs / (self.record.folder or self.business_date.isoformat())

    @property
    def looked_at_everything(self) -> bool:
        """Say whether it left no period out."""
        return not (self.record.manifest or {}).get("lookback")

    def whole(self, runs: Path) -> Path:
        """Return the file that names those whose past it looked at."""
        return self.folder(runs) / f"{WHOLE}.parquet"

    def lookback(self, runs: Path) -> Lookback:
        """Return how far back it looked; expects that its files are there."""
        if self.looked_at_everything:
            return EVERYTHING
        return Lookback.of(self.record.manifest, pl.read_parquet(self.whole(runs))["subject_id"])


def published_run(rx: Reading, name: str) -> PublishedRun:
    """Return the published run with a business date, or with an id.

    Fails: RunError where there is none.
    """
    record = _record(rx, name)
    if record is not None and record.state is RunState.PUBLISHED:
        return PublishedRun.of(record)
    published = [run for run in runs_of(rx, JOB) if run.state is RunState.PUBLISHED]
    latest = latest_published(rx, JOB)
    what = "was never published" if record is not None else "is not known"
    help_line = (
        nearest_help(name, [each.business_date.isoformat() for each in published], "night")
        or (f"the newest published night is {latest.business_date}" if latest else "no night has been published yet")
    )  # fmt: skip
    raise RunError.one(RunCode.UNKNOWN_RUN, "run", f"the night `{name}` {what}", help_line)


def _record(rx: Reading, name: str) -> RunRecord | None:
    try:
        return run_of(rx, JOB, dt.date.fromisoformat(name))
    except ValueError:
        return run_with_id(rx, name)


@dataclass(frozen=True)
class PastInputs:
    """What a published run worked from, as far as it is still there; `gone` says what is not."""

    run: PublishedRun
    catalogue: Catalogue | None
    loads: Loads
    gone: tuple[Finding, ...]

    @classmethod
    def read(cls, rx: Reading, deployment: Deployment, run: PublishedRun) -> Self:
        """Find a run's inputs again."""
        files = catalogue_files(rx, run.inputs.get("catalogue", ""))
        named = {key.split()[2]: key.split()[1] for key in run.inputs if key.startswith("load ")}
        every = read_loads(rx, deployment.workspace.root).known_at(run.record.known_at)
        loads = Loads(every.root, tuple(info for info in every.infos if info.load_id in named), every.merges)
        gone = [
            *_lost(run, is_catalogue_kept=files is not None),
            *_lost_lookback(run, deployment.workspace.runs),
            *_lost_loads(run, named, loads),
        ]
        catalogue = None if files is None else parse_catalogue(files, deployment.workspace.catalogue.name)
        return cls(run, catalogue, loads, tuple(gone))


def _lost(run: PublishedRun, *, is_catalogue_kept: bool) -> Iterator[Finding]:
    if not is_catalogue_kept:
        message = f"the catalogue of {run.business_date} is not kept"
        yield Finding(RunCode.INPUT_GONE, run.place, message, "what the night decided stands in its run's folder")
    if run.mark is None:
        message = f"which moment of the ledger the night of {run.business_date} read was not noted"
        yield Finding(RunCode.INPUT_GONE, run.place, message, "nights published from now on note it")


def _lost_lookback(run: PublishedRun, runs: Path) -> Iterator[Finding]:
    """Give a finding where nobody can say any more whose past the night looked at."""
    path = run.whole(runs)
    if not run.looked_at_everything and not path.exists():
        message = f"whose past the night of {run.business_date} looked at is no longer there"
        yield Finding(RunCode.INPUT_GONE, Place(f"{RUNS}/{run.record.folder}/{path.name}"), message, "restore the file")


def _lost_loads(run: PublishedRun, named: Mapping[str, str], loads: Loads) -> Iterator[Finding]:
    """Give each load that a retention schedule, or somebody, has removed since."""
    kept = {info.load_id: info for info in loads.infos}
    for load_id, resource in sorted(named.items(), key=lambda each: (each[1], each[0])):
        info = kept.get(load_id)
        if info is None or not _has_files(loads.root, info):
            day = f" of {info.data_date}" if info else ""
            message = f"the load `{load_id}` of `{resource}`{day} is no longer kept"
            help_line = f"it ended with its retention; what the night decided stands in its folder, {run.business_date}"
            yield Finding(RunCode.INPUT_GONE, Place(resource), message, help_line)


def _has_files(root: Path, info: LoadInfo) -> bool:
    needed = [info.path, *([info.quarantine_path] if info.quarantined_count else [])]
    return all((root / each).exists() for each in needed)


def read_night(rx: Reading, past: PastInputs) -> Night:
    """Return the night as it was read.

    Expects: nothing is gone, and a reading at the run's mark.
    Fails:   RuleError where this engine can no longer read a published text.
    """
    assert past.catalogue is not None
    record = past.run.record
    night = gather(
        rx, past.loads.root, past.catalogue, business_date=record.business_date, known_at=record.known_at
    )  # fmt: skip
    recorded = replace(night, loads=past.loads, lookback=past.run.lookback(past.loads.root / RUNS))
    return looking_back(recorded, {})


def changed_inputs(run: PublishedRun, night: Night) -> Iterator[Finding]:
    """Give every input that is not what it was, but for the engine.

    Digests are of what an engine understood: where it is another one by now, a difference is a warning.
    """
    now = inputs_of(night)
    is_same_engine = run.engine == now[ENGINE]
    for name in sorted(run.inputs.keys() | now.keys()):
        if name != ENGINE and run.inputs.get(name) != now.get(name):
            yield _changed(run, name, is_same_engine=is_same_engine)


def _changed(run: PublishedRun, name: str, *, is_same_engine: bool) -> Finding:
    kind, _, rest = name.partition(" ")
    message = f"{f'{_KINDS.get(kind, kind)} {rest}'.strip()}: not as the night of {run.business_date} read it"
    if is_same_engine:
        help_line = "something wrote on the database outside of mianshen; compare it with a backup"
        return Finding(RunCode.INPUT_CHANGED, run.place, message, help_line)
    help_line = "another engine may only understand it differently; the differences below say what came of it"
    return Finding(RunCode.INPUT_CHANGED, run.place, message, help_line, Severity.WARNING)


def manifest_findings(run: PublishedRun) -> Iterator[Finding]:
    """Give a finding where the manifest does not have the digest that was published with it."""
    if (run.record.manifest or {}).get("digest") != Manifest(run.inputs, run.outputs).digest:
        message = "the manifest is not the one that was published"
        yield Finding(RunCode.INPUT_CHANGED, run.place, message, "compare the row of the run with a backup")


def engine_findings(run: PublishedRun) -> Iterator[Finding]:
    """Give a warning where another engine computed the night."""
    now = engine_version()
    if run.engine == now:
        return
    message = f"engine {run.engine or 'of an unknown version'} computed the night; this one is {now}"
    help_line = f"to do exactly what that night did, install version {run.engine.split()[0]}" if run.engine else None
    yield Finding(RunCode.ENGINE_CHANGED, run.place, message, help_line, Severity.WARNING)
