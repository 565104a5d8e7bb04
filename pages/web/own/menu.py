"""The parts of what a subject sees of itself: their menu, and all their routes."""

from typing import Final

from pages.web import public
from pages.web.own import deeds, inbox, payments, raised, standing, trying
from pages.web.routes import Route

MENU: Final = (
    ("/", "我的政策"),
    ("/checkup", "政策体检"),
    (trying.PLACE, "试一试"),
    (inbox.PLACE, "告知"),
    (payments.PLACE, "发放"),
    (raised.PLACE, "异议与更正"),
    (public.PLACE, "全部政策"),
)
"""In the order in which they stand there."""


def routes() -> list[Route]:
    """Return the routes."""
    parts = (standing, deeds, trying, inbox, payments, raised)
    return [route for part in parts for route in part.routes()]
