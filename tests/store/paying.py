"""A paymaster's day in small: batches approved, sent and answered as people and banks would."""

import datetime as dt
import itertools
from collections.abc import Sequence

import polars as pl

from core.ids import item_id, text_digest
from delivery.bank_verdicts import SAID_LINES, judge
from store.approvals import Ballot, approve_batch
from store.bank_lines import BankFileHead, BankFileRecord, attempts_with, keep_bank_file, said_before
from store.batches import BatchRecord, batch_of, read_lines
from store.case_steps import CaseDeed, take_case_step
from store.cases import case_records, chosen_for_set_off
from store.opening import Reading, Writing
from store.payouts import FileHead, Release, carry_lines, instruct_batch
from store.set_offs import PARTS
from store.states.cases import COLLECTED_CASE, CaseAction, CaseState
from tests.store.worlds import DAY, as_it_is

_files = itertools.count(1)


def approve(tx: Writing, batch_id: str, *, by: str = "signatory", needed: int = 1) -> BatchRecord:
    """Approve what a batch holds now."""
    held = batch_of(tx, batch_id).content_hash
    return approve_batch(tx, batch_id, approved_hash=held, by=by, ballot=Ballot(needed, tx.now + dt.timedelta(days=5)))


def export(tx: Writing, batch_id: str, *, by: str = "paymaster", needed: int = 1, files: int = 1) -> BatchRecord:
    """Let a batch go out in so many files."""
    batch, lines = batch_of(tx, batch_id), read_lines(tx, batch_id)
    carried = lines.select("item_id", file_number=pl.int_range(pl.len()) % files + 1)
    heads = [
        FileHead(number, f"{batch_id}-{number}", "text", 1, part.height, int(part["amount_fen"].sum()), "hash", "sha")
        for (number,), part in lines.drop("file_number")
        .join(carried, on="item_id")
        .group_by("file_number", maintain_order=True)
    ]
    return carry_lines(tx, instruct_batch(tx, batch_id, Release(batch.content_hash, needed, by)), heads, carried, by=by)


def send(tx: Writing, batch_id: str) -> BatchRecord:
    """Approve a batch and let it go out."""
    approve(tx, batch_id)
    return export(tx, batch_id)


def line(rx: Reading, batch_id: str, item_id: str, outcome: str) -> dict[str, object]:
    """Return what a bank says about one line of a batch, all of it right."""
    (row,) = read_lines(rx, batch_id, is_whole=True).filter(pl.col("item_id") == item_id).iter_rows(named=True)
    return {"reference": row["reference"], "amount_fen": row["amount_fen"], "outcome": outcome}


def hear(
    tx: Writing, said: Sequence[dict[str, object]], *, kind: str = "returns", by: str = "paymaster"
) -> BankFileRecord:
    """Take in a file of the bank's."""
    rows = [{"line": number, **each} for number, each in enumerate(said, start=1)]
    frame = pl.DataFrame(rows, schema=SAID_LINES)
    references = frame["reference"]
    judged = judge(frame, attempts_with(tx, references), said_before(tx, references), keyed=as_it_is)
    head = BankFileHead(f"bank-{next(_files)}", kind, "text", text_digest(f"{next(_files)}"))
    return keep_bank_file(tx, head, judged, by=by)


def answer(
    tx: Writing, batch_id: str, *, paid: Sequence[str] = (), returned: Sequence[str] = (), failed: Sequence[str] = ()
) -> BankFileRecord:
    """Take in what the bank says about some items of a batch."""
    words = {"paid": paid, "failed": failed, "returned": returned}
    return hear(tx, [line(tx, batch_id, item_id, word) for word, items in words.items() for item_id in items])


def choose_set_off(tx: Writing, obligation: str) -> str:
    """Take every step by which the open case of an obligation comes to be set off; return its id."""
    (case,) = [each for each in case_records(tx) if each.obligation_id == obligation]
    if case.state not in COLLECTED_CASE:
        told = CaseDeed(CaseAction.NOTIFIED, "clerk")
        case = take_case_step(tx, case, told, CaseState.NOTIFIED, told_fen=case.amount_fen, object_through=DAY)
        case = take_case_step(tx, case, CaseDeed(CaseAction.CONFIRMED, "head"), CaseState.CONFIRMED)
    if not chosen_for_set_off(tx, [case.case_id]):
        take_case_step(tx, case, CaseDeed(CaseAction.SET_OFF, "clerk"), case.state)
    return case.case_id


def kept_back(obligation: str, number: int, first: int, shares: Sequence[tuple[int, str | None]]) -> pl.DataFrame:
    """Return what becomes of an item: each share with the case it is kept back for; new ones are numbered from `first`."""
    source = item_id(obligation, number)
    if len(shares) == 1:
        ((amount_fen, case_id),) = shares
        rows: list[tuple[object, ...]] = [(source, source, None, obligation, "regular", amount_fen, case_id)]
    else:
        rows = [
            (source, item_id(obligation, place), place, obligation, "regular", amount_fen, case_id)
            for place, (amount_fen, case_id) in enumerate(shares, start=first)
        ]
    return pl.DataFrame(rows, schema=PARTS, orient="row")
