import gc
import weakref

import pytest

from core.collector import SEARCH_AFTER, no_search_for_cycles, search_seldom, set_apart


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


class Link:
    """Something that refers to itself."""

    def __init__(self) -> None:
        self.itself = self


def test_what_lives_is_passed_over_and_what_was_given_up_since_is_found_the_next_time() -> None:
    """A night that is set apart stays until another is, and is gone then, cycles and all."""
    kept = Link()
    gone = weakref.ref(kept)
    try:
        set_apart()
        assert gc.get_freeze_count() > 0
        del kept
        gc.collect()
        assert gone() is not None

        set_apart()
        assert gone() is None
    finally:
        gc.unfreeze()
