"""Stopping what stands, at once and by one person; and letting it go on, by another.

A suspension holds and does not end: `engine.suspension` says what nights make of it. It names the activations of a policy,
one of its versions, or one activation by its id.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import RefusedError, RuleError
from core.findings import nearest_help
from core.ledger import ItemState
from core.roles import Role
from engine.authority import authorised
from engine.compute import Progress, compute
from engine.deployment import Deployment
from engine.lifecycle.codes import LifecycleCode
from engine.night import gather
from engine.report import PolicyTally
from rules.codes import RuleCode
from store.activation_steps import ActivationEvent, ActivationRecord, apply_step, read_activations, stepped
from store.batches import read_batches
from store.opening import Reading
from store.positions import read_items
from store.states.paying import BatchState
from store.states.rules import ActivationState

_MAY_STOP = (Role.OFFICER, Role.APPROVER, Role.SUPERVISOR, Role.OPERATOR)  # whoever sees it stops it; one lets it go on
_A_MOMENT = dt.timedelta(microseconds=1)  # a step is known right after its own instant


@dataclass(frozen=True, slots=True)
class Choice:
    """Which activations are meant: all of a policy, those of one version, or the one with an id."""

    name: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the ledger holds of a policy that has not gone out. Units: fen."""

    item_count: int
    amount_fen: int
    batch_count: int
    batch_fen: int


@dataclass(frozen=True, slots=True)
class Moved:
    """The activations of one policy that somebody suspended or resumed, as they stand now, and what waits."""

    policy: str
    activations: tuple[ActivationRecord, ...]
    waiting: Waiting


def suspend(
    deployment: Deployment, choice: Choice, *, by: str, reason: str, since: dt.date | None, is_dry_run: bool = False
) -> Moved:
    """Stop what follows from activations from this moment on, about all their days or those from one on.

    Fails: RuleError where nothing goes by that name; RefusedError where no reason is given, or all of it is suspended.
    """
    said = said_reason(reason)
    with deployment.store.reading() as rx:
        own = _chosen(rx, choice)
    if not is_dry_run:
        authorised(deployment, by, _MAY_STOP, own[0].activation.policy)
    running = [each for each in own if each.suspension is None and _reaches(each, since)]
    if not running:
        what = "is suspended already" if any(each.suspension for each in own) else f"has no day from {since} on"
        help_line = "look at `mianshen rules history`; another officer may `mianshen rules resume` it"
        raise RefusedError.one(LifecycleCode.NOTHING_TO_MOVE, choice.name, f"everything of it {what}", help_line)
    events = [
        ActivationEvent(
            ActivationState.SUSPENDED,
            by,
            said,
            suspended_from=max(each.activation.valid_from, since or each.activation.valid_from),
        )
        for each in running
    ]
    return _moved(deployment, running, events, is_dry_run=is_dry_run)


def resume(deployment: Deployment, choice: Choice, *, by: str, reason: str) -> Moved:
    """Let suspended activations go on from where they stood; the next night finds what was held back.

    Fails: RuleError where nothing goes by that name; RefusedError where no reason is given, where nothing of it is
           suspended, or where who suspended any of it would let it go on.
    """
    said = said_reason(reason)
    with deployment.store.reading() as rx:
        stopped = _stopped(rx, choice)
    authorised(deployment, by, Role.APPROVER, stopped[0].activation.policy)
    return _moved(deployment, stopped, [_resumption(each, by, said) for each in stopped])


def preview(deployment: Deployment, choice: Choice, day: dt.date, *, by: str, progress: Progress) -> PolicyTally:
    """Return what the next night would come to if activations were resumed now; nothing is written.

    Fails: as `resume`, but for the reason.
    """
    known_at = deployment.clock.now()
    with deployment.store.reading() as rx:
        stopped = _stopped(rx, choice)
        resumed = {key.activation_id: stepped(key, _resumption(key, by, None), known_at - _A_MOMENT) for key in stopped}
        records = [resumed.get(each.activation_id, each) for each in read_activations(rx, known_at=known_at)]
        night = gather(
            rx,
            deployment.workspace.root,
            deployment.catalogue,
            business_date=day,
            known_at=known_at,
            as_if=records,
            calendar=deployment.calendar,
        )
        computed = compute(rx, replace(night, shadow_policies=()), progress)
    return next(each for each in computed.tallies if each.policy == stopped[0].activation.policy)


