"""An endpoint as the interface knows it: where, what for, and which scope a portal needs; None is open to everybody."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from store.states.entry import PortalScope


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint that is declared; nothing else is served.

    `is_write`: it needs an Idempotency-Key, and does its deed once for each.
    """

    method: Literal["GET", "POST"]
    path: str
    view: Callable[..., Any]
    gives: type[BaseModel]
    summary: str
    scope: PortalScope | None = None
    is_write: bool = False


def read(  # all by position: an endpoint reads as a line
    path: str, view: Callable[..., Any], gives: type[BaseModel], scope: PortalScope, summary: str
) -> Endpoint:
    """Return what is read of a subject; its number stands in the body."""
    return Endpoint("POST", path, view, gives, summary, scope)


def write(  # as above
    path: str, view: Callable[..., Any], gives: type[BaseModel], scope: PortalScope, summary: str
) -> Endpoint:
    """Return what is done for a subject."""
    return Endpoint("POST", path, view, gives, summary, scope, is_write=True)
