"""A grievance from hand to hand: taken up or not, looked into, decided by somebody else than before, done, closed."""

from dataclasses import dataclass, replace

from core.clock import civil_day
from core.errors import RefusedError
from core.ids import derive_id
from engine.deployment import Deployment
from engine.grievances.clock import days_for, last_day
from engine.grievances.codes import GrievanceCode
from engine.grievances.holds import release_grant
from engine.grievances.intake import Intake, check_intake, keep_new
from engine.grievances.letters import Letters
from engine.grievances.roles import DECIDES, grievance_work
from engine.grievances.words import OUTCOME_WORDS
from store.audit import record
from store.case_steps import steps_of_case
from store.grievances import (
    Grievance,
    GrievanceDeed,
    GrievanceStepTaken,
    grievance_of,
    move_grievance,
    steps_of_grievances,
)
from store.opening import Reading, Writing
from store.states.cases import CaseAction
from store.states.grievances import GrievanceKind, GrievanceOutcome, GrievanceState

_ABOUT_FACTS = frozenset({GrievanceKind.ENTITLEMENT, GrievanceKind.CLAIM, GrievanceKind.REPORT})
"""Where these are right, some department's data is wrong."""

_DECIDES = frozenset({GrievanceState.DECIDED, GrievanceState.NOT_ACCEPTED})


@dataclass(frozen=True, slots=True)
class Words:
    """Who does something, why, and by which law; `department` has to mend its data."""

    by: str
    reason: str = ""
    basis: str = ""
    department: str = ""


def accept(deployment: Deployment, grievance_id: str, words: Words) -> Grievance:
    """Take it up; whoever complains is told by which day it is decided.

    Fails: RefusedError where it is past that.
    """
    grievance_work(deployment, grievance_id, words.by)
    letters = _letters(deployment, grievance_id)
    with deployment.store.writing() as tx:
        after = _moved(tx, grievance_id, GrievanceState.ACCEPTED, words)
        days = days_for(deployment.workspace.settings.grievances, after.kind)
        through = last_day(deployment.calendar, after.received_on, (), days)
        assert through is not None, "nobody was asked for anything yet"
        letters.accepted(tx, after, through)
    return after


def refuse(deployment: Deployment, grievance_id: str, words: Words) -> Grievance:
    """Do not take it up, with a reason and by which rule; whoever complains is told, and may go on before another person.

    Fails: RefusedError where reason or basis are empty, or who decided before would refuse it.
    """
    _check_said(words, needs_basis=True)
    grievance_work(deployment, grievance_id, words.by, DECIDES)
    letters = _letters(deployment, grievance_id)
    with deployment.store.writing() as tx:
        _refuse_own(tx, grievance_of(tx, grievance_id), words.by)
        after = release_grant(tx, _moved(tx, grievance_id, GrievanceState.NOT_ACCEPTED, words), by=words.by)
        letters.decided(tx, after, decision="不予受理", why=f"{words.reason.strip()}；依据：{words.basis.strip()}")
    return after


def investigate(deployment: Deployment, grievance_id: str, words: Words) -> Grievance:
    """Look into it; after the applicant was asked, their answer has come and the clock goes on."""
    grievance_work(deployment, grievance_id, words.by)
    with deployment.store.writing() as tx:
        return _moved(tx, grievance_id, GrievanceState.INVESTIGATING, words)


def ask(deployment: Deployment, grievance_id: str, words: Words) -> Grievance:
    """Ask the applicant for something; the clock stands still until they answer.

    Fails: RefusedError where nothing is asked.
    """
    _check_said(words)
    grievance_work(deployment, grievance_id, words.by)
    with deployment.store.writing() as tx:
        return _moved(tx, grievance_id, GrievanceState.WAITING, words)


def decide(deployment: Deployment, grievance_id: str, outcome: GrievanceOutcome, words: Words) -> Grievance:
    """Decide on it, as another person than who decided before.

    A decision edits no amount. Where it is right, the department that is named mends its data, and the next night says what
    is due; until that is done, what waits goes on waiting.
    Fails: RefusedError where reason or basis are empty, where who decided before would decide again, or where facts are
           wrong and no department is named.
    """
    _check_said(words, needs_basis=True)
    grievance_work(deployment, grievance_id, words.by, DECIDES)
    letters = _letters(deployment, grievance_id)
    with deployment.store.writing() as tx:
        before = grievance_of(tx, grievance_id)
        _refuse_own(tx, before, words.by)
        is_right = outcome is not GrievanceOutcome.REJECTED
        if is_right and before.kind in _ABOUT_FACTS and not words.department.strip():
            message = "facts are wrong, and no department is named that mends them"
            raise RefusedError.one(
                GrievanceCode.NO_DEPARTMENT, grievance_id, message, "name it: `--department DEPARTMENT`"
            )
        after = _moved(tx, grievance_id, GrievanceState.DECIDED, words, outcome=outcome)
        if not is_right:
            after = release_grant(tx, after, by=words.by)
        why = f"{words.reason.strip()}；依据：{words.basis.strip()}"
        letters.decided(tx, after, decision=OUTCOME_WORDS[outcome], why=why)
    return after


def execute(deployment: Deployment, grievance_id: str, words: Words) -> Grievance:
    """Say what was done; what waited goes on, as far as the next night still finds it due.

    Fails: RefusedError where nothing is said.
    """
    _check_said(words)
    grievance_work(deployment, grievance_id, words.by)
    with deployment.store.writing() as tx:
        return release_grant(tx, _moved(tx, grievance_id, GrievanceState.EXECUTED, words), by=words.by)


