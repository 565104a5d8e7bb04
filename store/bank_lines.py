"""What the bank said, line by line: kept whole, and the attempts and items that it moves, in one transaction.

Which line is what, and what it moves, is decided in `delivery.bank_verdicts`. Everything here is a few statements
however many lines there are: the kept lines themselves say what moves.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.ids import derive_id
from core.ledger import ITEM_TRANSITIONS, ItemState
from store.batch_steps import move_batch, take_obligations
from store.batches import BatchRecord, batch_of
from store.codes import StoreCode
from store.faults import refused
from store.items import changed_in_between
from store.line_funds import MONEY_OF, PLACES, answer
from store.located import located
from store.opening import Reading, Writing
from store.past import replace_rows
from store.payouts import FileRecord, files_of, follow_files
from store.rows import insert_frame, is_among, read_frame, read_joined, read_matching
from store.states.paying import (
    ATTEMPT_TRANSITIONS,
    FILE_TRANSITIONS,
    IN_DOUBT,
    AttemptState,
    BatchState,
    FileState,
    Verdict,
)
from store.tables import BankFile, BankLine, Batch, BatchItem, ItemRow, ObligationRow, PaymentFileRow, table_of
from store.tables.base import as_indexed
from store.tables.paying import ENDED, LIVE, UNSETTLED

_ATTEMPT = table_of(BatchItem)
_BATCH = table_of(Batch)
_ITEM = table_of(ItemRow)
_OBLIGATION = table_of(ObligationRow)
_BANK_FILE = table_of(BankFile)
_BANK_LINE = table_of(BankLine)
_PAYMENT_FILE = table_of(PaymentFileRow)

_ASKED_MAX = 10_000_000  # references are looked up, never all attempts read: there are many years of them

PAID_WORD, FAILED_WORD, RETURNED_WORD = "paid", "failed", "returned"
"""What a line may say of an attempt; `pending` is the rest."""

STATEMENT = "statement"
"""The kind of file that shows what an account did; others only say what the bank means to have done."""

CONTRADICTED = "contradicted"
"""Why a line is an exception by which the bank says both that an attempt was paid and that it was not."""

ITEM_AFTER: Mapping[AttemptState, ItemState] = {
    AttemptState.INSTRUCTED: ItemState.INSTRUCTED,
    AttemptState.UNKNOWN: ItemState.INSTRUCTED,
    AttemptState.CONFIRMED_PAID: ItemState.PAID,
    AttemptState.CONFIRMED_FAILED: ItemState.RETURNED,
    AttemptState.RETURNED: ItemState.RETURNED,
}
"""Where an item stands by its newest attempt once that has gone out."""

BACK = frozenset({ItemState.RETURNED, ItemState.OPEN, ItemState.ON_HOLD})
"""Where an item may stand whose newest attempt came back, and which nobody pays for now."""

ATTEMPTS = pl.Schema(
    {
        "reference": pl.String(),
        "item_id": pl.String(),
        "batch_id": pl.String(),
        "policy": pl.String(),
        "subject_id": pl.String(),  # who receives
        "period": pl.String(),
        "amount_fen": pl.Int64(),
        "account_digest": pl.String(),
        "name_digest": pl.String(),
        "state": pl.String(),
        "item_state": pl.String(),
        "is_newest": pl.Boolean(),  # no later attempt pays its item, or did and came back
    }
)
"""Attempts that the bank speaks of, one row for each."""

SAID = pl.Schema({"reference": pl.String(), "outcome": pl.String(), "kind": pl.String()})
"""What was said about attempts before: distinct outcomes of lines that were no exceptions, by the kind of file."""

BANK_LINES = pl.Schema(
    {
        "line": pl.Int64(),
        "reference": pl.String(),
        "outcome": pl.String(),
        "amount_fen": pl.Int64(),
        "booked_on": pl.Date(),
        "reason_code": pl.String(),
        "verdict": pl.String(),
        "because": pl.String(),
        "batch_id": pl.String(),
        "item_id": pl.String(),
        "source": pl.String(),
        "target": pl.String(),
        "moves_item": pl.Boolean(),
    }
)
"""Lines with their verdict and with what they move."""


@dataclass(frozen=True, slots=True)
class BankFileHead:
    """Something that the bank sent; `kind`: `returns`, `statement` or `acknowledgement`."""

    name: str
    kind: str
    profile: str
    sha256: str


@dataclass(frozen=True, slots=True)
class BankFileRecord(BankFileHead):
    """What became of it: lines by verdict."""

    bank_file_id: str
    line_count: int
    counts: dict[str, int]
    imported_at: dt.datetime
    imported_by: str


def attempts_with(tx: Writing, references: pl.Series) -> pl.DataFrame:
    """Return the attempts with some references: `ATTEMPTS`; references that are not ours are left out.

    They are located before they are read: references begin with check digits, and in their order SQLite would look up items
    and obligations here and there, which takes twice as long as one after the other.
    """
    newer = _ATTEMPT.alias("newer")
    is_later = sa.and_(newer.c.item_id == _ATTEMPT.c.item_id, newer.c.number > _ATTEMPT.c.number)
    gone = newer.c.state != AttemptState.VOIDED
    later, came_back = (
        sa.exists(sa.select(newer.c.item_id).where(is_later, gone, as_indexed(each, of="newer")))
        for each in (LIVE, ENDED)
    )
    # One that lives is the only one of its item: nothing is looked up for it.
    lives_later = sa.case((as_indexed(LIVE, of=_ATTEMPT.name), sa.false()), else_=later)
    chosen = (
        sa.select(
            *(_ATTEMPT.c[name] for name in ATTEMPTS.names() if name in _ATTEMPT.c),
            _BATCH.c.policy,
            _OBLIGATION.c.period,
            _ITEM.c.state.label("item_state"),
            sa.type_coerce(sa.not_(sa.or_(lives_later, came_back)), sa.Boolean).label("is_newest"),
        )
        .join_from(_ATTEMPT, _ITEM, _ATTEMPT.c.item_id == _ITEM.c.item_id)
        .join(_OBLIGATION, _ITEM.c.obligation_id == _OBLIGATION.c.obligation_id)
        .join(_BATCH, _ATTEMPT.c.batch_id == _BATCH.c.batch_id)
    )
    own = located(tx, _ATTEMPT, is_among(tx, _ATTEMPT.c.reference, references.drop_nulls().unique()))
    return read_joined(tx, chosen.where(own)).select(ATTEMPTS.names())


def said_before(rx: Reading, references: pl.Series) -> pl.DataFrame:
    """Return what was said about some references before: `SAID`."""
    chosen = (
        sa.select(_BANK_LINE.c.reference, _BANK_LINE.c.outcome, _BANK_FILE.c.kind)
        .join_from(_BANK_LINE, _BANK_FILE, _BANK_LINE.c.bank_file_id == _BANK_FILE.c.bank_file_id)
        .where(sa.or_(_BANK_LINE.c.verdict != Verdict.EXCEPTION, _BANK_LINE.c.because == CONTRADICTED))
    )
    wanted = references.drop_nulls().unique().rename("reference")
    return read_matching(rx, chosen, _BANK_LINE.c.reference, wanted, asked_max=_ASKED_MAX).unique().select(SAID.names())


def bank_file_with(rx: Reading, sha256: str) -> BankFileRecord | None:
    """Return what became of a file of the bank's with a digest, or None where it was never taken."""
    return next(iter(_bank_files(rx, _BANK_FILE.c.sha256 == sha256)), None)


