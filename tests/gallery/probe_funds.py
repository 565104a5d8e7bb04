"""Provokes what budgets and books refuse."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from core.errors import MianshenError
from core.shares import Purse
from delivery.batches import collect
from delivery.funds import RANKS, Funds
from delivery.suspicions import RECENT, SUSPECTS, Watch, short
from store import budgets
from store.journal import verify_books
from store.moved import Moved
from store.opening import Store, open_store
from store.states.funds import DecisionKind, PotAccount
from tests.delivery import samples
from tests.store import worlds

NEW_YEAR = dt.datetime(2027, 1, 1, 4, 0, tzinfo=dt.UTC)


def funds(folder: Path, case: dict[str, Any]) -> str:
    """Do the deed named `deed`, one of those below."""
    clock = worlds.clock_at(worlds.CLOCK_START)
    with open_store(f"sqlite:///{folder / 'mianshen.db'}", clock=clock) as store:
        try:
            return _DEEDS[case["deed"]](store)
        except MianshenError as error:
            return str(error)


def _set(store: Store, *, by: str = "乙", kind: DecisionKind = DecisionKind.SET, year: int = 2026) -> str:
    purse, amount = ("全额", 100_00) if kind is DecisionKind.SET else (budgets.EVERY_PURSE, None)
    decision = budgets.Decision(kind, worlds.POLICY, year, purse, amount, "财预〔2026〕1号")
    with store.writing() as tx:
        made = budgets.propose(tx, decision, by="甲")
    with store.writing() as tx:
        budgets.confirm(tx, made.decision_id, by=by)
    return "no fault"


def _reserve(store: Store, fen: int = 100_01, *, year: int = 2026) -> str:
    way = (PotAccount.BUDGET, PotAccount.RESERVED)
    with store.writing() as tx:
        tx.moved.append(Moved(worlds.POLICY, year, "全额", *way, fen, "b_1", "frozen"))
    return "no fault"


def _reserve_more_than_there_is(store: Store) -> str:
    _set(store)
    return _reserve(store)


def _reserve_in_a_closed_year(store: Store) -> str:
    _reserve(store)
    _close_at_new_year(store)
    return _reserve(store)


def _close_at_new_year(store: Store) -> str:
    store.clock.instant = NEW_YEAR  # type: ignore[attr-defined]  # a `FixedClock`
    return _set(store, kind=DecisionKind.CLOSE)


def _close_with_an_earlier_year_open(store: Store) -> str:
    _reserve(store, year=2025)
    return _close_at_new_year(store)


def _close_too_early(store: Store) -> str:
    return _set(store, kind=DecisionKind.CLOSE)


def _write_past_the_product(store: Store) -> str:
    _reserve(store)
    with store.writing() as tx:
        tx.connection.execute(sa.text("update pot set reserved_fen = 0, budget_fen = 0"))
    with store.reading() as rx:
        return "\n".join(map(str, verify_books(rx)))


def _confirm_ones_own(store: Store) -> str:
    return _set(store, by="甲")


def _propose_twice(store: Store) -> str:
    decision = budgets.Decision(DecisionKind.SET, worlds.POLICY, 2026, "全额", 100_00, "财预〔2026〕1号")
    with store.writing() as tx:
        budgets.propose(tx, decision, by="甲")
        budgets.propose(tx, decision, by="丙")
    return "no fault"


_DEEDS: dict[str, Callable[[Store], str]] = {
    "reserve more than there is": _reserve_more_than_there_is,
    "reserve in a closed year": _reserve_in_a_closed_year,
    "close a year that is not over": _close_too_early,
    "close with an earlier year open": _close_with_an_earlier_year_open,
    "write past the product": _write_past_the_product,
    "confirm one's own": _confirm_ones_own,
    "propose twice": _propose_twice,
}


def pot(folder: Path, case: dict[str, Any]) -> str:
    """Collect two payments of 150 while one purse has `left_fen`; the rule pays on where `pays_on` says so."""
    payables = [samples.payable(number) for number in (1, 2)]
    ranks = pl.DataFrame({"item_id": [each["item_id"][0] for each in payables], "rank": [0, 1]}, schema=RANKS)
    funds = Funds((Purse("区级"),), (case["left_fen"],), pays_on=case.get("pays_on", False), ranks=ranks)
    collected = collect([replace(samples.due(*payables), funds=funds)], samples.payees(2))
    return "\n".join(map(str, collected.findings))


def suspicion(folder: Path, case: dict[str, Any]) -> str:
    """Collect one payment of 150 while something of `kind` is suspected of it."""
    payable, payee = samples.payable(1), samples.payee(1)
    digests = pl.DataFrame({"account": payee["account_digest"], "subject_id": ["s9"]})
    watches = {
        "account": Watch(holders=digests.with_columns(account=short(pl.col("account"))), holders_most=1),
        "name": Watch(
            recent=pl.DataFrame([(payee["name_digest"][0], 15_000, "s9")], schema=RECENT, orient="row"),
            days=30,
            named=frozenset({samples.POLICY}),
        ),
        "group": Watch(
            groups=pl.DataFrame(
                [(payable["item_id"][0], samples.POLICY, "group", "护理补贴 s1 2025-07")], schema=SUSPECTS, orient="row"
            )
        ),
    }
    collected = collect([samples.due(payable)], samples.payees(1), watches[case["kind"]])
    return "\n".join(map(str, collected.findings))


PROBES = {"funds": funds, "pot": pot, "suspicion": suspicion}