def close(deployment: Deployment, grievance_id: str, words: Words) -> Grievance:
    """Close it; what was right is done before.

    Fails: RefusedError where it was right and nothing is done yet.
    """
    grievance_work(deployment, grievance_id, words.by)
    with deployment.store.writing() as tx:
        before = grievance_of(tx, grievance_id)
        if before.state is GrievanceState.DECIDED and before.outcome is not GrievanceOutcome.REJECTED:
            help_line = f"say what was done: `mianshen grievances execute {grievance_id} --reason TEXT`"
            raise RefusedError.one(GrievanceCode.NOT_DONE, grievance_id, "what was decided is not done yet", help_line)
        return _moved(tx, grievance_id, GrievanceState.CLOSED, words)


def withdraw(deployment: Deployment, grievance_id: str, words: Words) -> Grievance:
    """Whoever complained takes it back; what waited goes on."""
    grievance_work(deployment, grievance_id, words.by)
    return withdraw_own(deployment, grievance_id, words)


def withdraw_own(deployment: Deployment, grievance_id: str, words: Words) -> Grievance:
    """Do the same as whoever complained, who needs no role.

    Expects: that it is theirs.
    """
    with deployment.store.writing() as tx:
        return release_grant(tx, _moved(tx, grievance_id, GrievanceState.WITHDRAWN, words), by=words.by)


def reappeal(deployment: Deployment, grievance_id: str, intake: Intake, *, by: str) -> Grievance:
    """Go on with what was decided or not taken up: another grievance, linked to it, before another person.

    Fails: RefusedError where nothing is said, it is not decided, too long ago, or somebody goes on with it already.
    """
    grievance_work(deployment, grievance_id, by)
    return reappeal_own(deployment, grievance_id, intake, by=by)


def reappeal_own(deployment: Deployment, grievance_id: str, intake: Intake, *, by: str) -> Grievance:
    """Go on with it as whoever complained, who needs no role.

    Expects: that it is theirs.
    Fails: RefusedError as `reappeal`.
    """
    settings = deployment.workspace.settings.grievances
    with deployment.store.writing() as tx:
        check_intake(intake, civil_day(tx.now))
        before = grievance_of(tx, grievance_id)
        said = [step for step in steps_of_grievances(tx, [grievance_id])[grievance_id] if step.target in _DECIDES]
        if said:
            through = last_day(deployment.calendar, said[-1].taken_on, (), settings.reappeal_days)
            if through is not None and civil_day(tx.now) > through:
                message = f"one could go on with it through {through}"
                help_line = "review and suit by law are open; what is new comes as a grievance of its own"
                raise RefusedError.one(GrievanceCode.TOO_LATE, grievance_id, message, help_line)
        earlier = _moved(tx, grievance_id, GrievanceState.REAPPEALED, Words(by, intake.said[:0]))
        anew = replace(
            before,
            grievance_id=gone_on_with(grievance_id),
            source=intake.source,
            external_id=intake.external_id,
            digest=intake.digest,
            earlier_id=earlier.grievance_id,
            received_on=intake.received_on,
            received_at=tx.now,
            received_by=by,
            state=GrievanceState.RECEIVED,
            outcome=None,
            is_holding=False,
            moves=0,
        )
        release_grant(tx, earlier, by=by)  # its hold, where it still has one, goes over to the one that goes on
        return keep_new(tx, deployment, anew, intake)


def gone_on_with(grievance_id: str) -> str:
    """Return the id of the grievance that goes on with one."""
    return derive_id("q", "reappeal", grievance_id)


def _moved(
    tx: Writing,
    grievance_id: str,
    target: GrievanceState,
    words: Words,
    *,
    outcome: GrievanceOutcome | None = None,
) -> Grievance:
    deed = GrievanceDeed(
        target,
        words.by,
        civil_day(tx.now),
        words.reason.strip() or None,
        words.basis.strip() or None,
        words.department.strip() or None,
    )
    return move_grievance(tx, grievance_of(tx, grievance_id), deed, outcome=outcome)


def _letters(deployment: Deployment, grievance_id: str) -> Letters:
    """Return the letters about a grievance, read before anything is written."""
    with deployment.store.reading() as rx:
        return Letters.read(rx, deployment, grievance_of(rx, grievance_id))


def _check_said(words: Words, *, needs_basis: bool = False) -> None:
    wanted = {"--reason": ("reason", words.reason)} | ({"--basis": ("legal basis", words.basis)} if needs_basis else {})
    for option, (what, text) in wanted.items():
        if not text.strip():
            help_line = f"say it for whoever comes after you: `{option} TEXT`"
            raise RefusedError.one(GrievanceCode.NOTHING_SAID, option, f"no {what} is given", help_line)


def _refuse_own(tx: Writing, grievance: Grievance, by: str) -> None:
    """Refuse a decision by who decided what it is about, or an earlier grievance of its line."""
    if by in _deciders(tx, grievance):
        record(tx, "grievance.decided", by=by, about=grievance.grievance_id, said={})  # who tried is kept
        message = f"`{by}` decided on it before, and another person decides now"
        raise RefusedError.one(
            GrievanceCode.OWN_DECISION, grievance.grievance_id, message, "have another officer decide"
        )


def _deciders(rx: Reading, grievance: Grievance) -> set[str]:
    found: set[str] = set()
    if grievance.case_id is not None:
        deeds = {CaseAction.NOTIFIED, CaseAction.CONFIRMED}
        found |= {step.taken_by for step in steps_of_case(rx, grievance.case_id) if step.action in deeds}
    earlier = grievance.earlier_id
    while earlier is not None:
        steps: tuple[GrievanceStepTaken, ...] = steps_of_grievances(rx, [earlier])[earlier]
        found |= {step.taken_by for step in steps if step.target in _DECIDES}
        earlier = grievance_of(rx, earlier).earlier_id
    return found
