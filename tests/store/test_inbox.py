from dataclasses import replace

import pytest

from core.errors import RefusedError
from store.codes import StoreInvariantError
from store.inbox import archive, mark_read, read_inbox
from store.opening import Store
from store.outbox import add_notices, read_notices
from store.states.notices import InboxState, NoticeState
from tests.store.worlds import notice_frame, notice_to, register


def add(store: Store) -> tuple[str, str]:
    """Put one item into the inbox of the first of two subjects, and a mail beside it; return both."""
    one, other = register(store, "a", "b")
    items = [replace(notice_to(one), channel="inbox"), notice_to(one, 2)]
    with store.writing() as tx:
        add_notices(tx, notice_frame(*items), run_id="r_1")
    return one, other


def read(store: Store, subject_id: str) -> None:
    """Open the item."""
    with store.writing() as tx:
        mark_read(tx, subject_id, "n_1", template_id="started@3", message_digest="digest")


def found(store: Store, subject_id: str, *, with_archived: bool = False) -> list[InboxState]:
    """Return the states of what is in an inbox."""
    with store.reading() as rx:
        return [each.state for each in read_inbox(rx, subject_id, with_archived=with_archived)]


def test_an_item_from_its_arrival_into_the_archive(store: Store) -> None:
    """Opening it is its receipt; opened twice, the first time stands."""
    one, other = add(store)
    assert found(store, one) == [InboxState.UNREAD]

    read(store, one)
    read(store, one)
    with store.reading() as rx:
        assert {each.notice.notice_id: each.state for each in read_notices(rx)}["n_1"] is NoticeState.DELIVERED
    assert found(store, one) == [InboxState.READ]

    for _ in range(2):
        with store.writing() as tx:
            archive(tx, one, "n_1")
    assert (found(store, one), found(store, one, with_archived=True)) == ([], [InboxState.ARCHIVED])
    assert found(store, other) == []


def test_what_was_not_read_is_not_put_away(store: Store) -> None:
    one, _ = add(store)

    with pytest.raises(StoreInvariantError), store.writing() as tx:
        archive(tx, one, "n_1")


def test_nobody_opens_somebody_elses_item(store: Store) -> None:
    """S1: neither by its id, nor by that of a mail; the refusal does not say whether it exists."""
    one, other = add(store)

    with pytest.raises(RefusedError) as theirs:
        read(store, other)
    with pytest.raises(RefusedError), store.writing() as tx:
        mark_read(tx, one, "n_2", template_id="started@3", message_digest="digest")

    assert theirs.value.findings[0].message == "there is no such item in this inbox"
