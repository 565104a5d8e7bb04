"""发放疑点: what payments have in common, how many there are, and who has looked; nothing says who is paid."""

from typing import Final

from starlette.responses import Response

from core.roles import Role
from engine.desks import SUSPICIONS
from engine.suspicions import clear
from pages.terminal.suspicions import SUSPICION_WORDS
from pages.web.routes import For, Route, deed, page
from pages.web.visits import Visit
from store.suspicions import read_suspicions

PLACE: Final = "/console/suspicions"
_CLEARS: Final = (Role.PAYMASTER, Role.SUPERVISOR)


def routes() -> list[Route]:
    """Return the routes."""
    return [
        page(PLACE, listed, For.OFFICER, SUSPICIONS),
        deed(PLACE + "/clear", clear_one, For.OFFICER, _CLEARS),
    ]


def listed(visit: Visit) -> Response:
    """Show what nobody has cleared, the newest first, and below what was."""
    with visit.deployment.store.reading() as rx:
        every = read_suspicions(rx, is_open=False, remit=visit.remit)[::-1]
    return visit.page(
        "console/suspicions.html",
        waiting=[each for each in every if each.cleared_by is None],
        cleared=[each for each in every if each.cleared_by is not None],
        words={str(kind): words for kind, words in SUSPICION_WORDS.items()},
        done=visit.asked("done"),
    )


def clear_one(visit: Visit) -> Response:
    """Say that all is well with these payments."""
    clear(visit.deployment, visit.given("suspicion"), by=visit.by, reason=visit.given("reason"))
    return visit.say(PLACE, "已核实；下一晚发放，不再列为疑点")
