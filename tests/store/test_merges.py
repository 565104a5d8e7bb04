"""Who is who after merges: what is asked of one subject is what everybody's merges say of it, and no more is read."""

from store.merges import Canon, same_subject, standing_id
from store.opening import Store
from store.rows import insert_rows
from store.tables import SubjectMerge
from tests.store.worlds import register

LETTERS = "abcdefgh"
MERGED = (("a", "b"), ("b", "c"), ("d", "c"), ("e", "f"), ("h", "f"))  # a chain, several into one, and somebody alone


def merged(store: Store) -> dict[str, str]:
    """Return the ids of subjects by letter, some of whom were found to be one."""
    ids = dict(zip(LETTERS, register(store, *LETTERS), strict=True))
    with store.writing() as tx:
        rows = [{"from_id": ids[one], "to_id": ids[other], "at": tx.now, "source": "t"} for one, other in MERGED]
        insert_rows(tx, SubjectMerge, rows)
    return ids


def test_of_one_subject_as_of_everybody(store: Store) -> None:
    """Whichever of its ids is asked for, a subject has them all, and the same one stands."""
    ids = merged(store)

    with store.reading() as rx:
        every = Canon.read(rx)
        for one in ids.values():
            assert same_subject(rx, one) == every.ids_of(one)
            assert standing_id(rx, one) == every.of(one)
        assert set(same_subject(rx, ids["a"])) == {ids[each] for each in "abcd"}
        assert same_subject(rx, ids["g"]) == (ids["g"],)
        assert same_subject(rx, "nobody") == ("nobody",)


def test_nobody_elses_merges_are_read(store: Store) -> None:
    """Around some subjects stands what they have a part in; where nothing is asked for, nothing is asked."""
    ids = merged(store)

    with store.reading() as rx:
        around = Canon.around(rx, [ids["d"], ids["g"]])
        assert around.ends == {ids[one]: ids["c"] for one in ("a", "b", "d")}
    assert Canon.around(rx, ["", ""]).ends == {}  # the reading is over: it could not be asked
