"""Several processes approve, stop, send and answer the same batches at random; what they did and saw is checked afterwards."""

import datetime as dt
import json
import os
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from core.errors import RefusedError
from core.ledger import ItemState
from delivery.bank_verdicts import SAID_LINES, judge
from store.approvals import Ballot, approve_batch, reject_batch
from store.audit import verify
from store.bank_lines import (
    BankFileHead,
    attempts_with,
    bank_file_with,
    keep_bank_file,
    reopen_items,
    said_before,
)
from store.batches import BatchHead, read_batches, read_lines
from store.freezing import add_batch
from store.inquiries import Found, Statement, confirm_found, inquiries_of, mark_unknown, state_found
from store.opening import Store, open_store
from store.payouts import (
    FileHead,
    Release,
    cancel_batch,
    carry_lines,
    drop_lines,
    files_of,
    instruct_batch,
    resume_batch,
    stop_batch,
)
from store.positions import read_items
from store.states.paying import BatchState
from tests.faults.killing import ForkFailedError, await_fork, begin_fork
from tests.faults.month import Place
from tests.laws.stored_money import StoredMoney, check_money
from tests.store.worlds import CLOCK_START, DAY, as_it_is, clock_at, lines, open_grant, owe, register

NEEDED = 1
OVER = frozenset({BatchState.CANCELLED, BatchState.RELEASED})
WORDS = ("paid", "paid", "failed", "returned")
PEOPLE = ("anna", "bert", "cleo", "dora")


@dataclass(frozen=True)
class Did:
    """What a process did and saw: on which batch, with which content, and whether it was done."""

    deed: str
    batch_id: str
    by: str
    content_hash: str
    is_done: bool


def race(place: Place, *, seed: str, processes: int, deeds: int) -> tuple[Counter[str], list[str]]:
    """Let some processes do so many deeds each on one store; return how often each was done, and what was wrong."""
    await_fork(begin_fork(lambda: _begin(place)))
    workers = [begin_fork(lambda n=n: _work(place, f"{seed}:{n}", deeds, collects=n == 0)) for n in range(processes)]  # type: ignore[misc]  # bound at once
    breaches, histories = [], []
    for worker in workers:
        try:
            histories.append(await_fork(worker))
        except ForkFailedError as breach:
            breaches.append(str(breach))
    history = [Did(**each) for one in histories for each in json.loads(one)]
    try:
        await_fork(begin_fork(lambda: _check(place, history)))
    except ForkFailedError as breach:
        breaches.append(str(breach))
    return Counter(did.deed for did in history if did.is_done), breaches


def _open(place: Place) -> Store:
    return open_store(place.url, clock=clock_at(CLOCK_START))


def _begin(place: Place) -> None:
    with _open(place) as store:
        subjects = register(store, "a", "b", "c")
        with store.writing() as tx:
            for subject in subjects:
                owe(tx, open_grant(tx, subject), 100, 200, 300)
        _collect(store, "", "", "maker", "first", random.Random(0))  # noqa: S311  # as below


def _work(place: Place, seed: str, deeds: int, *, collects: bool) -> str:
    """Do deeds at random, collecting only where nights do: one at a time. What is refused is refused; nothing else fails."""
    chance = random.Random(seed)  # noqa: S311  # repeatable, not secret
    history = []
    with _open(place) as store:
        for number in range(deeds):
            with store.reading() as rx:
                batches = read_batches(rx)
                live = [each for each in batches if each.state not in OVER] or batches
            weights = [weight if collects or name != "collect" else 0 for name, (_, weight) in DEEDS.items()]
            by, (name,) = chance.choice(PEOPLE), chance.choices(list(DEEDS), weights)
            ready = [each for each in live if name == "export" and each.state is BatchState.APPROVED]
            batch = chance.choice(ready or live)
            try:
                DEEDS[name][0](store, batch.batch_id, batch.content_hash, by, f"{os.getpid()}-{number}", chance)
                is_done = True
            except RefusedError:
                is_done = False
            history.append({"deed": name, "batch_id": batch.batch_id, "by": by, "content_hash": batch.content_hash,
                            "is_done": is_done})  # fmt: skip
    return json.dumps(history)


def _approve(store: Store, batch_id: str, content_hash: str, by: str, _: str, __: random.Random) -> None:
    with store.writing() as tx:
        ballot = Ballot(NEEDED, tx.now + dt.timedelta(days=5))
        approve_batch(tx, batch_id, approved_hash=content_hash, by=by, ballot=ballot)


def _export(store: Store, batch_id: str, content_hash: str, by: str, _: str, __: random.Random) -> None:
    """Let go what was looked at, in two files, as read before."""
    with store.reading() as rx:
        own = read_lines(rx, batch_id)
    carried = own.select("item_id", file_number=pl.int_range(pl.len()) % 2 + 1)
    heads = [
        FileHead(number, f"{batch_id}-{number}", "text", 1, part.height, int(part["amount_fen"].sum()), "hash", "sha")
        for (number,), part in own.drop("file_number").join(carried, on="item_id").group_by("file_number")
    ]
    with store.writing() as tx:
        carry_lines(tx, instruct_batch(tx, batch_id, Release(content_hash, NEEDED, by)), heads, carried, by=by)


