"""Sessions of browsers: opened, renewed under another token, and ended from here at once.

A token is known here by its digest only. A session is over when it was ended, when its day is over, or when it was left
alone for long; the account behind it is looked at anew with every request.
"""

import datetime as dt
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from core.ids import text_digest
from profiles.identity import Seals
from store.accounts import account_of
from store.audit import record
from store.audit_chain import JSON
from store.opening import Reading, Writing
from store.prepared import Prepared
from store.rows import insert_rows, is_among
from store.states.entry import LoginWay, SessionEnd
from store.tables import WebSession, WebSessionSubject, table_of

LASTS: Final = dt.timedelta(hours=8)  # a working day
IDLE: Final = dt.timedelta(minutes=30)
SEEN_EVERY: Final = dt.timedelta(minutes=1)  # so that not every page that is read is a write
_TOKEN_BYTES = 32
_SESSION = table_of(WebSession)
_SUBJECT = table_of(WebSessionSubject)
_PLACE = {"table": "web_session", "column": "shown_as"}
_TOKEN_PLACE = {"table": "web_session", "column": "id_token"}


@dataclass(frozen=True, slots=True)
class Login:
    """Who somebody showed to be: by a name, for which subjects, and how pages greet them; an officer has no subject.

    `id_token` is what the provider said so with, where it is given back to the provider at the end.
    """

    login_name: str
    way: LoginWay
    subject_ids: tuple[str, ...]
    shown_as: str
    id_token: str = ""


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session that goes on."""

    token_digest: str
    login_name: str
    way: LoginWay
    subject_id: str | None
    subject_ids: tuple[str, ...]
    shown_as: bytes
    opened_at: dt.datetime
    seen_at: dt.datetime
    ends_at: dt.datetime
    confirmed_at: dt.datetime

    def greeting(self, seals: Seals) -> str:
        """Return how pages greet who it is."""
        return seals.open(self.shown_as, **_PLACE, row=self.token_digest)


def open_session(tx: Writing, seals: Seals, login: Login) -> str:
    """Begin a session and return its token, which is kept nowhere here."""
    record(
        tx,
        "session.began",
        by=_holder(login.login_name, login.subject_ids),
        about="login",
        said={"way": login.way.value},
    )
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    first = login.subject_ids[0] if login.subject_ids else None
    _insert(tx, seals, token, login, subject_id=first, opened_at=tx.now, confirmed_at=tx.now)
    return token


def session_of(rx: Reading, token: str) -> SessionRecord | None:
    """Return the session of a token, or None where none goes on.

    A local account that was closed, or that speaks for another subject by now, has none.
    """
    digest = text_digest(token)
    row = _BY_TOKEN.row(rx, digest=digest, now=rx.now, left=rx.now - IDLE)
    if row is None:
        return None
    subjects = tuple(each.subject_id for each in _SUBJECTS.rows(rx, digest=digest))
    if row.way is LoginWay.LOCAL:
        account = account_of(rx, row.login_name)
        spoken_for = () if account is None or account.subject_id is None else (account.subject_id,)
        if account is None or account.closed_at is not None or spoken_for != subjects:
            return None
    return SessionRecord(**row._asdict(), subject_ids=subjects)


def _goes_on(rx: Reading) -> tuple[sa.ColumnElement[bool], ...]:
    return _going_on(sa.literal(rx.now), sa.literal(rx.now - IDLE))


def _going_on(
    now: sa.ColumnElement[dt.datetime], left: sa.ColumnElement[dt.datetime]
) -> tuple[sa.ColumnElement[bool], ...]:
    return (_SESSION.c.ended_at.is_(None), _SESSION.c.ends_at > now, _SESSION.c.seen_at > left)


_DIGEST = sa.bindparam("digest", type_=_SESSION.c.token_digest.type)
_NOW = sa.bindparam("now", type_=_SESSION.c.ends_at.type)
_LEFT = sa.bindparam("left", type_=_SESSION.c.seen_at.type)
_BY_TOKEN = Prepared(
    lambda _: sa.select(
        *(_SESSION.c[name] for name in SessionRecord.__dataclass_fields__ if name != "subject_ids")
    ).where(_SESSION.c.token_digest == _DIGEST, *_going_on(_NOW, _LEFT))
)
_SUBJECTS = Prepared(
    lambda _: sa.select(_SUBJECT.c.subject_id).where(_SUBJECT.c.token_digest == _DIGEST).order_by(_SUBJECT.c.subject_id)
)


def mark_seen(tx: Writing, token_digests: Collection[str]) -> None:
    """Keep that sessions are in use."""
    own = sa.update(_SESSION).where(is_among(tx, _SESSION.c.token_digest, token_digests), _SESSION.c.seen_at < tx.now)
    tx.connection.execute(own.values(seen_at=tx.now))


def renew_session(
    tx: Writing,
    seals: Seals,
    session: SessionRecord,
    *,
    subject_id: str | None = None,
    shown_as: str | None = None,
    is_confirmed: bool = False,
    id_token: str = "",
) -> str:
    """Go on with a session under a new token, which is returned; the old one ends.

    `subject_id`: it acts for another of its subjects from now on, greeted `shown_as`; `is_confirmed`: the person has just shown again who
    they are, to a provider with a newer `id_token`. Its day ends when it would have ended.
    """
    assert subject_id is None or subject_id in session.subject_ids
    said: dict[str, JSON] = {"way": session.way.value, "is_confirmed": is_confirmed}
    record(tx, "session.renewed", by=_holder(session.login_name, session.subject_ids), about="login", said=said)
    hint = id_token or id_token_of(tx, seals, session)
    _end(tx, SessionEnd.RENEWED, _SESSION.c.token_digest == session.token_digest)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    login = Login(session.login_name, session.way, session.subject_ids, shown_as or session.greeting(seals), hint)
    _insert(
        tx,
        seals,
        token,
        login,
        subject_id=subject_id or session.subject_id,
        opened_at=session.opened_at,
        confirmed_at=tx.now if is_confirmed else session.confirmed_at,
        ends_at=session.ends_at,
    )
    return token


def id_token_of(rx: Reading, seals: Seals, session: SessionRecord) -> str:
    """Return by which ID token the provider said who it is; nothing where it came in another way, or is over.

    Fails: RunError where its key was taken away.
    """
    own = sa.select(_SESSION.c.id_token).where(_SESSION.c.token_digest == session.token_digest)
    sealed = rx.connection.scalar(own)
    return "" if sealed is None else seals.open(sealed, **_TOKEN_PLACE, row=session.token_digest)


def end_session(tx: Writing, session: SessionRecord) -> None:
    """End a session: its person has left."""
    record(tx, "session.ended", by=_holder(session.login_name, session.subject_ids), about="login", said={})
    _end(tx, SessionEnd.LOGGED_OUT, _SESSION.c.token_digest == session.token_digest)


def revoke_sessions(tx: Writing, login_name: str, *, by: str) -> int:
    """End every session of a login; return how many went on until now."""
    record(tx, "session.revoked", by=by, about="login", said={"login": text_digest(login_name)})
    return _end(tx, SessionEnd.REVOKED, _SESSION.c.login_name == login_name, *_goes_on(tx))


def revoke_sessions_for(tx: Writing, subject_id: str, *, by: str) -> int:
    """End every session that may act for a subject; return how many went on until now."""
    record(tx, "session.revoked", by=by, about=subject_id, said={})
    own = sa.select(_SUBJECT.c.token_digest).where(_SUBJECT.c.subject_id == subject_id)
    return _end(tx, SessionEnd.REVOKED, _SESSION.c.token_digest.in_(own), *_goes_on(tx))


def open_sessions(rx: Reading) -> dict[str, int]:
    """Return how many sessions go on, by login name."""
    chosen = sa.select(_SESSION.c.login_name, sa.func.count().label("sessions")).where(*_goes_on(rx))
    chosen = chosen.group_by(_SESSION.c.login_name)
    return {row.login_name: int(row.sessions) for row in rx.connection.execute(chosen)}


def has_sessions(rx: Reading, *, before: dt.datetime) -> bool:
    """Say whether there is a session whose day was over before an instant."""
    return bool(rx.connection.scalar(sa.select(sa.exists().where(_SESSION.c.ends_at < before))))


def forget_sessions(tx: Writing, *, before: dt.datetime, by: str) -> int:
    """Forget sessions whose day was over before an instant; return how many."""
    record(tx, "session.forgotten", by=by, about="login", said={"before": before.isoformat()})
    old = sa.select(_SESSION.c.token_digest).where(_SESSION.c.ends_at < before)
    tx.connection.execute(sa.delete(_SUBJECT).where(_SUBJECT.c.token_digest.in_(old)))
    return tx.connection.execute(sa.delete(_SESSION).where(_SESSION.c.ends_at < before)).rowcount


def rotate_sessions(tx: Writing, seals: Seals) -> int:
    """Seal anew what was sealed with another key or suite; return how many values changed."""
    count = 0
    for place in (_PLACE, _TOKEN_PLACE):
        column = _SESSION.c[place["column"]]
        kept = sa.select(_SESSION.c.token_digest, column).where(column.is_not(None))
        for digest, sealed in tx.connection.execute(kept).all():
            if seals.is_current(sealed):
                continue
            anew = seals.seal(seals.open(sealed, **place, row=digest), **place, row=digest)
            own = sa.update(_SESSION).where(_SESSION.c.token_digest == digest)
            tx.connection.execute(own.values({column: anew}))
            count += 1
    return count


def _holder(login_name: str, subjects: Sequence[str]) -> str:
    """Return whom the audit names: a subject by its id, for people log in with what is personal too."""
    return subjects[0] if subjects else login_name


def _end(tx: Writing, end: SessionEnd, *own: sa.ColumnElement[bool]) -> int:
    gone = {"ended_at": tx.now, "ended_as": end, "id_token": None}
    change = sa.update(_SESSION).where(*own, _SESSION.c.ended_at.is_(None)).values(**gone)
    return tx.connection.execute(change).rowcount


def _insert(tx: Writing, seals: Seals, token: str, login: Login, **rest: Any) -> None:  # noqa: ANN401  # columns
    digest = text_digest(token)
    row = {
        "token_digest": digest,
        "login_name": login.login_name,
        "way": login.way,
        "shown_as": seals.seal(login.shown_as, **_PLACE, row=digest),
        "id_token": seals.seal(login.id_token, **_TOKEN_PLACE, row=digest) if login.id_token else None,
        "seen_at": tx.now,
        "ends_at": tx.now + LASTS,
    }
    insert_rows(tx, WebSession, [row | rest])
    subjects = [{"token_digest": digest, "subject_id": each} for each in login.subject_ids]
    insert_rows(tx, WebSessionSubject, subjects)
