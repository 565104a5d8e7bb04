"""A policy's card on a subject's first page: everything that it shows, as one value, so that equal cards need one drawing.

What is kept for the next page is drawn from the rules and from which facts are missing. A card that shows a figure of the
subject, such as what was paid or how far it is from a limit, is drawn anew and kept nowhere.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from core.languages import Language
from engine.explaining.checkup import PageGroup, PolicyCheckup
from engine.explaining.distance import Distance
from engine.explaining.examination import Examination, ExaminedCriterion
from pages.web.rendering import Rendering
from rules.tariff import Range
from rules.version import Lane

_TEMPLATE: Final = "own/card.html"
_NOT_SAID: Final[Range] = (0, None)  # an amount of which nothing is known
_SAYS_WHY: Final = frozenset({PageGroup.ENJOYED, PageGroup.AVAILABLE, PageGroup.TO_CONFIRM})


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A criterion that stands in the way: what it is about, how far away the subject is, and what to do."""

    label: str
    distances: tuple[Distance, ...]
    remedy: str | None


class Card(NamedTuple):
    """What a card shows; a tuple, which is told from others without looking at Python.

    `events` are the subject's, by name and group; `missing` the facts, by department and name; `criteria` what holds.
    """

    policy: str
    title: str
    owner: str
    group: PageGroup
    lane: Lane | None
    is_suspended: bool
    is_asked: bool
    standard: Range | None
    pays_nothing: bool
    summary: str | None
    criteria: tuple[str, ...]
    obstacles: tuple[Obstacle, ...]
    missing: tuple[tuple[str, str], ...]
    events: tuple[tuple[str, PageGroup], ...]
    grant_words: str
    paid_fen: int
    waiting_fen: int
    claimed_fen: int
    valid_through: dt.date | None
    reply_through: dt.date | None

    @classmethod
    def of(cls, found: PolicyCheckup) -> "Card":
        """Return what is shown of a policy."""
        seen, group, is_suspended = found.examination, found.group, found.is_suspended
        is_enjoyed = group is PageGroup.ENJOYED
        standard = None if is_enjoyed or is_suspended else found.standard
        return cls(
            policy=found.policy,
            title=found.title,
            owner=found.owner,
            group=group,
            lane=seen.lane if seen else None,
            is_suspended=is_suspended,
            is_asked=found.is_asked,
            standard=None if standard == _NOT_SAID else standard,
            pays_nothing=(pays_nothing := _pays_nothing(seen, group)),
            summary=seen.summary if seen and pays_nothing else None,
            criteria=seen.labels if seen and group in _SAYS_WHY and seen.outcome == "met" else (),
            obstacles=tuple(map(_obstacle, seen.failing)) if seen and group is PageGroup.ONE_STEP else (),
            missing=_missing(seen) if seen and group is PageGroup.UNKNOWN else (),
            events=tuple((each.event, each.group) for each in found.events) if found.events else (),
            grant_words=found.grant_words if is_enjoyed else "",
            paid_fen=found.paid_fen if is_enjoyed or is_suspended else 0,
            waiting_fen=found.waiting_fen if is_enjoyed else 0,
            claimed_fen=found.claimed_fen,
            valid_through=found.valid_through,
            reply_through=found.reply_through,
        )


def drawn(rendering: Rendering, language: Language, policies: Iterable[PolicyCheckup]) -> str:
    """Return the cards of policies, one after the other, as markup."""
    return "\n".join(map(partial(_drawn, rendering, language), policies))


def _drawn(rendering: Rendering, language: Language, found: PolicyCheckup) -> str:
    card = Card.of(found)
    return rendering.piece(_TEMPLATE, language, card, is_kept=_is_common(card, found))


def _is_common(card: Card, found: PolicyCheckup) -> bool:
    """Say whether a card shows no figure and no day of the subject's own."""
    is_of_facts = card.standard is not None and not (found.examination and not found.examination.closed.amounts_read)
    has_own = card.paid_fen or card.waiting_fen or card.claimed_fen or card.reply_through or card.events
    return not (is_of_facts or has_own or any(each.distances for each in card.obstacles))


def _pays_nothing(seen: Examination | None, group: PageGroup) -> bool:
    """Say whether it is said that no money is paid, or what there is instead."""
    is_said = group not in {PageGroup.ENJOYED, PageGroup.ONE_STEP, PageGroup.UNKNOWN}
    return seen is not None and is_said and not seen.amounts


def _obstacle(criterion: ExaminedCriterion) -> Obstacle:
    return Obstacle(criterion.label, criterion.distances, criterion.remedy)


def _missing(seen: Examination) -> tuple[tuple[str, str], ...]:
    return tuple((fact.owner, fact.label) for fact in seen.missing)
