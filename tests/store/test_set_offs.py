"""What is kept back from payments for claims, on both databases: all of it or nothing, and in the books."""

from collections.abc import Callable

import pytest

from core.errors import RefusedError
from core.ids import item_id
from core.ledger import ItemState
from core.shares import ONE_PURSE, Purse
from store.case_steps import CaseDeed, case_of, take_case_step
from store.cases import chosen_for_set_off
from store.codes import StoreCode
from store.journal import read_pots, verify_books
from store.ledger import LedgerChanges, write_ledger
from store.opening import Store, Writing
from store.positions import read_obligations
from store.set_offs import KeptBack, keep_back, set_offs_for, set_offs_of
from store.states.cases import CaseAction, CaseState
from store.states.funds import Account
from tests.laws.stored_money import check_money
from tests.store.paying import choose_set_off, kept_back
from tests.store.worlds import DAY, open_grant, owe, posting, postings, register, seen

POLICY = "nursing-allowance"


@pytest.fixture
def keys(store: Store) -> tuple[str, str]:
    """Return an obligation of which 100 fen are claimed and to be set off, and one with 90 fen open."""
    (subject,) = register(store, "a")
    with store.writing() as tx:
        grant = open_grant(tx, subject)
        claimed, paying = owe(tx, grant), owe(tx, grant, 90, period="2026-03")
    with store.writing() as tx:
        _post(tx, claimed, 0, 100)
        choose_set_off(tx, claimed)
    return claimed, paying


def _post(tx: Writing, key: str, before_fen: int, after_fen: int) -> None:
    (record,) = read_obligations(tx, [key])
    rows = postings(posting(key, Account.CASE, before_fen, after_fen))
    write_ledger(tx, LedgerChanges(postings=rows, seen=seen(**{key: record.version})), run_id=None)


def _keep(tx: Writing, keys: tuple[str, str], off_fen: int, *, purses: tuple[Purse, ...] = (ONE_PURSE,)) -> None:
    (case,) = chosen_for_set_off(tx)
    rest = [(90 - off_fen, None)] if off_fen < 90 else []
    parts = kept_back(keys[1], 1, 2, [(off_fen, case.case_id), *rest])
    keep_back(tx, KeptBack(POLICY, DAY, parts, purses), run_id=None)


@pytest.mark.parametrize("off_fen", [1, 45, 89, 90])
def test_the_item_is_split_and_the_claim_is_lower(store: Store, keys: tuple[str, str], off_fen: int) -> None:
    """Whole or in part: the obligation has got all of it, and the claim has so much less outstanding."""
    with store.writing() as tx:
        _keep(tx, keys, off_fen)

    with store.reading() as rx:
        claimed, paying = (read_obligations(rx, [key])[0] for key in keys)
        kept = set_offs_for(rx, chosen_for_set_off(rx)[0].case_id)
        check_money(rx)
        assert verify_books(rx) == []
    live = [(item.amount_fen, item.state) for item in paying.items if item.state is not ItemState.CANCELLED]
    assert live == [(off_fen, ItemState.SET_OFF)] + ([(90 - off_fen, ItemState.OPEN)] if off_fen < 90 else [])
    assert (claimed.case_open_fen, claimed.recovered_fen, paying.committed_fen) == (100 - off_fen, off_fen, 90)
    assert kept.select("amount_fen", "pay_day", "period").rows() == [(off_fen, DAY, "2026-03")]


def _object(tx: Writing) -> None:
    (case,) = chosen_for_set_off(tx)
    take_case_step(tx, case, CaseDeed(CaseAction.OBJECTED, "clerk", "no"), CaseState.APPEALED)


def _agree(tx: Writing) -> None:
    (case,) = chosen_for_set_off(tx)
    take_case_step(tx, case, CaseDeed(CaseAction.PLANNED, "clerk"), CaseState.COLLECTING)


@pytest.mark.parametrize("between", [_object, _agree])
def test_a_claim_that_may_not_be_set_off_any_more(
    store: Store, keys: tuple[str, str], between: Callable[[Writing], None]
) -> None:
    """Between the night's reading and its writing somebody objects, or agrees on something else: nothing is written."""
    with store.reading() as rx:
        (case,) = chosen_for_set_off(rx)
    with store.writing() as tx:
        between(tx)

    parts = kept_back(keys[1], 1, 2, [(45, case.case_id), (45, None)])
    with pytest.raises(RefusedError) as caught, store.writing() as tx:
        keep_back(tx, KeptBack(POLICY, DAY, parts), run_id=None)

    assert caught.value.findings[0].code is StoreCode.CHANGED
    with store.reading() as rx:
        assert [each.state for each in read_obligations(rx, [keys[1]])[0].items] == [ItemState.OPEN]
        assert case_of(rx, case.case_id).recovered_fen == 0


def test_more_than_is_claimed_or_open_is_refused(store: Store, keys: tuple[str, str]) -> None:
    """The claim fell to 10 in between; an item that is gone is not set off a second time."""
    with store.writing() as tx:
        _post(tx, keys[0], 100, 10)
    with pytest.raises(RefusedError), store.writing() as tx:
        _keep(tx, keys, 11)
    with store.writing() as tx:
        _keep(tx, keys, 9)
    with pytest.raises(RefusedError), store.writing() as tx:
        _keep(tx, keys, 1)

    with store.reading() as rx:
        check_money(rx)
        assert read_obligations(rx, [keys[0]])[0].case_open_fen == 1


def test_each_purse_pays_its_part_and_claims_it_back(store: Store, keys: tuple[str, str]) -> None:
    """What was set off and is not due after all is claimed from the purses that paid it, to the fen."""
    purses = (Purse("central", weight=2), Purse("county", weight=1))
    with store.writing() as tx:
        _keep(tx, keys, 90, purses=purses)
    with store.writing() as tx:
        _post(tx, keys[1], 0, 90)

    with store.reading() as rx:
        pots = {pot.purse: (pot.budget_fen, pot.paid_fen, pot.receivable_fen) for pot in read_pots(rx)}
        assert verify_books(rx) == []
        assert set_offs_of(rx, "nobody", since=DAY, through=DAY).is_empty()
    assert pots["central"] == (-60, 0, 60)
    assert pots["county"] == (-30, 0, 30)


def test_a_claim_that_grows_beyond_what_was_told_is_decided_anew(store: Store, keys: tuple[str, str]) -> None:
    """What nobody was told of is not collected, nor set off."""
    with store.writing() as tx:
        _post(tx, keys[0], 100, 101)

    with store.reading() as rx:
        assert chosen_for_set_off(rx) == ()


def test_what_is_set_off_is_for_ever(store: Store, keys: tuple[str, str]) -> None:
    """No night moves it again."""
    with store.writing() as tx:
        _keep(tx, keys, 90)

    with store.reading() as rx:
        (item,) = read_obligations(rx, [keys[1]])[0].items
    assert (item.item_id, item.state) == (item_id(keys[1], 1), ItemState.SET_OFF)
