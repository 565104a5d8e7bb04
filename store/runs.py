"""Exactly one run per job and business date: claimed by one statement, fenced by a token, published by one flip.

The row is the lock. A holder's lease is compared with the clock of the store that asks; a run whose lease
has passed may be taken over with the next token, and from then on the old token can write nothing.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.clock import CIVIL_ZONE
from core.days import LAST_DAY
from core.ids import derive_id
from core.roles import Machine
from store.audit import record
from store.audit_chain import JSON
from store.codes import StoreCode, StoreInvariantError
from store.faults import refused
from store.opening import Reading, Writing
from store.prepared import Prepared
from store.states.nights import LIVE_RUN, RUN_TRANSITIONS, RunState
from store.tables import Run, table_of

_RUN = table_of(Run)
_LIVE = _RUN.c.state.in_(sorted(LIVE_RUN))


@dataclass(frozen=True, slots=True)
class RunClaim:
    """The right to work on a run, for as long as no one holds a higher token.

    `known_at` stays what the first holder chose, so that a run that was killed and taken over ends with the
    same bytes. `is_takeover` says that an earlier holder vanished.
    """

    run_id: str
    job: str
    business_date: dt.date
    token: int
    known_at: dt.datetime
    is_takeover: bool


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run as the table holds it."""

    run_id: str
    job: str
    business_date: dt.date
    state: RunState
    token: int
    holder: str
    lease_until: dt.datetime
    known_at: dt.datetime
    folder: str | None
    manifest: Mapping[str, Any] | None
    summary: Mapping[str, Any] | None
    aborted_because: str | None
    published_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Signed:
    """Who has a run published, and the policies that they let go beyond their guards."""

    by: str | None = None
    accepted: tuple[str, ...] = ()


BY_ITSELF = Signed()

_FIELDS = tuple(RunRecord.__dataclass_fields__)


def claim_run(
    tx: Writing, job: str, business_date: dt.date, *, holder: str, lease: dt.timedelta, known_at: dt.datetime
) -> RunClaim:
    """Claim a run that nobody has, that was aborted, or whose holder let its lease pass.

    Fails: RefusedError where it is published, where another process works on this job, or where a later date is
           published already.
    """
    latest = latest_published(tx, job)
    if latest is not None and latest.business_date > business_date:
        raise refused(
            StoreCode.RUN_EARLIER,
            f"{job} {business_date}",
            f"the run for {latest.business_date} is published already",
            "an earlier date can only be run with `--dry-run`",
        )
    _abandon_others(tx, job, business_date)
    run_id = derive_id("r", job, business_date.isoformat())
    row = {
        "job": job,
        "business_date": business_date,
        "run_id": run_id,
        "state": RunState.CLAIMED,
        "token": 1,
        "holder": holder,
        "lease_until": tx.now + lease,
        "known_at": known_at,
    }
    try:
        with tx.connection.begin_nested():
            won = tx.connection.execute(_claim_statement(tx, row)).one_or_none()
    except sa.exc.IntegrityError:  # the index on live runs: another date of this job is being worked on
        won = None
    if won is None:
        raise _why_not(tx, job, business_date)
    return RunClaim(run_id, job, business_date, won.token, won.known_at, is_takeover=won.token > 1)


def _claim_statement(tx: Writing, row: Mapping[str, Any]) -> Any:  # noqa: ANN401  # one of two dialects' inserts
    """Return the one statement that inserts the run or takes it over, and gives a row only to the winner."""
    insert = postgresql.insert if tx.connection.dialect.name == "postgresql" else sqlite.insert
    claimed = insert(_RUN).values(**row)
    was_aborted = _RUN.c.state == RunState.ABORTED
    return claimed.on_conflict_do_update(
        index_elements=[_RUN.c.job, _RUN.c.business_date],
        set_={
            "state": RunState.CLAIMED,
            "token": _RUN.c.token + 1,
            "holder": claimed.excluded.holder,
            "lease_until": claimed.excluded.lease_until,
            # An aborted run is begun anew, a lost one is continued.
            "known_at": sa.case((was_aborted, claimed.excluded.known_at), else_=_RUN.c.known_at),
            "aborted_because": None,
            "summary": sa.null(),
        },
        where=sa.or_(was_aborted, sa.and_(_LIVE, _RUN.c.lease_until < tx.now)),
    ).returning(_RUN.c.token, _RUN.c.known_at)


