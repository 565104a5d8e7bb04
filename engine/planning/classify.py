"""What kind of change it is, by what it does to the population that there is: observed, not proved.

Proof for all possible subjects is the solver's matter (`rules`); a change that is neutral here may move somebody
tomorrow.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from engine.planning.months import MonthEffect
from engine.planning.moves import BETTER, CHANGED, WORSE, Move, MoveCount
from rules.bound import RuleVersion
from rules.fingerprints import BOUND, CHANGES_RESULTS
from rules.tree import canonical


class ChangeKind(StrEnum):
    """What a change does."""

    TEXT_ONLY = "text_only"  # nothing that decides is another: words, documents, examples
    NEUTRAL = "neutral"  # nobody is moved
    WIDENING = "widening"
    NARROWING = "narrowing"
    MIXED = "mixed"
    OPEN = "open"  # nobody gains or loses, and of somebody it is not known whether they are met


def kind_of(
    versions: tuple[RuleVersion | None, RuleVersion | None],
    counts: Mapping[Move, MoveCount],
    months: Iterable[MonthEffect],
) -> ChangeKind:
    """Return what a change of one policy does, on the measuring day and in the months.

    Whoever was not met and is unknown now loses nothing: that alone makes no change mixed.
    """
    months = tuple(months)
    is_wider = any(counts[move].people for move in BETTER) or any(each.gained or each.more for each in months)
    is_narrower = any(counts[move].people for move in WORSE) or any(each.lost or each.less for each in months)
    if (is_wider and is_narrower) or counts[Move.OPEN].people:
        return ChangeKind.MIXED
    if is_wider:
        return ChangeKind.WIDENING
    if is_narrower:
        return ChangeKind.NARROWING
    if any(counts[move].people for move in CHANGED):
        return ChangeKind.OPEN
    before, after = versions
    is_text = before is not None and after is not None and decides_alike(before, after)
    return ChangeKind.TEXT_ONLY if is_text else ChangeKind.NEUTRAL


def together(kinds: Iterable[ChangeKind]) -> ChangeKind:
    """Return what several changes do together."""
    found = set(kinds)
    if ChangeKind.MIXED in found or {ChangeKind.WIDENING, ChangeKind.NARROWING} <= found:
        return ChangeKind.MIXED
    order = (
        ChangeKind.WIDENING,
        ChangeKind.NARROWING,
        ChangeKind.OPEN,
        ChangeKind.NEUTRAL,
        ChangeKind.TEXT_ONLY,
    )
    return next((kind for kind in order if kind in found), ChangeKind.NEUTRAL)


_OF_ITS_OWN = frozenset({"version", "valid_from", "valid_through"})  # another in every version


def decides_alike(one: RuleVersion, other: RuleVersion) -> bool:
    """Say whether nothing that decides differs between two versions, but their numbers and days."""
    return _deciding(one) == _deciding(other)


def terms_alike(one: RuleVersion, other: RuleVersion) -> bool:
    """Say whether two versions differ at most in who is met and for how much, not in what follows from it."""
    return _terms(one) == _terms(other)


def _terms(version: RuleVersion) -> object:
    written = version.written.model_dump(mode="json")
    measures = {name: canonical(node) for name, node in version.measures.items()}
    return {name: written[name] for name in sorted(CHANGES_RESULTS - BOUND - _OF_ITS_OWN)}, measures, version.funding


def _deciding(version: RuleVersion) -> object:
    criteria = [(each.id, canonical(each.node)) for each in version.criteria]
    lines = {
        component: [(None if each.when is None else canonical(each.when), canonical(each.amount)) for each in own]
        for component, own in version.tariff.items()
    }
    return _terms(version), criteria, lines
