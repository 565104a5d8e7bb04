import datetime as dt
from pathlib import Path

import pytest

from core.errors import RefusedError
from core.ledger import ItemState
from delivery.batches import Batch, collect
from delivery.payables import due_payments
from delivery.payout_files import Form, render
from delivery.stored_batches import keep_batch, open_payables, read_batch
from delivery.working_days import WorkingDays
from store.opening import Store
from store.positions import read_items
from tests.delivery.a_store import add_person, book, empty_store, open_item
from tests.delivery.samples import POLICY, said, terms
from tests.store.paying import answer, send

PEOPLE = {"1": "张小三", "2": "李四", "3": "王五"}


def collected(store: Store) -> Batch:
    """Pay three people's items on 2025-08-15, in the run for that day."""
    for number, name in PEOPLE.items():
        open_item(store, add_person(store, number, {"name": name, "account": f"6222000{number}"}))
    with store.reading() as rx:
        items = open_payables(rx)
    day = dt.date(2025, 8, 15)
    due = due_payments(items, {POLICY: terms()}, WorkingDays(), after=None, through=day)
    (batch,) = collect(due, book(store).payees(items["subject_id"])).batches
    with store.writing() as tx:
        keep_batch(tx, batch, run_id=None)
    return batch


def test_a_batch_read_back_is_the_batch_that_was_frozen(tmp_path: Path) -> None:
    with empty_store(tmp_path) as store:
        batch = collected(store)

        with store.reading() as rx:
            assert said(read_batch(rx, batch.batch_id)) == said(batch)
            assert set(read_items(rx, states=ItemState)["state"]) == {ItemState.IN_BATCH.value}


def test_its_items_are_collected_once(tmp_path: Path) -> None:
    """Collecting twice pays once: the items are no longer open."""
    with empty_store(tmp_path) as store:
        batch = collected(store)

        with store.reading() as rx:
            assert open_payables(rx).is_empty()
        with pytest.raises((RefusedError, AssertionError)), store.writing() as tx:
            keep_batch(tx, batch, run_id=None)


@pytest.mark.parametrize("form", Form)
def test_its_file_is_rebuilt_byte_by_byte(tmp_path: Path, form: Form) -> None:
    """M7: from the database alone, also after it went out and a payment came back."""
    with empty_store(tmp_path) as store:
        batch = collected(store)
        payees = book(store).payees(batch.lines["subject_id"])
        first = render(batch, payees, form)
        with store.writing() as tx:
            send(tx, batch.batch_id)
            answer(tx, batch.batch_id, failed=batch.lines["item_id"].head(1).to_list())

        with store.reading() as rx:
            again = read_batch(rx, batch.batch_id)

    assert render(again, payees, form) == first
