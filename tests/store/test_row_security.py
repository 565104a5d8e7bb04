"""The second belt on a real PostgreSQL: a subject's transaction is given its own rows, whatever a query asks for."""

from collections.abc import Iterator
from dataclasses import replace

import polars as pl
import psycopg
import pytest
import sqlalchemy as sa

from core.errors import RunError
from store.audit import record
from store.grants import read_grants
from store.opening import Store, open_store
from store.outbox import add_notices
from store.row_security import Whose, prepare_role
from store.rows import insert_frame
from store.tables import METADATA, NoticePreference, table_of
from tests.store.postgresql import empty, execute
from tests.store.worlds import CLOCK_START, clock_at, notice_frame, notice_to, open_grant, owe, register

ROLE = "mianshen_pages"
SHARED = {
    "activation": "which version stands on which days is public",
    "activation_step": "as above",
    "audit_entry": "holds no words and no names; a deed adds to it, and its head is read for that",
    "bank_file": "names of files and counts",
    "batch": "counts and sums of everybody together; its lines are held",
    "batch_approval": "who approved a batch",
    "batch_purse": "purses of a batch",
    "batch_step": "what became of a batch: a payment's page says on which day it went out",
    "budget_decision": "money of a policy, nobody's own",
    "catalogue_text": "the vocabulary",
    "closed_account": "keyed digests of accounts, asked for by the very account",
    "closed_year": "a fiscal year of a policy",
    "journal_entry": "money of batches and policies",
    "ledger_revision": "counts changes of the ledger",
    "load": "which deliveries there are",
    "payment_file": "names of files and counts",
    "pot": "money of a policy",
    "proposal": "versions on their way",
    "proposal_step": "as above",
    "proposed_activation": "as above",
    "proposed_policy": "as above",
    "proposed_version": "as above",
    "public_list": "which lists stand in public; their lines are held",
    "role_step": "who may do what; the gate asks with every deed",
    "rule_text": "published rules",
    "run": "which nights there were",
    "sample": "which samples were drawn; their cases are held",
    "vault_index": "with which key numbers are indexed",
    "vault_opening": "who opened what: counts and digests, and every opening adds to it",
}
"""Tables without row security, and why everybody may see all of them."""


@pytest.fixture(scope="module")
def server(postgresql: str) -> str:
    """Return the URL of the server with the role that the deployment's page tells to make."""
    execute(postgresql, f"create role {ROLE} nologin")
    return postgresql


@pytest.fixture
def store(server: str) -> Iterator[Store]:
    empty(server)
    with open_store(server, clock=clock_at(CLOCK_START)) as opened:
        with opened.writing() as tx:
            prepare_role(tx.connection, ROLE)
        yield opened


def ledger(store: Store, subject: str) -> None:
    """Give a subject a grant with money on it, and a notice."""
    with store.writing() as tx:
        owe(tx, open_grant(tx, subject), 15_000)
        add_notices(tx, notice_frame(notice_to(subject)), run_id="r_1")


def of(store: Store, *subjects: str) -> Store:
    """Return the store as the pages of some subjects see it."""
    return replace(store, whose=Whose(ROLE, subjects))


def held(store: Store) -> set[str]:
    """Return the tables under row security, as the database says."""
    with store.reading() as rx:
        chosen = sa.text("select relname from pg_class where relrowsecurity and relkind = 'r'")
        return set(rx.connection.scalars(chosen))


def rows(store: Store, table: str) -> list[str]:
    """Return every row of a table that a query without any condition is given."""
    with store.reading() as rx:
        return [repr(tuple(row)) for row in rx.connection.execute(sa.select(METADATA.tables[table]))]


def test_every_table_is_held_or_for_everybody_to_see(store: Store) -> None:
    """A table that comes later has to say which: none is left open by being forgotten."""
    every = set(METADATA.tables)
    assert held(store) == every - set(SHARED)
    assert set(SHARED) <= every


