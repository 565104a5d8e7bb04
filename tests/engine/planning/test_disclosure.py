"""No small cell is shown, and none can be worked out from the total and the cells that are."""

from hypothesis import given
from hypothesis import strategies as st

from engine.planning.disclosure import K_LEAST, shown_cells

counts = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=1), st.integers(0, 30), max_size=7)


@given(counts)
def test_no_cell_below_k_is_shown(cells: dict[str, int]) -> None:
    """A cell is shown as it is, or not at all; zero is nobody."""
    shown = shown_cells(cells)

    assert shown.keys() == cells.keys()
    assert all(count in {None, cells[key]} for key, count in shown.items())
    assert all(count is None or count == 0 or count >= K_LEAST for count in shown.values())


@given(counts)
def test_no_hidden_cell_can_be_computed(cells: dict[str, int]) -> None:
    """Whoever knows the total finds at least two values for each hidden cell, one of them large enough to be shown."""
    shown = shown_cells(cells)
    hidden = [key for key, count in shown.items() if count is None]
    left = sum(cells.values()) - sum(count or 0 for count in shown.values())

    is_small = sum(cells.values()) < K_LEAST
    least = 0 if len(hidden) == len(cells) else 1  # where all is hidden, a cell may also be nobody
    if hidden and not (is_small or len(cells) == 1 or len(hidden) == len(cells)):
        possible = range(least, left - (len(hidden) - 1) * least + 1)
        assert len(hidden) > 1
        assert {1, K_LEAST} <= set(possible)


@given(counts)
def test_a_table_without_small_cells_is_whole(cells: dict[str, int]) -> None:
    """Nothing is hidden that need not be."""
    large = {key: count for key, count in cells.items() if count == 0 or count >= K_LEAST}

    assert shown_cells(large) == large


def test_one_small_cell_takes_the_next_larger_with_it() -> None:
    """3 alone would be the total less the others: 8 is hidden too, and the two may be anything from 1 to 10."""
    assert shown_cells({"a": 3, "b": 40, "c": 8, "d": 0}) == {"a": None, "b": 40, "c": None, "d": 0}


def test_many_cells_of_one_are_not_told_by_their_sum() -> None:
    """Five cells of one person each add up to 5: each could only be 1, so a sixth is hidden with them."""
    ones = dict.fromkeys("abcde", 1)

    assert shown_cells(ones | {"f": 50}) == dict.fromkeys("abcdef")


def test_a_total_below_k_shows_nothing() -> None:
    """Who the three are is nobody's business, zeros included."""
    assert shown_cells({"a": 3, "b": 0}) == {"a": None, "b": None}
