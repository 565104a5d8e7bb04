import base64
import hashlib

import pytest
import sqlalchemy as sa

from core.errors import RefusedError
from store.accounts import FAILURES_MAX, Account, account_of, add_account, check_password, close_account
from store.codes import StoreCode
from store.opening import Store
from store.passwords import hashed, matches
from store.tables import TrialAccount, table_of
from tests.store.worlds import CLOCK_START, later, register

CHEAP = (2**4, 8, 1)  # a test guards nothing


def test_a_name_and_its_password_open_an_account(store: Store) -> None:
    """Nothing else does; the password is changed by adding the account again."""
    (subject,) = register(store, "a")
    with store.writing() as tx:
        add_account(tx, "firm", "secret", subject_id=subject, cost=CHEAP)

    assert check_password(store, "firm", "secret") == Account("firm", subject, CLOCK_START, None)
    assert check_password(store, "firm", "Secret") is None
    assert check_password(store, "nobody", "secret") is None

    with store.writing() as tx:
        add_account(tx, "firm", "other", subject_id=subject, cost=CHEAP)
    assert check_password(store, "firm", "secret") is None
    assert check_password(store, "firm", "other") is not None


def test_an_account_rests_after_failures(store: Store) -> None:
    """For a while even the right password does not help."""
    with store.writing() as tx:
        add_account(tx, "officer", "secret", subject_id=None, cost=CHEAP)
    for _ in range(FAILURES_MAX):
        assert check_password(store, "officer", "wrong") is None

    assert check_password(store, "officer", "secret") is None
    later(store, minutes=16)
    assert check_password(store, "officer", "secret") is not None


def test_a_closed_account_keeps_its_name(store: Store) -> None:
    """Nobody else gets it, and it opens nothing."""
    with store.writing() as tx:
        add_account(tx, "officer", "secret", subject_id=None, cost=CHEAP)
        close_account(tx, "officer")

    assert check_password(store, "officer", "secret") is None
    with pytest.raises(RefusedError) as taken, store.writing() as tx:
        add_account(tx, "officer", "secret", subject_id=None, cost=CHEAP)
    with pytest.raises(RefusedError) as unknown, store.writing() as tx:
        close_account(tx, "offcer")
    assert taken.value.findings[0].code is StoreCode.NAME_TAKEN
    assert unknown.value.findings[0].help == "the nearest account is `officer`"
    with store.reading() as rx:
        assert account_of(rx, "nobody") is None


def test_a_password_of_before_opens_and_is_renewed(store: Store) -> None:
    """What was kept by scrypt opens as ever, and is kept by argon2id from then on."""
    with store.writing() as tx:
        add_account(tx, "officer", "secret", subject_id=None, cost=CHEAP)
        old = base64.b64encode(hashlib.scrypt(b"secret", salt=b"salt", n=16, r=8, p=1, dklen=32)).decode()
        kept = f"scrypt$16$8$1${base64.b64encode(b'salt').decode()}${old}"
        tx.connection.execute(sa.update(table_of(TrialAccount)).values(secret=kept))

    assert check_password(store, "officer", "Secret") is None
    assert _kept(store) == kept
    assert check_password(store, "officer", "secret") is not None
    assert _kept(store).startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert check_password(store, "officer", "secret") is not None


def test_a_password_is_kept_salted(store: Store) -> None:
    """Two accounts with one password keep nothing that is equal, and what was spoilt opens nothing."""
    first, second = hashed("secret", cost=CHEAP), hashed("secret", cost=CHEAP)

    assert first != second
    assert matches("secret", first)
    assert matches("secret", second)
    assert not matches("secret", first[:-4])
    assert not matches("secret", "")


def _kept(store: Store) -> str:
    with store.reading() as rx:
        return str(rx.connection.scalar(sa.select(table_of(TrialAccount).c.secret)))
