"""A real store on SQLite with people in its vault and their items in its ledger."""

import base64
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from core.clock import FixedClock
from core.keys import Keys, parse_keys
from core.ledger import GrantState
from delivery.vault_books import VaultBook
from profiles.identity import LoadRef, Seals
from store.grants import GRANTS
from store.items import ITEMS
from store.ledger import DUES, OBLIGATIONS, LedgerChanges, write_ledger
from store.opening import Store, open_store
from store.vault import StoredVault
from tests.delivery.samples import POLICY

NOON = dt.datetime(2025, 8, 1, 4, tzinfo=dt.UTC)


def keys() -> Keys:
    """Return keys that are the same in every run."""
    secret = base64.b64encode(bytes(range(32))).decode()
    return parse_keys(f"index {secret}\nk1 {secret}", "keys")


def seals() -> Seals:
    """Return seals under those keys."""
    return Seals(keys(), "aes-256-gcm")


def empty_store(folder: Path) -> Store:
    """Return a new store whose clock stands at noon of 2025-08-01."""
    return open_store(f"sqlite:///{folder / 'mianshen.db'}", clock=FixedClock(NOON))


def let_pass(store: Store, **time: float) -> None:
    """Set the store's clock forward."""
    assert isinstance(store.clock, FixedClock)
    store.clock.instant += dt.timedelta(**time)


def book(store: Store) -> VaultBook:
    """Return the vault as delivery sees it."""
    return VaultBook(store, seals(), by="test")


def add_person(
    store: Store, number: str, fields: Mapping[str, str], *, kind: str = "person", resource: str = "people"
) -> str:
    """Put a subject with personal fields into the vault; return its id."""
    load = LoadRef(f"l_{resource}_{number}", resource)
    with store.writing() as tx:
        vault = StoredVault(tx, seals())
        subject_id = vault.resolve(kind, pl.Series([number]), load=load, first_seen_at=NOON)[0]
        frame = pl.DataFrame(
            {"subject_id": [subject_id] * len(fields), "field": list(fields), "value": list(fields.values())},
            schema={"subject_id": pl.String, "field": pl.String, "value": pl.String},
        )
        vault.keep(kind, frame, load=load, loaded_at=NOON)
    return str(subject_id)


def open_item(store: Store, subject_id: str, amount_fen: int = 15_000) -> None:
    """Give a subject one open item for July 2025."""
    grant, obligation = f"g_{subject_id}", f"o_{subject_id}"
    grants = [(grant, POLICY, subject_id, "", GrantState.ACTIVE.value, NOON.date(), None)]
    items = [(f"i_{subject_id.removeprefix('s_')}", obligation, 1, amount_fen, "regular", "open")]
    changes = LedgerChanges(
        grants=pl.DataFrame(grants, GRANTS, orient="row"),
        obligations=pl.DataFrame([(obligation, grant, "2025-07", "main")], OBLIGATIONS, orient="row"),
        dues=pl.DataFrame([(obligation, amount_fen, amount_fen, False)], DUES, orient="row"),
        items=pl.DataFrame(items, ITEMS, orient="row"),
    )
    with store.writing() as tx:
        write_ledger(tx, changes, run_id=None)
