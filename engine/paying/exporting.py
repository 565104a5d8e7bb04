"""A batch leaves: its files are written beside their place, it is exported with their digests, and they are put in place.

Killed before the commit, the batch has not gone out and nothing lies where a paymaster would take it from; killed after it,
whoever comes next puts the very same bytes in place.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from core.collector import no_search_for_cycles
from core.durable import sync_folder
from core.findings import Finding, Place
from core.ids import bytes_digest
from delivery.banking.payment_files import PaymentFile, payment_files
from delivery.banking.profile import PaymentProfile
from delivery.banking.profiles import FOLDER, profile_named, read_profiles
from delivery.batches import Batch
from delivery.codes import DeliveryCode
from delivery.payout_table import payout_table
from delivery.private_files import write_private
from delivery.stored_batches import read_batch
from engine.deployment import Deployment
from engine.paying.deciding import people_for
from engine.paying.doers import SENDS, may
from store.approvals import lapse_approvals
from store.audit import record
from store.audit_chain import JSON
from store.batches import BatchRecord, batch_of, read_batches, subjects_of
from store.codes import StoreCode
from store.faults import refused
from store.payouts import FileHead, FileRecord, Release, carry_lines, drop_lines, files_of, instruct_batch, move_file
from store.states.paying import AT_THE_BANK, BatchState, FileState

_UNDER_WAY = ".under-way"  # beside the place of a file, until its batch has gone out


@dataclass(frozen=True, slots=True)
class Exported:
    """A batch that went out, and the files that carry it, in their order."""

    batch: BatchRecord
    files: tuple[FileRecord, ...]
    paths: tuple[Path, ...]


def profile_for(deployment: Deployment, name: str | None = None) -> PaymentProfile:
    """Return a payment profile by `code@version` or code; the one of the settings where none is named.

    Fails: DeliveryError where there is none, or where one of the workspace's own cannot be read.
    """
    own = deployment.workspace.root / FOLDER
    return profile_named(read_profiles(own), name or deployment.workspace.settings.payouts.profile)


@no_search_for_cycles()
def export(deployment: Deployment, batch_id: str, *, by: str, profile: str | None = None) -> Exported:
    """Let a batch go out: its files are written, and its items are instructed from now on.

    Of a batch that is out already the files are put in place, the same bytes, and nothing else happens.
    A payee whose name or account is another by now leaves the batch, which is frozen anew and has to be approved again.
    Fails: RefusedError; as `store.payouts.instruct_batch`, and where somebody left. DeliveryError where a file cannot carry
           something.
    """
    may(deployment, by, SENDS, batch_id)
    chosen = profile_for(deployment, profile)
    with deployment.store.reading() as rx:
        is_out = batch_of(rx, batch_id).state in AT_THE_BANK
    if is_out:
        return _as_it_is(deployment, batch_id)
    with deployment.store.writing() as tx:
        needed = people_for(deployment, batch_of(tx, batch_id))
        lapse_approvals(tx, batch_id, needed=needed)
    batch, payees = _read(deployment, batch_id, by=by)
    _leave_behind(deployment, batch, payees, by=by)
    try:
        _let_go(deployment, batch, payees, chosen, Release(batch.content_hash, needed, by))
    except FileNotFoundError:  # somebody else let it go out meanwhile, and has cleared up
        with deployment.store.reading() as rx:
            if batch_of(rx, batch_id).state not in AT_THE_BANK:
                raise
    return _as_it_is(deployment, batch_id)


def _let_go(
    deployment: Deployment, batch: Batch, payees: pl.DataFrame, profile: PaymentProfile, release: Release
) -> None:
    """Write a batch's files beside their place, and say with their digests that it is exported.

    Text is written while the database moves the items, and takes less; nobody else waits for a workbook.
    Fails: as `export`; FileNotFoundError where somebody cleared up what is written.
    """
    folder = deployment.workspace.payouts / batch.pay_day.isoformat()

    def written() -> tuple[PaymentFile, ...]:
        files = payment_files(payout_table(batch, payees), profile)
        for file in files:
            write_private(_under_way(folder / file.name), file.data)
        return files

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="files") as beside:
        writing = beside.submit(written)
        if not profile.payment.is_text:
            writing.result()
        with deployment.store.writing() as tx:
            try:
                gone = instruct_batch(tx, batch.batch_id, release)
            finally:  # where it is refused, that it was wanted is recorded
                files = writing.result()
                record(tx, "batch.exported", by=release.by, about=batch.batch_id, said=_said(batch, files))
            carry_lines(tx, gone, [_head(file, profile) for file in files], _carried(batch, files), by=release.by)


def _as_it_is(deployment: Deployment, batch_id: str) -> Exported:
    """Put the files of a batch in place that is out, and return it."""
    paths = put_in_place(deployment, batch_id)
    with deployment.store.reading() as rx:
        return Exported(batch_of(rx, batch_id), files_of(rx, batch_id), tuple(paths))


def _read(deployment: Deployment, batch_id: str, *, by: str) -> tuple[Batch, pl.DataFrame]:
    """Return a batch and its payees: the vault is opened while the database reads the lines, for which it needs no Python.

    Somebody may leave the batch in between, and nobody joins it.
    """

    def whole() -> Batch:
        with deployment.store.reading() as rx:
            return read_batch(rx, batch_id)

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="lines") as beside:
        lines = beside.submit(whole)
        with deployment.store.reading() as rx:
            subjects = subjects_of(rx, batch_id)
        payees = deployment.book(by).receivers(subjects)
        return lines.result(), payees


def _leave_behind(deployment: Deployment, batch: Batch, payees: pl.DataFrame, *, by: str) -> None:
    """Take out of a batch whoever is not who was frozen.

    Fails: RefusedError where there is anybody.
    """
    known = batch.lines.join(payees.select("subject_id", "digest"), on="subject_id", how="left", validate="m:1")
    changed = known.filter(pl.col("digest").ne_missing(pl.col("payee_digest")))
    if changed.is_empty():
        return
    with deployment.store.writing() as tx:
        record(tx, "batch.payees_changed", by=by, about=batch.batch_id, said={"count": changed.height})
        drop_lines(tx, batch.batch_id, changed["item_id"], reason="the payee's name or account is another by now")
    message = f"the name or account of {changed.height} of {batch.count} payees is another by now: they left the batch"
    remedy = "look at it again and have it approved: `mianshen payouts show`; they are paid with the next batch"
    raise refused(StoreCode.PAYEE_CHANGED, batch.batch_id, message, remedy)


def _carried(batch: Batch, files: Sequence[PaymentFile]) -> pl.DataFrame:
    """Return which file carries each line: the files take the lines in their order."""
    numbers = [file.number for file in files for _ in range(file.count)]
    return batch.lines.select("item_id", file_number=pl.Series(numbers, dtype=pl.Int64))


def _head(file: PaymentFile, profile: PaymentProfile) -> FileHead:
    return FileHead(
        number=file.number,
        name=file.name,
        profile=profile.code,
        profile_version=profile.version,
        line_count=file.count,
        total_fen=file.total_fen,
        hash_total=file.hash_total,
        sha256=file.sha256,
    )


def _said(batch: Batch, files: Sequence[PaymentFile]) -> dict[str, JSON]:
    return {"hash": batch.content_hash, "total_fen": batch.total_fen, "files": [file.sha256 for file in files]}


def _under_way(path: Path) -> Path:
    return path.with_name(f".{path.name}{_UNDER_WAY}")


def put_in_place(deployment: Deployment, batch_id: str) -> list[Path]:
    """Put the files of a batch that went out where paymasters find them; what is there already stays.

    They are made anew where they are lost: the same bytes, or none.
    Fails: RefusedError where they would differ from what was exported.
    """
    with deployment.store.reading() as rx:
        files, batch = files_of(rx, batch_id), batch_of(rx, batch_id)
    folder = deployment.workspace.payouts / batch.pay_day.isoformat()
    lost = []
    for file in files:
        path, waiting = folder / file.name, _under_way(folder / file.name)
        if waiting.exists() and bytes_digest(waiting.read_bytes()) == file.sha256:
            waiting.replace(path)
            sync_folder(folder)
        elif not path.exists() or bytes_digest(path.read_bytes()) != file.sha256:
            lost.append(file)
        for begun in folder.glob(f".{waiting.name}.*"):  # somebody was killed while writing it
            begun.unlink(missing_ok=True)
    if lost:
        _make_anew(deployment, batch_id, lost, folder)
    return [folder / file.name for file in files]


def _make_anew(deployment: Deployment, batch_id: str, lost: Sequence[FileRecord], folder: Path) -> None:
    batch, payees = _read(deployment, batch_id, by="payouts")
    profile = profile_for(deployment, f"{lost[0].profile}@{lost[0].profile_version}")
    made = {file.name: file for file in payment_files(payout_table(batch, payees), profile)}
    for file in lost:
        if file.name not in made or made[file.name].sha256 != file.sha256:
            message = f"`{file.name}` would not be the file that was exported"
            raise refused(
                StoreCode.FILE_DIFFERS, batch_id, message, "take it from a backup of `payouts/`; do not send another"
            )
        write_private(folder / file.name, made[file.name].data)


def finish_exports(deployment: Deployment) -> list[Finding]:
    """Put the files of every batch in place that is at the bank; what keeps one from it is a finding.

    What an export wrote that was killed before its commit goes where the batch pays nobody any more.
    """
    with deployment.store.reading() as rx:
        out = read_batches(rx, states=AT_THE_BANK)
        over = read_batches(rx, states=[BatchState.CANCELLED, BatchState.RELEASED])
    for batch in over:
        for path in (deployment.workspace.payouts / batch.pay_day.isoformat()).glob(f".*{batch.batch_id}*{_UNDER_WAY}"):
            path.unlink(missing_ok=True)
    findings = []
    for batch in out:
        try:
            put_in_place(deployment, batch.batch_id)
        except OSError as fault:
            message = f"its files cannot be put in place: {(fault.strerror or 'the disk refuses it').lower()}"
            place = Place(f"batch {batch.batch_id}")
            findings.append(
                Finding(DeliveryCode.FILE_ALREADY_OUT, place, message, "make room, then run the night again")
            )
    return findings


def hand_over(deployment: Deployment, batch_id: str, *, by: str, number: int | None = None) -> tuple[FileRecord, ...]:
    """Say that files of a batch were handed to the bank: all that are not there yet, or one.

    Fails: RefusedError where there is none, or where one may not go (again).
    """
    may(deployment, by, SENDS, batch_id)
    with deployment.store.writing() as tx:
        record(tx, "batch.handed_over", by=by, about=batch_id, said={"file": number})
        ready = [
            file
            for file in files_of(tx, batch_id)
            if (file.state in {FileState.EXPORTED, FileState.NOT_RECEIVED} if number is None else file.number == number)
        ]
        if not ready:
            message = "no file of it waits to be handed over"
            raise refused(StoreCode.WRONG_STATE, batch_id, message, "see its files: `mianshen payouts show BATCH`")
        for file in ready:
            move_file(tx, file, FileState.SUBMITTED, by=by)
        return files_of(tx, batch_id)
