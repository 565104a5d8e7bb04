"""Agreed instalments, and where each stands: paid, open, overdue; a night may have made less of what is left."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from core.days import add_months
from core.errors import RefusedError
from core.money import part_of, yuan_text
from core.roles import Role
from engine.deployment import Deployment
from engine.overpayments.codes import CaseCode
from engine.overpayments.roles import claim_work
from store.case_instalments import Instalment, add_plan
from store.case_steps import CaseDeed, CaseRecord, case_of, take_case_step
from store.states.cases import COLLECTED_CASE, CaseAction, CaseState

INSTALMENTS_MAX = 120
"""Ten years by the month; who needs longer is a hardship."""


@dataclass(frozen=True, slots=True)
class InstalmentStanding:
    """Where one instalment stands. Units: fen; `open_fen` is what is still to come of it."""

    instalment: Instalment
    open_fen: int
    is_overdue: bool


def equal_instalments(amount_fen: int, months: int, first: dt.date) -> list[Instalment]:
    """Return an amount in monthly instalments, the first ones having what is left over, a fen each.

    Expects: from 1 month to as many as there are fen.
    """
    return [
        Instalment(place + 1, add_months(first, place), part_of(amount_fen, place, months)) for place in range(months)
    ]


def agree_plan(
    deployment: Deployment, case_id: str, instalments: Sequence[Instalment], *, by: str, reason: str = ""
) -> CaseRecord:
    """Keep what the subject agreed to pay by which day; it takes the place of an earlier plan.

    Fails: RefusedError where the claim is not confirmed, or the instalments do not come to what is outstanding.
    """
    claim_work(deployment, case_id, by, Role.OFFICER)
    with deployment.store.writing() as tx:
        case = case_of(tx, case_id)
        refuse_unconfirmed(case)
        _check(case, instalments)
        deed = CaseDeed(CaseAction.PLANNED, by, reason.strip() or None)
        after = take_case_step(tx, case, deed, CaseState.COLLECTING)
        numbered = [
            Instalment(number, each.due_on, each.amount_fen, case.recovered_fen)
            for number, each in enumerate(instalments, start=1)
        ]
        add_plan(tx, case_id, after.moves, numbered)
    return after


def refuse_unconfirmed(case: CaseRecord) -> None:
    """Refuse to collect what is not confirmed, or what the subject objects to."""
    if case.state not in COLLECTED_CASE:
        message = f"the case is `{case.state}`, and nothing is collected before it is confirmed"
        help_line = f"another officer than who told decides: `mianshen cases decide {case.case_id}`"
        raise RefusedError.one(CaseCode.NOT_CONFIRMED, case.case_id, message, help_line)


def _check(case: CaseRecord, instalments: Sequence[Instalment]) -> None:
    total_fen = sum(each.amount_fen for each in instalments)
    days = [each.due_on for each in instalments]
    faults = (
        (not 1 <= len(instalments) <= INSTALMENTS_MAX, f"a plan has 1 to {INSTALMENTS_MAX} instalments"),
        (any(each.amount_fen <= 0 for each in instalments), "an instalment is more than nothing"),
        (days != sorted(set(days)), "each instalment is due after the one before"),
        (
            total_fen != case.amount_fen,
            f"the instalments come to {yuan_text(total_fen)}, outstanding are {yuan_text(case.amount_fen)}",
        ),
    )
    for is_wrong, message in faults:
        if is_wrong:
            help_line = "write `--months N --first DAY`, or `--due DAY=YUAN` for each instalment"
            raise RefusedError.one(CaseCode.BAD_PLAN, case.case_id, message, help_line)


def standing_of(case: CaseRecord, plan: Sequence[Instalment], on: dt.date) -> tuple[InstalmentStanding, ...]:
    """Return where each instalment of a plan stands on a day.

    What came back since the plan was agreed pays the oldest first. Where a night has made less of what is left, the
    last ones shrink. An instalment is overdue from the day after its own, and not while nothing may be collected.
    """
    paid_fen = case.recovered_fen - plan[0].recovered_before_fen if plan else 0
    open_fens = []
    for each in plan:
        covered_fen = min(max(0, paid_fen), each.amount_fen)
        paid_fen -= covered_fen
        open_fens.append(each.amount_fen - covered_fen)
    excess_fen = max(0, sum(open_fens) - case.amount_fen)
    for place in reversed(range(len(open_fens))):
        cut_fen = min(excess_fen, open_fens[place])
        open_fens[place] -= cut_fen
        excess_fen -= cut_fen
    is_collected = case.state in COLLECTED_CASE
    return tuple(
        InstalmentStanding(each, open_fen, is_collected and open_fen > 0 and each.due_on < on)
        for each, open_fen in zip(plan, open_fens, strict=True)
    )
