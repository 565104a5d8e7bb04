"""What an author expected of a night; beyond it the night stops for a person, and nothing is written."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from core.findings import Finding, Place
from core.money import yuan_text
from engine.codes import RunCode
from engine.night import NightPolicy
from engine.report import PolicyTally

_REMEDY = "look at what changed with `mianshen run --dry-run`; if it is right, run again with `--accept {policy}`"


def guard_findings(
    tallies: Iterable[PolicyTally], policies: Mapping[str, NightPolicy], due_before: Mapping[str, int]
) -> list[Finding]:
    """Return what lies beyond the guards of the governing versions.

    Units: `due_before` is what each policy's current period came to in the last published night, in fen; a policy
           that is not in it has nothing to be compared with.
    """
    findings = []
    for tally in tallies:
        guard = policies[tally.policy].current.written.guard
        place, help_line = Place(tally.policy), _REMEDY.format(policy=tally.policy)
        if guard.count is not None and not guard.count[0] <= tally.met_count <= guard.count[1]:
            low, high = guard.count
            message = f"expected {low:,} to {high:,} subjects to be met, found {tally.met_count:,}"
            findings.append(Finding(RunCode.GUARD_COUNT, place, message, help_line))
        before = due_before.get(tally.policy)
        if guard.amount_change is not None and before and _is_beyond(tally.due_fen, before, guard.amount_change):
            message = (
                f"expected the amount due to change by at most {guard.amount_change}, "
                f"found {yuan_text(before)} before and {yuan_text(tally.due_fen)} now"
            )
            findings.append(Finding(RunCode.GUARD_AMOUNT, place, message, help_line))
    return findings


def _is_beyond(now_fen: int, before_fen: int, share: str) -> bool:
    return abs(now_fen - before_fen) > before_fen * Fraction(share.rstrip("%")) / 100
