"""Notes about persons: sealed, opened on the record, sealed anew with new keys."""

import pytest

from core.errors import RunError
from store.opening import Store
from store.sealed_notes import has_note, keep_note, open_note, rotate_notes
from store.vault_openings import read_openings
from tests.store.worlds import register, seals


def _kept(store: Store, text: str = "长子，电话在此", *, keys: tuple[str, ...] = ("k1",)) -> str:
    (subject,) = register(store, "a")
    with store.writing() as tx:
        keep_note(tx, seals(*keys), about="c_1", field="contact", text=text, by="clerk")
    return subject


def test_a_later_note_takes_the_place(store: Store) -> None:
    """One note for each field; the opening is recorded with who and why."""
    subject = _kept(store)
    _kept(store, "次子")

    with store.writing() as tx:
        found = open_note(tx, seals(), about="c_1", field="contact", subject_id=subject, by="reader", why="a case")
        none = open_note(tx, seals(), about="c_2", field="contact", subject_id=subject, by="reader", why="a case")

    assert (found, none) == ("次子", None)
    with store.reading() as rx:
        assert has_note(rx, about="c_1", field="contact")
        assert not has_note(rx, about="c_2", field="contact")
        assert read_openings(rx).select("opened_by", "because", "fields").rows() == [("reader", "a case", "contact")]


def test_new_keys(store: Store) -> None:
    """What was sealed with a former key is sealed anew, once; without the key it does not open."""
    subject = _kept(store)
    with store.writing() as tx:
        assert (rotate_notes(tx, seals("k1", "k2")), rotate_notes(tx, seals("k1", "k2"))) == (1, 0)

    def opened(*names: str) -> str | None:
        with store.writing() as tx:
            return open_note(
                tx, seals(*names), about="c_1", field="contact", subject_id=subject, by="reader", why="a case"
            )

    assert opened("k1", "k2") == "长子，电话在此"
    with pytest.raises(RunError):
        opened("k1")
