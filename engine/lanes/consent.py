"""What a subject answers to an offer: yes, with the account to pay to, or no; and the offer made once more on request.

Pages call this for the subject itself, commands for a clerk who records it for a person (帮办代办).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import polars as pl

from core.clock import civil_day
from core.days import add_days
from core.errors import RefusedError
from core.ids import derive_id
from core.ledger import Act, ActKind, Grant, GrantState, NoticeKind
from delivery.benefit_words import confirmation_words
from delivery.notice_values import policy_values
from delivery.notices import Telling, plan_notices
from delivery.payees import account_digests, account_number, one_line
from delivery.period_words import day_words
from delivery.receiving import CONFIRMED, HOLDER
from delivery.vault_books import payee_keys
from engine.authority import authorised
from engine.deployment import Deployment
from engine.lanes.acting import MAY_RECORD, Deed, act_on, check_may, grant_named, one_with, policy_named
from engine.lanes.codes import LaneCode
from engine.night import NightPolicy
from profiles.catalogue import Role
from profiles.identity import LoadRef
from rules.before_money import Step, steps_of
from rules.version import Lane
from store.closed_accounts import mark_right
from store.grants import read_acts
from store.opening import Reading, Writing
from store.vault import StoredVault

_ACCOUNT: Final = re.compile(r"[0-9]{8,32}")
_AGAIN = frozenset({GrantState.DECLINED, GrantState.LAPSED})


@dataclass(frozen=True, slots=True)
class GivenAccount:
    """The account that a subject names; `holder` where it is not in the subject's own name as departments know it."""

    number: str = field(repr=False)
    bank: str = field(default="", repr=False)
    holder: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Answering:
    """Who records an answer: the subject itself, or a clerk for it, in whose presence somebody signed."""

    by: str
    is_assisted: bool = True
    signed_by: str | None = None
    reason: str | None = None


def confirm(
    deployment: Deployment, policy: str, subject: str, how: Answering, account: GivenAccount | None = None
) -> Grant:
    """Record a subject's yes; with an account, it is sealed and paid to from now on, frozen lines aside.

    Fails: RefusedError where the rule asks nobody, where the grant stands where no answer is waited for, or where an
           account is missing or is none.
    """
    cleaned = None if account is None else _cleaned(account)
    _check_authority(deployment, policy, how)
    with deployment.store.writing() as tx:
        named = _asking(tx, deployment, policy)
        grant = grant_named(tx, deployment, policy, subject)
        deed = Deed(
            ActKind.CONFIRM,
            how.by,
            civil_day(tx.now),
            how.reason,
            is_assisted=how.is_assisted,
            signed_by=how.signed_by,
        )
        check_may([grant], deed)
        confirmation = named.terms.confirmation
        needs_account = confirmation is not None and confirmation.needs_account
        if needs_account and cleaned is None and not _has_confirmed(tx, grant):
            message = "the rule has the subject name the account to pay to, and none was given"
            raise RefusedError.one(LaneCode.ACCOUNT, "--account", message, "confirm with `--account`")
        act_on(tx, deployment, named, grant, deed)
        if cleaned is not None:
            _keep_account(tx, deployment, grant, cleaned)
    return grant


def decline(deployment: Deployment, policy: str, subject: str, how: Answering) -> Grant:
    """Record a subject's no, before anything was paid; it may be offered again when the subject asks.

    Fails: RefusedError as `engine.lanes.acting.act_on`.
    """
    _check_authority(deployment, policy, how)
    with deployment.store.writing() as tx:
        named = policy_named(tx, deployment, policy)
        grant = grant_named(tx, deployment, policy, subject)
        deed = Deed(
            ActKind.DECLINE, how.by, civil_day(tx.now), how.reason, is_assisted=how.is_assisted, signed_by=how.signed_by
        )  # fmt: skip
        act_on(tx, deployment, named, grant, deed)
    return grant


