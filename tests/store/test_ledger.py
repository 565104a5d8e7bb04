"""What is written on the ledger, and what never is; reading it back is `store.positions`."""

from collections.abc import Callable

import polars as pl
import pytest
import sqlalchemy as sa

from core.errors import RefusedError
from core.ids import grant_id, obligation_id
from core.ledger import GrantState, ItemState
from store.codes import StoreCode, StoreInvariantError
from store.grants import GRANT_MOVES
from store.items import ITEMS
from store.ledger import DUES, OBLIGATIONS, LedgerChanges, changes_of, write_ledger
from store.opening import Store, Writing
from store.positions import read_obligations, read_positions
from store.rows import FEW_ROWS, read_frame
from store.states.funds import Account
from store.tables import PostingRow, table_of
from tests.store.worlds import items, moves, open_grant, owe, posting, postings, register, seen

OPEN, HOLD, IN_BATCH = ItemState.OPEN, ItemState.ON_HOLD, ItemState.IN_BATCH
CANCELLED, PAID = ItemState.CANCELLED, ItemState.PAID


def _owe(store: Store, *amounts_fen: int) -> str:
    (subject,) = register(store, "a")
    with store.writing() as tx:
        return owe(tx, open_grant(tx, subject), *amounts_fen)


def _write(store: Store, changes: LedgerChanges) -> None:
    with store.writing() as tx:
        write_ledger(tx, changes, run_id="r_1")


def _version(store: Store, key: str) -> int:
    with store.reading() as rx:
        return read_obligations(rx, [key])[0].version


def test_everything_of_a_night_is_written_at_once(store: Store) -> None:
    """Grant, obligation, due and items come back as one record; its version counts from 1."""
    (subject,) = register(store, "a")
    grant = grant_id("p", subject, "")
    key = obligation_id(grant, "2026-02", "main")
    with store.writing() as tx:
        open_grant(tx, subject, policy="p")
        write_ledger(
            tx,
            LedgerChanges(
                obligations=pl.DataFrame([(key, grant, "2026-02", "main")], schema=OBLIGATIONS, orient="row"),
                dues=pl.DataFrame([(key, 300, None, True)], schema=DUES, orient="row"),
                items=items(key, 100, 200),
            ),
            run_id="r_1",
        )

    with store.reading() as rx:
        (kept,) = read_obligations(rx, [key])
        due = read_positions(rx).select("due_at_least_fen", "due_at_most_fen", "due_is_open").row(0)
    assert (kept.policy, kept.subject_id, kept.period, kept.version) == ("p", subject, "2026-02", 1)
    assert [(item.sequence, item.amount_fen, item.state) for item in kept.items] == [(1, 100, OPEN), (2, 200, OPEN)]
    assert (kept.held_fen, kept.committed_fen) == (300, 300)
    assert due == (300, None, True)


def test_an_obligation_without_a_due_owes_nothing(store: Store) -> None:
    """No limit has to be said; it is never what is left out."""
    _owe(store, 100)

    with store.reading() as rx:
        assert read_positions(rx).select("due_at_least_fen", "due_at_most_fen", "due_is_open").row(0) == (0, 0, False)


def test_a_due_changes_without_raising_the_version(store: Store) -> None:
    """A due is what a night thinks; it moves no money."""
    key = _owe(store, 100)

    _write(store, LedgerChanges(dues=pl.DataFrame([(key, 100, 100, False)], schema=DUES, orient="row")))

    assert _version(store, key) == 1
    with pytest.raises(StoreInvariantError):
        _write(store, LedgerChanges(dues=pl.DataFrame([("o_none", 1, 1, False)], schema=DUES, orient="row")))


def test_a_move_raises_the_version(store: Store) -> None:
    """What is written under a version is written once: the second writer has read an older one."""
    key = _owe(store, 100)
    hold = LedgerChanges(item_moves=moves(key, (1, OPEN, HOLD)), seen=seen(**{key: 1}))

    _write(store, hold)

    assert _version(store, key) == 2
    with pytest.raises(RefusedError) as caught:
        _write(store, hold)
    assert caught.value.findings[0].code is StoreCode.CHANGED
    assert _version(store, key) == 2


