"""Money by double entry: what is moved, what may not be, and what the database holds against us."""

import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from core.errors import RefusedError
from store import budgets
from store.codes import StoreInvariantError
from store.journal import PotRecord, read_entries, read_pots, verify_books
from store.moved import Limit, Moved, in_closed_year, summed
from store.opening import Store
from store.posting import post
from store.states.funds import DecisionKind, DecisionState, PotAccount
from tests.store.worlds import CLOCK_START, start

POT = ("nursing", 2026, "全额")
GRANTED, BUDGET, RESERVED, IN_TRANSIT, PAID, RETURNED, RECEIVABLE = (
    PotAccount.GRANTED, PotAccount.BUDGET, PotAccount.RESERVED, PotAccount.IN_TRANSIT, PotAccount.PAID,
    PotAccount.RETURNED, PotAccount.RECEIVABLE,
)  # fmt: skip


def move(store: Store, *ways: tuple[PotAccount, PotAccount, int], limit: Limit = Limit.KEEP, year: int = 2026) -> None:
    """Move money in one transaction, all by one document."""
    with store.writing() as tx:
        tx.moved.extend(Moved("nursing", year, "全额", *way, "b_1", "frozen", limit) for way in ways)


def appropriate(store: Store, amount_fen: int, *, year: int = 2026, by: str = "甲") -> None:
    """Have two people set a budget."""
    decision = budgets.Decision(DecisionKind.SET, "nursing", year, "全额", amount_fen, "财预〔2026〕1号")
    with store.writing() as tx:
        made = budgets.propose(tx, decision, by=by)
    with store.writing() as tx:
        budgets.confirm(tx, made.decision_id, by="乙")


def close(store: Store, year: int) -> None:
    """Have two people close a year."""
    decision = budgets.Decision(DecisionKind.CLOSE, "nursing", year, budgets.EVERY_PURSE, None, "决算")
    with store.writing() as tx:
        made = budgets.propose(tx, decision, by="甲")
    with store.writing() as tx:
        budgets.confirm(tx, made.decision_id, by="乙")


def pot(store: Store, year: int = 2026) -> PotRecord:
    """Return the one pot of a year."""
    with store.reading() as rx:
        (found,) = read_pots(rx, year=year)
        assert verify_books(rx) == []
    return found


def test_an_amount_moves_from_one_account_to_another(store: Store) -> None:
    """Each entry has both sides, so everything together is nothing; the budget of a pot without one goes below zero."""
    move(store, (BUDGET, RESERVED, 500))
    move(store, (RESERVED, IN_TRANSIT, 300), (RESERVED, BUDGET, 200))

    found = pot(store)

    assert (found.budget_fen, found.reserved_fen, found.in_transit_fen) == (-300, 0, 300)
    assert (found.appropriated_fen, found.left_fen, found.entry_count) == (None, None, 3)


def test_a_budget_is_not_overdrawn(store: Store) -> None:
    """What is left is reserved to the last fen, and not one more; a refusal writes nothing."""
    appropriate(store, 1_000)
    move(store, (BUDGET, RESERVED, 999))
    move(store, (BUDGET, RESERVED, 1))

    with pytest.raises(RefusedError, match=r"E680.*0.01 yuan are asked of `全额` for 2026, 0.00 are left"):
        move(store, (BUDGET, RESERVED, 1))

    assert (pot(store).reserved_fen, pot(store).left_fen) == (1_000, 0)


def test_a_rule_that_pays_on_goes_as_far_beyond_as_it_pays(store: Store) -> None:
    """By how much is in the books, and what comes back leaves no room beyond the budget."""
    appropriate(store, 1_000)
    move(store, (BUDGET, RESERVED, 1_300), limit=Limit.EXTEND)
    beyond = pot(store).beyond_fen
    move(store, (RESERVED, BUDGET, 400))

    with pytest.raises(RefusedError, match="E680"):
        move(store, (BUDGET, RESERVED, 101))

    assert (beyond, pot(store).beyond_fen, pot(store).left_fen) == (300, 0, 100)


def test_what_is_set_is_in_all_and_never_below_what_is_taken(store: Store) -> None:
    """Raised and lowered by decisions; a pot that paid without a budget needs at least that."""
    move(store, (BUDGET, RESERVED, 500))
    with pytest.raises(RefusedError, match=r"E680.*5.00 yuan of `全额` for 2026 are reserved or paid already"):
        appropriate(store, 499)
    with store.writing() as tx:
        (waiting,) = budgets.read_decisions(tx)
        budgets.withdraw(tx, waiting.decision_id, by="甲")
    appropriate(store, 800)
    appropriate(store, 600)

    assert (pot(store).appropriated_fen, pot(store).left_fen) == (600, 100)