def _take_back(store: Store, batch_id: str, _: str, by: str, __: str, chance: random.Random) -> None:
    with store.writing() as tx:
        chance.choice([cancel_batch, reject_batch])(tx, batch_id, by=by, reason="not now")


def _stop(store: Store, batch_id: str, _: str, by: str, __: str, ___: random.Random) -> None:
    with store.writing() as tx:
        stop_batch(tx, batch_id, by=by, reason="a call")


def _resume(store: Store, batch_id: str, _: str, by: str, __: str, ___: random.Random) -> None:
    with store.writing() as tx:
        resume_batch(tx, batch_id, by=by, reason="looked at")


def _drop(store: Store, batch_id: str, _: str, __: str, ___: str, chance: random.Random) -> None:
    """Somebody's account is another by now."""
    with store.reading() as rx:
        own = read_lines(rx, batch_id)["item_id"]
    if not own.is_empty():
        with store.writing() as tx:
            drop_lines(tx, batch_id, own.sample(1, seed=chance.randrange(1_000)), reason="another account")


def _take_in(store: Store, batch_id: str, _: str, by: str, name: str, chance: random.Random) -> None:
    """Take in a file of the bank's about some lines, of which two processes may have the same."""
    with store.reading() as rx:
        own = read_lines(rx, batch_id, is_whole=True).select("reference", "amount_fen").rows()
    rows = [
        {"line": line, "reference": reference, "amount_fen": amount_fen, "outcome": chance.choice(WORDS)}
        for line, (reference, amount_fen) in enumerate(chance.sample(own, min(len(own), 3)), start=1)
    ]
    said = pl.DataFrame(rows, schema=SAID_LINES)
    sha256 = chance.choice([name, f"{batch_id} {chance.randrange(3)}"])
    with store.writing() as tx:
        if bank_file_with(tx, sha256) is None:
            references = said["reference"]
            judged = judge(said, attempts_with(tx, references), said_before(tx, references), keyed=as_it_is)
            keep_bank_file(tx, BankFileHead(name, "returns", "text", sha256), judged, by=by)


def _doubt(store: Store, batch_id: str, _: str, by: str, __: str, ___: random.Random) -> None:
    with store.writing() as tx:
        mark_unknown(tx, batch_id, by=by)


def _inquire(store: Store, batch_id: str, _: str, by: str, __: str, chance: random.Random) -> None:
    """Say what was learned of a line, or confirm what another said."""
    with store.writing() as tx:
        waiting = [each for each in inquiries_of(tx, batch_id) if each.confirmed_by is None]
        references = read_lines(tx, batch_id)["reference"].sort().to_list()
        if waiting:
            confirm_found(tx, batch_id, chance.choice(waiting).number, by=by)
        elif references:
            found = chance.choice([Found.PAID, Found.FAILED])
            state_found(tx, batch_id, Statement(found, "a call", reference=chance.choice(references)), by=by)


def _reissue(store: Store, batch_id: str, _: str, __: str, ___: str, ____: random.Random) -> None:
    with store.writing() as tx:
        whole = read_lines(tx, batch_id, is_whole=True)
        back = whole.filter(pl.col("state") == ItemState.RETURNED)["reference"]
        if not back.is_empty():
            reopen_items(tx, back)


def _collect(store: Store, _: str, __: str, by: str, name: str, ___: random.Random) -> None:
    """Freeze what is open, as it was read before."""
    with store.reading() as rx:
        numbers: dict[str, list[int]] = {}
        for key, number in read_items(rx, states=[ItemState.OPEN]).select("obligation_id", "sequence").iter_rows():
            numbers.setdefault(key, []).append(number)
        found = [lines(rx, key, *each) for key, each in sorted(numbers.items())]
    if found:
        with store.writing() as tx:
            head = BatchHead(f"b_{name}", "nursing-allowance", "t", "o", DAY)
            add_batch(tx, head, pl.concat(found), run_id=None, made_by=by)


Deed = Callable[[Store, str, str, str, str, random.Random], None]

DEEDS: Mapping[str, tuple[Deed, int]] = {
    "approve": (_approve, 12),
    "export": (_export, 14),
    "take back": (_take_back, 1),
    "stop": (_stop, 1),
    "resume": (_resume, 4),
    "drop a line": (_drop, 1),
    "take in": (_take_in, 4),
    "doubt": (_doubt, 1),
    "inquire": (_inquire, 3),
    "reissue": (_reissue, 3),
    "collect": (_collect, 4),
}
"""What may be done, and how often it is beside the others."""


def _check(place: Place, history: Sequence[Did]) -> None:
    """Check what is stored, and that each approval is of the content that its approver saw."""
    with _open(place) as store, store.reading() as rx:
        check_money(rx)
        assert not verify(rx).findings
        approvals = StoredMoney(rx).rows("batch_approval")
        gone = {each.batch_id for each in read_batches(rx) if files_of(rx, each.batch_id)}
    seen = Counter((did.batch_id, did.by, did.content_hash) for did in history if did.is_done and did.deed == "approve")
    assert seen == Counter((row["batch_id"], row["approved_by"], row["content_hash"]) for row in approvals)
    sent = Counter(did.batch_id for did in history if did.is_done and did.deed == "export")
    assert sent == Counter(gone), "what somebody let go went out, once, and nothing else"
