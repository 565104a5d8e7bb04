import gc

import pytest

from core.collector import no_search_for_cycles


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
