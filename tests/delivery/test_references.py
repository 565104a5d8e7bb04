import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import item_id
from delivery.references import REFERENCE_LENGTH_MAX, is_reference, item_of, reference_of, references_of

ITEM = item_id("o_1", 1)


def test_a_known_iso_11649_reference_is_right() -> None:
    """ISO 11649, annex: RF18 5390 0754 7034 is the standard's own example."""
    assert is_reference("RF18539007547034") is False  # right digits, but too short to be ours
    assert int("".join(str(int(each, 36)) for each in "539007547034RF18")) % 97 == 1


@given(sequence=st.integers(1, 50), attempt=st.integers(1, 99_999))
def test_a_reference_names_its_item_and_attempt(sequence: int, attempt: int) -> None:
    item = item_id("o_1", sequence)

    reference = reference_of(item, attempt)

    assert item_of(reference) == (item, attempt)
    assert len(reference) <= REFERENCE_LENGTH_MAX


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 99_999)), max_size=9))
def test_many_references_at_once_are_those_of_each(asked: list[tuple[int, int]]) -> None:
    """A batch makes them for all of its lines together."""
    items = [item_id("o_1", sequence) for sequence, _ in asked]

    together = references_of(pl.Series(items, dtype=pl.String), pl.Series([each for _, each in asked], dtype=pl.Int64))

    assert together.to_list() == [reference_of(item, each) for item, (_, each) in zip(items, asked, strict=True)]


@given(at=st.integers(0, 21), by=st.integers(1, 35))
def test_one_wrong_character_is_found(at: int, by: int) -> None:
    """ISO 7064 MOD 97-10 finds every single wrong character."""
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    reference = reference_of(ITEM, 1)
    other = letters[(letters.index(reference[at]) + by) % 36]

    assert not is_reference(reference[:at] + other + reference[at + 1 :])


@pytest.mark.parametrize("text", ["", "RF", "rf00", "支付参考号", "RF18 5390", "XX" + reference_of(ITEM, 1)[2:]])
def test_other_texts_are_no_references(text: str) -> None:
    assert item_of(text) is None
