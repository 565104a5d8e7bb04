"""Provokes refusals where roles are required, and roles that cannot be given or taken."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.clock import FixedClock
from core.errors import MianshenError
from core.roles import Role
from core.settings import Access
from core.workspace import init_workspace
from engine.appointing import appoint, dismiss, scope_of
from engine.authority import authorised, open_access
from engine.deployment import Deployment
from store.opening import open_store
from store.roles import Post
from tests.store.worlds import CLOCK_START

OPERATOR = Post("li", Role.OPERATOR)


def _scope(deployment: Deployment) -> str:
    scope_of(deployment, "area:310118")
    return ""


def _lacks(deployment: Deployment) -> str:
    authorised(deployment, "wang", Role.PAYMASTER, "disability-nursing-allowance")
    return ""


def _borrows(deployment: Deployment) -> str:
    authorised(replace(deployment, login="zhao"), "li", Role.OPERATOR)
    return ""


def _twice(deployment: Deployment) -> str:
    for _ in range(2):
        appoint(deployment, Post("wang", Role.PAYMASTER), by="li", reason="appointed")
    return ""


def _own(deployment: Deployment) -> str:
    appoint(deployment, Post("li", Role.PAYMASTER), by="li", reason="appointed")
    return ""


def _last(deployment: Deployment) -> str:
    dismiss(deployment, OPERATOR, by="li", reason="left")
    return ""


def _open(deployment: Deployment) -> str:
    settings = deployment.workspace.settings.model_copy(update={"access": Access()})
    trial = replace(deployment, workspace=replace(deployment.workspace, settings=settings))
    return "\n".join(str(each) for each in open_access(trial))


_DEEDS: dict[str, Callable[[Deployment], str]] = {
    "act without a role": _lacks,
    "act as another": _borrows,
    "give a role twice": _twice,
    "give oneself a role": _own,
    "dismiss the last operator": _last,
    "name no scope": _scope,
    "leave roles open": _open,
}


def roles(folder: Path, case: dict[str, Any]) -> str:
    """Do the deed named `deed` in a workspace where roles are required and `li` is operator."""
    workspace = init_workspace(folder / "w")
    settings = workspace.settings.model_copy(update={"access": Access(roles="required")})
    clock = FixedClock(CLOCK_START)
    with open_store(workspace.database_url, clock=clock) as store:
        deployment = Deployment(replace(workspace, settings=settings), store, clock)
        appoint(deployment, OPERATOR, by="li", reason="first")
        try:
            return _DEEDS[case["deed"]](deployment)
        except MianshenError as error:
            return str(error)


PROBES = {"roles": roles}
