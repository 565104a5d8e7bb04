"""What a person does to a grant: found by policy and subject, done only where it may be, and told to the subject.

Commands and pages call this; nights write their own acts (`engine.lanes.night_acts`).
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from core.clock import civil_day
from core.errors import RefusedError
from core.findings import nearest_help
from core.ids import lines_digest
from core.ledger import Act, ActKind, Grant, GrantState, NoticeKind
from core.roles import Role
from delivery.notice_values import policy_values
from delivery.notices import Telling, plan_notices
from engine.codes import RunCode
from engine.deployment import Deployment
from engine.explaining.explain import subject_named
from engine.explaining.state_words import GRANT_WORDS
from engine.lanes.codes import LaneCode
from engine.night import NightPolicy, published_policies
from profiles.identity import LoadRef
from store.audit import record, words_digest
from store.audit_chain import JSON
from store.grants import apply_acts, grant_of, grants_of, leads_to, read_grants
from store.merges import Canon, same_subject
from store.opening import Reading, Writing
from store.vault import StoredVault

SIGNED_BY: Final = "signed_by"  # a field of the vault

MAY_RECORD: Final = (Role.OFFICER, Role.APPROVER)
"""Who may record what a subject says; the subject itself, on its page, needs no role."""

_NEEDS_REASON = frozenset({ActKind.STRIKE, ActKind.WAIVE, ActKind.DISMISS, ActKind.UPHOLD})
_TOLD: Mapping[ActKind, str] = {
    ActKind.CONFIRM: "确认享受",
    ActKind.ANSWER: "答复",
    ActKind.DECLINE: "不申领",
    ActKind.WAIVE: "自愿放弃，自下月起不再发放，可以随时撤回",
    ActKind.REVOKE_WAIVER: "撤回自愿放弃，自本月起恢复",
}
"""What the subject is told of an act done in its name, so that whoever did not want it can say so."""

_WORDS: Mapping[ActKind, str] = {
    ActKind.OFFER: "offered again", ActKind.ASK: "asked again", ActKind.CONFIRM: "confirmed", ActKind.ANSWER: "answered",
    ActKind.DECLINE: "declined", ActKind.CHECK: "confirmed by the department", ActKind.STRIKE: "struck off",
    ActKind.RESTORE: "restored", ActKind.WAIVE: "waived", ActKind.REVOKE_WAIVER: "taken back from a waiver",
    ActKind.PUBLICISE: "put on a public list", ActKind.OBJECT: "objected to", ActKind.DISMISS: "decided",
    ActKind.UPHOLD: "decided", ActKind.CLEAR: "taken off the public list",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody does: who records it, why, on which day, and who stood for the subject where a clerk recorded it.

    `signed_by` is personal: it goes to the vault. A `witness` is an officer.
    """

    kind: ActKind
    by: str
    on: dt.date
    reason: str | None = None
    witness: str | None = None
    is_assisted: bool = False
    signed_by: str | None = None
    through: dt.date | None = None


def grant_named(rx: Reading, deployment: Deployment, policy: str, subject: str, event: str | None = None) -> Grant:
    """Return the grant of a subject under a policy; `subject` may be the grant's own id.

    Fails: RunError where nobody goes by that id or number; RefusedError where they have no such grant, or several.
    """
    found = grant_of(rx, subject)
    if found is not None and found.policy == policy:
        return found
    subject_id, _ = subject_named(rx, deployment, subject)
    grants = read_grants(rx, policy=policy, subjects=same_subject(rx, subject_id))
    canon = Canon.around(rx, grants["event"])
    own = grants.filter(pl.lit(value=True) if event is None else pl.col("event") == event)
    # Of merged subjects the grant under the id that stands is the one that nights go on with.
    ordered = own.with_columns(is_other=pl.col("subject_id") != subject_id).sort("is_other", "grant_id")
    distinct = ordered.with_columns(pl.col("event").replace(dict(canon.ends))).unique(
        "event", keep="first", maintain_order=True
    )
    if distinct.height != 1:
        message = (
            f"they have no grant under `{policy}`"
            if distinct.is_empty()
            else f"they have {distinct.height} grants under `{policy}`"
        )
        remedy = (
            "a night finds who is met; look at `mianshen explain`"
            if distinct.is_empty()
            else f"name one by its id: {', '.join(distinct['grant_id'])}"
        )
        raise RefusedError.one(LaneCode.NO_GRANT, "grants", message, remedy)
    grant = grant_of(rx, distinct["grant_id"][0])
    assert grant is not None
    return grant


def one_with(rx: Reading, grant: Grant) -> list[Grant]:
    """Return the grants that are one with a grant, itself among them: under every id of a merged subject."""
    grants = read_grants(rx, policy=grant.policy, subjects=same_subject(rx, grant.subject_id))
    return grants_of(grants.filter(pl.col("event").is_in(same_subject(rx, grant.event))))


