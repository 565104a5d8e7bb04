"""Selects whose text is made once: the same rows as SQLAlchemy's own, on both databases."""

import datetime as dt
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from core.days import LAST_DAY
from store.opening import Store
from store.outbox import add_notices
from store.prepared import Prepared
from store.sessions import Login, open_session
from store.states.entry import LoginWay, SessionEnd
from store.tables import NoticeRow, WebSession, table_of
from tests.store.worlds import notice_frame, notice_to, register, seals

_NOTICE, _SESSION = table_of(NoticeRow), table_of(WebSession)


def _as_it_is(select: sa.Select[Any], _: sa.Dialect) -> sa.Select[Any]:
    return select


def test_every_type_comes_out_as_sqlalchemy_reads_it(store: Store) -> None:
    """Instants, days, words, JSON, sealed bytes and nulls: cell by cell, with the names of the columns."""
    (own,) = register(store, "a")
    with store.writing() as tx:
        add_notices(tx, notice_frame(notice_to(own), notice_to(own, 2)), run_id=None)
        open_session(tx, seals("k1"), Login("login", LoginWay.OIDC, (own,), "甲企业"))

    with store.reading() as rx:
        for table in (_NOTICE, _SESSION):
            select = sa.select(*table.c).order_by(*table.primary_key.columns)
            plain = rx.connection.execute(select).all()
            prepared = Prepared(partial(_as_it_is, select)).rows(rx)
            assert plain
            assert [each._asdict() for each in prepared] == [each._asdict() for each in plain]
            assert [list(map(type, each)) for each in prepared] == [list(map(type, each)) for each in plain]


def test_parameters_go_in_as_their_columns_keep_them(store: Store) -> None:
    """What is given, and what the select itself compares with; asked again, other values give other rows."""
    with store.writing() as tx:
        open_session(tx, seals("k1"), Login("login", LoginWay.OIDC, (), "甲"))
    seen_before = sa.bindparam("before", type_=_SESSION.c.seen_at.type)
    way = sa.bindparam("way", type_=_SESSION.c.way.type)
    prepared = Prepared(
        lambda _: sa.select(_SESSION.c.login_name).where(
            _SESSION.c.seen_at < seen_before,
            _SESSION.c.way == way,
            sa.or_(_SESSION.c.ended_as.is_(None), _SESSION.c.ended_as == SessionEnd.REVOKED),
        )
    )
    late, early = dt.datetime.combine(LAST_DAY, dt.time(), dt.UTC), dt.datetime(2000, 1, 1, tzinfo=dt.UTC)

    with store.reading() as rx:
        assert prepared.rows(rx, before=late, way=LoginWay.OIDC) == [("login",)]
        assert prepared.row(rx, before=early, way=LoginWay.OIDC) is None
        assert prepared.rows(rx, before=late, way=LoginWay.LOCAL) == []


def test_a_parameter_that_is_left_out_is_no_null(store: Store) -> None:
    """Nobody is looked for by a value that nobody gave."""
    prepared = Prepared(lambda _: sa.select(_SESSION.c.login_name).where(_SESSION.c.login_name == sa.bindparam("own")))

    with store.reading() as rx, pytest.raises(AssertionError, match="a value for each parameter"):
        prepared.rows(rx)
