"""Reading ahead: in order, no further than one part, and never beside who ends early."""

import threading

import pytest

from store.ahead import read_ahead


def test_parts_come_in_their_order() -> None:
    """Whichever is read when, what is given is as if one part were read after the other."""
    assert list(read_ahead(range(20), lambda part: part * part)) == [part * part for part in range(20)]
    assert list(read_ahead([], lambda part: part)) == []


def test_the_next_is_read_while_one_is_worked_on() -> None:
    """A part is given while the next is being read, and no other."""
    begun, worked_on = [], threading.Event()

    def read(part: int) -> int:
        begun.append(part)
        if part == 1:
            assert worked_on.wait(timeout=60)
        return part

    given = read_ahead(range(4), read)
    assert next(given) == 0
    worked_on.set()
    assert next(given) == 1
    given.close()

    assert begun in ([0, 1], [0, 1, 2])


def test_one_part_is_read_without_a_thread() -> None:
    """Pages ask for one subject; a thread would take longer."""
    assert list(read_ahead([0], lambda _: threading.current_thread())) == [threading.current_thread()]


def test_what_cannot_be_read_is_an_error_where_it_would_be_given() -> None:
    """What came before it was given."""

    def read(part: int) -> int:
        if part == 2:
            raise ValueError(part)
        return part

    given = read_ahead(range(4), read)

    assert [next(given), next(given)] == [0, 1]
    with pytest.raises(ValueError, match="2"):
        next(given)


def test_nothing_is_read_any_more_once_it_is_closed() -> None:
    """Whoever fails at a part may use what was read from: the transaction is rolled back."""
    reading, done = threading.Event(), []

    def read(part: int) -> int:
        reading.set()
        done.append(part)
        return part

    given = read_ahead(range(100), read)
    assert next(given) == 0
    given.close()

    assert reading.is_set()
    assert not [each for each in threading.enumerate() if each.name.startswith("ahead")]
    assert len(done) <= 3