@pytest.mark.parametrize("count", [2, FEW_ROWS + 1])
def test_a_due_is_written_with_what_touches_its_obligation(store: Store, count: int) -> None:
    """Few or many: some get an item and a due, some an item alone, some a due alone; what is not said stays as it was."""
    subjects = register(store, *(f"{number:03}" for number in range(count)))
    with store.writing() as tx:
        keys = [owe(tx, open_grant(tx, each), 100) for each in subjects]
        dues = pl.DataFrame([(key, 100, 100, False) for key in keys], schema=DUES, orient="row")
        write_ledger(tx, LedgerChanges(dues=dues), run_id="r_0")
    both, item_alone = keys[0], keys[1]
    with_items, with_dues = keys[: max(2, count // 2)], [key for key in keys if key != item_alone]

    _write(
        store,
        LedgerChanges(
            dues=pl.DataFrame([(key, 130, None, True) for key in with_dues], schema=DUES, orient="row"),
            items=pl.concat([items(key, 30, first=2) for key in with_items]),
            seen=seen(**dict.fromkeys(with_items, 1)),
        ),
    )

    with store.reading() as rx:
        rows = read_positions(rx).select(
            "obligation_id", "held_fen", "due_at_least_fen", "due_at_most_fen", "due_is_open", "version"
        )
    found = {key: tuple(said) for key, *said in rows.iter_rows()}
    assert found[both] == (130, 130, None, True, 2)
    assert found[item_alone] == (130, 100, 100, False, 2)
    assert all(found[key] == (130, 130, None, True, 2) for key in with_items if key != item_alone)
    assert all(found[key] == (100, 130, None, True, 1) for key in keys if key not in with_items)


def test_of_many_one_that_somebody_else_wrote_on_stops_all(store: Store) -> None:
    """Neither items nor dues of the others are written."""
    subjects = register(store, *(f"{number:03}" for number in range(FEW_ROWS + 1)))
    with store.writing() as tx:
        keys = [owe(tx, open_grant(tx, each), 100) for each in subjects]
    _write(store, LedgerChanges(item_moves=moves(keys[0], (1, OPEN, HOLD)), seen=seen(**{keys[0]: 1})))

    with pytest.raises(RefusedError) as caught:
        _write(
            store,
            LedgerChanges(
                dues=pl.DataFrame([(key, 130, 130, False) for key in keys], schema=DUES, orient="row"),
                items=pl.concat([items(key, 30, first=2) for key in keys]),
                seen=seen(**dict.fromkeys(keys, 1)),
            ),
        )

    assert caught.value.findings[0].code is StoreCode.CHANGED
    with store.reading() as rx:
        rows = read_positions(rx)
    assert rows["held_fen"].to_list() == [100] * len(keys)
    assert rows["due_at_least_fen"].to_list() == [0] * len(keys)


def test_no_money_moves_without_a_version(store: Store) -> None:
    """Whoever writes has read: a missing version is our mistake, not a race."""
    key = _owe(store, 100)

    for changes in (
        LedgerChanges(items=items(key, 1, first=2)),
        LedgerChanges(item_moves=moves(key, (1, OPEN, HOLD))),
        LedgerChanges(postings=postings(posting(key, Account.KEPT, 0, 1))),
    ):
        with pytest.raises(StoreInvariantError, match="without their version"):
            _write(store, changes)


@pytest.mark.parametrize(
    ("source", "target"),
    [(IN_BATCH, PAID), (OPEN, ItemState.INSTRUCTED), (CANCELLED, OPEN), (HOLD, IN_BATCH), (PAID, CANCELLED)],
)
def test_moves_outside_the_table_are_refused(store: Store, source: ItemState, target: ItemState) -> None:
    """No path leads around the table of transitions."""
    key = _owe(store, 100)

    with pytest.raises(StoreInvariantError, match=f"from {source} to {target}"):
        _write(store, LedgerChanges(item_moves=moves(key, (1, source, target)), seen=seen(**{key: 1})))


@pytest.mark.parametrize(
    ("source", "target"), [(OPEN, IN_BATCH), (OPEN, PAID), (HOLD, PAID), (IN_BATCH, ItemState.INSTRUCTED)]
)
def test_money_goes_out_with_a_batch_alone(store: Store, source: ItemState, target: ItemState) -> None:
    """The table allows the move, but only a batch with its approval makes it."""
    key = _owe(store, 100)

    with pytest.raises(StoreInvariantError, match="with its batch alone"):
        _write(store, LedgerChanges(item_moves=moves(key, (1, source, target)), seen=seen(**{key: 1})))


def test_an_item_that_is_elsewhere_by_now_is_not_moved(store: Store) -> None:
    """The state it was read in is part of the guard."""
    key = _owe(store, 100)

    with pytest.raises(RefusedError):
        _write(store, LedgerChanges(item_moves=moves(key, (1, HOLD, OPEN)), seen=seen(**{key: 1})))

    with store.reading() as rx:
        assert read_obligations(rx, [key])[0].items[0].state is OPEN


def test_an_item_is_born_open_or_on_hold(store: Store) -> None:
    """Nothing is born paid."""
    key = _owe(store, 100)
    born = items(key, 100, first=2).with_columns(state=pl.lit(PAID.value))

    with pytest.raises(StoreInvariantError):
        _write(store, LedgerChanges(items=born, seen=seen(**{key: 1})))


def test_postings_are_dated_rows_and_sums(store: Store) -> None:
    """The obligation holds the sum of its postings, per account; each posting keeps its reason."""
    key = _owe(store, 100)
    _write(store, LedgerChanges(postings=postings(posting(key, Account.KEPT, 0, 30)), seen=seen(**{key: 1})))
    _write(
        store,
        LedgerChanges(
            postings=postings(posting(key, Account.KEPT, 30, 10), posting(key, Account.WRITTEN_OFF, 0, 20)),
            seen=seen(**{key: 2}),
        ),
    )

    table = table_of(PostingRow)
    with store.reading() as rx:
        (kept,) = read_obligations(rx, [key])
        rows = read_frame(rx, sa.select(table.c.version, table.c.account, table.c.amount_fen, table.c.because))
    assert (kept.kept_fen, kept.written_off_fen, kept.committed_fen) == (10, 20, 70)
    assert sorted(rows.rows()) == [(2, "kept", 30, "test"), (3, "kept", -20, "test"), (3, "written_off", 20, "test")]
    assert rows["amount_fen"].sum() == kept.kept_fen + kept.written_off_fen


def test_a_posting_knows_what_it_changes(store: Store) -> None:
    """An amount that is another by now is not overwritten."""
    key = _owe(store, 100)

    with pytest.raises(RefusedError):
        _write(store, LedgerChanges(postings=postings(posting(key, Account.KEPT, 5, 10)), seen=seen(**{key: 1})))


_REFUSED: dict[str, Callable[[str], LedgerChanges]] = {
    "ck_item_amount_fen_positive": lambda key: LedgerChanges(items=items(key, 0, first=2), seen=seen(**{key: 1})),
    "ck_obligation_kept_fen_not_negative": lambda key: LedgerChanges(
        postings=postings(posting(key, Account.KEPT, 0, -1)), seen=seen(**{key: 1})
    ),
    "ck_posting_amount_fen_not_zero": lambda key: LedgerChanges(
        postings=postings(posting(key, Account.KEPT, 0, 0)), seen=seen(**{key: 1})
    ),
    "ck_obligation_due_in_order": lambda key: LedgerChanges(
        dues=pl.DataFrame([(key, 2, 1, False)], schema=DUES, orient="row")
    ),
}


@pytest.mark.parametrize("constraint", _REFUSED)
def test_the_database_refuses_what_may_never_stand(store: Store, constraint: str) -> None:
    """Below every guard stands a constraint; its message has no value in it."""
    key = _owe(store, 100)

    with pytest.raises(StoreInvariantError) as caught:
        _write(store, _REFUSED[constraint](key))

    assert str(caught.value) == f"the database refused a row: `{constraint}`"


def test_a_second_obligation_for_the_same_is_refused(store: Store) -> None:
    """One row per grant, period and component, whatever its id."""
    key = _owe(store, 100)
    with store.reading() as rx:
        grant = read_obligations(rx, [key])[0].grant_id
    twin = pl.DataFrame([("o_twin", grant, "2026-02", "main")], schema=OBLIGATIONS, orient="row")

    with pytest.raises(StoreInvariantError):
        _write(store, LedgerChanges(obligations=twin))


def test_an_item_number_is_used_once(store: Store) -> None:
    """Items are unique on obligation and sequence."""
    key = _owe(store, 100)
    twin = items(key, 100).with_columns(item_id=pl.lit("i_twin"))

    with pytest.raises(StoreInvariantError):
        _write(store, LedgerChanges(items=twin, seen=seen(**{key: 1})))


def test_nothing_is_half_written(store: Store) -> None:
    """A fault in the last part takes the first part back."""
    key = _owe(store, 100)
    changes = LedgerChanges(
        items=items(key, 50, first=2),
        postings=postings(posting(key, Account.KEPT, 0, 0)),
        seen=seen(**{key: 1}),
    )

    with pytest.raises(StoreInvariantError):
        _write(store, changes)

    with store.reading() as rx:
        (kept,) = read_obligations(rx, [key])
    assert (kept.version, len(kept.items)) == (1, 1)


def test_a_grant_moves_from_the_state_it_was_read_in(store: Store) -> None:
    """A second writer who read the same state comes too late."""
    key = _owe(store, 100)
    with store.reading() as rx:
        grant = read_obligations(rx, [key])[0].grant_id
    row = (grant, GrantState.ACTIVE.value, GrantState.ENDED.value)
    ends = LedgerChanges(grant_moves=pl.DataFrame([row], schema=GRANT_MOVES, orient="row"))

    _write(store, ends)

    with pytest.raises(RefusedError) as caught:
        _write(store, ends)
    assert caught.value.findings[0].code is StoreCode.CHANGED


def test_changes_add_up() -> None:
    """Several changes as one hold the rows of all; none at all is an empty change."""
    one, other = LedgerChanges(items=items("o_1", 1)), LedgerChanges(items=items("o_2", 2, 3))

    assert changes_of([one, other]).items.height == 3
    assert changes_of([]).items.schema == ITEMS


def test_ten_thousand_obligations(store: Store) -> None:
    """A night writes whole frames; reading gives each of them once."""
    numbers = [str(number) for number in range(10_000)]
    subjects = register(store, *numbers)
    grants = [grant_id("p", subject, "") for subject in subjects]
    keys = [obligation_id(grant, "2026-02", "main") for grant in grants]
    with store.writing() as tx:
        _many(tx, subjects, grants, keys)

    with store.reading() as rx:
        positions = read_positions(rx, policy="p")
    assert positions["obligation_id"].to_list() == sorted(keys)
    assert positions["held_fen"].sum() == 10_000 * 100


def _many(tx: Writing, subjects: list[str], grants: list[str], keys: list[str]) -> None:
    every = pl.DataFrame({"grant_id": grants, "subject_id": subjects, "obligation_id": keys})
    write_ledger(
        tx,
        LedgerChanges(
            grants=every.select(
                "grant_id",
                "subject_id",
                policy=pl.lit("p"),
                event=pl.lit(""),
                state=pl.lit("active"),
                discovered_on=pl.date(2026, 3, 2),
                cause=pl.lit(None, dtype=pl.String),
            ),
            obligations=every.select("obligation_id", "grant_id", period=pl.lit("2026-02"), component=pl.lit("main")),
            items=pl.concat([items(key, 100) for key in keys]),
        ),
        run_id="r_1",
    )
