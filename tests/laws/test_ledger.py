"""What holds for the money of a netting unit, whatever happens to it and in whatever order."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.ledger import GONE_OUT, UNINSTRUCTED, Due, ItemState, Obligation
from engine.netting.difference import settle
from engine.netting.settlement import CancelItem, OpenItem, Posting
from engine.netting.units import NettingUnit
from engine.overpayments.recovering import taken_in
from store.states.funds import Account
from tests.laws.histories import (
    AMOUNTS,
    FRESH,
    HISTORIES,
    KNOWN_NIGHTS,
    RANGES,
    Happening,
    History,
    Night,
    after,
    lived,
    nights,
)

PAYABLE = frozenset({ItemState.OPEN, ItemState.IN_BATCH})
Widening = Callable[[Due], Due]


def wider_by(less: int, more: int | None) -> Widening:
    """Return what makes a due less certain; None: no limit."""

    def widen(due: Due) -> Due:
        most = None if more is None or due.at_most_fen is None else due.at_most_fen + more
        return Due(max(0, due.at_least_fen - less), most, is_open=True)

    return widen


def sum_fen(unit: NettingUnit, states: frozenset[ItemState]) -> int:
    """Return what the unit's items in these states come to."""
    return sum(member.obligation.sum_fen(states) for member in unit.members)


def recovered_fen(unit: NettingUnit) -> int:
    """Return what was recovered."""
    return sum(member.obligation.recovered_fen for member in unit.members)


def posted_fen(unit: NettingUnit) -> int:
    """Return what is claimed back, written off or kept."""
    obligations = (member.obligation for member in unit.members)
    return sum(each.case_open_fen + each.written_off_fen + each.kept_fen for each in obligations)


def out_fen(unit: NettingUnit) -> int:
    """Return what went out and is not accounted for."""
    return sum_fen(unit, GONE_OUT) - recovered_fen(unit) - posted_fen(unit)


def in_batch(unit: NettingUnit) -> set[str]:
    """Return the items that are in a batch."""
    items = (item for member in unit.members for item in member.obligation.items)
    return {item.item_id for item in items if item.state is ItemState.IN_BATCH}


@given(FRESH, HISTORIES)
def test_committed_lies_in_what_is_due(unit: NettingUnit, history: History) -> None:
    """After every night what is committed lies between at least and at most; the same night twice writes nothing."""
    for _, night, settled in nights(unit, history):
        assert night.due.holds(settled.committed_fen)


@given(FRESH, HISTORIES)
def test_only_nights_move_what_is_committed(unit: NettingUnit, history: History) -> None:
    """Payment, return, recovery and write-off leave it alone, so what lies in the due stays there until the next."""
    for step in history:
        before, unit = unit, after(unit, step)
        assert isinstance(step, Night) or unit.committed_fen == before.committed_fen


@given(FRESH, HISTORIES, st.data(), KNOWN_NIGHTS)
def test_which_nights_ran_does_not_matter(
    unit: NettingUnit, history: History, data: st.DataObject, last: Night
) -> None:
    """Any subset of nights, then one by which everything is known, gives the same net position."""
    ran = data.draw(st.lists(st.booleans(), min_size=len(history), max_size=len(history)))
    some = [step for step, has_run in zip(history, ran, strict=True) if has_run or isinstance(step, Happening)]

    assert lived(unit, [*history, last]).committed_fen == lived(unit, [*some, last]).committed_fen


@given(FRESH, HISTORIES, KNOWN_NIGHTS)
def test_bank_results_do_not_matter(unit: NettingUnit, history: History, last: Night) -> None:
    """The same history without what the bank returned gives the same net position."""
    without = [step for step in history if not (isinstance(step, Happening) and step.is_banks)]

    assert lived(unit, [*history, last]).committed_fen == lived(unit, [*without, last]).committed_fen


@given(FRESH, HISTORIES, st.builds(wider_by, AMOUNTS, st.none() | AMOUNTS))
def test_knowing_less_takes_nothing_back(unit: NettingUnit, history: History, widen: Widening) -> None:
    """A wider due moves no committed fen, claims nothing and opens nothing new: money not yet instructed may wait."""
    for _, night, settled in nights(unit, history):
        wider = replace(night, due=widen(night.due))

        settlement = settle(wider.over(settled))

        opened = sum(each.item.amount_fen for each in settlement.changes if isinstance(each, OpenItem))
        cancelled = sum(each.item.amount_fen for each in settlement.changes if isinstance(each, CancelItem))
        assert opened == cancelled  # items are only split into what is certain and what waits
        assert not any(isinstance(each, Posting) for each in settlement.changes)


@given(FRESH, RANGES)
def test_unknown_opens_nothing(unit: NettingUnit, due: Due) -> None:
    """What is not certain never opens an item."""
    unknown = Night(replace(due, at_least_fen=0))

    assert not settle(unknown.over(unit))


