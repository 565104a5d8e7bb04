"""What each line of a batch takes of each purse."""

import polars as pl

from core.shares import ONE_PURSE, Purse
from store.batches import BatchHead, read_lines
from store.freezing import add_batch
from store.line_funds import PLACES, Funding, placed, purses_of, split_lines
from store.opening import Store
from tests.store.worlds import DAY, lines, open_grant, owe, register

HEAD = BatchHead("b_1", "nursing-allowance", "护理补贴", "区残联", DAY)
THREE = (
    Purse("中央", "central", "2081107", None, 1),
    Purse("市级", "city", "2081107", "P-1", 1),
    Purse("区级", "county", None, None, 1),
)


def frozen(store: Store, *amounts_fen: int, purses: tuple[Purse, ...]) -> pl.DataFrame | None:
    """Freeze items into a batch; return how its lines are split."""
    (subject,) = register(store, "a")
    with store.writing() as tx:
        key = owe(tx, open_grant(tx, subject), *amounts_fen)
        own = lines(tx, key, *range(1, len(amounts_fen) + 1))
        add_batch(tx, HEAD, own, run_id=None, funding=Funding(purses))
    with store.reading() as rx:
        assert purses_of(rx, "b_1") == purses
        return split_lines(rx, read_lines(rx, "b_1"))


def test_lines_are_split_by_the_purses_of_their_batch(store: Store) -> None:
    """The parts of each line come to it, those of each purse to its part of the batch; nothing is below nothing."""
    parts = frozen(store, 1, 1, 1, 100, purses=THREE)

    assert parts is not None
    assert parts.columns == ["reference", "funding_line", "account_code", "amount_fen"]
    assert sorted(parts.group_by("reference").agg(pl.col("amount_fen").sum())["amount_fen"]) == [1, 1, 1, 100]
    by_purse = parts.group_by("funding_line", maintain_order=True).agg(pl.col("amount_fen").sum())
    assert by_purse.rows() == [("中央", 34), ("市级", 35), ("区级", 34)]
    assert parts["amount_fen"].min() == 1
    assert set(parts["account_code"]) == {"2081107", ""}


def test_without_purses_there_is_nothing_to_split(store: Store) -> None:
    """A payment order of such a batch says nothing of funding."""
    assert frozen(store, 5, 7, purses=(ONE_PURSE,)) is None


def test_who_is_paid_again_keeps_the_place(store: Store) -> None:
    """The others are numbered among themselves, in the order of their items."""
    fresh = pl.DataFrame({"item_id": ["c", "a", "b"], "amount_fen": [5, 7, 9]})
    before = pl.DataFrame([("b", 9, "b_0", 100)], schema=PLACES, orient="row")

    found = placed(fresh, before, "b_1")

    assert found.select("item_id", "funded_by", "first_fen").rows() == [
        ("a", "b_1", 0),
        ("b", "b_0", 100),
        ("c", "b_1", 7),
    ]
