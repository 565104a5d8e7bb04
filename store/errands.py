"""Errands: heavy requests of the desk, asked for on a page, carried out beside it one at a time, and looked at again.

A runner holds its errand by a lease. What a killed runner had in hands is broken off: by whoever sees that the process is
gone, or once its lease has passed; nothing runs for ever.
"""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from core.ids import derive_id, text_digest
from store.audit import record
from store.audit_chain import JSON
from store.opening import Reading, Writing
from store.rows import insert_rows
from store.states.errands import ErrandKind, ErrandState
from store.tables import ErrandRow, table_of
from store.tables.base import as_indexed
from store.tables.errands import IS_LIVE

LEASE = dt.timedelta(minutes=5)  # how long a runner that vanished elsewhere is waited for
WAITS = dt.timedelta(hours=1)  # what no server has taken by then is not wanted any more
_ERRAND = table_of(ErrandRow)


@dataclass(frozen=True, slots=True)
class Errand:
    """One errand as the table holds it; `result` is what came of it: an answer, or the findings of a failure."""

    errand_id: str
    kind: ErrandKind
    wanted: Mapping[str, JSON]
    state: ErrandState
    asked_by: str
    asked_at: dt.datetime
    holder: str | None
    lease_until: dt.datetime | None
    began_at: dt.datetime | None
    ended_at: dt.datetime | None
    progress: str | None
    result: Mapping[str, JSON] | None

    def stands(self, now: dt.datetime, is_dead: Callable[[str], bool]) -> ErrandState:
        """Return where it really stands: what nobody works on any more is broken off, whatever the table says."""
        if self.state is ErrandState.ASKED and now - self.asked_at > WAITS:
            return ErrandState.BROKEN_OFF
        if self.state is ErrandState.RUNNING:
            assert self.lease_until is not None
            assert self.holder is not None
            return ErrandState.BROKEN_OFF if self.lease_until < now or is_dead(self.holder) else self.state
        return self.state


_FIELDS = tuple(Errand.__dataclass_fields__)


def ask_errand(
    tx: Writing, kind: ErrandKind, wanted: Mapping[str, JSON], *, by: str, is_dead: Callable[[str], bool]
) -> Errand:
    """Ask for something; what is asked for already, and is not over, is the same errand."""
    _take_turns(tx)
    settle_errands(tx, is_dead=is_dead)
    digest = wanted_digest(kind, wanted)
    known = _chosen(tx, _ERRAND.c.digest == digest, as_indexed(IS_LIVE))
    if known:
        return known[0]
    before = tx.connection.scalar(sa.select(sa.func.count()).where(_ERRAND.c.digest == digest))
    errand_id = derive_id("e", kind, digest, str(before))
    record(tx, "errand.asked", by=by, about=errand_id, said={"kind": kind.value, "wanted": digest})
    row = {"errand_id": errand_id, "kind": kind, "wanted": dict(wanted), "digest": digest, "state": ErrandState.ASKED}
    insert_rows(tx, ErrandRow, [row | {"asked_by": by, "asked_at": tx.now}])
    return _chosen(tx, _ERRAND.c.errand_id == errand_id)[0]


def take_errand(tx: Writing, *, holder: str, is_dead: Callable[[str], bool]) -> Errand | None:
    """Take the errand that has waited longest, unless one is in hands; None where there is nothing to take."""
    _take_turns(tx)
    settle_errands(tx, is_dead=is_dead)
    live = _chosen(tx, as_indexed(IS_LIVE))
    if not live or any(each.state is ErrandState.RUNNING for each in live):
        return None
    first = min(live, key=lambda each: (each.asked_at, each.errand_id))
    change = {"state": ErrandState.RUNNING, "holder": holder, "lease_until": tx.now + LEASE, "began_at": tx.now}
    tx.connection.execute(sa.update(_ERRAND).where(_ERRAND.c.errand_id == first.errand_id).values(**change))
    return errand_of(tx, first.errand_id)


def hand_over(tx: Writing, errand: Errand, *, holder: str) -> bool:
    """Let another process hold what one holds; False where it is in hands no more."""
    return _changed(tx, errand, {"holder": holder, "lease_until": tx.now + LEASE})