@given(FRESH, HISTORIES)
def test_overpaid_is_accounted_for(unit: NettingUnit, history: History) -> None:
    """Recovered, written off, kept and still claimed together are what went out beyond the due (M10)."""
    for _, night, settled in nights(unit, history):
        beyond_fen = sum_fen(settled, GONE_OUT | UNINSTRUCTED) - night.due.at_least_fen

        is_known = night.due.at_least_fen == night.due.at_most_fen
        assert not is_known or recovered_fen(settled) + posted_fen(settled) == beyond_fen


@given(FRESH, HISTORIES)
def test_nothing_is_claimed_while_something_may_be_paid(unit: NettingUnit, history: History) -> None:
    """After a night, a unit with money still to be paid has no case, no write-off and nothing kept."""
    for _, _, settled in nights(unit, history):
        assert posted_fen(settled) == 0 or sum_fen(settled, UNINSTRUCTED) == 0


@given(FRESH, HISTORIES)
def test_claims_are_for_money_that_went_out(unit: NettingUnit, history: History) -> None:
    """No amount is negative, and no obligation is claimed more than went out on it (M10)."""
    for _, _, settled in nights(unit, history):
        for own in (member.obligation for member in settled.members):
            posted = (own.case_open_fen, own.written_off_fen, own.kept_fen)
            assert min(*posted, own.recovered_fen) >= 0
            assert all(item.amount_fen > 0 for item in own.items)
            assert sum(posted) <= max(0, own.sum_fen(GONE_OUT) - own.recovered_fen)


@given(FRESH, HISTORIES)
def test_only_what_is_certain_may_be_paid(unit: NettingUnit, history: History) -> None:
    """What went out and what may go out stay within at least, wherever anything may go out at all."""
    for _, night, settled in nights(unit, history):
        may_go_out = sum_fen(settled, PAYABLE)
        is_waiting = night.is_suspected or (night.due.is_open and settled.partial == "hold")
        assert may_go_out == 0 or (not is_waiting and out_fen(settled) + may_go_out <= night.due.at_least_fen)


@given(FRESH, HISTORIES)
def test_what_is_certain_does_not_wait(unit: NettingUnit, history: History) -> None:
    """Where something waits, all that is certain has gone out or may, or a bank has returned it."""
    for _, night, settled in nights(unit, history):
        is_waiting = night.is_suspected or (night.due.is_open and settled.partial == "hold")
        certain_fen = out_fen(settled) + sum_fen(settled, PAYABLE | {ItemState.RETURNED})
        waits_fen = sum_fen(settled, frozenset({ItemState.ON_HOLD}))
        assert is_waiting or waits_fen == 0 or certain_fen >= night.due.at_least_fen


@given(FRESH, HISTORIES)
def test_no_more_goes_out_than_was_ever_certain(unit: NettingUnit, history: History) -> None:
    """Money out, less what came back, never exceeds the most that was certainly due on any night."""
    most_fen = max((step.due.at_least_fen for step in history if isinstance(step, Night)), default=0)

    unit = lived(unit, history)

    assert sum_fen(unit, GONE_OUT) - recovered_fen(unit) <= most_fen


@given(FRESH, HISTORIES)
def test_what_leaves_a_batch_is_named(unit: NettingUnit, history: History) -> None:
    """Whatever leaves a batch is named, so that the batch is frozen anew and its approvals void."""
    for before, night, settled in nights(unit, history):
        leaving = settle(night.over(before)).leaving_batches

        assert {item.item_id for item in leaving} == in_batch(before) - in_batch(settled)


def send_back(before: Obligation, fen: int) -> Obligation:
    """Have money come back by itself, up to all that went out: more than is claimed, perhaps."""
    got_fen = min(fen, before.sum_fen(GONE_OUT) - before.recovered_fen)
    sums = {account: after_fen for account, _, after_fen in taken_in(before, got_fen)} if got_fen > 0 else {}
    return replace(
        before,
        recovered_fen=sums.get(Account.RECOVERED, before.recovered_fen),
        case_open_fen=sums.get(Account.CASE, before.case_open_fen),
        written_off_fen=sums.get(Account.WRITTEN_OFF, before.written_off_fen),
        kept_fen=sums.get(Account.KEPT, before.kept_fen),
    )


RECEIPTS = st.builds(
    lambda fen, member: Happening(lambda before: send_back(before, fen), member), AMOUNTS, st.none() | st.integers(0, 2)
)


@given(FRESH, HISTORIES, st.data(), KNOWN_NIGHTS)
def test_any_order_ends_as_if_computed_once(
    unit: NettingUnit, history: History, data: st.DataObject, last: Night
) -> None:
    """Late facts, corrected rules, returns, write-offs and money that comes by itself, in any order: the net is the due (M9).

    What came back is never more than went out, and what is posted beside it never more than the rest (M10).
    """
    receipts = data.draw(st.lists(RECEIPTS, max_size=3))
    lives = data.draw(st.permutations([*history, *receipts]))

    ended = lived(unit, [*lives, last])

    assert ended.committed_fen == last.due.at_least_fen
    for own in (member.obligation for member in ended.members):
        assert 0 <= own.recovered_fen <= own.sum_fen(GONE_OUT) + own.sum_fen(UNINSTRUCTED)
        assert min(own.case_open_fen, own.written_off_fen, own.kept_fen) >= 0
