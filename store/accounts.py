"""Local logins for a trial: a name, a slow hash of a password, and whom it speaks for.

Real logins come from the government's identity provider and never reach this table.
"""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from core.findings import nearest_help
from store.audit import record
from store.codes import StoreCode
from store.faults import refused
from store.opening import Reading, Store, Writing
from store.passwords import COST, NOBODY, hashed, is_outdated, matches
from store.rows import insert_rows
from store.tables import TrialAccount, table_of

_ACCOUNT = table_of(TrialAccount)

FAILURES_MAX = 5  # then the account rests
REST = dt.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a login speaks for; `subject_id` None is an officer."""

    login_name: str
    subject_id: str | None
    created_at: dt.datetime
    closed_at: dt.datetime | None


def add_account(
    tx: Writing,
    login_name: str,
    password: str,
    *,
    subject_id: str | None,
    cost: tuple[int, int, int] = COST,
    by: str = "operator",
) -> None:
    """Open an account, or give an open one another password.

    Fails: RefusedError where the name is taken by another subject's account.
    """
    about = subject_id or login_name
    record(tx, "account.opened", by=by, about=about, said={"is_officer": subject_id is None})
    known = account_of(tx, login_name)
    secret = hashed(password, cost=cost)
    if known is None:
        row = {"login_name": login_name, "secret": secret, "subject_id": subject_id, "created_at": tx.now}
        insert_rows(tx, TrialAccount, [row | {"failed_count": 0}])
        return
    if known.subject_id != subject_id or known.closed_at is not None:
        raise refused(StoreCode.NAME_TAKEN, login_name, f"the login name `{login_name}` is taken", "choose another")
    own = sa.update(_ACCOUNT).where(_ACCOUNT.c.login_name == login_name)
    tx.connection.execute(own.values(secret=secret, failed_count=0, locked_until=None))


def check_password(store: Store, login_name: str, password: str) -> Account | None:
    """Return the account that a name and a password open, or None.

    An unknown name, a closed account and a wrong password look and last the same. After some failures the account
    rests for a while, whatever the password. The slow hash is compared before the write lock is taken, so that nobody
    waits for it; a password that is changed in between opens nothing.
    """
    with store.reading() as rx:
        secret = rx.connection.scalar(sa.select(_ACCOUNT.c.secret).where(_ACCOUNT.c.login_name == login_name))
    is_right = matches(password, NOBODY if secret is None else secret)
    if secret is None:  # what was typed may be anything, a password too: it goes nowhere
        return None
    renewed = hashed(password) if is_right and is_outdated(secret) else secret
    with store.writing() as tx:
        return _log_in(tx, login_name, (secret, renewed), is_right=is_right)


def _log_in(tx: Writing, login_name: str, secrets: tuple[str, str], *, is_right: bool) -> Account | None:
    """Count a try of a name with the secret that it was compared with, which is kept anew where it is outdated."""
    compared, renewed = secrets
    own = _ACCOUNT.c.login_name == login_name
    row = tx.connection.execute(sa.select(_ACCOUNT).where(own)).one()  # an account is closed, and never removed
    account = Account(row.login_name, row.subject_id, row.created_at, row.closed_at)
    is_right = is_right and row.secret == compared
    rests = row.locked_until is not None and row.locked_until > tx.now
    if rests or account.closed_at is not None or not is_right:
        record(tx, "access.refused", by=_holder(account), about="login", said={"wanted": "session.opened"})
    if rests or account.closed_at is not None:
        return None
    if is_right:
        record(tx, "session.opened", by=_holder(account), about="login", said={})
        tx.connection.execute(sa.update(_ACCOUNT).where(own).values(failed_count=0, locked_until=None, secret=renewed))
        return account
    rests = row.failed_count + 1 >= FAILURES_MAX
    change = {"failed_count": 0 if rests else row.failed_count + 1, "locked_until": tx.now + REST if rests else None}
    tx.connection.execute(sa.update(_ACCOUNT).where(own).values(**change))
    return None


def _holder(account: Account) -> str:
    """Return whom the audit names: a subject by its id, for people log in with what is personal too."""
    return account.subject_id or account.login_name


def close_account(tx: Writing, login_name: str, *, by: str = "operator") -> None:
    """Close an account; its name stays taken.

    Fails: RefusedError where there is none.
    """
    known = account_of(tx, login_name)
    if known is not None:
        record(tx, "account.closed", by=by, about=_holder(known), said={"is_officer": known.subject_id is None})
    own = sa.update(_ACCOUNT).where(_ACCOUNT.c.login_name == login_name)
    if tx.connection.execute(own.values(closed_at=tx.now)).rowcount != 1:
        names = tx.connection.scalars(sa.select(_ACCOUNT.c.login_name)).all()
        help_line = nearest_help(login_name, names, "account")
        raise refused(StoreCode.UNKNOWN_NAME, login_name, f"there is no account `{login_name}`", help_line)


def account_of(rx: Reading, login_name: str) -> Account | None:
    """Return the account with a name, or None."""
    names = Account.__dataclass_fields__
    chosen = sa.select(*(_ACCOUNT.c[name] for name in names)).where(_ACCOUNT.c.login_name == login_name)
    row = rx.connection.execute(chosen).one_or_none()
    return None if row is None else Account(*row)


def read_accounts(rx: Reading) -> list[Account]:
    """Return every account, by name."""
    names = Account.__dataclass_fields__
    chosen = sa.select(*(_ACCOUNT.c[name] for name in names)).order_by(_ACCOUNT.c.login_name)
    return [Account(*row) for row in rx.connection.execute(chosen)]
