"""A claim set off from later payments (抵扣): decided by a person where the rule allows it, after the claim itself stands."""

from core.clock import civil_day
from core.errors import RefusedError
from core.roles import Role
from engine.deployment import Deployment
from engine.night import published_policies
from engine.overpayments.codes import CaseCode
from engine.overpayments.instalments import refuse_unconfirmed
from engine.overpayments.letters import tell_decision
from engine.overpayments.reasons import ground_of
from engine.overpayments.roles import claim_work
from engine.overpayments.signing import Signed
from rules.bound import BoundOffset
from rules.funding import percent_text
from store.case_steps import CaseDeed, CaseRecord, case_of, take_case_step
from store.cases import chosen_for_set_off
from store.codes import StoreCode
from store.faults import refused
from store.opening import Reading
from store.states.cases import CaseAction


def decide_set_off(deployment: Deployment, case_id: str, signed: Signed) -> CaseRecord:
    """Decide that a claim is kept back from later payments; instalments that are agreed later take its place.

    Fails: RefusedError where reason or basis are empty, where the claim is not decided or the subject may still object, where
           its rule does not allow it, or where it was decided already.
    """
    said = signed.checked(needs_basis=True)
    claim_work(deployment, case_id, said.by, Role.OFFICER)
    with deployment.store.reading() as rx:
        ground = ground_of(rx, deployment, case_of(rx, case_id))
    with deployment.store.writing() as tx:
        case = case_of(tx, case_id)
        refuse_unconfirmed(case)
        if case.object_through is not None and civil_day(tx.now) <= case.object_through:
            message = f"the subject may object through {case.object_through}"
            raise RefusedError.one(CaseCode.OBJECTION_OPEN, case_id, message, "decide after that day")
        offset = _offset(tx, deployment, case)
        if chosen_for_set_off(tx, [case_id]):
            message = "it is set off already"
            raise refused(StoreCode.WRONG_STATE, case_id, message, f"look at `mianshen cases show {case_id}`")
        after = take_case_step(tx, case, CaseDeed(CaseAction.SET_OFF, said.by, said.reason, said.basis), case.state)
        decision = f"从以后的发放中抵扣，每笔抵扣不超过应发金额的{percent_text(offset.share)}，其余照常发放"
        tell_decision(
            tx, deployment, after, ground, {"decision": decision, "reasons": f"{said.reason}；依据：{said.basis}"}
        )
    return after


def _offset(rx: Reading, deployment: Deployment, case: CaseRecord) -> BoundOffset:
    """Return what the rule that governs says about setting off.

    Fails: RefusedError where it says nothing.
    """
    policies = published_policies(rx, deployment.catalogue, business_date=civil_day(rx.now), known_at=rx.now)
    offset = next((each.current.offset for each in policies if each.policy == case.policy), None)
    if offset is None:
        message = f"the rule of `{case.policy}` does not let its claims be set off"
        help_line = f"agree on instalments (`mianshen cases plan {case.case_id}`); `offset` in `terms` allows it"
        raise RefusedError.one(CaseCode.NO_OFFSET, case.case_id, message, help_line)
    return offset