def keep_errand(tx: Writing, errand: Errand, progress: str | None) -> bool:
    """Extend the lease and say what is being done; False where it is in hands no more."""
    return _changed(tx, errand, {"lease_until": tx.now + LEASE, "progress": progress})


def end_errand(tx: Writing, errand: Errand, state: ErrandState, result: Mapping[str, JSON] | None) -> bool:
    """Say what came of it; False where it is in hands no more, and then nothing is kept."""
    change = {"state": state, "holder": None, "lease_until": None, "ended_at": tx.now, "result": result}
    is_ended = _changed(tx, errand, change)
    if is_ended:
        _say(tx, errand, state)
    return is_ended


def settle_errands(tx: Writing, *, is_dead: Callable[[str], bool]) -> int:
    """Break off what nobody works on any more; return how many."""
    over = [each for each in _chosen(tx, as_indexed(IS_LIVE)) if each.stands(tx.now, is_dead) is ErrandState.BROKEN_OFF]
    for each in over:
        change = {"state": ErrandState.BROKEN_OFF, "holder": None, "lease_until": None, "ended_at": tx.now}
        own = sa.update(_ERRAND).where(_ERRAND.c.errand_id == each.errand_id)
        tx.connection.execute(own.values(**change))
        _say(tx, each, ErrandState.BROKEN_OFF)
    return len(over)


def waits(rx: Reading) -> bool:
    """Say whether something was asked for that nobody has taken."""
    asked = sa.select(_ERRAND.c.errand_id).where(_ERRAND.c.state == ErrandState.ASKED, as_indexed(IS_LIVE))
    return rx.connection.execute(asked.limit(1)).first() is not None


def errand_of(rx: Reading, errand_id: str) -> Errand | None:
    """Return the errand with an id, or None."""
    found = _chosen(rx, _ERRAND.c.errand_id == errand_id)
    return found[0] if found else None


def last_errands(rx: Reading, count: int, *, by: str | None = None) -> tuple[Errand, ...]:
    """Return the last errands, or the last of somebody, the newest first."""
    return _chosen(rx, *([] if by is None else [_ERRAND.c.asked_by == by]), limit=count)


def newest_done(rx: Reading, kind: ErrandKind, wanted: Mapping[str, JSON]) -> Errand | None:
    """Return the newest errand that was done for what is wanted, or None."""
    own = (_ERRAND.c.digest == wanted_digest(kind, wanted), _ERRAND.c.state == ErrandState.DONE)
    found = _chosen(rx, *own, limit=1)
    return found[0] if found else None


def wanted_digest(kind: ErrandKind, wanted: Mapping[str, JSON]) -> str:
    """Return the digest of what is wanted: the same for the same words in any order."""
    return text_digest(kind.value, json.dumps(wanted, ensure_ascii=False, sort_keys=True))


def _chosen(
    rx: Reading, *which: sa.ColumnElement[bool] | sa.TextClause, limit: int | None = None
) -> tuple[Errand, ...]:
    chosen = sa.select(*(_ERRAND.c[name] for name in _FIELDS)).where(*which)
    ordered = chosen.order_by(_ERRAND.c.asked_at.desc(), _ERRAND.c.errand_id).limit(limit)
    return tuple(Errand(*row) for row in rx.connection.execute(ordered))


def _changed(tx: Writing, errand: Errand, change: Mapping[str, object]) -> bool:
    own = (_ERRAND.c.errand_id == errand.errand_id, _ERRAND.c.holder == errand.holder)
    running = _ERRAND.c.state == ErrandState.RUNNING
    return tx.connection.execute(sa.update(_ERRAND).where(*own, running).values(**change)).rowcount == 1


def _say(tx: Writing, errand: Errand, state: ErrandState) -> None:
    record(tx, "errand.ended", by=errand.asked_by, about=errand.errand_id, said={"as": state.value})


def _take_turns(tx: Writing) -> None:
    """Let one server at a time ask or take: two could begin the same."""
    if tx.connection.dialect.name == "postgresql":
        tx.connection.execute(sa.text("lock table errand in share row exclusive mode"))
