"""Random histories of a netting unit: nights with random dues, and what happens to the money between them.

Every move of an item goes through the table of transitions, which refuses others.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from core.ledger import Due, Obligation
from engine.netting.units import Member, NettingUnit, Overpaid, Partial
from tests.engine.small_world import (
    Event,
    bank_return,
    confirm,
    freeze,
    instruct,
    mend_account,
    obligation,
    pay,
    recover,
    settled,
    write_off,
)

AMOUNTS = st.integers(0, 8)  # so small that equal amounts, ties and exact matches are common


@dataclass(frozen=True)
class Night:
    """What is due on a night, its fen dealt out to the members in turn, as `winners` says."""

    due: Due
    winners: tuple[int, ...] = (0,)
    is_suspected: bool = False

    def over(self, unit: NettingUnit) -> NettingUnit:
        """Return the unit with this night's due."""
        shares = [0] * len(unit.members)
        for fen in range(self.due.at_least_fen):
            shares[self.winners[fen % len(self.winners)] % len(shares)] += 1
        members = tuple(replace(each, share_fen=share) for each, share in zip(unit.members, shares, strict=True))
        return replace(unit, members=members, due=self.due, is_first_payment_on_hold=self.is_suspected)


@dataclass(frozen=True)
class Happening:
    """Something from outside that happens to one member, or to all; the bank's doings are marked."""

    event: Event
    member: int | None = None
    is_banks: bool = False

    def to(self, unit: NettingUnit) -> NettingUnit:
        """Return the unit after it; money that may be paid again is settled at once."""
        place = None if self.member is None else self.member % len(unit.members)
        members = tuple(
            replace(each, obligation=self.event(each.obligation)) if place in {None, index} else each
            for index, each in enumerate(unit.members)
        )
        after = replace(unit, members=members)
        return settled(after) if self.event is mend_account else after


Step = Night | Happening
History = Sequence[Step]


def after(unit: NettingUnit, step: Step) -> NettingUnit:
    """Return the unit after one step; `settled` makes sure that the same night again writes nothing."""
    return settled(step.over(unit)) if isinstance(step, Night) else step.to(unit)


def lived(unit: NettingUnit, history: History) -> NettingUnit:
    """Return the unit after a history."""
    for step in history:
        unit = after(unit, step)
    return unit


def nights(unit: NettingUnit, history: History) -> Iterator[tuple[NettingUnit, Night, NettingUnit]]:
    """Give each night of a history, with the unit before and after it."""
    for step in history:
        before, unit = unit, after(unit, step)
        if isinstance(step, Night):
            yield before, step, unit


def fresh_unit(count: int = 1, overpaid: Overpaid = "case", partial: Partial = "hold") -> NettingUnit:
    """Return a unit on which nothing has happened."""
    members = (Member(obligation(f"o{index}"), 0, overpaid=overpaid) for index in range(count))
    return NettingUnit("u", tuple(members), Due(0, 0), partial)


def _in_part(event: Callable[[Obligation, int], Obligation], fen: int) -> Event:
    return lambda before: event(before, fen)


def _range(least: int, more: int | None, *, is_open: bool) -> Due:
    return Due(least, None if more is None else least + more, is_open)


RANGES = st.builds(_range, AMOUNTS, st.none() | AMOUNTS, is_open=st.booleans())
KNOWN = AMOUNTS.map(lambda fen: Due(fen, fen))
WINNERS = st.lists(st.integers(0, 2), min_size=1, max_size=3).map(tuple)
NIGHTS = st.builds(Night, KNOWN | RANGES, WINNERS, st.sampled_from([False, False, False, True]))
KNOWN_NIGHTS = st.builds(Night, KNOWN, WINNERS)
FRESH = st.builds(fresh_unit, st.integers(1, 3), st.sampled_from(["case", "keep"]), st.sampled_from(["hold", "pay"]))

_MEMBERS = st.none() | st.integers(0, 2)
_LOSSES = st.sampled_from([recover, write_off]) | st.builds(_in_part, st.sampled_from([recover, write_off]), AMOUNTS)
_PAYING = st.builds(Happening, st.sampled_from([pay, pay, pay, freeze, instruct, confirm]), _MEMBERS)
_LATER = st.builds(Happening, st.sampled_from([bank_return, mend_account]), _MEMBERS, st.just(value=True)) | st.builds(
    Happening, _LOSSES, _MEMBERS
)
HISTORIES = st.lists(
    st.tuples(NIGHTS, _PAYING, _LATER) | st.tuples(NIGHTS, _PAYING) | st.tuples(NIGHTS, _LATER), min_size=2, max_size=8
).map(lambda rounds: [step for steps in rounds for step in steps])
