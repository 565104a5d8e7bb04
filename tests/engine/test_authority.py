from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import RefusedError, RunError
from core.roles import Role, Scope, ScopeKind
from core.settings import Access
from engine.appointing import appoint, dismiss, scope_of
from engine.authority import authorised, is_required, open_access
from engine.deployment import Deployment
from engine.lifecycle.suspending import Choice, suspend
from engine.loading import load_delivered
from engine.remits import owned
from engine.run import NightOptions, run_night
from store.access_codes import AccessCode
from store.activations import published_versions
from store.audit import last_entries
from store.roles import Post
from tests.world import World, day

PAY = Role.PAYMASTER


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a workspace with a published rule, in which roles are required and `li` is operator."""
    made = World.at(tmp_path / "w")
    made.people("ab")
    made.rule(on="2025-01-03")
    workspace = made.deployment.workspace
    required = replace(workspace, settings=workspace.settings.model_copy(update={"access": Access(roles="required")}))
    made.deployment = replace(made.deployment, workspace=required)
    appoint(made.deployment, Post("li", Role.OPERATOR), by="li", reason="first")
    yield made
    made.store.close()


def policy_of(world: World) -> str:
    """Return the one published policy."""
    with world.store.reading() as rx:
        return published_versions(rx)[0].policy


def give(deployment: Deployment, who: str, role: Role, scope: str = "everything") -> None:
    """Have the operator give a role."""
    parsed = Scope.parse(scope)
    assert parsed is not None
    appoint(deployment, Post(who, role, parsed), by="li", reason="appointed")


def refusal(deployment: Deployment, by: str, role: Role, about: str | None = None) -> str | None:
    """Return by which code somebody is refused, or None."""
    try:
        authorised(deployment, by, role, about)
    except RefusedError as refused:
        return refused.findings[0].code.value
    return None


def test_open_roles_let_everybody_do_everything_and_say_so(world: World) -> None:
    """A trial by one person: nothing is checked or recorded, and the warning is there to be printed."""
    settings = world.deployment.workspace.settings.model_copy(update={"access": Access()})
    trial = replace(world.deployment, workspace=replace(world.deployment.workspace, settings=settings))

    assert refusal(trial, "anybody", PAY) is None
    assert [each.code for each in open_access(trial)] == [AccessCode.OPEN]
    assert (is_required(world.deployment), open_access(world.deployment)) == (True, [])


def test_a_new_workspace_is_open(tmp_path: Path) -> None:
    """The settings that `mianshen init` writes, and settings from before there were roles."""
    assert World.at(tmp_path / "new").deployment.workspace.settings.access.roles == "open"


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("everything", True),
        ("policy:{policy}", True),
        ("policy:another", False),
        ("department:{owner}", True),
        ("department:区民政局处室", False),
        ("region:310118", True),
        ("region:310000", True),
        ("region:310115", False),
    ],
)
def test_a_scope_takes_in_what_is_below_it(world: World, scope: str, *, allowed: bool) -> None:
    """A policy by its code, its department or the region that it is for."""
    policy = policy_of(world)
    owner = _owner(world, policy)
    give(world.deployment, "wang", PAY, scope.format(policy=policy, owner=owner))

    assert (refusal(world.deployment, "wang", PAY, policy) is None) == allowed
    assert refusal(world.deployment, "wang", PAY) == (None if scope == "everything" else AccessCode.NOT_ALLOWED)


def _owner(world: World, policy: str) -> str:
    with world.store.reading() as rx:
        return owned(rx, world.deployment, policy).department or ""


def test_several_policies_need_a_role_over_each(world: World) -> None:
    """One that is not covered is enough to refuse."""
    policy = policy_of(world)
    give(world.deployment, "wang", PAY, f"policy:{policy}")

    authorised(world.deployment, "wang", PAY, [policy])
    with pytest.raises(RefusedError, match="over `other`"):
        authorised(world.deployment, "wang", PAY, [policy, "other"])


def test_what_is_taken_is_gone_with_the_next_request(world: World) -> None:
    """A3: no permission outlives its revocation."""
    give(world.deployment, "wang", PAY)
    assert refusal(world.deployment, "wang", PAY) is None

    dismiss(world.deployment, Post("wang", PAY), by="li", reason="left")

    assert refusal(world.deployment, "wang", PAY) == AccessCode.NOT_ALLOWED


def test_a_refusal_is_recorded(world: World) -> None:
    """Who wanted to act as what, over what."""
    refusal(world.deployment, "mallory", PAY, "some-policy")

    with world.store.reading() as rx:
        (entry,) = last_entries(rx, 1)
    assert (entry.event, entry.done_by, entry.about) == ("access.refused", "mallory", "some-policy")
    assert entry.said == {
        "codes": ["E656"], "said": {"as": "mallory", "roles": ["paymaster"]}, "wanted": "role.exercised"
    }  # fmt: skip


def test_nobody_acts_in_another_name_than_they_logged_in_with(world: World) -> None:
    """Whoever is logged in may not borrow the name of who has the role; the chain names who tried."""
    give(world.deployment, "wang", PAY)
    borrowed = replace(world.deployment, login="mallory")

    assert refusal(borrowed, "wang", PAY) == AccessCode.OTHER_LOGIN
    assert refusal(replace(world.deployment, login="wang"), "wang", PAY) is None
    with world.store.reading() as rx:
        assert last_entries(rx, 1)[0].done_by == "mallory"


def test_only_an_operator_gives_and_takes_roles(world: World) -> None:
    """Whoever has a role may give it up; the operator may not take a second one."""
    give(world.deployment, "wang", PAY)
    for by, who in (("wang", "zhao"), ("zhao", "wang")):
        with pytest.raises(RefusedError) as refused:
            appoint(world.deployment, Post(who, Role.AUDITOR), by=by, reason="friends")
        assert refused.value.findings[0].code is AccessCode.NOT_ALLOWED

    dismiss(world.deployment, Post("wang", PAY), by="wang", reason="on leave")

    assert refusal(world.deployment, "wang", PAY) == AccessCode.NOT_ALLOWED


def test_every_deed_asks_for_its_role(world: World, tmp_path: Path) -> None:
    """Loading is the steward's, a night the operator's, a stop anybody's who watches: with the role it is done."""
    file = tmp_path / "cards.csv"
    file.write_text("x", "utf-8")
    policy = policy_of(world)
    night = day("2025-02-01")

    def stop() -> object:
        return suspend(world.deployment, Choice(policy), by="nobody", reason="look", since=None)

    deeds: list[Callable[[], object]] = [
        stop,
        lambda: load_delivered(world.deployment, file, resource="cards", by="nobody"),
        lambda: run_night(world.deployment, night, options=NightOptions(by="nobody"), progress=lambda _: None),
    ]
    for deed in deeds:
        with pytest.raises(RefusedError) as refused:
            deed()
        assert refused.value.findings[0].code is AccessCode.NOT_ALLOWED
    give(world.deployment, "nobody", Role.SUPERVISOR, f"policy:{policy}")

    assert stop()


@pytest.mark.parametrize("text", ["all", "policy:nusring", "department:区残连", "region:31011", "region:310108"])
def test_a_scope_that_there_is_not_is_refused_with_a_remedy(world: World, text: str) -> None:
    """A slip in a code would give a role over nothing."""
    with pytest.raises(RunError) as refused:
        scope_of(world.deployment, text)

    assert refused.value.findings[0].code is AccessCode.BAD_SCOPE


def test_scopes_that_there_are(world: World) -> None:
    """A published policy, a department that owns a resource, a region."""
    policy = policy_of(world)
    owner = next(iter(world.deployment.catalogue.resources.values())).owner

    assert scope_of(world.deployment, f"policy:{policy}") == Scope(ScopeKind.POLICY, policy)
    assert scope_of(world.deployment, f"department:{owner}") == Scope(ScopeKind.DEPARTMENT, owner)
    assert scope_of(world.deployment, "region:310118") == Scope(ScopeKind.REGION, "310118")
