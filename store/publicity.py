"""公示: lists that stand in public, their lines, and objections; who objects is in the vault."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from store import audit
from store.audit_chain import JSON
from store.opening import Reading, Writing
from store.rows import insert_rows, is_among
from store.states.lanes import ObjectionState
from store.tables import Objection, PublicLine, PublicList, table_of

_LIST = table_of(PublicList)
_LINE = table_of(PublicLine)
_OBJECTION = table_of(Objection)


@dataclass(frozen=True, slots=True)
class ListRecord:
    """A public list; `through` is its last day."""

    list_id: str
    policy: str
    opened_on: dt.date
    through: dt.date
    working_days: int
    line_count: int
    opened_by: str
    opened_at: dt.datetime
    closed_on: dt.date | None = None
    closed_by: str | None = None


@dataclass(frozen=True, slots=True)
class ObjectionRecord:
    """An objection to one line; the fields about a decision are there once there is one."""

    objection_id: str
    list_id: str
    grant_id: str
    state: ObjectionState
    received_on: dt.date
    received_by: str
    received_at: dt.datetime
    decided_on: dt.date | None = None
    decided_by: str | None = None
    reason: str | None = None


_LIST_FIELDS = tuple(ListRecord.__dataclass_fields__)
_OBJECTION_FIELDS = tuple(ObjectionRecord.__dataclass_fields__)


def add_list(tx: Writing, record: ListRecord, grants: Sequence[str]) -> None:
    """Write a list and its lines, numbered from 1."""
    said: dict[str, JSON] = {"policy": record.policy, "line_count": record.line_count, "through": str(record.through)}
    audit.record(tx, "publicity.opened", by=record.opened_by, about=record.list_id, said=said)
    insert_rows(tx, PublicList, [{name: getattr(record, name) for name in _LIST_FIELDS}])
    rows = [
        {"list_id": record.list_id, "number": number, "grant_id": grant_id} for number, grant_id in enumerate(grants, 1)
    ]
    insert_rows(tx, PublicLine, rows)


def close_list(tx: Writing, list_id: str, *, on: dt.date, by: str) -> None:
    """Note that a list stands no longer."""
    audit.record(tx, "publicity.closed", by=by, about=list_id, said={})
    own = sa.update(_LIST).where(_LIST.c.list_id == list_id, _LIST.c.closed_on.is_(None))
    assert tx.connection.execute(own.values(closed_on=on, closed_by=by)).rowcount == 1


def read_lists(rx: Reading, *, policy: str | None = None) -> list[ListRecord]:
    """Return the public lists, or those of one policy, oldest first."""
    chosen = sa.select(*(_LIST.c[name] for name in _LIST_FIELDS)).order_by(_LIST.c.opened_at, _LIST.c.list_id)
    if policy is not None:
        chosen = chosen.where(_LIST.c.policy == policy)
    return [ListRecord(*row) for row in rx.connection.execute(chosen)]


def lines_of(rx: Reading, list_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the grants on some lists, in the order of their lines."""
    chosen = sa.select(_LINE.c.list_id, _LINE.c.grant_id).where(is_among(rx, _LINE.c.list_id, set(list_ids)))
    found: dict[str, list[str]] = {list_id: [] for list_id in list_ids}
    for list_id, grant_id in rx.connection.execute(chosen.order_by(_LINE.c.list_id, _LINE.c.number)):
        found[list_id].append(grant_id)
    return found


def add_objection(tx: Writing, record: ObjectionRecord) -> None:
    """Write an objection."""
    said: dict[str, JSON] = {"list_id": record.list_id, "grant_id": record.grant_id}
    audit.record(tx, "objection.received", by=record.received_by, about=record.objection_id, said=said)
    insert_rows(tx, Objection, [{name: getattr(record, name) for name in _OBJECTION_FIELDS}])


def decide_objection(
    tx: Writing, objection_id: str, state: ObjectionState, *, on: dt.date, by: str, reason: str
) -> None:
    """Note the decision on an open objection."""
    said: dict[str, JSON] = {"state": state.value, "reason": audit.words_digest(reason)}
    audit.record(tx, "objection.decided", by=by, about=objection_id, said=said)
    own = sa.update(_OBJECTION).where(
        _OBJECTION.c.objection_id == objection_id, _OBJECTION.c.state == ObjectionState.OPEN
    )
    assert tx.connection.execute(own.values(state=state, decided_on=on, decided_by=by, reason=reason)).rowcount == 1


def read_objections(
    rx: Reading, *, list_id: str | None = None, objection_id: str | None = None
) -> list[ObjectionRecord]:
    """Return all objections, those to one list, or the one with an id, in the order in which they were received."""
    chosen = sa.select(*(_OBJECTION.c[name] for name in _OBJECTION_FIELDS))
    if list_id is not None:
        chosen = chosen.where(_OBJECTION.c.list_id == list_id)
    if objection_id is not None:
        chosen = chosen.where(_OBJECTION.c.objection_id == objection_id)
    rows = rx.connection.execute(chosen.order_by(_OBJECTION.c.received_at, _OBJECTION.c.objection_id))
    return [ObjectionRecord(*row) for row in rows]
