"""The list that a department confirms before money: who was found and waits, signed as it was shown, or struck line by line."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from core.clock import civil_day
from core.errors import RefusedError
from core.ids import lines_digest
from core.ledger import ActKind, Grant, GrantState
from core.remits import WHOLE, Remit
from core.roles import Role
from delivery.identities import Identity
from engine.authority import authorised
from engine.deployment import Deployment
from engine.lanes.acting import MAY_RECORD, Deed, act_on_all, grant_named, policy_named
from engine.lanes.codes import LaneCode
from engine.night import JOB, NightPolicy, published_policies
from rules.before_money import Step, steps_of
from store.grants import grants_of, leads_to, read_grants
from store.opening import Reading
from store.runs import latest_published

_ANSWERED = frozenset({GrantState.CONFIRMED, GrantState.ANSWERED})


@dataclass(frozen=True, slots=True)
class ListLine:
    """One grant on a list; the amount is what the rule gave on the date of the last night, None where it is not known."""

    grant: Grant
    amount_fen: int | None
    who: Identity = field(default_factory=Identity)


@dataclass(frozen=True, slots=True)
class WaitingList:
    """Everyone under a policy who waits for the department, by grant; `fingerprint` is of exactly these lines."""

    policy: NightPolicy
    lines: tuple[ListLine, ...]

    @property
    def title(self) -> str:
        """Return what it is a list of."""
        return self.policy.current.written.title

    @property
    def department(self) -> str:
        """Return who confirms it."""
        return self.policy.terms.checked_by or ""

    @property
    def total_fen(self) -> int:
        """Return what is known of its amounts."""
        return sum(line.amount_fen or 0 for line in self.lines)

    @property
    def fingerprint(self) -> str:
        """Return the digest of who stands on it, with which amounts."""
        return lines_digest(f"{line.grant.grant_id} {line.amount_fen}" for line in self.lines)


def waiting_lists(deployment: Deployment, *, remit: Remit = WHOLE) -> list[WaitingList]:
    """Return the list of every policy of a remit whose department has something to confirm; no identity is opened."""
    with deployment.store.reading() as rx:
        date = civil_day(rx.now)
        policies = published_policies(rx, deployment.catalogue, business_date=date, known_at=rx.now)
        own = [each for each in policies if remit.covers(each.policy) and Step.CHECK in steps_of(each.current.written)]
        lists = [_list_of(rx, deployment, each) for each in own]
    return [each for each in lists if each.lines]


def waiting_list(rx: Reading, deployment: Deployment, policy: str) -> WaitingList:
    """Return the list of one policy; no identity is opened.

    Fails: RefusedError where no policy has that code, or where its rule asks no department.
    """
    named = policy_named(rx, deployment, policy)
    if Step.CHECK not in steps_of(named.current.written):
        message = f"no department confirms the list of `{policy}`: its rule has no `checked_by`"
        remedy = "what it finds is paid without; a version with `terms: {checked_by: …}` asks for it"
        raise RefusedError.one(LaneCode.NOT_ASKED_FOR, policy, message, remedy)
    return _list_of(rx, deployment, named)


def with_identities(deployment: Deployment, found: WaitingList, *, by: str) -> WaitingList:
    """Return the same list with names and numbers, for whoever has to recognise people; the opening is recorded."""
    authorised(deployment, by, MAY_RECORD, found.policy.policy)
    known = deployment.book(by).identities([line.grant.subject_id for line in found.lines], why="list")
    lines = (
        ListLine(line.grant, line.amount_fen, known.get(line.grant.subject_id, Identity())) for line in found.lines
    )
    return WaitingList(found.policy, tuple(lines))


def confirm_list(deployment: Deployment, policy: str, *, by: str, fingerprint: str = "") -> WaitingList:
    """Confirm everyone who waits under a policy, as the list was shown.

    Fails: RefusedError as `waiting_list`, where nobody waits, or where the list has another fingerprint by now.
    """
    authorised(deployment, by, Role.APPROVER, policy)
    with deployment.store.writing() as tx:
        found = waiting_list(tx, deployment, policy)
        if not found.lines:
            message = f"nobody waits on the list of `{policy}`"
            raise RefusedError.one(LaneCode.NOTHING_WAITS, policy, message, "the next night may find somebody")
        if not found.fingerprint.startswith(fingerprint):
            message = f"the list is another by now than the one with the fingerprint `{fingerprint}`"
            raise RefusedError.one(LaneCode.LIST_MOVED, policy, message, "look at it again: `mianshen lists show`")
        deed = Deed(ActKind.CHECK, by, civil_day(tx.now))
        act_on_all(tx, deployment, found.policy, [line.grant for line in found.lines], deed)
    return found


def strike(deployment: Deployment, policy: str, subject: str, *, by: str, reason: str) -> Grant:
    """Take one line off the list, with a reason; nothing is paid until the department puts it back.

    Fails: RefusedError as `engine.lanes.acting.grant_named` and `act_on`.
    """
    return _one(deployment, policy, subject, ActKind.STRIKE, by=by, reason=reason)


def restore(deployment: Deployment, policy: str, subject: str, *, by: str, reason: str | None = None) -> Grant:
    """Put back what was struck: the next night proposes it again where it is met."""
    return _one(deployment, policy, subject, ActKind.RESTORE, by=by, reason=reason)


def _one(deployment: Deployment, policy: str, subject: str, kind: ActKind, *, by: str, reason: str | None) -> Grant:
    authorised(deployment, by, MAY_RECORD, policy)
    with deployment.store.writing() as tx:
        named = policy_named(tx, deployment, policy)
        grant = grant_named(tx, deployment, policy, subject)
        act_on_all(tx, deployment, named, [grant], Deed(kind, by, civil_day(tx.now), reason=reason))
    return grant


def _list_of(rx: Reading, deployment: Deployment, policy: NightPolicy) -> WaitingList:
    needs_answer = Step.ANSWER in steps_of(policy.current.written)
    states = [
        state.value
        for state in GrantState
        if leads_to(ActKind.CHECK, state) is GrantState.CHECKED and (state in _ANSWERED or not needs_answer)
    ]
    waiting = read_grants(rx, policy=policy.policy).filter(pl.col("state").is_in(states))
    amounts = amounts_on_date(rx, deployment, policy.policy) if not waiting.is_empty() else {}
    lines = (ListLine(each, amounts.get(each.event or each.subject_id)) for each in grants_of(waiting))
    return WaitingList(policy, tuple(lines))


def amounts_on_date(rx: Reading, deployment: Deployment, policy: str) -> Mapping[str, int | None]:
    """Return what each subject or event that is met was worth on the date of the last night, by its id."""
    latest = latest_published(rx, JOB)
    path = (
        None
        if latest is None or latest.folder is None
        else deployment.workspace.runs / latest.folder / "outcomes.parquet"
    )
    if path is None or not path.exists():
        return {}
    own = pl.scan_parquet(path).filter((pl.col("policy") == policy) & (pl.col("outcome") == "met"))
    return dict(own.select("subject_id", "amount_fen").collect().iter_rows())
