"""What comes back from the bank: acknowledgements, return files and statements, each taken in once, no line dropped."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

import polars as pl

from core.collector import no_search_for_cycles
from core.errors import DeliveryError
from core.findings import Finding, Place
from core.ids import bytes_digest
from delivery.bank_verdicts import closed_by, judge
from delivery.banking.acknowledgements import Acknowledgement, read_acknowledgement
from delivery.banking.profile import PaymentProfile, Result
from delivery.banking.statements import StatementKind, read_statement
from delivery.codes import DeliveryCode
from delivery.private_files import write_private
from delivery.vault_books import payee_keys
from engine.deployment import Deployment
from engine.paying.doers import SENDS, may
from engine.paying.exporting import profile_for
from engine.paying.telling import tell_answers
from store.audit import record
from store.bank_lines import (
    BANK_LINES,
    BankFileHead,
    BankFileRecord,
    attempts_with,
    bank_file_with,
    fail_lines,
    keep_bank_file,
    said_before,
)
from store.closed_accounts import mark_closed
from store.opening import Writing
from store.payouts import FileRecord, file_named, move_file
from store.states.paying import FILE_TRANSITIONS, FileState

BYTES_MAX = 512 * 1024 * 1024  # a return file of five million payments has about so many


class BankFileKind(StrEnum):
    """What the bank says with a file."""

    ACKNOWLEDGEMENT = "acknowledgement"  # that it has a payment file, or refuses it
    RETURNS = "returns"  # what became of the payments of one
    STATEMENT = "statement"  # what was booked on the account


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of a file of the bank's; `is_repeat`: the same bytes were taken in before, and nothing moved."""

    record: BankFileRecord
    is_repeat: bool
    findings: tuple[Finding, ...] = ()


@no_search_for_cycles()
def take_file(
    deployment: Deployment, path: Path, *, by: str, profile: str | None = None, kind: BankFileKind | None = None
) -> TakenIn:
    """Take in a file of the bank's by a payment profile; the file itself is kept, for its owner alone to read.

    Without a `kind` it is read as what the profile has: XML is a statement, anything else a return file.
    Fails: DeliveryError where it cannot be read as that, is cut short or does not add up: nothing of it is taken.
    """
    may(deployment, by, SENDS)
    data = _bytes_of(path)
    with deployment.store.reading() as rx:
        known = bank_file_with(rx, bytes_digest(data))
    if known is not None:
        return TakenIn(known, is_repeat=True)
    chosen = profile_for(deployment, profile)
    kept = deployment.workspace.payouts / "received" / f"{bytes_digest(data)}{path.suffix.lower()}"
    if kind is BankFileKind.ACKNOWLEDGEMENT:
        told = read_acknowledgement(data, chosen, path.name)
        write_private(kept, data)
        return _take_acknowledgement(deployment, _head(path, data, chosen, kind), told, by=by)
    asked = None if kind is None else StatementKind(kind.value)
    statement = read_statement(data, chosen, path.name, kind=asked)
    if not statement.is_whole:
        raise DeliveryError(statement.findings)
    write_private(kept, data)
    head = _head(path, data, chosen, BankFileKind(statement.kind.value))
    taken = take_in(deployment, head, statement.lines, by=by, reasons=_reasons(chosen), closing=_closing(chosen))
    return TakenIn(taken, is_repeat=False, findings=statement.findings)


def _reasons(profile: PaymentProfile) -> dict[str, str]:
    """Return a profile's result codes in words."""
    return {code: result.reason for code, result in _results(profile)}


def _closing(profile: PaymentProfile) -> frozenset[str]:
    """Return a profile's result codes that say that an account is closed."""
    return frozenset(code for code, result in _results(profile) if result.closes)


def _results(profile: PaymentProfile) -> Iterator[tuple[str, Result]]:
    for form in (profile.returns, profile.statement):
        if form is not None:
            yield from form.results.items()


