"""What can be wrong between the versions of one policy, and beside the calendar: days on which none stands, slips of years.

What was activated counts before what is written: an activation may fill a hole, or leave one.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import groupby, pairwise

from core.days import LAST_DAY, DayRange, add_days
from core.findings import Finding, Severity
from rules.bound import RuleVersion
from rules.codes import RuleCode
from rules.comparisons import constant_text
from rules.operands import constant_number
from rules.standing import Activation, Stand, StandState, standing

_TEN = 10  # more than any raise: a year's amount for a month's, fen for yuan, a forgotten 万
_YEARS_AHEAD = 3  # budgets and plans of governments reach so far


def check_neighbours(
    versions: Sequence[RuleVersion], activations: Iterable[Activation] = (), *, on: dt.date | None = None
) -> list[Finding]:
    """Return what is wrong between versions of one policy.

    `activations` are those made so far; `on` is the day on which a policy that has lapsed is worth telling.
    """
    by_policy: dict[str, list[Activation]] = {}
    for activation in activations:
        by_policy.setdefault(activation.policy, []).append(activation)
    findings: list[Finding] = []
    for policy, own in groupby(sorted(versions, key=lambda v: (v.policy, v.version)), key=lambda v: v.policy):
        every = list(own)
        activated = by_policy.get(policy, [])
        findings += _holes(every, activated)
        findings += _magnitudes(every)
        findings += [each for version in every for each in _far_days(version, on)] if on is not None else []
        if on is not None and activated:
            findings += _lapsed(every, activated, on)
    return findings


def _holes(versions: list[RuleVersion], activations: list[Activation]) -> Iterator[Finding]:
    """Give the stretches between two versions on which none stands, by activation or, before that, as written."""
    published = {activation.version for activation in activations}
    covered = [_written_days(version) for version in versions if version.version not in published]
    covered += [
        stand.days for stand in _stands(activations) if stand.state in {StandState.IN_FORCE, StandState.REPEALED}
    ]
    last = None
    for days in sorted(covered):
        if last is not None and days.first > add_days(last, 1):
            yield _hole(versions, DayRange(add_days(last, 1), add_days(days.first, -1)))
        last = days.last if last is None else max(last, days.last)


def _hole(versions: list[RuleVersion], hole: DayRange) -> Finding:
    """Return the finding about a stretch, at the version that begins after it, or else the newest."""
    after = [version for version in versions if version.written.valid_from > hole.first]
    where = min(after, key=lambda version: version.written.valid_from) if after else versions[-1]
    message = f"no version of `{where.policy}` stands from {hole.first} through {hole.last}"
    remedy = "nobody can be told anything for these days: let a version stand on them, or repeal the policy for them"
    return Finding(RuleCode.DAYS_UNCOVERED, where.script.place("valid_from"), message, remedy, Severity.WARNING)


def _magnitudes(versions: list[RuleVersion]) -> Iterator[Finding]:
    """Give the parameters that are ten times, or a tenth, of what the version before them says."""
    in_order = sorted(versions, key=lambda version: (version.written.valid_from, version.version))
    for before, after in pairwise(in_order):
        for name, node in after.parameters.items():
            earlier = before.parameters.get(name)
            old, new = (constant_number(each) if each is not None else None for each in (earlier, node))
            if old and new and not Fraction(1, _TEN) <= abs(new / old) <= _TEN:
                message = f"`{name}` is {constant_text(new)}, and {constant_text(old)} in version {before.version}"
                remedy = "more than ten times as much, or less than a tenth: amounts are yuan; see whether the document says so"
                place = after.script.place("parameters", name)
                yield Finding(RuleCode.OTHER_MAGNITUDE, place, message, remedy, Severity.WARNING)


def _far_days(version: RuleVersion, on: dt.date) -> Iterator[Finding]:
    """Give a first day that lies years ahead, and documents that nobody can have signed yet."""
    written = version.written
    if written.valid_from.year > on.year + _YEARS_AHEAD:
        message = f"the version begins on {written.valid_from}, more than {_YEARS_AHEAD} years ahead"
        place = version.script.place("valid_from")
        yield Finding(RuleCode.DAY_OUTSIDE, place, message, "mend the year", Severity.WARNING)
    for index, basis in enumerate(written.basis):
        if basis.signed_on is not None and basis.signed_on > on:
            message = f"`{basis.doc}` is signed on {basis.signed_on}, a day still to come"
            place = version.script.place("basis", index)
            yield Finding(RuleCode.DAY_OUTSIDE, place, message, "mend the day", Severity.WARNING)


def _lapsed(versions: list[RuleVersion], activations: list[Activation], on: dt.date) -> Iterator[Finding]:
    """Give the finding that the newest activation ended and nothing followed."""
    stands = _stands(activations, DayRange(min(each.valid_from for each in activations), LAST_DAY))
    now = next((stand for stand in stands if on in stand.days), None)
    if now is not None and now.state is StandState.LAPSED and now.days.last == LAST_DAY:
        message = f"`{versions[-1].policy}` lapsed on {now.days.first}, and nothing follows"
        remedy = "its outcomes are unknown since: publish the next version, or repeal the policy"
        place = versions[-1].script.place("valid_through")
        yield Finding(RuleCode.DAYS_UNCOVERED, place, message, remedy, Severity.WARNING)


def _stands(activations: list[Activation], days: DayRange | None = None) -> tuple[Stand, ...]:
    if not activations:
        return ()
    every = days or DayRange(min(each.valid_from for each in activations), LAST_DAY)
    return standing(activations, every, known_at=max(each.activated_at for each in activations))


def _written_days(version: RuleVersion) -> DayRange:
    return DayRange(version.written.valid_from, version.written.valid_through or LAST_DAY)
