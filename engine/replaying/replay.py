"""A past night computed again from its manifest: the same rules, vocabulary, loads and ledger, by the engine of today.

Reads only: nothing is written, and no vault is opened. What leaves a night by way of the vault (batches and
letters) is not made again; the money they carry is compared as items.
"""

import dataclasses
import datetime as dt
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_REFUSED
from core.findings import Finding, Place
from core.product import engine_version
from engine.codes import RunCode
from engine.compute import Computed, Progress, compute
from engine.deployment import Deployment
from engine.replaying.past_night import (
    PastInputs,
    PublishedRun,
    changed_inputs,
    engine_findings,
    manifest_findings,
    published_run,
    read_night,
)
from engine.replaying.replayed import Difference, Output, OutputState, compare_outputs
from store.positions import written_in_run

FORMAT_VERSION = 1  # of the JSON form; readers may rely on its keys


class Verdict(StrEnum):
    """What a replay came to."""

    EQUAL = "equal"
    DIFFERS = "differs"
    REFUSED = "refused"  # something that the night worked from is gone, or is not what it was


EXIT_OF = {Verdict.EQUAL: EXIT_DONE, Verdict.DIFFERS: EXIT_FINDINGS, Verdict.REFUSED: EXIT_REFUSED}


@dataclass(frozen=True, slots=True)
class Replay:
    """A published night beside the same night computed again."""

    run_id: str
    business_date: dt.date
    known_at: dt.datetime
    published_at: dt.datetime | None
    engine_then: str | None
    engine_now: str
    outputs: tuple[Output, ...]
    differences: tuple[Difference, ...]
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """Say whether the night comes to the same."""
        if any(each.is_error and each.code != RunCode.OUTPUT_DAMAGED for each in self.findings):
            return Verdict.REFUSED
        is_same = all(each.state in {OutputState.SAME, OutputState.SAME_CONTENT} for each in self.outputs)
        return Verdict.EQUAL if is_same else Verdict.DIFFERS

    def as_json(self) -> str:
        """Return the replay for programs: stable keys, days and instants in ISO form."""
        tree = {"format_version": FORMAT_VERSION, "verdict": self.verdict, **dataclasses.asdict(self)}
        return json.dumps(tree, ensure_ascii=False, indent=2, default=_plain, sort_keys=True)


def replay_run(deployment: Deployment, name: str, progress: Progress) -> Replay:
    """Compute a published night again, named by its business date or its id, and compare.

    Fails: RunError where no such night was published; RuleError where this engine can no longer read one of its rules.
    """
    progress("looking for what the night worked from")
    with deployment.store.reading() as rx:
        run = published_run(rx, name)
        past = PastInputs.read(rx, deployment, run)
    findings = [*manifest_findings(run), *past.gone]
    if findings:
        return _replay(run, (), (), findings)
    with deployment.store.reading(mark=run.mark) as rx:
        night = read_night(rx, past)
        findings = [*engine_findings(run), *changed_inputs(run, night)]
        if any(each.is_error for each in findings):
            return _replay(run, (), (), findings)
        computed = compute(rx, night, progress)
    return compared(deployment, run, computed, findings)


def compared(deployment: Deployment, run: PublishedRun, computed: Computed, findings: list[Finding]) -> Replay:
    """Return a published night beside what it comes to when it is computed again."""
    with deployment.store.reading() as rx:
        written = written_in_run(rx, run.record.run_id)
    folder = run.folder(deployment.workspace.runs)
    outputs, differences = compare_outputs(run.outputs, folder, computed, written)
    lost = [_lost(run, each) for each in outputs if each.state in {OutputState.GONE, OutputState.DAMAGED}]
    return _replay(run, outputs, differences, [*findings, *lost])


def _replay(
    run: PublishedRun, outputs: tuple[Output, ...], differences: tuple[Difference, ...], findings: list[Finding]
) -> Replay:
    record = run.record
    return Replay(
        run_id=record.run_id,
        business_date=record.business_date,
        known_at=record.known_at,
        published_at=record.published_at,
        engine_then=run.engine,
        engine_now=engine_version(),
        outputs=outputs,
        differences=differences,
        findings=tuple(findings),
    )


def _lost(run: PublishedRun, output: Output) -> Finding:
    place = Place(f"runs/{run.record.folder}/{output.name}.parquet")
    if output.state is OutputState.GONE:
        message = "the published frame is no longer there, and computed again it has another digest"
        return Finding(RunCode.OUTPUT_DAMAGED, place, message, "restore the file to see which rows differ")
    message = "the frame is not the one that was published"
    agrees = "has" if output.now == output.then else "does not have"
    return Finding(
        RunCode.OUTPUT_DAMAGED, place, message, f"restore it; the night computed again {agrees} the published digest"
    )


def _plain(value: object) -> Any:  # noqa: ANN401  # what JSON knows
    assert isinstance(value, dt.date)
    return value.isoformat()
