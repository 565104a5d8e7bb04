"""Which of a policy's claims may be set off from later payments, and how much of each payment."""

from fractions import Fraction

from rules.codes import RuleCode
from rules.passages import Faults
from rules.version import WrittenVersion


def check_offset(written: WrittenVersion, faults: Faults) -> None:
    """Record what could never be set off, and policies that are named for nothing."""
    offset = written.terms.offset
    if offset is None:
        return
    if written.benefit != "cash" or written.terms.overpaid == "keep":
        because = (
            "what is overpaid is kept"
            if written.benefit == "cash"
            else f"nothing is paid of `benefit: {written.benefit}`"
        )
        message = f"{because}, so nothing is ever set off"
        faults.add(RuleCode.OFFSET_NEEDLESS, message, "terms", "offset", remedy="leave `offset` out")
    for index, policy in enumerate(offset.from_):
        if policy == written.policy or policy in offset.from_[:index]:
            message = f"`{policy}` is among the policies already"
            remedy = "name every other policy once; this one is always among them"
            faults.add(RuleCode.OFFSET_TWICE, message, "terms", "offset", "from", index, remedy=remedy)


def offset_share(share: Fraction | None, faults: Faults) -> Fraction | None:
    """Return the share that may be set off; record one that is no part of a payment."""
    if share is not None and 0 < share <= 1:
        return share
    message = "what is set off is a fixed part of a payment, above 0 and up to 100 %"
    remedy = "write `1/2` or `30%`, or a parameter that says so; no fact decides it"
    faults.add(RuleCode.OFFSET_SHARE, message, "terms", "offset", "share", remedy=remedy)
    return None
