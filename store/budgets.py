"""Budgets: how much a purse gives to a policy in a year, and the end of a year; each decided by two people.

A decision is proposed with the document that says so, and confirmed by somebody else; then it is posted. Amounts are in
all, not what is added: two people who look at the same document write the same number.
"""

import datetime as dt
from dataclasses import asdict, dataclass, replace

import sqlalchemy as sa

from core.clock import civil_day
from core.findings import nearest_help
from core.ids import derive_id
from core.money import yuan_text
from store.audit import record
from store.codes import FundsCode, StoreCode
from store.faults import refused
from store.journal import PotRecord, closed_years, read_pots
from store.moved import Limit, Moved
from store.opening import Reading, Writing
from store.posting import post, take_year
from store.rows import insert_rows
from store.states.funds import CROSSING, DecisionKind, DecisionState, PotAccount
from store.tables import BudgetDecision, ClosedYear, table_of

_DECISION = table_of(BudgetDecision)

EVERY_PURSE = ""
"""What a decision names that is for all purses of a policy and year."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided; `amount_fen` in all, None where the year is closed."""

    kind: DecisionKind
    policy: str
    year: int
    purse: str
    amount_fen: int | None
    document: str


@dataclass(frozen=True, slots=True)
class DecisionRecord(Decision):
    """A decision as the table holds it."""

    decision_id: str
    number: int
    state: DecisionState
    proposed_by: str
    proposed_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None


_FIELDS = tuple(DecisionRecord.__dataclass_fields__)


def read_decisions(rx: Reading, *, policy: str | None = None, year: int | None = None) -> tuple[DecisionRecord, ...]:
    """Return decisions by policy, year and number."""
    chosen = sa.select(*(_DECISION.c[name] for name in _FIELDS))
    for name, value in (("policy", policy), ("year", year)):
        if value is not None:
            chosen = chosen.where(_DECISION.c[name] == value)
    order = (_DECISION.c.policy, _DECISION.c.year, _DECISION.c.number)
    return tuple(DecisionRecord(*row) for row in rx.connection.execute(chosen.order_by(*order)))


def propose(tx: Writing, decision: Decision, *, by: str) -> DecisionRecord:
    """Write down what somebody proposes; nothing is posted before another person confirms it.

    Fails: RefusedError where the year is closed or not over, or where the same is proposed already.
    """
    _record(tx, "budget.proposed", decision, by)
    _refuse_year(tx, decision)
    known = read_decisions(tx, policy=decision.policy, year=decision.year)
    what = (decision.kind, decision.purse)
    for each in known:
        if each.state is DecisionState.PROPOSED and (each.kind, each.purse) == what:
            message = f"`{each.decision_id}` of {each.proposed_by} proposes this already"
            remedy = "have it confirmed, or withdrawn: `mianshen budget confirm`, `mianshen budget withdraw`"
            raise refused(FundsCode.DECIDED, decision.policy, message, remedy)
    number = len(known) + 1
    record = DecisionRecord(
        **asdict(decision),
        decision_id=derive_id("d", decision.policy, str(decision.year), str(number)),
        number=number,
        state=DecisionState.PROPOSED,
        proposed_by=by,
        proposed_at=tx.now,
        decided_by=None,
        decided_at=None,
    )
    insert_rows(tx, BudgetDecision, [asdict(record)])
    return record


def confirm(tx: Writing, decision_id: str, *, by: str) -> DecisionRecord:
    """Confirm what somebody else proposed, and post it.

    Fails: RefusedError where it is decided, was proposed by the same person, or cannot be posted.
    """
    decision = _waiting(tx, decision_id)
    _record(tx, "budget.confirmed", decision, by)
    if decision.proposed_by == by:
        message = f"`{by}` proposed it, and nobody confirms their own proposal"
        raise refused(FundsCode.SAME_PERSON, decision_id, message, "have a colleague confirm it")
    _refuse_year(tx, decision)
    if decision.kind is DecisionKind.CLOSE:
        _close(tx, decision)
    else:
        _set(tx, decision)
    return _decide(tx, decision, DecisionState.CONFIRMED, by)


def withdraw(tx: Writing, decision_id: str, *, by: str) -> DecisionRecord:
    """Take a proposal back.

    Fails: RefusedError where it is decided already.
    """
    decision = _waiting(tx, decision_id)
    _record(tx, "budget.withdrawn", decision, by)
    return _decide(tx, decision, DecisionState.WITHDRAWN, by)


def _record(tx: Writing, event: str, decision: Decision, by: str) -> None:
    said = {
        "kind": decision.kind.value,
        "year": decision.year,
        "purse": decision.purse,
        "amount_fen": decision.amount_fen,
        "document": decision.document,
    }
    record(tx, event, by=by, about=decision.policy, said=said)


