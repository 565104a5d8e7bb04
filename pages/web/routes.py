"""A page or a deed as the application knows it: where, how, for whom, and what answers."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from starlette.responses import Response

from core.roles import Role
from pages.web.visits import Visit

View = Callable[[Visit], Response]


class For(StrEnum):
    """Whom a route is for; somebody else gets what a missing page gets."""

    EVERYBODY = "everybody"  # nothing on it is anybody's own
    PERSON = "person"  # whoever is logged in
    SUBJECT = "subject"  # who acts for a subject, and sees this one alone
    OFFICER = "officer"  # who speaks for no subject, with one of some roles where roles are required


@dataclass(frozen=True, slots=True)
class Route:
    """A route that is declared; nothing else is served.

    `roles`: one of them is needed, over what the deed itself names; none means any officer. `is_sensitive`: the person
    has to have shown who they are a short while ago. `is_costly`: it is counted against who asks, as every deed is.
    """

    method: Literal["GET", "POST"]
    path: str
    view: View
    whom: For
    roles: frozenset[Role] = frozenset()
    is_sensitive: bool = False
    is_costly: bool = False


def page(path: str, view: View, whom: For, roles: Collection[Role] = (), *, is_costly: bool = False) -> Route:
    """Return a page that is read."""
    return Route("GET", path, view, whom, frozenset(roles), is_costly=is_costly)


def deed(path: str, view: View, whom: For, roles: Collection[Role] = (), *, is_sensitive: bool = False) -> Route:
    """Return what a form does."""
    return Route("POST", path, view, whom, frozenset(roles), is_sensitive, is_costly=True)
