"""What comes in: checked, matched with whom and what it is about, kept once, and holding what it has to hold."""

import datetime as dt
from dataclasses import asdict, dataclass, replace

from core.clock import civil_day
from core.errors import MianshenError, RefusedError
from core.ids import derive_id, text_digest
from engine.deployment import Deployment
from engine.explaining.explain import subject_named
from engine.grievances.codes import GrievanceCode
from engine.grievances.holds import hold_case, hold_grant
from store.activation_steps import read_activations
from store.case_steps import case_of
from store.grants import read_grants
from store.grievances import Grievance, add_grievance, external_grievance
from store.opening import Reading, Writing
from store.sealed_notes import keep_note
from store.states.grievances import GrievanceKind, GrievanceSource

SAID, CONTACT = "said", "contact"
"""What is sealed of a grievance: what was said, and how to reach whoever said it."""

_LONGEST = {"said": 4_000, "contact": 200, "external_id": 40, "subject": 100, "policy": 100}


@dataclass(frozen=True, slots=True)
class Intake:
    """What somebody comes with, as it was written down.

    `subject` is an id or an official number, whom it is about; `external_id` the source's own number.
    """

    kind: GrievanceKind
    source: GrievanceSource
    said: str
    received_on: dt.date
    subject: str | None = None
    policy: str | None = None
    case_id: str | None = None
    external_id: str | None = None
    contact: str | None = None

    @property
    def digest(self) -> str:
        """Return what tells whether the same came in before."""
        return text_digest(*(f"{name}={value}" for name, value in asdict(self).items()))


@dataclass(frozen=True, slots=True)
class Received:
    """A grievance that came in; `is_repeated`: it stood already, and nothing was written."""

    grievance: Grievance
    is_repeated: bool = False


def receive(deployment: Deployment, intake: Intake, *, by: str) -> Received:
    """Keep what came in, once for each number of its source.

    A hotline may name somebody whom no register knows: it is kept, without a subject.
    Fails: RefusedError where nothing is said, or something else stands under the same number; RunError where nobody goes
           by the number that a counter was given.
    """
    with deployment.store.writing() as tx:
        check_intake(intake, civil_day(tx.now))
        if intake.external_id and (known := external_grievance(tx, intake.source, intake.external_id)):
            _refuse_other(known, intake)
            return Received(known, is_repeated=True)
        grievance = _about(tx, deployment, begun(tx, intake, by), intake)
        return Received(keep_new(tx, deployment, grievance, intake))


def keep_new(tx: Writing, deployment: Deployment, grievance: Grievance, intake: Intake) -> Grievance:
    """Keep a grievance with what was said, sealed, and hold what it has to hold."""
    add_grievance(tx, grievance)
    for field, text in ((SAID, intake.said), (CONTACT, _whom(grievance, intake))):
        if text:
            keep_note(
                tx, deployment.seals, about=grievance.grievance_id, field=field, text=text, by=grievance.received_by
            )
    if grievance.case_id is not None:
        hold_case(tx, grievance)
    if grievance.kind is GrievanceKind.REPORT and grievance.grant_id is not None:
        return hold_grant(tx, grievance, by=grievance.received_by)
    return grievance


def _whom(grievance: Grievance, intake: Intake) -> str:
    """Return how to reach whoever said it; a number that nobody goes by stands there too."""
    unknown = intake.subject if grievance.subject_id is None else None
    return "；".join(each.strip() for each in (intake.contact, unknown) if each and each.strip())


def check_intake(intake: Intake, today: dt.date) -> None:
    """Check that something is said, not too much, and of a day that has come.

    Fails: RefusedError.
    """
    if not intake.said.strip():
        help_line = "write what is complained of"
        raise RefusedError.one(GrievanceCode.NOTHING_SAID, "grievance", "nothing is said", help_line)
    for name, most in _LONGEST.items():
        if len(getattr(intake, name) or "") > most:
            message = f"`{name}` has more than {most:,} signs"
            raise RefusedError.one(GrievanceCode.TOO_LONG, "grievance", message, "say it in fewer words")
    if intake.received_on > today:
        message = f"the day {intake.received_on} has not come yet"
        raise RefusedError.one(GrievanceCode.BAD_DAY, "grievance", message, "write the day on which it came in")


def _refuse_other(known: Grievance, intake: Intake) -> None:
    if known.digest != intake.digest:
        message = f"`{intake.external_id}` stands with something else"
        help_line = f"look at `mianshen grievances show {known.grievance_id}`; what is new has a number of its own"
        raise RefusedError.one(GrievanceCode.OTHER_CONTENT, "grievance", message, help_line)


def grievance_id_at(intake: Intake, received_at: dt.datetime) -> str:
    """Return the id of what came in at an instant; by its source's own number where it has one."""
    return derive_id("q", intake.source, intake.external_id or f"{intake.digest} {received_at.isoformat()}")


def begun(tx: Writing, intake: Intake, by: str) -> Grievance:
    """Return a grievance as it comes in, before anybody knows whom and what it is about."""
    return Grievance(
        grievance_id_at(intake, tx.now),
        intake.kind,
        intake.source,
        intake.external_id,
        intake.digest,
        subject_id=None,
        policy=None,
        grant_id=None,
        case_id=None,
        earlier_id=None,
        received_on=intake.received_on,
        received_at=tx.now,
        received_by=by,
    )


def _about(rx: Reading, deployment: Deployment, grievance: Grievance, intake: Intake) -> Grievance:
    """Return it with whom and what it is about."""
    if intake.case_id is not None:
        case = case_of(rx, intake.case_id)
        return replace(
            grievance,
            kind=GrievanceKind.CLAIM,
            case_id=case.case_id,
            subject_id=case.subject_id,
            policy=case.policy,
        )
    if intake.kind is GrievanceKind.CLAIM:
        message = "an objection to a claim is about a case, and none is named"
        raise RefusedError.one(GrievanceCode.UNKNOWN_ABOUT, "grievance", message, "see `mianshen cases list`")
    policy = _policy(rx, intake.policy)
    subject_id = _subject(rx, deployment, intake)
    grants = [] if subject_id is None or policy is None else _grants(rx, policy, subject_id)
    if grievance.kind is GrievanceKind.REPORT and policy is not None and subject_id is not None and not grants:
        message = f"nothing of `{policy}` is granted to whom it is about"
        raise RefusedError.one(GrievanceCode.UNKNOWN_ABOUT, "grievance", message, "name the policy that it is about")
    # Of several events under one policy none is named: what is said of all of them holds none.
    grant_id = grants[0] if len(grants) == 1 else None
    return replace(grievance, subject_id=subject_id, policy=policy, grant_id=grant_id)


def _grants(rx: Reading, policy: str, subject_id: str) -> list[str]:
    return read_grants(rx, policy=policy, subjects=[subject_id])["grant_id"].to_list()


def _policy(rx: Reading, word: str | None) -> str | None:
    if not word:
        return None
    if word not in {each.activation.policy for each in read_activations(rx)}:
        message = f"no published policy is called `{word}`"
        raise RefusedError.one(GrievanceCode.UNKNOWN_ABOUT, "grievance", message, "see `mianshen rules list`")
    return word


def _subject(rx: Reading, deployment: Deployment, intake: Intake) -> str | None:
    if not intake.subject:
        return None
    try:
        return subject_named(rx, deployment, intake.subject)[0]
    except MianshenError:
        if intake.source is GrievanceSource.HOTLINE:
            return None  # who cannot get it done may be in no register: that is what they call about
        raise