def test_a_query_without_a_condition_gives_own_rows_alone(store: Store) -> None:
    """Of every table that is held: what one subject is given is none of another's, and the owner is given both."""
    one, other = register(store, "a", "b")
    for subject in (one, other):
        ledger(store, subject)
    filled = {table for table in held(store) if rows(store, table)}
    assert {"grant_", "obligation", "item", "notice", "subject", "identifier"} <= filled
    for table in filled:
        mine, theirs, everybody = (set(rows(each, table)) for each in (of(store, one), of(store, other), store))
        assert mine | theirs == everybody, table
        assert not mine & theirs, table
        assert set(rows(of(store, one, other), table)) == everybody, table
    with of(store, one).reading() as rx:
        assert set(read_grants(rx)["subject_id"]) == {one}


@pytest.mark.parametrize("subjects", [(), ("",), ("x_nobody",), ("%",), ("{}",)])
def test_whoever_forgets_to_say_whose_sees_nothing(store: Store, subjects: tuple[str, ...]) -> None:
    """Without a setting, with an empty one, or with somebody who is not there, the role is given no row of anybody."""
    (one,) = register(store, "a")
    ledger(store, one)
    for table in held(store):
        assert rows(of(store, *subjects), table) == [], table
    with store.engine.connect() as connection, connection.begin():  # the setting was never made
        connection.exec_driver_sql(f"set local role {ROLE}")
        assert connection.exec_driver_sql("select * from grant_").all() == []


def test_nothing_of_another_is_written(store: Store) -> None:
    """A deed that named another subject changes no row, adds none, and removes nothing at all."""
    one, other = register(store, "a", "b")
    ledger(store, other)
    narrowed, grants = of(store, one), METADATA.tables["grant_"]
    with narrowed.writing() as tx:
        assert tx.connection.execute(sa.update(grants).values(state="waived")).rowcount == 0
    with pytest.raises(RunError), narrowed.writing() as tx:
        insert_frame(tx, NoticePreference, preference(tx.now, other))
    with pytest.raises(RunError), narrowed.writing() as tx:
        tx.connection.execute(sa.delete(grants))
    with narrowed.writing() as tx:
        insert_frame(tx, NoticePreference, preference(tx.now, one))
        record(tx, "notices.declined", by=one, about=one, said={})
    with store.reading() as rx:
        kept = rx.connection.execute(sa.select(table_of(NoticePreference).c.subject_id)).scalars().all()
    assert kept == [one]


def preference(now: object, subject: str) -> pl.DataFrame:
    row = {"subject_id": subject, "category": "advice", "is_wanted": False, "recorded_at": now}
    return pl.DataFrame([row | {"recorded_by": subject, "reason": "own"}])


def test_the_next_transaction_of_a_connection_is_everybodys_again(store: Store) -> None:
    """Role and setting end with the transaction, also where it failed: a pool hands connections on."""
    one, other = register(store, "a", "b")
    with pytest.raises(ZeroDivisionError), of(store, one).writing():
        raise ZeroDivisionError
    assert len(rows(store, "subject")) == 2
    assert len(rows(of(store, other), "subject")) == 1
    assert len(rows(store, "subject")) == 2


def test_a_role_that_would_hold_nothing_back_is_refused(store: Store, server: str) -> None:
    """One that is not there, one above row security, and one that our login may not take."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("create role above nologin bypassrls")
        connection.execute("create role plain login")
    try:
        for role in ("nobody_there", "above"):
            with pytest.raises(RunError), store.writing() as tx:
                prepare_role(tx.connection, role)
        with store.writing() as tx:
            tx.connection.exec_driver_sql("set local role plain")
            with pytest.raises(RunError):
                prepare_role(tx.connection, ROLE)
    finally:
        for role in ("above", "plain"):
            execute(server, f"drop role {role}")


def test_sqlite_has_no_roles(tmp_path: object) -> None:
    """A setting that would do nothing is refused, so that nobody relies on it."""
    with open_store(f"sqlite:///{tmp_path}/x.db", clock=clock_at(CLOCK_START)) as opened:
        with pytest.raises(RunError), opened.writing() as tx:
            prepare_role(tx.connection, ROLE)
        assert of(opened, "x").whose is not None
        with of(opened, "x").reading() as rx:
            assert rx.connection.scalar(sa.text("select 1")) == 1
