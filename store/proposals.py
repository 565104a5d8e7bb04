"""Proposals: rule versions and activations on their way into force, each step by the table of transitions.

What a proposal may contain is decided before it comes here (`engine.lifecycle.lifecycle`); here it is kept to the letter, moved
by one function, and put into force by another. Nothing else publishes.
"""

import datetime as dt
from dataclasses import asdict, dataclass, fields
from itertools import pairwise

import sqlalchemy as sa

from core.ids import derive_id
from rules.standing import Activation
from store.activations import activate, publish_version, published_versions
from store.audit import record, words_digest
from store.codes import StoreCode
from store.faults import refused
from store.items import changed_in_between
from store.opening import Reading, Writing
from store.rows import insert_rows
from store.states.rules import PENDING_VERSION, VERSION_TRANSITIONS, VersionState
from store.tables import (
    ProposalRow,
    ProposalStep,
    ProposedActivationRow,
    ProposedPolicy,
    ProposedVersionRow,
    table_of,
)

_PROPOSAL = table_of(ProposalRow)
_STEP = table_of(ProposalStep)
_POLICY = table_of(ProposedPolicy)
_VERSION = table_of(ProposedVersionRow)
_ACTIVATION = table_of(ProposedActivationRow)

_NEXT = {
    VersionState.SUBMITTED: "another officer approves it: `mianshen rules approve POLICY`",
    VersionState.APPROVED: "publish it: `mianshen apply PLAN-FILE`",
    VersionState.PUBLISHED: "nothing is left to do; look at `mianshen rules list`",
    VersionState.RETURNED: "its author plans and submits it anew",
    VersionState.WITHDRAWN: "nothing is left to do; look at `mianshen rules list`",
}
"""What comes next, for whoever takes a step that was taken already."""


@dataclass(frozen=True, slots=True)
class ProposedVersion:
    """The text of a rule version as submitted; `valid_from` and `valid_through` as its author wrote them."""

    policy: str
    version: int
    text: str
    fingerprint: str
    valid_from: dt.date
    valid_through: dt.date | None


@dataclass(frozen=True, slots=True)
class ProposedActivation:
    """From when through when a version is to stand; version None is a repeal.

    `reaches_back_to` declares the first day of one that begins before the day it was planned on. For `shadow_nights`
    nights it is only computed.
    """

    policy: str
    version: int | None
    valid_from: dt.date
    valid_through: dt.date | None = None
    clears: bool = False
    shadow_nights: int = 0
    reaches_back_to: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody hands in: a plan to the letter, and what it would put into force.

    `fingerprint` is the plan's: whoever approves signs it.
    """

    fingerprint: str
    document: str
    authored_by: str
    versions: tuple[ProposedVersion, ...]
    activations: tuple[ProposedActivation, ...]

    @property
    def policies(self) -> list[str]:
        """Return the policies it is about."""
        versions = {each.policy for each in self.versions}
        return sorted(versions | {each.policy for each in self.activations})


@dataclass(frozen=True, slots=True)
class Proposal:
    """A submission as it stands; `moves` counts its steps, so that a writer can say which one it saw."""

    proposal_id: str
    fingerprint: str
    document: str
    authored_by: str
    submitted_by: str
    submitted_at: dt.datetime
    approved_by: str | None
    state: VersionState
    moves: int


@dataclass(frozen=True, slots=True)
class ProposalEvent:
    """What somebody does to a proposal as they saw it."""

    target: VersionState
    by: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step that a proposal has taken."""

    number: int
    source: VersionState
    target: VersionState
    taken_at: dt.datetime
    taken_by: str
    reason: str | None
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Revision:
    """A rule version in one proposal: which revision, and where it stands."""

    policy: str
    version: int
    revision: int
    fingerprint: str
    state: VersionState
    proposal_id: str


