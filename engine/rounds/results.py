"""What a round fixes: ranks, a ratio, or who comes first, from entrants as they are known on one day.

Pure. Somebody of whom it is not known whether they take part, or with how much, keeps their place free: ranks are those
that hold however it turns out, and money that they may want is not given to others.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

RATIO_SCALE = 6  # digits of a ratio, rounded down, so that the parts never exceed the whole


@dataclass(frozen=True, slots=True)
class Entrant:
    """One subject; `is_sure` says that it certainly takes part.

    `scores` are what it is ranked by, the largest first; `wanted_fen` is what it asks of the pot, `came_on` since when.
    Nulls: a score, an amount or a day that nobody knows.
    """

    subject_id: str
    is_sure: bool
    group: str = ""
    scores: tuple[Fraction | None, ...] = ()
    wanted_fen: int | None = None
    came_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """What the round says of one entrant; all of it null while it is not certain.

    `rank` is the best of `ranks`, which are by list.
    """

    subject_id: str
    rank: int | None = None
    ratio: Fraction | None = None
    amount_fen: int | None = None
    ranks: tuple[int | None, ...] = ()


def ranked(entrants: Sequence[Entrant], top: int | None = None) -> list[Placed]:
    """Return the best rank of each entrant within its group, over all that they are ranked by; ties share a rank.

    With `top`, only those who are certainly among so many have a rank, and those who may be have none: the rest is left
    out. Source: whoever is not known is counted before everyone else, and for themselves after everyone else.
    """
    found = [_placed(each, entrants) for each in _in_order(entrants)]
    if top is None:
        return found
    return [each for each in found if each.rank is None or each.rank <= top]


def _placed(own: Entrant, entrants: Sequence[Entrant]) -> Placed:
    if not own.is_sure:
        return Placed(own.subject_id)
    peers = [each for each in entrants if each.group == own.group and each is not own]
    ranks = tuple(
        None if score is None else 1 + sum(_may_precede(each.scores[place], score) for each in peers)
        for place, score in enumerate(own.scores)
    )
    return Placed(own.subject_id, min((rank for rank in ranks if rank is not None), default=None), ranks=ranks)


def _may_precede(other: Fraction | None, own: Fraction) -> bool:
    return other is None or other > own


def in_ratio(
    entrants: Sequence[Entrant], budget_fen: int, *, most_fen: int | None = None, ratio_most: Fraction = Fraction(1)
) -> list[Placed]:
    """Return each entrant's part of a budget: what it asks for times one ratio, at most `most_fen`.

    Source: the ratio is the budget over everything that may be asked for, unknown entrants counted in. An amount that
            nobody knows has no part in it: the budget has to leave a reserve for those.
    """
    asked_fen = sum(each.wanted_fen for each in entrants if each.wanted_fen is not None)
    exact = min(ratio_most, Fraction(budget_fen, asked_fen)) if asked_fen else ratio_most
    ratio = Fraction(int(exact * 10**RATIO_SCALE), 10**RATIO_SCALE)
    found = []
    for each in _in_order(entrants):
        if not each.is_sure or each.wanted_fen is None:
            found.append(Placed(each.subject_id))
            continue
        part_fen = int(ratio * each.wanted_fen)
        found.append(Placed(each.subject_id, None, ratio, part_fen if most_fen is None else min(part_fen, most_fen)))
    return found


def first_come(
    entrants: Sequence[Entrant], budget_fen: int | None, *, quota: int | None = None, most_fen: int | None = None
) -> list[Placed]:
    """Return who is served before the pot is empty: earliest first, of one day by id; the last gets what is left.

    Source: who may take part is served like the others, so that what is left for those behind is certain; what they may
            get stays unknown. Whoever comes when the pot is empty, or the quota full, is left out.
    """
    found, left_fen = list[Placed](), budget_fen
    known = [each for each in entrants if each.came_on is not None]
    for place, each in enumerate(sorted(known, key=lambda entrant: (entrant.came_on, entrant.subject_id)), start=1):
        if left_fen == 0 or (quota is not None and place > quota):
            break
        given_fen = _least(each.wanted_fen, most_fen, left_fen)
        left_fen = None if left_fen is None else left_fen - (given_fen or 0)
        is_certain = each.is_sure and each.wanted_fen is not None
        found.append(Placed(each.subject_id, place, None, given_fen) if is_certain else Placed(each.subject_id))
    return sorted([*found, *(Placed(each.subject_id) for each in entrants if each.came_on is None)], key=_by_id)


def _least(*amounts_fen: int | None) -> int | None:
    return min((each for each in amounts_fen if each is not None), default=None)


def _in_order(entrants: Iterable[Entrant]) -> list[Entrant]:
    return sorted(entrants, key=lambda entrant: entrant.subject_id)


def _by_id(placed: Placed) -> str:
    return placed.subject_id
