"""What a grievance holds: a claim is not collected, and of a grant that somebody reports nothing is paid meanwhile.

Nights go by the acts on a grant; what is open or in a batch that has not gone out waits from this moment on. Who asks for
more than they get loses nothing by asking: their own grievance holds no payment.
"""

import polars as pl

from core.clock import civil_day
from core.ledger import Act, ActKind, ItemState, Obligation
from store.case_steps import CaseDeed, case_of, take_case_step
from store.grants import record_act
from store.grievances import Grievance, set_holding
from store.items import ITEM_MOVES
from store.ledger import SEEN, LedgerChanges, write_ledger
from store.opening import Writing
from store.positions import read_obligations, read_positions
from store.states.cases import CaseAction, CaseState

_MAY_GO_OUT = (ItemState.OPEN, ItemState.IN_BATCH)


def hold_case(tx: Writing, grievance: Grievance) -> None:
    """Keep the grievance as an objection on its case, once the subject was told of it; before, nothing is collected anyway."""
    assert grievance.case_id is not None
    case = case_of(tx, grievance.case_id)
    if case.is_live and case.state is not CaseState.OPENED:
        reason = f"grievance {grievance.grievance_id}"
        deed = CaseDeed(CaseAction.OBJECTED, grievance.received_by, reason, acted_on=grievance.received_on)
        take_case_step(tx, case, deed, CaseState.APPEALED)


def hold_grant(tx: Writing, grievance: Grievance, *, by: str) -> Grievance:
    """Let everything wait that is due on a grant, from this moment on."""
    _act(tx, grievance, ActKind.HOLD, by)
    own = read_positions(tx, policy=grievance.policy, subjects=[str(grievance.subject_id)])
    keys = own.filter(pl.col("grant_id") == grievance.grant_id, pl.col("payable_fen") > 0)["obligation_id"].to_list()
    obligations = read_obligations(tx, keys)
    if obligations:
        versions = [(each.obligation_id, each.version) for each in obligations]
        changes = LedgerChanges(item_moves=_moves(obligations), seen=pl.DataFrame(versions, schema=SEEN, orient="row"))
        write_ledger(tx, changes, run_id=None)
    return set_holding(tx, grievance, is_holding=True)


def release_grant(tx: Writing, grievance: Grievance, *, by: str) -> Grievance:
    """Let a grant go on: the next night pays what waited, as far as it is due."""
    if not grievance.is_holding:
        return grievance
    _act(tx, grievance, ActKind.RELEASE, by)
    return set_holding(tx, grievance, is_holding=False)


def _act(tx: Writing, grievance: Grievance, kind: ActKind, by: str) -> None:
    assert grievance.grant_id is not None
    record_act(tx, Act(grievance.grant_id, kind, civil_day(tx.now), tx.now, by))


def _moves(obligations: list[Obligation]) -> pl.DataFrame:
    rows = [
        (item.item_id, item.obligation_id, item.state.value, ItemState.ON_HOLD.value)
        for each in obligations
        for item in each.items
        if item.state in _MAY_GO_OUT
    ]
    return pl.DataFrame(rows, schema=ITEM_MOVES, orient="row")