def test_nothing_at_all_can_be_set(store: Store) -> None:
    """A budget of nothing lets nothing be paid; no budget lets everything."""
    appropriate(store, 0)

    with pytest.raises(RefusedError, match="E680"):
        move(store, (BUDGET, RESERVED, 1))

    assert pot(store).appropriated_fen == 0


def test_two_people_decide(store: Store) -> None:
    """Who proposed does not confirm; nothing is posted before, and nothing twice."""
    decision = budgets.Decision(DecisionKind.SET, "nursing", 2026, "全额", 100, "文")
    with store.writing() as tx:
        made = budgets.propose(tx, decision, by="甲")
    with pytest.raises(RefusedError, match="E685"), store.writing() as tx:
        budgets.confirm(tx, made.decision_id, by="甲")
    with pytest.raises(RefusedError, match=r"E686.*proposes this already"), store.writing() as tx:
        budgets.propose(tx, decision, by="丙")
    with store.writing() as tx:
        before = read_pots(tx)
        decided = budgets.confirm(tx, made.decision_id, by="乙")
    with pytest.raises(RefusedError, match=r"E686.*`confirmed` already"), store.writing() as tx:
        budgets.confirm(tx, made.decision_id, by="丙")

    assert (before, decided.state, pot(store).appropriated_fen) == ((), DecisionState.CONFIRMED, 100)


@pytest.mark.parametrize("statement", ["update journal_entry set amount_fen = 1", "delete from journal_entry"])
def test_an_entry_is_never_changed(store: Store, statement: str) -> None:
    """The database refuses it, whoever asks."""
    move(store, (BUDGET, RESERVED, 500))

    with pytest.raises(StoreInvariantError), store.writing() as tx:
        tx.connection.execute(sa.text(statement))


@pytest.mark.parametrize(
    "change",
    [
        "update pot set reserved_fen = reserved_fen + 1",
        "update pot set reserved_fen = -1, budget_fen = 1",
        "update pot set budget_fen = -1, reserved_fen = 1",
    ],
)
def test_balances_that_cannot_be_are_refused(store: Store, change: str) -> None:
    """A pot is balanced, holds nothing below nothing, and does not go beyond its budget."""
    appropriate(store, 0)

    with pytest.raises(StoreInvariantError, match="pot"), store.writing() as tx:
        tx.connection.execute(sa.text(change))


def test_who_writes_past_the_product_is_found(store: Store) -> None:
    """Balances and entries are compared one by one."""
    move(store, (BUDGET, RESERVED, 500))
    with store.writing() as tx:
        tx.connection.execute(sa.text("update pot set budget_fen = -400, reserved_fen = 400"))

    with store.reading() as rx:
        (finding,) = verify_books(rx)

    assert "the balances of `全额` for 2026 are not what its entries come to" in str(finding)


def at_the_end_of(store: Store, year: int) -> None:
    """Move the clock to the first morning of the next year."""
    clock = store.clock
    clock.instant = dt.datetime(year + 1, 1, 1, 4, 0, tzinfo=dt.UTC)  # type: ignore[attr-defined]  # a `FixedClock`


def test_a_closed_year_changes_no_more(store: Store) -> None:
    """M11: what is under way is carried over, what nobody has is surrendered, and the year stays as it is for ever."""
    appropriate(store, 10_000)
    move(store, (BUDGET, RESERVED, 6_000))
    move(store, (RESERVED, IN_TRANSIT, 5_000))
    move(store, (IN_TRANSIT, PAID, 2_000), (IN_TRANSIT, RETURNED, 1_000))
    at_the_end_of(store, 2026)
    close(store, 2026)
    before = pot(store, 2026)

    move(store, (IN_TRANSIT, PAID, 2_000), (RETURNED, RESERVED, 1_000), (PAID, RETURNED, 500), (RESERVED, BUDGET, 300))

    with store.reading() as rx:
        (old, new) = read_pots(rx)
        assert verify_books(rx) == []
    assert old == before
    assert (old.paid_fen, old.surrendered_fen, old.reserved_fen, old.returned_fen) == (2_000, 4_000, 0, 0)
    assert (new.paid_fen, new.returned_fen, new.surrendered_fen, new.budget_fen) == (2_000, 500, 300, 0)
    assert new.reserved_fen == 1_700  # 1,000 carried, 1,000 paid again, 300 given back


