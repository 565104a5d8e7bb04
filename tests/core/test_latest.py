"""What was made last is kept for whoever asks for the same again."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from core.latest import Latest


def test_another_key_is_made_anew() -> None:
    """One thing is kept, and none is told of another key."""
    latest, made = Latest[str](), list[str]()

    def make(word: str) -> str:
        made.append(word)
        return word

    assert [latest.of(key, partial(make, key)) for key in ("a", "a", "b", "a")] == ["a", "a", "b", "a"]
    assert made == ["a", "b", "a"]


def test_of_those_who_ask_at_once_one_makes_it() -> None:
    """The others wait, and get the same; who asks for what is there waits for nobody."""
    latest, made, may_end = Latest[object](), list[object](), threading.Event()

    def make() -> object:
        made.append(object())
        assert may_end.wait(60)
        return made[-1]

    with ThreadPoolExecutor(4) as askers:
        asked = [askers.submit(latest.of, "night", make) for _ in range(4)]
        may_end.set()
        found = [each.result() for each in asked]

    assert len(made) == 1
    assert found == made * 4
    assert latest.of("night", object) is made[0]


def test_what_could_not_be_made_is_made_by_the_next() -> None:
    """A fault is told whoever met it, and kept for nobody."""
    latest = Latest[str]()

    def fail() -> str:
        raise KeyError

    with pytest.raises(KeyError):
        latest.of("night", fail)
    assert latest.of("night", lambda: "made") == "made"
