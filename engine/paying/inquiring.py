"""What is in doubt, and how doubt ends; exceptions settled, batches reconciled and closed."""

import polars as pl

from core.remits import WHOLE, Remit
from engine.deployment import Deployment
from engine.paying.doers import SENDS, may
from engine.paying.telling import tell_paid
from store.audit import record, words_digest
from store.bank_lines import CONTRADICTED, attempts_with
from store.batch_steps import move_batch
from store.batches import BatchRecord, batch_of
from store.codes import StoreCode
from store.faults import refused
from store.inquiries import OF_FILES, Found, InquiryRecord, Statement, confirm_found, mark_unknown, state_found
from store.reconciling import (
    BankException,
    Reconciliation,
    exceptions_of,
    reconcile_batch,
    resolve_exception,
    waiting_exception,
)
from store.states.paying import BatchState

Asked = tuple[int | None, str | None]
"""The number of a file, or the reference of a payment."""


def doubt(deployment: Deployment, batch_id: str, *, by: str) -> int:
    """Say that the bank's answer is overdue; return how many payments are in doubt from now on."""
    may(deployment, by, SENDS, batch_id)
    with deployment.store.writing() as tx:
        record(tx, "batch.doubted", by=by, about=batch_id, said={})
        return mark_unknown(tx, batch_id, by=by)


def state_answer(
    deployment: Deployment, batch_id: str, asked: Asked, *, found: str, evidence: str, by: str
) -> InquiryRecord:
    """Keep what somebody learned of a file or a payment in doubt; another person has to confirm it.

    Fails: RefusedError where it is not in doubt, or where what was learned does not fit what was asked about.
    """
    may(deployment, by, SENDS, batch_id)
    file_number, reference = asked
    said = Found(found)
    if (said in OF_FILES) is not (file_number is not None):
        message = f"`{found}` is said of a {'file' if said in OF_FILES else 'payment'}"
        raise refused(
            StoreCode.WRONG_STATE,
            batch_id,
            message,
            "of a file: acknowledged, not_received, rejected; else: paid, failed",
        )
    with deployment.store.writing() as tx:
        record(tx, "batch.inquired", by=by, about=batch_id, said={"found": found, "evidence": words_digest(evidence)})
        return state_found(tx, batch_id, Statement(said, evidence, file_number, reference), by=by)


def confirm_answer(deployment: Deployment, batch_id: str, number: int, *, by: str) -> InquiryRecord:
    """Confirm what another person learned, and tell whose money came; as `store.inquiries.confirm_found`."""
    may(deployment, by, SENDS, batch_id)
    with deployment.store.writing() as tx:
        record(tx, "batch.inquiry_confirmed", by=by, about=batch_id, said={"number": number})
        confirmed = confirm_found(tx, batch_id, number, by=by)
        if confirmed.found == Found.PAID:
            paid = attempts_with(tx, pl.Series([confirmed.reference]))
            tell_paid(tx, deployment, paid.with_columns(booked_on=pl.lit(None, pl.Date)))
        return confirmed


def waiting_exceptions(deployment: Deployment, *, remit: Remit = WHOLE) -> tuple[BankException, ...]:
    """Return the lines of the bank's that wait for a person; those that mean no payment of ours for the whole alone."""
    with deployment.store.reading() as rx:
        return tuple(each for each in exceptions_of(rx) if remit.covers(each.policy))


def settle_exception(deployment: Deployment, key: str, *, by: str, resolution: str) -> None:
    """Settle an exception, named as lists name it, with what was found out.

    Fails: RefusedError; as `store.reconciling.resolve_exception`.
    """
    may(deployment, by, SENDS)
    file, number = _parts(key)
    with deployment.store.writing() as tx:
        record(tx, "bank_line.settled", by=by, about=file, said={"line": number, "reason": words_digest(resolution)})
        resolve_exception(tx, file, number, by=by, resolution=resolution)


def settle_as_paid(deployment: Deployment, key: str, *, by: str, evidence: str) -> InquiryRecord:
    """Say of an exception, named as lists name it, that its payment was paid after all; another person has to confirm it.

    Fails: RefusedError where the bank does not contradict itself there; as `store.paid_after_all.refuse_unproved`.
    """
    may(deployment, by, SENDS)
    with deployment.store.reading() as rx:
        found = waiting_exception(rx, *_parts(key))
    if found.because != CONTRADICTED or found.batch_id is None:
        message = "only what the bank both paid and did not pay is settled as paid"
        remedy = "say what was found out: `mianshen payouts exceptions --settle ID --reason …`"
        raise refused(StoreCode.WRONG_STATE, key, message, remedy)
    asked = (None, found.reference)
    return state_answer(deployment, found.batch_id, asked, found=Found.PAID.value, evidence=evidence, by=by)


def _parts(key: str) -> tuple[str, int]:
    """Return the file and the line of an exception by the name that lists give it; line 0 is nobody's."""
    file, _, line = key.rpartition(":")
    return file, int(line) if line.isdecimal() else 0


def reconcile(deployment: Deployment, batch_id: str, *, by: str) -> Reconciliation:
    """Say that a batch and the account's statements agree; as `store.reconciling.reconcile_batch`."""
    may(deployment, by, SENDS, batch_id)
    with deployment.store.writing() as tx:
        record(tx, "batch.reconciled", by=by, about=batch_id, said={})
        return reconcile_batch(tx, batch_id, by=by)


def close(deployment: Deployment, batch_id: str, *, by: str) -> BatchRecord:
    """Close a reconciled batch.

    Fails: RefusedError where it is not reconciled.
    """
    may(deployment, by, SENDS, batch_id)
    with deployment.store.writing() as tx:
        record(tx, "batch.closed", by=by, about=batch_id, said={})
        return move_batch(tx, batch_of(tx, batch_id), BatchState.CLOSED, by=by)
