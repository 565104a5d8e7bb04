"""Versions into force without the effect on everyone having been worked out: for demonstrations and trials of the engine.

They go the same way as every other, in the names of two officers, and their plan says openly that it has no effect to
show. No command of the command line leads here but `mianshen demo`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.clock import civil_day
from engine.deployment import Deployment
from engine.lifecycle.lifecycle import apply_plan, approve, submit_plan
from engine.planning.fingerprint import fingerprint_of
from engine.planning.plan_file import PlanFile, ProposedActivation, ProposedVersion
from rules.bound import RuleVersion
from rules.standing import Activation
from store.activations import published_versions


@dataclass(frozen=True, slots=True)
class Unplanned:
    """In whose names something is published, why its effect was not worked out, and how long it is only a shadow."""

    author: str
    approver: str
    because: str
    shadow_nights: int = 0


def publish_unplanned(
    deployment: Deployment,
    versions: Sequence[RuleVersion],
    activations: Sequence[Activation],
    how: Unplanned,
) -> None:
    """Publish versions, where they are not yet, and let activations stand from now on.

    Fails: as `engine.lifecycle.lifecycle.submit_plan`.
    """
    plan = plan_without_effect(deployment, versions, activations, how)
    proposal = submit_plan(deployment, plan, by=how.author)
    approve(deployment, proposal, by=how.approver)
    apply_plan(deployment, plan, by=how.author)


def plan_without_effect(
    deployment: Deployment, versions: Sequence[RuleVersion], activations: Sequence[Activation], how: Unplanned
) -> PlanFile:
    """Return the plan of a change as everything stands now, but for its effect; what is published is left out."""
    known_at = deployment.clock.now()
    day = civil_day(known_at)
    with deployment.store.reading() as rx:
        published = {(each.policy, each.version): each.text for each in published_versions(rx)}
        depends_on = fingerprint_of(rx, deployment, day=day, known_at=known_at)
    new = [each for each in versions if published.get((each.policy, each.version)) != each.text]
    return PlanFile(
        made_by=how.author,
        known_at=known_at,
        day=day,
        months=0,
        versions=tuple(
            ProposedVersion(
                policy=each.policy,
                version=each.version,
                text=each.text,
                fingerprint=each.fingerprint,
                results_fingerprint=each.results_fingerprint,
            )
            for each in new
        ),
        activations=tuple(
            ProposedActivation(
                policy=each.policy,
                version=each.version,
                valid_from=each.valid_from,
                valid_through=each.valid_through,
                clears=each.clears,
                shadow_nights=how.shadow_nights,
            )
            for each in activations
        ),
        depends_on=dict(depends_on),
        summary={"not_worked_out": how.because},
    )
