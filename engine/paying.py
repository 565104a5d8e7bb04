"""A batch on its way: approved, sent to the bank, answered. What a person says here is checked by the store it is kept in."""

import datetime as dt
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from core.clock import civil_day, civil_instant
from core.days import add_days
from core.ids import bytes_digest
from delivery.bank_verdicts import judge
from delivery.payout_files import Form, payout_path, render
from delivery.private_files import write_private
from delivery.stored_batches import read_batch
from delivery.vault_books import payee_key
from engine.deployment import Deployment
from store.approvals import Ballot, approve_batch, lapse_approvals
from store.bank_lines import BankFileHead, BankFileRecord, attempts_with, bank_file_with, keep_bank_file, said_before
from store.batches import BatchRecord, batch_of
from store.payouts import FileHead, Release, export_batch

FORM = Form.CSV


@dataclass(frozen=True, slots=True)
class Exported:
    """A batch that went out, and the files that carry it."""

    batch: BatchRecord
    paths: tuple[Path, ...]


def ballot_for(deployment: Deployment, batch: BatchRecord, now: dt.datetime) -> Ballot:
    """Return what an approval of a batch is worth: by its amount, and until the end of the last working day it counts on."""
    settings = deployment.workspace.settings.payouts
    last = deployment.calendar.nth(add_days(civil_day(now), 1), settings.approval_days)
    return Ballot(settings.people_for(batch.total_fen), civil_instant(add_days(last, 1)))


def approve(deployment: Deployment, batch_id: str, *, content_hash: str, by: str) -> BatchRecord:
    """Approve exactly the content that was looked at.

    Fails: RefusedError; as `store.approvals.approve_batch`.
    """
    with deployment.store.writing() as tx:
        ballot = ballot_for(deployment, batch_of(tx, batch_id), tx.now)
        return approve_batch(tx, batch_id, approved_hash=content_hash, by=by, ballot=ballot)


def export(deployment: Deployment, batch_id: str, *, by: str) -> Exported:
    """Let a batch go out: its file is written, and its items are instructed from now on.

    Fails: RefusedError; as `store.payouts.export_batch`. DeliveryError where a payee is not who was frozen.
    """
    needed = _needed(deployment, batch_id)
    with deployment.store.writing() as tx:
        lapse_approvals(tx, batch_id, needed=needed)
    with deployment.store.reading() as rx:
        batch = read_batch(rx, batch_id)
    data = render(batch, deployment.book(by).payees(batch.lines["subject_id"].unique()), FORM)
    path = payout_path(deployment.workspace.payouts, batch, FORM)
    digest = bytes_digest(data)
    head = FileHead(1, path.name, FORM.value, 1, batch.count, batch.total_fen, batch.content_hash, digest)
    carried = batch.lines.select("reference", file_number=pl.lit(1, dtype=pl.Int64))
    with deployment.store.writing() as tx:
        gone = export_batch(tx, batch_id, Release(batch.content_hash, needed, by), [head], carried)
        write_private(path, data)
    return Exported(gone, (path,))


def _needed(deployment: Deployment, batch_id: str) -> int:
    with deployment.store.reading() as rx:
        return deployment.workspace.settings.payouts.people_for(batch_of(rx, batch_id).total_fen)


def take_in(deployment: Deployment, head: BankFileHead, said: pl.DataFrame, *, by: str) -> BankFileRecord:
    """Take in what the bank sent, once: each line is judged, kept, and moves what it moves.

    Shape: the lines of a statement.
    Fails: RefusedError where another process moved the same payments in between.
    """
    keyed = partial(payee_key, deployment.seals)
    with deployment.store.writing() as tx:
        known = bank_file_with(tx, head.sha256)
        if known is not None:
            return known
        references = said["reference"]
        judged = judge(said, attempts_with(tx, references), said_before(tx, references), keyed=keyed)
        return keep_bank_file(tx, head, judged, by=by)
