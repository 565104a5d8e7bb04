"""A batch as people look at it before they decide: what it holds, who has agreed, where its files and lines stand."""

from dataclasses import dataclass, field

import polars as pl

from core.remits import WHOLE, Remit
from engine.deployment import Deployment
from engine.paying.deciding import people_for
from store.approvals import Approval, all_approvals, approvals_of
from store.audit import head
from store.audit_chain import Link
from store.batch_steps import BatchStepTaken, steps_of_batch
from store.batches import BatchRecord, batch_of, read_batches, read_lines
from store.fallbacks import read_fallbacks
from store.inquiries import InquiryRecord, inquiries_of
from store.line_funds import Part, parts_of
from store.opening import Reading
from store.payouts import FileRecord, files_of
from store.reconciling import Reconciliation, compare_batch
from store.states.paying import BEFORE_EXPORT, AttemptState, BatchState
from store.suspicions import SuspicionRecord, read_suspicions

LINES_SHOWN = 20

FALLBACKS_TOLD = pl.Schema(
    {
        "reference": pl.String(),
        "kind": pl.String(),  # of account: what the resource that knows it is called
        "account_shown": pl.String(),  # masked
        "passed_over": pl.String(),
        "amount_fen": pl.Int64(),
    }
)
"""Lines of a batch that go to a fallback account, as a sheet tells them."""


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch in a list: how many people have to approve it, and who has; of one that went out, who had."""

    batch: BatchRecord
    needed: int
    approvals: tuple[Approval, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How many lines of a batch stand where, and what they come to."""

    state: AttemptState
    count: int
    total_fen: int


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Everything about one batch; `audit_head` is what the chain of deeds ended with when the sheet was made.

    `unclear` are lines that came back or are in doubt, the first few: `reference`, `attempt_state`, `amount_fen`,
    `file_number`; no name stands on a sheet. `fallbacks` are lines that go to another account than that of the department
    which is asked first: `FALLBACKS_TOLD`.
    """

    row: BatchRow
    steps: tuple[BatchStepTaken, ...]
    files: tuple[FileRecord, ...]
    standings: tuple[Standing, ...]
    purses: tuple[Part, ...]
    inquiries: tuple[InquiryRecord, ...]
    compared: Reconciliation
    unclear: pl.DataFrame
    audit_head: Link
    suspicions: tuple[SuspicionRecord, ...] = ()  # that nobody has cleared
    fallbacks: pl.DataFrame = field(default_factory=FALLBACKS_TOLD.to_frame)


def batch_rows(
    deployment: Deployment, states: frozenset[BatchState] | None = None, *, remit: Remit = WHOLE
) -> tuple[BatchRow, ...]:
    """Return the batches of a remit in some states, or all, by pay day."""
    with deployment.store.reading() as rx:
        batches = read_batches(rx, states=states or tuple(BatchState))
        return tuple(_row(deployment, rx, each) for each in batches if remit.covers(each.policy))


def _row(deployment: Deployment, rx: Reading, batch: BatchRecord) -> BatchRow:
    every = [each for each in all_approvals(rx, batch.batch_id) if each.revision == batch.revision]
    standing = approvals_of(rx, batch) if batch.state in BEFORE_EXPORT else tuple(every)
    return BatchRow(batch, people_for(deployment, batch), standing)


def sheet_of(deployment: Deployment, batch_id: str) -> Sheet:
    """Return everything about one batch.

    Fails: RefusedError where there is none.
    """
    with deployment.store.reading() as rx:
        batch = batch_of(rx, batch_id)
        lines = read_lines(rx, batch_id, is_whole=True)
        sums = lines.group_by("attempt_state").agg(pl.len().alias("count"), pl.col("amount_fen").sum())
        by_state = {state: (count, fen) for state, count, fen in sums.iter_rows()}
        settled = (AttemptState.CREATED, AttemptState.VOIDED, AttemptState.CONFIRMED_PAID, AttemptState.INSTRUCTED)
        unclear = lines.filter(pl.col("attempt_state").is_in(settled).not_()).sort("reference")
        kept = lines.filter(pl.col("attempt_state") != AttemptState.VOIDED)
        return Sheet(
            row=_row(deployment, rx, batch),
            steps=steps_of_batch(rx, batch_id),
            files=files_of(rx, batch_id),
            standings=tuple(Standing(each, *by_state[each]) for each in AttemptState if each in by_state),
            purses=tuple(parts_of(rx, kept)),
            inquiries=inquiries_of(rx, batch_id),
            compared=compare_batch(rx, batch_id),
            unclear=unclear.select("reference", "attempt_state", "amount_fen", "file_number").head(LINES_SHOWN),
            audit_head=head(rx),
            suspicions=tuple(each for each in read_suspicions(rx) if _is_about(each, batch)),
            fallbacks=_fallbacks(deployment, rx, batch_id),
        )


def _fallbacks(deployment: Deployment, rx: Reading, batch_id: str) -> pl.DataFrame:
    """Return the lines that are in the batch still and go to a fallback account: `FALLBACKS_TOLD`."""
    found = read_fallbacks(rx, batch_id).filter(pl.col("state") != AttemptState.VOIDED)
    known = deployment.catalogue.resources
    labels = {each: known[each].label if each in known else each for each in found["resource"].unique()}
    return (
        found.with_columns(kind=pl.col("resource").replace_strict(labels, default=None, return_dtype=pl.String))
        .select(FALLBACKS_TOLD.names())
        .cast(FALLBACKS_TOLD)
    )


def _is_about(suspicion: SuspicionRecord, batch: BatchRecord) -> bool:
    """Say whether something was suspected of a policy when its batch was frozen, or since."""
    return batch.policy in suspicion.policies.split(",") and suspicion.last_found_at >= batch.created_at