def bank_files(rx: Reading) -> tuple[BankFileRecord, ...]:
    """Return everything that was taken from the bank, in order."""
    return _bank_files(rx, sa.true())


def _bank_files(rx: Reading, which: sa.ColumnElement[bool]) -> tuple[BankFileRecord, ...]:
    names = BankFileRecord.__dataclass_fields__
    chosen = sa.select(*(_BANK_FILE.c[name] for name in names)).where(which)
    ordered = chosen.order_by(_BANK_FILE.c.imported_at, _BANK_FILE.c.bank_file_id)
    return tuple(BankFileRecord(*row) for row in rx.connection.execute(ordered))


def keep_bank_file(tx: Writing, head: BankFileHead, lines: pl.DataFrame, *, by: str) -> BankFileRecord:
    """Keep what the bank sent, and move what its lines move, all of it or nothing.

    Shape:   `BANK_LINES`, judged by what this very transaction sees.
    Fails:   RefusedError where an attempt or an item was moved in between.
    """
    key = derive_id("f", head.sha256)
    counts = dict(lines.group_by("verdict").len().sort("verdict").iter_rows())
    row = {
        "bank_file_id": key,
        **{name: getattr(head, name) for name in BankFileHead.__dataclass_fields__},
        "line_count": lines.height,
        "counts": counts,
        "imported_at": tx.now,
        "imported_by": by,
    }
    _keep_once(tx, row)
    insert_frame(tx, BankLine, lines.select(BANK_LINES.names()).with_columns(bank_file_id=pl.lit(key)))
    own = _BANK_LINE.c.bank_file_id == key
    moves = lines.drop_nulls("target").group_by("source", "target", "moves_item").len().sort(pl.all())
    answered: Counter[tuple[str, int]] = Counter()
    _lock(tx, sa.select(_BANK_LINE.c.item_id).where(own, _BANK_LINE.c.target.is_not(None)))
    for source, target, moves_item, count in moves.iter_rows():
        chosen = (
            own,
            _BANK_LINE.c.source == source,
            _BANK_LINE.c.target == target,
            _BANK_LINE.c.moves_item == moves_item,
        )
        # By the key of attempts: they lie in its order, and not in that of references.
        named = sa.select(_BANK_LINE.c.batch_id, _BANK_LINE.c.item_id).where(*chosen)
        which = sa.tuple_(_ATTEMPT.c.batch_id, _ATTEMPT.c.item_id).in_(named)
        move = (AttemptState(source), AttemptState(target))
        answered += _move(tx, which, move, count=count, moves_item=moves_item)
    for batch_id in lines.drop_nulls("target")["batch_id"].unique().sort():
        settle_files(tx, batch_id, answered)
    return BankFileRecord(**row)


