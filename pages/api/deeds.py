"""What is done for a subject about a policy: the very calls that its own page makes, in its own name, by the portal."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import Response
from pydantic import Field

from core.ledger import GrantState
from engine.deployment import Deployment
from engine.explaining.state_words import GRANT_WORDS
from engine.lanes import answers, consent, waivers
from engine.lanes.acting import grant_named
from engine.lanes.consent import Answering, GivenAccount
from engine.lanes.waivers import Waiving
from pages.api.calls import Call, Calling, not_there
from pages.api.forms import Asked, PolicyCode, Said, Subject, Words
from pages.api.once import Write, once
from pages.api.routes import Endpoint, write
from pages.web.own.offered import DONE
from store.grants import grant_of, read_grants
from store.merges import same_subject
from store.opening import Reading
from store.states.entry import PortalScope


class ForGrant(Subject):
    """Which grant: needed only where the subject has several under the policy, one for each of its events."""

    grant: Annotated[Words | None, Field(max_length=40)] = None


class Account(Asked):
    """The account to pay to; `holder` only where it is not in the subject's own name."""

    number: Annotated[Words, Field(pattern=r"^[0-9 ]{8,40}$")]
    bank: Annotated[Words, Field(max_length=60)] = ""
    holder: Annotated[Words, Field(max_length=60)] = ""


class Confirmation(ForGrant):
    """Yes, and where it is paid to; without an account, to the one that departments know or that was named before."""

    account: Account | None = None


class GivingUp(ForGrant):
    """Why it is given up."""

    reason: Annotated[Words, Field(min_length=1, max_length=300)]


class Answer(Subject):
    """The answer to the question that is open, in its words, and since when it is so; left out: today."""

    answer: Annotated[Words, Field(min_length=1, max_length=100)]
    since: dt.date | None = None


class Done(Said):
    """What was done, and where the grant stands now; `grant` is null for an answer, which opens none before tonight."""

    done: str
    policy: str
    grant: str | None
    state: GrantState | None
    state_words: str
    words: str


def endpoints() -> Sequence[Endpoint]:
    """Return the endpoints."""
    place, confirms, waives = "/v1/subject/policies/{policy}", PortalScope.CONFIRM, PortalScope.WAIVE
    return [
        write(place + "/confirm", confirm, Done, confirms, "确认享受 · yes, and the account to pay to"),
        write(place + "/decline", decline, Done, confirms, "不申领 · no, before anything was paid"),
        write(place + "/again", offer_again, Done, confirms, "重新告知 · be offered once more"),
        write(place + "/waive", waive, Done, waives, "自愿放弃 · give it up from next month on"),
        write(place + "/revoke", revoke, Done, waives, "撤回放弃 · take that back"),
        write(place + "/answer", answer, Done, PortalScope.ANSWER, "答复 · answer the one question that is open"),
    ]


def confirm(call: Calling, policy: PolicyCode, asked: Confirmation) -> Response:
    """Say yes to an offer; with an account, that is paid to from now on."""
    named = asked.account
    given = None if named is None else GivenAccount(named.number, named.bank, named.holder)
    return _done(
        call, policy, asked, "confirm", lambda to, grant: consent.confirm(to, policy, grant, _self(call), given)
    )


def decline(call: Calling, policy: PolicyCode, asked: ForGrant) -> Response:
    """Say no; it may be offered again when the subject asks."""
    return _done(call, policy, asked, "decline", lambda to, grant: consent.decline(to, policy, grant, _self(call)))


def offer_again(call: Calling, policy: PolicyCode, asked: ForGrant) -> Response:
    """Ask for what was declined, or has lapsed, once more."""
    return _done(call, policy, asked, "again", lambda to, grant: consent.offer_again(to, policy, grant, _self(call)))


def waive(call: Calling, policy: PolicyCode, asked: GivingUp) -> Response:
    """Give a benefit up; it can be taken back at any time."""
    how = Waiving(call.by, asked.reason, is_assisted=False)
    return _done(call, policy, asked, "waive", lambda to, grant: waivers.waive(to, policy, grant, how))


def revoke(call: Calling, policy: PolicyCode, asked: ForGrant) -> Response:
    """Take back that it was given up: this month is due again."""
    how = Waiving(call.by, is_assisted=False)
    return _done(call, policy, asked, "revoke", lambda to, grant: waivers.revoke(to, policy, grant, how))


def answer(call: Calling, policy: PolicyCode, asked: Answer) -> Response:
    """Tell the one fact that is missing; nights read it from then on, and a department that knows better stands above it."""
    subject_id = call.subject(asked.number).subject_id
    given = answers.Given(asked.answer, asked.since)
    said = Done(done="answer", policy=policy, grant=None, state=None, state_words="", words=DONE["answer"])
    return once(call, Write(lambda to: answers.answer(to, policy, subject_id, given, _self(call)), lambda _: said))


def _done(call: Call, policy: str, asked: ForGrant, deed: str, do: Callable[[Deployment, str], object]) -> Response:
    """Do something to a grant of the subject, once, and say where it stands then."""
    grant_id = _grant(call, policy, asked)

    def said(rx: Reading) -> Done:
        grant = grant_of(rx, grant_id)
        assert grant is not None, "a deed takes no grant away"
        return Done(
            done=deed,
            policy=policy,
            grant=grant_id,
            state=grant.state,
            state_words=GRANT_WORDS[grant.state],
            words=DONE[deed],
        )

    return once(call, Write(lambda to: do(to, grant_id), said))


def _grant(call: Call, policy: str, asked: ForGrant) -> str:
    """Return the grant that is meant, which is one of the subject's own under this very policy.

    Fails: Problem where it is not; RefusedError where none is named and there is not exactly one.
    """
    subject_id = call.subject(asked.number).subject_id
    with call.deployment.store.reading() as rx:
        if asked.grant is None:
            return grant_named(rx, call.deployment, policy, subject_id).grant_id
        own = read_grants(rx, policy=policy, subjects=same_subject(rx, subject_id))["grant_id"]
    if asked.grant not in own:
        raise not_there()
    return asked.grant


def _self(call: Call) -> Answering:
    return Answering(call.by, is_assisted=False)
