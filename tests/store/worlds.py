"""Small worlds for the store's tests: subjects, a grant, an obligation with items, keys that are always the same."""

import base64
import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from core.clock import FixedClock
from core.ids import grant_id, item_id, obligation_id
from core.keys import parse_keys
from core.ledger import GrantState, ItemKind, ItemState, Notice, NoticeKind
from delivery.payees import account_digests, name_digests
from delivery.references import reference_of
from profiles.identity import LoadRef, Seals
from store.batches import LINES
from store.grants import GRANTS
from store.items import ITEM_MOVES, ITEMS
from store.ledger import OBLIGATIONS, POSTINGS, SEEN, LedgerChanges, write_ledger
from store.opening import Reading, Store, Writing
from store.outbox import NOTICES
from store.positions import read_obligations
from store.states.funds import Account
from store.tables import BatchItem, table_of
from store.vault import StoredVault

ROOT = Path(__file__).parents[2]
CLOCK_START = dt.datetime(2026, 3, 1, 18, 0, tzinfo=dt.UTC)
DAY = dt.date(2026, 3, 2)
LOAD = LoadRef("load_1", "residents")
POLICY = "nursing-allowance"
NAME, ACCOUNT = "张三", "6222020000000001"


def clock_at(instant: dt.datetime) -> FixedClock:
    """Return a clock that stands still."""
    return FixedClock(instant)


def later(store: Store, **time: int) -> dt.datetime:
    """Move a store's clock on; return the instant it shows then."""
    assert isinstance(store.clock, FixedClock)
    store.clock.instant += dt.timedelta(**time)
    return store.clock.instant


def seals(*names: str, index: int = 0) -> Seals:
    """Return seals whose keys are the same in every run; the last name seals."""
    lines = [f"index {_key(index)}", *(f"{name} {_key(100 + number)}" for number, name in enumerate(names or ("k1",)))]
    return Seals(parse_keys("\n".join(lines), "keys"), "aes-256-gcm")


def _key(number: int) -> str:
    return base64.b64encode(number.to_bytes(32, "big")).decode()


def register(store: Store, *numbers: str, kind: str = "person") -> list[str]:
    """Register subjects by their numbers; return their ids."""
    with store.writing() as tx:
        vault = StoredVault(tx, seals())
        return vault.resolve(kind, pl.Series(numbers, dtype=pl.String), load=LOAD, first_seen_at=tx.now).to_list()


def open_grant(tx: Writing, subject_id: str, *, policy: str = POLICY) -> str:
    """Open an active grant; return its id."""
    key = grant_id(policy, subject_id, "")
    row = (key, policy, subject_id, "", GrantState.ACTIVE.value, DAY, None)
    write_ledger(tx, LedgerChanges(grants=pl.DataFrame([row], schema=GRANTS, orient="row")), run_id=None)
    return key


def owe(tx: Writing, grant: str, *amounts_fen: int, period: str = "2026-02") -> str:
    """Write a new obligation with open items; return its id."""
    key = obligation_id(grant, period, "main")
    obligations = pl.DataFrame([(key, grant, period, "main")], schema=OBLIGATIONS, orient="row")
    write_ledger(tx, LedgerChanges(obligations=obligations, items=items(key, *amounts_fen)), run_id=None)
    return key


def items(obligation: str, *amounts_fen: int, first: int = 1) -> pl.DataFrame:
    """Return new open items of an obligation, numbered on from `first`."""
    rows = [
        (item_id(obligation, number), obligation, number, amount, ItemKind.REGULAR.value, ItemState.OPEN.value)
        for number, amount in enumerate(amounts_fen, start=first)
    ]
    return pl.DataFrame(rows, schema=ITEMS, orient="row")


def moves(obligation: str, *steps: tuple[int, ItemState, ItemState]) -> pl.DataFrame:
    """Return moves of an obligation's items: number, from, to."""
    rows = [(item_id(obligation, number), obligation, a.value, b.value) for number, a, b in steps]
    return pl.DataFrame(rows, schema=ITEM_MOVES, orient="row")


def posting(obligation: str, account: Account, before_fen: int, after_fen: int) -> tuple[str, str, int, int, str]:
    """Return one row of postings."""
    return (obligation, account.value, before_fen, after_fen, "test")


def postings(*rows: tuple[str, str, int, int, str]) -> pl.DataFrame:
    """Return postings as a frame."""
    return pl.DataFrame(list(rows), schema=POSTINGS, orient="row")


def seen(**versions: int) -> pl.DataFrame:
    """Return the versions that obligations had when they were read."""
    return pl.DataFrame(list(versions.items()), schema=SEEN, orient="row")


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a child process on a script that may import the product."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def as_it_is(texts: Iterable[str]) -> list[str]:
    """Stand for keyed digests where nothing has to be hidden."""
    return list(texts)


def lines(rx: Reading, obligation: str, *numbers: int) -> pl.DataFrame:
    """Return the lines of a batch for some items of an obligation."""
    (record,) = read_obligations(rx, [obligation])
    attempts = table_of(BatchItem)
    counted = sa.select(attempts.c.item_id, sa.func.count()).group_by(attempts.c.item_id)
    tried: dict[str, int] = {key: count for key, count in rx.connection.execute(counted)}  # noqa: C416  # rows are no pairs to mypy
    digests = (*account_digests([ACCOUNT], as_it_is), *name_digests([NAME], as_it_is))
    rows = [
        (
            item.item_id,
            number,
            record.subject_id,
            item.amount_fen,
            reference_of(item.item_id, number),
            "digest",
            *digests,
        )
        for item in record.items
        if item.sequence in numbers
        for number in [1 + tried.get(item.item_id, 0)]
    ]
    return pl.DataFrame(rows, schema=LINES, orient="row")


def notice_to(subject_id: str, number: int = 1) -> Notice:
    """Return the nth notice, by mail."""
    values = (("title", "护理补贴"), ("standard", "每月180.00元"))
    return Notice(f"n_{number}", subject_id, "p", NoticeKind.STARTED, "email", "night 2025-08-01", DAY, values)


def notice_frame(*notices: Notice) -> pl.DataFrame:
    """Return notices as the outbox takes them."""
    rows = [asdict(each) | {"values": json.dumps(each.values)} for each in notices]
    return pl.DataFrame(rows, schema=NOTICES)