def submit(tx: Writing, submission: Submission, *, by: str) -> Proposal:
    """Keep a plan to the letter; it waits for another person from now on.

    Fails: RefusedError where a policy has a proposal that waits already, where the same plan was published, or where
           one of its versions was.
    """
    count = tx.connection.scalar(sa.select(sa.func.count()).where(_PROPOSAL.c.fingerprint == submission.fingerprint))
    key = derive_id("p", submission.fingerprint, str(count))
    said = {"authored_by": submission.authored_by, "fingerprint": submission.fingerprint}
    record(tx, "proposal.submitted", by=by, about=key, said=said | {"policies": submission.policies})
    _refuse_pending(tx, submission)
    before = _revisions(tx, submission)
    returned = any(each.state is VersionState.RETURNED for each in before.values())
    path = [VersionState.RETURNED] * returned + [VersionState.DRAFT, VersionState.SUBMITTED]
    row = {
        "proposal_id": key,
        "fingerprint": submission.fingerprint,
        "document": submission.document,
        "authored_by": submission.authored_by,
        "submitted_by": by,
        "submitted_at": tx.now,
        "approved_by": None,
        "state": VersionState.SUBMITTED,
        "moves": len(path) - 1,
    }
    insert_rows(tx, ProposalRow, [row])
    _claim(tx, key, submission.policies)
    numbers = {each: revision.revision + 1 for each, revision in before.items()}
    versions = [
        asdict(each) | {"proposal_id": key, "revision": numbers.get((each.policy, each.version), 1)}
        for each in submission.versions
    ]
    activations = [
        asdict(each) | {"proposal_id": key, "activation_id": derive_id("a", key, str(number))}
        for number, each in enumerate(submission.activations, start=1)
    ]
    insert_rows(tx, ProposedVersionRow, versions)
    insert_rows(tx, ProposedActivationRow, activations)
    for number, (source, target) in enumerate(pairwise(path), start=1):
        _record(tx, key, Step(number, source, target, tx.now, by, None, submission.fingerprint))
    return proposal_with(tx, key)


def _claim(tx: Writing, proposal_id: str, policies: list[str]) -> None:
    """Keep other proposals about the policies out while this one waits.

    Fails: RefusedError where another one came first, just now.
    """
    rows = [{"proposal_id": proposal_id, "policy": each, "is_pending": True} for each in policies]
    try:
        with tx.connection.begin_nested():
            insert_rows(tx, ProposedPolicy, rows)
    except sa.exc.IntegrityError:  # the index on what waits: seen on PostgreSQL, where two may write at once
        raise changed_in_between() from None


def _refuse_pending(tx: Reading, submission: Submission) -> None:
    """Refuse what would be the second proposal about a policy that waits, or a plan that is in force already."""
    for policy in submission.policies:
        waiting = pending_proposal(tx, policy)
        if waiting is not None:
            message = f"a proposal of {waiting.submitted_by} about this policy is `{waiting.state}` already"
            remedy = "have it published, or take it back with `mianshen rules withdraw`"
            raise refused(StoreCode.WRONG_STATE, policy, message, remedy)
    live = sa.select(_PROPOSAL.c.proposal_id).where(
        _PROPOSAL.c.fingerprint == submission.fingerprint, _PROPOSAL.c.state == VersionState.PUBLISHED
    )
    if tx.connection.execute(live).first() is not None:
        remedy = "nothing is left to do; look at `mianshen rules list`"
        raise refused(StoreCode.WRONG_STATE, ", ".join(submission.policies), "this very plan was published", remedy)


def _revisions(rx: Reading, submission: Submission) -> dict[tuple[str, int], Revision]:
    """Return the newest revision of each version that was submitted before.

    Fails: RefusedError where one was published.
    """
    own = {(each.policy, each.version) for each in submission.versions}
    for policy, version in sorted(own & {(each.policy, each.version) for each in published_versions(rx)}):
        remedy = "write the change as a new version; a published version is never edited"
        raise refused(StoreCode.ACTIVATION_CLASH, policy, f"version {version} is published already", remedy)
    return {(each.policy, each.version): each for each in revisions(rx) if (each.policy, each.version) in own}