def _keep_once(tx: Writing, row: Mapping[str, object]) -> None:
    """Keep what a file of the bank's is; the same bytes may come to two processes at once.

    Fails: RefusedError where another was quicker.
    """
    insert = postgresql.insert if tx.connection.dialect.name == "postgresql" else sqlite.insert
    kept = insert(_BANK_FILE).values(**row).on_conflict_do_nothing().returning(_BANK_FILE.c.bank_file_id)
    if tx.connection.scalar(kept) is None:
        raise changed_in_between()


def move_attempts(
    tx: Writing, which: sa.Select[tuple[str]], move: tuple[AttemptState, AttemptState], *, count: int
) -> None:
    """Move so many attempts, chosen by reference, and their items with them.

    Fails: RefusedError where one of them was moved in between.
    """
    _lock(tx, sa.select(_ATTEMPT.c.item_id).where(_ATTEMPT.c.reference.in_(which)))
    _move(tx, _ATTEMPT.c.reference.in_(which), move, count=count, moves_item=True)


def _lock(tx: Writing, items: sa.Select[tuple[str]]) -> None:
    take_obligations(
        tx, _OBLIGATION.c.obligation_id.in_(sa.select(_ITEM.c.obligation_id).where(_ITEM.c.item_id.in_(items)))
    )


def _move(
    tx: Writing,
    which: sa.ColumnElement[bool],
    move: tuple[AttemptState, AttemptState],
    *,
    count: int,
    moves_item: bool,
) -> Counter[tuple[str, int]]:
    """Move so many attempts, and their items where they have no later one; return how many each file has fewer in doubt."""
    source, target = move
    assert target in ATTEMPT_TRANSITIONS[source], f"an attempt may not go from {source} to {target}"
    own = located(tx, _ATTEMPT, sa.and_(which, _ATTEMPT.c.state == source))
    items = sa.select(_ATTEMPT.c.item_id).where(own)
    before, after = ITEM_AFTER[source], ITEM_AFTER[target]
    if moves_item and before is not after:
        # What came back may wait to be paid anew by now.
        stand = sorted(BACK) if before is ItemState.RETURNED else [before]
        assert all(after in ITEM_TRANSITIONS[each] for each in stand)
        meant = sa.and_(_ITEM.c.item_id.in_(items), _ITEM.c.state.in_(stand))
        if replace_rows(tx, ItemRow, meant, state=after, changed_at=tx.now) != count:
            raise changed_in_between()
    _post(tx, own, move)
    change = sa.update(_ATTEMPT).where(own).values(state=target, changed_at=tx.now)
    answered = Counter[tuple[str, int]]()
    if source in IN_DOUBT and target not in IN_DOUBT:
        by_file = (_ATTEMPT.c.batch_id, _ATTEMPT.c.file_number)
        counts = sa.select(*by_file, sa.func.count()).where(own).group_by(*by_file)
        answered.update({(batch_id, number): lines for batch_id, number, lines in tx.connection.execute(counts)})
    if tx.connection.execute(change).rowcount != count:
        raise changed_in_between()
    return answered


