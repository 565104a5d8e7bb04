import pytest

from core.errors import RefusedError
from store.accounts import FAILURES_MAX, Account, account_of, add_account, check_password, close_account
from store.codes import StoreCode
from store.opening import Store
from tests.store.worlds import CLOCK_START, later, register

CHEAP = (2**4, 8, 1)  # a test guards nothing


def _check(store: Store, name: str, password: str) -> Account | None:
    with store.writing() as tx:
        return check_password(tx, name, password)


def test_a_name_and_its_password_open_an_account(store: Store) -> None:
    """Nothing else does; the password is changed by adding the account again."""
    (subject,) = register(store, "a")
    with store.writing() as tx:
        add_account(tx, "firm", "secret", subject_id=subject, cost=CHEAP)

    assert _check(store, "firm", "secret") == Account("firm", subject, CLOCK_START, None)
    assert _check(store, "firm", "Secret") is None
    assert _check(store, "nobody", "secret") is None

    with store.writing() as tx:
        add_account(tx, "firm", "other", subject_id=subject, cost=CHEAP)
    assert _check(store, "firm", "secret") is None
    assert _check(store, "firm", "other") is not None


def test_an_account_rests_after_failures(store: Store) -> None:
    """For a while even the right password does not help."""
    with store.writing() as tx:
        add_account(tx, "officer", "secret", subject_id=None, cost=CHEAP)
    for _ in range(FAILURES_MAX):
        assert _check(store, "officer", "wrong") is None

    assert _check(store, "officer", "secret") is None
    later(store, minutes=16)
    assert _check(store, "officer", "secret") is not None


def test_a_closed_account_keeps_its_name(store: Store) -> None:
    """Nobody else gets it, and it opens nothing."""
    with store.writing() as tx:
        add_account(tx, "officer", "secret", subject_id=None, cost=CHEAP)
        close_account(tx, "officer")

    assert _check(store, "officer", "secret") is None
    with pytest.raises(RefusedError) as taken, store.writing() as tx:
        add_account(tx, "officer", "secret", subject_id=None, cost=CHEAP)
    with pytest.raises(RefusedError) as unknown, store.writing() as tx:
        close_account(tx, "offcer")
    assert taken.value.findings[0].code is StoreCode.NAME_TAKEN
    assert unknown.value.findings[0].help == "the nearest account is `officer`"
    with store.reading() as rx:
        assert account_of(rx, "nobody") is None
