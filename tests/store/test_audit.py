import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.errors import RefusedError
from core.findings import Place
from store.audit import head, last_entries, read_entries, record, verify, words_digest
from store.audit_anchors import anchor_line, read_anchors
from store.audit_chain import Anchor, Link
from store.audit_sealing import GUARDS
from store.codes import AuditCode, StoreCode, StoreInvariantError
from store.faults import refused
from store.opening import Store, open_store
from store.vault_openings import open_personal, record_reading
from tests.store.worlds import CLOCK_START, clock_at, later, register, seals


def say(store: Store, *events: str, about: str = "p_1") -> None:
    """Record events, all in one transaction."""
    with store.writing() as tx:
        for event in events:
            record(tx, event, by="officer", about=about, said={"event": event})


def statement(store: Store, text: str) -> None:
    """Run a statement as somebody with the database's own tools would."""
    with store.engine.begin() as connection:
        if not store.is_postgresql:
            connection.exec_driver_sql("pragma query_only = off")
        connection.execute(sa.text(text))


def forge(store: Store, text: str) -> None:
    """Run a statement past the triggers, as an administrator can."""
    if store.is_postgresql:
        statement(store, f"set local session_replication_role = replica; {text}")
        return
    for name in GUARDS:
        statement(store, f"drop trigger {name}")
    statement(store, text)


@contextmanager
def unguarded(store: Store) -> Iterator[None]:
    """Have the triggers away for a while; the tests share their database on PostgreSQL."""
    if not store.is_postgresql:
        forge(store, "select 1")
        yield
        return
    statement(store, "alter table audit_entry disable trigger all")
    try:
        yield
    finally:
        statement(store, "alter table audit_entry enable trigger all")


def codes(store: Store, *anchors: Anchor) -> set[str]:
    """Return what verifying finds, but for the guards."""
    with store.reading() as rx:
        found = {each.code.value for each in verify(rx, anchors).findings}
    return found - {AuditCode.UNGUARDED.value}


def test_what_a_transaction_says_is_kept_with_it_in_order(store: Store) -> None:
    """One entry follows from the other, within a transaction and from one to the next."""
    say(store, "round.opened", "round.decided")
    later(store, minutes=5)
    say(store, "proposal.approved", about="p_2")

    with store.reading() as rx:
        entries = list(read_entries(rx))
        verdict, last = verify(rx), head(rx)

    assert [(each.sequence, each.event, each.about) for each in entries] == [
        (1, "round.opened", "p_1"),
        (2, "round.decided", "p_1"),
        (3, "proposal.approved", "p_2"),
    ]
    assert (verdict.fault_count, verdict.head, last) == (0, entries[-1].link, entries[-1].link)
    assert (entries[2].happened_at - entries[0].happened_at).seconds == 300


def test_a_database_without_entries_has_the_beginning_for_a_head(store: Store) -> None:
    """There is nothing to find."""
    with store.reading() as rx:
        assert (head(rx), verify(rx).fault_count) == (Link(), 0)


def test_what_is_rolled_back_was_never_said(store: Store) -> None:
    """And leaves no gap behind."""

    def fail() -> None:
        with store.writing() as tx:
            record(tx, "round.opened", by="officer", about="r", said={})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    say(store, "round.opened")

    with store.reading() as rx:
        assert [each.sequence for each in read_entries(rx)] == [1]


def test_what_is_refused_is_recorded_although_it_is_rolled_back(store: Store) -> None:
    """Who wanted what, and why it was refused: nothing else of the transaction is kept."""

    def approve() -> None:
        with store.writing() as tx:
            record(tx, "proposal.approved", by="author", about="p_1", said={"fingerprint": "f"})
            tx.connection.execute(sa.text("delete from alembic_version"))
            raise refused(StoreCode.OWN_APPROVAL, "policy", "nobody approves their own work")

    with pytest.raises(RefusedError):
        approve()

    with store.reading() as rx:
        (entry,) = read_entries(rx)
        assert rx.connection.scalar(sa.text("select count(*) from alembic_version")) == 1
    assert (entry.event, entry.done_by, entry.about) == ("access.refused", "author", "p_1")
    assert entry.said == {"codes": ["E319"], "said": {"fingerprint": "f"}, "wanted": "proposal.approved"}