def _resumption(record: ActivationRecord, by: str, reason: str | None) -> ActivationEvent:
    assert record.suspension is not None
    return ActivationEvent(record.suspension.source, by, reason)


def _stopped(rx: Reading, choice: Choice) -> list[ActivationRecord]:
    """Return the suspended activations that a choice names.

    Fails: RuleError where nothing goes by that name; RefusedError where nothing of it is suspended.
    """
    stopped = [each for each in _chosen(rx, choice) if each.suspension]
    if not stopped:
        help_line = "look at `mianshen rules history`"
        raise RefusedError.one(LifecycleCode.NOTHING_TO_MOVE, choice.name, "nothing of it is suspended", help_line)
    return stopped


def said_reason(reason: str) -> str:
    """Return a reason without blanks around it.

    Fails: RefusedError where there is none.
    """
    if not reason.strip():
        help_line = "say why, for whoever comes after you: `--reason TEXT`"
        raise RefusedError.one(LifecycleCode.NO_REASON, "--reason", "no reason is given", help_line)
    return reason.strip()


def _reaches(record: ActivationRecord, since: dt.date | None) -> bool:
    return since is None or since in record.activation.days or since < record.activation.valid_from


def _chosen(rx: Reading, choice: Choice) -> list[ActivationRecord]:
    """Return the activations that a choice names, in the order in which they were made.

    Fails: RuleError where there is none.
    """
    every = read_activations(rx)
    own = [each for each in every if choice.name in {each.activation.policy, each.activation_id}]
    if not own:
        names = {each.activation.policy for each in every} | {each.activation_id for each in every}
        message = f"no published policy and no activation is called `{choice.name}`"
        help_line = nearest_help(choice.name, names, "policy or activation") or "see `mianshen rules list`"
        raise RuleError.one(RuleCode.UNKNOWN_POLICY, "policies", message, help_line)
    chosen = [each for each in own if choice.version in {None, each.activation.version}]
    if not chosen:
        known = ", ".join(sorted({str(each.activation.version) for each in own if each.activation.version}))
        message = f"version {choice.version} was never activated"
        raise RuleError.one(RuleCode.UNKNOWN_VERSION, choice.name, message, f"activated: {known or 'a repeal alone'}")
    return chosen


def _moved(
    deployment: Deployment,
    records: Sequence[ActivationRecord],
    events: Sequence[ActivationEvent],
    *,
    is_dry_run: bool = False,
) -> Moved:
    """Take the steps in one transaction; in a dry run say what they would lead to."""
    policy = records[0].activation.policy
    if is_dry_run:
        with deployment.store.reading() as rx:
            ahead = [stepped(record, event, rx.now) for record, event in zip(records, events, strict=True)]
            return Moved(policy, tuple(ahead), _waiting(rx, policy))
    with deployment.store.writing() as tx:
        steps = tuple(apply_step(tx, record, event) for record, event in zip(records, events, strict=True))
        return Moved(policy, steps, _waiting(tx, policy))


def _waiting(rx: Reading, policy: str) -> Waiting:
    states = [ItemState.OPEN, ItemState.ON_HOLD, ItemState.IN_BATCH, ItemState.RETURNED]
    items = read_items(rx, states=states, policy=policy)
    batches = [
        each for each in read_batches(rx, states=[BatchState.FROZEN, BatchState.APPROVED]) if each.policy == policy
    ]
    return Waiting(items.height, int(items["amount_fen"].sum()), len(batches), sum(each.total_fen for each in batches))
