"""Samples of cases before a version's first payout: drawn, judged case by case, and then released or not."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields

import sqlalchemy as sa

from core.ids import derive_id
from store.activation_steps import ActivationRecord
from store.audit import record
from store.codes import StoreCode
from store.faults import refused
from store.opening import Reading, Writing
from store.rows import insert_rows
from store.states.rules import ActivationState
from store.tables import ActivationRow, ProposalRow, ProposedActivationRow, Sample, SampleCase, SampleVerdict, table_of

_ACTIVATION = table_of(ActivationRow)
_SAMPLE = table_of(Sample)
_CASE = table_of(SampleCase)
_VERDICT = table_of(SampleVerdict)
_PROPOSAL = table_of(ProposalRow)
_PROPOSED = table_of(ProposedActivationRow)


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """A sample as it was drawn."""

    sample_id: str
    activation_id: str
    run_id: str
    seed: int
    case_count: int
    drawn_at: dt.datetime
    drawn_by: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """One case of a sample; numbers count from 1."""

    number: int
    subject_id: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person says of one case."""

    number: int
    is_right: bool
    note: str | None = None


def add_sample(
    tx: Writing, activation_id: str, cases: Sequence[Drawn], *, run_id: str, seed: int, by: str
) -> SampleRecord:
    """Keep a sample; drawing the very same one again gives the one that is kept.

    Expects: at least one case.
    """
    key = derive_id("s", activation_id, run_id, str(seed), str(len(cases)))
    known = sample_with(tx, key)
    if known is not None:
        return known
    record(tx, "sample.drawn", by=by, about=key, said={"activation_id": activation_id, "case_count": len(cases)})
    sample = SampleRecord(key, activation_id, run_id, seed, len(cases), tx.now, by)
    insert_rows(tx, Sample, [asdict(sample)])
    insert_rows(tx, SampleCase, [asdict(each) | {"sample_id": key} for each in cases])
    return sample


def add_verdicts(tx: Writing, sample: SampleRecord, verdicts: Collection[Verdict], *, by: str) -> None:
    """Keep what a person said of cases of a sample; saying the same again changes nothing.

    Fails: RefusedError where the sample has no such case, where another verdict stands already, or where who speaks
           wrote what is sampled.
    """
    wrong_count = sum(not each.is_right for each in verdicts)
    counts = {"right_count": len(verdicts) - wrong_count, "wrong_count": wrong_count}
    record(tx, "sample.judged", by=by, about=sample.sample_id, said=counts)
    author = _author_of(tx, sample.activation_id)
    if by == author:
        message = f"`{by}` wrote the version, and nobody judges their own work"
        raise refused(StoreCode.OWN_APPROVAL, sample.sample_id, message, "have another officer look at the cases")
    said = {each.number: each.is_right for each in verdicts_on(tx, sample.sample_id)}
    numbers = {each.number for each in cases_of(tx, sample.sample_id)}
    strange = sorted({each.number for each in verdicts} - numbers)
    if strange:
        message = f"the sample has no case {strange[0]}"
        raise refused(StoreCode.UNKNOWN_NAME, sample.sample_id, message, f"its cases are 1 to {sample.case_count}")
    changed = sorted(each.number for each in verdicts if said.get(each.number, each.is_right) != each.is_right)
    if changed:
        message = f"another verdict on case {changed[0]} stands already, and verdicts are never edited"
        raise refused(StoreCode.WRONG_STATE, sample.sample_id, message, "draw a new sample: `mianshen rules sample`")
    rows = [
        asdict(each) | {"sample_id": sample.sample_id, "said_at": tx.now, "said_by": by}
        for each in verdicts
        if each.number not in said
    ]
    insert_rows(tx, SampleVerdict, rows)


def _author_of(rx: Reading, activation_id: str) -> str | None:
    joined = _PROPOSED.join(_PROPOSAL, _PROPOSED.c.proposal_id == _PROPOSAL.c.proposal_id)
    chosen = sa.select(_PROPOSAL.c.authored_by).select_from(joined).where(_PROPOSED.c.activation_id == activation_id)
    return rx.connection.scalar(chosen)


def sample_with(rx: Reading, sample_id: str) -> SampleRecord | None:
    """Return the sample with an id, or None."""
    chosen = sa.select(*(_SAMPLE.c[each.name] for each in fields(SampleRecord)))
    row = rx.connection.execute(chosen.where(_SAMPLE.c.sample_id == sample_id)).one_or_none()
    return None if row is None else SampleRecord(*row)


def policy_of_sample(rx: Reading, sample_id: str) -> str | None:
    """Return the policy whose cases a sample has, or None where there is no such sample."""
    joined = _SAMPLE.join(_ACTIVATION, _SAMPLE.c.activation_id == _ACTIVATION.c.activation_id)
    return rx.connection.scalar(
        sa.select(_ACTIVATION.c.policy).select_from(joined).where(_SAMPLE.c.sample_id == sample_id)
    )


def cases_of(rx: Reading, sample_id: str) -> tuple[Drawn, ...]:
    """Return the cases of a sample, in order."""
    chosen = sa.select(*(_CASE.c[each.name] for each in fields(Drawn))).where(_CASE.c.sample_id == sample_id)
    return tuple(Drawn(*row) for row in rx.connection.execute(chosen.order_by(_CASE.c.number)))


def verdicts_on(rx: Reading, sample_id: str) -> tuple[Verdict, ...]:
    """Return what was said of the cases of a sample so far, in order."""
    chosen = sa.select(*(_VERDICT.c[each.name] for each in fields(Verdict))).where(_VERDICT.c.sample_id == sample_id)
    return tuple(Verdict(*row) for row in rx.connection.execute(chosen.order_by(_VERDICT.c.number)))


def unjudged(
    rx: Reading, records: Collection[ActivationRecord], *, known_at: dt.datetime
) -> tuple[ActivationRecord, ...]:
    """Return the activations that came out of shadow and of which no sample was judged right in all cases by an instant."""
    joined = _SAMPLE.join(_VERDICT, _SAMPLE.c.sample_id == _VERDICT.c.sample_id)
    right = (
        sa.select(_SAMPLE.c.activation_id)
        .select_from(joined)
        .where(_VERDICT.c.is_right, _VERDICT.c.said_at <= known_at)
        .group_by(_SAMPLE.c.activation_id, _SAMPLE.c.sample_id, _SAMPLE.c.case_count)
        .having(sa.func.count() == _SAMPLE.c.case_count)
    )
    judged = set(rx.connection.execute(right).scalars())
    return tuple(
        each
        for each in records
        if each.shadow_nights and each.entered_at(ActivationState.IN_FORCE) and each.activation_id not in judged
    )