def policy_named(rx: Reading, deployment: Deployment, policy: str) -> NightPolicy:
    """Return a published policy as tonight's night would see it.

    Fails: RefusedError where no policy has that code.
    """
    date = civil_day(rx.now)
    known = {
        each.policy: each for each in published_policies(rx, deployment.catalogue, business_date=date, known_at=rx.now)
    }
    if policy not in known:
        remedy = nearest_help(policy, known, "policy") or "see `mianshen rules list`"
        raise RefusedError.one(RunCode.UNKNOWN_POLICY, "policies", f"no published policy is called `{policy}`", remedy)
    return known[policy]


def act_on(tx: Writing, deployment: Deployment, policy: NightPolicy, grant: Grant, deed: Deed) -> GrantState:
    """Do something to one grant, keep who stood for the subject, and have the subject told; return where it stands.

    Fails: RefusedError where the grant stands where it may not be done, or where a reason is missing.
    """
    return act_on_all(tx, deployment, policy, [grant], deed)[grant.grant_id]


def act_on_all(
    tx: Writing, deployment: Deployment, policy: NightPolicy, grants: Iterable[Grant], deed: Deed
) -> dict[str, GrantState]:
    """Do the same to several grants, as `act_on`; all of them, or none."""
    acted = list(grants)
    if not acted:
        return {}
    said: dict[str, JSON] = {"count": len(acted), "grants": lines_digest(sorted(each.grant_id for each in acted))}
    about = acted[0].grant_id if len(acted) == 1 else policy.policy
    told = {"is_assisted": deed.is_assisted, "reason": words_digest(deed.reason)}
    record(tx, f"grant.{deed.kind}", by=deed.by, about=about, said=said | told)
    check_may(acted, deed)
    acts = [
        Act(
            each.grant_id,
            deed.kind,
            deed.on,
            tx.now,
            deed.by,
            reason=deed.reason,
            witness=deed.witness,
            is_assisted=deed.is_assisted,
            through=deed.through,
        )
        for each in acted
    ]
    after = apply_acts(tx, acts)
    if deed.signed_by:
        _keep_signatures(tx, deployment, acted, deed.signed_by)
    _tell(tx, deployment, policy, acted, deed)
    return after


def check_may(grants: Iterable[Grant], deed: Deed) -> None:
    """Check that something may be done to every one of some grants now, with the reason that it needs.

    Fails: RefusedError.
    """
    if deed.kind in _NEEDS_REASON and not (deed.reason or "").strip():
        message = f"a grant is {_WORDS[deed.kind]} with a reason"
        raise RefusedError.one(LaneCode.NO_REASON, "--reason", message, "say why; it is kept with the act and printed")
    wrong = [each for each in grants if leads_to(deed.kind, each.state) is None]
    if wrong:
        first = wrong[0]
        more = f", and so are {len(wrong) - 1} others" if len(wrong) > 1 else ""
        message = f"it is `{first.state}` ({GRANT_WORDS[first.state]}) and cannot be {_WORDS[deed.kind]}{more}"
        raise RefusedError.one(LaneCode.NOT_NOW, first.policy, message, _instead(deed.kind, first.state))


def _instead(kind: ActKind, state: GrantState) -> str:
    if kind is ActKind.WAIVE and leads_to(ActKind.DECLINE, state) is not None:
        return "before it is paid it is declined: `mianshen grants decline`"
    return {
        GrantState.LAPSED: "offer it again first: `mianshen grants offer`",
        GrantState.DECLINED: "offer it again first: `mianshen grants offer`",
        GrantState.OBJECTED: "decide the objection first: `mianshen publicity decide`",
        GrantState.WITHDRAWN: "a night proposes it again once it is met; what was struck is restored: `mianshen lists restore`",
    }.get(state, "what each state may become: docs/flow.md")


def _keep_signatures(tx: Writing, deployment: Deployment, grants: Iterable[Grant], name: str) -> None:
    """Keep the name of whoever stood for the subject, sealed, under the grant."""
    rows = [(each.grant_id, SIGNED_BY, name.strip()) for each in grants]
    fields = pl.DataFrame(rows, schema=["subject_id", "field", "value"], orient="row")
    entry = signature_of(tx.now)
    StoredVault(tx, deployment.seals).keep("", fields, load=LoadRef(entry, entry), loaded_at=tx.now)


def signature_of(recorded_at: dt.datetime) -> str:
    """Return under what the vault keeps who stood for a subject when an act was recorded; no resource is called so."""
    return f"act:{recorded_at:%Y%m%dT%H%M%S.%f}"


def _tell(tx: Writing, deployment: Deployment, policy: NightPolicy, grants: Iterable[Grant], deed: Deed) -> None:
    words = _TOLD.get(deed.kind)
    if words is None:
        return
    helped = f"（由{deed.by}帮办代办）" if deed.is_assisted else ""
    values = {**policy_values(policy.current.written), "reasons": f"{words}{helped}"}
    # Somebody may waive and take it back on one day: each is told.
    tellings = [
        Telling(
            NoticeKind.RECORDED,
            each.subject_id,
            each.policy,
            f"{deed.kind} {each.grant_id} {tx.now.isoformat()}",
            deed.on,
            values,
        )
        for each in grants
    ]
    plan_notices(tx, deployment.routes, tellings)
