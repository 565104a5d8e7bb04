import polars as pl

from core.ledger import NoticeCategory
from store.bad_contacts import BadAddress, bad_addresses, mark_bad
from store.opening import Store
from store.preferences import declined, read_preferences, record_preference
from store.vault import StoredVault
from tests.store.worlds import LOAD, later, register, seals


def say(store: Store, subject_id: str, category: NoticeCategory, *, is_wanted: bool) -> None:
    """Keep one word."""
    with store.writing() as tx:
        record_preference(tx, subject_id, category, is_wanted=is_wanted, by="clerk", reason="电话要求")


def test_the_last_word_counts_and_every_word_is_kept(store: Store) -> None:
    one, other = register(store, "a", "b")
    say(store, one, NoticeCategory.ADVICE, is_wanted=False)
    say(store, one, NoticeCategory.ADVICE, is_wanted=True)
    say(store, one, NoticeCategory.BENEFIT, is_wanted=False)
    say(store, other, NoticeCategory.ADVICE, is_wanted=False)

    with store.reading() as rx:
        assert declined(rx, [one]) == {(one, NoticeCategory.BENEFIT)}
        assert declined(rx, [one, other]) == {(one, NoticeCategory.BENEFIT), (other, NoticeCategory.ADVICE)}
        kept = read_preferences(rx, [one])
    assert [(each.is_wanted, each.recorded_by, each.reason) for each in kept] == [
        (False, "clerk", "电话要求"),
        (True, "clerk", "电话要求"),
        (False, "clerk", "电话要求"),
    ]


def test_a_bad_address_is_kept_once_and_another_one_is_good(store: Store) -> None:
    """By its mark; the address itself is nowhere."""
    (person,) = register(store, "a")
    bad = BadAddress(person, "sms", "mark-1", "bad_number")
    for _ in range(2):
        with store.writing() as tx:
            mark_bad(tx, [bad, bad])

    with store.reading() as rx:
        assert bad_addresses(rx, [person]) == {(person, "sms", "mark-1")}
        assert bad_addresses(rx, []) == frozenset()


def test_words_and_bad_addresses_follow_a_merged_subject(store: Store) -> None:
    """The last word counts, under whichever id it was said; another person has nothing to do with it."""
    (old,) = register(store, "old")
    later(store, days=1)
    new, other = register(store, "new", "other")
    say(store, old, NoticeCategory.ADVICE, is_wanted=False)
    say(store, new, NoticeCategory.BENEFIT, is_wanted=False)
    with store.writing() as tx:
        mark_bad(tx, [BadAddress(new, "sms", "mark-1"), BadAddress(other, "sms", "mark-2")])
        StoredVault(tx, seals()).add_aliases(
            "person", pl.DataFrame({"former": ["old"], "present": ["new"]}), load=LOAD, at=tx.now
        )
    both = {NoticeCategory.ADVICE, NoticeCategory.BENEFIT}

    with store.reading() as rx:
        assert declined(rx, [old, new, other]) == {(each, category) for each in (old, new) for category in both}
        assert bad_addresses(rx, [old, new]) == {(each, "sms", "mark-1") for each in (old, new)}
        assert bad_addresses(rx, [other]) == {(other, "sms", "mark-2")}
    say(store, new, NoticeCategory.ADVICE, is_wanted=True)
    with store.reading() as rx:
        assert declined(rx, [old]) == {(old, NoticeCategory.BENEFIT)}
