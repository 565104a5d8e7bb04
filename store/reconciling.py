"""What the account's statement shows against what we hold as paid, and the exceptions that a person has to settle first."""

import datetime as dt
from dataclasses import dataclass, replace

import sqlalchemy as sa

from store.bank_lines import CONTRADICTED, PAID_WORD, RETURNED_WORD, STATEMENT
from store.batch_steps import move_batch
from store.batches import BatchRecord, batch_of
from store.codes import StoreCode
from store.faults import refused
from store.items import changed_in_between
from store.opening import Reading, Writing
from store.states.paying import AttemptState, BatchState, Verdict
from store.tables import BankFile, BankLine, Batch, BatchItem, table_of
from store.tables.paying import UNSETTLED

_ATTEMPT = table_of(BatchItem)
_BATCH = table_of(Batch)
_FILE = table_of(BankFile)
_LINE = table_of(BankLine)


@dataclass(frozen=True, slots=True)
class BankException:
    """A line of the bank's that a person has to look at; `batch_id` None: no payment of ours is meant."""

    bank_file_id: str
    file_name: str
    line: int
    because: str
    reference: str | None
    amount_fen: int | None
    batch_id: str | None
    imported_at: dt.datetime
    imported_by: str
    policy: str | None  # of the batch


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One batch against the account's statements: lines and fen, both ways.

    `unshown` is held as paid and shown by no statement; `unheld` is shown as paid and not held so.
    """

    batch: BatchRecord
    paid_count: int
    paid_fen: int
    shown_count: int
    shown_fen: int
    unshown_count: int
    unheld_count: int
    exceptions: tuple[BankException, ...]

    @property
    def agrees(self) -> bool:
        """Say whether every fen is where it is said to be."""
        return not (self.unshown_count or self.unheld_count or self.exceptions)


def exceptions_of(rx: Reading, batch_id: str | None = None) -> tuple[BankException, ...]:
    """Return the lines that wait for a person: all, or those that stand in the way of one batch, in order.

    A line that means no payment of ours stands in the way of every batch: it may be one of them in disguise.
    """
    names = BankException.__dataclass_fields__
    joined = _LINE.join(_FILE, _LINE.c.bank_file_id == _FILE.c.bank_file_id).outerjoin(
        _BATCH, _LINE.c.batch_id == _BATCH.c.batch_id
    )
    elsewhere = {"file_name": _FILE.c.name, "policy": _BATCH.c.policy}
    columns = [
        elsewhere[name] if name in elsewhere else (_LINE.c if name in _LINE.c else _FILE.c)[name] for name in names
    ]
    chosen = sa.select(*columns).select_from(joined).where(sa.text(UNSETTLED))
    if batch_id is not None:
        chosen = chosen.where(sa.or_(_LINE.c.batch_id == batch_id, _LINE.c.batch_id.is_(None)))
    ordered = chosen.order_by(_FILE.c.imported_at, _LINE.c.bank_file_id, _LINE.c.line)
    return tuple(BankException(*row) for row in rx.connection.execute(ordered))


def waiting_exception(rx: Reading, bank_file_id: str, line: int) -> BankException:
    """Return the exception that waits under a file and a line.

    Fails: RefusedError where none does.
    """
    found = next((each for each in exceptions_of(rx) if (each.bank_file_id, each.line) == (bank_file_id, line)), None)
    if found is None:
        message = f"no exception waits under `{bank_file_id}:{line}`"
        raise refused(StoreCode.UNKNOWN_NAME, bank_file_id, message, "see them with `mianshen payouts exceptions`")
    return found


def resolve_exception(tx: Writing, bank_file_id: str, line: int, *, by: str, resolution: str) -> None:
    """Settle an exception with what somebody found out; nothing moves by it.

    Fails: RefusedError where there is no such exception waiting, or where who settles it took the file in.
    """
    found = waiting_exception(tx, bank_file_id, line)
    if found.imported_by == by:
        message = f"`{by}` took this file in, and another person settles its exceptions"
        raise refused(StoreCode.OWN_APPROVAL, bank_file_id, message, "have a colleague look at it")
    own = sa.and_(_LINE.c.bank_file_id == bank_file_id, _LINE.c.line == line, _LINE.c.resolved_at.is_(None))
    change = sa.update(_LINE).where(own).values(resolved_at=tx.now, resolved_by=by, resolution=resolution)
    if tx.connection.execute(change).rowcount != 1:
        raise changed_in_between()


def compare_batch(rx: Reading, batch_id: str) -> Reconciliation:
    """Return a batch beside what the account's statements show of it."""
    # By reference, which has an index: the lines of one batch are few among those of years.
    shown = (
        sa.select(_ATTEMPT.c.reference)
        .join_from(_ATTEMPT, _LINE, _LINE.c.reference == _ATTEMPT.c.reference)
        .join(_FILE, _LINE.c.bank_file_id == _FILE.c.bank_file_id)
        .where(
            _ATTEMPT.c.batch_id == batch_id,
            _LINE.c.batch_id == batch_id,
            _FILE.c.kind == STATEMENT,
            sa.or_(_LINE.c.verdict != Verdict.EXCEPTION, _LINE.c.because == CONTRADICTED),
        )
        .group_by(_ATTEMPT.c.reference)
        .having(sa.func.max(sa.case((_LINE.c.outcome == PAID_WORD, 1), else_=0)) == 1)
        .having(sa.func.max(sa.case((_LINE.c.outcome == RETURNED_WORD, 1), else_=0)) == 0)
        .subquery()
    )
    is_paid = _ATTEMPT.c.state == AttemptState.CONFIRMED_PAID
    is_shown = shown.c.reference.is_not(None)
    chosen = (
        sa.select(
            sa.func.count().filter(is_paid),
            sa.func.coalesce(sa.func.sum(_ATTEMPT.c.amount_fen).filter(is_paid), 0),
            sa.func.count().filter(is_shown),
            sa.func.coalesce(sa.func.sum(_ATTEMPT.c.amount_fen).filter(is_shown), 0),
            sa.func.count().filter(sa.and_(is_paid, sa.not_(is_shown))),
            sa.func.count().filter(sa.and_(is_shown, sa.not_(is_paid))),
        )
        .select_from(_ATTEMPT.outerjoin(shown, shown.c.reference == _ATTEMPT.c.reference))
        .where(_ATTEMPT.c.batch_id == batch_id)
    )
    row = rx.connection.execute(chosen).one()
    paid, paid_fen, count, fen, unshown, unheld = (int(each) for each in row)
    return Reconciliation(
        batch_of(rx, batch_id), paid, paid_fen, count, fen, unshown, unheld, exceptions_of(rx, batch_id)
    )


def reconcile_batch(tx: Writing, batch_id: str, *, by: str) -> Reconciliation:
    """Say that a settled batch and the account's statements agree.

    Fails: RefusedError where a line is without answer, where statements show something else, or where exceptions wait.
    """
    compared = compare_batch(tx, batch_id)
    if compared.batch.state is BatchState.SETTLED and not compared.agrees:
        raise refused(StoreCode.STATEMENT_DIFFERS, batch_id, _difference(compared), _REMEDY)
    return replace(compared, batch=move_batch(tx, compared.batch, BatchState.RECONCILED, by=by))


_REMEDY = "take in the account's statement of those days (`mianshen payouts import`), and settle its exceptions"


def _difference(compared: Reconciliation) -> str:
    parts = []
    if compared.unshown_count:
        parts.append(f"{compared.unshown_count} paid lines stand in no statement")
    if compared.unheld_count:
        parts.append(f"{compared.unheld_count} lines of statements are not held as paid")
    if compared.exceptions:
        parts.append(f"{len(compared.exceptions)} exceptions wait for somebody to look at them")
    return "; ".join(parts)
