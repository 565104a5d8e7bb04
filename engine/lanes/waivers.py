"""The waiver register (自愿放弃登记): who gave up what, when, why, before whom; each waiver can be taken back.

A waiver is an act on a grant: what it does to dues stands in `engine.acts`.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from core.clock import civil_day
from core.errors import RefusedError
from core.ledger import Act, ActKind, Grant
from core.remits import WHOLE, Remit
from core.roles import Role
from delivery.identities import Identity
from engine.authority import authorised
from engine.deployment import Deployment
from engine.lanes.acting import MAY_RECORD, SIGNED_BY, Deed, act_on, grant_named, one_with, policy_named, signature_of
from engine.lanes.codes import LaneCode
from store.grants import grants_of, read_acts, read_grants
from store.merges import Canon
from store.opening import Reading
from store.vault_openings import open_personal


@dataclass(frozen=True, slots=True)
class Waiver:
    """One line of the register: the act of giving up, and the one that took it back, if there is one.

    `signed_by` is who stood for the subject; empty: the subject itself. Identities are there once they were opened.
    """

    grant: Grant
    given: Act
    revoked: Act | None = None
    who: Identity = field(default_factory=Identity)
    signed_by: str = field(default="", repr=False)

    @property
    def stands(self) -> bool:
        """Say whether it has not been taken back."""
        return self.revoked is None


@dataclass(frozen=True, slots=True)
class Waiving:
    """What somebody hands in: why, before whom, on which day, and who came for the subject."""

    by: str
    reason: str | None = None
    witness: str | None = None
    signed_by: str | None = None
    on: dt.date | None = None  # today
    is_assisted: bool = True


def waive(deployment: Deployment, policy: str, subject: str, how: Waiving) -> Grant:
    """Record that a subject gives a benefit up, from the next month on.

    Fails: RefusedError as `engine.lanes.acting.act_on`, where it is waived already, or on a day that has not come.
    """
    return _recorded(deployment, policy, subject, ActKind.WAIVE, how)


def revoke(deployment: Deployment, policy: str, subject: str, how: Waiving) -> Grant:
    """Record that a subject takes its waiver back: the month of that day is due again.

    Fails: as `waive`; and where nothing is waived.
    """
    return _recorded(deployment, policy, subject, ActKind.REVOKE_WAIVER, how)


def _recorded(deployment: Deployment, policy: str, subject: str, kind: ActKind, how: Waiving) -> Grant:
    if how.is_assisted:
        authorised(deployment, how.by, MAY_RECORD, policy)
    with deployment.store.writing() as tx:
        named = policy_named(tx, deployment, policy)
        grant = grant_named(tx, deployment, policy, subject)
        today = civil_day(tx.now)
        on = how.on or today
        _refuse_ahead(on, today)
        standing = [each for each in _waivers(tx, one_with(tx, grant)) if each.stands]
        if kind is ActKind.WAIVE and standing:
            message = f"it is waived since {standing[-1].given.acted_on} already"
            raise RefusedError.one(LaneCode.NOT_NOW, policy, message, "look at `mianshen waivers list`")
        if kind is ActKind.REVOKE_WAIVER and not standing:
            message = "nothing is waived that could be taken back"
            raise RefusedError.one(LaneCode.NOT_NOW, policy, message, "look at `mianshen waivers list`")
        if kind is ActKind.REVOKE_WAIVER and on < standing[-1].given.acted_on:
            message = f"it was waived on {standing[-1].given.acted_on}, after {on}"
            raise RefusedError.one(LaneCode.BAD_DAY, "--on", message, "name the day on which it was taken back")
        deed = Deed(
            kind, how.by, on, how.reason, witness=how.witness, is_assisted=how.is_assisted, signed_by=how.signed_by
        )  # fmt: skip
        act_on(tx, deployment, named, grant, deed)
    return grant


def _refuse_ahead(on: dt.date, today: dt.date) -> None:
    if on > today:
        message = f"{on} has not come"
        raise RefusedError.one(LaneCode.BAD_DAY, "--on", message, "an act is recorded on its day, or later")


def register(rx: Reading, *, policy: str | None = None, remit: Remit = WHOLE) -> list[Waiver]:
    """Return every waiver there ever was in a remit, oldest first; no identity is opened."""
    acts = [act for act in read_acts(rx) if act.kind in {ActKind.WAIVE, ActKind.REVOKE_WAIVER}]
    acted = {act.grant_id for act in acts}
    grants = [
        each
        for each in (grants_of(read_grants(rx, policy=policy)) if acts else ())
        if each.grant_id in acted and remit.covers(each.policy)
    ]
    return sorted(
        _waivers(rx, grants), key=lambda each: (each.given.acted_on, each.given.recorded_at, each.grant.grant_id)
    )


def _waivers(rx: Reading, grants: Sequence[Grant]) -> list[Waiver]:
    """Return what was waived, and which of it was taken back: perhaps under the other id of a subject that was merged."""
    canon = Canon.read(rx)
    by_id = {each.grant_id: each for each in grants}
    found: dict[tuple[str, str, str], list[Waiver]] = {}
    for act in sorted(read_acts(rx, grants=sorted(by_id)), key=lambda act: act.recorded_at):
        grant = by_id[act.grant_id]
        own = found.setdefault((grant.policy, canon.of(grant.subject_id), canon.of(grant.event)), [])
        if act.kind is ActKind.WAIVE and not (own and own[-1].stands):
            own.append(Waiver(by_id[act.grant_id], act))
        elif act.kind is ActKind.REVOKE_WAIVER and own and own[-1].stands:
            own[-1] = replace(own[-1], revoked=act)
    return [waiver for own in found.values() for waiver in own]


def with_identities(deployment: Deployment, waivers: Iterable[Waiver], *, by: str) -> list[Waiver]:
    """Return the same lines with names and numbers, for the printed register; the opening is recorded."""
    lines = list(waivers)
    authorised(deployment, by, (*MAY_RECORD, Role.SUPERVISOR, Role.AUDITOR), {each.grant.policy for each in lines})
    known = deployment.book(by).identities([each.grant.subject_id for each in lines], why="waiver register")
    with deployment.store.writing() as tx:
        ids = sorted({each.grant.grant_id for each in lines})
        opened = open_personal(tx, deployment.seals, ids, [SIGNED_BY], by=by, why="waiver register") if ids else None
    signed = {} if opened is None else {(key, entry): name for key, _, entry, name in opened.iter_rows()}
    return [
        replace(
            each,
            who=known.get(each.grant.subject_id, Identity()),
            signed_by=signed.get((each.grant.grant_id, signature_of(each.given.recorded_at)), ""),
        )
        for each in lines
    ]
