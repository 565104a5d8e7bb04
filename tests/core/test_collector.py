import gc

import pytest

from core.collector import SEARCH_AFTER, no_search_for_cycles, search_seldom


def test_it_is_off_inside_and_as_before_afterwards() -> None:
    """Also where the job fails, and where somebody else had put it off already."""
    with pytest.raises(ZeroDivisionError), no_search_for_cycles():
        _ = 1 // int(gc.isenabled())
    assert gc.isenabled()

    gc.disable()
    try:
        with no_search_for_cycles():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_server_searches_seldom_and_among_old_objects_as_before() -> None:
    """Only how many new objects begin a search is another."""
    before = gc.get_threshold()
    try:
        search_seldom()

        assert gc.get_threshold() == (SEARCH_AFTER, *before[1:])
        assert gc.isenabled()
    finally:
        gc.set_threshold(*before)