def offer_again(deployment: Deployment, policy: str, subject: str, how: Answering) -> Act:
    """Offer, or ask, once more what was declined or has lapsed, because the subject asks; return the act with its last day.

    Fails: RefusedError where the rule asks nobody, or where it neither lapsed nor was declined.
    """
    _check_authority(deployment, policy, how)
    with deployment.store.writing() as tx:
        named = _asking(tx, deployment, policy)
        grant = grant_named(tx, deployment, policy, subject)
        if grant.state not in _AGAIN:
            message = f"it is `{grant.state}`: only what was declined, or has lapsed, is offered again"
            raise RefusedError.one(LaneCode.NOT_NOW, policy, message, "look at `mianshen grants show`")
        on, confirmation = civil_day(tx.now), named.terms.confirmation
        days = None if confirmation is None else confirmation.working_days
        through = None if days is None else deployment.calendar.nth(add_days(on, 1), days)
        kind = ActKind.ASK if named.current.written.lane is Lane.GUIDED else ActKind.OFFER
        deed = Deed(
            kind, how.by, on, how.reason, is_assisted=how.is_assisted, signed_by=how.signed_by, through=through
        )  # fmt: skip
        act_on(tx, deployment, named, grant, deed)
        _tell_offer(tx, deployment, named, grant, deed)
        return read_acts(tx, grants=[grant.grant_id])[-1]


def _check_authority(deployment: Deployment, policy: str, how: Answering) -> None:
    """Check that a clerk may record answers; the subject itself needs no role."""
    if how.is_assisted:
        authorised(deployment, how.by, MAY_RECORD, policy)


def _asking(rx: Reading, deployment: Deployment, policy: str) -> NightPolicy:
    named = policy_named(rx, deployment, policy)
    if Step.ANSWER not in steps_of(named.current.written):
        message = f"nobody is asked under `{policy}`: its lane is `{named.current.written.lane}`"
        remedy = "who does not want it waives it: `mianshen waivers add`"
        raise RefusedError.one(LaneCode.NOT_ASKED_FOR, policy, message, remedy)
    return named


def _has_confirmed(rx: Reading, grant: Grant) -> bool:
    own = [each.grant_id for each in one_with(rx, grant)]
    return any(act.kind is ActKind.CONFIRM for act in read_acts(rx, grants=own))


def _cleaned(account: GivenAccount) -> GivenAccount:
    """Return an account as banks take it.

    Fails: RefusedError where it is none; the message does not repeat it.
    """
    number = account_number(account.number)
    if not _ACCOUNT.fullmatch(number):
        message = f"an account has 8 to 32 digits; what was given has {len(number)} signs, or others than digits"
        raise RefusedError.one(LaneCode.ACCOUNT, "--account", message, "read it from the card or the passbook again")
    return GivenAccount(number, one_line(account.bank), one_line(account.holder))


def _keep_account(tx: Writing, deployment: Deployment, grant: Grant, account: GivenAccount) -> None:
    said: Mapping[str, str] = {Role.ACCOUNT: account.number, Role.BANK: account.bank, HOLDER: account.holder}
    rows = [(grant.subject_id, str(name), value) for name, value in said.items()]
    fields = pl.DataFrame(rows, schema=["subject_id", "field", "value"], orient="row")
    entry = LoadRef(derive_id("ac", grant.grant_id, tx.now.isoformat()), CONFIRMED)
    StoredVault(tx, deployment.seals).keep("", fields, load=entry, loaded_at=tx.now)
    mark_right(tx, account_digests([account.number], partial(payee_keys, deployment.seals)))


def _tell_offer(tx: Writing, deployment: Deployment, policy: NightPolicy, grant: Grant, deed: Deed) -> None:
    """Have the subject told what it was offered again, until when."""
    written = policy.current.written
    values = {
        **policy_values(written),
        "confirmed": confirmation_words(written.benefit),
        "reply_by": f"{day_words(deed.through)}前（含当日）" if deed.through else "本事项有效期内",
    }
    event = f"{deed.kind} {grant.grant_id} {tx.now.isoformat()}"
    plan_notices(
        tx, deployment.routes, [Telling(NoticeKind.REMINDED, grant.subject_id, grant.policy, event, deed.on, values)]
    )