def apply(tx: Writing, proposal: Proposal, event: ProposalEvent) -> Proposal:
    """Take one step with a proposal as it was read; the only way in which it moves.

    A published proposal puts its versions and activations into force in this very transaction.
    Fails: RefusedError where the table of transitions does not allow the step, where who approves is its author or
           handed it in, or where somebody else moved it in between.
    """
    said = {"fingerprint": proposal.fingerprint, "policies": _policies(tx, proposal)}
    record(
        tx,
        f"proposal.{event.target}",
        by=event.by,
        about=proposal.proposal_id,
        said=said | {"reason": words_digest(event.reason)},
    )
    if event.target not in VERSION_TRANSITIONS[proposal.state]:
        raise _not_allowed(tx, proposal, event.target)
    approved_by = event.by if event.target is VersionState.APPROVED else proposal.approved_by
    if approved_by in {proposal.authored_by, proposal.submitted_by}:
        raise own_approval(_name(tx, proposal), approved_by)
    as_read = (_PROPOSAL.c.proposal_id == proposal.proposal_id, _PROPOSAL.c.moves == proposal.moves)
    change = {"state": event.target, "approved_by": approved_by, "moves": proposal.moves + 1}
    if tx.connection.execute(sa.update(_PROPOSAL).where(*as_read).values(**change)).rowcount != 1:
        raise changed_in_between()
    _record(
        tx,
        proposal.proposal_id,
        Step(proposal.moves + 1, proposal.state, event.target, tx.now, event.by, event.reason, proposal.fingerprint),
    )
    if event.target not in PENDING_VERSION:
        own = sa.update(_POLICY).where(_POLICY.c.proposal_id == proposal.proposal_id)
        tx.connection.execute(own.values(is_pending=False))
    if event.target is VersionState.PUBLISHED:
        _put_into_force(tx, proposal, by=event.by)
    return proposal_with(tx, proposal.proposal_id)


def _not_allowed(rx: Reading, proposal: Proposal, target: VersionState) -> Exception:
    """Return the refusal of a step that the table does not have; one that was taken already says so."""
    if target is proposal.state:
        message, remedy = f"the proposal is `{proposal.state}` already", _NEXT[proposal.state]
    else:
        message = f"the proposal is `{proposal.state}` and may not become `{target}`"
        remedy = "look at `mianshen rules history` again"
    return refused(StoreCode.WRONG_STATE, _name(rx, proposal), message, remedy)


def own_approval(name: str, who: str) -> Exception:
    """Return the refusal of an approval by whoever wrote or submitted what is to be approved."""
    message = f"`{who}` wrote or submitted it, and nobody approves their own work"
    return refused(StoreCode.OWN_APPROVAL, name, message, "have another officer look at the plan and approve it")


def _put_into_force(tx: Writing, proposal: Proposal, *, by: str) -> None:
    for version in proposed_versions(tx, proposal.proposal_id):
        publish_version(
            tx,
            version.text,
            policy=version.policy,
            version=version.version,
            fingerprint=version.fingerprint,
            days=(version.valid_from, version.valid_through),
            by=by,
        )
    for key, each in proposed_activations(tx, proposal.proposal_id):
        made = Activation(each.policy, each.version, each.valid_from, each.valid_through, tx.now, each.clears)
        activate(tx, key, made, by=by)


def _record(tx: Writing, proposal_id: str, step: Step) -> None:
    insert_rows(tx, ProposalStep, [asdict(step) | {"proposal_id": proposal_id}])


def _name(rx: Reading, proposal: Proposal) -> str:
    """Return how a person calls a proposal: by its policies."""
    return ", ".join(_policies(rx, proposal))


def _policies(rx: Reading, proposal: Proposal) -> list[str]:
    chosen = sa.select(_POLICY.c.policy).where(_POLICY.c.proposal_id == proposal.proposal_id).order_by(_POLICY.c.policy)
    return list(rx.connection.execute(chosen).scalars())


def proposal_with(rx: Reading, proposal_id: str) -> Proposal:
    """Return the proposal with an id."""
    (found,) = _proposals(rx, _PROPOSAL.c.proposal_id == proposal_id)
    return found