def _again(sequence: int, *, previous: str = "previous", hash_of: str = "hash") -> str:
    """Return the statement that puts a copy of the third entry elsewhere."""
    columns = f"{sequence}, happened_at, done_by, event, about, payload, digest, {previous}, {hash_of}"
    return f"insert into audit_entry select {columns} from audit_entry where sequence = 3"  # noqa: S608  # our own words


@pytest.mark.parametrize(
    "change",
    [
        "update audit_entry set done_by = 'forger' where sequence = 2",
        "delete from audit_entry where sequence = 2",
        "delete from audit_entry",
        _again(5, previous="hash", hash_of="previous"),
        _again(4),
        _again(0),
    ],
)
def test_the_database_refuses_to_change_remove_or_put_in_between(store: Store, change: str) -> None:
    """Whoever writes with other tools has to take the guards away first, and that is found."""
    say(store, "round.opened", "round.decided", "proposal.approved")

    with pytest.raises(sa.exc.DBAPIError):
        statement(store, change)

    assert codes(store) == set()


def test_the_database_refuses_to_empty_or_replace(store: Store) -> None:
    """Each has its own way around a trigger that only knows `delete`."""
    say(store, "round.opened", "round.decided")
    way = (
        "truncate audit_entry"
        if store.is_postgresql
        else "insert or replace into audit_entry select sequence, happened_at, 'forger', event, about, payload, digest,"
        " previous, hash from audit_entry where sequence = 2"
    )

    with pytest.raises(sa.exc.DBAPIError):
        statement(store, way)

    assert codes(store) == set()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("update audit_entry set done_by = 'forger' where sequence = 2", AuditCode.CHANGED),
        (
            "update audit_entry set payload = replace(payload, 'officer', 'forger') where sequence = 2",
            AuditCode.CHANGED,
        ),
        ("delete from audit_entry where sequence = 2", AuditCode.GAP),
        ("delete from audit_entry where sequence = 1", AuditCode.GAP),
        ("delete from audit_entry where sequence = 3", AuditCode.UNANCHORED),
        ("update audit_entry set previous = hash where sequence = 2", AuditCode.UNLINKED),
        ("update audit_entry set sequence = 4 where sequence = 3", AuditCode.CHANGED),
    ],
)
def test_what_an_administrator_does_without_guards_is_found(store: Store, change: str, code: AuditCode) -> None:
    """S2: a change, a removal, an exchange; a cut at the end by the anchor that was kept outside."""
    say(store, "round.opened", "round.decided", "proposal.approved")
    with store.reading() as rx:
        anchor = Anchor(head(rx).hash, head(rx).sequence)

    forge(store, change)

    assert code.value in codes(store, anchor)


def test_guards_that_are_gone_are_found(store: Store) -> None:
    """Each of them, though no entry was touched."""
    say(store, "round.opened")

    with unguarded(store), store.reading() as rx:
        verdict = verify(rx)

    assert verdict.fault_count == len(GUARDS) + store.is_postgresql
    assert {each.code for each in verdict.findings} == {AuditCode.UNGUARDED}


def test_writers_come_one_after_the_other(url: str) -> None:
    """Four at once leave one chain without a fork or a gap, and none is lost."""
    threads_count, rounds_count = 4, 15

    def write(name: str) -> None:
        with open_store(url, clock=clock_at(CLOCK_START)) as own:
            for number in range(rounds_count):
                say(own, "round.opened", about=f"{name}{number}")

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    with open_store(url, clock=clock_at(CLOCK_START)) as store, store.reading() as rx:
        abouts = [each.about for each in read_entries(rx)]
        assert verify(rx).fault_count == 0
    assert len(set(abouts)) == len(abouts) == threads_count * rounds_count