def _abandon_others(tx: Writing, job: str, business_date: dt.date) -> None:
    """Close runs of other dates whose holder vanished: one catch-up run replaces them."""
    lost = sa.update(_RUN).where(
        _RUN.c.job == job, _RUN.c.business_date != business_date, _LIVE, _RUN.c.lease_until < tx.now
    )
    tx.connection.execute(lost.values(state=RunState.ABORTED, aborted_because=f"lost; replaced by {business_date}"))


def _why_not(tx: Writing, job: str, business_date: dt.date) -> Exception:
    name = f"{job} {business_date}"
    own = run_of(tx, job, business_date)
    if own is not None and own.state is RunState.PUBLISHED:
        remedy = "a night is published once; run again, it only finishes payout files and notices that it left"
        return refused(StoreCode.RUN_PUBLISHED, name, "this run is published already", remedy)
    live = [run for run in runs_of(tx, job) if run.state in LIVE_RUN]  # none, where it ended since our claim
    who = " and ".join(f"`{run.holder}` works on the run for {run.business_date}" for run in live)
    until = max((run.lease_until for run in live), default=tx.now).astimezone(CIVIL_ZONE)
    remedy = f"wait for it; if it has died, it can be taken over after {until:%H:%M:%S}"
    return refused(StoreCode.RUN_TAKEN, name, who or "another process has just worked on this job", remedy)


def expire_lease(tx: Writing, run: RunRecord) -> None:
    """Let the lease of a holder that is known to be dead pass now; its token holds until somebody claims."""
    gone = sa.update(_RUN).where(
        _RUN.c.job == run.job, _RUN.c.business_date == run.business_date, _RUN.c.token == run.token, _LIVE
    )
    tx.connection.execute(gone.values(lease_until=tx.now - dt.timedelta(seconds=1)))


def keep_run(tx: Writing, claim: RunClaim, lease: dt.timedelta) -> None:
    """Extend the lease; call it in the transaction of every chunk's writes, for it is the fence.

    Fails: RefusedError where another process took the run over: nothing of this transaction is kept.
    """
    _change(tx, claim, LIVE_RUN, lease_until=tx.now + lease)


def enter_state(tx: Writing, claim: RunClaim, state: RunState) -> None:
    """Go on to computing or to verifying.

    Fails: RefusedError where another process took the run over; StoreInvariantError where the step is not allowed.
    """
    before = run_of(tx, claim.job, claim.business_date)
    if before is not None and before.token == claim.token and state not in RUN_TRANSITIONS[before.state]:
        raise StoreInvariantError(f"a run may not go from {before.state} to {state}")
    _change(tx, claim, LIVE_RUN, state=state)


def publish_run(
    tx: Writing,
    claim: RunClaim,
    *,
    folder: str,
    manifest: Mapping[str, Any],
    summary: Mapping[str, Any],
    signed: Signed = BY_ITSELF,
) -> None:
    """Make this run the latest, in the same transaction as what it wrote to the ledger.

    Fails: RefusedError where another process took the run over or published a later one.
    """
    told: dict[str, JSON] = {"business_date": str(claim.business_date), "token": claim.token}
    told |= {"manifest": manifest.get("digest"), "accepted": signed.accepted}
    record(tx, f"{claim.job}.published", by=signed.by or Machine(claim.job), about=claim.run_id, said=told)
    latest = latest_published(tx, claim.job)
    if latest is not None and latest.business_date > claim.business_date:
        raise _fenced(claim)
    _change(
        tx,
        claim,
        frozenset({RunState.VERIFYING}),
        state=RunState.PUBLISHED,
        published_at=tx.now,
        folder=folder,
        manifest=dict(manifest),
        summary=dict(summary),
    )


def abort_run(tx: Writing, claim: RunClaim, because: str, summary: Mapping[str, Any] | None = None) -> None:
    """Give a run up: a guard stopped it, or it failed; it may be claimed again.

    Fails: RefusedError where another process took the run over.
    """
    told: dict[str, JSON] = {"business_date": str(claim.business_date), "token": claim.token, "because": because}
    record(tx, f"{claim.job}.given_up", by=Machine(claim.job), about=claim.run_id, said=told)
    kept = sa.null() if summary is None else dict(summary)
    _change(tx, claim, LIVE_RUN, state=RunState.ABORTED, aborted_because=because, summary=kept)