def test_nothing_new_is_paid_by_a_closed_year(store: Store) -> None:
    """Neither reserved nor appropriated, and not by anybody who writes past the product."""
    move(store, (BUDGET, RESERVED, 1))
    at_the_end_of(store, 2026)
    close(store, 2026)

    with pytest.raises(RefusedError, match=r"E681.*the year 2026 of `nursing` is closed"):
        move(store, (BUDGET, RESERVED, 1))
    with pytest.raises(RefusedError, match="E681"):
        appropriate(store, 5)
    copied = "select policy, year, purse, 99, source, target, 1, document, event, posted_at from journal_entry"
    added = sa.text(f"insert into journal_entry {copied} where year = 2026 and number = 1")
    with pytest.raises(StoreInvariantError), store.writing() as tx:
        tx.connection.execute(added)


def test_years_are_closed_once_they_are_over_and_in_their_order(store: Store) -> None:
    """Not before New Year in China, and not before the year before."""
    move(store, (BUDGET, RESERVED, 1), year=2025)
    move(store, (BUDGET, RESERVED, 1))
    with pytest.raises(RefusedError, match=r"E682.*the year 2026 is not over"):
        close(store, 2026)
    at_the_end_of(store, 2026)

    with pytest.raises(RefusedError, match=r"E683.*the year 2025 of `nursing` is still open"):
        close(store, 2026)

    close(store, 2025)
    close(store, 2026)
    assert pot(store, 2027).reserved_fen == 2


def test_two_writers_share_what_is_left(url: str, store: Store) -> None:
    """M2: of two processes that reserve at once until nothing is left, no fen is reserved twice."""
    appropriate(store, 10_000)
    script = (
        "import sys\n"
        "from core.errors import RefusedError\n"
        "from store.moved import Moved\n"
        "from store.opening import open_store\n"
        "from store.states.funds import PotAccount\n"
        "from tests.store.worlds import CLOCK_START, clock_at\n"
        "done = 0\n"
        "with open_store(sys.argv[1], clock=clock_at(CLOCK_START)) as store:\n"
        "    sys.stdin.readline()\n"
        "    try:\n"
        "        while True:\n"
        "            with store.writing() as tx:\n"
        "                way = (PotAccount.BUDGET, PotAccount.RESERVED)\n"
        "                tx.moved.append(Moved('nursing', 2026, '全额', *way, 97, 'b_1', 'frozen'))\n"
        "            done += 97\n"
        "    except RefusedError:\n"
        "        print(done)\n"
    )
    children = [start(script, url) for _ in range(2)]

    taken = [int(child.communicate("go\n", timeout=120)[0]) for child in children]

    found = pot(store)
    assert sum(taken) == found.reserved_fen == 97 * (10_000 // 97)
    assert found.left_fen == 10_000 - found.reserved_fen


ACCOUNTS = st.sampled_from(sorted(PotAccount))
MOVES = st.builds(
    Moved,
    st.sampled_from(["a", "b"]),
    st.sampled_from([2025, 2026]),
    st.sampled_from(["中央", "区级"]),
    ACCOUNTS,
    ACCOUNTS,
    st.integers(-1_000, 1_000),
    st.sampled_from(["b_1", "b_2"]),
    st.just("frozen"),
)


@given(st.lists(MOVES.filter(lambda each: each.source is not each.target), max_size=20))
def test_summed_moves_come_to_the_same(moves: list[Moved]) -> None:
    """M1: nothing is lost or made by adding up, whichever way amounts go; every amount left is above zero."""

    def balances(of: list[Moved]) -> dict[tuple[object, ...], int]:
        found: dict[tuple[object, ...], int] = {}
        for each in of:
            for account, sign in ((each.source, -1), (each.target, 1)):
                key = (each.pot, each.document, account)
                found[key] = found.get(key, 0) + sign * each.amount_fen
        return {key: fen for key, fen in found.items() if fen}

    found = summed(moves)

    assert balances(found) == balances(moves)
    assert all(each.amount_fen > 0 for each in found)
    assert sum(balances(found).values()) == 0


@given(MOVES.filter(lambda each: each.source is not each.target))
def test_a_move_of_a_closed_year_leaves_its_amount(moved: Moved) -> None:
    """Only year and accounts are others; nothing of it is the new year's budget."""
    found = in_closed_year(moved, 2030)

    assert (found.year, found.amount_fen, found.document) == (2030, moved.amount_fen, moved.document)
    assert found.target is not BUDGET
    assert found.source is not PAID


def test_nothing_moved_is_nothing_posted(store: Store) -> None:
    """A transaction that moves no money touches no pot; one of nothing writes no entry."""
    with store.writing() as tx:
        post(tx.connection, [], at=CLOCK_START)
    move(store, (BUDGET, RESERVED, 0))

    with store.reading() as rx:
        assert (read_pots(rx), read_entries(rx).height) == ((), 0)