def _post(tx: Writing, own: sa.ColumnElement[bool], move: tuple[AttemptState, AttemptState]) -> None:
    """Note what attempts that move do in the books."""
    if (way := MONEY_OF.get(move)) is None:
        return
    places = read_joined(tx, sa.select(_ATTEMPT.c.batch_id, *(_ATTEMPT.c[name] for name in PLACES.names())).where(own))
    for (batch_id,), lines in places.partition_by("batch_id", as_dict=True, maintain_order=True).items():
        answer(tx, str(batch_id), lines, way)


def settle_files(
    tx: Writing, batch_id: str, answered: Mapping[tuple[str, int], int] = MappingProxyType({})
) -> BatchRecord:
    """Settle the files of a batch whose lines are all answered; the batch follows them.

    `answered` says how many lines of files this transaction answers: a file that is answered as a whole is not read again.
    """
    for file in files_of(tx, batch_id):
        is_whole = answered.get((batch_id, file.number)) == file.count
        if FileState.SETTLED in FILE_TRANSITIONS[file.state] and (is_whole or not _is_in_doubt(tx, file)):
            own = (_PAYMENT_FILE.c.batch_id == batch_id, _PAYMENT_FILE.c.number == file.number)
            change = sa.update(_PAYMENT_FILE).where(*own, _PAYMENT_FILE.c.state == file.state)
            tx.connection.execute(change.values(state=FileState.SETTLED, changed_at=tx.now))
    batch = batch_of(tx, batch_id)
    if batch.state is BatchState.RECONCILED:
        return move_batch(tx, batch, BatchState.SETTLED, by=None, reason="the bank says something new about its lines")
    return follow_files(tx, batch_id, by=None)


def _is_in_doubt(rx: Reading, file: FileRecord) -> bool:
    """Say whether a line of a file is without answer; the first that is ends the search, for a batch may have many files."""
    own = (_ATTEMPT.c.batch_id == file.batch_id, _ATTEMPT.c.file_number == file.number)
    return bool(rx.connection.scalar(sa.select(sa.exists().where(*own, _ATTEMPT.c.state.in_(sorted(IN_DOUBT))))))


def fail_lines(tx: Writing, batch_id: str, file_number: int | None = None) -> int:
    """Record that the bank carries out nothing of a batch, or of one of its files; return how many lines that is.

    Fails: RefusedError where it was moved in between.
    """
    total = 0
    for source in sorted(IN_DOUBT):
        own = [_ATTEMPT.c.batch_id == batch_id, _ATTEMPT.c.state == source]
        if file_number is not None:
            own.append(_ATTEMPT.c.file_number == file_number)
        references = list(tx.connection.execute(sa.select(_ATTEMPT.c.reference).where(*own)).scalars())
        if references:
            which = sa.select(_ATTEMPT.c.reference).where(is_among(tx, _ATTEMPT.c.reference, references))
            move_attempts(tx, which, (source, AttemptState.CONFIRMED_FAILED), count=len(references))
        total += len(references)
    return total


def reopen_items(tx: Writing, references: pl.Series) -> int:
    """Let items whose last attempt came back be paid by another one; return how many there are.

    Fails: RefusedError where one of them did not come back, is being paid by a later attempt, or where the bank
           contradicts itself about it.
    """
    found = attempts_with(tx, references)
    back = found.filter((pl.col("item_state") == ItemState.RETURNED) & pl.col("is_newest"))
    if back.height != references.n_unique():
        message = f"{references.n_unique() - back.height} of {references.n_unique()} did not come back, or are paid anew already"
        raise refused(
            StoreCode.WRONG_STATE, "payouts", message, "name lines of which `mianshen payouts show` says returned"
        )
    waiting = read_frame(tx, sa.select(_BANK_LINE.c.item_id).where(sa.text(UNSETTLED)))
    count = back.join(waiting, on="item_id", how="semi").height
    if count:
        message = f"the bank contradicts itself about {count} of them: they may have been paid"
        raise refused(StoreCode.UNSETTLED, "payouts", message, "settle it first: `mianshen payouts exceptions`")
    items = back["item_id"].sort().to_list()
    chosen = sa.and_(is_among(tx, _ITEM.c.item_id, items), _ITEM.c.state == ItemState.RETURNED)
    take_obligations(tx, _OBLIGATION.c.obligation_id.in_(sa.select(_ITEM.c.obligation_id).where(chosen)))
    if replace_rows(tx, ItemRow, chosen, state=ItemState.OPEN, changed_at=tx.now) != len(items):
        raise changed_in_between()
    return len(items)
