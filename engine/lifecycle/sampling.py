"""A random sample of cases before a version's first payout: drawn from a night, and written out for a person to judge.

The same seed draws the same cases of the same night on every machine. Opaque ids and facts only: whoever judges looks the
case up in the department's own files.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from core.errors import RefusedError
from core.ids import text_digest
from core.roles import Role
from engine.authority import authorised
from engine.deployment import Deployment
from engine.explaining.examination import Examination
from engine.explaining.examine import Viewpoint, examine
from engine.lifecycle.codes import LifecycleCode
from engine.night import JOB, policies_of, published_texts
from store.activation_steps import ActivationRecord, read_activations
from store.activations import activations_known_at
from store.loads import read_loads
from store.opening import Reading
from store.runs import RunRecord, latest_published
from store.samples import Drawn, SampleRecord, add_sample, cases_of

COUNT: Final = 20  # a person judges so many in an afternoon
MAY_JUDGE = (Role.OFFICER, Role.APPROVER)
_SEED_MAX = 2**31  # what an INTEGER of either database holds


@dataclass(frozen=True, slots=True)
class SampledCase:
    """One case as a person judges it."""

    number: int
    subject_id: str
    examination: Examination


@dataclass(frozen=True, slots=True)
class DrawnSample:
    """A sample with its cases laid open."""

    sample: SampleRecord
    policy: str
    version: int
    cases: tuple[SampledCase, ...]


def draw_sample(deployment: Deployment, policy: str, *, count: int, seed: int | None, by: str) -> DrawnSample:
    """Draw cases of the newest version that stood in shadow, from the last night: half of them met, where there are.

    Fails: RefusedError where nothing of the policy stood in shadow, or no night has anything to draw from.
    """
    authorised(deployment, by, MAY_JUDGE, policy)
    with deployment.store.reading() as rx:
        record, run = _shadowed(rx, policy), latest_published(rx, JOB)
        if record is None or run is None or record.activation.version is None:
            raise _nothing(policy, "nothing of the policy has stood in shadow")
        outcomes = _outcomes(deployment.workspace.runs / str(run.folder), policy)
    own_seed = seed if seed is not None else int(text_digest(record.activation_id, run.run_id)[:8], 16) % _SEED_MAX
    drawn = _drawn(outcomes, count, random.Random(own_seed))  # noqa: S311  # a sample that anybody can draw again
    if not drawn:
        raise _nothing(policy, "the last night has no case of it")
    with deployment.store.writing() as tx:
        sample = add_sample(tx, record.activation_id, drawn, run_id=run.run_id, seed=own_seed, by=by)
    with deployment.store.reading() as rx:
        cases = _laid_open(rx, deployment, record, run, cases_of(rx, sample.sample_id))
    return DrawnSample(sample, policy, record.activation.version, tuple(cases))


def _nothing(policy: str, message: str) -> RefusedError:
    help_line = "a sample is drawn from a version that was applied with shadow nights, after its first one"
    return RefusedError.one(LifecycleCode.NO_SHADOW, policy, message, help_line)


def _shadowed(rx: Reading, policy: str) -> ActivationRecord | None:
    """Return the newest activation of a policy that has stood in shadow, or None."""
    own = [each for each in read_activations(rx) if each.activation.policy == policy]
    return next((each for each in reversed(own) if each.shadow_nights and each.steps), None)


def _outcomes(folder: Path, policy: str) -> pl.DataFrame:
    """Return whom the night decided under a policy: in shadow, or in force since."""
    for name in ("shadow_outcomes.parquet", "outcomes.parquet"):
        path = folder / name
        if path.exists():
            own = pl.read_parquet(path).filter(pl.col("policy") == policy)
            if own.height:
                return own.select("subject_id", "outcome").sort("subject_id")
    return pl.DataFrame(schema={"subject_id": pl.String, "outcome": pl.String})


def _drawn(outcomes: pl.DataFrame, count: int, chance: random.Random) -> list[Drawn]:
    """Draw half from those who are met, the rest from the others; where one side is short, the other makes it up."""
    is_met = pl.col("outcome") == "met"
    sides = [outcomes.filter(is_met), outcomes.filter(is_met.not_())]
    met_count = min(sides[0].height, max((count + 1) // 2, count - sides[1].height))
    counts = (met_count, min(sides[1].height, count - met_count))
    chosen = [
        row for side, wanted in zip(sides, counts, strict=True) for row in sorted(chance.sample(side.rows(), wanted))
    ]
    return [Drawn(number, *row) for number, row in enumerate(chosen, start=1)]


def _laid_open(
    rx: Reading, deployment: Deployment, record: ActivationRecord, run: RunRecord, cases: Sequence[Drawn]
) -> list[SampledCase]:
    live = [each for each in activations_known_at(rx, run.known_at) if each.policy == record.activation.policy]
    stands = [*live, record.activation] if all(each.version != record.activation.version for each in live) else live
    viewpoint = Viewpoint(
        run.business_date,
        run.known_at,
        deployment.catalogue,
        read_loads(rx, deployment.workspace.root).known_at(run.known_at),
        policies_of(published_texts(rx), stands, deployment.catalogue, on=run.business_date, known_at=run.known_at),
    )
    (policy,) = viewpoint.policies
    return [
        SampledCase(
            each.number,
            each.subject_id,
            examine(viewpoint, policy, viewpoint.profile_of(policy.kind, each.subject_id)),
        )
        for each in cases
    ]
