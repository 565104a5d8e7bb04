"""Provokes the faults of our own database: opening it, claiming runs, and what may not be done twice."""

import datetime as dt
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from core.clock import FixedClock
from core.errors import MianshenError
from rules.standing import Activation
from store.accounts import add_account
from store.activations import activate, publish_version
from store.approvals import Ballot, approve_batch
from store.bank_lines import reopen_items
from store.batches import BatchHead, read_lines
from store.freezing import add_batch
from store.ledger import LedgerChanges, write_ledger
from store.opening import Store, open_store
from store.payouts import stop_batch
from store.proposals import ProposalEvent, ProposedActivation, Submission, apply, submit
from store.reconciling import reconcile_batch
from store.runs import RunClaim, claim_run, enter_state, keep_run, publish_run
from store.states.funds import Account
from store.states.nights import RunState
from store.states.rules import VersionState
from store.vault import StoredVault
from tests.store import worlds
from tests.store.paying import answer, approve, export, hear, line, send

FILE = "mianshen.db"
FEW_PAGES = 80  # the empty schema needs about so many
SHORT = dt.timedelta(milliseconds=20)
LEASE = dt.timedelta(minutes=10)


def database(folder: Path, case: dict[str, Any]) -> str:
    """Open `url` (`{folder}` stands for the case's folder) and write to it.

    Before: `opened_before` by this version, then changed by `sql`. While: `locked_by_another`, or `disk_full`.
    """
    url = str(case["url"]).replace("{folder}", str(folder))
    if case.get("opened_before", False):
        _open(folder).close()
    with sqlite3.connect(folder / FILE) as connection:
        for statement in case.get("sql", []):
            connection.execute(statement)
        connection.commit()
        if case.get("locked_by_another", False):
            connection.execute("begin immediate")
        return _said(lambda: _write(url, disk_full=case.get("disk_full", False)))


def _write(url: str, *, disk_full: bool) -> None:
    with open_store(url, clock=_clock(), patience=SHORT) as store, store.writing() as tx:
        if disk_full:
            tx.connection.exec_driver_sql(f"pragma max_page_count = {FEW_PAGES}")
        numbers = pl.Series([str(number) for number in range(10_000)])
        StoredVault(tx, worlds.seals()).resolve("person", numbers, load=worlds.LOAD, first_seen_at=tx.now)


def runs(folder: Path, case: dict[str, Any]) -> str:
    """Take `steps`, each a verb and its object: claim, publish or keep a date, or wait for minutes."""
    with _open(folder) as store:
        claims: dict[str, RunClaim] = {}
        return _said(lambda: _take(store, claims, case["steps"]))


def _take(store: Store, claims: dict[str, RunClaim], steps: list[str]) -> None:
    for step in steps:
        _step(store, claims, *step.split())


def _step(store: Store, claims: dict[str, RunClaim], verb: str, name: str) -> None:
    if verb == "wait":
        worlds.later(store, minutes=int(name))
        return
    with store.writing() as tx:
        if verb == "claim":
            date = dt.date.fromisoformat(name)
            claim = claim_run(tx, "night", date, holder="pc-7:4711", lease=LEASE, known_at=tx.now)
            claims.setdefault(name, claim)
        elif verb == "keep":
            keep_run(tx, claims[name], LEASE)
        else:
            enter_state(tx, claims[name], RunState.RUNNING)
            enter_state(tx, claims[name], RunState.VERIFYING)
            publish_run(tx, claims[name], folder="runs", manifest={}, summary={})


def refusal(folder: Path, case: dict[str, Any]) -> str:
    """Do the deed named `deed`, one of those below."""
    with _open(folder) as store:
        return _said(lambda: _DEEDS[case["deed"]](store))


def _write_on_what_changed(store: Store) -> None:
    (subject,) = worlds.register(store, "a")
    with store.writing() as tx:
        key = worlds.owe(tx, worlds.open_grant(tx, subject), 100)
        kept = worlds.postings(worlds.posting(key, Account.KEPT, 0, 1))
        for _ in range(2):
            write_ledger(tx, LedgerChanges(postings=kept, seen=worlds.seen(**{key: 1})), run_id=None)