def _head(path: Path, data: bytes, profile: PaymentProfile, kind: BankFileKind) -> BankFileHead:
    return BankFileHead(path.name, kind.value, profile.name, bytes_digest(data))


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > BYTES_MAX:
            message = f"larger than {BYTES_MAX // 1024 // 1024} MiB"
            raise DeliveryError.one(DeliveryCode.FILE_UNREADABLE, path.name, message, "ask the bank for smaller files")
        return path.read_bytes()
    except OSError as fault:
        message = f"the file cannot be read: {(fault.strerror or 'unknown reason').lower()}"
        raise DeliveryError.one(
            DeliveryCode.FILE_UNREADABLE, path.name, message, "name a file that you may read"
        ) from None


def take_in(
    deployment: Deployment,
    head: BankFileHead,
    said: pl.DataFrame,
    *,
    by: str,
    reasons: Mapping[str, str] | None = None,
    closing: Collection[str] = (),
) -> BankFileRecord:
    """Take in what the bank says of payments, once: each line is judged, kept, and moves what it moves.

    Whose money came, or came back, is told so; `reasons` are the bank's result codes in words, and those in `closing` say
    that an account is closed.

    Shape: `delivery.bank_verdicts.SAID_LINES`, or a statement's lines.
    Fails: RefusedError where another process moved the same payments in between.
    """
    keyed = partial(payee_keys, deployment.seals)
    with deployment.store.writing() as tx:
        record(tx, "bank_file.taken_in", by=by, about=head.sha256, said={"kind": head.kind, "lines": said.height})
        known = bank_file_with(tx, head.sha256)
        if known is not None:
            return known
        references = said["reference"]
        attempts = attempts_with(tx, references)
        judged = judge(said, attempts, said_before(tx, references), keyed=keyed)
        mark_closed(tx, closed_by(judged, attempts, closing))
        kept = keep_bank_file(tx, head, judged, by=by)
        event = f"bank file {kept.bank_file_id}"
        tell_answers(tx, deployment, judged, attempts=attempts, event=event, reasons=reasons or {})
        return kept


def _take_acknowledgement(
    deployment: Deployment, head: BankFileHead, told: Sequence[Acknowledgement], *, by: str
) -> TakenIn:
    """Take in what the bank says of payment files; one whose totals are not ours is a refusal of the whole answer."""
    with deployment.store.writing() as tx:
        record(tx, "bank_file.taken_in", by=by, about=head.sha256, said={"kind": head.kind, "lines": len(told)})
        files = [_file_of(tx, each, head.name) for each in told]
        findings = [
            finding for each, file in zip(told, files, strict=True) for finding in each.differences(file, head.name)
        ]
        if findings:
            raise DeliveryError(findings)
        kept = keep_bank_file(tx, head, BANK_LINES.to_frame(), by=by)
        for each, file in zip(told, files, strict=True):
            _acknowledge(tx, each, file)
    return TakenIn(kept, is_repeat=False)


def _file_of(tx: Writing, told: Acknowledgement, place: str) -> FileRecord:
    file = file_named(tx, told.file_name)
    if file is None:
        message = f"no payment file of ours is called `{told.file_name}`"
        raise DeliveryError.one(
            DeliveryCode.RECEIPT_DIFFERS, Place(place, told.line), message, "ask the bank which file it means"
        )
    return file


def _acknowledge(tx: Writing, told: Acknowledgement, file: FileRecord) -> None:
    """Move a file by what the bank says of it; what it has said already, or has gone beyond, moves nothing."""
    target = FileState.ACKNOWLEDGED if told.is_accepted else FileState.REJECTED
    if target not in FILE_TRANSITIONS[file.state]:
        return
    if target is FileState.REJECTED:
        fail_lines(tx, file.batch_id, file.number)
    move_file(tx, file, target, by=None, reason=f"{told.reason_code} {told.reason}")
