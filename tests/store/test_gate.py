from dataclasses import replace

import pytest

from core.errors import RefusedError
from core.roles import NIGHT, Role
from store.access_codes import AccessCode
from store.audit import last_entries, record
from store.gate import MAY, Gate, roles_for
from store.opening import Store
from store.roles import Post, grant_role, revoke_role
from tests.store.worlds import register

LI = Post("li", Role.OPERATOR)


@pytest.fixture
def guarded(store: Store) -> Store:
    """Return a store with a gate, where `li` is operator and `wang` is paymaster."""
    made = replace(store, gate=Gate())
    with made.writing() as tx:
        grant_role(tx, LI, by="li", reason="first")
    with made.writing() as tx:
        grant_role(tx, Post("wang", Role.PAYMASTER), by="li", reason="appointed")
    return made


def do(store: Store, event: str, by: str) -> str | None:
    """Do something that is told to the audit chain; return by which code it is refused, or None."""
    try:
        with store.writing() as tx:
            record(tx, event, by=by, about="b_1", said={})
    except RefusedError as refused:
        return refused.findings[0].code.value
    return None


@pytest.mark.parametrize(
    ("event", "by", "code"),
    [
        ("batch.exported", "wang", None),
        ("batch.exported", "li", AccessCode.NOT_ALLOWED),
        ("batch.approved", "wang", None),
        ("batch.stopped", "li", None),
        ("case.confirmed", "mallory", AccessCode.NOT_ALLOWED),
        ("role.granted", "wang", AccessCode.NOT_ALLOWED),
        ("night.published", NIGHT, None),
        ("night.published", "night", AccessCode.NOT_ALLOWED),
        ("batch.frozen", NIGHT, None),
        ("batch.approved", "system", AccessCode.NOT_ALLOWED),
        ("batch.approved", "mallory", AccessCode.NOT_ALLOWED),
        ("bank_line.settled", "system", AccessCode.NOT_ALLOWED),
        ("proposal.approved", "night", AccessCode.NOT_ALLOWED),
        ("grievance.received", "mallory", None),
        ("vault.opened", "payouts", None),
        ("case.objected", "s_somebody", None),
    ],
)
def test_what_needs_a_role_is_kept_only_with_one(guarded: Store, event: str, by: str, code: AccessCode | None) -> None:
    """A4: by the event, whatever path led there; whoever types the product's own name is still a person."""
    assert do(guarded, event, by) == code


def test_a_refused_deed_leaves_nothing_but_its_refusal(guarded: Store) -> None:
    """What it wrote is rolled back; who tried what is in the chain."""

    def forge() -> None:
        with guarded.writing() as tx:
            tx.connection.exec_driver_sql("delete from role_step")
            record(tx, "batch.exported", by="mallory", about="b_1", said={})

    with pytest.raises(RefusedError):
        forge()

    with guarded.reading() as rx:
        (entry,) = last_entries(rx, 1)
        assert rx.connection.exec_driver_sql("select count(*) from role_step").scalar() == 2
    assert (entry.event, entry.done_by, entry.said["wanted"]) == ("access.refused", "mallory", "batch.exported")


def test_one_deed_too_many_refuses_the_whole_transaction(guarded: Store) -> None:
    """Two deeds of one transaction stand and fall together."""

    def both() -> None:
        with guarded.writing() as tx:
            record(tx, "batch.approved", by="wang", about="b_1", said={})
            record(tx, "case.confirmed", by="mallory", about="c_1", said={})

    with pytest.raises(RefusedError):
        both()


def test_a_role_that_was_taken_allows_nothing_from_the_next_transaction_on(guarded: Store) -> None:
    """A3; and whoever gives up a role of their own may."""
    before = do(guarded, "batch.approved", "wang")
    with guarded.writing() as tx:
        revoke_role(tx, Post("wang", Role.PAYMASTER), by="wang", reason="on leave")

    assert (before, do(guarded, "batch.approved", "wang")) == (None, AccessCode.NOT_ALLOWED)


def test_the_name_is_the_login_s(guarded: Store) -> None:
    """Whoever is logged in may not use the name of who has the role; the product's own names are no way around."""
    as_mallory = replace(guarded, gate=Gate("mallory"))

    assert do(as_mallory, "batch.approved", "wang") == AccessCode.OTHER_LOGIN
    assert do(as_mallory, "proposal.approved", "night") == AccessCode.OTHER_LOGIN
    assert do(replace(guarded, gate=Gate("wang")), "batch.approved", "wang") is None


def test_without_a_gate_names_are_taken_at_their_word(store: Store) -> None:
    """Roles are open: a trial by one person."""
    register(store, "a")

    assert do(store, "batch.approved", "anybody") is None


def test_every_role_allows_something() -> None:
    """All but the auditor's, which only looks."""
    assert {role for roles in MAY.values() if roles for role in roles} == set(Role) - {Role.AUDITOR}
    assert all(roles_for(f"{name}.x") for name in ("batch", "case", "role", "budget"))
