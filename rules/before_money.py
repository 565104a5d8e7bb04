"""What a version asks for between a match and money: the steps, in order, and the checks of how it asks for them."""

from enum import StrEnum

from rules.codes import RuleCode
from rules.passages import Faults
from rules.version import Confirmation, Lane, WrittenVersion

_ANSWERING = frozenset({Lane.CONFIRM, Lane.GUIDED})


class Step(StrEnum):
    """What has to happen to a grant before it may be paid."""

    ANSWER = "answer"  # the subject's yes, or its answer
    CHECK = "check"  # the department's
    PUBLICITY = "publicity"


def steps_of(written: WrittenVersion) -> tuple[Step, ...]:
    """Return what a version asks for before money, in order; nothing of lane automatic unless its terms say so."""
    asked = {
        Step.ANSWER: written.lane in _ANSWERING,
        Step.CHECK: written.terms.checked_by is not None,
        Step.PUBLICITY: written.terms.publicity is not None,
    }
    return tuple(step for step, is_asked in asked.items() if is_asked)


def check_before_money(written: WrittenVersion, faults: Faults) -> None:
    """Record steps that the lane does not have, days that cannot be counted, and consent that cannot be taken for granted."""
    terms = written.terms
    if terms.confirmation is not None and written.lane not in _ANSWERING:
        message = f"nobody is asked in `lane: {written.lane}`, and `confirmation` says how long an answer is waited for"
        remedy = "write `lane: confirm`, or leave `confirmation` out"
        faults.add(RuleCode.STEP_OF_OTHER_LANE, message, "terms", "confirmation", remedy=remedy)
    if written.lane is Lane.INFORM:
        for name in ("checked_by", "publicity"):
            if getattr(terms, name) is not None:
                message = f"`lane: inform` pays nothing, and `{name}` is for what is paid"
                remedy = f"leave `{name}` out, or take another lane"
                faults.add(RuleCode.STEP_OF_OTHER_LANE, message, "terms", name, remedy=remedy)
    if terms.publicity is not None and terms.publicity.working_days < 1:
        message = f"expected one working day or more, found {terms.publicity.working_days}"
        keys = ("terms", "publicity", "working_days")
        faults.add(RuleCode.BAD_DEADLINE, message, *keys, remedy="a list that nobody can read is not public")
    if terms.confirmation is not None:
        _check_confirmation(terms.confirmation, written, faults)


def _check_confirmation(confirmation: Confirmation, written: WrittenVersion, faults: Faults) -> None:
    days, remind, keys = confirmation.working_days, confirmation.remind, ("terms", "confirmation")
    if days is not None and days < 1:
        message = f"expected one working day or more, found {days}"
        faults.add(RuleCode.BAD_DEADLINE, message, *keys, "working_days", remedy="leave it out to wait without end")
    is_in_order = all(before < after for before, after in zip((0, *remind), remind, strict=False))
    if not is_in_order or (days is not None and any(day >= days for day in remind)):
        message = "reminders come one after the other, after the offer and before the last day for an answer"
        remedy = "name rising working days: `working_days: 30, remind: [10, 20]`"
        faults.add(RuleCode.BAD_DEADLINE, message, *keys, "remind", remedy=remedy)
    if not confirmation.deemed:
        return
    if days is None:
        message = "no answer can count as a yes only once the time for an answer is over"
        faults.add(RuleCode.DEEMED, message, *keys, "deemed", remedy="say in `working_days` how long is waited")
    if confirmation.needs_account or written.lane is Lane.GUIDED:
        what = "an account" if confirmation.needs_account else "the answer to a question"
        message = f"no answer does not give {what}"
        faults.add(RuleCode.DEEMED, message, *keys, "deemed", remedy="leave `deemed` out; what is not answered lapses")
