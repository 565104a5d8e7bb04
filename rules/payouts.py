"""What a tariff and its limits come to: lines that pay nothing, tiers that fall where they should rise, ceilings too low.

Constant amounts are compared as they are; of an amount that depends on facts, one who gets something is looked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise

from core.money import yuan_text
from rules.bound import RuleVersion, ceiling
from rules.closures import closure
from rules.codes import RuleCode
from rules.comparisons import EQUALITIES, constant_text
from rules.operands import constant_number
from rules.passages import Faults, Key
from rules.solver_logic import both
from rules.solver_terms import amount_term
from rules.solving import Answer, Limits, Questions, days_of
from rules.tariff import BoundLine
from rules.thresholds import FLIPPED
from rules.tree import All, Compare, canonical
from rules.tried import Tried

_FAR = Fraction(10**30)  # beyond every number of a fact
_TIERS_LEAST = 4  # of fewer, one that falls is as likely meant; three of four that rise show which way


@dataclass(frozen=True, slots=True)
class _Stretch:
    """One line that applies from one number of a fact to another, and pays a fixed amount."""

    side: str
    first: Fraction
    last: Fraction
    index: int
    amount: Fraction


def check_payouts(version: RuleVersion, tried: Sequence[Tried], faults: Faults, limits: Limits | None = None) -> None:
    """Record lines that pay nothing though they say otherwise, tiers out of order, and ceilings below every payout."""
    for index, line in enumerate(version.lines):
        if _pays_nothing(version, line, tried, limits):
            message = f"line {index + 1} pays nothing to anybody, though its amount is not 0"
            remedy = "mend the amount, `least` or `round_to`; an amount below zero is paid as 0"
            faults.add(RuleCode.NOTHING_PAID, message, "tariff", index, "amount", remedy=remedy)
    for component in version.tariff:
        _check_tiers(version, component, faults)
        _check_overlaps(version, component, faults)
    _check_ceilings(version, faults)


def _pays_nothing(version: RuleVersion, line: BoundLine, tried: Sequence[Tried], limits: Limits | None) -> bool:
    constant = constant_number(line.amount)
    if constant is not None:
        return constant != 0 and version.rounding.fen(constant) == 0
    amount = closure(line.amount)
    if any((version.rounding.fen(amount(*case)) or 0) > 0 for case in tried):
        return False
    questions = Questions({}, vocabulary=version.vocabulary, days=days_of(version), also=[line.amount], limits=limits)
    paid = amount_term((BoundLine(None, line.amount),), version.rounding, questions.world)
    return questions.find(also=both(paid.known, paid.numerator > 0)).answer is Answer.NOBODY


def _check_tiers(version: RuleVersion, component: str, faults: Faults) -> None:
    """Record one tier whose amount falls where all others rise along one fact, or rises where all others fall."""
    tiers = _tiers(version, component)
    steps = [(after.amount - before.amount, before, after) for before, after in pairwise(tiers)]
    rising, falling = ([step for step in steps if step[0] * sign > 0] for sign in (1, -1))
    odd = falling if len(falling) < len(rising) else rising
    if len(tiers) >= _TIERS_LEAST and len(odd) == 1 and len(rising) != len(falling):
        _, before, after = odd[0]
        verb = "falls" if odd is falling else "rises"
        amounts = f"from {constant_text(before.amount)} to {constant_text(after.amount)} yuan"
        message = f"the amount {verb} {amounts} where those of the other tiers do not"
        remedy = "see whether the document says so, or two amounts stand in each other's place"
        faults.add(RuleCode.AMOUNTS_FALL, message, "tariff", after.index, "amount", remedy=remedy, warn=True)


def _tiers(version: RuleVersion, component: str) -> list[_Stretch]:
    """Return the lines of a component from the lowest stretch of one fact up; nothing where they are no tiers."""
    lines = [index for index, each in enumerate(version.written.tariff) if each.component == component]
    stretches = [stretch for index in lines if (stretch := _stretch(version, index)) is not None]
    is_one_fact = len({stretch.side for stretch in stretches}) == 1 and len(stretches) == len(lines)
    return sorted(stretches, key=lambda stretch: stretch.first) if is_one_fact else []


def _check_overlaps(version: RuleVersion, component: str, faults: Faults) -> None:
    """Record two tiers that share a stretch, each with one of its own, and pay differently."""
    for one, other in combinations(_tiers(version, component), 2):
        is_bounded = (
            one.first > -_FAR and other.last < _FAR
        )  # what has no end is ordered on purpose: `<= 3`, then `>= 2`
        if is_bounded and one.amount != other.amount and one.first < other.first < one.last < other.last:
            first, second = sorted((one.index, other.index))
            shared = f"from {constant_text(other.first)} to {constant_text(one.last)}"
            message = f"line {first + 1} and line {second + 1} both apply {shared}, and line {first + 1} is taken"
            remedy = "leave the stretch to one of them"
            faults.add(RuleCode.LINES_TOUCH, message, "tariff", second, "when", remedy=remedy, warn=True)


def _stretch(version: RuleVersion, index: int) -> _Stretch | None:
    """Return the stretch of one fact on which a line applies; None where it asks anything else, or pays by formula."""
    line = version.lines[index]
    amount = constant_number(line.amount)
    parts = line.when.operands if isinstance(line.when, All) else (line.when,)
    sides: set[str] = set()
    ends = {True: -_FAR, False: _FAR}
    for part in parts:
        if not isinstance(part, Compare) or part.sign in EQUALITIES:
            return None
        side, bound, sign = part.left, constant_number(part.right), part.sign
        if bound is None:
            side, bound, sign = part.right, constant_number(part.left), FLIPPED[sign]
        if bound is None:
            return None
        sides.add(canonical(side))
        ends[sign in {">", ">="}] = bound
    return None if amount is None or len(sides) > 1 else _Stretch(sides.pop(), ends[True], ends[False], index, amount)


def _check_ceilings(version: RuleVersion, faults: Faults) -> None:
    """Record ceilings and budgets below the smallest amount that the tariff pays."""
    amounts = [constant_number(line.amount) for line in version.lines]
    paid = [fen for amount in amounts if amount is not None and (fen := version.rounding.fen(amount))]
    if len(paid) < len(amounts) or not paid:
        return
    least = min(paid)
    limits: list[tuple[int | None, tuple[Key, ...]]] = [
        (version.constant_measures.get(ceiling(cap.pool)), ("caps", index, "amount"))
        for index, cap in enumerate(version.written.caps)
    ]
    limits += [
        (version.budgets_fen.get(each.year), ("budget", index, "amount"))
        for index, each in enumerate(version.written.budget)
    ]
    for fen, keys in limits:
        if fen is not None and fen < least:
            message = f"{yuan_text(fen)} yuan are less than the smallest amount, {yuan_text(least)} yuan"
            remedy = "amounts are yuan: write `16万` for 160,000"
            faults.add(RuleCode.OTHER_MAGNITUDE, message, *keys, remedy=remedy, warn=True)
