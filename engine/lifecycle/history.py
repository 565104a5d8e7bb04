"""Everything that was ever done with a policy: versions, activations and steps, with who, when and on which fingerprint."""

import datetime as dt
from dataclasses import dataclass

from core.errors import RuleError
from core.findings import nearest_help
from engine.deployment import Deployment
from rules.codes import RuleCode
from store.activation_steps import ActivationRecord, StepTaken, read_activations
from store.activations import PublishedVersion, published_versions
from store.proposals import Proposal, Revision, Step, proposals_about, revisions, steps_of
from store.states.rules import ActivationState, VersionState


@dataclass(frozen=True, slots=True)
class Deed:
    """One step that somebody took: `what` names the versions or the days, `fingerprint` the plan or the text."""

    at: dt.datetime
    by: str
    what: str
    source: VersionState | ActivationState | None
    target: VersionState | ActivationState
    reason: str | None
    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class PolicyHistory:
    """A policy's published versions, its activations, and every deed in the order in which they were done."""

    policy: str
    versions: tuple[PublishedVersion, ...]
    activations: tuple[ActivationRecord, ...]
    deeds: tuple[Deed, ...]


def history_of(deployment: Deployment, policy: str) -> PolicyHistory:
    """Return everything that was done with a policy.

    Fails: RuleError where nobody ever submitted anything about it.
    """
    with deployment.store.reading() as rx:
        every = read_activations(rx)
        activations = tuple(each for each in every if each.activation.policy == policy)
        proposals = proposals_about(rx, policy)
        versions = published_versions(rx, policy)
        if not proposals and not versions:
            known = {each.activation.policy for each in every}
            message = f"nobody ever submitted anything about `{policy}`"
            help_line = nearest_help(policy, known, "policy") or "see `mianshen rules list`"
            raise RuleError.one(RuleCode.UNKNOWN_POLICY, "policies", message, help_line)
        own = revisions(rx, policy)
        deeds = [deed for each in proposals for deed in _of_proposal(each, steps_of(rx, each.proposal_id), own)]
    deeds += [_published_before(each) for each in versions if not _is_proposed(each, own)]
    deeds += [deed for each in activations for deed in _of_activation(each)]
    return PolicyHistory(policy, versions, activations, tuple(sorted(deeds, key=lambda deed: deed.at)))


def states_of_versions(deployment: Deployment) -> dict[tuple[str, int], VersionState]:
    """Return where each version stands that was ever submitted or published; every other one is a draft."""
    with deployment.store.reading() as rx:
        states = {(each.policy, each.version): each.state for each in revisions(rx)}
        return states | {(each.policy, each.version): VersionState.PUBLISHED for each in published_versions(rx)}


def suspensions_of_versions(deployment: Deployment) -> dict[tuple[str, int | None], StepTaken]:
    """Return the step that suspended each version that is suspended; under None a repeal."""
    with deployment.store.reading() as rx:
        return {
            (each.activation.policy, each.activation.version): each.suspension
            for each in read_activations(rx)
            if each.suspension
        }


def _of_proposal(proposal: Proposal, steps: tuple[Step, ...], own: tuple[Revision, ...]) -> list[Deed]:
    carried = [each for each in own if each.proposal_id == proposal.proposal_id]
    what = "、".join(f"第{each.version}版（第{each.revision}稿）" for each in carried) or "仅调整启用"
    author = {VersionState.SUBMITTED: f"拟定 {proposal.authored_by}"}
    return [
        Deed(
            step.taken_at,
            step.taken_by,
            what,
            step.source,
            step.target,
            step.reason or author.get(step.target),
            step.fingerprint,
        )
        for step in steps
    ]


def _is_proposed(version: PublishedVersion, own: tuple[Revision, ...]) -> bool:
    return any(each.version == version.version and each.state is VersionState.PUBLISHED for each in own)


def _published_before(version: PublishedVersion) -> Deed:
    """Return the deed of a version that was published before there were proposals."""
    what = f"第{version.version}版"
    state = VersionState.PUBLISHED
    return Deed(version.published_at, version.published_by, what, None, state, None, version.fingerprint)


def _of_activation(record: ActivationRecord) -> list[Deed]:
    made = record.activation
    version = "废止" if made.version is None else f"第{made.version}版"
    through = "" if made.valid_through is None else f"至{made.valid_through}"
    what = f"{version} 自{made.valid_from}{through}"
    scheduled = Deed(made.activated_at, record.activated_by, what, None, ActivationState.SCHEDULED, None, None)
    return [
        scheduled,
        *(
            Deed(each.taken_at, each.taken_by, what, each.source, each.target, _reason(each), None)
            for each in record.steps
        ),
    ]


def _reason(step: StepTaken) -> str | None:
    return f"{step.suspended_from} 起：{step.reason}" if step.suspended_from else step.reason