def _publish_another_text(store: Store) -> None:
    with store.writing() as tx:
        for fingerprint in ("one", "another"):
            days = (worlds.DAY, None)
            publish_version(tx, "", policy=worlds.POLICY, version=1, fingerprint=fingerprint, days=days, by="officer")


def _activate_what_is_not_published(store: Store) -> None:
    with store.writing() as tx:
        activate(tx, "a_1", Activation(worlds.POLICY, 2, worlds.DAY, None, tx.now), by="officer")


def _approve_own_work(store: Store) -> None:
    submission = Submission("f", "plan", "officer", (), (ProposedActivation(worlds.POLICY, None, worlds.DAY),))
    with store.writing() as tx:
        apply(tx, submit(tx, submission, by="clerk"), ProposalEvent(VersionState.APPROVED, by="officer"))


def _come_with_other_keys(store: Store) -> None:
    worlds.register(store, "a")
    with store.writing() as tx:
        StoredVault(tx, worlds.seals(index=9))


def _take_a_login_name(store: Store) -> None:
    (subject,) = worlds.register(store, "a")
    with store.writing() as tx:
        for owner in (None, subject):
            add_account(tx, "officer", "password", subject_id=owner, cost=(2**4, 8, 1))


def _export_what_is_not_approved(store: Store) -> None:
    _freeze(store)
    with store.writing() as tx:
        export(tx, "b_1")


def _approve_what_was_not_looked_at(store: Store) -> None:
    _freeze(store)
    with store.writing() as tx:
        ballot = Ballot(1, tx.now + dt.timedelta(days=1))
        approve_batch(tx, "b_1", approved_hash="of something else", by="officer", ballot=ballot)


def _export_when_approvals_have_lapsed(store: Store) -> None:
    _freeze(store)
    with store.writing() as tx:
        approve(tx, "b_1")
        export(tx, "b_1", needed=2)


def _export_what_was_stopped(store: Store) -> None:
    _freeze(store)
    with store.writing() as tx:
        stop_batch(tx, "b_1", by="supervisor", reason="a call")
        export(tx, "b_1")


def _pay_again_what_the_bank_contradicts(store: Store) -> None:
    _freeze(store)
    with store.writing() as tx:
        send(tx, "b_1")
        (row,) = read_lines(tx, "b_1").iter_rows(named=True)
        hear(tx, [line(tx, "b_1", row["item_id"], word) for word in ("paid", "failed")])
        reopen_items(tx, pl.Series([row["reference"]]))


def _reconcile_without_a_statement(store: Store) -> None:
    _freeze(store)
    with store.writing() as tx:
        send(tx, "b_1")
        answer(tx, "b_1", paid=read_lines(tx, "b_1")["item_id"].to_list())
        reconcile_batch(tx, "b_1", by="paymaster")


def _freeze(store: Store) -> str:
    (subject,) = worlds.register(store, "a")
    with store.writing() as tx:
        key = worlds.owe(tx, worlds.open_grant(tx, subject), 100)
        head = BatchHead("b_1", worlds.POLICY, "护理补贴", "区残联", worlds.DAY)
        return add_batch(tx, head, worlds.lines(tx, key, 1), run_id=None).content_hash


_DEEDS: dict[str, Callable[[Store], None]] = {
    "write on what changed": _write_on_what_changed,
    "publish another text": _publish_another_text,
    "activate what is not published": _activate_what_is_not_published,
    "approve own work": _approve_own_work,
    "come with other keys": _come_with_other_keys,
    "take a login name": _take_a_login_name,
    "export what is not approved": _export_what_is_not_approved,
    "approve what was not looked at": _approve_what_was_not_looked_at,
    "export when approvals have lapsed": _export_when_approvals_have_lapsed,
    "export what was stopped": _export_what_was_stopped,
    "pay again what the bank contradicts": _pay_again_what_the_bank_contradicts,
    "reconcile without a statement": _reconcile_without_a_statement,
}

PROBES = {"database": database, "runs": runs, "refusal": refusal}


def _clock() -> FixedClock:
    return worlds.clock_at(worlds.CLOCK_START)


def _open(folder: Path) -> Store:
    return open_store(f"sqlite:///{folder / FILE}", clock=_clock())


def _said(deed: Callable[[], object]) -> str:
    try:
        deed()
    except MianshenError as error:
        return str(error)
    return "no fault"
