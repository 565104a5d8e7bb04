"""Overpayment cases as officers see them: what each waits for, and everything that was done on one."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from core.clock import civil_day
from core.remits import WHOLE, Remit
from engine.deployment import Deployment
from engine.night import JOB
from engine.overpayments.contacts import FIELD
from engine.overpayments.instalments import InstalmentStanding, standing_of
from store.case_instalments import plans_of
from store.case_receipts import ReceiptShare, receipts_for
from store.case_reliefs import Relief, asked_reliefs, reliefs_of
from store.case_steps import CaseRecord, CaseStepTaken, case_of, steps_of_case
from store.cases import case_records, chosen_for_set_off
from store.opening import Reading
from store.runs import latest_published
from store.sealed_notes import has_note
from store.set_offs import SET_OFFS, set_offs_for
from store.states.cases import LIVE_CASE, CaseState


class Waiting(StrEnum):
    """What a case waits for."""

    TELL = "tell"
    OBJECTION = "objection"  # the subject may still object
    DECIDE = "decide"
    COLLECT = "collect"  # confirmed; nothing is agreed or has come
    SET_OFF = "set_off"  # it is kept back from later payments
    INSTALMENT = "instalment"
    OVERDUE = "overdue"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case with what it waits for, through which day, and what is overdue. Units: fen.

    `asked` is what somebody asks to be given up of it.
    """

    case: CaseRecord
    title: str
    waiting: Waiting
    through: dt.date | None
    overdue_fen: int
    asked: Relief | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything about one case."""

    line: CaseLine
    steps: tuple[CaseStepTaken, ...]
    receipts: tuple[ReceiptShare, ...]
    instalments: tuple[InstalmentStanding, ...]
    reliefs: tuple[Relief, ...]
    has_contact: bool
    set_offs: pl.DataFrame = field(default_factory=SET_OFFS.to_frame, repr=False)


def list_cases(
    deployment: Deployment,
    *,
    states: Collection[CaseState] = LIVE_CASE,
    policy: str | None = None,
    overdue_only: bool = False,
    remit: Remit = WHOLE,
) -> tuple[CaseLine, ...]:
    """Return the cases of a remit in some states, the largest first within each policy."""
    with deployment.store.reading() as rx:
        cases = [each for each in case_records(rx, states=states, policy=policy) if remit.covers(each.policy)]
        lines = _lines(rx, cases)
    chosen = [each for each in lines if each.overdue_fen or not overdue_only]
    return tuple(sorted(chosen, key=lambda line: (line.case.policy, -line.case.amount_fen, line.case.case_id)))


def view_case(deployment: Deployment, case_id: str) -> CaseView:
    """Return one case with everything that was done on it.

    Fails: RefusedError where nothing goes by the id.
    """
    with deployment.store.reading() as rx:
        case = case_of(rx, case_id)
        (line,) = _lines(rx, [case])
        return CaseView(
            line,
            steps_of_case(rx, case_id),
            receipts_for(rx, case_id),
            standing_of(case, plans_of(rx, [case_id]).get(case_id, ()), civil_day(rx.now)),
            reliefs_of(rx, case_id),
            has_note(rx, about=case_id, field=FIELD),
            set_offs_for(rx, case_id),
        )


def _lines(rx: Reading, cases: Sequence[CaseRecord]) -> list[CaseLine]:
    today, titles = civil_day(rx.now), titles_told(rx)
    plans = plans_of(rx, [case.case_id for case in cases])
    asked = asked_reliefs(rx)
    is_set_off = {case.case_id for case in chosen_for_set_off(rx)}
    found = []
    for case in cases:
        standing = standing_of(case, plans.get(case.case_id, ()), today)
        waiting, through = _waiting(case, standing, today, is_set_off=case.case_id in is_set_off)
        overdue_fen = sum(each.open_fen for each in standing if each.is_overdue)
        title = titles.get(case.policy, case.policy)
        found.append(CaseLine(case, title, waiting, through, overdue_fen, asked.get(case.case_id)))
    return found


def titles_told(rx: Reading, *, remit: Remit = WHOLE) -> dict[str, str]:
    """Return how the last night called each policy of a remit."""
    latest = latest_published(rx, JOB)
    told = (latest.summary or {}).get("policies", ()) if latest else ()
    return {each["policy"]: each["title"] for each in told if remit.covers(each["policy"])}


def _waiting(
    case: CaseRecord, standing: Sequence[InstalmentStanding], today: dt.date, *, is_set_off: bool
) -> tuple[Waiting, dt.date | None]:
    match case.state:
        case CaseState.OPENED:
            return Waiting.TELL, None
        case CaseState.NOTIFIED:
            through = case.object_through
            is_open = through is not None and today <= through
            return (Waiting.OBJECTION, through) if is_open else (Waiting.DECIDE, None)
        case CaseState.APPEALED:
            return Waiting.DECIDE, None
        case CaseState.CONFIRMED | CaseState.COLLECTING if is_set_off:
            return Waiting.SET_OFF, None
        case CaseState.CONFIRMED | CaseState.COLLECTING:
            ahead = [each for each in standing if each.open_fen]
            if not ahead:
                return Waiting.COLLECT, None
            first = ahead[0]
            return Waiting.OVERDUE if first.is_overdue else Waiting.INSTALMENT, first.instalment.due_on
        case _:
            return Waiting.NOTHING, None
