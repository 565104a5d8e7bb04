"""What a subject raises through a portal: a fact, an outcome or a claim that is wrong; where each stands, and its answer."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Annotated, Literal, Self

from fastapi import Response
from pydantic import Field

from core.clock import civil_day
from engine.deployment import Deployment
from engine.explaining.checkup import PolicyCheckup
from engine.explaining.explain import viewpoint_on
from engine.grievances.handling import Words as By
from engine.grievances.handling import gone_on_with, reappeal_own, withdraw_own
from engine.grievances.intake import Intake, grievance_id_at, receive
from engine.grievances.raising import about_claim, about_policy, disputed, going_on
from engine.grievances.views import MAY, GrievanceLine, own_grievances, own_lines
from engine.grievances.words import KIND_WORDS, OUTCOME_WORDS, STATE_WORDS
from pages.api.calls import Call, Calling, Named, not_there
from pages.api.forms import ClaimId, ObjectionId, PolicyCode, Said, Subject, Text, Words
from pages.api.matches import checkup_of
from pages.api.once import Write, once
from pages.api.routes import Endpoint, read, write
from store.cases import read_cases
from store.grievances import GrievanceStepTaken
from store.merges import same_subject
from store.opening import Reading
from store.states.entry import PortalScope
from store.states.grievances import GrievanceKind, GrievanceOutcome, GrievanceState


class Dispute(Subject):
    """Which fact is wrong, by its code in a match, and what it should be."""

    fact: Annotated[Words, Field(min_length=1, max_length=100)]
    should: Annotated[Words, Field(min_length=1, max_length=100)]
    said: Annotated[Text, Field(max_length=500)] = ""
    contact: Annotated[Words, Field(max_length=100)] = ""


class Appeal(Subject):
    """What is wrong with an outcome or an amount."""

    said: Annotated[Text, Field(min_length=1, max_length=2000)]
    contact: Annotated[Words, Field(max_length=100)] = ""


class Saying(Subject):
    """Why."""

    said: Annotated[Text, Field(min_length=1, max_length=2000)]


class Answer(Said):
    """When it was decided, or not taken up, why, and by which law: as its letter says."""

    on: dt.date
    reason: str | None
    basis: str | None

    @classmethod
    def of(cls, step: GrievanceStepTaken) -> Self:
        """Return the step that decided."""
        return cls(on=step.taken_on, reason=step.reason, basis=step.basis)


class Objection(Said):
    """Something that a subject raised, where it stands, and its answer.

    `answer_by` is null while it waits for the subject, and once it is decided; `asked` is what the subject is asked for. `earlier` is the
    objection that this one goes on with. What was said stays sealed.
    """

    objection: str
    kind: GrievanceKind
    kind_words: str
    policy: str | None
    title: str
    claim: str | None
    earlier: str | None
    received_on: dt.date
    answer_by: dt.date | None
    state: GrievanceState
    state_words: str
    asked: str | None
    outcome: GrievanceOutcome | None
    outcome_words: str | None
    answer: Answer | None
    deeds: list[Literal["withdraw", "again"]]

    @classmethod
    def of(cls, line: GrievanceLine) -> Self:
        """Return one as its subject sees it."""
        it = line.grievance
        return cls(
            objection=it.grievance_id,
            kind=it.kind,
            kind_words=KIND_WORDS[it.kind],
            policy=it.policy,
            title=line.title,
            claim=it.case_id,
            earlier=it.earlier_id,
            received_on=it.received_on,
            answer_by=line.deadline.through,
            state=it.state,
            state_words=STATE_WORDS[it.state],
            asked=line.asked and line.asked.reason,
            outcome=it.outcome,
            outcome_words=it.outcome and OUTCOME_WORDS[it.outcome],
            answer=line.answer and Answer.of(line.answer),
            deeds=[name for name in ("withdraw", "again") if it.state in MAY[name]],
        )


class Objections(Said):
    """Everything that a subject raised, newest first."""

    objections: list[Objection]


def endpoints() -> Sequence[Endpoint]:
    """Return the endpoints."""
    place, scope = "/v1/subject/objections", PortalScope.OBJECT
    policy, own = "/v1/subject/policies/{policy}", place + "/{objection}"
    return [
        read(place, objections, Objections, scope, "异议与更正 · what was raised, where it stands, and its answer"),
        write(policy + "/dispute", dispute, Objection, scope, "请求更正数据 · a fact is wrong"),
        write(policy + "/appeal", appeal, Objection, scope, "提出异议 · the outcome or the amount is wrong"),
        write("/v1/subject/claims/{claim}/object", object_to, Objection, scope, "对追回有异议 · nothing was overpaid"),
        write(own + "/withdraw", withdraw, Objection, scope, "撤回异议 · take it back"),
        write(own + "/again", go_on, Objection, scope, "再次提出 · go on with it before another person"),
    ]


def objections(call: Calling, asked: Subject) -> Objections:
    """Say what a subject raised, wherever it did: where each stands, by when it is answered, and the answer."""
    subject = call.subject(asked.number)
    lines = own_grievances(call.deployment, subject.subject_id)
    return Objections(objections=[Objection.of(each) for each in lines])


def dispute(call: Calling, policy: PolicyCode, asked: Dispute) -> Response:
    """Say that a fact is wrong: whoever decides on it sends it to the department that tells it."""
    subject = call.subject(asked.number)
    found = _policy(call, subject, policy)
    fact = next((each for each in found.facts if each.code == asked.fact), None)
    if fact is None:
        raise not_there()
    said = disputed(fact, asked.should, asked.said)
    return _received(call, subject, about_policy(subject.subject_id, policy, said, _today(call), contact=asked.contact))


def appeal(call: Calling, policy: PolicyCode, asked: Appeal) -> Response:
    """Say that the outcome or the amount is wrong."""
    subject = call.subject(asked.number)
    _policy(call, subject, policy)
    intake = about_policy(subject.subject_id, policy, asked.said, _today(call), contact=asked.contact)
    return _received(call, subject, intake)


def object_to(call: Calling, claim: ClaimId, asked: Saying) -> Response:
    """Say that nothing was overpaid; until another officer decides, nothing is taken back."""
    subject = call.subject(asked.number)
    with call.deployment.store.reading() as rx:
        own = read_cases(rx, subjects=same_subject(rx, subject.subject_id))["case_id"]
    if claim not in own:
        raise not_there()
    return _received(call, subject, about_claim(claim, asked.said, _today(call)))


def withdraw(call: Calling, objection: ObjectionId, asked: Subject) -> Response:
    """Take back what was raised; it may be raised again."""
    subject = _owner(call, objection, asked)
    return _done(call, subject, lambda to: withdraw_own(to, objection, By(call.by)), lambda _: objection)


def go_on(call: Calling, objection: ObjectionId, asked: Saying) -> Response:
    """Go on with what was decided, or not taken up, before another person: an objection of its own."""
    subject, intake = _owner(call, objection, asked), going_on(asked.said, _today(call))
    return _done(
        call,
        subject,
        lambda to: reappeal_own(to, objection, intake, by=call.by),
        lambda _: gone_on_with(objection),
    )


def _received(call: Call, subject: Named, intake: Intake) -> Response:
    """Keep what is raised, once."""
    return _done(
        call,
        subject,
        lambda to: receive(to, intake, by=call.by),
        lambda now: grievance_id_at(intake, now),
    )


def _done(
    call: Call, subject: Named, do: Callable[[Deployment], object], named: Callable[[dt.datetime], str]
) -> Response:
    """Do something about an objection, once, and say where it stands then, as that transaction sees it."""

    def said(rx: Reading) -> Objection:
        lines = own_lines(rx, call.deployment, subject.subject_id)
        return Objection.of(next(each for each in lines if each.grievance.grievance_id == named(rx.now)))

    return once(call, Write(do, said))


def _policy(call: Call, subject: Named, policy: str) -> PolicyCheckup:
    """Return a policy as it stands for a subject.

    Fails: Problem where it is none for its kind.
    """
    with call.deployment.store.reading() as rx:
        found = checkup_of(rx, subject, viewpoint_on(rx, call.deployment, None)).policy(policy)
    if found is None:
        raise not_there()
    return found


def _owner(call: Call, objection: str, asked: Subject) -> Named:
    """Return the subject, whose own the objection is.

    Fails: Problem where it is not.
    """
    subject = call.subject(asked.number)
    own = own_grievances(call.deployment, subject.subject_id)
    if objection not in {each.grievance.grievance_id for each in own}:
        raise not_there()
    return subject


def _today(call: Call) -> dt.date:
    return civil_day(call.deployment.clock.now())
