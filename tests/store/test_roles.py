import datetime as dt
import threading

import pytest

from core.errors import RefusedError
from core.roles import EVERYTHING, Role, Scope, ScopeKind
from store.access_codes import AccessCode
from store.audit import last_entries
from store.opening import Store, open_store
from store.roles import Post, grant_role, read_roles, revoke_role, roles_of
from tests.store.worlds import CLOCK_START, clock_at, later

OPERATOR = Post("li", Role.OPERATOR)
PAYMASTER = Post("wang", Role.PAYMASTER, Scope(ScopeKind.POLICY, "nursing-allowance"))
TODAY = dt.date(2026, 3, 2)  # the clock's instant, in China


def give(store: Store, post: Post, *, by: str = "li", **days: dt.date) -> None:
    """Give somebody a role."""
    with store.writing() as tx:
        grant_role(tx, post, by=by, reason="appointed", **days)


def take(store: Store, post: Post, *, by: str = "li") -> None:
    """Take a role from somebody."""
    with store.writing() as tx:
        revoke_role(tx, post, by=by, reason="left")


def held(store: Store, who: str) -> list[tuple[Role, Scope]]:
    """Return the roles that somebody has now."""
    with store.reading() as rx:
        return [(each.role, each.scope) for each in roles_of(rx, who)]


def code_of(refused: pytest.ExceptionInfo[RefusedError]) -> str:
    """Return why it was refused."""
    return refused.value.findings[0].code.value


def test_a_role_counts_from_the_next_request_and_is_gone_with_it(store: Store) -> None:
    """A3: given, had; taken, not had; given again, had again."""
    give(store, OPERATOR)
    seen = [held(store, "wang")]
    for step in (give, take, give):
        later(store, minutes=1)
        step(store, PAYMASTER)
        seen.append(held(store, "wang"))

    assert seen == [[], [(PAYMASTER.role, PAYMASTER.scope)], [], [(PAYMASTER.role, PAYMASTER.scope)]]


@pytest.mark.parametrize(("days_on", "is_held"), [(-1, False), (0, True), (6, True), (7, False)])
def test_a_role_holds_on_its_days_both_inclusive(store: Store, days_on: int, *, is_held: bool) -> None:
    """Somebody stands in for a week that begins tomorrow."""
    give(store, OPERATOR)
    first = TODAY + dt.timedelta(days=1)
    give(store, PAYMASTER, valid_from=first, valid_through=first + dt.timedelta(days=6))

    later(store, days=1 + days_on)

    assert bool(held(store, "wang")) == is_held


def test_scopes_stand_apart(store: Store) -> None:
    """Taken over one policy, a role over everything stays."""
    give(store, OPERATOR)
    give(store, PAYMASTER)
    give(store, Post("wang", Role.PAYMASTER))

    take(store, PAYMASTER)

    assert held(store, "wang") == [(Role.PAYMASTER, EVERYTHING)]


def test_nobody_gives_themselves_a_role_but_the_first_operator(store: Store) -> None:
    """And only the role of operator, and only while there is none."""
    with pytest.raises(RefusedError) as early:
        give(store, Post("li", Role.PAYMASTER), by="li")
    give(store, OPERATOR, by="li")
    with pytest.raises(RefusedError) as own:
        give(store, Post("li", Role.PAYMASTER), by="li")
    with pytest.raises(RefusedError) as second:
        give(store, Post("zhao", Role.OPERATOR), by="zhao")

    assert {code_of(each) for each in (early, own, second)} == {AccessCode.OWN_ROLE}
    assert held(store, "li") == [(Role.OPERATOR, EVERYTHING)]


def test_the_last_operator_stays(store: Store) -> None:
    """Else nobody could ever give a role again."""
    give(store, OPERATOR)
    with pytest.raises(RefusedError) as last:
        take(store, OPERATOR)
    give(store, Post("zhao", Role.OPERATOR))

    take(store, OPERATOR, by="zhao")

    assert code_of(last) == AccessCode.LAST_OPERATOR
    assert (held(store, "li"), held(store, "zhao")) == ([], [(Role.OPERATOR, EVERYTHING)])


def test_two_last_operators_cannot_both_go(url: str) -> None:
    """Each takes the other's at the same moment: one stays."""
    with open_store(url, clock=clock_at(CLOCK_START)) as store:
        give(store, OPERATOR)
        give(store, Post("zhao", Role.OPERATOR))

        def leave(post: Post, by: str) -> None:
            with open_store(url, clock=clock_at(CLOCK_START)) as own:
                try:
                    take(own, post, by=by)
                except RefusedError:
                    return

        threads = [
            threading.Thread(target=leave, args=(OPERATOR, "zhao")),
            threading.Thread(target=leave, args=(Post("zhao", Role.OPERATOR), "li")),
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

        assert len(held(store, "li") + held(store, "zhao")) == 1


def test_what_stands_already_is_refused(store: Store) -> None:
    """Given twice, taken twice, taken from whom it was never given, or given on days that are over."""
    give(store, OPERATOR)
    give(store, PAYMASTER)
    with pytest.raises(RefusedError) as twice:
        give(store, PAYMASTER)
    take(store, PAYMASTER)
    with pytest.raises(RefusedError) as gone:
        take(store, PAYMASTER)
    with pytest.raises(RefusedError) as over:
        give(store, PAYMASTER, valid_through=TODAY - dt.timedelta(days=1))
    with pytest.raises(RefusedError) as order:
        give(store, PAYMASTER, valid_from=TODAY + dt.timedelta(days=9), valid_through=TODAY + dt.timedelta(days=8))

    assert {code_of(each) for each in (twice, gone, over, order)} == {AccessCode.ROLE_STANDS}


def test_every_step_and_every_refusal_is_in_the_chain(store: Store) -> None:
    """Who gave what to whom over what; the words of the reason are not, their digest is."""
    give(store, OPERATOR)
    with pytest.raises(RefusedError):
        give(store, Post("li", Role.PAYMASTER), by="li")
    give(store, PAYMASTER)
    take(store, PAYMASTER)

    with store.reading() as rx:
        entries = last_entries(rx, 9)
        steps = read_roles(rx)

    assert [each.event for each in entries] == ["role.granted", "access.refused", "role.granted", "role.revoked"]
    assert (entries[1].said["codes"], entries[1].said["wanted"]) == (["E659"], "role.granted")
    assert (entries[2].about, entries[2].said["scope"]) == ("wang", "policy:nursing-allowance")
    assert "appointed" not in "".join(each.payload for each in entries)
    assert [(each.who, each.is_granted, each.reason) for each in steps] == [
        ("li", True, "appointed"),
        ("wang", False, "left"),
    ]


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("everything", EVERYTHING),
        ("policy:c02", Scope(ScopeKind.POLICY, "c02")),
        ("department: 区残联 ", Scope(ScopeKind.DEPARTMENT, "区残联")),
        ("region:310118", Scope(ScopeKind.REGION, "310118")),
        ("policy:", None),
        ("policy", None),
        ("everything:c02", None),
        ("all", None),
        ("", None),
    ],
)
def test_a_scope_is_read_as_it_is_written(text: str, scope: Scope | None) -> None:
    """A word, and the name where the word asks for one."""
    assert Scope.parse(text) == scope
    assert scope is None or Scope.parse(str(scope)) == scope
