"""A claim from one person to the next: the subject is told, may object, and somebody else decides."""

import datetime as dt
from enum import StrEnum

from core.clock import civil_day
from core.days import add_days
from core.errors import RefusedError
from core.money import yuan_text
from core.roles import Role
from engine.deployment import Deployment
from engine.overpayments.codes import CaseCode
from engine.overpayments.letters import tell_claim, tell_decision
from engine.overpayments.reasons import Ground, ground_of
from engine.overpayments.roles import claim_work
from engine.overpayments.signing import Signed
from store.audit import record
from store.case_steps import CaseDeed, CaseRecord, case_of, steps_of_case, take_case_step
from store.codes import StoreCode
from store.opening import Writing
from store.states.cases import CaseAction, CaseState


class Decision(StrEnum):
    """What is decided on a claim; what is given up of it is asked and granted by itself."""

    CONFIRM = "confirm"  # it stands
    REOPEN = "reopen"  # the facts are mended first, and the next night says what is overpaid


_SAID = {Decision.CONFIRM: "确认应当退回", Decision.REOPEN: "异议成立，先核实更正数据，再重新核定，暂不要求退回"}

_STEPS = {
    Decision.CONFIRM: (CaseAction.CONFIRMED, CaseState.CONFIRMED),
    Decision.REOPEN: (CaseAction.REOPENED, CaseState.OPENED),
}


def notify(deployment: Deployment, case_id: str, *, by: str, reason: str | None = None) -> CaseRecord:
    """Tell the subject what is claimed, why, and until when they may object; return the case.

    Without a reason the rule's own words are taken: which conditions no longer hold.
    Fails: RefusedError where nobody knows why, or the case is past being told.
    """
    claim_work(deployment, case_id, by, Role.OFFICER)
    ground = _ground(deployment, case_id)
    with deployment.store.writing() as tx:
        case = case_of(tx, case_id)
        why = reason.strip() if reason else "；".join(ground.reasons)
        if not why:
            help_line = "what is known today does not say it: write it with `--reason TEXT`"
            raise RefusedError.one(CaseCode.NO_WHY, case_id, "nobody knows why it is overpaid", help_line)
        through = _objections_through(deployment, civil_day(tx.now))
        target = CaseState.APPEALED if case.state is CaseState.APPEALED else CaseState.NOTIFIED
        deed = CaseDeed(CaseAction.NOTIFIED, by, why)
        told = take_case_step(tx, case, deed, target, told_fen=case.amount_fen, object_through=through)
        tell_claim(tx, deployment, told, ground, why=why, through=through)
    return told


def _ground(deployment: Deployment, case_id: str) -> Ground:
    """Return why a case's money is not due, read before anything is written."""
    with deployment.store.reading() as rx:
        return ground_of(rx, deployment, case_of(rx, case_id))


def _objections_through(deployment: Deployment, today: dt.date) -> dt.date:
    """Return the last day to object: so many working days, the first being the day after."""
    return deployment.calendar.nth(add_days(today, 1), deployment.workspace.settings.cases.objection_days)


def record_objection(
    deployment: Deployment, case_id: str, *, by: str, reason: str, on: dt.date | None = None
) -> CaseRecord:
    """Keep what the subject objects; nothing is collected until somebody decides, even where it comes late.

    Fails: RefusedError where nothing is said, or the subject was never told.
    """
    said = Signed(by, reason).checked(needs_basis=False)
    claim_work(deployment, case_id, by, Role.OFFICER)
    with deployment.store.writing() as tx:
        case = case_of(tx, case_id)
        deed = CaseDeed(CaseAction.OBJECTED, by, said.reason, acted_on=on or civil_day(tx.now))
        return take_case_step(tx, case, deed, CaseState.APPEALED)


def decide(deployment: Deployment, case_id: str, decision: Decision, signed: Signed) -> CaseRecord:
    """Decide on a claim: it stands, or the objection is right and the facts are mended first.

    Fails: RefusedError where reason or basis are empty, where who told the subject would decide, while the subject may
           still object, where more is outstanding than the subject was told of, or where it is decided so already.
    """
    said = signed.checked(needs_basis=True)
    claim_work(deployment, case_id, said.by, Role.APPROVER)
    ground = _ground(deployment, case_id)
    action, target = _STEPS[decision]
    with deployment.store.writing() as tx:
        case = case_of(tx, case_id)
        _refuse_own(tx, case, said.by)
        _refuse_again(case, target)
        if decision is Decision.CONFIRM:
            _refuse_early(case, civil_day(tx.now))
        deed = CaseDeed(action, said.by, said.reason, basis=said.basis)
        after = take_case_step(tx, case, deed, target)
        words = {"decision": _SAID[decision], "reasons": f"{said.reason}；依据：{said.basis}"}
        tell_decision(tx, deployment, after, ground, words)
    return after


def _refuse_own(tx: Writing, case: CaseRecord, by: str) -> None:
    """Refuse a decision by who told the subject."""
    if by in {step.taken_by for step in steps_of_case(tx, case.case_id) if step.action is CaseAction.NOTIFIED}:
        record(tx, "case.decided", by=by, about=case.case_id, said={})  # the refusal is kept: who tried, and what
        message = f"`{by}` told the subject, and another person decides"
        raise RefusedError.one(CaseCode.OWN_DECISION, case.case_id, message, "have another officer decide")


def _refuse_again(case: CaseRecord, target: CaseState) -> None:
    """Refuse a decision that changes nothing: the subject would be told a second one."""
    if case.state is target:
        message, help_line = f"the case is `{target}` already", f"look at `mianshen cases show {case.case_id}`"
        raise RefusedError.one(StoreCode.WRONG_STATE, case.case_id, message, help_line)


def _refuse_early(case: CaseRecord, today: dt.date) -> None:
    """Refuse to confirm what the subject was not told of, or may still object to."""
    if case.told_fen is not None and case.amount_fen > case.told_fen:
        message = (
            f"{yuan_text(case.amount_fen)} are outstanding, and the subject was told of {yuan_text(case.told_fen)}"
        )
        help_line = f"tell it again: `mianshen cases notify {case.case_id}`"
        raise RefusedError.one(CaseCode.NOT_TOLD, case.case_id, message, help_line)
    is_open = case.object_through is not None and today <= case.object_through
    if case.state is CaseState.NOTIFIED and is_open:
        message = f"the subject may object through {case.object_through}"
        raise RefusedError.one(CaseCode.OBJECTION_OPEN, case.case_id, message, "decide after that day")
