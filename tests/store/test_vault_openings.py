import polars as pl
import pytest
import sqlalchemy as sa
from polars.testing import assert_frame_equal

from core.errors import RunError
from profiles.identity import LoadRef
from store.opening import Store, Writing
from store.rows import ASKED_MAX
from store.tables import Personal, table_of
from store.vault import StoredVault
from store.vault_openings import OPENED, kind_of, look_up, open_in_parts, open_personal, read_openings
from tests.store.worlds import CLOCK_START, LOAD, later, register, seals

FIELDS = pl.Schema({"subject_id": pl.String(), "field": pl.String(), "value": pl.String()})


def _keep(store: Store, load: LoadRef, *rows: tuple[str, str, str]) -> None:
    with store.writing() as tx:
        frame = pl.DataFrame(list(rows), schema=FIELDS, orient="row")
        StoredVault(tx, seals()).keep("person", frame, load=load, loaded_at=tx.now)


def _open(store: Store, *subject_ids: str, fields: tuple[str, ...] = ("name", "number")) -> list[tuple[str, ...]]:
    with store.writing() as tx:
        return open_personal(tx, seals(), subject_ids, fields, by="officer", why="a test").rows()


def test_the_newest_value_of_each_resource_is_opened(store: Store) -> None:
    """What a resource said before is history; what another says stands beside."""
    a, b = register(store, "a", "b")
    _keep(store, LOAD, (a, "name", "甲"), (b, "name", "乙"), (a, "phone", "1"))
    later(store, days=1)
    _keep(store, LoadRef("load_2", "residents"), (a, "name", "甲改"))
    _keep(store, LoadRef("load_3", "cards"), (a, "name", "甲卡"))

    assert _open(store, a) == [
        (a, "name", "cards", "甲卡"),
        (a, "name", "residents", "甲改"),
        (a, "number", "", "a"),
    ]
    assert _open(store, b, fields=("phone",)) == []


def test_a_merged_subject_has_what_any_of_its_ids_had(store: Store) -> None:
    """Asked under the id that stands or under the one merged away, the answer is the same, under each id asked."""
    (old,) = register(store, "old")
    _keep(store, LOAD, (old, "name", "甲"))
    later(store, days=1)
    (new,) = register(store, "new")
    _keep(store, LoadRef("load_2", "cards"), (new, "name", "甲新"))
    with store.writing() as tx:
        pairs = pl.DataFrame({"former": ["old"], "present": ["new"]})
        StoredVault(tx, seals()).add_aliases("person", pairs, load=LOAD, at=tx.now)

    values = [row[1:] for row in _open(store, old)]

    assert values == [("name", "cards", "甲新"), ("name", "residents", "甲"), ("number", "", "new")]
    assert [row[1:] for row in _open(store, new)] == values
    assert {row[0] for row in _open(store, new)} == {new}
    assert [row[1:] for row in _open(store, old, new) if row[0] == new] == values
    assert [row[1:] for row in _open(store, old, new) if row[0] == old] == values


def test_the_newest_number_of_an_alias_is_opened(store: Store) -> None:
    """A number corrected in time is what the subject is known by."""
    (subject,) = register(store, "old")
    later(store, days=1)
    with store.writing() as tx:
        pairs = pl.DataFrame({"former": ["old"], "present": ["new"]})
        StoredVault(tx, seals()).add_aliases("person", pairs, load=LOAD, at=tx.now)

    assert _open(store, subject) == [(subject, "number", "", "new")]


def test_each_opening_is_recorded(store: Store) -> None:
    """Who, why, which fields, of how many; nothing that was seen."""
    a, b = register(store, "a", "b")
    _open(store, a, b, a)
    _open(store, a, fields=("name",))

    with store.reading() as rx:
        openings = read_openings(rx)

    assert openings.rows() == [
        (CLOCK_START, "officer", "a test", "name,number", 2),
        (CLOCK_START, "officer", "a test", "name", 1),
    ]


