"""What one has raised oneself: corrections, objections and complaints, each with where it stands and by when it is decided."""

from typing import Final

from starlette.responses import Response

from engine.grievances.views import own_grievances
from engine.grievances.words import KIND_WORDS, OUTCOME_WORDS, STATE_WORDS
from pages.web.routes import For, Route, page
from pages.web.visits import Visit

PLACE: Final = "/raised"


def routes() -> list[Route]:
    """Return the routes."""
    return [page(PLACE, listed, For.SUBJECT)]


def listed(visit: Visit) -> Response:
    """Show what was raised, newest first; its words stay sealed."""
    return visit.page(
        "own/raised.html",
        lines=own_grievances(visit.deployment, visit.subject_id),
        kinds=KIND_WORDS,
        states=STATE_WORDS,
        decided=OUTCOME_WORDS,
    )