def test_a_long_night_does_not_hold_the_chain(store: Store) -> None:
    """On PostgreSQL a transaction that has said something and goes on lets others finish before it."""
    if not store.is_postgresql:
        return  # SQLite has one writer at a time, whatever it says
    with store.writing() as night:
        record(night, "night.published", by="night", about="r_1", said={})
        say(store, "proposal.approved")

    with store.reading() as rx:
        assert [each.event for each in read_entries(rx)] == ["proposal.approved", "night.published"]
        assert verify(rx).fault_count == 0


def test_an_entry_that_cannot_be_written_keeps_the_transaction_from_being_kept(store: Store) -> None:
    """What is done and what is said of it go together."""
    with pytest.raises(StoreInvariantError), store.writing() as tx:
        record(tx, "no event", by="officer", about="p_1", said={})

    with store.reading() as rx:
        assert head(rx) == Link()


def test_nothing_personal_is_in_an_entry(store: Store) -> None:
    """S3: an opening is one entry whatever it opens; ids and counts are in it, no number, and no free text."""
    subjects = register(store, "310118199001011237", "310118199001011253")
    with store.writing() as tx:
        open_personal(tx, seals(), subjects, ["number"], by="clerk", why="payout")
        record_reading(tx, subjects, ["income"], by="clerk", why="worked example")

    with store.reading() as rx:
        entries = list(read_entries(rx))

    assert [(each.event, each.said["subject_count"]) for each in entries] == [("vault.opened", 2), ("facts.read", 2)]
    assert "31011819" not in "".join(each.as_line() for each in entries)
    assert words_digest("张三，电话 13800000000") == words_digest("张三，电话 13800000000") != words_digest(None)


def test_entries_are_found_by_what_they_are_about(store: Store) -> None:
    """By the thing, the person and the event, or the group of events; the newest last."""
    say(store, "round.opened", "round.decided", about="r")
    say(store, "proposal.approved", about="p")

    with store.reading() as rx:
        assert [each.about for each in last_entries(rx, 2)] == ["r", "p"]
        assert [each.event for each in last_entries(rx, 9, event="round")] == ["round.opened", "round.decided"]
        assert [each.event for each in last_entries(rx, 9, event="round.decided")] == ["round.decided"]
        assert last_entries(rx, 9, event="roun") == last_entries(rx, 9, by="nobody") == []
        assert [each.event for each in last_entries(rx, 9, about="p", by="officer")] == ["proposal.approved"]


def test_an_export_line_says_all_that_checking_needs(store: Store) -> None:
    """JSON in one line; the payload is the text that was hashed."""
    say(store, "round.opened")

    with store.reading() as rx:
        (entry,) = read_entries(rx)

    kept = json.loads(entry.as_line())
    assert sorted(kept) == ["digest", "hash", "payload", "previous", "sequence"]
    assert json.loads(kept["payload"])["about"] == "p_1"
    assert "\n" not in entry.as_line()


def test_an_anchor_is_read_as_it_was_written(store: Store, tmp_path: Path) -> None:
    """From a file with several of them and words beside; or as the bare hash of an entry."""
    say(store, "round.opened")
    with store.reading() as rx:
        line, link = anchor_line(head(rx), rx.now, "示例\n区"), head(rx)
    file = tmp_path / "anchors.txt"
    file.write_text(f"# kept by the auditor\n\n{line}\n", "utf-8")

    assert line.count("\n") == 0
    assert read_anchors([str(file)]) == [Anchor(link.hash, 1, Place("anchors.txt", 3))]
    assert [each.hash for each in read_anchors([link.hash.upper()])] == [link.hash]
    assert codes(store, *read_anchors([str(file), link.hash])) == set()
