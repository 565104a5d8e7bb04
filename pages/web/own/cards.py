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
from engine.explaining.books import NOTHING
from engine.explaining.checkup import PageGroup, PolicyCheckup
from engine.explaining.distance import Distance
from engine.explaining.examination import ExaminedCriterion
from engine.explaining.outline import Outline
from pages.web.rendering import Rendering
from rules.tariff import Range

_TEMPLATE: Final = "own/card.html"
_NOT_SAID: Final[Range] = (0, None)  # an amount of which nothing is known
_SAYS_WHY: Final = frozenset({PageGroup.ENJOYED, PageGroup.AVAILABLE, PageGroup.TO_CONFIRM})
_IS_NOT_PAID: Final = frozenset({PageGroup.AVAILABLE, PageGroup.TO_CONFIRM, PageGroup.NOT_APPLICABLE})


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A criterion that stands in the way: what it is about, how far away the subject is, and what to do."""

    label: str
    distances: tuple[Distance, ...]
    remedy: str | None


class Own(NamedTuple):
    """What a card shows of the subject alone: amounts that its facts decide, its events, its money and its days."""

    standard: Range | None = None
    events: tuple[tuple[str, PageGroup], ...] = ()
    paid_fen: int = 0
    waiting_fen: int = 0
    claimed_fen: int = 0
    reply_through: dt.date | None = None

    @classmethod
    def of(cls, found: PolicyCheckup) -> "Own":
        """Return what is the subject's own of a policy."""
        is_enjoyed, is_suspended = found.group is PageGroup.ENJOYED, found.is_suspended
        is_said = not (is_enjoyed or is_suspended or found.outline.is_fixed or found.standard == _NOT_SAID)
        return cls(
            standard=found.standard if is_said else None,
            events=tuple((each.event, each.group) for each in found.events),
            paid_fen=found.paid_fen if is_enjoyed or is_suspended else 0,
            waiting_fen=found.waiting_fen if is_enjoyed else 0,
            claimed_fen=found.claimed_fen,
            reply_through=found.reply_through,
        )


NOTHING_OWN: Final = Own()


class Card(NamedTuple):
    """What a card shows; a tuple, which is told from others without looking at Python.

    `missing` are facts, by department and name; where it `is_explained` its criteria hold, and are told.
    """

    outline: Outline
    group: PageGroup
    is_suspended: bool
    is_asked: bool
    grant_words: str
    is_explained: bool
    obstacles: tuple[Obstacle, ...]
    missing: tuple[tuple[str, str], ...]
    own: Own

    @classmethod
    def of(cls, found: PolicyCheckup) -> "Card":
        """Return what is shown of a policy."""
        group, outline = found.group, found.outline
        has_own = found.held is not NOTHING or found.events or not outline.is_fixed
        return cls(
            outline,
            group,
            found.is_suspended,
            found.is_asked,
            found.grant_words if group is PageGroup.ENJOYED else "",
            group in _SAYS_WHY and (seen := found.examination) is not None and seen.outcome == "met",
            _obstacles(found) if group is PageGroup.ONE_STEP else (),
            _missing(found) if group is PageGroup.UNKNOWN else (),
            Own.of(found) if has_own else NOTHING_OWN,
        )

    @property
    def is_common(self) -> bool:
        """Say whether it shows no figure and no day of the subject's own."""
        return self.own == NOTHING_OWN and not any(each.distances for each in self.obstacles)

    @property
    def standard(self) -> Range | None:
        """Return what it says the policy comes to; None where it says nothing of that."""
        if self.group is PageGroup.ENJOYED or self.is_suspended or self.outline.standard == _NOT_SAID:
            return None
        return self.outline.standard if self.outline.is_fixed else self.own.standard

    @property
    def criteria(self) -> tuple[str, ...]:
        """Return what the criteria are about that hold, where it says why."""
        return self.outline.labels if self.is_explained else ()

    @property
    def instead(self) -> str | None:
        """Return what there is where no money is paid; None where nothing is said of that."""
        is_said = self.group in _IS_NOT_PAID and not self.outline.pays
        return self.outline.summary or "" if is_said else None


def drawn(rendering: Rendering, language: Language, policies: Iterable[PolicyCheckup]) -> str:
    """Return the cards of policies, one after the other, as markup."""
    return "\n".join(map(partial(_drawn, rendering, language), policies))


def _drawn(rendering: Rendering, language: Language, found: PolicyCheckup) -> str:
    card = Card.of(found)
    return rendering.piece(_TEMPLATE, language, card, is_kept=card.is_common)


def _obstacles(found: PolicyCheckup) -> tuple[Obstacle, ...]:
    return tuple(map(_obstacle, found.examination.failing)) if found.examination else ()


def _obstacle(criterion: ExaminedCriterion) -> Obstacle:
    return Obstacle(criterion.label, criterion.distances, criterion.remedy)


def _missing(found: PolicyCheckup) -> tuple[tuple[str, str], ...]:
    return tuple((fact.owner, fact.label) for fact in found.examination.missing) if found.examination else ()