def _waiting(rx: Reading, decision_id: str) -> DecisionRecord:
    known = read_decisions(rx)
    found = next((each for each in known if each.decision_id == decision_id), None)
    if found is None:
        help_line = nearest_help(decision_id, [each.decision_id for each in known], "decision")
        raise refused(StoreCode.UNKNOWN_NAME, decision_id, f"there is no decision `{decision_id}`", help_line)
    if found.state is not DecisionState.PROPOSED:
        message = f"it is `{found.state}` already, by {found.decided_by}"
        raise refused(FundsCode.DECIDED, decision_id, message, "propose anew what shall be otherwise")
    return found


def _decide(tx: Writing, decision: DecisionRecord, state: DecisionState, by: str) -> DecisionRecord:
    own = sa.and_(_DECISION.c.decision_id == decision.decision_id, _DECISION.c.state == DecisionState.PROPOSED)
    change = sa.update(_DECISION).where(own).values(state=state, decided_by=by, decided_at=tx.now)
    if tx.connection.execute(change).rowcount != 1:
        message = "somebody else decided it in between"
        raise refused(FundsCode.DECIDED, decision.decision_id, message, "look at it again: `mianshen budget show`")
    return replace(decision, state=state, decided_by=by, decided_at=tx.now)


def _refuse_year(rx: Reading, decision: Decision) -> None:
    closed = closed_years(rx, [decision.policy])
    if (decision.policy, decision.year) in closed:
        message = f"the year {decision.year} of `{decision.policy}` is closed"
        raise refused(FundsCode.YEAR_CLOSED, decision.policy, message, "nothing is decided about it any more")
    if decision.kind is not DecisionKind.CLOSE:
        return
    if civil_day(rx.now).year <= decision.year:
        message = f"the year {decision.year} is not over"
        raise refused(FundsCode.YEAR_NOT_OVER, decision.policy, message, "close it once it is")
    earlier = [pot.year for pot in read_pots(rx, policy=decision.policy) if pot.year < decision.year]
    still_open = sorted({year for year in earlier if (decision.policy, year) not in closed})
    if still_open:
        message = f"the year {still_open[0]} of `{decision.policy}` is still open"
        raise refused(FundsCode.EARLIER_YEAR, decision.policy, message, "close the years in their order")


def _set(tx: Writing, decision: DecisionRecord) -> None:
    """Bring what was appropriated to the amount of a decision; the floor of the budget stands from then on."""
    assert decision.amount_fen is not None, "an amount is set whole"
    pots = {pot.purse: pot for pot in read_pots(tx, policy=decision.policy, year=decision.year)}
    pot = pots.get(decision.purse)
    before_fen = 0 if pot is None else -pot.granted_fen
    change_fen = decision.amount_fen - before_fen
    taken_fen = 0 if pot is None else before_fen - pot.budget_fen - (pot.beyond_fen or 0)
    if decision.amount_fen < taken_fen:
        message = f"{yuan_text(taken_fen)} yuan of `{decision.purse}` for {decision.year} are reserved or paid already"
        raise refused(FundsCode.NO_MONEY, decision.policy, message, "set at least as much, or release batches first")
    way = (PotAccount.GRANTED, PotAccount.BUDGET)
    pot_key = (decision.policy, decision.year, decision.purse)
    moved = Moved(*pot_key, *way, change_fen, decision.decision_id, "appropriated", Limit.SET)
    tx.moved.append(moved)


def _close(tx: Writing, decision: DecisionRecord) -> None:
    """Carry what is under way into the next year, surrender what nobody has, and let nothing be posted any more."""
    take_year(tx.connection, decision.policy, decision.year)
    pots = read_pots(tx, policy=decision.policy, year=decision.year)
    post(tx.connection, [each for pot in pots for each in _carried(pot, decision.decision_id)], at=tx.now)
    row = {"policy": decision.policy, "year": decision.year, "closed_at": tx.now, "decision_id": decision.decision_id}
    insert_rows(tx, ClosedYear, [row])


def _carried(pot: PotRecord, document: str) -> list[Moved]:
    key = (pot.policy, pot.year, pot.purse)
    following = (pot.policy, pot.year + 1, pot.purse)
    left_fen = max(pot.budget_fen, 0) if pot.beyond_fen is not None else 0
    moves = [Moved(*key, PotAccount.BUDGET, PotAccount.SURRENDERED, left_fen, document, "lapsed")]
    for account in CROSSING:
        fen: int = getattr(pot, f"{account}_fen")
        moves.append(Moved(*key, account, PotAccount.CARRIED, fen, document, "carried"))
        moves.append(Moved(*following, PotAccount.CARRIED, account, fen, document, "carried"))
    return moves
