import datetime as dt
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from core.errors import RefusedError
from core.loads import Merge
from profiles.identity import LoadRef
from store.codes import StoreCode
from store.loads import read_loads
from store.opening import Store
from store.rows import read_frame
from store.tables import METADATA, Personal, table_of
from store.vault import StoredVault
from store.vault_openings import look_up
from tests.store.worlds import CLOCK_START, LOAD, later, register, seals

PAIR = pl.Schema({"former": pl.String(), "present": pl.String()})


def _alias(store: Store, *pairs: tuple[str, str]) -> None:
    with store.writing() as tx:
        vault = StoredVault(tx, seals())
        frame = pl.DataFrame(list(pairs), schema=PAIR, orient="row")
        vault.add_aliases("person", frame, load=LOAD, at=tx.now)


def _keep(store: Store, subject_id: str, value: str, *, load: LoadRef = LOAD, at: dt.datetime | None = None) -> None:
    fields = pl.DataFrame({"subject_id": [subject_id], "field": ["account"], "value": [value]})
    with store.writing() as tx:
        StoredVault(tx, seals()).keep("person", fields, load=load, loaded_at=at or tx.now)


def _kept(store: Store) -> int:
    with store.reading() as rx:
        return read_frame(rx, sa.select(table_of(Personal).c.load_id)).height


def test_a_number_always_names_the_same_subject(store: Store) -> None:
    """Repeated numbers, a second call and a null come out as promised, in the order they went in."""
    numbers = pl.Series(["b", None, "a", "b"], dtype=pl.String)
    with store.writing() as tx:
        vault = StoredVault(tx, seals())
        first = vault.resolve("person", numbers, load=LOAD, first_seen_at=tx.now)
        again = vault.resolve("person", numbers, load=LOAD, first_seen_at=tx.now)

    assert first.equals(again)
    assert first[1] is None
    assert first[0] == first[3] != first[2]
    assert register(store, "a", "b") == [first[2], first[0]]


def test_the_same_number_under_another_kind_is_another_subject(store: Store) -> None:
    """Kinds do not meet."""
    assert register(store, "a") != register(store, "a", kind="enterprise")


def test_ids_tell_nothing_without_the_key(store: Store, tmp_path: Path) -> None:
    """The same number has another id under another key, and the same id in every database."""
    (own,) = register(store, "a")

    assert own == "s_" + own[2:].lower()
    assert seals().blind_index("person", "a") != seals(index=9).blind_index("person", "a")
    assert own == register(store, "a")[0]


def test_no_column_holds_a_plain_value(store: Store) -> None:
    """A planted marker is found in no table."""
    marker = "110101MARKER0001"
    (subject,) = register(store, marker)
    _keep(store, subject, marker)
    _alias(store, (marker, marker + "X"))

    with store.reading() as rx:
        for table in METADATA.sorted_tables:
            for row in rx.connection.execute(sa.select(table)):
                assert all(marker.encode() not in _bytes(value) for value in row), table.name


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def test_a_value_is_written_once_and_again_when_it_changes(store: Store) -> None:
    """The same load twice, or the same value in a later load, writes nothing; a changed one is kept beside."""
    (subject,) = register(store, "a")

    _keep(store, subject, "6222")
    _keep(store, subject, "6222")
    later(store, days=1)
    _keep(store, subject, "6222", load=LoadRef("load_2", "residents"))
    assert _kept(store) == 1

    _keep(store, subject, "6333", load=LoadRef("load_3", "residents"))
    assert _kept(store) == 2


def test_resources_that_disagree_stay_apart(store: Store) -> None:
    """Two departments that know different accounts do not overwrite each other night by night."""
    (subject,) = register(store, "a")
    for number in range(3):
        later(store, days=1)
        _keep(store, subject, "6222", load=LoadRef(f"load_a{number}", "residents"))
        _keep(store, subject, "6333", load=LoadRef(f"load_b{number}", "cards"))

    assert _kept(store) == 2


def test_nothing_to_keep(store: Store) -> None:
    """An empty frame of fields writes nothing."""
    schema = {"subject_id": pl.String, "field": pl.String, "value": pl.String}
    with store.writing() as tx:
        StoredVault(tx, seals()).keep("person", pl.DataFrame(schema=schema), load=LOAD, loaded_at=tx.now)

    assert _kept(store) == 0


def test_a_number_corrected_in_time_is_the_same_subject(store: Store) -> None:
    """The present number never seen before joins the subject that is known; nothing is merged."""
    (subject,) = register(store, "old")
    _alias(store, ("old", "new"))

    assert register(store, "new") == [subject]
    with store.reading() as rx:
        assert read_loads(rx, Path()).merges == ()


def test_a_late_alias_merges_two_subjects_from_its_instant_on(store: Store) -> None:
    """The subject seen first stands; saying it again changes nothing."""
    (old,) = register(store, "old")
    later(store, days=45)
    (new,) = register(store, "new")
    at = later(store, days=1)
    _alias(store, ("old", "new"))
    later(store, days=1)
    _alias(store, ("old", "new"))

    assert old != new
    assert register(store, "old", "new") == [old, old]
    with store.reading() as rx:
        assert read_loads(rx, Path()).merges == (Merge(new, old, at),)
        assert look_up(rx, seals(), "person", "new") == old


def test_chains_of_aliases_end_in_one_subject(store: Store) -> None:
    """Three numbers of one person, learned in any order, name one subject; each id is merged away once."""
    ids = []
    for number in ("c", "b", "a"):
        ids += register(store, number)
        later(store, days=1)
    _alias(store, ("a", "b"))
    _alias(store, ("b", "c"), ("a", "c"))

    assert register(store, "a", "b", "c") == [ids[0]] * 3
    with store.reading() as rx:
        merges = read_loads(rx, Path()).merges
    assert sorted(merge.from_id for merge in merges) == sorted([ids[1], ids[2]])


def test_aliases_among_numbers_never_seen(store: Store) -> None:
    """The first former number makes the subject; chains within one load hold together."""
    _alias(store, ("b", "c"), ("a", "b"), ("x", "y"))

    ids = register(store, "a", "b", "c", "x", "y")
    assert ids[0] == ids[1] == ids[2] != ids[3]
    assert ids[3] == ids[4]


def test_an_alias_seen_at_once_keeps_the_former_numbers_subject(store: Store) -> None:
    """Where both were first seen at the same instant, the former number's subject stands."""
    new, old = register(store, "new", "old")
    _alias(store, ("old", "new"))

    assert new != old
    assert register(store, "new") == [old]


def test_another_index_key_is_refused(store: Store) -> None:
    """Under another key every known number would look new."""
    register(store, "a")

    with pytest.raises(RefusedError) as caught, store.writing() as tx:
        StoredVault(tx, seals(index=9))
    with pytest.raises(RefusedError), store.reading() as rx:
        look_up(rx, seals(index=9), "person", "a")

    assert caught.value.findings[0].code is StoreCode.OTHER_KEYS


def test_first_seen_is_the_instant_of_the_load(store: Store) -> None:
    """The clock of the machine has no say in it."""
    at = CLOCK_START - dt.timedelta(days=9)
    with store.writing() as tx:
        StoredVault(tx, seals()).resolve("person", pl.Series(["a"]), load=LOAD, first_seen_at=at)
        subject = read_frame(tx, sa.select(METADATA.tables["subject"].c.first_seen_at))

    assert subject["first_seen_at"].to_list() == [at]