def test_many_are_opened_as_few_are(store: Store) -> None:
    """Beyond a number of ids the whole table is read; the answer is the same."""
    (subject,) = register(store, "a")
    _keep(store, LOAD, (subject, "name", "甲"))
    strangers = [f"s_{number}" for number in range(ASKED_MAX + 1)]

    assert _open(store, subject, *strangers) == _open(store, subject)


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_parts_are_the_whole_and_recorded_once(store: Store, at_once: int) -> None:
    """However many are opened at once: merged subjects have what any of their ids had, and one opening stands for all."""
    ids = register(store, "a", "b", "c", "old")
    _keep(store, LOAD, *((each, "name", f"name of {each}") for each in ids))
    later(store, days=1)
    (new,) = register(store, "new")
    _keep(store, LoadRef("load_2", "cards"), (new, "name", "甲新"), (ids[0], "phone", "1"))
    with store.writing() as tx:
        pairs = pl.DataFrame({"former": ["old"], "present": ["new"]})
        StoredVault(tx, seals()).add_aliases("person", pairs, load=LOAD, at=tx.now)
    asked, fields = [*ids, new], ["name", "phone", "number"]
    with store.writing() as tx:
        whole = open_personal(tx, seals(), asked, fields, by="officer", why="a test")

    with (
        store.writing() as tx,
        open_in_parts(tx, seals(), asked, fields, by="officer", why="a test", at_once=at_once) as opened,
    ):
        parts = list(opened)

    assert_frame_equal(pl.concat(parts), whole)
    assert len(parts) == -(-len(asked) // at_once)
    with store.reading() as rx:
        assert read_openings(rx)["subject_count"].to_list() == [len(asked)] * 2


def test_of_parts_of_which_one_does_not_open_nothing_is_kept(store: Store) -> None:
    """Nobody saw anything, so nothing is recorded; the store goes on."""
    ids = register(store, *"abcdef")
    _keep(store, LOAD, *((each, "name", f"name of {each}") for each in ids))
    personal = table_of(Personal)
    with store.writing() as tx:
        tx.connection.execute(sa.update(personal).where(personal.c.subject_id == sorted(ids)[2]).values(sealed=b"no"))

    def opened(tx: Writing) -> list[pl.DataFrame]:
        with open_in_parts(tx, seals(), ids, ["name"], by="officer", why="a test", at_once=1) as parts:
            return list(parts)

    with pytest.raises(RunError, match="E012"), store.writing() as tx:
        opened(tx)

    with store.reading() as rx:
        assert read_openings(rx).is_empty()
    assert _open(store, min(ids), fields=("name",))


def test_nobody_asked_for_nobody_opened(store: Store) -> None:
    """No ids give an empty frame with its columns."""
    with store.writing() as tx:
        assert open_personal(tx, seals(), [], ["name", "number"], by="officer", why="a test").schema == OPENED


def test_a_sealed_value_moved_to_another_row_does_not_open(store: Store) -> None:
    """Somebody who can write the table still cannot give one person's account to another."""
    a, b = register(store, "a", "b")
    _keep(store, LOAD, (a, "account", "1"), (b, "account", "2"))
    personal = table_of(Personal)
    with store.writing() as tx:
        stolen = sa.select(personal.c.sealed).where(personal.c.subject_id == a).scalar_subquery()
        tx.connection.execute(sa.update(personal).where(personal.c.subject_id == b).values(sealed=stolen))

    with pytest.raises(RunError):
        _open(store, b, fields=("account",))


def test_looking_up(store: Store) -> None:
    """A number names its subject, and nobody where it was never seen."""
    (subject,) = register(store, "a")

    with store.reading() as rx:
        assert look_up(rx, seals(), "person", "a") == subject
        assert look_up(rx, seals(), "enterprise", "a") is None
        assert kind_of(rx, subject) == "person"
        assert kind_of(rx, "s_nobody") is None
