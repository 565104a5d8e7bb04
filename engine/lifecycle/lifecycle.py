"""From a plan into force: submitted by one officer, approved by another, published as it was signed; or sent back.

Every publication goes this way, a repeal and a rollback too. Nights read only what was published here; a file in
`policies/` that nobody published changes nothing.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from core.clock import civil_day
from core.errors import RefusedError, RuleError
from core.findings import Finding, Place, nearest_help
from core.roles import Role
from engine.authority import authorised
from engine.deployment import Deployment
from engine.lifecycle.codes import LifecycleCode
from engine.lifecycle.publishing import publication_findings
from engine.lifecycle.suspending import said_reason
from engine.lifecycle.writers import writers_of
from engine.planning.fingerprint import fingerprint_of, words_of
from engine.planning.plan_file import PlanFile, parse_plan, plan_text
from rules.bound import RuleVersion
from rules.codes import RuleCode
from rules.netting_terms import check_together
from rules.reading import parse_version, written_texts
from rules.same_names import check_names
from rules.standing import Activation
from store.activations import activations_known_at, published_versions
from store.opening import Reading
from store.proposals import (
    Proposal,
    ProposalEvent,
    ProposedActivation,
    ProposedVersion,
    Submission,
    apply,
    live_proposal,
    own_approval,
    pending_policies,
    pending_proposal,
    proposed_activations,
    proposed_versions,
    submit,
)
from store.states.rules import VersionState

_EITHER = (Role.OFFICER, Role.APPROVER)


def submit_plan(deployment: Deployment, plan: PlanFile, *, by: str) -> Proposal:
    """Hand a plan in: its checks and examples pass, every figure is verified, and nothing has moved since.

    Fails: RuleError where a version may not be published as it is; RefusedError where something has moved, or where
           a policy has a proposal that waits already.
    """
    authorised(deployment, by, Role.OFFICER, policies_of(plan))
    versions = [_parsed(deployment, each.policy, each.version, each.text) for each in plan.versions]
    faults = [finding for version in versions for finding in publication_findings(version)]
    with deployment.store.reading() as rx:
        faults += _beside_published(rx, deployment, versions)
    if any(finding.is_error for finding in faults):
        raise RuleError([finding for finding in faults if finding.is_error])
    with deployment.store.writing() as tx:
        _refuse_moved(tx, deployment, plan)
        _refuse_days(tx, plan)
        published = {(each.policy, each.version): each.text for each in published_versions(tx)}
        new = [each for each in versions if published.get((each.policy, each.version)) != each.text]
        return submit(tx, submission_of(plan, new), by=by)


def _parsed(deployment: Deployment, policy: str, version: int, text: str) -> RuleVersion:
    return parse_version(text, deployment.catalogue, f"policies/{policy}/{version}.yaml")


def _beside_published(rx: Reading, deployment: Deployment, versions: Sequence[RuleVersion]) -> list[Finding]:
    """Return in what versions contradict the newest published ones of other policies: groups, pools, names.

    What the others contradict among themselves is theirs, and what was repealed last contradicts nobody.
    """
    newest = {each.policy: each for each in published_versions(rx)}
    last = {each.policy: each.version for each in sorted(activations_known_at(rx, rx.now), key=_activated_at)}
    left_out = {version.policy for version in versions} | {policy for policy, number in last.items() if number is None}
    others = [
        _parsed(deployment, policy, each.version, each.text)
        for policy, each in newest.items()
        if policy not in left_out
    ]
    findings = [*check_together([*others, *versions]), *check_names([*others, *versions])]
    names = {version.script.name for version in versions}
    return [finding for finding in findings if finding.place.path in names]


def _activated_at(activation: Activation) -> dt.datetime:
    return activation.activated_at


def approve(deployment: Deployment, waiting: Proposal, *, by: str) -> Proposal:
    """Sign the fingerprint of exactly the plan that waits.

    Fails: RefusedError where its author, its submitter or a writer of its text would sign, where something has moved,
           or where it does not wait.
    """
    plan = parse_plan(waiting.document, waiting.proposal_id)
    authorised(deployment, by, Role.APPROVER, policies_of(plan))
    with deployment.store.writing() as tx:
        _refuse_moved(tx, deployment, plan)
        approved = apply(tx, waiting, ProposalEvent(VersionState.APPROVED, by))
        for each in proposed_versions(tx, waiting.proposal_id):
            if by in writers_of(tx, each.policy, each.version):
                raise own_approval(each.policy, by)
        return approved


def close(deployment: Deployment, waiting: Proposal, target: VersionState, *, by: str, reason: str) -> Proposal:
    """Send a proposal back to its author, or withdraw it; the next one about its policies may then be submitted.

    Fails: RefusedError where it is too far for that, or where no reason is given.
    """
    said = said_reason(reason)
    plan = parse_plan(waiting.document, waiting.proposal_id)
    authorised(deployment, by, _EITHER, policies_of(plan))
    with deployment.store.writing() as tx:
        return apply(tx, waiting, ProposalEvent(target, by, said))


def apply_plan(deployment: Deployment, plan: PlanFile, *, by: str) -> Proposal:
    """Publish exactly what a plan says, as it was approved.

    Fails: RefusedError where it was not approved, where its approver is its author, or where something has moved.
    """
    authorised(deployment, by, _EITHER, policies_of(plan))
    with deployment.store.writing() as tx:
        proposal = live_proposal(tx, plan.digest)
        if proposal is None or proposal.state is VersionState.SUBMITTED:
            what = "was never submitted, or came back" if proposal is None else "waits for its approval"
            approves = "another officer than its author approves it: `mianshen rules approve POLICY`"
            help_line = f"submit it: `mianshen rules submit FILE`; {approves}" if proposal is None else approves
            name = ", ".join(policies_of(plan))
            raise RefusedError.one(LifecycleCode.NOT_APPROVED, name, f"this plan {what}", help_line)
        if proposal.state is not VersionState.PUBLISHED:  # else what it changed has moved by itself
            _refuse_moved(tx, deployment, plan)
        return apply(tx, proposal, ProposalEvent(VersionState.PUBLISHED, by))


def waiting_for(rx: Reading, policy: str, version: int | None = None) -> Proposal:
    """Return the proposal about a policy, or about one version of it, that waits for somebody.

    A rollback waits under the version that it lets stand again.
    Fails: RefusedError where there is none.
    """
    waiting = pending_proposal(rx, policy)
    if waiting is None:
        message = f"no proposal about `{policy}` waits for anybody"
        help_line = nearest_help(policy, pending_policies(rx), "policy with a proposal") or "see `mianshen rules list`"
        raise RefusedError.one(LifecycleCode.NOTHING_WAITS, policy, message, help_line)
    carried = {each.version for each in proposed_versions(rx, waiting.proposal_id) if each.policy == policy}
    stands = {each.version for _, each in proposed_activations(rx, waiting.proposal_id) if each.policy == policy}
    numbers = sorted(carried | {each for each in stands if each is not None})
    if version is not None and version not in numbers:
        known = ", ".join(map(str, numbers)) or "a repeal, which has no version"
        message = f"version {version} does not wait for anybody"
        raise RefusedError.one(LifecycleCode.NOTHING_WAITS, policy, message, f"waiting: {known}")
    return waiting


def refuse_other(proposal: Proposal, fingerprint: str) -> None:
    """Check that what somebody means to sign is what waits; the first characters are enough.

    Fails: RefusedError.
    """
    if not proposal.fingerprint.startswith(fingerprint.lower()):
        message = f"the plan that waits has the fingerprint `{proposal.fingerprint[:16]}`, not `{fingerprint}`"
        help_line = "look at the plan again: `mianshen rules history POLICY`"
        raise RefusedError.one(LifecycleCode.OTHER_FINGERPRINT, "--fingerprint", message, help_line)


def submission_of(plan: PlanFile, versions: Sequence[RuleVersion]) -> Submission:
    """Return a plan with its new versions as it is handed in.

    What begins before the day of planning declares how far it reaches back.
    """
    planned_on = civil_day(plan.known_at)
    return Submission(
        fingerprint=plan.digest,
        document=plan_text(plan),
        authored_by=plan.made_by,
        versions=tuple(
            ProposedVersion(
                each.policy,
                each.version,
                each.text,
                each.fingerprint,
                each.written.valid_from,
                each.written.valid_through,
            )
            for each in versions
        ),
        activations=tuple(
            ProposedActivation(
                each.policy,
                each.version,
                each.valid_from,
                each.valid_through,
                each.clears or each.version is None,
                each.shadow_nights,
                each.valid_from if each.valid_from < planned_on else None,
            )
            for each in plan.activations
        ),
    )


def policies_of(plan: PlanFile) -> list[str]:
    """Return the policies that a plan is about."""
    return sorted({each.policy for each in plan.versions} | {each.policy for each in plan.activations})


def _refuse_days(rx: Reading, plan: PlanFile) -> None:
    """Check that what is to stand is there, on days that are in order.

    Fails: RuleError.
    """
    known = {(each.policy, each.version) for each in published_versions(rx)}
    known |= {(each.policy, each.version) for each in plan.versions}
    faults = []
    begun = Counter((each.policy, each.valid_from) for each in plan.activations)
    for policy, day in sorted(each for each, count in begun.items() if count > 1):
        message = f"two activations begin on {day}, and neither would beat the other"
        faults.append(Finding(RuleCode.DAYS_ORDER, Place(policy), message, "plan only the one that is to stand"))
    for each in plan.activations:
        if each.valid_through is not None and each.valid_through < each.valid_from:
            message = f"the last day {each.valid_through} lies before the first, {each.valid_from}"
            faults.append(Finding(RuleCode.DAYS_ORDER, Place(each.policy), message, "plan it with days in order"))
        if each.version is not None and (each.policy, each.version) not in known:
            message = f"version {each.version} is neither published nor in the plan"
            faults.append(Finding(RuleCode.UNKNOWN_VERSION, Place(each.policy), message, "plan it with its file"))
    if faults:
        raise RuleError(faults)


def _refuse_moved(rx: Reading, deployment: Deployment, plan: PlanFile) -> None:
    """Check that a plan's effect would be the same now.

    Fails: RefusedError, one finding for each thing that moved.
    """
    now = fingerprint_of(rx, deployment, day=plan.day, known_at=rx.now)
    moved = [f"{words_of(key)} has moved since the plan was made" for key in plan.moved_since(dict(now))]
    planned_on, today = civil_day(plan.known_at), civil_day(rx.now)
    if planned_on != today:
        moved.append(f"the plan was made on {planned_on}, and today is {today}")
    texts = written_texts(deployment.workspace.policies)
    moved += [
        f"the file of version {each.version} of `{each.policy}` has moved since the plan was made"
        for each in plan.versions
        if texts.get((each.policy, each.version), each.text) != each.text
    ]
    if moved:
        help_line = "make the plan anew, and have it approved anew"
        raise RefusedError(Finding(LifecycleCode.MOVED, Place("plan"), each, help_line) for each in moved)
