"""Accounts that a bank called closed, by keyed digest: not paid to again until somebody says that they are right."""

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from store.opening import Reading, Writing
from store.rows import insert_rows, is_among
from store.tables import ClosedAccount, table_of

_CLOSED = table_of(ClosedAccount)


def mark_closed(tx: Writing, said: Collection[tuple[str, str]]) -> None:
    """Keep what a bank said of accounts: digest and result code; what is known stays as it was found."""
    known = closed_accounts(tx)
    new = {account: code for account, code in said if account not in known}
    rows = [
        {"account_digest": account, "reason_code": code, "found_at": tx.now} for account, code in sorted(new.items())
    ]
    insert_rows(tx, ClosedAccount, rows)


def closed_accounts(rx: Reading) -> frozenset[str]:
    """Return the digests of all accounts that are closed: few, whatever the number of people."""
    return frozenset(rx.connection.scalars(sa.select(_CLOSED.c.account_digest)))


def mark_right(tx: Writing, accounts: Iterable[str]) -> None:
    """Take back that accounts are closed: their holder has named them since, or somebody has found out."""
    tx.connection.execute(sa.delete(_CLOSED).where(is_among(tx, _CLOSED.c.account_digest, set(accounts))))
