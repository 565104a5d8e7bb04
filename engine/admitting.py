"""Who may come to the pages with a name and a password that are kept here, and who is to leave them at once.

A password is made here and said once; nobody chooses one that others guess.
"""

import secrets
from dataclasses import dataclass
from typing import Final

from core.roles import Role
from engine.authority import authorised
from engine.deployment import Deployment
from engine.explaining.explain import subject_named
from store.accounts import Account, account_of, add_account, close_account, read_accounts
from store.sessions import open_sessions, revoke_sessions, revoke_sessions_for

_SIGNS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
_LENGTH: Final = 16  # 79 bits


@dataclass(frozen=True, slots=True)
class Admitted:
    """A login as it stands; `account` is None where the identity provider says who that is."""

    login_name: str
    account: Account | None
    session_count: int


def open_account(deployment: Deployment, login_name: str, *, subject: str | None, by: str) -> str:
    """Open an account for an officer, or for the subject that an id or a number names, and return its new password.

    An account that is there already, for the same one, gets another password, and its sessions end.
    Fails: RunError where nobody has the number, RefusedError where the name is taken, or where who does it may not.
    """
    authorised(deployment, by, Role.OPERATOR)
    password = "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))
    with deployment.store.writing() as tx:
        subject_id = None if subject is None else subject_named(tx, deployment, subject)[0]
        is_known = account_of(tx, login_name) is not None
        add_account(tx, login_name, password, subject_id=subject_id, by=by)
        if is_known:
            revoke_sessions(tx, login_name, by=by)
    return password


def shut_account(deployment: Deployment, login_name: str, *, by: str) -> int:
    """Close an account and end its sessions; return how many went on.

    Fails: RefusedError where there is no such account, or where who does it may not.
    """
    authorised(deployment, by, Role.OPERATOR)
    with deployment.store.writing() as tx:
        close_account(tx, login_name, by=by)
        return revoke_sessions(tx, login_name, by=by)


def turn_out(deployment: Deployment, who: str, *, is_subject: bool, by: str) -> int:
    """End the sessions of a login, or of everybody who acts for a subject; return how many went on.

    Fails: RunError where nobody has the subject's number, RefusedError where who does it may not.
    """
    authorised(deployment, by, Role.OPERATOR)
    with deployment.store.writing() as tx:
        if not is_subject:
            return revoke_sessions(tx, who, by=by)
        return revoke_sessions_for(tx, subject_named(tx, deployment, who)[0], by=by)


def admitted(deployment: Deployment) -> list[Admitted]:
    """Return every account, and every other login with a session, by name."""
    with deployment.store.reading() as rx:
        accounts = {each.login_name: each for each in read_accounts(rx)}
        counts = open_sessions(rx)
    return [Admitted(name, accounts.get(name), counts.get(name, 0)) for name in sorted(accounts.keys() | counts.keys())]