def _change(tx: Writing, claim: RunClaim, allowed: frozenset[RunState], **values: Any) -> None:  # noqa: ANN401  # columns of the run
    """Change the run if the token still is the highest; the row stays locked until the commit."""
    own = sa.update(_RUN).where(
        _RUN.c.job == claim.job,
        _RUN.c.business_date == claim.business_date,
        _RUN.c.token == claim.token,
        _RUN.c.state.in_(sorted(allowed)),
    )
    if tx.connection.execute(own.values(**values)).rowcount != 1:
        raise _fenced(claim)


def _fenced(claim: RunClaim) -> Exception:
    return refused(
        StoreCode.RUN_FENCED,
        f"{claim.job} {claim.business_date}",
        f"the run was taken over or ended while token {claim.token} worked on it",
        "nothing of this attempt was written; look at the run's present holder",
    )


def run_of(rx: Reading, job: str, business_date: dt.date) -> RunRecord | None:
    """Return the run of a job for a date, or None."""
    return next(iter(_runs(rx, _RUN.c.job == job, _RUN.c.business_date == business_date)), None)


def run_with_id(rx: Reading, run_id: str) -> RunRecord | None:
    """Return the run with an id, or None."""
    return next(iter(_runs(rx, _RUN.c.run_id == run_id)), None)


def runs_of(rx: Reading, job: str) -> tuple[RunRecord, ...]:
    """Return every run of a job, by business date."""
    return _runs(rx, _RUN.c.job == job)


def last_runs(rx: Reading, job: str, count: int) -> tuple[RunRecord, ...]:
    """Return the runs of a job with the latest business dates, the newest first."""
    own = sa.select(_RUN.c.business_date).where(_RUN.c.job == job)
    newest = own.order_by(_RUN.c.business_date.desc()).limit(count).subquery()
    return _runs(rx, _RUN.c.job == job, _RUN.c.business_date.in_(sa.select(newest.c.business_date)))[::-1]


def published_nights(rx: Reading, job: str, *, through: dt.date) -> tuple[tuple[dt.date, dt.datetime], ...]:
    """Return the date and the knowledge of every published run of a job that is not after a date, newest first."""
    own = (_RUN.c.job == job, _RUN.c.state == RunState.PUBLISHED, _RUN.c.business_date <= through)
    chosen = sa.select(_RUN.c.business_date, _RUN.c.known_at).where(*own).order_by(_RUN.c.business_date.desc())
    return tuple((date, known_at) for date, known_at in rx.connection.execute(chosen))


def latest_published(rx: Reading, job: str, *, before: dt.date | None = None) -> RunRecord | None:
    """Return the published run with the latest business date: what pages show and plans compare with.

    `before` leaves out that date and later ones: what a night of that date came after, since nights only go forward.
    """
    row = _LATEST.row(rx, named=job, end=before or LAST_DAY)
    return None if row is None else RunRecord(*row)


def latest_night(rx: Reading, job: str) -> tuple[str, dt.date, dt.datetime] | None:
    """Return the id, the business date and the knowledge of the run that `latest_published` is: all that a page asks of it."""
    row = _LATEST_NIGHT.row(rx, named=job, end=LAST_DAY)
    return None if row is None else tuple(row)


def _latest(names: Iterable[str]) -> sa.Select[Any]:
    own, is_out = _RUN.c.job == sa.bindparam("named", type_=sa.String()), _RUN.c.state == RunState.PUBLISHED
    newest = sa.select(sa.func.max(_RUN.c.business_date)).where(own, is_out)
    newest = newest.where(_RUN.c.business_date < sa.bindparam("end", type_=sa.Date()))
    return sa.select(*(_RUN.c[name] for name in names)).where(own, _RUN.c.business_date == newest.scalar_subquery())


_LATEST = Prepared(lambda _: _latest(_FIELDS))
_LATEST_NIGHT = Prepared(lambda _: _latest(("run_id", "business_date", "known_at")))


def overdue_date(rx: Reading, job: str, *, due: dt.date) -> dt.date | None:
    """Return the one business date to run now, given the newest that is due; None where it is done or in hands.

    After days down there is one catch-up run, for the latest date; the days between are never run.
    """
    latest = latest_published(rx, job)
    if latest is not None and latest.business_date >= due:
        return None
    is_in_hands = any(run.state in LIVE_RUN and run.lease_until >= rx.now for run in runs_of(rx, job))
    return None if is_in_hands else due


def _runs(rx: Reading, *which: sa.ColumnElement[bool]) -> tuple[RunRecord, ...]:
    chosen = sa.select(*(_RUN.c[name] for name in _FIELDS)).where(*which).order_by(_RUN.c.business_date)
    return tuple(RunRecord(*row) for row in rx.connection.execute(chosen))