def live_proposal(rx: Reading, fingerprint: str) -> Proposal | None:
    """Return the proposal of a plan that waits or was published, or None."""
    live = (*PENDING_VERSION, VersionState.PUBLISHED)
    found = _proposals(rx, _PROPOSAL.c.fingerprint == fingerprint, _PROPOSAL.c.state.in_(sorted(live)))
    return next(iter(found), None)


def pending_proposal(rx: Reading, policy: str) -> Proposal | None:
    """Return the one proposal about a policy that waits for somebody, or None."""
    about = sa.select(_POLICY.c.proposal_id).where(_POLICY.c.policy == policy, _POLICY.c.is_pending)
    return next(iter(_proposals(rx, _PROPOSAL.c.proposal_id.in_(about))), None)


def pending_policies(rx: Reading) -> tuple[str, ...]:
    """Return every policy about which a proposal waits for somebody, by code."""
    return tuple(
        rx.connection.execute(
            sa.select(_POLICY.c.policy).where(_POLICY.c.is_pending).order_by(_POLICY.c.policy)
        ).scalars()
    )


def proposals_about(rx: Reading, policy: str) -> tuple[Proposal, ...]:
    """Return every proposal that was ever made about a policy, in order."""
    about = sa.select(_POLICY.c.proposal_id).where(_POLICY.c.policy == policy)
    return _proposals(rx, _PROPOSAL.c.proposal_id.in_(about))


def steps_of(rx: Reading, proposal_id: str) -> tuple[Step, ...]:
    """Return every step of a proposal, in order."""
    chosen = sa.select(*(_STEP.c[each.name] for each in fields(Step))).where(_STEP.c.proposal_id == proposal_id)
    return tuple(Step(*row) for row in rx.connection.execute(chosen.order_by(_STEP.c.number)))


def proposed_versions(rx: Reading, proposal_id: str) -> tuple[ProposedVersion, ...]:
    """Return the rule versions of a proposal, by policy and version."""
    chosen = sa.select(*(_VERSION.c[each.name] for each in fields(ProposedVersion)))
    own = chosen.where(_VERSION.c.proposal_id == proposal_id).order_by(_VERSION.c.policy, _VERSION.c.version)
    return tuple(ProposedVersion(*row) for row in rx.connection.execute(own))


def proposed_activations(rx: Reading, proposal_id: str | None = None) -> tuple[tuple[str, ProposedActivation], ...]:
    """Return the activations of a proposal, or of all, with the id that each has or will have once published."""
    columns = (_ACTIVATION.c.activation_id, *(_ACTIVATION.c[each.name] for each in fields(ProposedActivation)))
    own = sa.select(*columns).order_by(_ACTIVATION.c.policy, _ACTIVATION.c.valid_from, _ACTIVATION.c.activation_id)
    if proposal_id is not None:
        own = own.where(_ACTIVATION.c.proposal_id == proposal_id)
    return tuple((key, ProposedActivation(*values)) for key, *values in rx.connection.execute(own))


def revisions(rx: Reading, policy: str | None = None) -> tuple[Revision, ...]:
    """Return every revision of every rule version that was submitted, in order, with the state of its proposal."""
    joined = _VERSION.join(_PROPOSAL, _VERSION.c.proposal_id == _PROPOSAL.c.proposal_id)
    columns = (
        _VERSION.c.policy,
        _VERSION.c.version,
        _VERSION.c.revision,
        _VERSION.c.fingerprint,
        _PROPOSAL.c.state,
        _VERSION.c.proposal_id,
    )
    chosen = sa.select(*columns).select_from(joined)
    if policy is not None:
        chosen = chosen.where(_VERSION.c.policy == policy)
    ordered = chosen.order_by(_VERSION.c.policy, _VERSION.c.version, _VERSION.c.revision)
    return tuple(Revision(*row) for row in rx.connection.execute(ordered))


def _proposals(rx: Reading, *which: sa.ColumnElement[bool]) -> tuple[Proposal, ...]:
    chosen = sa.select(*(_PROPOSAL.c[each.name] for each in fields(Proposal))).where(*which)
    ordered = chosen.order_by(_PROPOSAL.c.submitted_at, _PROPOSAL.c.proposal_id)
    return tuple(Proposal(*row) for row in rx.connection.execute(ordered))
