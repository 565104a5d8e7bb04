import sqlalchemy as sa

from store.of_some import OfSome
from store.opening import Store
from store.tables import Subject, table_of
from tests.store.worlds import register

_SUBJECT = table_of(Subject)
KINDS = OfSome(
    lambda among: sa.select(_SUBJECT.c.subject_id).where(
        among(_SUBJECT.c.subject_id), _SUBJECT.c.kind == sa.bindparam("kind")
    )
)


def test_only_what_the_ids_have_is_given(store: Store) -> None:
    """Asked again with other ids, the same select gives theirs; other parameters go beside them, and no id gives nothing."""
    a, b, c = register(store, "a", "b", "c")

    with store.reading() as rx:
        found = [{row.subject_id for row in KINDS.rows(rx, ids, kind="person")} for ids in ((a, b), (c,), ())]
        others = KINDS.rows(rx, [a], kind="enterprise")

    assert found == [{a, b}, {c}, set()]
    assert others == []


def test_ids_are_one_parameter_however_many_and_however_spelt(store: Store) -> None:
    """More ids than either database takes parameters, and ids that would end a text or a list."""
    (a,) = register(store, "a")

    with store.reading() as rx:
        found = KINDS.rows(rx, [a, '"]', "'", "}{", *(f"s_{number}" for number in range(70_000))], kind="person")

    assert [row.subject_id for row in found] == [a]
